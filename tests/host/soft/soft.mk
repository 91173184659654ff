# SPDX-License-Identifier: MIT
# The whole suite as a host program, against the soft bus and models of PCI and MMIO in front of its devices: once with
# sanitizers (make soft), once fast (make mutants).
# The same sources as the kernel's, but for the buses and the tests of one bus; tests/host/soft is the machine.

SOFT_BUSES   := $(BUSES-x86_64)
SOFT_SUITES  := $(filter-out tests/harness/ tests/host/ tests/runner/ tests/known/ tests/ccw/,$(wildcard tests/*/))
SOFT_SOURCES := $(wildcard tests/host/soft/*.c) \
                $(addprefix kernel/,acpi_aml.c aes.c arena.c cmdline.c console.c exit.c glob.c panic.c printf.c random.c sha1.c string.c wait.c) \
                $(addprefix kernel/pci,.c _access.c _assign.c _bar.c _caps.c _ext_caps.c _intx.c _msix.c _scan.c _slot.c) \
                $(wildcard drivers/virtio/*.c drivers/virtio/ring/*.c drivers/virtio/device/*.c) \
                $(SOFT_BUSES:%=drivers/virtio/bus/%.c) \
                $(wildcard tests/harness/*.c) $(foreach s,$(SOFT_SUITES),$(wildcard $(s)*.c))
SOFT_LDFLAGS := -Wl,-T,tests/host/soft/soft.ld -Wl,--wrap=clause_record
SOFT_DEFINES := -DARCH_NAME_STRING='"host"' -DQVIRTIO_VERSION='"$(VERSION)"'
SOFT_CHECKED := $(SOFT_SOURCES:%.c=$(HOST)/soft/%.o)
SOFT_FAST    := $(SOFT_SOURCES:%.c=$(HOST)/fast/%.o)
FAST_CFLAGS  := -std=gnu17 -O2 -g -Wall -Wextra -Werror -fno-builtin -fno-strict-aliasing \
                -include tests/host/rename.h -I. -Ikernel/arch/$(ARCH)

# The harness's main() is what the machine boots.
$(HOST)/soft/tests/harness/main.o $(HOST)/fast/tests/harness/main.o: SOFT_DEFINES += -Dmain=kernel_main

$(HOST)/soft/%.o: %.c
	@mkdir -p $(@D)
	$(HOST_CC) $(HOST_CFLAGS) -fno-strict-aliasing $(SOFT_DEFINES) -MMD -MP -c $< -o $@

$(HOST)/fast/%.o: %.c
	@mkdir -p $(@D)
	$(HOST_CC) $(FAST_CFLAGS) $(SOFT_DEFINES) -MMD -MP -c $< -o $@

$(HOST)/suite: $(SOFT_CHECKED) $(O)/should.o tests/host/soft/soft.ld
	$(HOST_CC) -fsanitize=address,undefined -no-pie $(SOFT_LDFLAGS) -o $@ $(filter %.o,$^)

$(HOST)/suite-fast: $(SOFT_FAST) $(O)/should.o tests/host/soft/soft.ld
	$(HOST_CC) -no-pie $(SOFT_LDFLAGS) -o $@ $(filter %.o,$^)

.PHONY: soft
soft: $(HOST)/suite ## the whole suite on the host, with sanitizers, against devices in software
	@scripts/soft $<

.PHONY: mutants
mutants: $(HOST)/suite-fast ## break every clause once in the soft devices: do the tests see it?
	@scripts/mutants $<

-include $(SOFT_CHECKED:.o=.d) $(SOFT_FAST:.o=.d)
