# SPDX-License-Identifier: MIT
# What is particular about s390x; boot/x86_64/arch.mk says who reads it and how.

# The build: rooms of kernel/ and buses of drivers/virtio/bus/ that this architecture has beside those of all.
ARCH_KERNEL_ROOMS :=
ARCH_BUSES := ccw
ARCH_CFLAGS := -m64 -march=z196 -msoft-float -mbackchain

# Debian packages, each with a command that it brings: for the build; for a GRUB image; for running.
ARCH_COMPILER_PACKAGE := gcc-s390x-linux-gnu
ARCH_BUILD_PACKAGES :=
ARCH_ISO_PACKAGES :=
ARCH_RUN_PACKAGES := qemu-system-misc:qemu-system-s390x

# The runner: a stopped CPU ends QEMU with 0; a wait that QEMU takes for a crash (which `-action panic=exit-failure` makes 1)
# is any other verdict.
ARCH_ELF_MACHINE := 22
ARCH_QEMU := qemu-system-s390x
ARCH_QEMU_EXIT := -action panic=exit-failure
ARCH_EXIT_STATUS := 0=passed 1=not_passed
ARCH_FIRMWARE := none
ARCH_QUICK_MACHINE := s390x
ARCH_BENCH_MACHINES :=
ARCH_ICOUNT_MACHINE :=
