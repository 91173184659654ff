# SPDX-License-Identifier: MIT
# Pure code as native programs with sanitizers: one program for each tests/self/unit/test_*.c.

NATIVE_CFLAGS  := -std=gnu17 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=undefined \
                -fno-builtin -include tests/self/unit/rename.h -I. -Ikernel/arch/$(ARCH)
UNIT_SOURCES := tests/self/unit/check.c kernel/cmdline.c \
                $(addprefix kernel/acpi/,acpi.c aml.c madt.c) kernel/mem/arena.c \
                $(addprefix kernel/lib/,glob.c printf.c random.c string.c) \
                $(addprefix drivers/virtio/,bus/mmio_word.c features.c feature_rules.c truths.c)
UNIT_OBJECTS := $(UNIT_SOURCES:%.c=$(NATIVE)/%.o)
UNIT_TESTS   := $(patsubst tests/self/unit/%.c,$(NATIVE)/%,$(wildcard tests/self/unit/test_*.c))

$(NATIVE)/.flags: FORCE
	$(call remember,'$(NATIVE_CC) $(NATIVE_CFLAGS)')

$(NATIVE)/%.o: %.c $(NATIVE)/.flags | $(NATIVE_TOOLS)
	@mkdir -p $(@D)
	$(NATIVE_CC) $(NATIVE_CFLAGS) -MMD -MP -c $< -o $@

$(NATIVE)/test_%: $(NATIVE)/tests/self/unit/test_%.o $(UNIT_OBJECTS)
	$(NATIVE_CC) -fsanitize=address,undefined $(NATIVE_LDFLAGS) -o $@ $(filter %.o,$^)

# PCI on machines that the tests make up: they bring the accessor.
$(NATIVE)/test_pci_caps: $(NATIVE)/kernel/pci/caps.o
$(NATIVE)/test_pci: $(patsubst %,$(NATIVE)/kernel/pci/%.o,access scan bar assign caps slot)

$(NATIVE)/test_ring_device: $(patsubst %,$(NATIVE)/drivers/virtio/soft/side/%.o,side split packed)

# The registries of linker.ld, for a native program.
$(NATIVE)/registries.ld: linker.ld | $(NATIVE_TOOLS)
	@mkdir -p $(@D)
	$(NATIVE_CC) -E -P -x c -DREGISTRIES_ONLY $< -o $@

# One program has all drivers in it, for their tables; what they call is left unresolved.
$(NATIVE)/test_driver_tables: NATIVE_LDFLAGS := -no-pie -Wl,-T,$(NATIVE)/registries.ld -Wl,--unresolved-symbols=ignore-all
$(NATIVE)/test_driver_tables: $(patsubst %.c,$(NATIVE)/%.o,$(wildcard drivers/virtio/device/*.c)) $(NATIVE)/registries.ld

.PHONY: unit
unit: $(UNIT_TESTS) ## test the pure code in native programs
	@tests/self/unit/run $^

.SECONDARY: $(UNIT_OBJECTS) $(UNIT_TESTS:$(NATIVE)/%=$(NATIVE)/tests/self/unit/%.o)
-include $(wildcard $(NATIVE)/kernel/*.d $(NATIVE)/kernel/*/*.d $(NATIVE)/drivers/virtio/*.d $(NATIVE)/drivers/virtio/*/*.d $(NATIVE)/drivers/virtio/*/*/*.d $(NATIVE)/tests/self/unit/*.d)
