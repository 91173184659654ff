# SPDX-License-Identifier: MIT
# Pure code, built for the host with sanitizers: one program for each tests/self/unit/test_*.c.

HOST_CFLAGS  := -std=gnu17 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=undefined \
                -fno-builtin -include tests/self/unit/rename.h -I. -Ikernel/arch/$(ARCH)
UNIT_SOURCES := tests/self/unit/check.c kernel/cmdline.c \
                $(addprefix kernel/acpi/,acpi.c aml.c madt.c) kernel/mem/arena.c \
                $(addprefix kernel/lib/,glob.c printf.c random.c string.c) \
                $(addprefix drivers/virtio/,bus/mmio_word.c features.c feature_rules.c truths.c)
UNIT_OBJECTS := $(UNIT_SOURCES:%.c=$(HOST)/%.o)
UNIT_TESTS   := $(patsubst tests/self/unit/%.c,$(HOST)/%,$(wildcard tests/self/unit/test_*.c))

$(HOST)/.flags: FORCE
	$(call remember,'$(HOST_CC) $(HOST_CFLAGS)')

$(HOST)/%.o: %.c $(HOST)/.flags | $(HOST_TOOLS)
	@mkdir -p $(@D)
	$(HOST_CC) $(HOST_CFLAGS) -MMD -MP -c $< -o $@

$(HOST)/test_%: $(HOST)/tests/self/unit/test_%.o $(UNIT_OBJECTS)
	$(HOST_CC) -fsanitize=address,undefined $(HOST_LDFLAGS) -o $@ $(filter %.o,$^)

# PCI on machines that the tests make up: they bring the accessor.
$(HOST)/test_pci_caps: $(HOST)/kernel/pci/caps.o
$(HOST)/test_pci: $(patsubst %,$(HOST)/kernel/pci/%.o,access scan bar assign caps slot)

$(HOST)/test_ring_device: $(patsubst %,$(HOST)/drivers/virtio/soft/side/%.o,side split)

# The registries of linker.ld, for a program of the host.
$(HOST)/registries.ld: linker.ld | $(HOST_TOOLS)
	@mkdir -p $(@D)
	$(HOST_CC) -E -P -x c -DREGISTRIES_ONLY $< -o $@

# One program has all drivers in it, for their tables; what they call is left unresolved.
$(HOST)/test_driver_tables: HOST_LDFLAGS := -no-pie -Wl,-T,$(HOST)/registries.ld -Wl,--unresolved-symbols=ignore-all
$(HOST)/test_driver_tables: $(patsubst %.c,$(HOST)/%.o,$(wildcard drivers/virtio/device/*.c)) $(HOST)/registries.ld

.PHONY: unit
unit: $(UNIT_TESTS) ## build the pure code for the host and test it there
	@tests/self/unit/run $^

.SECONDARY: $(UNIT_OBJECTS) $(UNIT_TESTS:$(HOST)/%=$(HOST)/tests/self/unit/%.o)
-include $(wildcard $(HOST)/kernel/*.d $(HOST)/kernel/*/*.d $(HOST)/drivers/virtio/*.d $(HOST)/drivers/virtio/*/*.d $(HOST)/tests/self/unit/*.d)
