// Virtual memory: reserve, create, map; multicast.

def CUmulticastGranularity_flags : Enum<"CUmulticastGranularity_flags_enum", [
    V<"CU_MULTICAST_GRANULARITY_MINIMUM", 0>, V<"CU_MULTICAST_GRANULARITY_RECOMMENDED", 1>]>;
def CUmulticastObjectProp_v1 : Struct<"CUmulticastObjectProp_st", [F<"unsigned int", "numDevices">,
    F<"size_t", "size">, F<"unsigned long long", "handleTypes">, F<"unsigned long long", "flags">]>;
def CUmulticastObjectProp : Typedef<"CUmulticastObjectProp_v1">;

// What a device answers whose CU_DEVICE_ATTRIBUTE_MULTICAST_SUPPORTED is 0, as that of all is here.
class NoMulticast : Refuses<"CUDA_ERROR_NOT_SUPPORTED", "multimem instructions reach the memory of one device">;

let Noun = "vmm" in {
def cuMemGetHandleForAddressRange : Driver<11070, [In<"void*", "handle">, In<"CUdeviceptr", "dptr">,
    In<"size_t", "size">, In<"CUmemRangeHandleType", "handleType">, In<"unsigned long long", "flags">]>, Done;
def cuMemAddressReserve : Driver<10020, [Out<"CUdeviceptr", "ptr">, In<"size_t", "size">,
    In<"size_t", "alignment">, In<"CUdeviceptr", "addr">, In<"unsigned long long", "flags">]>, NoContext, Done;
def cuMemAddressFree : Driver<10020, [In<"CUdeviceptr", "ptr">, In<"size_t", "size">]>, NoContext, Done;
def cuMemCreate : Driver<10020, [Out<"CUmemGenericAllocationHandle", "handle">, In<"size_t", "size">,
    Ptr<"const CUmemAllocationProp*", "prop">, In<"unsigned long long", "flags">]>, NoContext, Done;
def cuMemRelease : Driver<10020, [In<"CUmemGenericAllocationHandle", "handle">]>, NoContext, Done;
def cuMemMap : Driver<10020, [In<"CUdeviceptr", "ptr">, In<"size_t", "size">, In<"size_t", "offset">,
    In<"CUmemGenericAllocationHandle", "handle">, In<"unsigned long long", "flags">]>, NoContext, Done;
def cuMemUnmap : Driver<10020, [In<"CUdeviceptr", "ptr">, In<"size_t", "size">]>, NoContext, Done;
def cuMemSetAccess : Driver<10020, [In<"CUdeviceptr", "ptr">, In<"size_t", "size">,
    Array<"const CUmemAccessDesc*", "desc", "count">, In<"size_t", "count">]>, NoContext, Done;
def cuMemGetAccess : Driver<10020, [Out<"unsigned long long", "flags">,
    Ptr<"const CUmemLocation*", "location">, In<"CUdeviceptr", "ptr">]>, NoContext, Done;
def cuMemExportToShareableHandle : Driver<10020, [In<"void*", "shareableHandle">,
    In<"CUmemGenericAllocationHandle", "handle">, In<"CUmemAllocationHandleType", "handleType">,
    In<"unsigned long long", "flags">]>, NoContext, Done;
def cuMemImportFromShareableHandle : Driver<10020, [Out<"CUmemGenericAllocationHandle", "handle">,
    In<"void*", "osHandle">, In<"CUmemAllocationHandleType", "shHandleType">]>, NoContext, Done;
def cuMemGetAllocationGranularity : Driver<10020, [Out<"size_t", "granularity">,
    Ptr<"const CUmemAllocationProp*", "prop">, In<"CUmemAllocationGranularity_flags", "option">]>, NoContext, Done;
def cuMemGetAllocationPropertiesFromHandle : Driver<10020, [Out<"CUmemAllocationProp", "prop">,
    In<"CUmemGenericAllocationHandle", "handle">]>, NoContext, Done;
def cuMemRetainAllocationHandle : Driver<11000, [Out<"CUmemGenericAllocationHandle", "handle">,
    In<"void*", "addr">]>, NoContext, Done;
def cuMulticastCreate : Driver<12010, [Out<"CUmemGenericAllocationHandle", "mcHandle">,
    Ptr<"const CUmulticastObjectProp*", "prop">]>, NoContext, NoMulticast;
def cuMulticastAddDevice : Driver<12010, [In<"CUmemGenericAllocationHandle", "mcHandle">,
    Handle<"CUdevice", "dev">]>, NoContext, NoMulticast;
def cuMulticastBindMem : Driver<12010, [In<"CUmemGenericAllocationHandle", "mcHandle">,
    In<"size_t", "mcOffset">, In<"CUmemGenericAllocationHandle", "memHandle">, In<"size_t", "memOffset">,
    In<"size_t", "size">, In<"unsigned long long", "flags">]>, NoContext, NoMulticast;
def cuMulticastBindAddr : Driver<12010, [In<"CUmemGenericAllocationHandle", "mcHandle">,
    In<"size_t", "mcOffset">, In<"CUdeviceptr", "memptr">, In<"size_t", "size">,
    In<"unsigned long long", "flags">]>, NoContext, NoMulticast;
def cuMulticastUnbind : Driver<12010, [In<"CUmemGenericAllocationHandle", "mcHandle">,
    Handle<"CUdevice", "dev">, In<"size_t", "mcOffset">, In<"size_t", "size">]>, NoContext, NoMulticast;
def cuMulticastGetGranularity : Driver<12010, [Out<"size_t", "granularity">,
    Ptr<"const CUmulticastObjectProp*", "prop">, In<"CUmulticastGranularity_flags", "option">]>, NoContext, NoMulticast;
}  // vmm
