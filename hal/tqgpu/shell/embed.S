// The image of the shell as a read-only array (shell_image.cc).
    .section .rodata
    .globl tq_shell_image_begin, tq_shell_image_end
    .hidden tq_shell_image_begin, tq_shell_image_end
    .balign 16
tq_shell_image_begin:
    .incbin SHELL_IMAGE
tq_shell_image_end:
    .section .note.GNU-stack, "", %progbits
