# SPDX-License-Identifier: MIT
"""What a machine boots besides the ELF as it is: the PVH copy, and the GRUB image.

QEMU takes Multiboot where it finds both headers, so PVH is proved with a copy whose
Multiboot magic is wiped. GRUB cannot be given words from outside, so the image is made
anew for each boot, by the script that `make iso` uses.
"""
import os
import struct
import subprocess

from ...arches import ROOT
from ...model import CannotRun

MULTIBOOT_MAGIC = 0x1BADB002
HEADER_WITHIN = 8192          # Multiboot specification 3.1: the header's place
MAKE_ISO = os.path.join(ROOT, "scripts", "make-iso")


def multiboot_offset(image):
    """Where the header is (aligned to 4, sums to 0 with flags and checksum), or None."""
    for at in range(0, min(len(image), HEADER_WITHIN) - 11, 4):
        magic, flags, checksum = struct.unpack_from("<III", image, at)
        if magic == MULTIBOOT_MAGIC and (magic + flags + checksum) & 0xFFFFFFFF == 0:
            return at
    return None


def wipe_multiboot(kernel, out):
    with open(kernel, "rb") as file:
        image = bytearray(file.read())
    at = multiboot_offset(image)
    if at is None:
        raise CannotRun(f"{kernel} has no Multiboot header: build it with 'make'")
    image[at:at + 4] = bytes(4)
    with open(out, "wb") as file:
        file.write(image)


def make_iso(kernel, out, words):
    try:
        subprocess.run([MAKE_ISO, kernel, out, *words], check=True, text=True,
                       stdin=subprocess.DEVNULL, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        why = said[-1] if said else error
        raise CannotRun("the GRUB image cannot be made (is it installed? "
                        f"'scripts/install-deps iso'): {why}") from error
