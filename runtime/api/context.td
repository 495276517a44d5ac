// Contexts, their stack and their limits; primary contexts.

def CUcontext : HandleType<"CUctx_st", "Context", "CUDA_ERROR_INVALID_CONTEXT">;
def CUctx_flags : Enum<"CUctx_flags_enum", [V<"CU_CTX_SCHED_AUTO", 0>, V<"CU_CTX_SCHED_SPIN", 1>,
    V<"CU_CTX_SCHED_YIELD", 2>, V<"CU_CTX_SCHED_BLOCKING_SYNC", 4>, V<"CU_CTX_BLOCKING_SYNC", 4>,
    V<"CU_CTX_SCHED_MASK", 7>, V<"CU_CTX_MAP_HOST", 8>, V<"CU_CTX_LMEM_RESIZE_TO_MAX", 16>,
    V<"CU_CTX_COREDUMP_ENABLE", 32>, V<"CU_CTX_USER_COREDUMP_ENABLE", 0x40>, V<"CU_CTX_SYNC_MEMOPS", 0x80>,
    V<"CU_CTX_FLAGS_MASK", 255>]>;
def CUfunc_cache : Enum<"CUfunc_cache_enum", [V<"CU_FUNC_CACHE_PREFER_NONE", 0>,
    V<"CU_FUNC_CACHE_PREFER_SHARED", 1>, V<"CU_FUNC_CACHE_PREFER_L1", 2>,
    V<"CU_FUNC_CACHE_PREFER_EQUAL", 3>]>;
def CUsharedconfig : Enum<"CUsharedconfig_enum", [V<"CU_SHARED_MEM_CONFIG_DEFAULT_BANK_SIZE", 0>,
    V<"CU_SHARED_MEM_CONFIG_FOUR_BYTE_BANK_SIZE", 1>, V<"CU_SHARED_MEM_CONFIG_EIGHT_BYTE_BANK_SIZE", 2>]>;
def CUlimit : Enum<"CUlimit_enum", [V<"CU_LIMIT_STACK_SIZE", 0>, V<"CU_LIMIT_PRINTF_FIFO_SIZE", 1>,
    V<"CU_LIMIT_MALLOC_HEAP_SIZE", 2>, V<"CU_LIMIT_DEV_RUNTIME_SYNC_DEPTH", 3>,
    V<"CU_LIMIT_DEV_RUNTIME_PENDING_LAUNCH_COUNT", 4>, V<"CU_LIMIT_MAX_L2_FETCH_GRANULARITY", 5>,
    V<"CU_LIMIT_PERSISTING_L2_CACHE_SIZE", 6>, V<"CU_LIMIT_SHMEM_SIZE", 7>, V<"CU_LIMIT_CIG_ENABLED", 8>,
    V<"CU_LIMIT_CIG_SHMEM_FALLBACK_ENABLED", 9>, V<"CU_LIMIT_MAX", 10>]>;
def CUaccessProperty : Enum<"CUaccessProperty_enum", [V<"CU_ACCESS_PROPERTY_NORMAL", 0>,
    V<"CU_ACCESS_PROPERTY_STREAMING", 1>, V<"CU_ACCESS_PROPERTY_PERSISTING", 2>]>;
def CUaccessPolicyWindow_v1 : Struct<"CUaccessPolicyWindow_st", [F<"void*", "base_ptr">,
    F<"size_t", "num_bytes">, F<"float", "hitRatio">, F<"CUaccessProperty", "hitProp">,
    F<"CUaccessProperty", "missProp">]>;
def CUaccessPolicyWindow : Typedef<"CUaccessPolicyWindow_v1">;
def CUcigDataType : Enum<"CUcigDataType_enum", [V<"CIG_DATA_TYPE_D3D12_COMMAND_QUEUE", 1>,
    V<"CIG_DATA_TYPE_NV_BLOB", 2>]>;
def CUctxCigParam : Struct<"CUctxCigParam_st", [F<"CUcigDataType", "sharedDataType">,
    F<"void*", "sharedData">]>;
def CUctxCreateParams : Struct<"CUctxCreateParams_st", [F<"CUexecAffinityParam*", "execAffinityParams">,
    F<"int", "numExecAffinityParams">, F<"CUctxCigParam*", "cigParams">]>;

let Noun = "context" in {
def cuDevicePrimaryCtxRetain : Driver<7000, [Out<"CUcontext", "pctx">, Handle<"CUdevice", "dev">]>, NoContext,
    Done;
def cuDevicePrimaryCtxRelease_v2 : Driver<11000, [Handle<"CUdevice", "dev">]>, NoContext, Done;
def cuDevicePrimaryCtxSetFlags_v2 : Driver<11000, [Handle<"CUdevice", "dev">,
    In<"unsigned int", "flags">]>, NoContext, Done;
def cuDevicePrimaryCtxGetState : Driver<7000, [Handle<"CUdevice", "dev">, Out<"unsigned int", "flags">,
    Out<"int", "active">]>, NoContext, Done;
def cuDevicePrimaryCtxReset_v2 : Driver<11000, [Handle<"CUdevice", "dev">]>, NoContext, Done;
def cuCtxCreate_v4 : Driver<12050, [Out<"CUcontext", "pctx">, Opt<"CUctxCreateParams*", "ctxCreateParams">,
    In<"unsigned int", "flags">, Handle<"CUdevice", "dev">]>, NoContext, Done;
def cuCtxDestroy_v2 : Driver<4000, [Handle<"CUcontext", "ctx">]>, NoContext, Done;
def cuCtxPushCurrent_v2 : Driver<4000, [In<"CUcontext", "ctx">]>, NoContext, Done;
def cuCtxPopCurrent_v2 : Driver<4000, [Opt<"CUcontext*", "pctx">]>, NoContext, Done;
def cuCtxSetCurrent : Driver<4000, [In<"CUcontext", "ctx">]>, NoContext, Done;
def cuCtxGetCurrent : Driver<4000, [Out<"CUcontext", "pctx">]>, NoContext, Done;
def cuCtxGetDevice : Driver<2000, [Out<"CUdevice", "device">]>, Done;
def cuCtxGetDevice_v2 : Driver<13000, [Out<"CUdevice", "device">,
    OptHandle<"CUcontext", "ctx">]>, NoContext, NotDefault, Done;
def cuCtxGetFlags : Driver<7000, [Out<"unsigned int", "flags">]>, Done;
def cuCtxSetFlags : Driver<12010, [In<"unsigned int", "flags">]>, Done;
def cuCtxGetId : Driver<12000, [OptHandle<"CUcontext", "ctx">,
    Out<"unsigned long long", "ctxId">]>, NoContext, Done;
def cuCtxSynchronize : Driver<2000, []>, Done;
def cuCtxSynchronize_v2 : Driver<13000, [In<"CUcontext", "ctx">]>, NoContext, NotDefault, Done;
def cuCtxSetLimit : Driver<3010, [In<"CUlimit", "limit">, In<"size_t", "value">]>, Done;
def cuCtxGetLimit : Driver<3010, [Out<"size_t", "pvalue">, In<"CUlimit", "limit">]>, Done;
def cuCtxGetCacheConfig : Driver<3020, [Out<"CUfunc_cache", "pconfig">]>, Done;
def cuCtxSetCacheConfig : Driver<3020, [In<"CUfunc_cache", "config">]>, Done;
def cuCtxGetApiVersion : Driver<3020, [OptHandle<"CUcontext", "ctx">,
    Out<"unsigned int", "version">]>, NoContext, Done;
def cuCtxGetStreamPriorityRange : Driver<5050, [Opt<"int*", "leastPriority">,
    Opt<"int*", "greatestPriority">]>, Done;
def cuCtxResetPersistingL2Cache : Driver<11000, []>, Done;
def cuCtxGetExecAffinity : Driver<11040, [Out<"CUexecAffinityParam", "pExecAffinity">,
    In<"CUexecAffinityType", "type">]>, Done;
def cuCtxRecordEvent : Driver<12050, [In<"CUcontext", "hCtx">, Handle<"CUevent", "hEvent">]>, NoContext,
    Done;
def cuCtxWaitEvent : Driver<12050, [In<"CUcontext", "hCtx">, Handle<"CUevent", "hEvent">]>, NoContext,
    Done;
def cuCtxAttach : Driver<2000, [Out<"CUcontext", "pctx">, In<"unsigned int", "flags">]>, NoContext, Done;
def cuCtxDetach : Driver<2000, [Handle<"CUcontext", "ctx">]>, NoContext, Done;
def cuCtxGetSharedMemConfig : Driver<4020, [Out<"CUsharedconfig", "pConfig">]>, Done;
def cuCtxSetSharedMemConfig : Driver<4020, [In<"CUsharedconfig", "config">]>, Done;
def cuCtxCreate : Driver<2000, [Out<"CUcontext", "pctx">, In<"unsigned int", "flags">,
    Handle<"CUdevice", "dev">]>, NoContext, Done;
def cuCtxCreate_v2 : Driver<3020, [Out<"CUcontext", "pctx">, In<"unsigned int", "flags">,
    Handle<"CUdevice", "dev">]>, NoContext, Done;
def cuCtxCreate_v3 : Driver<11040, [Out<"CUcontext", "pctx">, Opt<"CUexecAffinityParam*", "paramsArray">,
    In<"int", "numParams">, In<"unsigned int", "flags">, Handle<"CUdevice", "dev">]>, NoContext, Done;
def cuCtxDestroy : Driver<2000, [Handle<"CUcontext", "ctx">]>, Alias<"cuCtxDestroy_v2">, NoContext, Done;
def cuCtxPopCurrent : Driver<2000, [Opt<"CUcontext*", "pctx">]>, Alias<"cuCtxPopCurrent_v2">, NoContext, Done;
def cuCtxPushCurrent : Driver<2000, [In<"CUcontext", "ctx">]>, Alias<"cuCtxPushCurrent_v2">, NoContext,
    Done;
def cuDevicePrimaryCtxRelease : Driver<7000, [
    Handle<"CUdevice", "dev">]>, Alias<"cuDevicePrimaryCtxRelease_v2">, NoContext, Done;
def cuDevicePrimaryCtxReset : Driver<7000, [
    Handle<"CUdevice", "dev">]>, Alias<"cuDevicePrimaryCtxReset_v2">, NoContext, Done;
def cuDevicePrimaryCtxSetFlags : Driver<7000, [Handle<"CUdevice", "dev">,
    In<"unsigned int", "flags">]>, Alias<"cuDevicePrimaryCtxSetFlags_v2">, NoContext, Done;
}  // context
