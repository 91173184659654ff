# SPDX-License-Identifier: MIT
# What is particular about x86_64, for everybody who builds, installs, boots or measures: the Makefile includes this file,
# scripts/install-deps and scripts/runner/arches.py read it. Each line is `NAME := words`, and nothing is computed.

# The build: rooms of kernel/ and buses of drivers/virtio/bus/ that this architecture has beside those of all.
ARCH_KERNEL_ROOMS := pci acpi
ARCH_BUSES := pci mmio
ARCH_CFLAGS := -m64 -malign-data=abi -mpreferred-stack-boundary=3 -mno-red-zone -mgeneral-regs-only -mcmodel=small -fcf-protection=none

# Debian packages, each with a command that it brings: for the build; for a GRUB image; for running.
ARCH_COMPILER_PACKAGE := gcc-x86-64-linux-gnu
ARCH_BUILD_PACKAGES := nasm:nasm
ARCH_ISO_PACKAGES := grub-common:grub-mkrescue grub-pc-bin:/usr/lib/grub/i386-pc/multiboot.mod xorriso:xorriso
ARCH_RUN_PACKAGES := qemu-system-x86:qemu-system-x86_64

# The runner: the ELF header's e_machine; QEMU, and what its exit status says (isa-debug-exit at port 0xf4); what runs before
# the kernel where a machine names no firmware; the machine of `make run`; machines that scripts/bench measures, as
# MACHINE:ACCELERATOR[:WORDS], and the one on which it counts instructions.
ARCH_ELF_MACHINE := 62
ARCH_QEMU := qemu-system-x86_64
ARCH_QEMU_EXIT := -device isa-debug-exit,iobase=0xf4,iosize=0x04
ARCH_EXIT_STATUS := 33=passed 35=failed 37=nothing 39=fault
ARCH_FIRMWARE := SeaBIOS
ARCH_QUICK_MACHINE := q35
ARCH_BENCH_MACHINES := q35:tcg q35-qboot:tcg:only=*@pci.rng.0*,*@pci.blk.0* microvm:tcg q35-kvm:kvm microvm-kvm:kvm
ARCH_ICOUNT_MACHINE := q35-qboot
