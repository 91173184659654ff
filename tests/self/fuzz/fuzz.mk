# SPDX-License-Identifier: MIT
# libFuzzer targets, one for each parser of what a device, a driver, firmware or a loader writes. `make fuzz` gives each a
# fixed number of inputs from a fixed seed; `make fuzz FUZZ=acpi RUNS=10000000 SEED=7` one of them more, with other seeds.
# What a run finds is left in $(BUILD)/native/fuzz.

FUZZ_CC     := clang-14
FUZZ_DIR    := $(NATIVE)/fuzz
FUZZ_CFLAGS := -std=gnu17 -O1 -g -Wall -Wextra -Werror -Wno-incompatible-library-redeclaration \
               -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-builtin \
               -fno-strict-aliasing -I. -Ikernel/arch/$(ARCH)
FUZZ_SHARED := tests/self/fuzz/fuzz.c kernel/lib/printf.c kernel/lib/string.c

# Target, how many inputs `make fuzz` gives it, and the code under test.
fuzz_ring   := tests/self/fuzz/fuzz_arena.c drivers/virtio/soft/side/side.c drivers/virtio/soft/side/split.c \
               drivers/virtio/soft/side/packed.c
FUZZ_RUNS_device_split    := 100000
FUZZ_SOURCES_device_split := tests/self/fuzz/ring_device.c $(fuzz_ring)
FUZZ_RUNS_device_packed    := 100000
FUZZ_SOURCES_device_packed := tests/self/fuzz/ring_device.c $(fuzz_ring)

fuzz_driver := tests/self/fuzz/ring_driver.c $(fuzz_ring) drivers/virtio/features.c \
               $(addprefix drivers/virtio/ring/,queue.c split.c packed.c in_order.c trace.c)
FUZZ_RUNS_driver_split    := 30000
FUZZ_SOURCES_driver_split := $(fuzz_driver)
FUZZ_RUNS_driver_packed    := 30000
FUZZ_SOURCES_driver_packed := $(fuzz_driver)

FUZZ_RUNS_pci_caps    := 150000
FUZZ_SOURCES_pci_caps := kernel/pci/caps.c kernel/pci/msix.c drivers/virtio/bus/pci_find.c
FUZZ_RUNS_acpi    := 25000
FUZZ_SOURCES_acpi := kernel/acpi/acpi.c kernel/acpi/madt.c
FUZZ_RUNS_aml    := 120000
FUZZ_SOURCES_aml := kernel/acpi/aml.c
FUZZ_RUNS_cmdline    := 100000
FUZZ_SOURCES_cmdline := kernel/cmdline.c kernel/lib/glob.c
FUZZ_RUNS_mmio_word    := 300000
FUZZ_SOURCES_mmio_word := drivers/virtio/bus/mmio_word.c
FUZZ_RUNS_truths    := 100000
FUZZ_SOURCES_truths := drivers/virtio/truths.c kernel/cmdline.c

FUZZ ?= $(patsubst FUZZ_RUNS_%,%,$(filter FUZZ_RUNS_%,$(.VARIABLES)))
SEED ?= 1

$(FUZZ_DIR)/.tools:
	$(call need,check)
	@mkdir -p $(@D) && touch $@

$(FUZZ_DIR)/.flags: FORCE
	$(call remember,'$(FUZZ_CC) $(FUZZ_CFLAGS)')
$(FUZZ_DIR)/%.o: %.c $(FUZZ_DIR)/.flags | $(FUZZ_DIR)/.tools
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -MMD -MP -c $< -o $@

# The C library's string functions stay, which the sanitizer watches; of the kernel's only those that it does not have.
$(FUZZ_DIR)/kernel/lib/string.o: FUZZ_CFLAGS += -include tests/self/unit/rename.h \
    -Dmemory_find_u64=kernel_memory_find_u64 -Dmemory_mismatch=kernel_memory_mismatch

define fuzz_program
$(FUZZ_DIR)/$(1): $(patsubst %.c,$(FUZZ_DIR)/%.o,tests/self/fuzz/$(1).c $(FUZZ_SHARED) $(FUZZ_SOURCES_$(1)))
	$$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $$@ $$^
endef
$(foreach t,$(FUZZ),$(eval $(call fuzz_program,$(t))))

.PHONY: fuzz
fuzz: $(FUZZ:%=$(FUZZ_DIR)/%) ## feed the parsers bad input: make fuzz FUZZ=acpi RUNS=1000000 SEED=7
	@tests/self/fuzz/run $(FUZZ_DIR) $(SEED) $(foreach t,$(FUZZ),$(t)=$(or $(RUNS),$(FUZZ_RUNS_$(t))))

-include $(shell find $(FUZZ_DIR) -name '*.d' 2> /dev/null)
