# SPDX-License-Identifier: MIT
"""Where reports are written: to a temporary name that is renamed, so that nobody reads half a file."""
import os

from ..model import CannotRun


def replace(path, write):
    partial = f"{path}.{os.getpid()}.partial"
    try:
        write(partial)
        os.replace(partial, path)
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from error


def need_places(folder, paths):
    """Before a long run: the folder is there and reports can be written, or it is said now."""
    try:
        if folder:
            os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"--tap {folder} cannot be made: {error.strerror}") from error
    for path in filter(None, [folder and os.path.join(folder, "x"), *paths]):
        place = os.path.dirname(os.path.abspath(path))
        if not os.access(place, os.W_OK):
            raise CannotRun(f"{place} cannot be written to: name another place")
