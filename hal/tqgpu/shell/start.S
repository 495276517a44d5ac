// The image's first bytes: the entry, then tq_shell_image_header (shell_abi.h). a0: the dispatch, a1: slot, a2: slots,
// sp: the end of the hart's slice.
    .section .text.start, "ax"
    .globl _start
_start:
    .option push
    .option norvc
    j shell_main
    .option pop
    .word 1                     // TQ_SHELL_ABI_VERSION
    .word image_size            // shell.ld
    .word (exports_end - exports) / 32

    .macro export name
0:  .asciz "\name"
    .zero 24 - (. - 0b)
    .quad \name - _start
    .endm

    .balign 8
exports:
    export memcpy
    export memmove
    export memset
    export memcmp
    export __divti3
    export __modti3
    export __udivti3
    export __umodti3
exports_end:
