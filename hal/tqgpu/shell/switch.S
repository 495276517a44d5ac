// void switch_stack(void** save, void* load): pushes the registers that a function keeps (RISC-V psABI, "Integer Calling
// Convention", "Hardware Floating-point Calling Convention") and fcsr, stores the stack pointer in *save, takes `load` as
// the stack pointer and pops the same.
    .equ FRAME, 208

    .text
    .globl switch_stack
switch_stack:
    addi sp, sp, -FRAME
    sd ra, 0(sp)
    sd s0, 8(sp)
    sd s1, 16(sp)
    sd s2, 24(sp)
    sd s3, 32(sp)
    sd s4, 40(sp)
    sd s5, 48(sp)
    sd s6, 56(sp)
    sd s7, 64(sp)
    sd s8, 72(sp)
    sd s9, 80(sp)
    sd s10, 88(sp)
    sd s11, 96(sp)
    fsd fs0, 104(sp)
    fsd fs1, 112(sp)
    fsd fs2, 120(sp)
    fsd fs3, 128(sp)
    fsd fs4, 136(sp)
    fsd fs5, 144(sp)
    fsd fs6, 152(sp)
    fsd fs7, 160(sp)
    fsd fs8, 168(sp)
    fsd fs9, 176(sp)
    fsd fs10, 184(sp)
    fsd fs11, 192(sp)
    csrr t0, fcsr
    sd t0, 200(sp)
    sd sp, 0(a0)
    mv sp, a1
    ld t0, 200(sp)
    csrw fcsr, t0
    fld fs0, 104(sp)
    fld fs1, 112(sp)
    fld fs2, 120(sp)
    fld fs3, 128(sp)
    fld fs4, 136(sp)
    fld fs5, 144(sp)
    fld fs6, 152(sp)
    fld fs7, 160(sp)
    fld fs8, 168(sp)
    fld fs9, 176(sp)
    fld fs10, 184(sp)
    fld fs11, 192(sp)
    ld ra, 0(sp)
    ld s0, 8(sp)
    ld s1, 16(sp)
    ld s2, 24(sp)
    ld s3, 32(sp)
    ld s4, 40(sp)
    ld s5, 48(sp)
    ld s6, 56(sp)
    ld s7, 64(sp)
    ld s8, 72(sp)
    ld s9, 80(sp)
    ld s10, 88(sp)
    ld s11, 96(sp)
    addi sp, sp, FRAME
    ret

// void* prepare_stack(void* top, fiber* self)
    .globl prepare_stack
prepare_stack:
    addi a0, a0, -FRAME
    lla t0, start_fiber
    sd t0, 0(a0)
    sd a1, 8(a0)                // s0
    sd zero, 200(a0)            // fcsr: round to nearest
    ret

start_fiber:
    mv a0, s0
    call fiber_main
    unimp
