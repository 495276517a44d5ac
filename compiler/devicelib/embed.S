// The bitcode of the device library as a read-only array (library.cc).
    .section .rodata
    .globl tq_devicelib_begin, tq_devicelib_end
    .hidden tq_devicelib_begin, tq_devicelib_end
    .balign 16
tq_devicelib_begin:
    .incbin DEVICELIB_BITCODE
tq_devicelib_end:
    .section .note.GNU-stack, "", %progbits
