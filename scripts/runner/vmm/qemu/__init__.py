# SPDX-License-Identifier: MIT
"""QEMU: jobs of the machines in scripts/machines, one for each machine and accelerator."""
from ..base import Vmm  # noqa: F401
from .job import QemuJob  # noqa: F401
from .program import probe, why_no_kvm  # noqa: F401
