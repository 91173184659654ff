# SPDX-License-Identifier: MIT
"""QEMU: jobs of the machines in scripts/machines, one for each machine and accelerator."""
import os

from ... import arches, machines
from ...model import CannotRun
from ..base import Backend, Vmm  # noqa: F401
from .job import QemuJob
from .program import probe, why_no_kvm


class Qemu(Backend):
    """Each architecture has a program of its own."""

    def jobs(self, args, notes):
        chosen = machines.choose(args, machines.load(args.machines), arches.wanted(args))
        why = why_no_kvm() if any(accel == "kvm" for _, accel in chosen) else None
        if why and args.accel == "kvm":
            raise CannotRun(why)
        if why:
            chosen = [pair for pair in chosen if pair[1] != "kvm"]
            notes.append(f"KVM machines are left out: {why}")
        if not chosen:
            raise CannotRun("no machine fits: --list-machines shows them all")
        tools = self._tools(args, [machine.arch for machine, _ in chosen], notes)
        return [QemuJob(machine, accel, *tools[machine.arch]) for machine, accel in chosen
                if machine.arch in tools]

    @staticmethod
    def _tools(args, wanted, notes):
        """{architecture: (Vmm, image)}. When those of an architecture are missing, and nobody has
        asked for it by name, and it is not the default one, the others run alone."""
        tools = {}
        for arch in dict.fromkeys(wanted):
            try:
                tools[arch] = (probe(args.program or arches.qemu(arch)),
                               arches.find_kernel(args.kernel, arch))
            except CannotRun as error:
                if args.arch or args.machine or arch == arches.DEFAULT:
                    raise
                notes.append(f"{arch} machines are left out: {error}")
        return tools

    def identify(self, path):
        return probe(path) if os.path.basename(path).startswith("qemu-system") else None


BACKEND = Qemu()
