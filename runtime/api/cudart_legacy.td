// Runtime: what libcudart.so.11.0 and .12 have and .13 has not, and what has another prototype there. The record's name
// is ours where the exported one belongs to the newer prototype. Types: runtime/cudart/legacy_types.h.

let Noun = "cudart_legacy" in {
// Contexts, once of the thread.
def cudaThreadExit : Runtime<[]>, Done, NoContext, Named<"cudaThreadExit", "cudaThreadExit", "">;
def cudaThreadSynchronize : Runtime<[]>, Forwards<"cuCtxSynchronize">,
    Named<"cudaThreadSynchronize", "cudaThreadSynchronize", "">;
def cudaThreadSetLimit : Runtime<[In<"enum cudaLimit", "limit">, In<"size_t", "value">]>,
    Forwards<"cuCtxSetLimit">, Named<"cudaThreadSetLimit", "cudaThreadSetLimit", "">;
def cudaThreadGetLimit : Runtime<[Out<"size_t", "pValue">, In<"enum cudaLimit", "limit">]>,
    Forwards<"cuCtxGetLimit">, Named<"cudaThreadGetLimit", "cudaThreadGetLimit", "">;
def cudaThreadGetCacheConfig : Runtime<[Out<"enum cudaFuncCache", "pCacheConfig">]>,
    Forwards<"cuCtxGetCacheConfig">, Named<"cudaThreadGetCacheConfig", "cudaThreadGetCacheConfig", "">;
def cudaThreadSetCacheConfig : Runtime<[In<"enum cudaFuncCache", "cacheConfig">]>,
    Forwards<"cuCtxSetCacheConfig">, Named<"cudaThreadSetCacheConfig", "cudaThreadSetCacheConfig", "">;

// Devices
def cudaGetDeviceProperties_v1 : Runtime<[Out<"void", "prop">, In<"int", "device">]>, Done, NoContext,
    Named<"cudaGetDeviceProperties", "cudaGetDeviceProperties", "">;
def cudaGetDeviceProperties_v2 : Runtime<[Out<"DeviceProperties12", "prop">, In<"int", "device">]>,
    Done, NoContext, Named<"", "cudaGetDeviceProperties_v2", "">;
def cudaChooseDevice_v2 : Runtime<[Out<"int", "device">, Ptr<"const void*", "prop">]>,
    Done, NoContext, Named<"cudaChooseDevice", "cudaChooseDevice", "">;
def cudaSetDoubleForDevice : Runtime<[Out<"double", "d">]>, Done, NoContext,
    Named<"cudaSetDoubleForDevice", "cudaSetDoubleForDevice", "">;
def cudaSetDoubleForHost : Runtime<[Out<"double", "d">]>, Done, NoContext,
    Named<"cudaSetDoubleForHost", "cudaSetDoubleForHost", "">;
def cudaProfilerInitialize : Runtime<[In<"const char*", "configFile">, In<"const char*", "outputFile">,
    In<"int", "outputMode">]>, Forwards<"cuProfilerInitialize">, Named<"cudaProfilerInitialize", "", "">;
def cudaGetDriverEntryPoint_v1 : Runtime<[Str<"symbol">, Out<"void*", "funcPtr">,
    In<"unsigned long long", "flags">]>, Ptsz<7000>, Done, NoContext,
    Named<"cudaGetDriverEntryPoint", "", "">;

// Launches, streams, events
def cudaLaunchCooperativeKernelMultiDevice : Runtime<[Ptr<"const LaunchParams*", "launchParamsList">,
    In<"unsigned int", "numDevices">, In<"unsigned int", "flags">]>, Done,
    Named<"cudaLaunchCooperativeKernelMultiDevice", "cudaLaunchCooperativeKernelMultiDevice", "">;
def cudaEventElapsedTime_v2 : Runtime<[Out<"float", "ms">, In<"cudaEvent_t", "start">,
    In<"cudaEvent_t", "end">]>, Forwards<"cuEventElapsedTime_v2">, Named<"", "cudaEventElapsedTime_v2", "">;
def cudaStreamGetCaptureInfo_v1 : Runtime<[In<"cudaStream_t", "stream">,
    Out<"enum cudaStreamCaptureStatus", "pCaptureStatus">, Opt<"unsigned long long*", "pId">]>,
    Ptsz<7000>, Forwards<"cuStreamGetCaptureInfo">,
    Named<"cudaStreamGetCaptureInfo", "cudaStreamGetCaptureInfo", "">;
def cudaStreamGetCaptureInfo_v2 : Runtime<[In<"cudaStream_t", "stream">,
    Out<"enum cudaStreamCaptureStatus", "captureStatus_out">, Opt<"unsigned long long*", "id_out">,
    Opt<"cudaGraph_t*", "graph_out">, Opt<"const cudaGraphNode_t**", "dependencies_out">,
    Opt<"size_t*", "numDependencies_out">]>, Ptsz<7000>, Forwards<"cuStreamGetCaptureInfo_v2">,
    Named<"cudaStreamGetCaptureInfo_v2", "cudaStreamGetCaptureInfo_v2", "">;
def cudaStreamUpdateCaptureDependencies_v1 : Runtime<[In<"cudaStream_t", "stream">,
    Opt<"cudaGraphNode_t*", "dependencies">, In<"size_t", "numDependencies">, In<"unsigned int", "flags">]>,
    Ptsz<7000>, Forwards<"cuStreamUpdateCaptureDependencies">,
    Named<"cudaStreamUpdateCaptureDependencies", "cudaStreamUpdateCaptureDependencies", "">;

// Memory
def cudaMemAdvise_v1 : Runtime<[In<"const void*", "devPtr">, In<"size_t", "count">,
    In<"enum cudaMemoryAdvise", "advice">, In<"int", "device">]>, Forwards<"cuMemAdvise">,
    Named<"cudaMemAdvise", "cudaMemAdvise", "">;
def cudaMemPrefetchAsync_v1 : Runtime<[In<"const void*", "devPtr">, In<"size_t", "count">,
    In<"int", "dstDevice">, In<"cudaStream_t", "stream">]>, Ptsz<7000>, Forwards<"cuMemPrefetchAsync">,
    Named<"cudaMemPrefetchAsync", "cudaMemPrefetchAsync", "">;
def cudaMemcpyBatchAsync_v1 : Runtime<[In<"void**", "dsts">, In<"void**", "srcs">, In<"size_t*", "sizes">,
    In<"size_t", "count">, In<"struct cudaMemcpyAttributes*", "attrs">, In<"size_t*", "attrsIdxs">,
    In<"size_t", "numAttrs">, Opt<"size_t*", "failIdx">, In<"cudaStream_t", "stream">]>,
    Ptsz<7000>, Forwards<"cuMemcpyBatchAsync">, Named<"", "cudaMemcpyBatchAsync", "">;
def cudaMemcpy3DBatchAsync_v1 : Runtime<[In<"size_t", "numOps">, In<"struct cudaMemcpy3DBatchOp*", "opList">,
    Opt<"size_t*", "failIdx">, In<"unsigned long long", "flags">, In<"cudaStream_t", "stream">]>,
    Ptsz<7000>, Forwards<"cuMemcpy3DBatchAsync">, Named<"", "cudaMemcpy3DBatchAsync", "">;
def cudaSignalExternalSemaphoresAsync_v1 : Runtime<[
    Array<"const cudaExternalSemaphore_t*", "extSemArray", "numExtSems">,
    Array<"const SemaphoreSignalParams11*", "paramsArray", "numExtSems">, In<"unsigned int", "numExtSems">,
    In<"cudaStream_t", "stream">]>, Ptsz<7000>, Done,
    Named<"cudaSignalExternalSemaphoresAsync", "cudaSignalExternalSemaphoresAsync", "">;
def cudaWaitExternalSemaphoresAsync_v1 : Runtime<[
    Array<"const cudaExternalSemaphore_t*", "extSemArray", "numExtSems">,
    Array<"const SemaphoreWaitParams11*", "paramsArray", "numExtSems">, In<"unsigned int", "numExtSems">,
    In<"cudaStream_t", "stream">]>, Ptsz<7000>, Done,
    Named<"cudaWaitExternalSemaphoresAsync", "cudaWaitExternalSemaphoresAsync", "">;

// Graphs without data on their edges
def cudaGraphGetEdges_v1 : Runtime<[In<"cudaGraph_t", "graph">, Opt<"cudaGraphNode_t*", "from">,
    Opt<"cudaGraphNode_t*", "to">, InOut<"size_t", "numEdges">]>, Forwards<"cuGraphGetEdges">,
    Named<"cudaGraphGetEdges", "cudaGraphGetEdges", "">;
def cudaGraphNodeGetDependencies_v1 : Runtime<[In<"cudaGraphNode_t", "node">,
    Opt<"cudaGraphNode_t*", "pDependencies">, InOut<"size_t", "pNumDependencies">]>,
    Forwards<"cuGraphNodeGetDependencies">,
    Named<"cudaGraphNodeGetDependencies", "cudaGraphNodeGetDependencies", "">;
def cudaGraphNodeGetDependentNodes_v1 : Runtime<[In<"cudaGraphNode_t", "node">,
    Opt<"cudaGraphNode_t*", "pDependentNodes">, InOut<"size_t", "pNumDependentNodes">]>,
    Forwards<"cuGraphNodeGetDependentNodes">,
    Named<"cudaGraphNodeGetDependentNodes", "cudaGraphNodeGetDependentNodes", "">;
def cudaGraphAddDependencies_v1 : Runtime<[In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "from", "numDependencies">,
    Array<"const cudaGraphNode_t*", "to", "numDependencies">, In<"size_t", "numDependencies">]>,
    Forwards<"cuGraphAddDependencies">, Named<"cudaGraphAddDependencies", "cudaGraphAddDependencies", "">;
def cudaGraphRemoveDependencies_v1 : Runtime<[In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "from", "numDependencies">,
    Array<"const cudaGraphNode_t*", "to", "numDependencies">, In<"size_t", "numDependencies">]>,
    Forwards<"cuGraphRemoveDependencies">,
    Named<"cudaGraphRemoveDependencies", "cudaGraphRemoveDependencies", "">;
def cudaGraphAddNode_v1 : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Out<"struct cudaGraphNodeParams", "nodeParams">]>, Done, Named<"", "cudaGraphAddNode", "">;
def cudaGraphInstantiate_v11 : Runtime<[Out<"cudaGraphExec_t", "pGraphExec">, In<"cudaGraph_t", "graph">,
    Opt<"cudaGraphNode_t*", "pErrorNode">, Opt<"char*", "pLogBuffer">, In<"size_t", "bufferSize">]>,
    Forwards<"cuGraphInstantiate_v2">, Named<"cudaGraphInstantiate", "", "">;
def cudaGraphExecUpdate_v11 : Runtime<[In<"cudaGraphExec_t", "hGraphExec">, In<"cudaGraph_t", "hGraph">,
    Out<"cudaGraphNode_t", "hErrorNode_out">, Out<"enum cudaGraphExecUpdateResult", "updateResult_out">]>,
    Forwards<"cuGraphExecUpdate">, Named<"cudaGraphExecUpdate", "", "">;
}  // cudart_legacy
