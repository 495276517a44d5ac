// Nothing of this library is destroyed when the process ends: a kernel may be compiling in the background
// then, and LLVM has static objects that it uses. The library is never unloaded, and its memory goes with the
// process. C++ ABI for the Itanium architecture, 3.3.6 "DSO Object Destruction API".

extern "C" __attribute__((visibility("hidden"))) int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }
