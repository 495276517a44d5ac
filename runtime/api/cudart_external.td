// Runtime: memory and semaphores of other APIs.

def cudaExternalMemoryDedicated : Constant<"0x1">;
def cudaExternalSemaphoreSignalSkipNvSciBufMemSync : Constant<"0x01">;
def cudaExternalSemaphoreWaitSkipNvSciBufMemSync : Constant<"0x02">;
def cudaNvSciSyncAttrSignal : Constant<"0x1">;
def cudaNvSciSyncAttrWait : Constant<"0x2">;

def cudaExternalMemory_t : Typedef<"struct CUexternalMemory_st*">;
def cudaExternalSemaphore_t : Typedef<"struct CUexternalSemaphore_st*">;
def cudaExternalMemoryHandleType : Enum<"cudaExternalMemoryHandleType", [
    V<"cudaExternalMemoryHandleTypeOpaqueFd", 1>, V<"cudaExternalMemoryHandleTypeOpaqueWin32", 2>,
    V<"cudaExternalMemoryHandleTypeOpaqueWin32Kmt", 3>, V<"cudaExternalMemoryHandleTypeD3D12Heap", 4>,
    V<"cudaExternalMemoryHandleTypeD3D12Resource", 5>, V<"cudaExternalMemoryHandleTypeD3D11Resource", 6>,
    V<"cudaExternalMemoryHandleTypeD3D11ResourceKmt", 7>, V<"cudaExternalMemoryHandleTypeNvSciBuf", 8>]>;
def cudaExternalMemoryHandleDesc : Struct<"cudaExternalMemoryHandleDesc", [
    F<"enum cudaExternalMemoryHandleType", "type">, Nested<"union", "handle", [F<"int", "fd">,
    Nested<"struct", "win32", [F<"void*", "handle">, F<"const void*", "name">]>,
    F<"const void*", "nvSciBufObject">]>, F<"unsigned long long", "size">, F<"unsigned int", "flags">,
    F<"unsigned int", "reserved", "[16]">]>;
def cudaExternalMemoryBufferDesc : Struct<"cudaExternalMemoryBufferDesc", [F<"unsigned long long", "offset">,
    F<"unsigned long long", "size">, F<"unsigned int", "flags">, F<"unsigned int", "reserved", "[16]">]>;
def cudaExternalMemoryMipmappedArrayDesc : Struct<"cudaExternalMemoryMipmappedArrayDesc", [
    F<"unsigned long long", "offset">, F<"struct cudaChannelFormatDesc", "formatDesc">,
    F<"struct cudaExtent", "extent">, F<"unsigned int", "flags">, F<"unsigned int", "numLevels">,
    F<"unsigned int", "reserved", "[16]">]>;
def cudaExternalSemaphoreHandleType : Enum<"cudaExternalSemaphoreHandleType", [
    V<"cudaExternalSemaphoreHandleTypeOpaqueFd", 1>, V<"cudaExternalSemaphoreHandleTypeOpaqueWin32", 2>,
    V<"cudaExternalSemaphoreHandleTypeOpaqueWin32Kmt", 3>, V<"cudaExternalSemaphoreHandleTypeD3D12Fence", 4>,
    V<"cudaExternalSemaphoreHandleTypeD3D11Fence", 5>, V<"cudaExternalSemaphoreHandleTypeNvSciSync", 6>,
    V<"cudaExternalSemaphoreHandleTypeKeyedMutex", 7>, V<"cudaExternalSemaphoreHandleTypeKeyedMutexKmt", 8>,
    V<"cudaExternalSemaphoreHandleTypeTimelineSemaphoreFd", 9>,
    V<"cudaExternalSemaphoreHandleTypeTimelineSemaphoreWin32", 10>]>;
def cudaExternalSemaphoreHandleDesc : Struct<"cudaExternalSemaphoreHandleDesc", [
    F<"enum cudaExternalSemaphoreHandleType", "type">, Nested<"union", "handle", [F<"int", "fd">,
    Nested<"struct", "win32", [F<"void*", "handle">, F<"const void*", "name">]>,
    F<"const void*", "nvSciSyncObj">]>, F<"unsigned int", "flags">, F<"unsigned int", "reserved", "[16]">]>;
def cudaExternalSemaphoreSignalParams : Struct<"cudaExternalSemaphoreSignalParams", [
    Nested<"struct", "params", [Nested<"struct", "fence", [F<"unsigned long long", "value">]>,
    Nested<"union", "nvSciSync", [F<"void*", "fence">, F<"unsigned long long", "reserved">]>,
    Nested<"struct", "keyedMutex", [F<"unsigned long long", "key">]>, F<"unsigned int", "reserved", "[12]">]>,
    F<"unsigned int", "flags">, F<"unsigned int", "reserved", "[16]">]>;
def cudaExternalSemaphoreWaitParams : Struct<"cudaExternalSemaphoreWaitParams", [
    Nested<"struct", "params", [Nested<"struct", "fence", [F<"unsigned long long", "value">]>,
    Nested<"union", "nvSciSync", [F<"void*", "fence">, F<"unsigned long long", "reserved">]>,
    Nested<"struct", "keyedMutex", [F<"unsigned long long", "key">, F<"unsigned int", "timeoutMs">]>,
    F<"unsigned int", "reserved", "[10]">]>, F<"unsigned int", "flags">,
    F<"unsigned int", "reserved", "[16]">]>;

let Noun = "cudart_external" in {
def cudaImportExternalMemory : Runtime<[Out<"cudaExternalMemory_t", "extMem_out">,
    Ptr<"const struct cudaExternalMemoryHandleDesc*", "memHandleDesc">]>,
    Forwards<"cuImportExternalMemory">;
def cudaExternalMemoryGetMappedBuffer : Runtime<[Out<"void*", "devPtr">, In<"cudaExternalMemory_t", "extMem">,
    Ptr<"const struct cudaExternalMemoryBufferDesc*", "bufferDesc">]>,
    Forwards<"cuExternalMemoryGetMappedBuffer">;
def cudaExternalMemoryGetMappedMipmappedArray : Runtime<[Out<"cudaMipmappedArray_t", "mipmap">,
    In<"cudaExternalMemory_t", "extMem">,
    Ptr<"const struct cudaExternalMemoryMipmappedArrayDesc*", "mipmapDesc">]>, Done;
def cudaDestroyExternalMemory : Runtime<[In<"cudaExternalMemory_t", "extMem">]>,
    Forwards<"cuDestroyExternalMemory">;
def cudaImportExternalSemaphore : Runtime<[Out<"cudaExternalSemaphore_t", "extSem_out">,
    Ptr<"const struct cudaExternalSemaphoreHandleDesc*", "semHandleDesc">]>,
    Forwards<"cuImportExternalSemaphore">;
def cudaDestroyExternalSemaphore : Runtime<[In<"cudaExternalSemaphore_t", "extSem">]>,
    Forwards<"cuDestroyExternalSemaphore">;
def cudaSignalExternalSemaphoresAsync : Runtime<[
    Array<"const cudaExternalSemaphore_t*", "extSemArray", "numExtSems">,
    Array<"const struct cudaExternalSemaphoreSignalParams*", "paramsArray", "numExtSems">,
    In<"unsigned int", "numExtSems">, In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>,
    Named<"cudaSignalExternalSemaphoresAsync_v2", "cudaSignalExternalSemaphoresAsync_v2", "cudaSignalExternalSemaphoresAsync">,
    Forwards<"cuSignalExternalSemaphoresAsync">;
def cudaWaitExternalSemaphoresAsync : Runtime<[
    Array<"const cudaExternalSemaphore_t*", "extSemArray", "numExtSems">,
    Array<"const struct cudaExternalSemaphoreWaitParams*", "paramsArray", "numExtSems">,
    In<"unsigned int", "numExtSems">, In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>,
    Named<"cudaWaitExternalSemaphoresAsync_v2", "cudaWaitExternalSemaphoresAsync_v2", "cudaWaitExternalSemaphoresAsync">,
    Forwards<"cuWaitExternalSemaphoresAsync">;
}  // cudart_external
