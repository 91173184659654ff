# SPDX-License-Identifier: MIT
"""QEMU's monitor protocol over a unix socket: JSON lines, one command at a time.

Events that come between are kept, so that an action can wait for its own. The socket is
opened through its folder's descriptor, because a socket's path must be short.
"""
import asyncio
import contextlib
import json
import os

from ...hand import Refused

QMP_SOCKET = "qmp.sock"
QMP_ARGS = ["-chardev", f"socket,id=qmp,path={QMP_SOCKET},server=on,wait=off",
            "-mon", "chardev=qmp,mode=control"]

LINE_BYTES = 1 << 20
PATIENCE_SECONDS = 8.0


def short_path(folder_fd, name):
    return f"/proc/self/fd/{folder_fd}/{name}"


class Qmp:
    def __init__(self, folder, name, patience=PATIENCE_SECONDS):
        self.folder, self.name, self.patience = folder, name, patience
        self.reader = self.writer = None
        self.events = []
        self.number = 0

    async def _connect(self):
        folder_fd = os.open(self.folder, os.O_PATH | os.O_CLOEXEC)
        try:
            self.reader, self.writer = await asyncio.open_unix_connection(
                short_path(folder_fd, self.name), limit=LINE_BYTES)
        except OSError as error:
            raise Refused(f"the VMM's control socket cannot be opened: {error.strerror}"
                          ) from error
        finally:
            os.close(folder_fd)
        await self._line()                      # the greeting
        await self._command("qmp_capabilities", {})

    async def _line(self):
        line = await self.reader.readline()
        if not line.endswith(b"\n"):
            raise Refused("the VMM has closed its control socket")
        try:
            return json.loads(line)
        except ValueError as error:
            raise Refused(f"the VMM's control socket says {line[:60]!r}") from error

    async def _command(self, name, arguments):
        self.number += 1
        message = {"execute": name, "id": self.number}
        if arguments:
            message["arguments"] = arguments
        self.writer.write(json.dumps(message).encode() + b"\n")
        while True:
            answer = await self._line()
            if "event" in answer:
                self.events.append(answer)
            elif "error" in answer:
                raise Refused(answer["error"].get("desc", name))
            elif answer.get("id") == self.number:
                return answer.get("return")

    async def execute(self, name, arguments):
        """The command's result; Refused with the VMM's own words when there is none."""
        async def attempt():
            if self.writer is None:
                await self._connect()
            return await self._command(name, arguments)
        try:
            return await asyncio.wait_for(attempt(), self.patience)
        except TimeoutError as error:
            self.close()
            raise Refused(f"the VMM does not answer {name}") from error
        except OSError as error:
            raise Refused(f"the VMM's control socket: {error.strerror}") from error

    async def event(self, name, fits=lambda data: True):
        """The data of the first such event since the last look, or the next one."""
        async def attempt():
            while True:
                for event in self.events:
                    if event["event"] == name and fits(event.get("data", {})):
                        self.events.remove(event)
                        return event.get("data", {})
                answer = await self._line()
                if "event" in answer:
                    self.events.append(answer)
        try:
            return await asyncio.wait_for(attempt(), self.patience)
        except TimeoutError as error:
            self.close()
            raise Refused(f"the VMM never says {name}") from error

    def close(self):
        if self.writer is not None:
            with contextlib.suppress(OSError, RuntimeError):
                self.writer.close()
            self.reader = self.writer = None
