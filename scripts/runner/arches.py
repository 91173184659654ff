# SPDX-License-Identifier: MIT
"""Architectures: which image and which QEMU each has, and how its QEMU's exit is read.

What differs is in boot/<arch>/arch.mk, lines of `NAME := words`, which the makefile and
scripts/install-deps read as well. A folder with such a file is an architecture.
"""
import glob
import os
import re

from .model import CannotRun

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEFAULT = "x86_64"


def settings(arch):
    """{name: words} of the architecture's arch.mk."""
    with open(os.path.join(ROOT, "boot", arch, "arch.mk"), encoding="utf-8") as file:
        return {match[1]: match[2].split() for match in re.finditer(r"^(\w+) :=(.*)$", file.read(), re.M)}


def _exit_meaning(words):
    """35=failed is 35: "failed"; not_passed is written with a blank."""
    return {int(status): meaning.replace("_", " ") for status, meaning in (word.split("=") for word in words)}


NAMES = tuple(sorted(
    (os.path.basename(os.path.dirname(path)) for path in glob.glob(os.path.join(ROOT, "boot", "*", "arch.mk"))),
    key=lambda name: (name != DEFAULT, name)))
SETTINGS = {arch: settings(arch) for arch in NAMES}
ELF_MACHINE = {int(SETTINGS[arch]["ARCH_ELF_MACHINE"][0]): arch for arch in NAMES}
EXIT_OF_STATUS = {arch: _exit_meaning(SETTINGS[arch]["ARCH_EXIT_STATUS"]) for arch in NAMES}


def qemu(arch):
    return SETTINGS[arch]["ARCH_QEMU"][0]


def exit_args(arch):
    """QEMU's options that make the kernel's exit its own."""
    return SETTINGS[arch]["ARCH_QEMU_EXIT"]


def firmware(arch):
    """What runs before the kernel on a machine that names nothing."""
    return SETTINGS[arch]["ARCH_FIRMWARE"][0]


def image(arch):
    return os.path.join(ROOT, "build", arch, "qvirtio.elf")


def find_kernel(given, arch):
    """The image to boot: the given one, else the one that was built."""
    kernel = given or image(arch)
    if not os.path.isfile(kernel):
        make = "make" if arch == DEFAULT else f"make ARCH={arch}"
        raise CannotRun(f"{kernel} is not there: build it with '{make}', or name it "
                        f"with --kernel FILE")
    return kernel


def of_vmm(path):
    """The architecture of a QEMU, whose name ends with it."""
    return next((arch for arch in NAMES if os.path.basename(path).endswith(arch)), DEFAULT)


def of_image(path):
    """What an image's ELF header says, if it has one."""
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
    given = {arch for arch in (args.arch, args.program and of_vmm(args.program),
                               args.kernel and of_image(args.kernel)) if arch}
    if len(given) > 1:
        raise CannotRun(f"--arch, --vmm and --kernel do not agree: {', '.join(sorted(given))}")
    return given.pop() if given else None
