# SPDX-License-Identifier: MIT
# The whole suite as a host program, against the soft bus and models of PCI and MMIO in front of its devices: once with
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
SOFT_LDFLAGS := -Wl,-T,$(HOST)/registries.ld -Wl,--wrap=clause_record
SOFT_DEFINES := -DARCH_NAME_STRING='"host"' -DQVIRTIO_VERSION='"$(VERSION)"'
SOFT_CHECKED := $(SOFT_SOURCES:%.c=$(HOST)/soft/%.o)
SOFT_FAST    := $(SOFT_SOURCES:%.c=$(HOST)/fast/%.o)
FAST_CFLAGS  := -std=gnu17 -O2 -g -Wall -Wextra -Werror -fno-builtin -fno-strict-aliasing \
                -include tests/self/unit/rename.h -I. -Ikernel/arch/$(ARCH)

# The harness's main() is what the machine boots.
$(HOST)/soft/tests/harness/main.o $(HOST)/fast/tests/harness/main.o: SOFT_DEFINES += -Dmain=kernel_main

$(HOST)/soft/%.o: %.c $(HOST)/.flags | $(HOST_TOOLS)
	@mkdir -p $(@D)
	$(HOST_CC) $(HOST_CFLAGS) -fno-strict-aliasing $(SOFT_DEFINES) $(call suite_define,$<) -MMD -MP -c $< -o $@

$(HOST)/fast/.flags: FORCE
	$(call remember,'$(HOST_CC) $(FAST_CFLAGS)')
$(HOST)/fast/%.o: %.c $(HOST)/fast/.flags | $(HOST_TOOLS)
	@mkdir -p $(@D)
	$(HOST_CC) $(FAST_CFLAGS) $(SOFT_DEFINES) $(call suite_define,$<) -MMD -MP -c $< -o $@

$(HOST)/should.o: $(BUILD)/should.txt | $(HOST_TOOLS)
	@mkdir -p $(@D)
	$(Q)$(call should,$(HOST_CC))

$(HOST)/suite: $(SOFT_CHECKED) $(HOST)/should.o $(HOST)/registries.ld
	$(HOST_CC) -fsanitize=address,undefined -no-pie $(SOFT_LDFLAGS) -o $@ $(filter %.o,$^)

$(HOST)/suite-fast: $(SOFT_FAST) $(HOST)/should.o $(HOST)/registries.ld
	$(HOST_CC) -no-pie $(SOFT_LDFLAGS) -o $@ $(filter %.o,$^)

.PHONY: soft
soft: $(HOST)/suite ## the whole suite on the host, with sanitizers, against devices in software
	@scripts/soft $<

.PHONY: mutants
mutants: $(HOST)/suite-fast ## break every clause once in the soft devices: do the tests see it?
	@scripts/mutants $<

-include $(SOFT_CHECKED:.o=.d) $(SOFT_FAST:.o=.d)
