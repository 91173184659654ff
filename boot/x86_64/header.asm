; SPDX-License-Identifier: MIT
;
; What loaders look for in the image: the Multiboot 1 header with its address fields
; (QEMU refuses an ELF64 without them; they say that the file is one contiguous piece,
; which linker.ld keeps true), and the ELF note of the PVH protocol. Both enter in
; 32-bit protected mode without paging (entry.asm).

extern entry_multiboot, entry_pvh
extern image_begin, load_end, image_end

MULTIBOOT_MAGIC    equ 0x1badb002
MULTIBOOT_MEMORY   equ 1 << 1           ; tell us about memory
MULTIBOOT_ADDRESS  equ 1 << 16          ; the address fields below are valid
MULTIBOOT_FLAGS    equ MULTIBOOT_MEMORY | MULTIBOOT_ADDRESS

section .boot.header progbits alloc noexec nowrite align=8
multiboot_header:
    dd MULTIBOOT_MAGIC
    dd MULTIBOOT_FLAGS
    dd -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
    dd multiboot_header                 ; header_addr
    dd image_begin                      ; load_addr
    dd load_end                         ; load_end_addr
    dd image_end                        ; bss_end_addr: the loader clears up to here
    dd entry_multiboot                  ; entry_addr

XEN_ELFNOTE_PHYS32_ENTRY equ 18

section .note.pvh note alloc noexec nowrite align=4
    dd .name_end - .name
    dd .entry_end - .entry
    dd XEN_ELFNOTE_PHYS32_ENTRY
.name:
    db "Xen", 0
.name_end:
.entry:
    dq entry_pvh                        ; 8 bytes: QEMU reads a long from a 64-bit image
.entry_end:

section .note.GNU-stack noalloc noexec nowrite progbits
