# SPDX-License-Identifier: MIT
"""Where reports are written: to a temporary name that is renamed, so that nobody reads half a file.

A report that cannot be written never costs the run's verdict: one line on stderr names the file and the reason.
"""
import contextlib
import os
import sys

from ..model import CannotRun


def replace(path, write):
    partial = f"{path}.{os.getpid()}.partial"
    try:
        write(partial)
        os.replace(partial, path)
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(partial)


class Log:
    """A boot's serial line, written as it comes. Behind the first error nothing more is written."""

    def __init__(self, path):
        self.path, self.file = path, None
        with self._error_is_said():
            self.file = open(path, "wb")  # noqa: SIM115  (close() closes it)

    @contextlib.contextmanager
    def _error_is_said(self):
        try:
            yield
        except OSError as error:
            self.file = None
            print(f"run-tests: {self.path} cannot be written: {error.strerror}", file=sys.stderr, flush=True)

    def write(self, line):
        if self.file:
            with self._error_is_said():
                self.file.write(line)

    def close(self):
        if self.file:
            with self._error_is_said():
                self.file.close()


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
