# SPDX-License-Identifier: MIT
"""The host's hand: the guest asks on its serial line, somebody acts, the answer goes back.

    # host 7 resize blk.0 65536       the guest: number, action, device, arguments
    host 7 ok [VALUE]                 done
    host 7 no REASON                  nothing was done: the guest skips its test
    host 7 failed REASON              half done: the guest's test fails

What a VMM can do is a table of actions, {"resize": resize, ...}, in a module of its own
under hosts/; each is `async def resize(host, device, *arguments)`, where `host` is the
VMM's (see hosts/qemu.py) and `device` one line of the machine. An action raises Refused
when it cannot be done, calls host.later(undo, ...) for what must be put back behind the
test, and returns the answer's value or nothing. The guest itself asks for `restore` when a
test is over. This module knows no VMM.
"""
import asyncio
import contextlib


class Refused(Exception):
    """The VMM cannot or will not: the reason, in words for a SKIP."""


class Nobody:
    """The host of a VMM that we have no control socket of."""
    actions = {}

    def device(self, key):
        return key

    def start(self):
        pass

    def has_acted(self):
        return False

    async def restore(self):
        pass

    async def close(self):
        pass


def one_line(text):
    return " ".join(str(text).split()) or "no reason is given"


async def call(host, text):
    """One action; the answer without its number."""
    name, *rest = text.split()
    action = host.actions.get(name)
    if name != "restore" and action is None:
        return f"no this VMM has no {name}"
    host.start()
    try:
        if name == "restore":
            await host.restore()
            return "ok"
        if not rest:
            return f"no {name} needs a device"
        value = await action(host, host.device(rest[0]), *rest[1:])
        return f"ok {one_line(value)}" if value not in (None, "") else "ok"
    except Refused as error:
        return ("failed " if host.has_acted() else "no ") + one_line(error)
    except (TypeError, ValueError) as error:
        return ("failed " if host.has_acted() else "no ") + \
            f"{name} cannot be asked so: {one_line(error)}"


class Hand:
    """Answers one boot's requests, one after the other; the serial line is read meanwhile."""

    def __init__(self, host, write):
        self.host, self.write = host, write
        self.tasks = set()
        self.turn = asyncio.Lock()

    def ask(self, number, text):
        task = asyncio.ensure_future(self._answer(number, text))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _answer(self, number, text):
        async with self.turn:
            try:
                answer = await call(self.host, text)
            except Exception as error:          # ours: the guest must not wait for it
                answer = f"failed {type(error).__name__}: {one_line(error)}"
            self.write(f"host {number} {answer}\n")

    async def close(self):
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        with contextlib.suppress(OSError):
            await self.host.close()
