// Memory pools and stream-ordered allocation.

def CUmemPool_attribute : Enum<"CUmemPool_attribute_enum", [
    V<"CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES", 1>,
    V<"CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC", 2>,
    V<"CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES", 3>, V<"CU_MEMPOOL_ATTR_RELEASE_THRESHOLD", 4>,
    V<"CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT", 5>, V<"CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH", 6>,
    V<"CU_MEMPOOL_ATTR_USED_MEM_CURRENT", 7>, V<"CU_MEMPOOL_ATTR_USED_MEM_HIGH", 8>]>;
def CUmemPoolProps_v1 : Struct<"CUmemPoolProps_st", [F<"CUmemAllocationType", "allocType">,
    F<"CUmemAllocationHandleType", "handleTypes">, F<"CUmemLocation", "location">,
    F<"void*", "win32SecurityAttributes">, F<"size_t", "maxSize">, F<"unsigned short", "usage">,
    F<"unsigned char", "reserved", "[54]">]>;
def CUmemPoolProps : Typedef<"CUmemPoolProps_v1">;
def CUmemPoolPtrExportData_v1 : Struct<"CUmemPoolPtrExportData_st", [F<"unsigned char", "reserved", "[64]">]>;
def CUmemPoolPtrExportData : Typedef<"CUmemPoolPtrExportData_v1">;

let Noun = "pool" in {
def cuDeviceSetMemPool : Driver<11020, [Handle<"CUdevice", "dev">,
    Handle<"CUmemoryPool", "pool">]>, NoContext, Done;
def cuDeviceGetMemPool : Driver<11020, [Out<"CUmemoryPool", "pool">, Handle<"CUdevice", "dev">]>, NoContext,
    Done;
def cuDeviceGetDefaultMemPool : Driver<11020, [Out<"CUmemoryPool", "pool_out">,
    Handle<"CUdevice", "dev">]>, NoContext, Done;
def cuMemPoolTrimTo : Driver<11020, [Handle<"CUmemoryPool", "pool">,
    In<"size_t", "minBytesToKeep">]>, NoContext, Done;
def cuMemPoolSetAttribute : Driver<11020, [Handle<"CUmemoryPool", "pool">, In<"CUmemPool_attribute", "attr">,
    Out<"void", "value">]>, NoContext, Done;
def cuMemPoolGetAttribute : Driver<11020, [Handle<"CUmemoryPool", "pool">, In<"CUmemPool_attribute", "attr">,
    Out<"void", "value">]>, NoContext, Done;
def cuMemPoolSetAccess : Driver<11020, [Handle<"CUmemoryPool", "pool">,
    Array<"const CUmemAccessDesc*", "map", "count">, In<"size_t", "count">]>, NoContext, Done;
def cuMemPoolGetAccess : Driver<11020, [Out<"CUmemAccess_flags", "flags">, Handle<"CUmemoryPool", "memPool">,
    Out<"CUmemLocation", "location">]>, NoContext, Done;
def cuMemPoolCreate : Driver<11020, [Out<"CUmemoryPool", "pool">,
    Ptr<"const CUmemPoolProps*", "poolProps">]>, NoContext, Done;
def cuMemPoolDestroy : Driver<11020, [Handle<"CUmemoryPool", "pool">]>, NoContext, Done;
def cuMemGetDefaultMemPool : Driver<13000, [Out<"CUmemoryPool", "pool_out">, Out<"CUmemLocation", "location">,
    In<"CUmemAllocationType", "type">]>, NoContext, Done;
def cuMemGetMemPool : Driver<13000, [Out<"CUmemoryPool", "pool">, Out<"CUmemLocation", "location">,
    In<"CUmemAllocationType", "type">]>, NoContext, Done;
def cuMemSetMemPool : Driver<13000, [Out<"CUmemLocation", "location">, In<"CUmemAllocationType", "type">,
    Handle<"CUmemoryPool", "pool">]>, NoContext, Done;
def cuMemPoolExportToShareableHandle : Driver<11020, [In<"void*", "handle_out">,
    Handle<"CUmemoryPool", "pool">, In<"CUmemAllocationHandleType", "handleType">,
    In<"unsigned long long", "flags">]>, NoContext, Done;
def cuMemPoolImportFromShareableHandle : Driver<11020, [Out<"CUmemoryPool", "pool_out">,
    In<"void*", "handle">, In<"CUmemAllocationHandleType", "handleType">,
    In<"unsigned long long", "flags">]>, NoContext, Done;
def cuMemPoolExportPointer : Driver<11020, [Out<"CUmemPoolPtrExportData", "shareData_out">,
    In<"CUdeviceptr", "ptr">]>, NoContext, Done;
def cuMemPoolImportPointer : Driver<11020, [Out<"CUdeviceptr", "ptr_out">, Handle<"CUmemoryPool", "pool">,
    Out<"CUmemPoolPtrExportData", "shareData">]>, NoContext, Done;
def cuDeviceGraphMemTrim : Driver<11040, [Handle<"CUdevice", "device">]>, NoContext, Done;
def cuDeviceGetGraphMemAttribute : Driver<11040, [Handle<"CUdevice", "device">,
    In<"CUgraphMem_attribute", "attr">, Out<"void", "value">]>, NoContext, Done;
def cuDeviceSetGraphMemAttribute : Driver<11040, [Handle<"CUdevice", "device">,
    In<"CUgraphMem_attribute", "attr">, Out<"void", "value">]>, NoContext, Done;
def cuMemFreeAsync : Driver<11020, [In<"CUdeviceptr", "dptr">, Handle<"CUstream", "hStream">]>, Ptsz<11020>,
    Done;
def cuMemAllocAsync : Driver<11020, [Out<"CUdeviceptr", "dptr">, In<"size_t", "bytesize">,
    Handle<"CUstream", "hStream">]>, Ptsz<11020>, Done;
def cuMemAllocFromPoolAsync : Driver<11020, [Out<"CUdeviceptr", "dptr">, In<"size_t", "bytesize">,
    Handle<"CUmemoryPool", "pool">, Handle<"CUstream", "hStream">]>, Ptsz<11020>, Done;
}  // pool
