# SPDX-License-Identifier: MIT
"""The VMMs that the runner can boot: base.py is the interface, and each has a module or folder here."""
