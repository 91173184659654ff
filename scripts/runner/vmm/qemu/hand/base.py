# SPDX-License-Identifier: MIT
"""What QEMU can be told to do: through QMP, and through the backends whose other end we are.

The decorator collects the actions of the neighbouring modules (disks, wires ...)
by the name that the guest calls them by.
"""
import os

from ....hand import Refused
from ..qmp import QMP_SOCKET, Qmp
from ..wire import Wire

ACTIONS = {}


def action(function):
    """Puts a function into the table: balloon_stats is what the guest calls balloon-stats."""
    ACTIONS[function.__name__.strip("_").replace("_", "-")] = function
    return function


class QemuHand:
    """The hand in one boot: its monitor, its wires, and what must be put back."""
    actions = ACTIONS

    def __init__(self, machine, folder):
        self.machine, self.folder = machine, folder
        self.qmp = Qmp(folder, QMP_SOCKET)
        self.wires = {device.name: Wire(folder, device.name)      # and open ports, by name
                      for device in machine.devices if device.wire}
        self.undo = []
        self.acted = False

    def device(self, key):
        for device in self.machine.devices:
            if device.key == key:
                return device
        raise Refused(f"this machine has no {key}")

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        """A new action begins: nothing was done yet."""
        self.acted = False

    def has_acted(self):
        return self.acted

    async def ask(self, command, **arguments):
        """A command that changes nothing. Old commands spell all their names with _."""
        join = "_" if "_" in command else "-"
        return await self.qmp.execute(command, {key.replace("_", join): value
                                                for key, value in arguments.items()})

    async def tell(self, command, **arguments):
        """A command that does something: behind it an error is one half-way."""
        result = await self.ask(command, **arguments)
        self.acted = True
        return result

    async def set(self, device, name, value):
        await self.tell("qom-set", path=f"/machine/peripheral/{device.name}",
                        property=name, value=value)

    def later(self, what, *arguments, **named):
        """What restores the machine, last one first; each once, however often it is said."""
        entry = (what, arguments, named)
        if entry not in self.undo:
            self.undo.append(entry)

    async def restore(self):
        while self.undo:
            what, arguments, named = self.undo.pop()
            await what(*arguments, **named)

    async def close(self):
        self.qmp.close()
        for wire in self.wires.values():
            wire.close()


def need(device, *types):
    if device.type not in types:
        raise Refused(f"{device.key} has no such action")
