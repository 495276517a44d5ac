// Allocation, host memory, pointer queries, sharing between processes.

def CU_MEMHOSTALLOC_DEVICEMAP : Constant<"0x02">;
def CU_MEMHOSTALLOC_PORTABLE : Constant<"0x01">;
def CU_MEMHOSTALLOC_WRITECOMBINED : Constant<"0x04">;
def CU_MEMHOSTREGISTER_DEVICEMAP : Constant<"0x02">;
def CU_MEMHOSTREGISTER_IOMEMORY : Constant<"0x04">;
def CU_MEMHOSTREGISTER_PORTABLE : Constant<"0x01">;
def CU_MEMHOSTREGISTER_READ_ONLY : Constant<"0x08">;
def CU_MEM_CREATE_USAGE_HW_DECOMPRESS : Constant<"0x2">;
def CU_MEM_CREATE_USAGE_TILE_POOL : Constant<"0x1">;
def CU_MEM_POOL_CREATE_USAGE_HW_DECOMPRESS : Constant<"0x2">;

def CUmemoryPool : HandleType<"CUmemPoolHandle_st", "MemoryPool">;
def CUmemFabricHandle_v1 : Struct<"CUmemFabricHandle_st", [F<"unsigned char", "data", "[64]">]>;
def CUmemFabricHandle : Typedef<"CUmemFabricHandle_v1">;
def CUmemAttach_flags : Enum<"CUmemAttach_flags_enum", [V<"CU_MEM_ATTACH_GLOBAL", 1>,
    V<"CU_MEM_ATTACH_HOST", 2>, V<"CU_MEM_ATTACH_SINGLE", 4>]>;
def CUpointer_attribute : Enum<"CUpointer_attribute_enum", [V<"CU_POINTER_ATTRIBUTE_CONTEXT", 1>,
    V<"CU_POINTER_ATTRIBUTE_MEMORY_TYPE", 2>, V<"CU_POINTER_ATTRIBUTE_DEVICE_POINTER", 3>,
    V<"CU_POINTER_ATTRIBUTE_HOST_POINTER", 4>, V<"CU_POINTER_ATTRIBUTE_P2P_TOKENS", 5>,
    V<"CU_POINTER_ATTRIBUTE_SYNC_MEMOPS", 6>, V<"CU_POINTER_ATTRIBUTE_BUFFER_ID", 7>,
    V<"CU_POINTER_ATTRIBUTE_IS_MANAGED", 8>, V<"CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL", 9>,
    V<"CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE", 10>, V<"CU_POINTER_ATTRIBUTE_RANGE_START_ADDR", 11>,
    V<"CU_POINTER_ATTRIBUTE_RANGE_SIZE", 12>, V<"CU_POINTER_ATTRIBUTE_MAPPED", 13>,
    V<"CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES", 14>,
    V<"CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE", 15>, V<"CU_POINTER_ATTRIBUTE_ACCESS_FLAGS", 16>,
    V<"CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE", 17>, V<"CU_POINTER_ATTRIBUTE_MAPPING_SIZE", 18>,
    V<"CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR", 19>, V<"CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID", 20>,
    V<"CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE", 21>]>;
def CUmemorytype : Enum<"CUmemorytype_enum", [V<"CU_MEMORYTYPE_HOST", 1>, V<"CU_MEMORYTYPE_DEVICE", 2>,
    V<"CU_MEMORYTYPE_ARRAY", 3>, V<"CU_MEMORYTYPE_UNIFIED", 4>]>;
def CUmem_advise : Enum<"CUmem_advise_enum", [V<"CU_MEM_ADVISE_SET_READ_MOSTLY", 1>,
    V<"CU_MEM_ADVISE_UNSET_READ_MOSTLY", 2>, V<"CU_MEM_ADVISE_SET_PREFERRED_LOCATION", 3>,
    V<"CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION", 4>, V<"CU_MEM_ADVISE_SET_ACCESSED_BY", 5>,
    V<"CU_MEM_ADVISE_UNSET_ACCESSED_BY", 6>]>;
def CUmem_range_attribute : Enum<"CUmem_range_attribute_enum", [V<"CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY", 1>,
    V<"CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION", 2>, V<"CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY", 3>,
    V<"CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION", 4>,
    V<"CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_TYPE", 5>,
    V<"CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_ID", 6>,
    V<"CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_TYPE", 7>,
    V<"CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_ID", 8>]>;
def CUmemGenericAllocationHandle_v1 : Typedef<"unsigned long long">;
def CUmemGenericAllocationHandle : Typedef<"CUmemGenericAllocationHandle_v1">;
def CUmemAllocationHandleType : Enum<"CUmemAllocationHandleType_enum", [V<"CU_MEM_HANDLE_TYPE_NONE", 0>,
    V<"CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR", 1>, V<"CU_MEM_HANDLE_TYPE_WIN32", 2>,
    V<"CU_MEM_HANDLE_TYPE_WIN32_KMT", 4>, V<"CU_MEM_HANDLE_TYPE_FABRIC", 8>,
    V<"CU_MEM_HANDLE_TYPE_MAX", 2147483647>]>;
def CUmemAccess_flags : Enum<"CUmemAccess_flags_enum", [V<"CU_MEM_ACCESS_FLAGS_PROT_NONE", 0>,
    V<"CU_MEM_ACCESS_FLAGS_PROT_READ", 1>, V<"CU_MEM_ACCESS_FLAGS_PROT_READWRITE", 3>,
    V<"CU_MEM_ACCESS_FLAGS_PROT_MAX", 2147483647>]>;
def CUmemLocationType : Enum<"CUmemLocationType_enum", [V<"CU_MEM_LOCATION_TYPE_INVALID", 0>,
    V<"CU_MEM_LOCATION_TYPE_NONE", 0>, V<"CU_MEM_LOCATION_TYPE_DEVICE", 1>, V<"CU_MEM_LOCATION_TYPE_HOST", 2>,
    V<"CU_MEM_LOCATION_TYPE_HOST_NUMA", 3>, V<"CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT", 4>,
    V<"CU_MEM_LOCATION_TYPE_MAX", 2147483647>]>;
def CUmemAllocationType : Enum<"CUmemAllocationType_enum", [V<"CU_MEM_ALLOCATION_TYPE_INVALID", 0>,
    V<"CU_MEM_ALLOCATION_TYPE_PINNED", 1>, V<"CU_MEM_ALLOCATION_TYPE_MANAGED", 2>,
    V<"CU_MEM_ALLOCATION_TYPE_MAX", 2147483647>]>;
def CUmemAllocationGranularity_flags : Enum<"CUmemAllocationGranularity_flags_enum", [
    V<"CU_MEM_ALLOC_GRANULARITY_MINIMUM", 0>, V<"CU_MEM_ALLOC_GRANULARITY_RECOMMENDED", 1>]>;
def CUmemRangeHandleType : Enum<"CUmemRangeHandleType_enum", [V<"CU_MEM_RANGE_HANDLE_TYPE_DMA_BUF_FD", 1>,
    V<"CU_MEM_RANGE_HANDLE_TYPE_MAX", 2147483647>]>;
def CUmemRangeFlags : Enum<"CUmemRangeFlags_enum", [V<"CU_MEM_RANGE_FLAG_DMA_BUF_MAPPING_TYPE_PCIE", 1>]>;
def CUmemLocation_v1 : Struct<"CUmemLocation_st", [F<"CUmemLocationType", "type">, F<"int", "id">]>;
def CUmemLocation : Typedef<"CUmemLocation_v1">;
def CUmemAllocationCompType : Enum<"CUmemAllocationCompType_enum", [V<"CU_MEM_ALLOCATION_COMP_NONE", 0>,
    V<"CU_MEM_ALLOCATION_COMP_GENERIC", 1>]>;
def CUmemAllocationProp_v1 : Struct<"CUmemAllocationProp_st", [F<"CUmemAllocationType", "type">,
    F<"CUmemAllocationHandleType", "requestedHandleTypes">, F<"CUmemLocation", "location">,
    F<"void*", "win32HandleMetaData">, Nested<"struct", "allocFlags", [F<"unsigned char", "compressionType">,
    F<"unsigned char", "gpuDirectRDMACapable">, F<"unsigned short", "usage">,
    F<"unsigned char", "reserved", "[4]">]>]>;
def CUmemAllocationProp : Typedef<"CUmemAllocationProp_v1">;
def CUmemAccessDesc_v1 : Struct<"CUmemAccessDesc_st", [F<"CUmemLocation", "location">,
    F<"CUmemAccess_flags", "flags">]>;
def CUmemAccessDesc : Typedef<"CUmemAccessDesc_v1">;

let Noun = "memory" in {
def cuMemGetInfo_v2 : Driver<3020, [Out<"size_t", "free">, Out<"size_t", "total">]>, Done;
def cuMemAlloc_v2 : Driver<3020, [Out<"CUdeviceptr", "dptr">, In<"size_t", "bytesize">]>, Done;
def cuMemAllocPitch_v2 : Driver<3020, [Out<"CUdeviceptr", "dptr">, Out<"size_t", "pPitch">,
    In<"size_t", "WidthInBytes">, In<"size_t", "Height">, In<"unsigned int", "ElementSizeBytes">]>, Done;
def cuMemFree_v2 : Driver<3020, [In<"CUdeviceptr", "dptr">]>, Done;
def cuMemGetAddressRange_v2 : Driver<3020, [Opt<"CUdeviceptr*", "pbase">, Opt<"size_t*", "psize">,
    In<"CUdeviceptr", "dptr">]>, Done;
def cuMemAllocHost_v2 : Driver<3020, [Out<"void*", "pp">, In<"size_t", "bytesize">]>, Done;
def cuMemFreeHost : Driver<2000, [In<"void*", "p">]>, Done;
def cuMemHostAlloc : Driver<2020, [Out<"void*", "pp">, In<"size_t", "bytesize">,
    In<"unsigned int", "Flags">]>, Done;
def cuMemHostGetDevicePointer_v2 : Driver<3020, [Out<"CUdeviceptr", "pdptr">, In<"void*", "p">,
    In<"unsigned int", "Flags">]>, Done;
def cuMemHostGetFlags : Driver<2030, [Out<"unsigned int", "pFlags">, In<"void*", "p">]>, Done;
def cuMemHostRegister_v2 : Driver<6050, [In<"void*", "p">, In<"size_t", "bytesize">,
    In<"unsigned int", "Flags">]>, Done;
def cuMemHostUnregister : Driver<4000, [In<"void*", "p">]>, Done;
def cuPointerGetAttribute : Driver<4000, [Out<"void", "data">, In<"CUpointer_attribute", "attribute">,
    In<"CUdeviceptr", "ptr">]>, NoContext, Done;
def cuPointerSetAttribute : Driver<6000, [In<"const void*", "value">, In<"CUpointer_attribute", "attribute">,
    In<"CUdeviceptr", "ptr">]>, Done;
def cuPointerGetAttributes : Driver<7000, [In<"unsigned int", "numAttributes">,
    Array<"CUpointer_attribute*", "attributes", "numAttributes">, Array<"void**", "data", "numAttributes">,
    In<"CUdeviceptr", "ptr">]>, NoContext, Done;
def cuMemHostRegister : Driver<4000, [In<"void*", "p">, In<"size_t", "bytesize">,
    In<"unsigned int", "Flags">]>, Done;
def cuMemGetInfo : Driver<2000, [Out<"unsigned int", "free">, Out<"unsigned int", "total">]>, Narrow;
def cuMemAlloc : Driver<2000, [Out<"CUdeviceptr_v1", "dptr">, In<"unsigned int", "bytesize">]>, Narrow;
def cuMemAllocPitch : Driver<2000, [Out<"CUdeviceptr_v1", "dptr">, Out<"unsigned int", "pPitch">,
    In<"unsigned int", "WidthInBytes">, In<"unsigned int", "Height">,
    In<"unsigned int", "ElementSizeBytes">]>, Narrow;
def cuMemFree : Driver<2000, [In<"CUdeviceptr_v1", "dptr">]>, Narrow;
def cuMemGetAddressRange : Driver<2000, [Opt<"CUdeviceptr_v1*", "pbase">, Opt<"unsigned int*", "psize">,
    In<"CUdeviceptr_v1", "dptr">]>, Narrow;
def cuMemAllocHost : Driver<2000, [Out<"void*", "pp">, In<"unsigned int", "bytesize">]>, Narrow;
def cuMemHostGetDevicePointer : Driver<2020, [Out<"CUdeviceptr_v1", "pdptr">, In<"void*", "p">,
    In<"unsigned int", "Flags">]>, Narrow;
}  // memory
