// Runtime: memory pools.

def cudaMemPool_t : Typedef<"struct CUmemPoolHandle_st*">;
def cudaMemPoolAttr : Enum<"cudaMemPoolAttr", [V<"cudaMemPoolReuseFollowEventDependencies", 1>,
    V<"cudaMemPoolReuseAllowOpportunistic", 2>, V<"cudaMemPoolReuseAllowInternalDependencies", 3>,
    V<"cudaMemPoolAttrReleaseThreshold", 4>, V<"cudaMemPoolAttrReservedMemCurrent", 5>,
    V<"cudaMemPoolAttrReservedMemHigh", 6>, V<"cudaMemPoolAttrUsedMemCurrent", 7>,
    V<"cudaMemPoolAttrUsedMemHigh", 8>]>;
def cudaMemLocationType : Enum<"cudaMemLocationType", [V<"cudaMemLocationTypeInvalid", 0>,
    V<"cudaMemLocationTypeNone", 0>, V<"cudaMemLocationTypeDevice", 1>, V<"cudaMemLocationTypeHost", 2>,
    V<"cudaMemLocationTypeHostNuma", 3>, V<"cudaMemLocationTypeHostNumaCurrent", 4>]>;
def cudaMemLocation : Struct<"cudaMemLocation", [F<"enum cudaMemLocationType", "type">, F<"int", "id">]>;
def cudaMemAccessFlags : Enum<"cudaMemAccessFlags", [V<"cudaMemAccessFlagsProtNone", 0>,
    V<"cudaMemAccessFlagsProtRead", 1>, V<"cudaMemAccessFlagsProtReadWrite", 3>]>;
def cudaMemAccessDesc : Struct<"cudaMemAccessDesc", [F<"struct cudaMemLocation", "location">,
    F<"enum cudaMemAccessFlags", "flags">]>;
def cudaMemAllocationType : Enum<"cudaMemAllocationType", [V<"cudaMemAllocationTypeInvalid", 0>,
    V<"cudaMemAllocationTypePinned", 1>, V<"cudaMemAllocationTypeManaged", 2>,
    V<"cudaMemAllocationTypeMax", 2147483647>]>;
def cudaMemAllocationHandleType : Enum<"cudaMemAllocationHandleType", [V<"cudaMemHandleTypeNone", 0>,
    V<"cudaMemHandleTypePosixFileDescriptor", 1>, V<"cudaMemHandleTypeWin32", 2>,
    V<"cudaMemHandleTypeWin32Kmt", 4>, V<"cudaMemHandleTypeFabric", 8>]>;
def cudaMemPoolProps : Struct<"cudaMemPoolProps", [F<"enum cudaMemAllocationType", "allocType">,
    F<"enum cudaMemAllocationHandleType", "handleTypes">, F<"struct cudaMemLocation", "location">,
    F<"void*", "win32SecurityAttributes">, F<"size_t", "maxSize">, F<"unsigned short", "usage">,
    F<"unsigned char", "reserved", "[54]">]>;
def cudaMemPoolPtrExportData : Struct<"cudaMemPoolPtrExportData", [F<"unsigned char", "reserved", "[64]">]>;

let Noun = "cudart_pool" in {
def cudaDeviceGetDefaultMemPool : Runtime<[Out<"cudaMemPool_t", "memPool">, In<"int", "device">]>,
    Forwards<"cuDeviceGetDefaultMemPool">;
def cudaDeviceSetMemPool : Runtime<[In<"int", "device">, In<"cudaMemPool_t", "memPool">]>,
    Forwards<"cuDeviceSetMemPool">;
def cudaDeviceGetMemPool : Runtime<[Out<"cudaMemPool_t", "memPool">, In<"int", "device">]>,
    Forwards<"cuDeviceGetMemPool">;
def cudaMemPoolTrimTo : Runtime<[In<"cudaMemPool_t", "memPool">, In<"size_t", "minBytesToKeep">]>,
    Forwards<"cuMemPoolTrimTo">;
def cudaMemPoolSetAttribute : Runtime<[In<"cudaMemPool_t", "memPool">, In<"enum cudaMemPoolAttr", "attr">,
    Out<"void", "value">]>, Forwards<"cuMemPoolSetAttribute">;
def cudaMemPoolGetAttribute : Runtime<[In<"cudaMemPool_t", "memPool">, In<"enum cudaMemPoolAttr", "attr">,
    Out<"void", "value">]>, Forwards<"cuMemPoolGetAttribute">;
def cudaMemPoolSetAccess : Runtime<[In<"cudaMemPool_t", "memPool">,
    Array<"const struct cudaMemAccessDesc*", "descList", "count">, In<"size_t", "count">]>,
    Forwards<"cuMemPoolSetAccess">;
def cudaMemPoolGetAccess : Runtime<[Out<"enum cudaMemAccessFlags", "flags">, In<"cudaMemPool_t", "memPool">,
    Out<"struct cudaMemLocation", "location">]>, Forwards<"cuMemPoolGetAccess">;
def cudaMemPoolCreate : Runtime<[Out<"cudaMemPool_t", "memPool">,
    Ptr<"const struct cudaMemPoolProps*", "poolProps">]>, Forwards<"cuMemPoolCreate">;
def cudaMemPoolDestroy : Runtime<[In<"cudaMemPool_t", "memPool">]>, Forwards<"cuMemPoolDestroy">;
def cudaMemGetDefaultMemPool : Runtime<[Out<"cudaMemPool_t", "memPool">,
    Out<"struct cudaMemLocation", "location">, In<"enum cudaMemAllocationType", "type">]>,
    Forwards<"cuMemGetDefaultMemPool">, From<13>;
def cudaMemGetMemPool : Runtime<[Out<"cudaMemPool_t", "memPool">, Out<"struct cudaMemLocation", "location">,
    In<"enum cudaMemAllocationType", "type">]>, Forwards<"cuMemGetMemPool">, From<13>;
def cudaMemSetMemPool : Runtime<[Out<"struct cudaMemLocation", "location">,
    In<"enum cudaMemAllocationType", "type">, In<"cudaMemPool_t", "memPool">]>,
    Forwards<"cuMemSetMemPool">, From<13>;
def cudaMemPoolExportToShareableHandle : Runtime<[In<"void*", "shareableHandle">,
    In<"cudaMemPool_t", "memPool">, In<"enum cudaMemAllocationHandleType", "handleType">,
    In<"unsigned int", "flags">]>,
    Forwards<"cuMemPoolExportToShareableHandle">;
def cudaMemPoolImportFromShareableHandle : Runtime<[Out<"cudaMemPool_t", "memPool">,
    In<"void*", "shareableHandle">, In<"enum cudaMemAllocationHandleType", "handleType">,
    In<"unsigned int", "flags">]>,
    Forwards<"cuMemPoolImportFromShareableHandle">;
def cudaMemPoolExportPointer : Runtime<[Out<"struct cudaMemPoolPtrExportData", "exportData">,
    In<"void*", "ptr">]>,
    Forwards<"cuMemPoolExportPointer">;
def cudaMemPoolImportPointer : Runtime<[Out<"void*", "ptr">, In<"cudaMemPool_t", "memPool">,
    Out<"struct cudaMemPoolPtrExportData", "exportData">]>,
    Forwards<"cuMemPoolImportPointer">;
def cudaDeviceGraphMemTrim : Runtime<[In<"int", "device">]>, Forwards<"cuDeviceGraphMemTrim">;
def cudaDeviceGetGraphMemAttribute : Runtime<[In<"int", "device">,
    In<"enum cudaGraphMemAttributeType", "attr">, Out<"void", "value">]>,
    Forwards<"cuDeviceGetGraphMemAttribute">;
def cudaDeviceSetGraphMemAttribute : Runtime<[In<"int", "device">,
    In<"enum cudaGraphMemAttributeType", "attr">, Out<"void", "value">]>,
    Forwards<"cuDeviceSetGraphMemAttribute">;
def cudaMallocAsync : Runtime<[Out<"void*", "devPtr">, In<"size_t", "size">,
    In<"cudaStream_t", "hStream">]>, Ptsz<7000>, Forwards<"cuMemAllocAsync">;
def cudaFreeAsync : Runtime<[In<"void*", "devPtr">, In<"cudaStream_t", "hStream">]>,
    Ptsz<7000>, Forwards<"cuMemFreeAsync">;
def cudaMallocFromPoolAsync : Runtime<[Out<"void*", "ptr">, In<"size_t", "size">,
    In<"cudaMemPool_t", "memPool">, In<"cudaStream_t", "stream">]>,
    Ptsz<7000>, Forwards<"cuMemAllocFromPoolAsync">;
}  // cudart_pool
