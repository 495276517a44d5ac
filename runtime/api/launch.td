// Functions, launches, occupancy.

def CUDA_COOPERATIVE_LAUNCH_MULTI_DEVICE_NO_POST_LAUNCH_SYNC : Constant<"0x02">;
def CUDA_COOPERATIVE_LAUNCH_MULTI_DEVICE_NO_PRE_LAUNCH_SYNC : Constant<"0x01">;
def CU_KERNEL_NODE_ATTRIBUTE_ACCESS_POLICY_WINDOW : Constant<"CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW">;
def CU_KERNEL_NODE_ATTRIBUTE_CLUSTER_DIMENSION : Constant<"CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION">;
def CU_KERNEL_NODE_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE
    : Constant<"CU_LAUNCH_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE">;
def CU_KERNEL_NODE_ATTRIBUTE_COOPERATIVE : Constant<"CU_LAUNCH_ATTRIBUTE_COOPERATIVE">;
def CU_KERNEL_NODE_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE
    : Constant<"CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE">;
def CU_KERNEL_NODE_ATTRIBUTE_MEM_SYNC_DOMAIN : Constant<"CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN">;
def CU_KERNEL_NODE_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP : Constant<"CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP">;
def CU_KERNEL_NODE_ATTRIBUTE_PREFERRED_CLUSTER_DIMENSION
    : Constant<"CU_LAUNCH_ATTRIBUTE_PREFERRED_CLUSTER_DIMENSION">;
def CU_KERNEL_NODE_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT
    : Constant<"CU_LAUNCH_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT">;
def CU_KERNEL_NODE_ATTRIBUTE_PRIORITY : Constant<"CU_LAUNCH_ATTRIBUTE_PRIORITY">;
def CU_LAUNCH_KERNEL_REQUIRED_BLOCK_DIM : Constant<"1">;
def CU_LAUNCH_PARAM_BUFFER_POINTER : Constant<"((void*)CU_LAUNCH_PARAM_BUFFER_POINTER_AS_INT)">;
def CU_LAUNCH_PARAM_BUFFER_POINTER_AS_INT : Constant<"0x01">;
def CU_LAUNCH_PARAM_BUFFER_SIZE : Constant<"((void*)CU_LAUNCH_PARAM_BUFFER_SIZE_AS_INT)">;
def CU_LAUNCH_PARAM_BUFFER_SIZE_AS_INT : Constant<"0x02">;
def CU_LAUNCH_PARAM_END : Constant<"((void*)CU_LAUNCH_PARAM_END_AS_INT)">;
def CU_LAUNCH_PARAM_END_AS_INT : Constant<"0x00">;
def CU_STREAM_ATTRIBUTE_ACCESS_POLICY_WINDOW : Constant<"CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW">;
def CU_STREAM_ATTRIBUTE_MEM_SYNC_DOMAIN : Constant<"CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN">;
def CU_STREAM_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP : Constant<"CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP">;
def CU_STREAM_ATTRIBUTE_PRIORITY : Constant<"CU_LAUNCH_ATTRIBUTE_PRIORITY">;
def CU_STREAM_ATTRIBUTE_SYNCHRONIZATION_POLICY : Constant<"CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY">;

def CUoccupancy_flags : Enum<"CUoccupancy_flags_enum", [V<"CU_OCCUPANCY_DEFAULT", 0>,
    V<"CU_OCCUPANCY_DISABLE_CACHING_OVERRIDE", 1>]>;
def CUfunction_attribute : Enum<"CUfunction_attribute_enum", [V<"CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK", 0>,
    V<"CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES", 1>, V<"CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES", 2>,
    V<"CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES", 3>, V<"CU_FUNC_ATTRIBUTE_NUM_REGS", 4>,
    V<"CU_FUNC_ATTRIBUTE_PTX_VERSION", 5>, V<"CU_FUNC_ATTRIBUTE_BINARY_VERSION", 6>,
    V<"CU_FUNC_ATTRIBUTE_CACHE_MODE_CA", 7>, V<"CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES", 8>,
    V<"CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT", 9>,
    V<"CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET", 10>, V<"CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH", 11>,
    V<"CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT", 12>, V<"CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH", 13>,
    V<"CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED", 14>,
    V<"CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE", 15>, V<"CU_FUNC_ATTRIBUTE_MAX", 16>]>;
def CUshared_carveout : Enum<"CUshared_carveout_enum", [V<"CU_SHAREDMEM_CARVEOUT_DEFAULT", -1>,
    V<"CU_SHAREDMEM_CARVEOUT_MAX_SHARED", 100>, V<"CU_SHAREDMEM_CARVEOUT_MAX_L1", 0>]>;
def CUsynchronizationPolicy : Enum<"CUsynchronizationPolicy_enum", [V<"CU_SYNC_POLICY_AUTO", 1>,
    V<"CU_SYNC_POLICY_SPIN", 2>, V<"CU_SYNC_POLICY_YIELD", 3>, V<"CU_SYNC_POLICY_BLOCKING_SYNC", 4>]>;
def CUclusterSchedulingPolicy : Enum<"CUclusterSchedulingPolicy_enum", [
    V<"CU_CLUSTER_SCHEDULING_POLICY_DEFAULT", 0>, V<"CU_CLUSTER_SCHEDULING_POLICY_SPREAD", 1>,
    V<"CU_CLUSTER_SCHEDULING_POLICY_LOAD_BALANCING", 2>]>;
def CUlaunchMemSyncDomain : Enum<"CUlaunchMemSyncDomain_enum", [V<"CU_LAUNCH_MEM_SYNC_DOMAIN_DEFAULT", 0>,
    V<"CU_LAUNCH_MEM_SYNC_DOMAIN_REMOTE", 1>]>;
def CUlaunchMemSyncDomainMap : Struct<"CUlaunchMemSyncDomainMap_st", [F<"unsigned char", "default_">,
    F<"unsigned char", "remote">]>;
def CUlaunchAttributeID : Enum<"CUlaunchAttributeID_enum", [V<"CU_LAUNCH_ATTRIBUTE_IGNORE", 0>,
    V<"CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW", 1>, V<"CU_LAUNCH_ATTRIBUTE_COOPERATIVE", 2>,
    V<"CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY", 3>, V<"CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION", 4>,
    V<"CU_LAUNCH_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE", 5>,
    V<"CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION", 6>,
    V<"CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT", 7>, V<"CU_LAUNCH_ATTRIBUTE_PRIORITY", 8>,
    V<"CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP", 9>, V<"CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN", 10>,
    V<"CU_LAUNCH_ATTRIBUTE_PREFERRED_CLUSTER_DIMENSION", 11>,
    V<"CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT", 12>,
    V<"CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE", 13>,
    V<"CU_LAUNCH_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT", 14>,
    V<"CU_LAUNCH_ATTRIBUTE_NVLINK_UTIL_CENTRIC_SCHEDULING", 16>, V<"CU_LAUNCH_ATTRIBUTE_MAX", 17>]>;
def CUlaunchAttributeValue : Union<"CUlaunchAttributeValue_union", [F<"char", "pad", "[64]">,
    F<"CUaccessPolicyWindow", "accessPolicyWindow">, F<"int", "cooperative">,
    F<"CUsynchronizationPolicy", "syncPolicy">, Nested<"struct", "clusterDim", [F<"unsigned int", "x">,
    F<"unsigned int", "y">, F<"unsigned int", "z">]>,
    F<"CUclusterSchedulingPolicy", "clusterSchedulingPolicyPreference">,
    F<"int", "programmaticStreamSerializationAllowed">,
    Nested<"struct", "programmaticEvent", [F<"CUevent", "event">, F<"int", "flags">,
    F<"int", "triggerAtBlockStart">]>, Nested<"struct", "launchCompletionEvent", [F<"CUevent", "event">,
    F<"int", "flags">]>, F<"int", "priority">, F<"CUlaunchMemSyncDomainMap", "memSyncDomainMap">,
    F<"CUlaunchMemSyncDomain", "memSyncDomain">,
    Nested<"struct", "preferredClusterDim", [F<"unsigned int", "x">, F<"unsigned int", "y">,
    F<"unsigned int", "z">]>, Nested<"struct", "deviceUpdatableKernelNode", [F<"int", "deviceUpdatable">,
    F<"CUgraphDeviceNode", "devNode">]>, F<"unsigned int", "sharedMemCarveout">,
    F<"unsigned int", "nvlinkUtilCentricScheduling">]>;
def CUlaunchAttribute : Struct<"CUlaunchAttribute_st", [F<"CUlaunchAttributeID", "id">,
    F<"char", "pad", "[4]">, F<"CUlaunchAttributeValue", "value">]>;
def CUlaunchConfig : Struct<"CUlaunchConfig_st", [F<"unsigned int", "gridDimX">,
    F<"unsigned int", "gridDimY">, F<"unsigned int", "gridDimZ">, F<"unsigned int", "blockDimX">,
    F<"unsigned int", "blockDimY">, F<"unsigned int", "blockDimZ">, F<"unsigned int", "sharedMemBytes">,
    F<"CUstream", "hStream">, F<"CUlaunchAttribute*", "attrs">, F<"unsigned int", "numAttrs">]>;
def CUkernelNodeAttrID : Typedef<"CUlaunchAttributeID">;
def CUkernelNodeAttrValue_v1 : Typedef<"CUlaunchAttributeValue">;
def CUkernelNodeAttrValue : Typedef<"CUkernelNodeAttrValue_v1">;
def CUstreamAttrID : Typedef<"CUlaunchAttributeID">;
def CUstreamAttrValue_v1 : Typedef<"CUlaunchAttributeValue">;
def CUstreamAttrValue : Typedef<"CUstreamAttrValue_v1">;
def CUoccupancyB2DSize : Callback<"size_t", ["int"]>;
def CUDA_LAUNCH_PARAMS_v1 : Struct<"CUDA_LAUNCH_PARAMS_st", [F<"CUfunction", "function">,
    F<"unsigned int", "gridDimX">, F<"unsigned int", "gridDimY">, F<"unsigned int", "gridDimZ">,
    F<"unsigned int", "blockDimX">, F<"unsigned int", "blockDimY">, F<"unsigned int", "blockDimZ">,
    F<"unsigned int", "sharedMemBytes">, F<"CUstream", "hStream">, F<"void**", "kernelParams">]>;
def CUDA_LAUNCH_PARAMS : Typedef<"CUDA_LAUNCH_PARAMS_v1">;
def CUfunctionLoadingState : Enum<"CUfunctionLoadingState_enum", [V<"CU_FUNCTION_LOADING_STATE_UNLOADED", 0>,
    V<"CU_FUNCTION_LOADING_STATE_LOADED", 1>, V<"CU_FUNCTION_LOADING_STATE_MAX", 2>]>;

let Noun = "launch" in {
def cuFuncGetAttribute : Driver<2020, [Out<"int", "pi">, In<"CUfunction_attribute", "attrib">,
    Handle<"CUfunction", "hfunc">]>, Done;
def cuFuncSetAttribute : Driver<9000, [Handle<"CUfunction", "hfunc">, In<"CUfunction_attribute", "attrib">,
    In<"int", "value">]>, Done;
def cuFuncSetCacheConfig : Driver<3000, [Handle<"CUfunction", "hfunc">, In<"CUfunc_cache", "config">]>, Done;
def cuFuncGetModule : Driver<11000, [Out<"CUmodule", "hmod">, Handle<"CUfunction", "hfunc">]>, NoContext, Done;
def cuFuncGetName : Driver<12030, [Out<"const char*", "name">, Handle<"CUfunction", "hfunc">]>, NoContext, Done;
def cuFuncGetParamInfo : Driver<12040, [Handle<"CUfunction", "func">, In<"size_t", "paramIndex">,
    Out<"size_t", "paramOffset">, Opt<"size_t*", "paramSize">]>, NoContext, Done;
def cuFuncIsLoaded : Driver<12040, [Out<"CUfunctionLoadingState", "state">,
    Handle<"CUfunction", "function">]>, Done;
def cuFuncLoad : Driver<12040, [Handle<"CUfunction", "function">]>, Done;
def cuLaunchCooperativeKernelMultiDevice : Driver<9000, [
    Array<"CUDA_LAUNCH_PARAMS*", "launchParamsList", "numDevices">, In<"unsigned int", "numDevices">,
    In<"unsigned int", "flags">]>, NoContext, Partial<"kernels that synchronise with those on other devices">;
def cuFuncSetBlockShape : Driver<2000, [Handle<"CUfunction", "hfunc">, In<"int", "x">, In<"int", "y">,
    In<"int", "z">]>, Done;
def cuFuncSetSharedSize : Driver<2000, [Handle<"CUfunction", "hfunc">, In<"unsigned int", "bytes">]>, Done;
def cuParamSetSize : Driver<2000, [Handle<"CUfunction", "hfunc">, In<"unsigned int", "numbytes">]>, Done;
def cuParamSeti : Driver<2000, [Handle<"CUfunction", "hfunc">, In<"int", "offset">,
    In<"unsigned int", "value">]>, Done;
def cuParamSetf : Driver<2000, [Handle<"CUfunction", "hfunc">, In<"int", "offset">, In<"float", "value">]>, Done;
def cuParamSetv : Driver<2000, [Handle<"CUfunction", "hfunc">, In<"int", "offset">, In<"void*", "ptr">,
    In<"unsigned int", "numbytes">]>, Done;
def cuLaunch : Driver<2000, [Handle<"CUfunction", "f">]>, Done;
def cuLaunchGrid : Driver<2000, [Handle<"CUfunction", "f">, In<"int", "grid_width">,
    In<"int", "grid_height">]>, Done;
def cuLaunchGridAsync : Driver<2000, [Handle<"CUfunction", "f">, In<"int", "grid_width">,
    In<"int", "grid_height">, Handle<"CUstream", "hStream">]>, Done;
def cuParamSetTexRef : Driver<2000, [Handle<"CUfunction", "hfunc">, In<"int", "texunit">,
    Handle<"CUtexref", "hTexRef">]>, Done;
def cuFuncSetSharedMemConfig : Driver<4020, [Handle<"CUfunction", "hfunc">, In<"CUsharedconfig", "config">]>,
    Done;
def cuOccupancyMaxActiveBlocksPerMultiprocessor : Driver<6050, [Out<"int", "numBlocks">,
    Handle<"CUfunction", "func">, In<"int", "blockSize">, In<"size_t", "dynamicSMemSize">]>, Done;
def cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags : Driver<7000, [Out<"int", "numBlocks">,
    Handle<"CUfunction", "func">, In<"int", "blockSize">, In<"size_t", "dynamicSMemSize">,
    In<"unsigned int", "flags">]>, Done;
def cuOccupancyMaxPotentialBlockSize : Driver<6050, [Out<"int", "minGridSize">, Out<"int", "blockSize">,
    Handle<"CUfunction", "func">, In<"CUoccupancyB2DSize", "blockSizeToDynamicSMemSize">,
    In<"size_t", "dynamicSMemSize">, In<"int", "blockSizeLimit">]>, Done;
def cuOccupancyMaxPotentialBlockSizeWithFlags : Driver<7000, [Out<"int", "minGridSize">,
    Out<"int", "blockSize">, Handle<"CUfunction", "func">,
    In<"CUoccupancyB2DSize", "blockSizeToDynamicSMemSize">, In<"size_t", "dynamicSMemSize">,
    In<"int", "blockSizeLimit">, In<"unsigned int", "flags">]>, Done;
def cuOccupancyAvailableDynamicSMemPerBlock : Driver<10020, [Out<"size_t", "dynamicSmemSize">,
    Handle<"CUfunction", "func">, In<"int", "numBlocks">, In<"int", "blockSize">]>, Done;
def cuOccupancyMaxPotentialClusterSize : Driver<11070, [Out<"int", "clusterSize">,
    Handle<"CUfunction", "func">, Ptr<"const CUlaunchConfig*", "config">]>, Done;
def cuOccupancyMaxActiveClusters : Driver<11070, [Out<"int", "numClusters">, Handle<"CUfunction", "func">,
    Ptr<"const CUlaunchConfig*", "config">]>, Done;
def cuLaunchKernel : Driver<4000, [Handle<"CUfunction", "f">, In<"unsigned int", "gridDimX">,
    In<"unsigned int", "gridDimY">, In<"unsigned int", "gridDimZ">, In<"unsigned int", "blockDimX">,
    In<"unsigned int", "blockDimY">, In<"unsigned int", "blockDimZ">, In<"unsigned int", "sharedMemBytes">,
    Handle<"CUstream", "hStream">, Opt<"void**", "kernelParams">, Opt<"void**", "extra">]>, Ptsz<7000>, Done;
def cuLaunchKernelEx : Driver<11060, [Ptr<"const CUlaunchConfig*", "config">, Handle<"CUfunction", "f">,
    Opt<"void**", "kernelParams">, Opt<"void**", "extra">]>, Ptsz<11060>, Done;
def cuLaunchHostFunc : Driver<10000, [Handle<"CUstream", "hStream">, In<"CUhostFn", "fn">,
    In<"void*", "userData">]>, Ptsz<10000>, Done;
def cuLaunchCooperativeKernel : Driver<9000, [Handle<"CUfunction", "f">, In<"unsigned int", "gridDimX">,
    In<"unsigned int", "gridDimY">, In<"unsigned int", "gridDimZ">, In<"unsigned int", "blockDimX">,
    In<"unsigned int", "blockDimY">, In<"unsigned int", "blockDimZ">, In<"unsigned int", "sharedMemBytes">,
    Handle<"CUstream", "hStream">, Opt<"void**", "kernelParams">]>, Ptsz<9000>, Done;
}  // launch
