# SPDX-License-Identifier: MIT
"""What is heard of a sound device: QEMU writes down what its audio backend gets to play."""
import contextlib
import os

from ....hand import Refused
from .base import action, need

FILE = "heard.wav"
HEADER_BYTES, FRAME_BYTES = 44, 4       # 16 bits, two channels
RATE = 48000


async def _monitor(host, line):
    """A command that only the monitor for people has; what it says is what went wrong."""
    said = await host.ask("human-monitor-command", command_line=line)
    wrong = [text for text in said.splitlines() if not text.startswith("warning: ")]
    if wrong:
        raise Refused(wrong[0])
    host.acted = True


async def _stop(host):
    """Closes the file, and reads it; it is gone then."""
    await _monitor(host, "stopcapture 0")
    try:
        with open(host.path(FILE), "rb") as file:
            return file.read()[HEADER_BYTES:]
    except OSError as error:
        raise Refused(f"what was heard cannot be read: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(host.path(FILE))


@action
async def hear(host, device):
    """Writes down what is played from now on."""
    need(device, "sound")
    await _monitor(host, f"wavcapture {FILE} {device.props['audiodev']} {RATE} 16 2")
    host.later(_stop, host)


@action
async def heard(host, device, count):
    """So many bytes of it in digits, from the first frame on that is not silent."""
    need(device, "sound")
    if (_stop, (host,), {}) not in host.undo:
        raise Refused(f"nobody listens to {device.key}")
    host.undo.remove((_stop, (host,), {}))
    sound = await _stop(host)
    silent = len(sound) - len(sound.lstrip(b"\0"))
    start = silent - silent % FRAME_BYTES
    return sound[start:start + int(count, 0)].hex() or None
