// Runtime: graphs.

def cudaGraphKernelNodePortDefault : Constant<"0">;
def cudaGraphKernelNodePortLaunchCompletion : Constant<"2">;
def cudaGraphKernelNodePortProgrammatic : Constant<"1">;

def cudaHostFn_t : Callback<"void", ["void*"]>;
def cudaGraph_t : Typedef<"struct CUgraph_st*">;
def cudaGraphNode_t : Typedef<"struct CUgraphNode_st*">;
def cudaUserObject_t : Typedef<"struct CUuserObject_st*">;
def cudaGraphConditionalHandle : Typedef<"unsigned long long">;
def cudaGraphDependencyType : Enum<"cudaGraphDependencyType_enum", [V<"cudaGraphDependencyTypeDefault", 0>,
    V<"cudaGraphDependencyTypeProgrammatic", 1>]>;
def cudaGraphEdgeData : Struct<"cudaGraphEdgeData_st", [F<"unsigned char", "from_port">,
    F<"unsigned char", "to_port">, F<"unsigned char", "type">, F<"unsigned char", "reserved", "[5]">]>;
def cudaGraphExec_t : Typedef<"struct CUgraphExec_st*">;
def cudaGraphInstantiateResult : Enum<"cudaGraphInstantiateResult", [V<"cudaGraphInstantiateSuccess", 0>,
    V<"cudaGraphInstantiateError", 1>, V<"cudaGraphInstantiateInvalidStructure", 2>,
    V<"cudaGraphInstantiateNodeOperationNotSupported", 3>,
    V<"cudaGraphInstantiateMultipleDevicesNotSupported", 4>,
    V<"cudaGraphInstantiateConditionalHandleUnused", 5>]>;
def cudaGraphInstantiateParams : Struct<"cudaGraphInstantiateParams_st", [F<"unsigned long long", "flags">,
    F<"cudaStream_t", "uploadStream">, F<"cudaGraphNode_t", "errNode_out">,
    F<"cudaGraphInstantiateResult", "result_out">]>;
def cudaGraphExecUpdateResultInfo : Struct<"cudaGraphExecUpdateResultInfo_st", [
    F<"enum cudaGraphExecUpdateResult", "result">, F<"cudaGraphNode_t", "errorNode">,
    F<"cudaGraphNode_t", "errorFromNode">]>;
def cudaGraphDeviceNode_t : Typedef<"struct CUgraphDeviceUpdatableNode_st*">;
def cudaMemcpyNodeParams : Struct<"cudaMemcpyNodeParams", [F<"int", "flags">, F<"int", "reserved", "[3]">,
    F<"struct cudaMemcpy3DParms", "copyParams">]>;
def cudaHostNodeParams : Struct<"cudaHostNodeParams", [F<"cudaHostFn_t", "fn">, F<"void*", "userData">]>;
def cudaHostNodeParamsV2 : Struct<"cudaHostNodeParamsV2", [F<"cudaHostFn_t", "fn">, F<"void*", "userData">]>;
def cudaUserObjectFlags : Enum<"cudaUserObjectFlags", [V<"cudaUserObjectNoDestructorSync", 1>]>;
def cudaUserObjectRetainFlags : Enum<"cudaUserObjectRetainFlags", [V<"cudaGraphUserObjectMove", 1>]>;
def cudaMemAllocNodeParams : Struct<"cudaMemAllocNodeParams", [F<"struct cudaMemPoolProps", "poolProps">,
    F<"const struct cudaMemAccessDesc*", "accessDescs">, F<"size_t", "accessDescCount">,
    F<"size_t", "bytesize">, F<"void*", "dptr">]>;
def cudaMemAllocNodeParamsV2 : Struct<"cudaMemAllocNodeParamsV2", [F<"struct cudaMemPoolProps", "poolProps">,
    F<"const struct cudaMemAccessDesc*", "accessDescs">, F<"size_t", "accessDescCount">,
    F<"size_t", "bytesize">, F<"void*", "dptr">]>;
def cudaMemFreeNodeParams : Struct<"cudaMemFreeNodeParams", [F<"void*", "dptr">]>;
def cudaGraphMemAttributeType : Enum<"cudaGraphMemAttributeType", [V<"cudaGraphMemAttrUsedMemCurrent", 0>,
    V<"cudaGraphMemAttrUsedMemHigh", 1>, V<"cudaGraphMemAttrReservedMemCurrent", 2>,
    V<"cudaGraphMemAttrReservedMemHigh", 3>]>;
def cudaKernelNodeParams : Struct<"cudaKernelNodeParams", [F<"void*", "func">, F<"dim3", "gridDim">,
    F<"dim3", "blockDim">, F<"unsigned int", "sharedMemBytes">, F<"void**", "kernelParams">,
    F<"void**", "extra">]>;
def cudaKernelNodeParamsV2 : Struct<"cudaKernelNodeParamsV2", [F<"void*", "func">, F<"dim3", "gridDim">,
    F<"dim3", "blockDim">, F<"unsigned int", "sharedMemBytes">, F<"void**", "kernelParams">,
    F<"void**", "extra">]>;
def cudaExternalSemaphoreSignalNodeParams : Struct<"cudaExternalSemaphoreSignalNodeParams", [
    F<"cudaExternalSemaphore_t*", "extSemArray">,
    F<"const struct cudaExternalSemaphoreSignalParams*", "paramsArray">, F<"unsigned int", "numExtSems">]>;
def cudaExternalSemaphoreSignalNodeParamsV2 : Struct<"cudaExternalSemaphoreSignalNodeParamsV2", [
    F<"cudaExternalSemaphore_t*", "extSemArray">,
    F<"const struct cudaExternalSemaphoreSignalParams*", "paramsArray">, F<"unsigned int", "numExtSems">]>;
def cudaExternalSemaphoreWaitNodeParams : Struct<"cudaExternalSemaphoreWaitNodeParams", [
    F<"cudaExternalSemaphore_t*", "extSemArray">,
    F<"const struct cudaExternalSemaphoreWaitParams*", "paramsArray">, F<"unsigned int", "numExtSems">]>;
def cudaExternalSemaphoreWaitNodeParamsV2 : Struct<"cudaExternalSemaphoreWaitNodeParamsV2", [
    F<"cudaExternalSemaphore_t*", "extSemArray">,
    F<"const struct cudaExternalSemaphoreWaitParams*", "paramsArray">, F<"unsigned int", "numExtSems">]>;
def cudaGraphConditionalHandleFlags : Enum<"cudaGraphConditionalHandleFlags", [
    V<"cudaGraphCondAssignDefault", 1>]>;
def cudaGraphConditionalNodeType : Enum<"cudaGraphConditionalNodeType", [V<"cudaGraphCondTypeIf", 0>,
    V<"cudaGraphCondTypeWhile", 1>, V<"cudaGraphCondTypeSwitch", 2>]>;
def cudaConditionalNodeParams : Struct<"cudaConditionalNodeParams", [
    F<"cudaGraphConditionalHandle", "handle">, F<"enum cudaGraphConditionalNodeType", "type">,
    F<"unsigned int", "size">, F<"cudaGraph_t*", "phGraph_out">]>;
def cudaGraphNodeType : Enum<"cudaGraphNodeType", [V<"cudaGraphNodeTypeKernel", 0>,
    V<"cudaGraphNodeTypeMemcpy", 1>, V<"cudaGraphNodeTypeMemset", 2>, V<"cudaGraphNodeTypeHost", 3>,
    V<"cudaGraphNodeTypeGraph", 4>, V<"cudaGraphNodeTypeEmpty", 5>, V<"cudaGraphNodeTypeWaitEvent", 6>,
    V<"cudaGraphNodeTypeEventRecord", 7>, V<"cudaGraphNodeTypeExtSemaphoreSignal", 8>,
    V<"cudaGraphNodeTypeExtSemaphoreWait", 9>, V<"cudaGraphNodeTypeMemAlloc", 10>,
    V<"cudaGraphNodeTypeMemFree", 11>, V<"cudaGraphNodeTypeConditional", 13>,
    V<"cudaGraphNodeTypeCount", 14>]>;
def cudaGraphChildGraphNodeOwnership : Enum<"cudaGraphChildGraphNodeOwnership", [
    V<"cudaGraphChildGraphOwnershipClone", 0>, V<"cudaGraphChildGraphOwnershipMove", 1>]>;
def cudaChildGraphNodeParams : Struct<"cudaChildGraphNodeParams", [F<"cudaGraph_t", "graph">,
    F<"enum cudaGraphChildGraphNodeOwnership", "ownership">]>;
def cudaEventRecordNodeParams : Struct<"cudaEventRecordNodeParams", [F<"cudaEvent_t", "event">]>;
def cudaEventWaitNodeParams : Struct<"cudaEventWaitNodeParams", [F<"cudaEvent_t", "event">]>;
def cudaGraphNodeParams : Struct<"cudaGraphNodeParams", [F<"enum cudaGraphNodeType", "type">,
    F<"int", "reserved0", "[3]">, Nested<"union", "", [F<"long long", "reserved1", "[29]">,
    F<"struct cudaKernelNodeParamsV2", "kernel">, F<"struct cudaMemcpyNodeParams", "memcpy">,
    F<"struct cudaMemsetParamsV2", "memset">, F<"struct cudaHostNodeParamsV2", "host">,
    F<"struct cudaChildGraphNodeParams", "graph">, F<"struct cudaEventWaitNodeParams", "eventWait">,
    F<"struct cudaEventRecordNodeParams", "eventRecord">,
    F<"struct cudaExternalSemaphoreSignalNodeParamsV2", "extSemSignal">,
    F<"struct cudaExternalSemaphoreWaitNodeParamsV2", "extSemWait">,
    F<"struct cudaMemAllocNodeParamsV2", "alloc">, F<"struct cudaMemFreeNodeParams", "free">,
    F<"struct cudaConditionalNodeParams", "conditional">]>, F<"long long", "reserved2">]>;
def cudaGraphExecUpdateResult : Enum<"cudaGraphExecUpdateResult", [V<"cudaGraphExecUpdateSuccess", 0>,
    V<"cudaGraphExecUpdateError", 1>, V<"cudaGraphExecUpdateErrorTopologyChanged", 2>,
    V<"cudaGraphExecUpdateErrorNodeTypeChanged", 3>, V<"cudaGraphExecUpdateErrorFunctionChanged", 4>,
    V<"cudaGraphExecUpdateErrorParametersChanged", 5>, V<"cudaGraphExecUpdateErrorNotSupported", 6>,
    V<"cudaGraphExecUpdateErrorUnsupportedFunctionChange", 7>,
    V<"cudaGraphExecUpdateErrorAttributesChanged", 8>]>;
def cudaGraphKernelNodeField : Enum<"cudaGraphKernelNodeField", [V<"cudaGraphKernelNodeFieldInvalid", 0>,
    V<"cudaGraphKernelNodeFieldGridDim", 1>, V<"cudaGraphKernelNodeFieldParam", 2>,
    V<"cudaGraphKernelNodeFieldEnabled", 3>]>;
def cudaGraphKernelNodeUpdate : Struct<"cudaGraphKernelNodeUpdate", [F<"cudaGraphDeviceNode_t", "node">,
    F<"enum cudaGraphKernelNodeField", "field">, Nested<"union", "updateData", [F<"dim3", "gridDim">,
    Nested<"struct", "param", [F<"const void*", "pValue">, F<"size_t", "offset">, F<"size_t", "size">]>,
    F<"unsigned int", "isEnabled">]>]>;
def cudaGraphDebugDotFlags : Enum<"cudaGraphDebugDotFlags", [V<"cudaGraphDebugDotFlagsVerbose", 1>,
    V<"cudaGraphDebugDotFlagsKernelNodeParams", 4>, V<"cudaGraphDebugDotFlagsMemcpyNodeParams", 8>,
    V<"cudaGraphDebugDotFlagsMemsetNodeParams", 16>, V<"cudaGraphDebugDotFlagsHostNodeParams", 32>,
    V<"cudaGraphDebugDotFlagsEventNodeParams", 0x40>,
    V<"cudaGraphDebugDotFlagsExtSemasSignalNodeParams", 0x80>,
    V<"cudaGraphDebugDotFlagsExtSemasWaitNodeParams", 0x100>,
    V<"cudaGraphDebugDotFlagsKernelNodeAttributes", 0x200>, V<"cudaGraphDebugDotFlagsHandles", 0x400>,
    V<"cudaGraphDebugDotFlagsConditionalNodeParams", 0x8000>]>;
def cudaGraphInstantiateFlags : Enum<"cudaGraphInstantiateFlags", [
    V<"cudaGraphInstantiateFlagAutoFreeOnLaunch", 1>, V<"cudaGraphInstantiateFlagUpload", 2>,
    V<"cudaGraphInstantiateFlagDeviceLaunch", 4>, V<"cudaGraphInstantiateFlagUseNodePriority", 8>]>;

let Noun = "cudart_graph" in {
def cudaGraphCreate : Runtime<[Out<"cudaGraph_t", "pGraph">, In<"unsigned int", "flags">]>,
    Forwards<"cuGraphCreate">;
def cudaGraphAddKernelNode : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Ptr<"const struct cudaKernelNodeParams*", "pNodeParams">]>, Done;
def cudaGraphKernelNodeGetParams : Runtime<[In<"cudaGraphNode_t", "node">,
    Out<"struct cudaKernelNodeParams", "pNodeParams">]>, Done;
def cudaGraphKernelNodeSetParams : Runtime<[In<"cudaGraphNode_t", "node">,
    Ptr<"const struct cudaKernelNodeParams*", "pNodeParams">]>, Done;
def cudaGraphKernelNodeCopyAttributes : Runtime<[In<"cudaGraphNode_t", "hDst">,
    In<"cudaGraphNode_t", "hSrc">]>, Forwards<"cuGraphKernelNodeCopyAttributes">;
def cudaGraphKernelNodeGetAttribute : Runtime<[In<"cudaGraphNode_t", "hNode">,
    In<"cudaLaunchAttributeID", "attr">, Out<"cudaLaunchAttributeValue", "value_out">]>, Forwards<"cuGraphKernelNodeGetAttribute">;
def cudaGraphKernelNodeSetAttribute : Runtime<[In<"cudaGraphNode_t", "hNode">,
    In<"cudaLaunchAttributeID", "attr">, Ptr<"const cudaLaunchAttributeValue*", "value">]>, Forwards<"cuGraphKernelNodeSetAttribute">;
def cudaGraphAddMemcpyNode : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Ptr<"const struct cudaMemcpy3DParms*", "pCopyParams">]>, Done;
def cudaGraphAddMemcpyNodeToSymbol : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">,
    In<"cudaGraph_t", "graph">, Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">,
    In<"size_t", "numDependencies">, In<"const void*", "symbol">, In<"const void*", "src">,
    In<"size_t", "count">, In<"size_t", "offset">, In<"enum cudaMemcpyKind", "kind">]>, Done;
def cudaGraphAddMemcpyNodeFromSymbol : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">,
    In<"cudaGraph_t", "graph">, Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">,
    In<"size_t", "numDependencies">, In<"void*", "dst">, In<"const void*", "symbol">, In<"size_t", "count">,
    In<"size_t", "offset">, In<"enum cudaMemcpyKind", "kind">]>, Done;
def cudaGraphAddMemcpyNode1D : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">, In<"size_t", "numDependencies">, In<"void*", "dst">,
    In<"const void*", "src">, In<"size_t", "count">, In<"enum cudaMemcpyKind", "kind">]>, Done;
def cudaGraphMemcpyNodeGetParams : Runtime<[In<"cudaGraphNode_t", "node">,
    Out<"struct cudaMemcpy3DParms", "pNodeParams">]>, Done;
def cudaGraphMemcpyNodeSetParams : Runtime<[In<"cudaGraphNode_t", "node">,
    Ptr<"const struct cudaMemcpy3DParms*", "pNodeParams">]>, Done;
def cudaGraphMemcpyNodeSetParamsToSymbol : Runtime<[In<"cudaGraphNode_t", "node">,
    In<"const void*", "symbol">, In<"const void*", "src">, In<"size_t", "count">, In<"size_t", "offset">,
    In<"enum cudaMemcpyKind", "kind">]>, Done;
def cudaGraphMemcpyNodeSetParamsFromSymbol : Runtime<[In<"cudaGraphNode_t", "node">, In<"void*", "dst">,
    In<"const void*", "symbol">, In<"size_t", "count">, In<"size_t", "offset">,
    In<"enum cudaMemcpyKind", "kind">]>, Done;
def cudaGraphMemcpyNodeSetParams1D : Runtime<[In<"cudaGraphNode_t", "node">, In<"void*", "dst">,
    In<"const void*", "src">, In<"size_t", "count">, In<"enum cudaMemcpyKind", "kind">]>, Done;
def cudaGraphAddMemsetNode : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Ptr<"const struct cudaMemsetParams*", "pMemsetParams">]>, Done;
def cudaGraphMemsetNodeGetParams : Runtime<[In<"cudaGraphNode_t", "node">,
    Out<"struct cudaMemsetParams", "pNodeParams">]>, Done;
def cudaGraphMemsetNodeSetParams : Runtime<[In<"cudaGraphNode_t", "node">,
    Ptr<"const struct cudaMemsetParams*", "pNodeParams">]>, Done;
def cudaGraphAddHostNode : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Ptr<"const struct cudaHostNodeParams*", "pNodeParams">]>, Forwards<"cuGraphAddHostNode">;
def cudaGraphHostNodeGetParams : Runtime<[In<"cudaGraphNode_t", "node">,
    Out<"struct cudaHostNodeParams", "pNodeParams">]>, Forwards<"cuGraphHostNodeGetParams">;
def cudaGraphHostNodeSetParams : Runtime<[In<"cudaGraphNode_t", "node">,
    Ptr<"const struct cudaHostNodeParams*", "pNodeParams">]>, Forwards<"cuGraphHostNodeSetParams">;
def cudaGraphAddChildGraphNode : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">, In<"size_t", "numDependencies">,
    In<"cudaGraph_t", "childGraph">]>, Forwards<"cuGraphAddChildGraphNode">;
def cudaGraphChildGraphNodeGetGraph : Runtime<[In<"cudaGraphNode_t", "node">, Out<"cudaGraph_t", "pGraph">]>, Forwards<"cuGraphChildGraphNodeGetGraph">;
def cudaGraphAddEmptyNode : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">, In<"size_t", "numDependencies">]>,
    Forwards<"cuGraphAddEmptyNode">;
def cudaGraphAddEventRecordNode : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">, In<"size_t", "numDependencies">,
    In<"cudaEvent_t", "event">]>, Forwards<"cuGraphAddEventRecordNode">;
def cudaGraphEventRecordNodeGetEvent : Runtime<[In<"cudaGraphNode_t", "node">,
    Out<"cudaEvent_t", "event_out">]>, Forwards<"cuGraphEventRecordNodeGetEvent">;
def cudaGraphEventRecordNodeSetEvent : Runtime<[In<"cudaGraphNode_t", "node">, In<"cudaEvent_t", "event">]>, Forwards<"cuGraphEventRecordNodeSetEvent">;
def cudaGraphAddEventWaitNode : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">, In<"size_t", "numDependencies">,
    In<"cudaEvent_t", "event">]>, Forwards<"cuGraphAddEventWaitNode">;
def cudaGraphEventWaitNodeGetEvent : Runtime<[In<"cudaGraphNode_t", "node">,
    Out<"cudaEvent_t", "event_out">]>, Forwards<"cuGraphEventWaitNodeGetEvent">;
def cudaGraphEventWaitNodeSetEvent : Runtime<[In<"cudaGraphNode_t", "node">, In<"cudaEvent_t", "event">]>, Forwards<"cuGraphEventWaitNodeSetEvent">;
def cudaGraphAddExternalSemaphoresSignalNode : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">,
    In<"cudaGraph_t", "graph">, Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">,
    In<"size_t", "numDependencies">,
    Ptr<"const struct cudaExternalSemaphoreSignalNodeParams*", "nodeParams">]>,
    Forwards<"cuGraphAddExternalSemaphoresSignalNode">;
def cudaGraphExternalSemaphoresSignalNodeGetParams : Runtime<[In<"cudaGraphNode_t", "hNode">,
    Out<"struct cudaExternalSemaphoreSignalNodeParams", "params_out">]>,
    Forwards<"cuGraphExternalSemaphoresSignalNodeGetParams">;
def cudaGraphExternalSemaphoresSignalNodeSetParams : Runtime<[In<"cudaGraphNode_t", "hNode">,
    Ptr<"const struct cudaExternalSemaphoreSignalNodeParams*", "nodeParams">]>,
    Forwards<"cuGraphExternalSemaphoresSignalNodeSetParams">;
def cudaGraphAddExternalSemaphoresWaitNode : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">,
    In<"cudaGraph_t", "graph">, Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">,
    In<"size_t", "numDependencies">,
    Ptr<"const struct cudaExternalSemaphoreWaitNodeParams*", "nodeParams">]>,
    Forwards<"cuGraphAddExternalSemaphoresWaitNode">;
def cudaGraphExternalSemaphoresWaitNodeGetParams : Runtime<[In<"cudaGraphNode_t", "hNode">,
    Out<"struct cudaExternalSemaphoreWaitNodeParams", "params_out">]>,
    Forwards<"cuGraphExternalSemaphoresWaitNodeGetParams">;
def cudaGraphExternalSemaphoresWaitNodeSetParams : Runtime<[In<"cudaGraphNode_t", "hNode">,
    Ptr<"const struct cudaExternalSemaphoreWaitNodeParams*", "nodeParams">]>,
    Forwards<"cuGraphExternalSemaphoresWaitNodeSetParams">;
def cudaGraphAddMemAllocNode : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Out<"struct cudaMemAllocNodeParams", "nodeParams">]>, Forwards<"cuGraphAddMemAllocNode">;
def cudaGraphMemAllocNodeGetParams : Runtime<[In<"cudaGraphNode_t", "node">,
    Out<"struct cudaMemAllocNodeParams", "params_out">]>, Forwards<"cuGraphMemAllocNodeGetParams">;
def cudaGraphAddMemFreeNode : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">, In<"size_t", "numDependencies">,
    In<"void*", "dptr">]>, Forwards<"cuGraphAddMemFreeNode">;
def cudaGraphMemFreeNodeGetParams : Runtime<[In<"cudaGraphNode_t", "node">, In<"void*", "dptr_out">]>, Forwards<"cuGraphMemFreeNodeGetParams">;
def cudaGraphClone : Runtime<[Out<"cudaGraph_t", "pGraphClone">, In<"cudaGraph_t", "originalGraph">]>,
    Forwards<"cuGraphClone">;
def cudaGraphNodeFindInClone : Runtime<[Out<"cudaGraphNode_t", "pNode">,
    In<"cudaGraphNode_t", "originalNode">, In<"cudaGraph_t", "clonedGraph">]>, Forwards<"cuGraphNodeFindInClone">;
def cudaGraphNodeGetType : Runtime<[In<"cudaGraphNode_t", "node">, Out<"enum cudaGraphNodeType", "pType">]>,
    Forwards<"cuGraphNodeGetType">;
def cudaGraphGetNodes : Runtime<[In<"cudaGraph_t", "graph">, Out<"cudaGraphNode_t", "nodes">,
    Out<"size_t", "numNodes">]>, Forwards<"cuGraphGetNodes">;
def cudaGraphGetRootNodes : Runtime<[In<"cudaGraph_t", "graph">, Out<"cudaGraphNode_t", "pRootNodes">,
    Out<"size_t", "pNumRootNodes">]>, Forwards<"cuGraphGetRootNodes">;
def cudaGraphGetEdges : Runtime<[In<"cudaGraph_t", "graph">, Opt<"cudaGraphNode_t*", "from">,
    Opt<"cudaGraphNode_t*", "to">, Opt<"cudaGraphEdgeData*", "edgeData">, InOut<"size_t", "numEdges">]>, Forwards<"cuGraphGetEdges_v2">,
    Named<"", "cudaGraphGetEdges_v2", "cudaGraphGetEdges">;
def cudaGraphNodeGetDependencies : Runtime<[In<"cudaGraphNode_t", "node">,
    Opt<"cudaGraphNode_t*", "pDependencies">, Opt<"cudaGraphEdgeData*", "edgeData">,
    InOut<"size_t", "pNumDependencies">]>, Forwards<"cuGraphNodeGetDependencies_v2">,
    Named<"", "cudaGraphNodeGetDependencies_v2", "cudaGraphNodeGetDependencies">;
def cudaGraphNodeGetDependentNodes : Runtime<[In<"cudaGraphNode_t", "node">,
    Opt<"cudaGraphNode_t*", "pDependentNodes">, Opt<"cudaGraphEdgeData*", "edgeData">,
    InOut<"size_t", "pNumDependentNodes">]>, Forwards<"cuGraphNodeGetDependentNodes_v2">,
    Named<"", "cudaGraphNodeGetDependentNodes_v2", "cudaGraphNodeGetDependentNodes">;
def cudaGraphAddDependencies : Runtime<[In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "from", "numDependencies">,
    Array<"const cudaGraphNode_t*", "to", "numDependencies">,
    Opt<"const cudaGraphEdgeData*", "edgeData">, In<"size_t", "numDependencies">]>, Forwards<"cuGraphAddDependencies_v2">,
    Named<"", "cudaGraphAddDependencies_v2", "cudaGraphAddDependencies">;
def cudaGraphRemoveDependencies : Runtime<[In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "from", "numDependencies">,
    Array<"const cudaGraphNode_t*", "to", "numDependencies">,
    Opt<"const cudaGraphEdgeData*", "edgeData">, In<"size_t", "numDependencies">]>, Forwards<"cuGraphRemoveDependencies_v2">,
    Named<"", "cudaGraphRemoveDependencies_v2", "cudaGraphRemoveDependencies">;
def cudaGraphDestroyNode : Runtime<[In<"cudaGraphNode_t", "node">]>, Forwards<"cuGraphDestroyNode">;
def cudaGraphInstantiate : Runtime<[Out<"cudaGraphExec_t", "pGraphExec">, In<"cudaGraph_t", "graph">,
    In<"unsigned long long", "flags", "0">]>, Forwards<"cuGraphInstantiateWithFlags">,
    Named<"", "cudaGraphInstantiate", "cudaGraphInstantiate">;
def cudaGraphInstantiateWithFlags : Runtime<[Out<"cudaGraphExec_t", "pGraphExec">, In<"cudaGraph_t", "graph">,
    In<"unsigned long long", "flags", "0">]>, Forwards<"cuGraphInstantiateWithFlags">;
def cudaGraphExecGetFlags : Runtime<[In<"cudaGraphExec_t", "graphExec">, Out<"unsigned long long",
    "flags">]>, Forwards<"cuGraphExecGetFlags">, From<12>;
def cudaGraphExecKernelNodeSetParams : Runtime<[In<"cudaGraphExec_t", "hGraphExec">,
    In<"cudaGraphNode_t", "node">, Ptr<"const struct cudaKernelNodeParams*", "pNodeParams">]>, Done;
def cudaGraphExecMemcpyNodeSetParams : Runtime<[In<"cudaGraphExec_t", "hGraphExec">,
    In<"cudaGraphNode_t", "node">, Ptr<"const struct cudaMemcpy3DParms*", "pNodeParams">]>, Done;
def cudaGraphExecMemcpyNodeSetParamsToSymbol : Runtime<[In<"cudaGraphExec_t", "hGraphExec">,
    In<"cudaGraphNode_t", "node">, In<"const void*", "symbol">, In<"const void*", "src">,
    In<"size_t", "count">, In<"size_t", "offset">, In<"enum cudaMemcpyKind", "kind">]>, Done;
def cudaGraphExecMemcpyNodeSetParamsFromSymbol : Runtime<[In<"cudaGraphExec_t", "hGraphExec">,
    In<"cudaGraphNode_t", "node">, In<"void*", "dst">, In<"const void*", "symbol">, In<"size_t", "count">,
    In<"size_t", "offset">, In<"enum cudaMemcpyKind", "kind">]>, Done;
def cudaGraphExecMemcpyNodeSetParams1D : Runtime<[In<"cudaGraphExec_t", "hGraphExec">,
    In<"cudaGraphNode_t", "node">, In<"void*", "dst">, In<"const void*", "src">, In<"size_t", "count">,
    In<"enum cudaMemcpyKind", "kind">]>, Done;
def cudaGraphExecMemsetNodeSetParams : Runtime<[In<"cudaGraphExec_t", "hGraphExec">,
    In<"cudaGraphNode_t", "node">, Ptr<"const struct cudaMemsetParams*", "pNodeParams">]>, Done;
def cudaGraphExecHostNodeSetParams : Runtime<[In<"cudaGraphExec_t", "hGraphExec">,
    In<"cudaGraphNode_t", "node">, Ptr<"const struct cudaHostNodeParams*", "pNodeParams">]>, Forwards<"cuGraphExecHostNodeSetParams">;
def cudaGraphExecChildGraphNodeSetParams : Runtime<[In<"cudaGraphExec_t", "hGraphExec">,
    In<"cudaGraphNode_t", "node">, In<"cudaGraph_t", "childGraph">]>, Forwards<"cuGraphExecChildGraphNodeSetParams">;
def cudaGraphExecEventRecordNodeSetEvent : Runtime<[In<"cudaGraphExec_t", "hGraphExec">,
    In<"cudaGraphNode_t", "hNode">, In<"cudaEvent_t", "event">]>, Forwards<"cuGraphExecEventRecordNodeSetEvent">;
def cudaGraphExecEventWaitNodeSetEvent : Runtime<[In<"cudaGraphExec_t", "hGraphExec">,
    In<"cudaGraphNode_t", "hNode">, In<"cudaEvent_t", "event">]>, Forwards<"cuGraphExecEventWaitNodeSetEvent">;
def cudaGraphExecExternalSemaphoresSignalNodeSetParams : Runtime<[In<"cudaGraphExec_t", "hGraphExec">,
    In<"cudaGraphNode_t", "hNode">,
    Ptr<"const struct cudaExternalSemaphoreSignalNodeParams*", "nodeParams">]>,
    Forwards<"cuGraphExecExternalSemaphoresSignalNodeSetParams">;
def cudaGraphExecExternalSemaphoresWaitNodeSetParams : Runtime<[In<"cudaGraphExec_t", "hGraphExec">,
    In<"cudaGraphNode_t", "hNode">, Ptr<"const struct cudaExternalSemaphoreWaitNodeParams*", "nodeParams">]>,
    Forwards<"cuGraphExecExternalSemaphoresWaitNodeSetParams">;
def cudaGraphNodeSetEnabled : Runtime<[In<"cudaGraphExec_t", "hGraphExec">, In<"cudaGraphNode_t", "hNode">,
    In<"unsigned int", "isEnabled">]>, Forwards<"cuGraphNodeSetEnabled">;
def cudaGraphNodeGetEnabled : Runtime<[In<"cudaGraphExec_t", "hGraphExec">, In<"cudaGraphNode_t", "hNode">,
    Out<"unsigned int", "isEnabled">]>, Forwards<"cuGraphNodeGetEnabled">;
def cudaGraphExecUpdate : Runtime<[In<"cudaGraphExec_t", "hGraphExec">, In<"cudaGraph_t", "hGraph">,
    Out<"cudaGraphExecUpdateResultInfo", "resultInfo">]>, Forwards<"cuGraphExecUpdate_v2">,
    Named<"", "cudaGraphExecUpdate", "cudaGraphExecUpdate">;
def cudaGraphExecDestroy : Runtime<[In<"cudaGraphExec_t", "graphExec">]>, Forwards<"cuGraphExecDestroy">;
def cudaGraphDestroy : Runtime<[In<"cudaGraph_t", "graph">]>, Forwards<"cuGraphDestroy">;
def cudaGraphDebugDotPrint : Runtime<[In<"cudaGraph_t", "graph">, Str<"path">, In<"unsigned int", "flags">]>, Forwards<"cuGraphDebugDotPrint">;
def cudaUserObjectCreate : Runtime<[Out<"cudaUserObject_t", "object_out">, In<"void*", "ptr">,
    In<"cudaHostFn_t", "destroy">, In<"unsigned int", "initialRefcount">, In<"unsigned int", "flags">]>, Forwards<"cuUserObjectCreate">;
def cudaUserObjectRetain : Runtime<[In<"cudaUserObject_t", "object">, In<"unsigned int", "count", "1">]>, Forwards<"cuUserObjectRetain">;
def cudaUserObjectRelease : Runtime<[In<"cudaUserObject_t", "object">, In<"unsigned int", "count", "1">]>, Forwards<"cuUserObjectRelease">;
def cudaGraphRetainUserObject : Runtime<[In<"cudaGraph_t", "graph">, In<"cudaUserObject_t", "object">,
    In<"unsigned int", "count", "1">, In<"unsigned int", "flags", "0">]>, Forwards<"cuGraphRetainUserObject">;
def cudaGraphReleaseUserObject : Runtime<[In<"cudaGraph_t", "graph">, In<"cudaUserObject_t", "object">,
    In<"unsigned int", "count", "1">]>, Forwards<"cuGraphReleaseUserObject">;
def cudaGraphAddNode : Runtime<[Out<"cudaGraphNode_t", "pGraphNode">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "pDependencies", "numDependencies">,
    Opt<"const cudaGraphEdgeData*", "dependencyData">, In<"size_t", "numDependencies">,
    Out<"struct cudaGraphNodeParams", "nodeParams">]>,
    Done, Named<"", "cudaGraphAddNode_v2", "cudaGraphAddNode">;
def cudaGraphNodeSetParams : Runtime<[In<"cudaGraphNode_t", "node">,
    Out<"struct cudaGraphNodeParams", "nodeParams">]>, Done, From<12>;
def cudaGraphExecNodeSetParams : Runtime<[In<"cudaGraphExec_t", "graphExec">, In<"cudaGraphNode_t", "node">,
    Out<"struct cudaGraphNodeParams", "nodeParams">]>, Done, From<12>;
def cudaGraphConditionalHandleCreate : Runtime<[Out<"cudaGraphConditionalHandle", "pHandle_out">,
    In<"cudaGraph_t", "graph">, In<"unsigned int", "defaultLaunchValue", "0">,
    In<"unsigned int", "flags", "0">]>, Done, From<12>;
def cudaGraphInstantiateWithParams : Runtime<[Out<"cudaGraphExec_t", "pGraphExec">,
    In<"cudaGraph_t", "graph">, Out<"cudaGraphInstantiateParams", "instantiateParams">]>, Ptsz<7000>,
    Forwards<"cuGraphInstantiateWithParams">, From<12>;
def cudaGraphUpload : Runtime<[In<"cudaGraphExec_t", "graphExec">, In<"cudaStream_t", "stream">]>,
    Ptsz<7000>, Forwards<"cuGraphUpload">;
def cudaGraphLaunch : Runtime<[In<"cudaGraphExec_t", "graphExec">, In<"cudaStream_t", "stream">]>,
    Ptsz<7000>, Forwards<"cuGraphLaunch">;
}  // cudart_graph
