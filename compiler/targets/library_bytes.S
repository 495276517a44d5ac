// What build_library_code.cc has written (library_code.h).
    .section .rodata
    .globl tq_library_code_begin, tq_library_code_end
    .hidden tq_library_code_begin, tq_library_code_end
    .balign 16
tq_library_code_begin:
    .incbin LIBRARY_CODE
tq_library_code_end:
    .section .note.GNU-stack, "", %progbits
