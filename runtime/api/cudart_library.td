// Runtime: libraries, symbols, entry points, versions.

def cudaKernel_t : Typedef<"struct CUkern_st*">;
def cudaLibrary_t : Typedef<"struct CUlib_st*">;
def cudaJitOption : Enum<"cudaJitOption", [V<"cudaJitMaxRegisters", 0>, V<"cudaJitThreadsPerBlock", 1>,
    V<"cudaJitWallTime", 2>, V<"cudaJitInfoLogBuffer", 3>, V<"cudaJitInfoLogBufferSizeBytes", 4>,
    V<"cudaJitErrorLogBuffer", 5>, V<"cudaJitErrorLogBufferSizeBytes", 6>, V<"cudaJitOptimizationLevel", 7>,
    V<"cudaJitFallbackStrategy", 10>, V<"cudaJitGenerateDebugInfo", 11>, V<"cudaJitLogVerbose", 12>,
    V<"cudaJitGenerateLineInfo", 13>, V<"cudaJitCacheMode", 14>, V<"cudaJitPositionIndependentCode", 30>,
    V<"cudaJitMinCtaPerSm", 31>, V<"cudaJitMaxThreadsPerBlock", 32>,
    V<"cudaJitOverrideDirectiveValues", 33>]>;
def cudaLibraryOption : Enum<"cudaLibraryOption", [V<"cudaLibraryHostUniversalFunctionAndDataTable", 0>,
    V<"cudaLibraryBinaryIsPreserved", 1>]>;
def cudaJit_CacheMode : Enum<"cudaJit_CacheMode", [V<"cudaJitCacheOptionNone", 0>,
    V<"cudaJitCacheOptionCG", 1>, V<"cudaJitCacheOptionCA", 2>]>;
def cudaJit_Fallback : Enum<"cudaJit_Fallback", [V<"cudaPreferPtx", 0>, V<"cudaPreferBinary", 1>]>;
def cudaDriverEntryPointQueryResult : Enum<"cudaDriverEntryPointQueryResult", [
    V<"cudaDriverEntryPointSuccess", 0>, V<"cudaDriverEntryPointSymbolNotFound", 1>,
    V<"cudaDriverEntryPointVersionNotSufficent", 2>]>;

let Noun = "cudart_library" in {
def cudaGetSymbolAddress : Runtime<[Out<"void*", "devPtr">, In<"const void*", "symbol">]>, Done;
def cudaGetSymbolSize : Runtime<[Out<"size_t", "size">, In<"const void*", "symbol">]>, Done;
def cudaDriverGetVersion : Runtime<[Out<"int", "driverVersion">]>, Forwards<"cuDriverGetVersion">, NoContext;
def cudaRuntimeGetVersion : Runtime<[Out<"int", "runtimeVersion">]>, Done, NoContext;
def cudaLibraryLoadData : Runtime<[Out<"cudaLibrary_t", "library">, In<"const void*", "code">,
    Opt<"enum cudaJitOption*", "jitOptions">, Opt<"void**", "jitOptionsValues">,
    In<"unsigned int", "numJitOptions">, Opt<"enum cudaLibraryOption*", "libraryOptions">,
    Opt<"void**", "libraryOptionValues">, In<"unsigned int", "numLibraryOptions">]>,
    Forwards<"cuLibraryLoadData">, From<12>;
def cudaLibraryLoadFromFile : Runtime<[Out<"cudaLibrary_t", "library">, Str<"fileName">,
    Opt<"enum cudaJitOption*", "jitOptions">, Opt<"void**", "jitOptionsValues">,
    In<"unsigned int", "numJitOptions">, Opt<"enum cudaLibraryOption*", "libraryOptions">,
    Opt<"void**", "libraryOptionValues">, In<"unsigned int", "numLibraryOptions">]>,
    Forwards<"cuLibraryLoadFromFile">, From<12>;
def cudaLibraryUnload : Runtime<[In<"cudaLibrary_t", "library">]>, Forwards<"cuLibraryUnload">, From<12>;
def cudaLibraryGetKernel : Runtime<[Out<"cudaKernel_t", "pKernel">, In<"cudaLibrary_t", "library">,
    Str<"name">]>, Forwards<"cuLibraryGetKernel">, From<12>;
def cudaLibraryGetGlobal : Runtime<[Out<"void*", "dptr">, Out<"size_t", "bytes">,
    In<"cudaLibrary_t", "library">, Str<"name">]>, Forwards<"cuLibraryGetGlobal">, From<12>;
def cudaLibraryGetManaged : Runtime<[Out<"void*", "dptr">, Out<"size_t", "bytes">,
    In<"cudaLibrary_t", "library">, Str<"name">]>, Forwards<"cuLibraryGetManaged">, From<12>;
def cudaLibraryGetUnifiedFunction : Runtime<[Out<"void*", "fptr">, In<"cudaLibrary_t", "library">,
    Str<"symbol">]>, Forwards<"cuLibraryGetUnifiedFunction">, From<12>;
def cudaLibraryGetKernelCount : Runtime<[Out<"unsigned int", "count">, In<"cudaLibrary_t", "lib">]>,
    Forwards<"cuLibraryGetKernelCount">, From<12>;
def cudaLibraryEnumerateKernels : Runtime<[Out<"cudaKernel_t", "kernels">, In<"unsigned int", "numKernels">,
    In<"cudaLibrary_t", "lib">]>, Forwards<"cuLibraryEnumerateKernels">, From<12>;
def cudaGetExportTable : Runtime<[Out<"const void*", "ppExportTable">,
    Ptr<"const cudaUUID_t*", "pExportTableId">]>, Forwards<"cuGetExportTable">, NoContext;
def cudaGetDriverEntryPoint : Runtime<[Str<"symbol">, Out<"void*", "funcPtr">,
    In<"unsigned long long", "flags">,
    Opt<"enum cudaDriverEntryPointQueryResult*", "driverStatus", "0">]>, Ptsz<7000>, Done, NoContext,
    Named<"", "cudaGetDriverEntryPoint", "cudaGetDriverEntryPoint">;
def cudaGetDriverEntryPointByVersion : Runtime<[Str<"symbol">, Out<"void*", "funcPtr">,
    In<"unsigned int", "cudaVersion">, In<"unsigned long long", "flags">,
    Opt<"enum cudaDriverEntryPointQueryResult*", "driverStatus", "0">]>, Ptsz<7000>, Done, NoContext, From<12>;
def cudaProfilerStart : Runtime<[]>, Forwards<"cuProfilerStart">;
def cudaProfilerStop : Runtime<[]>, Forwards<"cuProfilerStop">;
}  // cudart_library
