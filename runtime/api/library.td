// Libraries and kernels, which are not bound to a context.

let Noun = "library" in {
def cuLibraryLoadData : Driver<12000, [Out<"CUlibrary", "library">, In<"const void*", "code">,
    Opt<"CUjit_option*", "jitOptions">, Opt<"void**", "jitOptionsValues">,
    In<"unsigned int", "numJitOptions">, Opt<"CUlibraryOption*", "libraryOptions">,
    Opt<"void**", "libraryOptionValues">, In<"unsigned int", "numLibraryOptions">]>, NoContext, Done;
def cuLibraryLoadFromFile : Driver<12000, [Out<"CUlibrary", "library">, Str<"fileName">,
    Opt<"CUjit_option*", "jitOptions">, Opt<"void**", "jitOptionsValues">,
    In<"unsigned int", "numJitOptions">, Opt<"CUlibraryOption*", "libraryOptions">,
    Opt<"void**", "libraryOptionValues">, In<"unsigned int", "numLibraryOptions">]>, NoContext, Done;
def cuLibraryUnload : Driver<12000, [Handle<"CUlibrary", "library">]>, NoContext, Done;
def cuLibraryGetKernel : Driver<12000, [Out<"CUkernel", "pKernel">, Handle<"CUlibrary", "library">,
    Str<"name">]>, NoContext, Done;
def cuLibraryGetKernelCount : Driver<12040, [Out<"unsigned int", "count">,
    Handle<"CUlibrary", "lib">]>, NoContext, Done;
def cuLibraryEnumerateKernels : Driver<12040, [Out<"CUkernel", "kernels">, In<"unsigned int", "numKernels">,
    Handle<"CUlibrary", "lib">]>, NoContext, Done;
def cuLibraryGetModule : Driver<12000, [Out<"CUmodule", "pMod">, Handle<"CUlibrary", "library">]>, Done;
def cuKernelGetFunction : Driver<12000, [Out<"CUfunction", "pFunc">, Handle<"CUkernel", "kernel">]>, Done;
def cuKernelGetLibrary : Driver<12050, [Out<"CUlibrary", "pLib">, Handle<"CUkernel", "kernel">]>, NoContext, Done;
def cuLibraryGetGlobal : Driver<12000, [Opt<"CUdeviceptr*", "dptr">, Opt<"size_t*", "bytes">,
    Handle<"CUlibrary", "library">, Str<"name">]>, Done;
def cuLibraryGetManaged : Driver<12000, [Opt<"CUdeviceptr*", "dptr">, Opt<"size_t*", "bytes">,
    Handle<"CUlibrary", "library">, Str<"name">]>, NoContext, Done;
def cuLibraryGetUnifiedFunction : Driver<12000, [Out<"void*", "fptr">, Handle<"CUlibrary", "library">,
    Str<"symbol">]>, Done;
def cuKernelGetAttribute : Driver<12000, [Out<"int", "pi">, In<"CUfunction_attribute", "attrib">,
    Handle<"CUkernel", "kernel">, Handle<"CUdevice", "dev">]>, NoContext, Done;
def cuKernelSetAttribute : Driver<12000, [In<"CUfunction_attribute", "attrib">, In<"int", "val">,
    Handle<"CUkernel", "kernel">, Handle<"CUdevice", "dev">]>, NoContext, Done;
def cuKernelSetCacheConfig : Driver<12000, [Handle<"CUkernel", "kernel">, In<"CUfunc_cache", "config">,
    Handle<"CUdevice", "dev">]>, NoContext, Done;
def cuKernelGetName : Driver<12030, [Out<"const char*", "name">, Handle<"CUkernel", "hfunc">]>, NoContext, Done;
def cuKernelGetParamInfo : Driver<12040, [Handle<"CUkernel", "kernel">, In<"size_t", "paramIndex">,
    Out<"size_t", "paramOffset">, Opt<"size_t*", "paramSize">]>, NoContext, Done;
}  // library
