# SPDX-License-Identifier: MIT
"""No VMM outlives the runner: what holds even when the runner is killed with SIGKILL.

Every VMM carries a token in its environment, and so does whatever it forks. The guard is
a small process that waits for its pipe to close, which the death of the runner does by
itself, then kills every process with the token and removes the temporary directory. The
same sweep, with one VMM's own token, ends each boot: an orphan that left the VMM's
process group and session still carries it. Linux only.
"""
import contextlib
import ctypes
import os
import shutil
import signal
import time

TOKEN = "QVIRTIO_RUNNER"
PR_SET_PDEATHSIG, PR_SET_NAME, PR_SET_CHILD_SUBREAPER = 1, 15, 36
LIBC = ctypes.CDLL(None, use_errno=True)


def become_subreaper():
    """Orphans of a VMM become children of the runner, so that it can reap them."""
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent():
    """For the child between fork and exec."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def carriers(token):
    """The processes with this token, or one that begins with it, in their environment."""
    needle = f"{TOKEN}={token}".encode()
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            with contextlib.suppress(OSError):
                with open(f"/proc/{entry}/environ", "rb") as environ:
                    words = environ.read().split(b"\0")
                if any(word.startswith(needle) for word in words):
                    yield int(entry)


def sweep(token):
    """Kills and reaps until nobody carries the token; says how many there were."""
    killed = set()
    for _ in range(100):
        found = list(carriers(token))
        if not found:
            break
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        time.sleep(0.005)
    for pid in killed:
        with contextlib.suppress(OSError):
            os.waitpid(pid, 0)
    return len(killed)


class Guard:
    """Forked before anything else runs; `release` lets it do its work and waits."""

    def __init__(self, token, directory):
        self.token = token
        reader, self.writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.writer)
            self._watch(reader, directory)
        os.close(reader)

    def _watch(self, reader, directory):
        try:
            os.setsid()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
                signal.signal(number, signal.SIG_IGN)
            LIBC.prctl(PR_SET_NAME, b"qvirtio-guard", 0, 0, 0)
            null = os.open(os.devnull, os.O_RDWR)
            for standard in (0, 1, 2):
                os.dup2(null, standard)
            os.read(reader, 1)
            sweep(self.token)
            shutil.rmtree(directory, ignore_errors=True)
        finally:
            os._exit(0)

    def release(self):
        os.close(self.writer)
        with contextlib.suppress(OSError):
            os.waitpid(self.pid, 0)
