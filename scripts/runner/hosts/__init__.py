# SPDX-License-Identifier: MIT
"""What each VMM can be told to do from outside: a table of actions each, filled here."""
from . import qemu_disks, qemu_machine, qemu_memory, qemu_people, qemu_sound, qemu_wires
