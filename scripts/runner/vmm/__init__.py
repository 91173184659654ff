# SPDX-License-Identifier: MIT
"""The VMMs that the runner can boot. Each is a folder here, and its name is the folder's.

This is the one place that looks a VMM up. A folder holds a package that defines `BACKEND`, an
instance of a class that implements base.Backend; nobody keeps a list of the folders. Beside
them stand base.py, the interface, and exec.py, the VMM that a command line describes.
"""
import importlib
import os

DEFAULT = "qemu"
EXEC = "exec"


def names():
    """The folders of this package, which are the names that `--vmm` knows."""
    here = os.path.dirname(os.path.abspath(__file__))
    return sorted(name for name in os.listdir(here)
                  if os.path.isfile(os.path.join(here, name, "__init__.py")))


def backend(name):
    """The backend of that name; it is imported when somebody asks for it."""
    return importlib.import_module(f"{__name__}.{name}").BACKEND


def asked_for(text):
    """What `--vmm` means: (backend's name, path of its program or None). `NAME` and
    `NAME=PATH` name a folder of this package; any other text is the path of a QEMU."""
    name, _, path = (text or DEFAULT).partition("=")
    if name in names():
        return name, path or None
    return DEFAULT, text


def identify(path):
    """The Vmm at this path, when one of the folders here knows it by its name; else None."""
    found = (backend(name).identify(path) for name in names())
    return next((vmm for vmm in found if vmm), None)
