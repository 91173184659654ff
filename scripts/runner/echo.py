# SPDX-License-Identifier: MIT
"""The host end of a console port that echoes: one FIFO under the two names that QEMU's pipe
chardev opens for its two directions, so that what the guest sends is what it receives.

No process stands in between. One that is late would lose bytes: QEMU drops what a console
sends to a host end that is full, and a unix socket is full after some 280 small writes.
"""
import contextlib
import os


def make(folder, name):
    for end in (".in", ".out"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, name + end))
    os.mkfifo(os.path.join(folder, name + ".in"))
    os.symlink(name + ".in", os.path.join(folder, name + ".out"))
