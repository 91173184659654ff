; SPDX-License-Identifier: MIT
; The kernel that only exits: what a VM costs before and after any test. A flat Multiboot 1
; image with address fields; writes "all passed" to isa-debug-exit and stops. Assembled by
; scripts/bench with `nasm -f bin`.

bits 32
org 0x100000

MAGIC   equ 0x1badb002
FLAGS   equ 0x10000             ; the address fields below are valid

header:
        dd MAGIC, FLAGS, -(MAGIC + FLAGS)
        dd header, header, end, end, start

start:
        mov al, 0x10            ; EXIT_PASSED: QEMU exits with 33
        out 0xf4, al
.halt:
        hlt
        jmp .halt
end:
