// Green contexts: parts of a device.

def CUdevResourceDesc : HandleType<"CUdevResourceDesc_st", "DeviceResourceDesc",
    "CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION">;
def CUdevResourceType : Enum<"", [V<"CU_DEV_RESOURCE_TYPE_INVALID", 0>, V<"CU_DEV_RESOURCE_TYPE_SM", 1>,
    V<"CU_DEV_RESOURCE_TYPE_MAX", 2>]>;
def CUdevSmResource : Struct<"CUdevSmResource_st", [F<"unsigned int", "smCount">,
    F<"unsigned int", "minSmPartitionSize">, F<"unsigned int", "smCoscheduledAlignment">]>;
def CUdevResource_v1 : Struct<"CUdevResource_st", [F<"CUdevResourceType", "type">,
    F<"unsigned char", "_internal_padding", "[92]">, Nested<"union", "", [F<"CUdevSmResource", "sm">,
    F<"unsigned char", "_oversize", "[48]">]>]>;
def CUdevResource : Typedef<"CUdevResource_v1">;

let Noun = "green_context" in {
def cuGreenCtxCreate : Driver<12040, [Out<"CUgreenCtx", "phCtx">, Handle<"CUdevResourceDesc", "desc">,
    Handle<"CUdevice", "dev">, In<"unsigned int", "flags">]>, NoContext, Done;
def cuGreenCtxDestroy : Driver<12040, [Handle<"CUgreenCtx", "hCtx">]>, NoContext, Done;
def cuCtxFromGreenCtx : Driver<12040, [Out<"CUcontext", "pContext">,
    Handle<"CUgreenCtx", "hCtx">]>, NoContext, Done;
def cuDeviceGetDevResource : Driver<12040, [Handle<"CUdevice", "device">, Out<"CUdevResource", "resource">,
    In<"CUdevResourceType", "type">]>, NoContext, Done;
def cuCtxGetDevResource : Driver<12040, [In<"CUcontext", "hCtx">, Out<"CUdevResource", "resource">,
    In<"CUdevResourceType", "type">]>, NoContext, Done;
def cuGreenCtxGetDevResource : Driver<12040, [Handle<"CUgreenCtx", "hCtx">, Out<"CUdevResource", "resource">,
    In<"CUdevResourceType", "type">]>, NoContext, Done;
def cuDevSmResourceSplitByCount : Driver<12040, [Opt<"CUdevResource*", "result">,
    InOut<"unsigned int", "nbGroups">, Ptr<"const CUdevResource*", "input">,
    Opt<"CUdevResource*", "remaining">, In<"unsigned int", "useFlags">,
    In<"unsigned int", "minCount">]>, NoContext, Done;
def cuDevResourceGenerateDesc : Driver<12040, [Out<"CUdevResourceDesc", "phDesc">,
    Array<"CUdevResource*", "resources", "nbResources">, In<"unsigned int", "nbResources">]>, NoContext, Done;
def cuGreenCtxRecordEvent : Driver<12040, [Handle<"CUgreenCtx", "hCtx">,
    Handle<"CUevent", "hEvent">]>, NoContext, Done;
def cuGreenCtxWaitEvent : Driver<12040, [Handle<"CUgreenCtx", "hCtx">,
    Handle<"CUevent", "hEvent">]>, NoContext, Done;
def cuStreamGetGreenCtx : Driver<12040, [Handle<"CUstream", "hStream">, Out<"CUgreenCtx", "phCtx">]>, Done;
def cuGreenCtxStreamCreate : Driver<12050, [Out<"CUstream", "phStream">, Handle<"CUgreenCtx", "greenCtx">,
    In<"unsigned int", "flags">, In<"int", "priority">]>, NoContext, Done;
def cuGreenCtxGetId : Driver<12090, [OptHandle<"CUgreenCtx", "greenCtx">,
    Out<"unsigned long long", "greenCtxId">]>, NoContext, Done;
}  // green_context
