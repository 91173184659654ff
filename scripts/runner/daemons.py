# SPDX-License-Identifier: MIT
"""Backends that serve a device from a process of their own (vhost-user).

`daemon` of a device in devices.toml is the command, run in the boot's folder; in it {folder}
becomes that folder, {socket} the path to listen on. QEMU's end is made by qemu.py. Of a
socket device whose `echo_port` the guest connects to, the other end is here: the backend
finds it at {socket}.host_PORT.

One that is not installed, or does not come to listen, costs the machine that device:
`BackendMissing` says why, and the device is skipped by name. One that ends before the VMM
does is a failure of the test in flight, and the machine boots again behind it. None
outlives the VMM: each carries the runner's token (guard.py) and is ended with the boot.
"""
import asyncio
import contextlib
import functools
import os
import re
import resource
import shutil
import signal
import subprocess
import time

from . import echo, guard

PLACES = "/usr/lib/qemu:/usr/libexec:/usr/libexec/qemu:/usr/sbin"
READY_SECONDS = 5
TERM_SECONDS = 1
PARTING_SECONDS = 2
LEAVE_SECONDS = 0.5
OUTPUT_BYTES = 256 << 20         # of any file that it writes
SUN_PATH_BYTES = 107
LISTENS = "00010000"             # in /proc/net/unix: SO_ACCEPTCON


@functools.cache
def version(path):
    """Which version of a program this is, by its own word: (1, 13, 2), or () where it says none."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20,
                              stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.SubprocessError):
        return ()
    match = re.search(r"\d+(?:[._]\d+)+", done.stdout + done.stderr)
    return tuple(int(number) for number in re.split("[._]", match[0])) if match else ()


class BackendMissing(Exception):
    """Why a device cannot be served, in words for a SKIP."""


def program(device):
    """Where the daemon's program is."""
    name = device.daemon[0]
    found = shutil.which(name) or shutil.which(name, path=PLACES)
    if found is None:
        raise BackendMissing(f"{name} is not installed")
    return found


def socket_name(device):
    return f"{device.name}.vhost"


def command(device, folder):
    socket = os.path.join(folder, socket_name(device))
    return [program(device), *(word.replace("{socket}", socket).replace("{folder}", folder)
                               for word in device.daemon[1:])]


def _is_listening(path):
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as sockets:
        return any(line.endswith(f" {path}\n") and line.split()[3] == LISTENS
                   for line in sockets)


def _in_child():
    guard.die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))


class Daemon:
    """One process. `ended` is when it was gone, None while it lives."""

    def __init__(self, device, folder):
        self.device, self.name = device, os.path.basename(device.daemon[0])
        self.argv, self.folder = command(device, folder), folder
        self.socket = os.path.join(folder, socket_name(device))
        self.log = os.path.join(folder, f"{device.name}.log")
        self.process = self.ended = self.peer = None
        self.echo = f"{self.socket}.host_{device.echo_port}" if device.echo_port else ""
        if len((self.echo or self.socket).encode()) > SUN_PATH_BYTES:
            raise BackendMissing(f"the socket's path is too long: {self.socket}")

    async def start(self, token):
        environment = dict(os.environ, **{guard.TOKEN: token})
        with open(self.log, "wb") as log:
            try:
                self.process = subprocess.Popen(
                    self.argv, cwd=self.folder, env=environment, start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=_in_child)
            except OSError as error:
                raise BackendMissing(f"{self.name}: {error.strerror}") from error
        loop = asyncio.get_running_loop()
        self.gone = loop.create_future()
        self.pidfd = os.pidfd_open(self.process.pid)
        loop.add_reader(self.pidfd, self._on_exit)

    def _on_exit(self):
        asyncio.get_running_loop().remove_reader(self.pidfd)
        os.close(self.pidfd)
        self.ended = time.monotonic()
        self.process.wait()
        self.gone.set_result(None)

    async def ready(self):
        end = time.monotonic() + READY_SECONDS
        while not _is_listening(self.socket):
            if self.ended:
                raise BackendMissing(self.fate())
            if time.monotonic() > end:
                raise BackendMissing(f"{self.name} does not listen after {READY_SECONDS} s")
            await asyncio.sleep(0.005)
        if self.echo:
            self.peer = await echo.listen(self.echo)

    def fate(self):
        """How it ended, with the last line that it said."""
        code = self.process.returncode
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 \
            else f"ended with status {code}"
        with open(self.log, "rb") as log:
            log.seek(max(os.path.getsize(self.log) - 4096, 0))
            lines = log.read().decode("utf-8", "backslashreplace").split("\n")
        said = [line for line in lines if line.strip()]
        return f"{self.name} {how}" + (f"; it said: {said[-1][:300]}" if said else "")

    async def _wait(self, seconds):
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(self.gone), seconds)

    async def end(self):
        if self.peer:
            self.peer.close()
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process and not self.ended:
                with contextlib.suppress(OSError):
                    os.killpg(self.process.pid, number)
                await self._wait(TERM_SECONDS)


class Daemons:
    """All of one boot."""

    def __init__(self, token):
        self.token = token
        self.all = []

    async def serve(self, device, folder):
        """Starts the device's daemon; BackendMissing, and it is gone again."""
        daemon = Daemon(device, folder)
        try:
            await daemon.start(self.token)
            await daemon.ready()
            self.all.append(daemon)
        except BaseException:
            await daemon.end()
            guard.sweep(self.token + device.name)
            raise

    def deaths(self, before):
        """Those that ended before the VMM did; in its last moments it closes its end of the
        socket, at which they may end well."""
        def is_early(daemon):
            patience = 0 if daemon.process.returncode else PARTING_SECONDS
            return daemon.ended < before - patience
        return [f"{daemon.device.name}: {daemon.fate()}" for daemon in self.all
                if daemon.ended and is_early(daemon)]

    def first_death(self):
        """While the VMM runs: how one ended, or None. One that ended well may have seen the VMM
        close the connection on its way out: the VMM gets some time to be gone."""
        now = time.monotonic()
        return next((f"{daemon.device.name}: {daemon.fate()}" for daemon in self.all
                     if daemon.ended and
                     (daemon.process.returncode or now - daemon.ended > LEAVE_SECONDS)), None)

    async def end(self):
        for daemon in self.all:
            await daemon.end()
        guard.sweep(self.token)
