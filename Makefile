# SPDX-License-Identifier: MIT
# qvirtio: `make run-tests` does the main job, `make check` the project's own tests, `make help` lists the rest.
# Sources are found by wildcard: a new test, device or kernel file needs no line here. What is particular about an
# architecture is in boot/<arch>/arch.mk.

VERSION := 0.1.0
ARCH    ?= x86_64
ONE     := $(if $(filter command environment,$(origin ARCH)),$(ARCH))
BUILD   ?= build
O       := $(BUILD)/$(ARCH)
# SOFT=0 leaves the software devices out; the image has a name of its own. DEBUG=1 compiles for a debugger.
SOFT    ?= 1
DEBUG   ?= 0

ARCHES := $(patsubst boot/%/arch.mk,%,$(wildcard boot/*/arch.mk))
ifeq ($(filter $(ARCH),$(ARCHES)),)
$(error ARCH=$(ARCH) is unknown; known: $(ARCHES))
endif
include boot/$(ARCH)/arch.mk

# A bare-metal compiler where there is one, else one for Linux with freestanding flags.
CROSS   := $(if $(shell command -v $(ARCH)-elf-gcc),$(ARCH)-elf-,$(ARCH)-linux-gnu-)
CC      := $(CROSS)gcc
LD      := $(CROSS)ld
NM      := $(CROSS)nm
STRIP   := $(CROSS)strip
NASM    := nasm

CFLAGS := -std=gnu17 $(if $(filter 1,$(DEBUG)),-Og -g3,-Oz -g) -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes \
          -Wvla -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fno-omit-frame-pointer \
          -fno-asynchronous-unwind-tables -fno-strict-aliasing -fno-common -fno-tree-loop-distribute-patterns \
          -ffunction-sections -fdata-sections -fmacro-prefix-map=$(CURDIR)/= \
          -DARCH_NAME_STRING='"$(ARCH)"' -DQVIRTIO_VERSION='"$(VERSION)"' -I. -Ikernel/arch/$(ARCH) $(ARCH_CFLAGS)
LDFLAGS := -static -nostdlib --gc-sections -z max-page-size=4096 --no-warn-rwx-segments -z noexecstack

# A test's folder is its suite, which is part of its symbol.
suite_define = $(if $(filter tests/%,$(1)),-DTEST_SUITE=$(word 2,$(subst /, ,$(1))))

# What another architecture has and this one does not, each by its folder: rooms of the kernel, suites of a bus.
words_of    = $(sort $(shell sed -n 's/^$(1) := //p' boot/*/arch.mk))
OTHER_ROOMS := $(filter-out $(ARCH_KERNEL_ROOMS),$(call words_of,ARCH_KERNEL_ROOMS))
OTHER_BUSES := $(filter-out $(ARCH_BUSES),$(call words_of,ARCH_BUSES))

KERNEL_SOURCES := $(wildcard kernel/*.c kernel/arch/$(ARCH)/*.c) \
                  $(filter-out $(foreach r,$(OTHER_ROOMS),kernel/$(r)/%),$(wildcard kernel/*/*.c))
SOFT_ROOM      := $(wildcard drivers/virtio/soft/*.c drivers/virtio/soft/*/*.c)
DRIVER_SOURCES := $(wildcard drivers/virtio/*.c drivers/virtio/ring/*.c drivers/virtio/device/*.c) \
                  $(filter-out $(foreach b,$(OTHER_BUSES),drivers/virtio/bus/$(b).c drivers/virtio/bus/$(b)_%.c),$(wildcard drivers/virtio/bus/*.c))
# Suites and their harness; tests/self has rooms of its own and no source of the image.
TEST_SOURCES   := $(filter-out $(foreach b,$(OTHER_BUSES),tests/$(b)/%),$(wildcard tests/*/*.c))
C_SOURCES      := $(KERNEL_SOURCES) $(DRIVER_SOURCES) $(if $(filter 0,$(SOFT)),,$(SOFT_ROOM)) $(TEST_SOURCES)
ASM_SOURCES    := $(wildcard boot/$(ARCH)/*.asm boot/$(ARCH)/*.S)
OBJECTS        := $(C_SOURCES:%.c=$(O)/%.o) $(patsubst %,$(O)/%.o,$(basename $(ASM_SOURCES))) $(O)/clauses.o

NAME   := qvirtio$(if $(filter 0,$(SOFT)),-nosoft)
ELF    := $(O)/$(NAME).elf
ISO    := $(O)/$(NAME).iso
LAYOUT := $(O)/linker.ld

.PHONY: all
all: $(ELF)

# Every recipe that needs a tool installs it first when it is missing. Rules whose recipe is a compiler, a linker or
# another tool of the build have $(TOOLS) as an order-only prerequisite.
need  = @scripts/install-deps --quiet --arch $(ARCH) $(1)
TOOLS := $(BUILD)/.tools-$(ARCH)

$(TOOLS):
	$(call need,build)
	@mkdir -p $(@D) && touch $@

# Tools are shown by V=1.
Q    := $(if $(V),,@)
show = $(if $(V),,@echo "  $(1)$(2)")

# Objects depend on their flags: the file changes when they do.
remember = @mkdir -p $(@D); printf '%s\n' $(1) | cmp -s - $@ || printf '%s\n' $(1) > $@
.PHONY: FORCE
FORCE:
$(O)/.flags: FORCE
	$(call remember,'$(subst ','\'',$(CC) $(CFLAGS))')
$(O)/.sources$(NAME): FORCE
	$(call remember,$(OBJECTS))

$(O)/%.o: %.c $(O)/.flags | $(TOOLS)
	@mkdir -p $(@D)
	$(call show,CC    ,$<)
	$(Q)$(CC) $(CFLAGS) $(call suite_define,$<) -MMD -MP -c $< -o $@

$(O)/%.o: %.asm | $(TOOLS)
	@mkdir -p $(@D)
	$(call show,NASM  ,$<)
	$(Q)$(NASM) -f elf64 -g -F dwarf -MD $(@:.o=.d) -o $@ $<

$(O)/%.o: %.S $(O)/.flags | $(TOOLS)
	@mkdir -p $(@D)
	$(call show,AS    ,$<)
	$(Q)$(CC) -MMD -MP -c $< -o $@

# What the kernel knows of each clause of the catalogue: its level, and what it binds.
$(BUILD)/clauses.txt: tests/clauses.tsv scripts/runner/catalogue.py | $(TOOLS)
	@mkdir -p $(@D)
	$(Q)scripts/catalogue table > $@

clauses_table = printf '.section .rodata\n.globl clauses_table, clauses_table_end\n.balign 32\nclauses_table: .incbin "%s"\nclauses_table_end:\n.section .note.GNU-stack,"",%%progbits\n' $< \
         | $(1) -c -x assembler - -o $@
$(O)/clauses.o: $(BUILD)/clauses.txt | $(TOOLS)
	@mkdir -p $(@D)
	$(Q)$(call clauses_table,$(CC))

# linker.ld, with boot/<arch>/layout.ld for what differs.
$(LAYOUT): linker.ld boot/$(ARCH)/layout.ld | $(TOOLS)
	@mkdir -p $(@D)
	$(Q)$(CC) -E -P -x c -Iboot/$(ARCH) $< -o $@

# Two links: the second adds the symbol table of the first, for backtraces.
$(O)/first-$(NAME).elf: $(OBJECTS) $(LAYOUT) $(O)/.sources$(NAME) | $(TOOLS)
	$(Q)$(LD) $(LDFLAGS) -T $(LAYOUT) -o $@ $(OBJECTS)

$(O)/symbols-$(NAME).S: $(O)/first-$(NAME).elf scripts/symbols | $(TOOLS)
	$(Q)$(NM) -n -l $< | scripts/symbols > $@

$(O)/symbols-$(NAME).o: $(O)/symbols-$(NAME).S | $(TOOLS)
	$(Q)$(CC) -c $< -o $@

$(ELF): $(OBJECTS) $(O)/symbols-$(NAME).o $(LAYOUT) | clause-ids
	$(call show,LD    ,$@)
	$(Q)$(LD) $(LDFLAGS) -T $(LAYOUT) -o $@ $(OBJECTS) $(O)/symbols-$(NAME).o
	@$(STRIP) -o $(O)/.stripped-$(NAME) $@ && echo "  SIZE  $@: $$(wc -c < $(O)/.stripped-$(NAME)) bytes without symbols"

-include $(OBJECTS:.o=.d)

# For editors and clangd: how each source of the image is compiled.
compile_commands.json: $(O)/.flags FORCE
	$(Q)scripts/compile-commands '$(subst ','\'',$(CC) $(CFLAGS))' $(C_SOURCES) > $@

# Native programs: they run on the machine that builds.
NATIVE       := $(BUILD)/native
NATIVE_CC    := cc
NATIVE_TOOLS := $(NATIVE)/.tools
$(NATIVE_TOOLS):
	$(call need,native)
	@mkdir -p $(@D) && touch $@
include tests/self/unit/unit.mk
include tests/self/soft/soft.mk
include tests/self/fuzz/fuzz.mk

.PHONY: iso
iso: $(ELF) ## the GRUB image, with a command line: make iso WORDS='only=ring/*'
	$(call need,iso)
	@scripts/make-iso $(ELF) $(ISO) $(WORDS)

.PHONY: boot-check
boot-check: $(ELF) ## boot by every protocol and firmware, and fault in every way
	$(call need,boot)
	@+$(MAKE) --no-print-directory SOFT=0 all
	@tests/self/boot/$(ARCH) $(ELF) $(O)/qvirtio-nosoft.elf scripts/make-iso

.PHONY: clause-ids
clause-ids: | $(TOOLS) ## fail when a test names a clause the catalogue does not have
	@scripts/catalogue check tests

# The words after WORDS= go to the kernel: make run WORDS='only=blk/*'.
.PHONY: run
run: $(ELF) ## one machine with one of each device, in seconds: make run T='ring/*'
	$(call need,run)
	@scripts/run-tests --machine $(ARCH_QUICK_MACHINE) --accel tcg $(if $(T),--only '$(T)') --append '$(WORDS)'

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
	@scripts/run-tests --machine $(ARCH_QUICK_MACHINE) --accel tcg --list

.PHONY: check
check: ## the project's own tests, then the default matrix
	$(call need,check)
	@+scripts/check

.PHONY: bench
bench: $(ELF) ## what a boot, a point and a request cost, side by side
	$(call need,bench)
	@scripts/bench

.PHONY: clauses
clauses: $(NATIVE)/suite-fast ## which rows of the catalogue the last runs executed, by area
	@scripts/clauses $(CLAUSES) --suite $(NATIVE)/suite-fast $(wildcard $(BUILD)/last-run/*.json)

.PHONY: style
style: ## what a program can judge about the sources: layout, lint, includes, sizes, names in documents
	$(call need,style)
	@scripts/style

.PHONY: debug
debug: ## QEMU halted before its first instruction, and a gdb at the test: make debug T='blk/read*'
	$(call need,debug)
	@$(MAKE) --no-print-directory DEBUG=1 BUILD=$(BUILD)/debug
	@scripts/debug --kernel $(BUILD)/debug/$(ARCH)/qvirtio.elf --machine $(ARCH_QUICK_MACHINE) $(if $(GDB),--gdb '$(GDB)') '$(T)'

.PHONY: table
table: ## the README's table of devices and transports, from the last runs of the matrix
	@scripts/readme-table README.md $(wildcard $(BUILD)/last-run/*.json)

.PHONY: format
format: ## put the C files into the project's style
	$(call need,style)
	@git ls-files '*.[ch]' | xargs clang-format-14 -i

.PHONY: clean
clean: ## remove the build folder
	rm -rf $(BUILD) compile_commands.json

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
