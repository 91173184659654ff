# SPDX-License-Identifier: MIT
# The whole suite as a native program, against the soft bus and models of PCI and MMIO in front of its devices: once with
# sanitizers (make soft), once fast (make mutants). It has the same sources as an x86_64 image, but for what is in
# kernel/: there tests/self/soft is the machine.

SOFT_NO_BUSES := $(filter-out pci mmio,$(call words_of,ARCH_BUSES))
SOFT_SOURCES := $(wildcard tests/self/soft/*.c) \
                $(addprefix kernel/,cmdline.c console.c exit.c panic.c wait.c acpi/aml.c mem/arena.c) \
                $(addprefix kernel/lib/,aes.c glob.c inet_sum.c p9_fields.c printf.c random.c sha1.c string.c) \
                $(wildcard kernel/pci/*.c) \
                $(wildcard drivers/virtio/*.c drivers/virtio/ring/*.c drivers/virtio/device/*.c) $(SOFT_ROOM) \
                $(filter-out $(foreach b,$(SOFT_NO_BUSES),drivers/virtio/bus/$(b).c drivers/virtio/bus/$(b)_%.c),$(wildcard drivers/virtio/bus/*.c)) \
                $(filter-out $(foreach b,$(SOFT_NO_BUSES),tests/$(b)/%),$(wildcard tests/*/*.c))
SOFT_LDFLAGS := -Wl,-T,$(NATIVE)/registries.ld -Wl,--wrap=clause_record
SOFT_DEFINES := -DARCH_NAME_STRING='"native"' -DQVIRTIO_VERSION='"$(VERSION)"'
SOFT_CHECKED := $(SOFT_SOURCES:%.c=$(NATIVE)/soft/%.o)
SOFT_FAST    := $(SOFT_SOURCES:%.c=$(NATIVE)/fast/%.o)
FAST_CFLAGS  := -std=gnu17 -O2 -g -Wall -Wextra -Werror -fno-builtin -fno-strict-aliasing \
                -include tests/self/unit/rename.h -I. -Ikernel/arch/$(ARCH)

# The harness's main() is what the machine boots.
$(NATIVE)/soft/tests/harness/main.o $(NATIVE)/fast/tests/harness/main.o: SOFT_DEFINES += -Dmain=kernel_main

$(NATIVE)/soft/%.o: %.c $(NATIVE)/.flags | $(NATIVE_TOOLS)
	@mkdir -p $(@D)
	$(NATIVE_CC) $(NATIVE_CFLAGS) -fno-strict-aliasing $(SOFT_DEFINES) $(call suite_define,$<) -MMD -MP -c $< -o $@

$(NATIVE)/fast/.flags: FORCE
	$(call remember,'$(NATIVE_CC) $(FAST_CFLAGS)')
$(NATIVE)/fast/%.o: %.c $(NATIVE)/fast/.flags | $(NATIVE_TOOLS)
	@mkdir -p $(@D)
	$(NATIVE_CC) $(FAST_CFLAGS) $(SOFT_DEFINES) $(call suite_define,$<) -MMD -MP -c $< -o $@

$(NATIVE)/clauses.o: $(BUILD)/clauses.txt | $(NATIVE_TOOLS)
	@mkdir -p $(@D)
	$(Q)$(call clauses_table,$(NATIVE_CC))

$(NATIVE)/suite: $(SOFT_CHECKED) $(NATIVE)/clauses.o $(NATIVE)/registries.ld
	$(NATIVE_CC) -fsanitize=address,undefined -no-pie $(SOFT_LDFLAGS) -o $@ $(filter %.o,$^)

$(NATIVE)/suite-fast: $(SOFT_FAST) $(NATIVE)/clauses.o $(NATIVE)/registries.ld
	$(NATIVE_CC) -no-pie $(SOFT_LDFLAGS) -o $@ $(filter %.o,$^)

.PHONY: soft
soft: $(NATIVE)/suite ## the whole suite as a native program, with sanitizers, against devices in software
	@scripts/soft $<

.PHONY: mutants
mutants: $(NATIVE)/suite-fast ## break every clause once in the soft devices: do the tests see it?
	@scripts/mutants $<

.PHONY: innocents
innocents: $(NATIVE)/suite-fast ## behave in every way that the specification allows: do the tests convict anybody?
	@scripts/innocents $<

-include $(SOFT_CHECKED:.o=.d) $(SOFT_FAST:.o=.d)
