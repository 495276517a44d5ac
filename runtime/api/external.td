// Memory and semaphores of other APIs.

def CUDA_EXTERNAL_MEMORY_DEDICATED : Constant<"0x1">;
def CUDA_EXTERNAL_SEMAPHORE_SIGNAL_SKIP_NVSCIBUF_MEMSYNC : Constant<"0x01">;
def CUDA_EXTERNAL_SEMAPHORE_WAIT_SKIP_NVSCIBUF_MEMSYNC : Constant<"0x02">;
def CUDA_NVSCISYNC_ATTR_SIGNAL : Constant<"0x1">;
def CUDA_NVSCISYNC_ATTR_WAIT : Constant<"0x2">;

def CUexternalMemory : HandleType<"CUextMemory_st", "ExternalMemory">;
def CUexternalSemaphore : HandleType<"CUextSemaphore_st", "ExternalSemaphore">;
def CUexternalMemoryHandleType : Enum<"CUexternalMemoryHandleType_enum", [
    V<"CU_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD", 1>, V<"CU_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_WIN32", 2>,
    V<"CU_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_WIN32_KMT", 3>,
    V<"CU_EXTERNAL_MEMORY_HANDLE_TYPE_D3D12_HEAP", 4>, V<"CU_EXTERNAL_MEMORY_HANDLE_TYPE_D3D12_RESOURCE", 5>,
    V<"CU_EXTERNAL_MEMORY_HANDLE_TYPE_D3D11_RESOURCE", 6>,
    V<"CU_EXTERNAL_MEMORY_HANDLE_TYPE_D3D11_RESOURCE_KMT", 7>,
    V<"CU_EXTERNAL_MEMORY_HANDLE_TYPE_NVSCIBUF", 8>, V<"CU_EXTERNAL_MEMORY_HANDLE_TYPE_DMABUF_FD", 9>]>;
def CUDA_EXTERNAL_MEMORY_HANDLE_DESC_v1 : Struct<"CUDA_EXTERNAL_MEMORY_HANDLE_DESC_st", [
    F<"CUexternalMemoryHandleType", "type">, Nested<"union", "handle", [F<"int", "fd">,
    Nested<"struct", "win32", [F<"void*", "handle">, F<"const void*", "name">]>,
    F<"const void*", "nvSciBufObject">]>, F<"unsigned long long", "size">, F<"unsigned int", "flags">,
    F<"unsigned int", "reserved", "[16]">]>;
def CUDA_EXTERNAL_MEMORY_HANDLE_DESC : Typedef<"CUDA_EXTERNAL_MEMORY_HANDLE_DESC_v1">;
def CUDA_EXTERNAL_MEMORY_BUFFER_DESC_v1 : Struct<"CUDA_EXTERNAL_MEMORY_BUFFER_DESC_st", [
    F<"unsigned long long", "offset">, F<"unsigned long long", "size">, F<"unsigned int", "flags">,
    F<"unsigned int", "reserved", "[16]">]>;
def CUDA_EXTERNAL_MEMORY_BUFFER_DESC : Typedef<"CUDA_EXTERNAL_MEMORY_BUFFER_DESC_v1">;
def CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC_v1 : Struct<"CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC_st", [
    F<"unsigned long long", "offset">, F<"CUDA_ARRAY3D_DESCRIPTOR", "arrayDesc">,
    F<"unsigned int", "numLevels">, F<"unsigned int", "reserved", "[16]">]>;
def CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC : Typedef<"CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC_v1">;
def CUexternalSemaphoreHandleType : Enum<"CUexternalSemaphoreHandleType_enum", [
    V<"CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD", 1>,
    V<"CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_WIN32", 2>,
    V<"CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_WIN32_KMT", 3>,
    V<"CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_D3D12_FENCE", 4>,
    V<"CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_D3D11_FENCE", 5>,
    V<"CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_NVSCISYNC", 6>,
    V<"CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_D3D11_KEYED_MUTEX", 7>,
    V<"CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_D3D11_KEYED_MUTEX_KMT", 8>,
    V<"CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_FD", 9>,
    V<"CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_WIN32", 10>]>;
def CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC_v1 : Struct<"CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC_st", [
    F<"CUexternalSemaphoreHandleType", "type">, Nested<"union", "handle", [F<"int", "fd">,
    Nested<"struct", "win32", [F<"void*", "handle">, F<"const void*", "name">]>,
    F<"const void*", "nvSciSyncObj">]>, F<"unsigned int", "flags">, F<"unsigned int", "reserved", "[16]">]>;
def CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC : Typedef<"CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC_v1">;
def CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS_v1 : Struct<"CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS_st", [
    Nested<"struct", "params", [Nested<"struct", "fence", [F<"unsigned long long", "value">]>,
    Nested<"union", "nvSciSync", [F<"void*", "fence">, F<"unsigned long long", "reserved">]>,
    Nested<"struct", "keyedMutex", [F<"unsigned long long", "key">]>, F<"unsigned int", "reserved", "[12]">]>,
    F<"unsigned int", "flags">, F<"unsigned int", "reserved", "[16]">]>;
def CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS : Typedef<"CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS_v1">;
def CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS_v1 : Struct<"CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS_st", [
    Nested<"struct", "params", [Nested<"struct", "fence", [F<"unsigned long long", "value">]>,
    Nested<"union", "nvSciSync", [F<"void*", "fence">, F<"unsigned long long", "reserved">]>,
    Nested<"struct", "keyedMutex", [F<"unsigned long long", "key">, F<"unsigned int", "timeoutMs">]>,
    F<"unsigned int", "reserved", "[10]">]>, F<"unsigned int", "flags">,
    F<"unsigned int", "reserved", "[16]">]>;
def CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS : Typedef<"CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS_v1">;
def CUextent3D_v1 : Struct<"CUextent3D_st", [F<"size_t", "width">, F<"size_t", "height">,
    F<"size_t", "depth">]>;
def CUextent3D : Typedef<"CUextent3D_v1">;

let Noun = "external" in {
def cuImportExternalMemory : Driver<10000, [Out<"CUexternalMemory", "extMem_out">,
    Ptr<"const CUDA_EXTERNAL_MEMORY_HANDLE_DESC*", "memHandleDesc">]>, Done;
def cuExternalMemoryGetMappedBuffer : Driver<10000, [Out<"CUdeviceptr", "devPtr">,
    Handle<"CUexternalMemory", "extMem">, Ptr<"const CUDA_EXTERNAL_MEMORY_BUFFER_DESC*", "bufferDesc">]>, Done;
def cuExternalMemoryGetMappedMipmappedArray : Driver<10000, [Out<"CUmipmappedArray", "mipmap">,
    Handle<"CUexternalMemory", "extMem">,
    Ptr<"const CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC*", "mipmapDesc">]>, Done;
def cuDestroyExternalMemory : Driver<10000, [Handle<"CUexternalMemory", "extMem">]>, Done;
def cuImportExternalSemaphore : Driver<10000, [Out<"CUexternalSemaphore", "extSem_out">,
    Ptr<"const CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC*", "semHandleDesc">]>, Done;
def cuDestroyExternalSemaphore : Driver<10000, [Handle<"CUexternalSemaphore", "extSem">]>, Done;
def cuSignalExternalSemaphoresAsync : Driver<10000, [
    Array<"const CUexternalSemaphore*", "extSemArray", "numExtSems">,
    Array<"const CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS*", "paramsArray", "numExtSems">,
    In<"unsigned int", "numExtSems">, Handle<"CUstream", "stream">]>, Ptsz<10000>, Done;
def cuWaitExternalSemaphoresAsync : Driver<10000, [
    Array<"const CUexternalSemaphore*", "extSemArray", "numExtSems">,
    Array<"const CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS*", "paramsArray", "numExtSems">,
    In<"unsigned int", "numExtSems">, Handle<"CUstream", "stream">]>, Ptsz<10000>, Done;
}  // external
