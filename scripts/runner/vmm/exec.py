# SPDX-License-Identifier: MIT
"""Any VMM whose stdout is the guest's serial line: `--exec 'COMMAND {kernel} {append}'`.

The text is split as a shell would split it and no shell runs. What the VMM's devices are
is not known here, so nothing is declared, no truths are told and no image is judged; and
how a VMM without isa-debug-exit ends says nothing: the last serial line is the verdict.
"""
import os
import shlex
import shutil

from .. import arches
from ..model import CannotRun
from . import identify
from .base import Backend, Job, Vmm


class Exec(Backend):
    """The VMM that the user describes by a command."""

    def jobs(self, args, notes):
        arch = args.arch or arches.of_vmm(args.exec.partition(" ")[0])
        return [ExecJob(args.exec, arches.find_kernel(args.kernel, arch))]

    def identify(self, path):
        return None


class ExecJob(Job):
    name = "exec"

    def __init__(self, command, kernel):
        try:
            self.template = shlex.split(command)
        except ValueError as error:
            raise CannotRun(f"--exec: {error}: {command}") from error
        if not self.template:
            raise CannotRun("--exec: the command is empty")
        found = shutil.which(self.template[0])
        if found is None:
            raise CannotRun(f"--exec: {self.template[0]} is not there or not executable")
        self.template[0] = os.path.abspath(found)
        self.kernel = os.path.abspath(kernel)
        self.exit_meaning = arches.EXIT_OF_STATUS[arches.of_image(kernel) or arches.DEFAULT]
        self.vmm = self._identify()
        self.origin = os.getcwd()

    def _identify(self):
        """A VMM that the runner knows tells its version, by which known deviations are found;
        others tell nothing."""
        path = self.template[0]
        return identify(path) or Vmm(path, os.path.basename(path), ())

    def cwd(self, folder):
        return self.origin          # the command may name files as the user sees them

    def command(self, words):
        put_in = {"{kernel}": self.kernel, "{append}": " ".join(words)}
        argv = []
        for part in self.template:
            for name, value in put_in.items():
                part = part.replace(name, value)
            argv.append(part)
        return argv


BACKEND = Exec()
