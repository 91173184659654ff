; SPDX-License-Identifier: MIT
;
; From the loader's 32-bit protected mode to 64-bit C, with the final page tables: the
; image in 4 KiB pages (text read-only, all else not executable, page 0 and the guard
; pages absent), RAM above it up to 16 MiB in 2 MiB pages. Built here once, so that
; every protection holds from the first 64-bit instruction on; device memory is added
; later by paging.c. Because loaders leave data in page 0, the first 2 MiB can be read a
; second time at 16 MiB (LOW_MEMORY in boot_info.c). The loader has cleared .bss: both
; protocols demand it.

extern kernel_start, idt, exception_stacks
extern text_begin, text_end, rodata_end
extern stack_guard, stack_top, exception_guard

global entry_multiboot, entry_pvh
global boot_protocol, boot_info, page_map_root

PAGE_PRESENT  equ 1 << 0
PAGE_WRITABLE equ 1 << 1
PAGE_LARGE    equ 1 << 7
PAGE_NX_HIGH  equ 1 << 31               ; bit 63, in the entry's upper half

CR0_VALUE     equ 0x80010031            ; PG, WP, NE, ET, PE
CR4_PAE       equ 1 << 5
MSR_EFER      equ 0xc0000080
EFER_LME_NXE  equ 1 << 8 | 1 << 11
CPUID_LM_NX   equ 1 << 29 | 1 << 20
SMALL_TABLES  equ 2                     ; of 4 KiB pages: up to 4 MiB
LARGE_PAGES   equ 8 - SMALL_TABLES      ; from there to 16 MiB

section .text
bits 32

entry_multiboot:
    mov dword [boot_protocol], 'MB1 '
    jmp enter
entry_pvh:
    mov dword [boot_protocol], 'PVH '
enter:
    cli
    cld
    mov [boot_info], ebx
    mov esp, stack_top
    call check_cpu
    call build_tables
    mov eax, page_map_root
    mov cr3, eax
    mov eax, CR4_PAE
    mov cr4, eax
    mov ecx, MSR_EFER
    rdmsr
    or eax, EFER_LME_NXE
    wrmsr
    mov eax, CR0_VALUE
    mov cr0, eax
    lgdt [gdt_pointer]
    jmp CODE_SELECTOR:enter_64

; Long mode and no-execute pages, or one line that says so: there is no handler yet that
; could.
check_cpu:
    mov eax, 0x80000000
    cpuid
    cmp eax, 0x80000001
    jb .refuse
    mov eax, 0x80000001
    cpuid
    and edx, CPUID_LM_NX
    cmp edx, CPUID_LM_NX
    jne .refuse
    ret
.refuse:
    mov esi, no_64_bit
    mov ecx, no_64_bit_end - no_64_bit
    mov dx, 0x3f8
    rep outsb
    mov al, 0x13                        ; EXIT_FAULT
    out 0xf4, al
    mov al, 0xfe                        ; still here: reset by the keyboard controller
    out 0x64, al
.stop:
    hlt
    jmp .stop

build_tables:
    mov dword [page_map_root], page_pointers + (PAGE_PRESENT | PAGE_WRITABLE)
    mov dword [page_pointers], page_directory + (PAGE_PRESENT | PAGE_WRITABLE)
    mov dword [page_directory], page_table + (PAGE_PRESENT | PAGE_WRITABLE)
    mov dword [page_directory + 8], page_table + 4096 + (PAGE_PRESENT | PAGE_WRITABLE)
    mov eax, (SMALL_TABLES << 21) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_LARGE
    mov ecx, SMALL_TABLES
.large:
    mov [page_directory + ecx * 8], eax
    mov dword [page_directory + ecx * 8 + 4], PAGE_NX_HIGH
    add eax, 1 << 21
    inc ecx
    cmp ecx, SMALL_TABLES + LARGE_PAGES
    jne .large
    mov dword [page_directory + ecx * 8], PAGE_PRESENT | PAGE_LARGE
    mov dword [page_directory + ecx * 8 + 4], PAGE_NX_HIGH

    ; The first 4 MiB: page 0 absent, all others writable and not executable at first.
    mov ecx, 1
    mov eax, (1 << 12) | PAGE_PRESENT | PAGE_WRITABLE
.data:
    mov [page_table + ecx * 8], eax
    mov dword [page_table + ecx * 8 + 4], PAGE_NX_HIGH
    add eax, 4096
    inc ecx
    cmp ecx, SMALL_TABLES * 512
    jne .data

    mov eax, text_begin
.text:
    mov ecx, eax
    shr ecx, 12
    mov dword [page_table + ecx * 8 + 4], 0
    and byte [page_table + ecx * 8], ~PAGE_WRITABLE
    add eax, 4096
    cmp eax, text_end
    jb .text
.rodata:
    shr eax, 12
    and byte [page_table + eax * 8], ~PAGE_WRITABLE
    inc eax
    shl eax, 12
    cmp eax, rodata_end
    jb .rodata

    mov eax, stack_guard
    call .absent
    mov eax, exception_guard
.absent:
    shr eax, 12
    mov dword [page_table + eax * 8], 0
    ret

bits 64
enter_64:
    mov eax, DATA_SELECTOR
    mov ds, eax
    mov es, eax
    mov ss, eax
    xor eax, eax
    mov fs, eax
    mov gs, eax
    mov esp, stack_top                  ; clears the upper half
    lidt [idt_pointer]
    mov eax, tss
    mov [gdt.tss + 2], ax
    shr eax, 16
    mov [gdt.tss + 4], al
    mov [gdt.tss + 7], ah
    mov eax, TSS_SELECTOR
    ltr ax
    xor ebp, ebp                        ; where backtraces end
    call kernel_start                   ; does not return
    ud2

section .rodata
no_64_bit:
    db "Bail out! this CPU has no 64-bit mode with no-execute pages", 10
no_64_bit_end:
idt_pointer:
    dw 256 * 16 - 1
    dq idt
gdt_pointer:
    dw gdt.end - gdt - 1
    dq gdt

section .data
align 16
gdt:
    dq 0
.code:
    dq 0x00209b0000000000               ; 64-bit code, accessed
.data:
    dq 0x0000930000000000               ; data, accessed
.tss:
    dq 0x0000890000000000 + TSS_BYTES - 1
    dq 0
.end:
CODE_SELECTOR equ gdt.code - gdt
DATA_SELECTOR equ gdt.data - gdt
TSS_SELECTOR  equ gdt.tss - gdt

; Stacks of their own for what can strike while the stack is gone: IST 1 double fault, 2
; page fault, 3 NMI, 4 machine check. idt.asm names the numbers, linker.ld lays them
; out.
EXCEPTION_STACK_BYTES equ 8192
align 16
tss:
    dd 0
    dq 0, 0, 0                          ; rsp0..2: there is no other ring
    dq 0
    dq exception_stacks + 1 * EXCEPTION_STACK_BYTES
    dq exception_stacks + 2 * EXCEPTION_STACK_BYTES
    dq exception_stacks + 3 * EXCEPTION_STACK_BYTES
    dq exception_stacks + 4 * EXCEPTION_STACK_BYTES
    dq 0, 0, 0, 0
    dw 0, TSS_BYTES                     ; no I/O bitmap
TSS_BYTES equ $ - tss

section .bss
alignb 4096
page_map_root:
    resb 4096
page_pointers:
    resb 4096
page_directory:
    resb 4096
page_table:                             ; the small tables, one behind the other
    resb SMALL_TABLES * 4096
boot_protocol:
    resd 1
boot_info:
    resd 1

section .note.GNU-stack noalloc noexec nowrite progbits
