// Runtime: devices.

def cudaCpuDeviceId : Constant<"((int)-1)">;
def cudaDeviceBlockingSync : Constant<"0x04">;
def cudaDeviceLmemResizeToMax : Constant<"0x10">;
def cudaDeviceMapHost : Constant<"0x08">;
def cudaDeviceMask : Constant<"0xff">;
def cudaDeviceScheduleAuto : Constant<"0x00">;
def cudaDeviceScheduleBlockingSync : Constant<"0x04">;
def cudaDeviceScheduleMask : Constant<"0x07">;
def cudaDeviceScheduleSpin : Constant<"0x01">;
def cudaDeviceScheduleYield : Constant<"0x02">;
def cudaDeviceSyncMemops : Constant<"0x80">;
def cudaInitDeviceFlagsAreValid : Constant<"0x01">;
def cudaInvalidDeviceId : Constant<"((int)-2)">;

def cudaUUID_t : Typedef<"struct CUuuid_st">;
def cudaAsyncCallbackHandle_t : Typedef<"struct cudaAsyncCallbackEntry*">;
def cudaAsyncNotificationType : Enum<"cudaAsyncNotificationType_enum", [
    V<"cudaAsyncNotificationTypeOverBudget", 1>]>;
def cudaAsyncNotificationInfo_t : Struct<"cudaAsyncNotificationInfo", [F<"cudaAsyncNotificationType", "type">,
    Nested<"union", "info", [Nested<"struct", "overBudget", [F<"unsigned long long", "bytesOverBudget">]>]>]>;
def cudaAsyncCallback : Callback<"void", ["cudaAsyncNotificationInfo_t*", "void*",
    "cudaAsyncCallbackHandle_t"]>;
def cudaRoundMode : Enum<"cudaRoundMode", [V<"cudaRoundNearest", 0>, V<"cudaRoundZero", 1>,
    V<"cudaRoundPosInf", 2>, V<"cudaRoundMinInf", 3>]>;
def cudaFuncCache : Enum<"cudaFuncCache", [V<"cudaFuncCachePreferNone", 0>, V<"cudaFuncCachePreferShared", 1>,
    V<"cudaFuncCachePreferL1", 2>, V<"cudaFuncCachePreferEqual", 3>]>;
def cudaSharedMemConfig : Enum<"cudaSharedMemConfig", [V<"cudaSharedMemBankSizeDefault", 0>,
    V<"cudaSharedMemBankSizeFourByte", 1>, V<"cudaSharedMemBankSizeEightByte", 2>]>;
def cudaSharedCarveout : Enum<"cudaSharedCarveout", [V<"cudaSharedmemCarveoutDefault", -1>,
    V<"cudaSharedmemCarveoutMaxShared", 100>, V<"cudaSharedmemCarveoutMaxL1", 0>]>;
def cudaComputeMode : Enum<"cudaComputeMode", [V<"cudaComputeModeDefault", 0>,
    V<"cudaComputeModeExclusive", 1>, V<"cudaComputeModeProhibited", 2>,
    V<"cudaComputeModeExclusiveProcess", 3>]>;
def cudaLimit : Enum<"cudaLimit", [V<"cudaLimitStackSize", 0>, V<"cudaLimitPrintfFifoSize", 1>,
    V<"cudaLimitMallocHeapSize", 2>, V<"cudaLimitDevRuntimeSyncDepth", 3>,
    V<"cudaLimitDevRuntimePendingLaunchCount", 4>, V<"cudaLimitMaxL2FetchGranularity", 5>,
    V<"cudaLimitPersistingL2CacheSize", 6>]>;
def cudaFlushGPUDirectRDMAWritesOptions : Enum<"cudaFlushGPUDirectRDMAWritesOptions", [
    V<"cudaFlushGPUDirectRDMAWritesOptionHost", 1>, V<"cudaFlushGPUDirectRDMAWritesOptionMemOps", 2>]>;
def cudaGPUDirectRDMAWritesOrdering : Enum<"cudaGPUDirectRDMAWritesOrdering", [
    V<"cudaGPUDirectRDMAWritesOrderingNone", 0>, V<"cudaGPUDirectRDMAWritesOrderingOwner", 100>,
    V<"cudaGPUDirectRDMAWritesOrderingAllDevices", 200>]>;
def cudaFlushGPUDirectRDMAWritesScope : Enum<"cudaFlushGPUDirectRDMAWritesScope", [
    V<"cudaFlushGPUDirectRDMAWritesToOwner", 100>, V<"cudaFlushGPUDirectRDMAWritesToAllDevices", 200>]>;
def cudaFlushGPUDirectRDMAWritesTarget : Enum<"cudaFlushGPUDirectRDMAWritesTarget", [
    V<"cudaFlushGPUDirectRDMAWritesTargetCurrentDevice", 0>]>;
def cudaDeviceAttr : Enum<"cudaDeviceAttr", [V<"cudaDevAttrMaxThreadsPerBlock", 1>,
    V<"cudaDevAttrMaxBlockDimX", 2>, V<"cudaDevAttrMaxBlockDimY", 3>, V<"cudaDevAttrMaxBlockDimZ", 4>,
    V<"cudaDevAttrMaxGridDimX", 5>, V<"cudaDevAttrMaxGridDimY", 6>, V<"cudaDevAttrMaxGridDimZ", 7>,
    V<"cudaDevAttrMaxSharedMemoryPerBlock", 8>, V<"cudaDevAttrTotalConstantMemory", 9>,
    V<"cudaDevAttrWarpSize", 10>, V<"cudaDevAttrMaxPitch", 11>, V<"cudaDevAttrMaxRegistersPerBlock", 12>,
    V<"cudaDevAttrClockRate", 13>, V<"cudaDevAttrTextureAlignment", 14>, V<"cudaDevAttrGpuOverlap", 15>,
    V<"cudaDevAttrMultiProcessorCount", 16>, V<"cudaDevAttrKernelExecTimeout", 17>,
    V<"cudaDevAttrIntegrated", 18>, V<"cudaDevAttrCanMapHostMemory", 19>, V<"cudaDevAttrComputeMode", 20>,
    V<"cudaDevAttrMaxTexture1DWidth", 21>, V<"cudaDevAttrMaxTexture2DWidth", 22>,
    V<"cudaDevAttrMaxTexture2DHeight", 23>, V<"cudaDevAttrMaxTexture3DWidth", 24>,
    V<"cudaDevAttrMaxTexture3DHeight", 25>, V<"cudaDevAttrMaxTexture3DDepth", 26>,
    V<"cudaDevAttrMaxTexture2DLayeredWidth", 27>, V<"cudaDevAttrMaxTexture2DLayeredHeight", 28>,
    V<"cudaDevAttrMaxTexture2DLayeredLayers", 29>, V<"cudaDevAttrSurfaceAlignment", 30>,
    V<"cudaDevAttrConcurrentKernels", 31>, V<"cudaDevAttrEccEnabled", 32>, V<"cudaDevAttrPciBusId", 33>,
    V<"cudaDevAttrPciDeviceId", 34>, V<"cudaDevAttrTccDriver", 35>, V<"cudaDevAttrMemoryClockRate", 36>,
    V<"cudaDevAttrGlobalMemoryBusWidth", 37>, V<"cudaDevAttrL2CacheSize", 38>,
    V<"cudaDevAttrMaxThreadsPerMultiProcessor", 39>, V<"cudaDevAttrAsyncEngineCount", 40>,
    V<"cudaDevAttrUnifiedAddressing", 41>, V<"cudaDevAttrMaxTexture1DLayeredWidth", 42>,
    V<"cudaDevAttrMaxTexture1DLayeredLayers", 43>, V<"cudaDevAttrMaxTexture2DGatherWidth", 45>,
    V<"cudaDevAttrMaxTexture2DGatherHeight", 46>, V<"cudaDevAttrMaxTexture3DWidthAlt", 47>,
    V<"cudaDevAttrMaxTexture3DHeightAlt", 48>, V<"cudaDevAttrMaxTexture3DDepthAlt", 49>,
    V<"cudaDevAttrPciDomainId", 50>, V<"cudaDevAttrTexturePitchAlignment", 51>,
    V<"cudaDevAttrMaxTextureCubemapWidth", 52>, V<"cudaDevAttrMaxTextureCubemapLayeredWidth", 53>,
    V<"cudaDevAttrMaxTextureCubemapLayeredLayers", 54>, V<"cudaDevAttrMaxSurface1DWidth", 55>,
    V<"cudaDevAttrMaxSurface2DWidth", 56>, V<"cudaDevAttrMaxSurface2DHeight", 57>,
    V<"cudaDevAttrMaxSurface3DWidth", 58>, V<"cudaDevAttrMaxSurface3DHeight", 59>,
    V<"cudaDevAttrMaxSurface3DDepth", 60>, V<"cudaDevAttrMaxSurface1DLayeredWidth", 61>,
    V<"cudaDevAttrMaxSurface1DLayeredLayers", 62>, V<"cudaDevAttrMaxSurface2DLayeredWidth", 63>,
    V<"cudaDevAttrMaxSurface2DLayeredHeight", 64>, V<"cudaDevAttrMaxSurface2DLayeredLayers", 65>,
    V<"cudaDevAttrMaxSurfaceCubemapWidth", 66>, V<"cudaDevAttrMaxSurfaceCubemapLayeredWidth", 67>,
    V<"cudaDevAttrMaxSurfaceCubemapLayeredLayers", 68>, V<"cudaDevAttrMaxTexture1DLinearWidth", 69>,
    V<"cudaDevAttrMaxTexture2DLinearWidth", 70>, V<"cudaDevAttrMaxTexture2DLinearHeight", 71>,
    V<"cudaDevAttrMaxTexture2DLinearPitch", 72>, V<"cudaDevAttrMaxTexture2DMipmappedWidth", 73>,
    V<"cudaDevAttrMaxTexture2DMipmappedHeight", 74>, V<"cudaDevAttrComputeCapabilityMajor", 75>,
    V<"cudaDevAttrComputeCapabilityMinor", 76>, V<"cudaDevAttrMaxTexture1DMipmappedWidth", 77>,
    V<"cudaDevAttrStreamPrioritiesSupported", 78>, V<"cudaDevAttrGlobalL1CacheSupported", 79>,
    V<"cudaDevAttrLocalL1CacheSupported", 80>, V<"cudaDevAttrMaxSharedMemoryPerMultiprocessor", 81>,
    V<"cudaDevAttrMaxRegistersPerMultiprocessor", 82>, V<"cudaDevAttrManagedMemory", 83>,
    V<"cudaDevAttrIsMultiGpuBoard", 84>, V<"cudaDevAttrMultiGpuBoardGroupID", 85>,
    V<"cudaDevAttrHostNativeAtomicSupported", 86>, V<"cudaDevAttrSingleToDoublePrecisionPerfRatio", 87>,
    V<"cudaDevAttrPageableMemoryAccess", 88>, V<"cudaDevAttrConcurrentManagedAccess", 89>,
    V<"cudaDevAttrComputePreemptionSupported", 90>, V<"cudaDevAttrCanUseHostPointerForRegisteredMem", 91>,
    V<"cudaDevAttrReserved92", 92>, V<"cudaDevAttrReserved93", 93>, V<"cudaDevAttrReserved94", 94>,
    V<"cudaDevAttrCooperativeLaunch", 95>, V<"cudaDevAttrReserved96", 96>,
    V<"cudaDevAttrMaxSharedMemoryPerBlockOptin", 97>, V<"cudaDevAttrCanFlushRemoteWrites", 98>,
    V<"cudaDevAttrHostRegisterSupported", 99>, V<"cudaDevAttrPageableMemoryAccessUsesHostPageTables", 100>,
    V<"cudaDevAttrDirectManagedMemAccessFromHost", 101>, V<"cudaDevAttrMaxBlocksPerMultiprocessor", 106>,
    V<"cudaDevAttrMaxPersistingL2CacheSize", 108>, V<"cudaDevAttrMaxAccessPolicyWindowSize", 109>,
    V<"cudaDevAttrReservedSharedMemoryPerBlock", 111>, V<"cudaDevAttrSparseCudaArraySupported", 112>,
    V<"cudaDevAttrHostRegisterReadOnlySupported", 113>,
    V<"cudaDevAttrTimelineSemaphoreInteropSupported", 114>, V<"cudaDevAttrMemoryPoolsSupported", 115>,
    V<"cudaDevAttrGPUDirectRDMASupported", 116>, V<"cudaDevAttrGPUDirectRDMAFlushWritesOptions", 117>,
    V<"cudaDevAttrGPUDirectRDMAWritesOrdering", 118>, V<"cudaDevAttrMemoryPoolSupportedHandleTypes", 119>,
    V<"cudaDevAttrClusterLaunch", 120>, V<"cudaDevAttrDeferredMappingCudaArraySupported", 121>,
    V<"cudaDevAttrReserved122", 122>, V<"cudaDevAttrReserved123", 123>, V<"cudaDevAttrReserved124", 124>,
    V<"cudaDevAttrIpcEventSupport", 125>, V<"cudaDevAttrMemSyncDomainCount", 126>,
    V<"cudaDevAttrReserved127", 127>, V<"cudaDevAttrReserved128", 128>, V<"cudaDevAttrReserved129", 129>,
    V<"cudaDevAttrNumaConfig", 130>, V<"cudaDevAttrNumaId", 131>, V<"cudaDevAttrReserved132", 132>,
    V<"cudaDevAttrMpsEnabled", 133>, V<"cudaDevAttrHostNumaId", 134>, V<"cudaDevAttrD3D12CigSupported", 135>,
    V<"cudaDevAttrVulkanCigSupported", 138>, V<"cudaDevAttrGpuPciDeviceId", 139>,
    V<"cudaDevAttrGpuPciSubsystemId", 140>, V<"cudaDevAttrReserved141", 141>,
    V<"cudaDevAttrHostNumaMemoryPoolsSupported", 142>, V<"cudaDevAttrHostNumaMultinodeIpcSupported", 143>,
    V<"cudaDevAttrHostMemoryPoolsSupported", 144>, V<"cudaDevAttrReserved145", 145>,
    V<"cudaDevAttrOnlyPartialHostNativeAtomicSupported", 147>, V<"cudaDevAttrMax", 148>]>;
def cudaDeviceP2PAttr : Enum<"cudaDeviceP2PAttr", [V<"cudaDevP2PAttrPerformanceRank", 1>,
    V<"cudaDevP2PAttrAccessSupported", 2>, V<"cudaDevP2PAttrNativeAtomicSupported", 3>,
    V<"cudaDevP2PAttrCudaArrayAccessSupported", 4>, V<"cudaDevP2PAttrOnlyPartialNativeAtomicSupported", 5>]>;
def cudaAtomicOperation : Enum<"cudaAtomicOperation", [V<"cudaAtomicOperationIntegerAdd", 0>,
    V<"cudaAtomicOperationIntegerMin", 1>, V<"cudaAtomicOperationIntegerMax", 2>,
    V<"cudaAtomicOperationIntegerIncrement", 3>, V<"cudaAtomicOperationIntegerDecrement", 4>,
    V<"cudaAtomicOperationAnd", 5>, V<"cudaAtomicOperationOr", 6>, V<"cudaAtomicOperationXOR", 7>,
    V<"cudaAtomicOperationExchange", 8>, V<"cudaAtomicOperationCAS", 9>, V<"cudaAtomicOperationFloatAdd", 10>,
    V<"cudaAtomicOperationFloatMin", 11>, V<"cudaAtomicOperationFloatMax", 12>]>;
def cudaAtomicOperationCapability : Enum<"cudaAtomicOperationCapability", [V<"cudaAtomicCapabilitySigned", 1>,
    V<"cudaAtomicCapabilityUnsigned", 2>, V<"cudaAtomicCapabilityReduction", 4>,
    V<"cudaAtomicCapabilityScalar32", 8>, V<"cudaAtomicCapabilityScalar64", 16>,
    V<"cudaAtomicCapabilityScalar128", 32>, V<"cudaAtomicCapabilityVector32x4", 64>]>;
def cudaDeviceProp : Struct<"cudaDeviceProp", [F<"char", "name", "[256]">, F<"cudaUUID_t", "uuid">,
    F<"char", "luid", "[8]">, F<"unsigned int", "luidDeviceNodeMask">, F<"size_t", "totalGlobalMem">,
    F<"size_t", "sharedMemPerBlock">, F<"int", "regsPerBlock">, F<"int", "warpSize">, F<"size_t", "memPitch">,
    F<"int", "maxThreadsPerBlock">, F<"int", "maxThreadsDim", "[3]">, F<"int", "maxGridSize", "[3]">,
    F<"size_t", "totalConstMem">, F<"int", "major">, F<"int", "minor">, F<"size_t", "textureAlignment">,
    F<"size_t", "texturePitchAlignment">, F<"int", "multiProcessorCount">, F<"int", "integrated">,
    F<"int", "canMapHostMemory">, F<"int", "maxTexture1D">, F<"int", "maxTexture1DMipmap">,
    F<"int", "maxTexture2D", "[2]">, F<"int", "maxTexture2DMipmap", "[2]">,
    F<"int", "maxTexture2DLinear", "[3]">, F<"int", "maxTexture2DGather", "[2]">,
    F<"int", "maxTexture3D", "[3]">, F<"int", "maxTexture3DAlt", "[3]">, F<"int", "maxTextureCubemap">,
    F<"int", "maxTexture1DLayered", "[2]">, F<"int", "maxTexture2DLayered", "[3]">,
    F<"int", "maxTextureCubemapLayered", "[2]">, F<"int", "maxSurface1D">, F<"int", "maxSurface2D", "[2]">,
    F<"int", "maxSurface3D", "[3]">, F<"int", "maxSurface1DLayered", "[2]">,
    F<"int", "maxSurface2DLayered", "[3]">, F<"int", "maxSurfaceCubemap">,
    F<"int", "maxSurfaceCubemapLayered", "[2]">, F<"size_t", "surfaceAlignment">,
    F<"int", "concurrentKernels">, F<"int", "ECCEnabled">, F<"int", "pciBusID">, F<"int", "pciDeviceID">,
    F<"int", "pciDomainID">, F<"int", "tccDriver">, F<"int", "asyncEngineCount">,
    F<"int", "unifiedAddressing">, F<"int", "memoryBusWidth">, F<"int", "l2CacheSize">,
    F<"int", "persistingL2CacheMaxSize">, F<"int", "maxThreadsPerMultiProcessor">,
    F<"int", "streamPrioritiesSupported">, F<"int", "globalL1CacheSupported">,
    F<"int", "localL1CacheSupported">, F<"size_t", "sharedMemPerMultiprocessor">,
    F<"int", "regsPerMultiprocessor">, F<"int", "managedMemory">, F<"int", "isMultiGpuBoard">,
    F<"int", "multiGpuBoardGroupID">, F<"int", "hostNativeAtomicSupported">, F<"int", "pageableMemoryAccess">,
    F<"int", "concurrentManagedAccess">, F<"int", "computePreemptionSupported">,
    F<"int", "canUseHostPointerForRegisteredMem">, F<"int", "cooperativeLaunch">,
    F<"size_t", "sharedMemPerBlockOptin">, F<"int", "pageableMemoryAccessUsesHostPageTables">,
    F<"int", "directManagedMemAccessFromHost">, F<"int", "maxBlocksPerMultiProcessor">,
    F<"int", "accessPolicyMaxWindowSize">, F<"size_t", "reservedSharedMemPerBlock">,
    F<"int", "hostRegisterSupported">, F<"int", "sparseCudaArraySupported">,
    F<"int", "hostRegisterReadOnlySupported">, F<"int", "timelineSemaphoreInteropSupported">,
    F<"int", "memoryPoolsSupported">, F<"int", "gpuDirectRDMASupported">,
    F<"unsigned int", "gpuDirectRDMAFlushWritesOptions">, F<"int", "gpuDirectRDMAWritesOrdering">,
    F<"unsigned int", "memoryPoolSupportedHandleTypes">, F<"int", "deferredMappingCudaArraySupported">,
    F<"int", "ipcEventSupported">, F<"int", "clusterLaunch">, F<"int", "unifiedFunctionPointers">,
    F<"int", "deviceNumaConfig">, F<"int", "deviceNumaId">, F<"int", "mpsEnabled">, F<"int", "hostNumaId">,
    F<"unsigned int", "gpuPciDeviceID">, F<"unsigned int", "gpuPciSubsystemID">,
    F<"int", "hostNumaMultinodeIpcSupported">, F<"int", "reserved", "[56]">]>;
def cudalibraryHostUniversalFunctionAndDataTable : Struct<"cudalibraryHostUniversalFunctionAndDataTable", [
    F<"void*", "functionTable">, F<"size_t", "functionWindowSize">, F<"void*", "dataTable">,
    F<"size_t", "dataWindowSize">]>;
def cudaCGScope : Enum<"cudaCGScope", [V<"cudaCGScopeInvalid", 0>, V<"cudaCGScopeGrid", 1>,
    V<"cudaCGScopeReserved", 2>]>;
def cudaGetDriverEntryPointFlags : Enum<"cudaGetDriverEntryPointFlags", [V<"cudaEnableDefault", 0>,
    V<"cudaEnableLegacyStream", 1>, V<"cudaEnablePerThreadDefaultStream", 2>]>;
def cudaDeviceNumaConfig : Enum<"cudaDeviceNumaConfig", [V<"cudaDeviceNumaConfigNone", 0>,
    V<"cudaDeviceNumaConfigNumaNode", 1>]>;

let Noun = "cudart_device" in {
def cudaDeviceReset : Runtime<[]>, Done, NoContext;
def cudaDeviceSynchronize : Runtime<[]>, Forwards<"cuCtxSynchronize">;
def cudaDeviceSetLimit : Runtime<[In<"enum cudaLimit", "limit">, In<"size_t", "value">]>,
    Forwards<"cuCtxSetLimit">;
def cudaDeviceGetLimit : Runtime<[Out<"size_t", "pValue">, In<"enum cudaLimit", "limit">]>,
    Forwards<"cuCtxGetLimit">;
def cudaDeviceGetTexture1DLinearMaxWidth : Runtime<[Out<"size_t", "maxWidthInElements">,
    Ptr<"const struct cudaChannelFormatDesc*", "fmtDesc">, In<"int", "device">]>, Done;
def cudaDeviceGetCacheConfig : Runtime<[Out<"enum cudaFuncCache", "pCacheConfig">]>,
    Forwards<"cuCtxGetCacheConfig">;
def cudaDeviceGetStreamPriorityRange : Runtime<[Out<"int", "leastPriority">, Out<"int", "greatestPriority">]>,
    Forwards<"cuCtxGetStreamPriorityRange">;
def cudaDeviceSetCacheConfig : Runtime<[In<"enum cudaFuncCache", "cacheConfig">]>,
    Forwards<"cuCtxSetCacheConfig">;
def cudaDeviceGetByPCIBusId : Runtime<[Out<"int", "device">, Str<"pciBusId">]>,
    Forwards<"cuDeviceGetByPCIBusId">, NoContext;
def cudaDeviceGetPCIBusId : Runtime<[Out<"char", "pciBusId">, In<"int", "len">, In<"int", "device">]>,
    Forwards<"cuDeviceGetPCIBusId">, NoContext;
def cudaDeviceFlushGPUDirectRDMAWrites : Runtime<[In<"enum cudaFlushGPUDirectRDMAWritesTarget", "target">,
    In<"enum cudaFlushGPUDirectRDMAWritesScope", "scope">]>,
    Forwards<"cuFlushGPUDirectRDMAWrites">, NoContext;
def cudaDeviceRegisterAsyncNotification : Runtime<[In<"int", "device">,
    In<"cudaAsyncCallback", "callbackFunc">, In<"void*", "userData">,
    Out<"cudaAsyncCallbackHandle_t", "callback">]>,
    Forwards<"cuDeviceRegisterAsyncNotification">, NoContext, From<12>;
def cudaDeviceUnregisterAsyncNotification : Runtime<[In<"int", "device">,
    In<"cudaAsyncCallbackHandle_t", "callback">]>,
    Forwards<"cuDeviceUnregisterAsyncNotification">, NoContext, From<12>;
def cudaDeviceGetSharedMemConfig : Runtime<[Out<"enum cudaSharedMemConfig", "pConfig">]>,
    Forwards<"cuCtxGetSharedMemConfig">;
def cudaDeviceSetSharedMemConfig : Runtime<[In<"enum cudaSharedMemConfig", "config">]>,
    Forwards<"cuCtxSetSharedMemConfig">;
def cudaGetDeviceCount : Runtime<[Out<"int", "count">]>, Done, NoContext;
def cudaGetDeviceProperties : Runtime<[Out<"struct cudaDeviceProp", "prop">, In<"int", "device">]>,
    Done, NoContext,
    Named<"", "", "cudaGetDeviceProperties">;
def cudaDeviceGetAttribute : Runtime<[Out<"int", "value">, In<"enum cudaDeviceAttr", "attr">,
    In<"int", "device">]>, Forwards<"cuDeviceGetAttribute">, NoContext;
def cudaDeviceGetHostAtomicCapabilities : Runtime<[Out<"unsigned int", "capabilities">,
    Array<"const enum cudaAtomicOperation*", "operations", "count">, In<"unsigned int", "count">,
    In<"int", "device">]>, Forwards<"cuDeviceGetHostAtomicCapabilities">, NoContext, From<13>;
def cudaDeviceGetNvSciSyncAttributes : Runtime<[In<"void*", "nvSciSyncAttrList">, In<"int", "device">,
    In<"int", "flags">]>, Forwards<"cuDeviceGetNvSciSyncAttributes">, NoContext;
def cudaDeviceGetP2PAttribute : Runtime<[Out<"int", "value">, In<"enum cudaDeviceP2PAttr", "attr">,
    In<"int", "srcDevice">, In<"int", "dstDevice">]>, Forwards<"cuDeviceGetP2PAttribute">, NoContext;
def cudaDeviceGetP2PAtomicCapabilities : Runtime<[Out<"unsigned int", "capabilities">,
    Array<"const enum cudaAtomicOperation*", "operations", "count">, In<"unsigned int", "count">,
    In<"int", "srcDevice">, In<"int", "dstDevice">]>, Forwards<"cuDeviceGetP2PAtomicCapabilities">,
    NoContext, From<13>;
def cudaChooseDevice : Runtime<[Out<"int", "device">, Ptr<"const struct cudaDeviceProp*", "prop">]>,
    Done, NoContext,
    Named<"", "", "cudaChooseDevice">;
def cudaInitDevice : Runtime<[In<"int", "device">, In<"unsigned int", "deviceFlags">,
    In<"unsigned int", "flags">]>, Done, NoContext, From<12>;
def cudaSetDevice : Runtime<[In<"int", "device">]>, Done, NoContext;
def cudaGetDevice : Runtime<[Out<"int", "device">]>, Done, NoContext;
def cudaSetValidDevices : Runtime<[Out<"int", "device_arr">, In<"int", "len">]>, Done, NoContext;
def cudaSetDeviceFlags : Runtime<[In<"unsigned int", "flags">]>, Done, NoContext;
def cudaGetDeviceFlags : Runtime<[Out<"unsigned int", "flags">]>, Done;
def cudaDeviceCanAccessPeer : Runtime<[Out<"int", "canAccessPeer">, In<"int", "device">,
    In<"int", "peerDevice">]>, Forwards<"cuDeviceCanAccessPeer">, NoContext;
def cudaDeviceEnablePeerAccess : Runtime<[In<"int", "peerDevice">, In<"unsigned int", "flags">]>, Done;
def cudaDeviceDisablePeerAccess : Runtime<[In<"int", "peerDevice">]>, Done;
}  // cudart_device
