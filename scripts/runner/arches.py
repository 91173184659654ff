# SPDX-License-Identifier: MIT
"""Architectures: which image and which QEMU each has, and how its QEMU's exit is read."""
import os

from .model import CannotRun

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEFAULT = "x86_64"
ELF_MACHINE = {62: "x86_64", 22: "s390x"}

# The kernel's own code, through isa-debug-exit; on s390x a stopped CPU, or a wait that QEMU
# takes for a crash (which `-action panic=exit-failure` makes 1).
EXIT_OF_STATUS = {
    "x86_64": {33: "passed", 35: "failed", 37: "nothing", 39: "fault"},
    "s390x": {0: "passed", 1: "not passed"},
}
NAMES = tuple(EXIT_OF_STATUS)


def image(arch):
    return os.path.join(ROOT, "build", arch, "qvirtio.elf")


def of_vmm(path):
    """QEMU's name ends with it."""
    return next((arch for arch in NAMES if os.path.basename(path).endswith(arch)), DEFAULT)


def of_image(path):
    """What its ELF header says, if it has one."""
    try:
        with open(path, "rb") as file:
            head = file.read(20)
    except OSError:
        return None
    order = "big" if head[5:6] == b"\x02" else "little"
    return ELF_MACHINE.get(int.from_bytes(head[18:20], order)) if head[:4] == b"\x7fELF" \
        else None


def wanted(args):
    """The architecture that the command line is about; None: all there are."""
    given = {arch for arch in (args.arch, args.vmm and of_vmm(args.vmm),
                               args.kernel and of_image(args.kernel)) if arch}
    if len(given) > 1:
        raise CannotRun(f"--arch, --vmm and --kernel do not agree: {', '.join(sorted(given))}")
    return given.pop() if given else None
