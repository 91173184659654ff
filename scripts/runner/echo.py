#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The host end of a console port: a unix socket that sends back every byte it gets.

The runner serves it inside its own loop. By hand: `echo.py SOCKET COMMAND ...` serves the
socket for as long as the command runs, which is how a failure's command line is repeated.
"""
import asyncio
import contextlib
import os
import sys


async def _echo(reader, writer):
    with contextlib.suppress(ConnectionError):
        # What cannot be sent back yet waits here: were it left unread, QEMU would drop what
        # the guest sends on, as it does when the other end of a console is full.
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


async def serve(path):
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    return await asyncio.start_unix_server(_echo, path)


async def _main(path, command):
    server = await serve(path)
    process = await asyncio.create_subprocess_exec(*command)
    code = await process.wait()
    server.close()
    os.unlink(path)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} SOCKET COMMAND ...")
    sys.exit(asyncio.run(_main(sys.argv[1], sys.argv[2:])))
