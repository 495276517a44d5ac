// Runtime: allocation, host memory, managed memory, sharing between processes.

def CUDA_IPC_HANDLE_SIZE : Constant<"64">;
def cudaHostAllocDefault : Constant<"0x00">;
def cudaHostAllocMapped : Constant<"0x02">;
def cudaHostAllocPortable : Constant<"0x01">;
def cudaHostAllocWriteCombined : Constant<"0x04">;
def cudaHostRegisterDefault : Constant<"0x00">;
def cudaHostRegisterIoMemory : Constant<"0x04">;
def cudaHostRegisterMapped : Constant<"0x02">;
def cudaHostRegisterPortable : Constant<"0x01">;
def cudaHostRegisterReadOnly : Constant<"0x08">;
def cudaIpcMemLazyEnablePeerAccess : Constant<"0x01">;
def cudaMemAttachGlobal : Constant<"0x01">;
def cudaMemAttachHost : Constant<"0x02">;
def cudaMemAttachSingle : Constant<"0x04">;
def cudaMemPoolCreateUsageHwDecompress : Constant<"0x2">;
def cudaPeerAccessDefault : Constant<"0x00">;

def cudaIpcEventHandle_t : Struct<"cudaIpcEventHandle_st", [F<"char", "reserved", "[64]">]>;
def cudaIpcMemHandle_t : Struct<"cudaIpcMemHandle_st", [F<"char", "reserved", "[64]">]>;
def cudaMemFabricHandle_t : Struct<"cudaMemFabricHandle_st", [F<"char", "reserved", "[64]">]>;
def cudaMemoryType : Enum<"cudaMemoryType", [V<"cudaMemoryTypeUnregistered", 0>, V<"cudaMemoryTypeHost", 1>,
    V<"cudaMemoryTypeDevice", 2>, V<"cudaMemoryTypeManaged", 3>]>;
def cudaMemsetParams : Struct<"cudaMemsetParams", [F<"void*", "dst">, F<"size_t", "pitch">,
    F<"unsigned int", "value">, F<"unsigned int", "elementSize">, F<"size_t", "width">,
    F<"size_t", "height">]>;
def cudaMemsetParamsV2 : Struct<"cudaMemsetParamsV2", [F<"void*", "dst">, F<"size_t", "pitch">,
    F<"unsigned int", "value">, F<"unsigned int", "elementSize">, F<"size_t", "width">,
    F<"size_t", "height">]>;
def cudaPointerAttributes : Struct<"cudaPointerAttributes", [F<"enum cudaMemoryType", "type">,
    F<"int", "device">, F<"void*", "devicePointer">, F<"void*", "hostPointer">,
    F<"long", "reserved", "[8]">]>;
def cudaMemoryAdvise : Enum<"cudaMemoryAdvise", [V<"cudaMemAdviseSetReadMostly", 1>,
    V<"cudaMemAdviseUnsetReadMostly", 2>, V<"cudaMemAdviseSetPreferredLocation", 3>,
    V<"cudaMemAdviseUnsetPreferredLocation", 4>, V<"cudaMemAdviseSetAccessedBy", 5>,
    V<"cudaMemAdviseUnsetAccessedBy", 6>]>;
def cudaMemRangeAttribute : Enum<"cudaMemRangeAttribute", [V<"cudaMemRangeAttributeReadMostly", 1>,
    V<"cudaMemRangeAttributePreferredLocation", 2>, V<"cudaMemRangeAttributeAccessedBy", 3>,
    V<"cudaMemRangeAttributeLastPrefetchLocation", 4>, V<"cudaMemRangeAttributePreferredLocationType", 5>,
    V<"cudaMemRangeAttributePreferredLocationId", 6>, V<"cudaMemRangeAttributeLastPrefetchLocationType", 7>,
    V<"cudaMemRangeAttributeLastPrefetchLocationId", 8>]>;

let Noun = "cudart_memory" in {
def cudaIpcGetEventHandle : Runtime<[Out<"cudaIpcEventHandle_t", "handle">, In<"cudaEvent_t", "event">]>,
    Forwards<"cuIpcGetEventHandle">;
def cudaIpcOpenEventHandle : Runtime<[Out<"cudaEvent_t", "event">, In<"cudaIpcEventHandle_t", "handle">]>,
    Forwards<"cuIpcOpenEventHandle">;
def cudaIpcGetMemHandle : Runtime<[Out<"cudaIpcMemHandle_t", "handle">, In<"void*", "devPtr">]>,
    Forwards<"cuIpcGetMemHandle">;
def cudaIpcOpenMemHandle : Runtime<[Out<"void*", "devPtr">, In<"cudaIpcMemHandle_t", "handle">,
    In<"unsigned int", "flags">]>, Forwards<"cuIpcOpenMemHandle_v2">;
def cudaIpcCloseMemHandle : Runtime<[In<"void*", "devPtr">]>, Forwards<"cuIpcCloseMemHandle">;
def cudaMallocManaged : Runtime<[Out<"void*", "devPtr">, In<"size_t", "size">,
    In<"unsigned int", "flags", "1">]>, Done;
def cudaMalloc : Runtime<[Out<"void*", "devPtr">, In<"size_t", "size">]>, Done;
def cudaMallocHost : Runtime<[Out<"void*", "ptr">, In<"size_t", "size">]>, Forwards<"cuMemAllocHost_v2">;
def cudaMallocPitch : Runtime<[Out<"void*", "devPtr">, Out<"size_t", "pitch">, In<"size_t", "width">,
    In<"size_t", "height">]>, Done;
def cudaFree : Runtime<[In<"void*", "devPtr">]>, Done;
def cudaFreeHost : Runtime<[In<"void*", "ptr">]>, Forwards<"cuMemFreeHost">;
def cudaHostAlloc : Runtime<[Out<"void*", "pHost">, In<"size_t", "size">, In<"unsigned int", "flags">]>,
    Forwards<"cuMemHostAlloc">;
def cudaHostRegister : Runtime<[In<"void*", "ptr">, In<"size_t", "size">, In<"unsigned int", "flags">]>,
    Forwards<"cuMemHostRegister_v2">;
def cudaHostUnregister : Runtime<[In<"void*", "ptr">]>, Forwards<"cuMemHostUnregister">;
def cudaHostGetDevicePointer : Runtime<[Out<"void*", "pDevice">, In<"void*", "pHost">,
    In<"unsigned int", "flags">]>, Forwards<"cuMemHostGetDevicePointer_v2">;
def cudaHostGetFlags : Runtime<[Out<"unsigned int", "pFlags">, In<"void*", "pHost">]>,
    Forwards<"cuMemHostGetFlags">;
def cudaMalloc3D : Runtime<[Out<"struct cudaPitchedPtr", "pitchedDevPtr">,
    In<"struct cudaExtent", "extent">]>, Done;
def cudaMemGetInfo : Runtime<[Out<"size_t", "free">, Out<"size_t", "total">]>, Forwards<"cuMemGetInfo_v2">;
def cudaMemAdvise : Runtime<[In<"const void*", "devPtr">, In<"size_t", "count">,
    In<"enum cudaMemoryAdvise", "advice">, In<"struct cudaMemLocation", "location">]>,
    Forwards<"cuMemAdvise_v2">,
    Named<"", "cudaMemAdvise_v2", "cudaMemAdvise">;
def cudaMemRangeGetAttribute : Runtime<[Out<"void", "data">, In<"size_t", "dataSize">,
    In<"enum cudaMemRangeAttribute", "attribute">, In<"const void*", "devPtr">, In<"size_t", "count">]>,
    Forwards<"cuMemRangeGetAttribute">;
def cudaMemRangeGetAttributes : Runtime<[Out<"void*", "data">, Out<"size_t", "dataSizes">,
    Out<"enum cudaMemRangeAttribute", "attributes">, In<"size_t", "numAttributes">,
    In<"const void*", "devPtr">, In<"size_t", "count">]>, Forwards<"cuMemRangeGetAttributes">;
def cudaPointerGetAttributes : Runtime<[Out<"struct cudaPointerAttributes", "attributes">,
    In<"const void*", "ptr">]>, Done;
def cudaMemPrefetchAsync : Runtime<[In<"const void*", "devPtr">, In<"size_t", "count">,
    In<"struct cudaMemLocation", "location">, In<"unsigned int", "flags">,
    In<"cudaStream_t", "stream">]>, Ptsz<7000>, Forwards<"cuMemPrefetchAsync_v2">,
    Named<"", "cudaMemPrefetchAsync_v2", "cudaMemPrefetchAsync">;
def cudaMemPrefetchBatchAsync : Runtime<[Out<"void*", "dptrs">, Out<"size_t", "sizes">, In<"size_t", "count">,
    Out<"struct cudaMemLocation", "prefetchLocs">, Out<"size_t", "prefetchLocIdxs">,
    In<"size_t", "numPrefetchLocs">, In<"unsigned long long", "flags">,
    In<"cudaStream_t", "stream">]>, Ptsz<7000>, From<13>,
    Forwards<"cuMemPrefetchBatchAsync">;
def cudaMemDiscardBatchAsync : Runtime<[Out<"void*", "dptrs">, Out<"size_t", "sizes">, In<"size_t", "count">,
    In<"unsigned long long", "flags">, In<"cudaStream_t", "stream">]>, Ptsz<7000>, From<13>,
    Forwards<"cuMemDiscardBatchAsync">;
def cudaMemDiscardAndPrefetchBatchAsync : Runtime<[Out<"void*", "dptrs">, Out<"size_t", "sizes">,
    In<"size_t", "count">, Out<"struct cudaMemLocation", "prefetchLocs">, Out<"size_t", "prefetchLocIdxs">,
    In<"size_t", "numPrefetchLocs">, In<"unsigned long long", "flags">,
    In<"cudaStream_t", "stream">]>, Ptsz<7000>, From<13>,
    Forwards<"cuMemDiscardAndPrefetchBatchAsync">;
}  // cudart_memory
