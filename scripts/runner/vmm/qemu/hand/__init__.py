# SPDX-License-Identifier: MIT
"""What the hand can do to a QEMU when the guest asks: one table of actions, filled by these modules."""
from . import disks, machine, memory, people, sound, wires  # noqa: F401  (each adds its actions)
from .base import ACTIONS, QemuHand  # noqa: F401
