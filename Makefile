# SPDX-License-Identifier: MIT
# qvirtio: `make run-tests` does the main job, `make check` the project's own tests, `make help` lists the rest.
# Sources are found by wildcard: a new test, device or kernel file needs no line here. Buses are listed per
# architecture, because an architecture has them or has not.

VERSION := 0.1.0
ARCH    ?= x86_64
ONE     := $(if $(filter command environment,$(origin ARCH)),$(ARCH))
BUILD   ?= build
O       := $(BUILD)/$(ARCH)

BUS_SOFT     := $(patsubst drivers/virtio/bus/%.c,%,$(wildcard drivers/virtio/bus/soft*.c))
BUS_CCW      := $(patsubst drivers/virtio/bus/%.c,%,$(wildcard drivers/virtio/bus/ccw*.c))
BUSES-x86_64 := pci pci_find pci_irq pci_legacy window mmio mmio_find mmio_irq mmio_legacy mmio_word $(BUS_SOFT)
BUSES-s390x  := $(BUS_CCW) $(BUS_SOFT)
# What an architecture has no use for.
WITHOUT-x86_64 := tests/ccw/%
WITHOUT-s390x  := kernel/pci% kernel/acpi% tests/pci/% tests/mmio/%
ARCHES       := $(patsubst BUSES-%,%,$(filter BUSES-%,$(.VARIABLES)))
ifeq ($(filter $(ARCH),$(ARCHES)),)
$(error ARCH=$(ARCH) is unknown; known: $(ARCHES))
endif

# A bare-metal compiler where there is one, else the host's with freestanding flags.
CROSS   := $(if $(shell command -v $(ARCH)-elf-gcc),$(ARCH)-elf-,$(ARCH)-linux-gnu-)
CC      := $(CROSS)gcc
LD      := $(CROSS)ld
NM      := $(CROSS)nm
OBJCOPY := $(CROSS)objcopy
STRIP   := $(CROSS)strip
NASM    := nasm

CFLAGS-x86_64 := -m64 -malign-data=abi -mpreferred-stack-boundary=3 -mno-red-zone -mgeneral-regs-only -mcmodel=small -fcf-protection=none
CFLAGS-s390x  := -m64 -march=z196 -msoft-float -mbackchain
CFLAGS := -std=gnu17 -Oz -g -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes -Wvla \
          -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fno-omit-frame-pointer \
          -fno-asynchronous-unwind-tables -fno-strict-aliasing -fno-common -fno-tree-loop-distribute-patterns \
          -ffunction-sections -fdata-sections -fmacro-prefix-map=$(CURDIR)/= \
          -DARCH_NAME_STRING='"$(ARCH)"' -DQVIRTIO_VERSION='"$(VERSION)"' -I. -Ikernel/arch/$(ARCH) $(CFLAGS-$(ARCH))
LDFLAGS := -static -nostdlib --gc-sections -z max-page-size=4096 --no-warn-rwx-segments -z noexecstack

BUS_SOURCES := $(BUSES-$(ARCH):%=drivers/virtio/bus/%.c)
C_SOURCES   := $(filter-out $(WITHOUT-$(ARCH)),$(wildcard kernel/*.c kernel/arch/$(ARCH)/*.c) \
               $(wildcard drivers/virtio/*.c drivers/virtio/ring/*.c drivers/virtio/device/*.c) $(BUS_SOURCES) \
               $(wildcard tests/*.c tests/harness/*.c) \
               $(foreach s,$(filter-out tests/harness/ tests/host/ tests/runner/ tests/known/,$(wildcard tests/*/)),$(wildcard $(s)*.c)))
ASM_SOURCES := $(wildcard boot/$(ARCH)/*.asm boot/$(ARCH)/*.S)
OBJECTS     := $(C_SOURCES:%.c=$(O)/%.o) $(patsubst %,$(O)/%.o,$(basename $(ASM_SOURCES))) $(O)/should.o
ELF         := $(O)/qvirtio.elf
ISO         := $(O)/qvirtio.iso
LINKER      := boot/$(ARCH)/linker.ld

.PHONY: all
all: $(ELF)

# Every recipe that needs a tool installs it first when it is missing.
need = @scripts/install-deps --quiet --arch $(ARCH) $(1)

$(BUILD)/.tools-$(ARCH):
	$(call need,build)
	@mkdir -p $(@D) && touch $@

# Compilers are shown by V=1.
Q := $(if $(V),,@)

$(O)/%.o: %.c | $(BUILD)/.tools-$(ARCH)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC    $<")
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

$(O)/%.o: %.asm | $(BUILD)/.tools-$(ARCH)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  NASM  $<")
	$(Q)$(NASM) -f elf64 -g -F dwarf -MD $(@:.o=.d) -o $@ $<

$(O)/%.o: %.S | $(BUILD)/.tools-$(ARCH)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  AS    $<")
	$(Q)$(CC) -MMD -MP -c $< -o $@

# The ids of the catalogue whose level is SHOULD, one a line: a broken one is a warning, not a failure.
$(O)/should.txt: tests/clauses.tsv
	@mkdir -p $(@D)
	$(Q)awk -F'\t' '$$4 ~ /^SHOULD/ { print $$1 }' $< > $@

$(O)/should.o: $(O)/should.txt
	$(Q)printf '.section .rodata\n.globl clauses_should, clauses_should_end\n.balign 2\nclauses_should: .incbin "%s"\n.balign 2, 10\nclauses_should_end:\n.section .note.GNU-stack,"",%%progbits\n' $< \
	    | $(CC) -c -x assembler - -o $@

# Two links: the second adds the symbol table of the first, for backtraces.
$(O)/first.elf: $(OBJECTS) $(LINKER)
	$(Q)$(LD) $(LDFLAGS) -T $(LINKER) -o $@ $(OBJECTS)

$(O)/symbols.S: $(O)/first.elf scripts/symbols
	$(Q)$(NM) -n -l $< | scripts/symbols > $@

$(O)/symbols.o: $(O)/symbols.S
	$(Q)$(CC) -c $< -o $@

$(ELF): $(OBJECTS) $(O)/symbols.o $(LINKER) | clause-ids
	$(if $(V),,@echo "  LD    $@")
	$(Q)$(LD) $(LDFLAGS) -T $(LINKER) -o $@ $(OBJECTS) $(O)/symbols.o

-include $(OBJECTS:.o=.d)

# Pure code, built for the host with sanitizers: one program for each tests/host/test_*.c.
HOST         := $(BUILD)/host
HOST_CC      := cc
HOST_CFLAGS  := -std=gnu17 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=undefined \
                -fno-builtin -include tests/host/rename.h -I. -Ikernel/arch/$(ARCH)
HOST_SOURCES := tests/host/check.c \
                $(addprefix kernel/,acpi.c acpi_aml.c acpi_madt.c arena.c cmdline.c glob.c printf.c random.c string.c) \
                $(addprefix drivers/virtio/,bus/mmio_word.c features.c feature_rules.c know.c)
HOST_OBJECTS := $(HOST_SOURCES:%.c=$(HOST)/%.o)
HOST_TESTS   := $(patsubst tests/host/%.c,$(HOST)/%,$(wildcard tests/host/test_*.c))

$(HOST)/%.o: %.c
	@mkdir -p $(@D)
	$(HOST_CC) $(HOST_CFLAGS) -MMD -MP -c $< -o $@

$(HOST)/test_%: $(HOST)/tests/host/test_%.o $(HOST_OBJECTS)
	$(HOST_CC) -fsanitize=address,undefined $(HOST_LDFLAGS) -o $@ $(filter %.o,$^)

# PCI on machines that the tests make up: they bring the accessor.
$(HOST)/test_pci_caps: $(HOST)/kernel/pci_caps.o
$(HOST)/test_pci: $(patsubst %,$(HOST)/kernel/pci_%.o,access scan bar assign caps slot)

$(HOST)/test_ring_device: $(patsubst %,$(HOST)/drivers/virtio/ring/%.o,device device_split)

# One program has all drivers in it, for their tables; what they call is left unresolved.
$(HOST)/test_driver_tables: HOST_LDFLAGS := -no-pie -Wl,-T,tests/host/drivers.ld -Wl,--unresolved-symbols=ignore-all
$(HOST)/test_driver_tables: $(patsubst %.c,$(HOST)/%.o,$(wildcard drivers/virtio/device/*.c)) tests/host/drivers.ld

.PHONY: unit
unit: $(HOST_TESTS) ## build the pure code for the host and test it there
	@tests/host/run $^

.SECONDARY: $(HOST_OBJECTS) $(HOST_TESTS:$(HOST)/%=$(HOST)/tests/host/%.o)
-include $(wildcard $(HOST)/kernel/*.d $(HOST)/drivers/virtio/*.d $(HOST)/drivers/virtio/*/*.d $(HOST)/tests/host/*.d)

include tests/host/soft/soft.mk
include tests/host/fuzz/fuzz.mk

.PHONY: iso
iso: $(ELF) ## the GRUB image, with a command line: make iso WORDS='only=ring/*'
	$(call need,iso)
	@scripts/make-iso $(ELF) $(ISO) $(WORDS)

.PHONY: boot-check
boot-check: $(ELF) ## boot by every protocol and firmware, and fault in every way
	$(call need,boot)
	@tests/boot/$(ARCH) $(ELF) scripts/make-iso

.PHONY: clause-ids
clause-ids: ## fail when a test names a clause the catalogue does not have
	@scripts/clause-ids tests/clauses.tsv tests

# The machine of one quick look: one of each device.
QUICK-x86_64 := q35
QUICK-s390x  := s390x

# The words after WORDS= go to the kernel: make run WORDS='only=blk/*'.
.PHONY: run
run: $(ELF) ## one machine with one of each device, in seconds: make run T='ring/*'
	$(call need,run)
	@scripts/run-tests --machine $(QUICK-$(ARCH)) --accel tcg $(if $(T),--only '$(T)') --append '$(WORDS)'

# The images of all architectures whose compiler is here.
.PHONY: images
images: $(ELF)
	@+$(foreach a,$(filter-out $(ARCH),$(ARCHES)),$(if $(shell command -v $(a)-linux-gnu-gcc),$(MAKE) ARCH=$(a) all;))

.PHONY: run-tests
run-tests: $(if $(ONE),$(ELF),images) ## judge QEMU's devices on the default matrix; ARCH=s390x: on its machines alone
	$(call need,run)
	@scripts/run-tests $(if $(ONE),--arch $(ARCH)) $(RUN_TESTS)

.PHONY: list
list: $(ELF) ## the plan of one machine, a line a test point
	$(call need,run)
	@scripts/run-tests --machine $(QUICK-$(ARCH)) --accel tcg --list

.PHONY: check
check: ## the project's own tests, then the default matrix
	$(call need,check)
	@+scripts/check

.PHONY: bench
bench: $(ELF) ## what a boot, a point and a request cost, side by side
	$(call need,bench)
	@scripts/bench

.PHONY: clauses
clauses: $(HOST)/suite-fast ## which rows of the catalogue the last runs executed, by area
	@scripts/clauses $(CLAUSES) --suite $(HOST)/suite-fast $(wildcard $(BUILD)/last-run/*.json)

.PHONY: format
format: ## put the C files into the project's style
	$(call need,check)
	@git ls-files '*.[ch]' | xargs clang-format-14 -i

.PHONY: clean
clean: ## remove the build folder
	rm -rf $(BUILD)

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
