// One of each reference that kernels make; linked by our loader and by LLVM's, which must agree to the byte. Assembled for
// linker relaxation, so that the assembler leaves all of them open.
    .text
    .globl entry, far
entry:
    beq a0, a1, far
    bltu a5, a6, backward_end
    c.beqz a0, near
    c.j near
    jal ra, far
    j far
near:
    call far
    tail entry
    lla a0, table
    lla a1, value
1:  auipc a2, %pcrel_hi(value + 4)
    lw a3, %pcrel_lo(1b)(a2)
    fld fa0, %pcrel_lo(1b)(a2)
2:  auipc a4, %pcrel_hi(value + 2044)
    sw a5, %pcrel_lo(2b)(a4)
    sd a6, %pcrel_lo(2b)(a4)
    bne a2, a3, entry
    c.bnez a1, near
backward_end:
    .zero 1800
far:
    beqz a0, backward_end
    blt a1, a2, far
    j entry
    ret

    .section .rodata, "a"
    .balign 16
table:
    .word far - table
    .word entry - table
    .half near - entry
    .byte near - entry
    .byte 0
    .quad entry
    .quad value - 8
    .word far - .
    .balign 8
value:
    .quad table
    .zero 4096
