# SPDX-License-Identifier: MIT
"""What the runner sends back to the guest that sent it.

The host end of a console port that echoes: one FIFO under the two names that QEMU's pipe
chardev opens for its two directions, so that what the guest sends is what it receives.

No process stands in between. One that is late would lose bytes: QEMU drops what a console
sends to a host end that is full, and a unix socket is full after some 280 small writes.

And the listener that a socket device's guest connects to, by way of a backend that makes each
connection one of a unix socket.
"""
import asyncio
import contextlib
import os


def make(folder, name):
    for end in (".in", ".out"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, name + end))
    os.mkfifo(os.path.join(folder, name + ".in"))
    os.symlink(name + ".in", os.path.join(folder, name + ".out"))


async def _send_back(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def listen(path):
    """The listener; close() ends it."""
    return await asyncio.start_unix_server(_send_back, path)
