# SPDX-License-Identifier: MIT
"""What somebody in front of the machine does: keys and pointers, a look at the screen."""
import contextlib
import os
import re
import zlib

from ....hand import Refused
from .base import action, need

PIXELS_MOST = 512
DIRECTIONS = {"down": True, "up": False}


async def _events(host, device, *events):
    need(device, "input")
    await host.tell("input-send-event",
                    events=[{"type": kind, "data": data} for kind, data in events])


@action
async def key(host, device, code, direction):
    """Presses or releases a key, by its number in set 1 (a: 30)."""
    await _events(host, device, ("key", {
        "down": DIRECTIONS[direction], "key": {"type": "number", "data": int(code, 0)}}))


@action
async def button(host, device, name, direction):
    """Presses or releases left, middle, right, side, extra, wheel-up or wheel-down."""
    await _events(host, device, ("btn", {"down": DIRECTIONS[direction], "button": name}))


def _axes(kind, x, y):
    return [(kind, {"axis": axis, "value": int(value, 0)})
            for axis, value in (("x", x), ("y", y))]


@action
async def move(host, device, x, y):
    """Moves the pointer by so much."""
    await _events(host, device, *_axes("rel", x, y))


@action
async def point(host, device, x, y):
    """Moves the pointer to a place, 0 to 0x7fff each way."""
    await _events(host, device, *_axes("abs", x, y))


async def _screen(host, device):
    """Width, height and the pixels as red, green, blue."""
    need(device, "gpu")
    path = host.path("screen.ppm")
    try:
        await host.ask("screendump", filename="screen.ppm", device=device.name)
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise Refused(f"the screen cannot be read: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)
    header = re.match(rb"P6\s(\d+)\s(\d+)\s255\s", content)
    if not header:
        raise Refused(f"the screen is no PPM but {content[:20]!r}")
    return int(header[1]), int(header[2]), content[header.end():]


@action
async def screen(host, device):
    """Width, height and the CRC-32 of what the screen shows, as red, green, blue."""
    width, height, pixels = await _screen(host, device)
    return f"{width} {height} 0x{zlib.crc32(pixels):08x}"


@action
async def pixels(host, device, x, y, width, height):
    """A part of the screen in digits, six a pixel."""
    left, top, columns, rows = (int(text, 0) for text in (x, y, width, height))
    across, down, content = await _screen(host, device)
    if columns * rows > PIXELS_MOST or left + columns > across or top + rows > down:
        raise Refused(f"the screen has {across}x{down} pixels, an answer {PIXELS_MOST}")
    lines = (content[3 * (row * across + left):][:3 * columns]
             for row in range(top, top + rows))
    return b"".join(lines).hex()
