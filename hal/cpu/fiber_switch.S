// tq_fiber_switch(void** save, void* load): pushes what the calling convention keeps (registers, MXCSR and x87 control
// word; on AArch64 x19-x30, d8-d15, FPCR), stores the stack pointer in *save, takes `load` as the stack pointer and
// pops the same. tq_fiber_resume is its second half: a signal handler that abandons a fiber returns to it with the stack
// pointer of the context to go on with. tq_fiber_start is where a new fiber begins.

#if defined(__x86_64__)
        .text
        .p2align 4
        .globl  tq_fiber_switch
        .hidden tq_fiber_switch
        .type   tq_fiber_switch, @function
tq_fiber_switch:
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        subq    $8, %rsp
        stmxcsr (%rsp)
        fnstcw  4(%rsp)
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        .globl  tq_fiber_resume
        .hidden tq_fiber_resume
tq_fiber_resume:
        ldmxcsr (%rsp)
        fldcw   4(%rsp)
        addq    $8, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret
        .size   tq_fiber_switch, . - tq_fiber_switch

        .p2align 4
        .globl  tq_fiber_start
        .hidden tq_fiber_start
        .type   tq_fiber_start, @function
tq_fiber_start:
        .cfi_startproc
        .cfi_undefined rip
        movq    %r13, %rdi
        xorl    %ebp, %ebp
        call    *%r12
        ud2
        .cfi_endproc
        .size   tq_fiber_start, . - tq_fiber_start

#elif defined(__aarch64__)
        .text
        .p2align 4
        .globl  tq_fiber_switch
        .hidden tq_fiber_switch
        .type   tq_fiber_switch, %function
tq_fiber_switch:
        sub     sp, sp, #176
        stp     x19, x20, [sp, #0]
        stp     x21, x22, [sp, #16]
        stp     x23, x24, [sp, #32]
        stp     x25, x26, [sp, #48]
        stp     x27, x28, [sp, #64]
        stp     x29, x30, [sp, #80]
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        mrs     x2, fpcr
        str     x2, [sp, #160]
        mov     x2, sp
        str     x2, [x0]
        mov     sp, x1
        .globl  tq_fiber_resume
        .hidden tq_fiber_resume
tq_fiber_resume:
        ldr     x2, [sp, #160]
        msr     fpcr, x2
        ldp     d14, d15, [sp, #144]
        ldp     d12, d13, [sp, #128]
        ldp     d10, d11, [sp, #112]
        ldp     d8, d9, [sp, #96]
        ldp     x29, x30, [sp, #80]
        ldp     x27, x28, [sp, #64]
        ldp     x25, x26, [sp, #48]
        ldp     x23, x24, [sp, #32]
        ldp     x21, x22, [sp, #16]
        ldp     x19, x20, [sp, #0]
        add     sp, sp, #176
        ret
        .size   tq_fiber_switch, . - tq_fiber_switch

        .p2align 4
        .globl  tq_fiber_start
        .hidden tq_fiber_start
        .type   tq_fiber_start, %function
tq_fiber_start:
        .cfi_startproc
        .cfi_undefined x30
        mov     x0, x20
        mov     x29, xzr
        blr     x19
        brk     #0
        .cfi_endproc
        .size   tq_fiber_start, . - tq_fiber_start
#else
#error "hal/cpu needs a stack switch for this architecture"
#endif
        .section .note.GNU-stack, "", %progbits
