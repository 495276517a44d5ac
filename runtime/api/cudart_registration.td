// Runtime: what the host code that a CUDA compiler generates calls.

let Noun = "cudart_registration" in {
def __cudaRegisterFatBinary : Runtime<[In<"void*", "fatCubin">]>, Returns<"void**">, Done;
def __cudaRegisterFatBinaryEnd : Runtime<[In<"void**", "fatCubinHandle">]>, Returns<"void">, Done;
def __cudaUnregisterFatBinary : Runtime<[In<"void**", "fatCubinHandle">]>, Returns<"void">, Done;
def __cudaInitModule : Runtime<[In<"void**", "fatCubinHandle">]>, Returns<"char">, Done;
def __cudaRegisterFunction : Runtime<[In<"void**", "fatCubinHandle">, In<"const char*", "hostFun">,
    In<"char*", "deviceFun">, In<"const char*", "deviceName">, In<"int", "threadLimit">, In<"uint3*", "tid">,
    In<"uint3*", "bid">, In<"dim3*", "bDim">, In<"dim3*", "gDim">, In<"int*", "wSize">]>,
    Returns<"void">, Done;
def __cudaRegisterVar : Runtime<[In<"void**", "fatCubinHandle">, In<"char*", "hostVar">,
    In<"char*", "deviceAddress">, In<"const char*", "deviceName">, In<"int", "ext">, In<"size_t", "size">,
    In<"int", "constant">, In<"int", "global">]>, Returns<"void">, Done;
def __cudaRegisterManagedVar : Runtime<[In<"void**", "fatCubinHandle">, In<"void**", "hostVarPtrAddress">,
    In<"char*", "deviceAddress">, In<"const char*", "deviceName">, In<"int", "ext">, In<"size_t", "size">,
    In<"int", "constant">, In<"int", "global">]>, Returns<"void">, Done;
def __cudaRegisterHostVar : Runtime<[In<"void**", "fatCubinHandle">, In<"const char*", "deviceName">,
    In<"char*", "hostVar">, In<"size_t", "size">]>, Returns<"void">,
    Absent<"nothing documents it, and no compiler that we know calls it">;
def __cudaRegisterUnifiedTable : Runtime<[In<"void**", "fatCubinHandle">, In<"void*", "table">]>,
    Returns<"void">, From<12>, Absent<"nothing documents it, and no compiler that we know calls it">;
def __cudaPushCallConfiguration : Runtime<[In<"dim3", "gridDim">, In<"dim3", "blockDim">,
    In<"size_t", "sharedMem", "0">, In<"struct CUstream_st*", "stream", "0">]>, Returns<"unsigned">, Done;
def __cudaPopCallConfiguration : Runtime<[Out<"dim3", "gridDim">, Out<"dim3", "blockDim">,
    Out<"size_t", "sharedMem">, In<"void*", "stream">]>, Done, NoContext;
def __cudaGetKernel : Runtime<[Out<"cudaKernel_t", "kernel">, In<"const void*", "entry">]>, Done, From<12>;
def __cudaLaunchKernel : Runtime<[In<"cudaKernel_t", "kernel">, In<"dim3", "gridDim">, In<"dim3", "blockDim">,
    In<"void**", "args">, In<"size_t", "sharedMem">, In<"cudaStream_t", "stream">]>, Ptsz<7000>, Done,
    From<12>;
def __cudaGetProcAddress : Runtime<[Str<"symbol">, Out<"void*", "pfn">, In<"int", "version">,
    In<"unsigned long long", "flags">]>, Done, NoContext, From<13>;
}  // cudart_registration
