// The bitcode of the device library as read-only arrays, one for each machine (library.cc).
    .section .rodata
    .globl tq_devicelib_native_begin, tq_devicelib_native_end, tq_devicelib_riscv_begin, tq_devicelib_riscv_end
    .hidden tq_devicelib_native_begin, tq_devicelib_native_end, tq_devicelib_riscv_begin, tq_devicelib_riscv_end
    .balign 16
tq_devicelib_native_begin:
    .incbin DEVICELIB_NATIVE
tq_devicelib_native_end:
    .balign 16
tq_devicelib_riscv_begin:
    .incbin DEVICELIB_RISCV
tq_devicelib_riscv_end:
    .section .note.GNU-stack, "", %progbits
