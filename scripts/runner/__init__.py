# SPDX-License-Identifier: MIT
"""The runner of qvirtio: boots VMMs, reads their TAP, survives their deaths, reports.

Reading order: cli (what the user asks), machines and qemu (what is booted), session (one
machine from first boot to last), process (one VMM), tap (one serial line), verdict and
known (what a result means), report. Everything runs in one thread, on asyncio.
"""
