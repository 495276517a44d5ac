// Runtime: functions, launches, occupancy.

def cudaKernelNodeAttrID : Constant<"cudaLaunchAttributeID">;
def cudaKernelNodeAttrValue : Constant<"cudaLaunchAttributeValue">;
def cudaKernelNodeAttributeAccessPolicyWindow : Constant<"cudaLaunchAttributeAccessPolicyWindow">;
def cudaKernelNodeAttributeClusterDimension : Constant<"cudaLaunchAttributeClusterDimension">;
def cudaKernelNodeAttributeClusterSchedulingPolicyPreference
    : Constant<"cudaLaunchAttributeClusterSchedulingPolicyPreference">;
def cudaKernelNodeAttributeCooperative : Constant<"cudaLaunchAttributeCooperative">;
def cudaKernelNodeAttributeDeviceUpdatableKernelNode
    : Constant<"cudaLaunchAttributeDeviceUpdatableKernelNode">;
def cudaKernelNodeAttributeMemSyncDomain : Constant<"cudaLaunchAttributeMemSyncDomain">;
def cudaKernelNodeAttributeMemSyncDomainMap : Constant<"cudaLaunchAttributeMemSyncDomainMap">;
def cudaKernelNodeAttributeNvlinkUtilCentricScheduling
    : Constant<"cudaLaunchAttributeNvlinkUtilCentricScheduling">;
def cudaKernelNodeAttributePreferredSharedMemoryCarveout
    : Constant<"cudaLaunchAttributePreferredSharedMemoryCarveout">;
def cudaKernelNodeAttributePriority : Constant<"cudaLaunchAttributePriority">;
def cudaOccupancyDefault : Constant<"0x00">;
def cudaOccupancyDisableCachingOverride : Constant<"0x01">;
def cudaStreamAttrID : Constant<"cudaLaunchAttributeID">;
def cudaStreamAttrValue : Constant<"cudaLaunchAttributeValue">;
def cudaStreamAttributeAccessPolicyWindow : Constant<"cudaLaunchAttributeAccessPolicyWindow">;
def cudaStreamAttributeMemSyncDomain : Constant<"cudaLaunchAttributeMemSyncDomain">;
def cudaStreamAttributeMemSyncDomainMap : Constant<"cudaLaunchAttributeMemSyncDomainMap">;
def cudaStreamAttributePriority : Constant<"cudaLaunchAttributePriority">;
def cudaStreamAttributeSynchronizationPolicy : Constant<"cudaLaunchAttributeSynchronizationPolicy">;

def cudaFunction_t : Typedef<"struct CUfunc_st*">;
def cudaLaunchMemSyncDomain : Enum<"cudaLaunchMemSyncDomain", [V<"cudaLaunchMemSyncDomainDefault", 0>,
    V<"cudaLaunchMemSyncDomainRemote", 1>]>;
def cudaLaunchMemSyncDomainMap : Struct<"cudaLaunchMemSyncDomainMap_st", [F<"unsigned char", "default_">,
    F<"unsigned char", "remote">]>;
def cudaLaunchAttributeID : Enum<"cudaLaunchAttributeID", [V<"cudaLaunchAttributeIgnore", 0>,
    V<"cudaLaunchAttributeAccessPolicyWindow", 1>, V<"cudaLaunchAttributeCooperative", 2>,
    V<"cudaLaunchAttributeSynchronizationPolicy", 3>, V<"cudaLaunchAttributeClusterDimension", 4>,
    V<"cudaLaunchAttributeClusterSchedulingPolicyPreference", 5>,
    V<"cudaLaunchAttributeProgrammaticStreamSerialization", 6>, V<"cudaLaunchAttributeProgrammaticEvent", 7>,
    V<"cudaLaunchAttributePriority", 8>, V<"cudaLaunchAttributeMemSyncDomainMap", 9>,
    V<"cudaLaunchAttributeMemSyncDomain", 10>, V<"cudaLaunchAttributePreferredClusterDimension", 11>,
    V<"cudaLaunchAttributeLaunchCompletionEvent", 12>, V<"cudaLaunchAttributeDeviceUpdatableKernelNode", 13>,
    V<"cudaLaunchAttributePreferredSharedMemoryCarveout", 14>,
    V<"cudaLaunchAttributeNvlinkUtilCentricScheduling", 16>]>;
def cudaLaunchAttributeValue : Union<"cudaLaunchAttributeValue", [F<"char", "pad", "[64]">,
    F<"struct cudaAccessPolicyWindow", "accessPolicyWindow">, F<"int", "cooperative">,
    F<"enum cudaSynchronizationPolicy", "syncPolicy">, Nested<"struct", "clusterDim", [F<"unsigned int", "x">,
    F<"unsigned int", "y">, F<"unsigned int", "z">]>,
    F<"enum cudaClusterSchedulingPolicy", "clusterSchedulingPolicyPreference">,
    F<"int", "programmaticStreamSerializationAllowed">,
    Nested<"struct", "programmaticEvent", [F<"cudaEvent_t", "event">, F<"int", "flags">,
    F<"int", "triggerAtBlockStart">]>, F<"int", "priority">,
    F<"cudaLaunchMemSyncDomainMap", "memSyncDomainMap">, F<"cudaLaunchMemSyncDomain", "memSyncDomain">,
    Nested<"struct", "preferredClusterDim", [F<"unsigned int", "x">, F<"unsigned int", "y">,
    F<"unsigned int", "z">]>, Nested<"struct", "launchCompletionEvent", [F<"cudaEvent_t", "event">,
    F<"int", "flags">]>, Nested<"struct", "deviceUpdatableKernelNode", [F<"int", "deviceUpdatable">,
    F<"cudaGraphDeviceNode_t", "devNode">]>, F<"unsigned int", "sharedMemCarveout">,
    F<"unsigned int", "nvlinkUtilCentricScheduling">]>;
def cudaLaunchAttribute : Struct<"cudaLaunchAttribute_st", [F<"cudaLaunchAttributeID", "id">,
    F<"char", "pad", "[4]">, F<"cudaLaunchAttributeValue", "val">]>;
def cudaLaunchConfig_t : Struct<"cudaLaunchConfig_st", [F<"dim3", "gridDim">, F<"dim3", "blockDim">,
    F<"size_t", "dynamicSmemBytes">, F<"cudaStream_t", "stream">, F<"cudaLaunchAttribute*", "attrs">,
    F<"unsigned int", "numAttrs">]>;
def cudaAccessProperty : Enum<"cudaAccessProperty", [V<"cudaAccessPropertyNormal", 0>,
    V<"cudaAccessPropertyStreaming", 1>, V<"cudaAccessPropertyPersisting", 2>]>;
def cudaAccessPolicyWindow : Struct<"cudaAccessPolicyWindow", [F<"void*", "base_ptr">,
    F<"size_t", "num_bytes">, F<"float", "hitRatio">, F<"enum cudaAccessProperty", "hitProp">,
    F<"enum cudaAccessProperty", "missProp">]>;
def cudaSynchronizationPolicy : Enum<"cudaSynchronizationPolicy", [V<"cudaSyncPolicyAuto", 1>,
    V<"cudaSyncPolicySpin", 2>, V<"cudaSyncPolicyYield", 3>, V<"cudaSyncPolicyBlockingSync", 4>]>;
def cudaClusterSchedulingPolicy : Enum<"cudaClusterSchedulingPolicy", [
    V<"cudaClusterSchedulingPolicyDefault", 0>, V<"cudaClusterSchedulingPolicySpread", 1>,
    V<"cudaClusterSchedulingPolicyLoadBalancing", 2>]>;
def cudaFuncAttributes : Struct<"cudaFuncAttributes", [F<"size_t", "sharedSizeBytes">,
    F<"size_t", "constSizeBytes">, F<"size_t", "localSizeBytes">, F<"int", "maxThreadsPerBlock">,
    F<"int", "numRegs">, F<"int", "ptxVersion">, F<"int", "binaryVersion">, F<"int", "cacheModeCA">,
    F<"int", "maxDynamicSharedSizeBytes">, F<"int", "preferredShmemCarveout">,
    F<"int", "clusterDimMustBeSet">, F<"int", "requiredClusterWidth">, F<"int", "requiredClusterHeight">,
    F<"int", "requiredClusterDepth">, F<"int", "clusterSchedulingPolicyPreference">,
    F<"int", "nonPortableClusterSizeAllowed">, F<"int", "reserved", "[16]">]>;
def cudaFuncAttribute : Enum<"cudaFuncAttribute", [V<"cudaFuncAttributeMaxDynamicSharedMemorySize", 8>,
    V<"cudaFuncAttributePreferredSharedMemoryCarveout", 9>, V<"cudaFuncAttributeClusterDimMustBeSet", 10>,
    V<"cudaFuncAttributeRequiredClusterWidth", 11>, V<"cudaFuncAttributeRequiredClusterHeight", 12>,
    V<"cudaFuncAttributeRequiredClusterDepth", 13>, V<"cudaFuncAttributeNonPortableClusterSizeAllowed", 14>,
    V<"cudaFuncAttributeClusterSchedulingPolicyPreference", 15>, V<"cudaFuncAttributeMax", 16>]>;

let Noun = "cudart_launch" in {
def cudaFuncSetCacheConfig : Runtime<[In<"const void*", "func">, In<"enum cudaFuncCache", "cacheConfig">]>,
    Done;
def cudaFuncGetAttributes : Runtime<[Out<"struct cudaFuncAttributes", "attr">, In<"const void*", "func">]>,
    Done;
def cudaFuncSetAttribute : Runtime<[In<"const void*", "func">, In<"enum cudaFuncAttribute", "attr">,
    In<"int", "value">]>, Done;
def cudaFuncGetName : Runtime<[Out<"const char*", "name">, In<"const void*", "func">]>, Done, From<12>;
def cudaFuncGetParamInfo : Runtime<[In<"const void*", "func">, In<"size_t", "paramIndex">,
    Out<"size_t", "paramOffset">, Out<"size_t", "paramSize">]>, Done, From<12>;
def cudaFuncSetSharedMemConfig : Runtime<[In<"const void*", "func">,
    In<"enum cudaSharedMemConfig", "config">]>, Done;
def cudaOccupancyMaxActiveBlocksPerMultiprocessor : Runtime<[Out<"int", "numBlocks">,
    In<"const void*", "func">, In<"int", "blockSize">, In<"size_t", "dynamicSMemSize">]>, Done;
def cudaOccupancyAvailableDynamicSMemPerBlock : Runtime<[Out<"size_t", "dynamicSmemSize">,
    In<"const void*", "func">, In<"int", "numBlocks">, In<"int", "blockSize">]>, Done;
def cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags : Runtime<[Out<"int", "numBlocks">,
    In<"const void*", "func">, In<"int", "blockSize">, In<"size_t", "dynamicSMemSize">,
    In<"unsigned int", "flags">]>, Done;
def cudaOccupancyMaxPotentialClusterSize : Runtime<[Out<"int", "clusterSize">, In<"const void*", "func">,
    Ptr<"const cudaLaunchConfig_t*", "launchConfig">]>, Done;
def cudaOccupancyMaxActiveClusters : Runtime<[Out<"int", "numClusters">, In<"const void*", "func">,
    Ptr<"const cudaLaunchConfig_t*", "launchConfig">]>, Done;
def cudaKernelSetAttributeForDevice : Runtime<[In<"cudaKernel_t", "kernel">,
    In<"enum cudaFuncAttribute", "attr">, In<"int", "value">, In<"int", "device">]>, Done, From<12>;
def cudaGetFuncBySymbol : Runtime<[Out<"cudaFunction_t", "functionPtr">, In<"const void*", "symbolPtr">]>,
    Done;
def cudaGetKernel : Runtime<[Out<"cudaKernel_t", "kernelPtr">, In<"const void*", "entryFuncAddr">]>,
    Done, From<12>;
def cudaLaunchKernel : Runtime<[In<"const void*", "func">, In<"dim3", "gridDim">, In<"dim3", "blockDim">,
    In<"void**", "args">, In<"size_t", "sharedMem">, In<"cudaStream_t", "stream">]>, Ptsz<7000>, Done;
def cudaLaunchKernelExC : Runtime<[Ptr<"const cudaLaunchConfig_t*", "config">, In<"const void*", "func">,
    In<"void**", "args">]>, Ptsz<7000>, Done;
def cudaLaunchCooperativeKernel : Runtime<[In<"const void*", "func">, In<"dim3", "gridDim">,
    In<"dim3", "blockDim">, In<"void**", "args">, In<"size_t", "sharedMem">,
    In<"cudaStream_t", "stream">]>, Ptsz<7000>, Done;
def cudaLaunchHostFunc : Runtime<[In<"cudaStream_t", "stream">, In<"cudaHostFn_t", "fn">,
    In<"void*", "userData">]>, Ptsz<7000>, Forwards<"cuLaunchHostFunc">;
}  // cudart_launch
