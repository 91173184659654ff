# SPDX-License-Identifier: MIT
"""Backends whose other end the runner holds: the wire of a network device, which must be
there before QEMU is, the host side of a console port, which is opened and closed, and that of
a socket device's connections.
"""
import asyncio
import contextlib
import os

from ....daemons import socket_name
from ....hand import Refused
from ..qmp import short_path
from .base import action, need

PATIENCE_SECONDS = 2.0


class Port:
    """A connection to a console port's chardev: connected is open, for the guest."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    def close(self):
        self.writer.close()


class Connection(Port):
    """One to a port of the guest: a line says OK when the guest has accepted."""
    is_accepted = False

    async def accepted(self):
        if not self.is_accepted:
            line = await asyncio.wait_for(self.reader.readline(), PATIENCE_SECONDS)
            self.is_accepted = line.startswith(b"OK ")
        return self.is_accepted


def _wire(host, device):
    need(device, "net")
    if device.name not in host.wires:
        raise Refused(f"the other end of {device.key} is not the host")
    return host.wires[device.name]


@action
async def listen(host, device):
    """Forgets the frames that were captured so far."""
    _wire(host, device).frames.clear()


@action
async def inject(host, device, digits):
    """Puts a frame on the wire."""
    _wire(host, device).send(bytes.fromhex(digits))


@action
async def capture(host, device):
    """The next frame that the device has sent, in digits; nothing when there is none."""
    frame = await _wire(host, device).next()
    return frame.hex() if frame else None


@action
async def link(host, device, state):
    """Takes the link of a network device away (off), or gives it back (on)."""
    need(device, "net")
    if state not in ("on", "off"):
        raise ValueError(state)
    await host.tell("set_link", name=device.name, up=state == "on")
    host.later(host.tell, "set_link", name=device.name, up=True)


@action
async def announce(host, device):
    """The driver shall announce itself: what happens at the end of a migration."""
    need(device, "net")
    await host.tell("announce-self", initial=50, max=50, rounds=1, step=10,
                    interfaces=[device.name])


def _port_name(device, number):
    port = int(number, 0)
    if device.type == "vsock":
        return f"{device.name}-{port}"
    if port >= len(device.ports) or not device.ports[port].get("host"):
        raise Refused(f"port {port} of {device.key} does not end at the host")
    return f"{device.name}-{port}"


async def _close(host, name):
    port = host.wires.pop(name, None)
    if port:
        port.close()
        with contextlib.suppress(OSError):
            await port.writer.wait_closed()


async def _reach(host, device, number, kind, socket):
    """The port by that number becomes one of this kind, at the other end of a socket."""
    name = _port_name(device, number)
    if name in host.wires:
        raise Refused(f"port {number} is open")
    folder_fd = os.open(host.folder, os.O_PATH | os.O_CLOEXEC)
    try:
        host.wires[name] = kind(*await asyncio.open_unix_connection(
            short_path(folder_fd, socket)))
    except OSError as error:
        raise Refused(f"port {number} does not open: {error.strerror}") from error
    finally:
        os.close(folder_fd)
    host.later(_close, host, name)
    return host.wires[name]


@action
async def _open(host, device, number):
    """Opens the host side of a console port."""
    need(device, "console")
    await _reach(host, device, number, Port, _port_name(device, number) + ".sock")


@action
async def connect(host, device, number):
    """Connects to a port of the guest, as the backends of socket devices want to be asked."""
    need(device, "vsock")
    if not device.daemon:
        raise Refused(f"{device.key} is not served by a backend of the runner's")
    port = await _reach(host, device, number, Connection, socket_name(device) + ".host")
    port.writer.write(f"CONNECT {int(number, 0)}\n".encode())
    await port.writer.drain()


@action
async def close(host, device, number):
    """Closes it."""
    need(device, "console", "vsock")
    await _close(host, _port_name(device, number))


def _port(host, device, number):
    need(device, "console", "vsock")
    port = host.wires.get(_port_name(device, number))
    if port is None:
        raise Refused(f"port {number} of {device.key} is not open")
    return port


@action
async def send(host, device, number, digits):
    """Sends bytes to the guest through an open port."""
    port = _port(host, device, number)
    port.writer.write(bytes.fromhex(digits))
    await port.writer.drain()


@action
async def receive(host, device, number, count):
    """So many bytes that the guest has sent through the port; fewer when no more come."""
    port, seen = _port(host, device, number), b""
    with contextlib.suppress(asyncio.TimeoutError):
        if isinstance(port, Connection) and not await port.accepted():
            return ""
        while len(seen) < int(count, 0):
            piece = await asyncio.wait_for(
                port.reader.read(int(count, 0) - len(seen)), PATIENCE_SECONDS)
            if not piece:
                break
            seen += piece
    return seen.hex()
