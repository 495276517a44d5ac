// References to what the object does not define, and data of all kinds.
    .text
    .globl calls, loads
calls:
    call function
    ret
    .balign 4
loads:
    la a0, variable
    ld a0, 0(a0)
    ret

    .data
    .globl initialised
    .balign 8
initialised:
    .quad calls

    .bss
    .globl zeroed
    .balign 8
zeroed:
    .zero 5000
