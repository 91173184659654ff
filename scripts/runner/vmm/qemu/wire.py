# SPDX-License-Identifier: MIT
"""The other end of a network device's wire: a datagram socket, a frame a datagram."""
import asyncio
import collections
import contextlib
import os
import socket

from ...hand import Refused
from .qmp import short_path

FRAMES_MOST = 512
FRAME_BYTES = 1 << 16
PATIENCE_SECONDS = 2.0


class Wire:
    """One end of a datagram socket: frames are taken at once, so that QEMU never waits."""

    def __init__(self, folder, name):
        self.folder_fd = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        self.peer = short_path(self.folder_fd, name + ".vmm")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(short_path(self.folder_fd, name + ".host"))
        self.frames = collections.deque(maxlen=FRAMES_MOST)
        self.arrived = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.socket, self._take)

    def _take(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                self.frames.append(self.socket.recv(FRAME_BYTES))
                self.arrived.set()

    def send(self, frame):
        try:
            self.socket.sendto(frame, self.peer)
        except OSError as error:
            raise Refused(f"the wire takes no frame: {error.strerror}") from error

    async def next(self):
        """The next frame, or none within the time that one may take."""
        with contextlib.suppress(asyncio.TimeoutError):
            while not self.frames:
                self.arrived.clear()
                await asyncio.wait_for(self.arrived.wait(), PATIENCE_SECONDS)
        return self.frames.popleft() if self.frames else None

    def close(self):
        asyncio.get_running_loop().remove_reader(self.socket)
        self.socket.close()
        os.close(self.folder_fd)
