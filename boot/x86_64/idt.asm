; SPDX-License-Identifier: MIT
;
; The interrupt descriptor table, complete in read-only data, and its 256 entry stubs.
; Exceptions save all registers and go to exception_dispatch(frame); everything else
; saves what C may change and goes to irq_dispatch(vector, rip). The stubs lie in the
; first 64 KiB of the image (linker.ld checks it), so the parts of each address are
; constants that a linker can fill in.

extern exception_dispatch, irq_dispatch
global idt

IMAGE_BASE     equ 0x100000
CODE_SELECTOR  equ 8
INTERRUPT_GATE equ 0x8e
EXCEPTIONS     equ 32

IST_DOUBLE_FAULT  equ 1
IST_PAGE_FAULT    equ 2
IST_NMI           equ 3
IST_MACHINE_CHECK equ 4

section .text.stubs progbits alloc exec nowrite align=16
bits 64

%assign vector 0
%rep 256
stub_%[vector]:
    ; Some vectors come with an error code; the others get a 0 in its place.
%if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 \
      || vector == 29 || vector == 30)
    push byte 0
%endif
    push dword vector
%if vector < EXCEPTIONS
    jmp exception_common
%else
    jmp irq_common
%endif
%assign vector vector + 1
%endrep

exception_common:
    push rax
    push rbx
    push rcx
    push rdx
    push rsi
    push rdi
    push rbp
    push r8
    push r9
    push r10
    push r11
    push r12
    push r13
    push r14
    push r15
    cld
    mov rdi, rsp                        ; struct ExceptionFrame
    call exception_dispatch             ; does not return
    ud2

irq_common:
    push rax
    push rcx
    push rdx
    push rsi
    push rdi
    push r8
    push r9
    push r10
    push r11
    cld
    mov rdi, [rsp + 9 * 8]              ; vector
    mov rsi, [rsp + 11 * 8]             ; rip
    call irq_dispatch
    pop r11
    pop r10
    pop r9
    pop r8
    pop rdi
    pop rsi
    pop rdx
    pop rcx
    pop rax
    add rsp, 16
    iretq

section .rodata.idt progbits alloc noexec nowrite align=16
idt:
%assign vector 0
%rep 256
%assign ist 0
%if vector == 2
%assign ist IST_NMI
%elif vector == 8
%assign ist IST_DOUBLE_FAULT
%elif vector == 14
%assign ist IST_PAGE_FAULT
%elif vector == 18
%assign ist IST_MACHINE_CHECK
%endif
    dw stub_%[vector] - IMAGE_BASE, CODE_SELECTOR
    db ist, INTERRUPT_GATE
    dw IMAGE_BASE >> 16
    dq 0
%assign vector vector + 1
%endrep

section .note.GNU-stack noalloc noexec nowrite progbits
