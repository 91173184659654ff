# SPDX-License-Identifier: MIT
"""Which QEMU this is, what devices it has, and whether KVM can be used here."""
import os
import re
import shutil
import subprocess

from ...model import CannotRun
from ..base import Vmm


def probe(path):
    """Asks QEMU for its version; says in one line what to do when that fails."""
    found = shutil.which(path)
    advice = "name another with --vmm PATH, or install it with 'scripts/install-deps run'"
    if found is None:
        raise CannotRun(f"{path} is not there or not executable: {advice}")
    try:
        text = subprocess.run([found, "--version"], capture_output=True, text=True,
                              timeout=20, stdin=subprocess.DEVNULL, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotRun(f"{path} --version fails ({error}): {advice}") from error
    match = re.search(r"version (\d+(?:\.\d+)*)", text)
    if "QEMU" not in text or not match:
        raise CannotRun(f"{path} is not a QEMU: boot others with --exec 'COMMAND ...'")
    return Vmm(os.path.abspath(found), "qemu", tuple(map(int, match[1].split("."))),
               _drivers(found))


def _drivers(vmm):
    """What it has for -device; some QEMUs say so on stderr, or not at all."""
    try:
        done = subprocess.run([vmm, "-device", "help"], capture_output=True, text=True,
                              timeout=20, stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return frozenset(re.findall(r'^name "([^"]+)"', done.stdout + done.stderr, re.M)) or None


def why_no_kvm():
    """None where /dev/kvm opens, else the reason and the cure."""
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC))
        return None
    except FileNotFoundError:
        return "/dev/kvm is not there: load the kvm module, or use --accel tcg"
    except OSError as error:
        return (f"/dev/kvm: {error.strerror}: join its group ('sudo usermod -aG kvm "
                "$USER', then log in again), or use --accel tcg")
