# SPDX-License-Identifier: MIT
"""The hand: the guest asks on its serial line, somebody outside acts, the answer goes back.

    # host 7 resize blk.0 65536       the guest: number, action, device, arguments
    host 7 ok [VALUE]                 it is done
    host 7 no REASON                  nothing was done: the guest skips its test
    host 7 failed REASON              it is half done: the guest's test fails

What a VMM can do is a table of actions, {"resize": resize, ...}, in its folder under vmm/;
each is `async def resize(actor, device, *arguments)`, where `actor` is the VMM's Actor
(vmm/qemu/hand/base.py is one) and `device` is one line of the machine. An action raises
Refused when it cannot be done, calls actor.later(undo, ...) for what must be put back
behind the test, and returns the answer's value or nothing. The guest itself asks for
`restore` when a test is over. This module knows no VMM.
"""
import asyncio
import contextlib


class Refused(Exception):
    """The VMM cannot or will not: the reason, in words for a SKIP."""


class Nobody:
    """The actor of a VMM that nobody can act on: every request is answered with no."""
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


async def call(actor, text):
    """One action; the answer without its number."""
    name, *rest = text.split()
    action = actor.actions.get(name)
    if name != "restore" and action is None:
        return f"no this VMM has no {name}"
    actor.start()
    try:
        if name == "restore":
            await actor.restore()
            return "ok"
        if not rest:
            return f"no {name} needs a device"
        value = await action(actor, actor.device(rest[0]), *rest[1:])
        return f"ok {one_line(value)}" if value not in (None, "") else "ok"
    except Refused as error:
        return ("failed " if actor.has_acted() else "no ") + one_line(error)
    except (TypeError, ValueError) as error:
        return ("failed " if actor.has_acted() else "no ") + \
            f"{name} cannot be asked so: {one_line(error)}"


class Hand:
    """Answers one boot's requests, one after the other; the serial line is read meanwhile."""

    def __init__(self, actor, write):
        self.actor, self.write = actor, write
        self.tasks = set()
        self.turn = asyncio.Lock()

    def ask(self, number, text):
        task = asyncio.ensure_future(self._answer(number, text))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _answer(self, number, text):
        async with self.turn:
            try:
                answer = await call(self.actor, text)
            except Exception as error:          # ours: the guest must not wait for it
                answer = f"failed {type(error).__name__}: {one_line(error)}"
            self.write(f"host {number} {answer}\n")

    async def close(self):
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        with contextlib.suppress(OSError):
            await self.actor.close()
