// Graphs, their nodes and executables; user objects.

def CU_GRAPH_COND_ASSIGN_DEFAULT : Constant<"0x1">;
def CU_GRAPH_KERNEL_NODE_PORT_DEFAULT : Constant<"0">;
def CU_GRAPH_KERNEL_NODE_PORT_LAUNCH_ORDER : Constant<"2">;
def CU_GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC : Constant<"1">;

def CUgraph : HandleType<"CUgraph_st", "Graph">;
def CUgraphNode : HandleType<"CUgraphNode_st", "GraphNode">;
def CUgraphExec : HandleType<"CUgraphExec_st", "GraphExec">;
def CUuserObject : HandleType<"CUuserObject_st", "UserObject">;
def CUgraphConditionalHandle : Typedef<"cuuint64_t">;
def CUgraphDeviceNode : Typedef<"struct CUgraphDeviceUpdatableNode_st*">;
def CUDA_BATCH_MEM_OP_NODE_PARAMS_v1 : Struct<"CUDA_BATCH_MEM_OP_NODE_PARAMS_v1_st", [F<"CUcontext", "ctx">,
    F<"unsigned int", "count">, F<"CUstreamBatchMemOpParams*", "paramArray">, F<"unsigned int", "flags">]>;
def CUDA_BATCH_MEM_OP_NODE_PARAMS : Typedef<"CUDA_BATCH_MEM_OP_NODE_PARAMS_v1">;
def CUDA_BATCH_MEM_OP_NODE_PARAMS_v2 : Struct<"CUDA_BATCH_MEM_OP_NODE_PARAMS_v2_st", [F<"CUcontext", "ctx">,
    F<"unsigned int", "count">, F<"CUstreamBatchMemOpParams*", "paramArray">, F<"unsigned int", "flags">]>;
def CUhostFn : Callback<"void", ["void*"]>;
def CUDA_KERNEL_NODE_PARAMS_v1 : Struct<"CUDA_KERNEL_NODE_PARAMS_st", [F<"CUfunction", "func">,
    F<"unsigned int", "gridDimX">, F<"unsigned int", "gridDimY">, F<"unsigned int", "gridDimZ">,
    F<"unsigned int", "blockDimX">, F<"unsigned int", "blockDimY">, F<"unsigned int", "blockDimZ">,
    F<"unsigned int", "sharedMemBytes">, F<"void**", "kernelParams">, F<"void**", "extra">]>;
def CUDA_KERNEL_NODE_PARAMS_v2 : Struct<"CUDA_KERNEL_NODE_PARAMS_v2_st", [F<"CUfunction", "func">,
    F<"unsigned int", "gridDimX">, F<"unsigned int", "gridDimY">, F<"unsigned int", "gridDimZ">,
    F<"unsigned int", "blockDimX">, F<"unsigned int", "blockDimY">, F<"unsigned int", "blockDimZ">,
    F<"unsigned int", "sharedMemBytes">, F<"void**", "kernelParams">, F<"void**", "extra">,
    F<"CUkernel", "kern">, F<"CUcontext", "ctx">]>;
def CUDA_KERNEL_NODE_PARAMS : Typedef<"CUDA_KERNEL_NODE_PARAMS_v2">;
def CUDA_KERNEL_NODE_PARAMS_v3 : Struct<"CUDA_KERNEL_NODE_PARAMS_v3_st", [F<"CUfunction", "func">,
    F<"unsigned int", "gridDimX">, F<"unsigned int", "gridDimY">, F<"unsigned int", "gridDimZ">,
    F<"unsigned int", "blockDimX">, F<"unsigned int", "blockDimY">, F<"unsigned int", "blockDimZ">,
    F<"unsigned int", "sharedMemBytes">, F<"void**", "kernelParams">, F<"void**", "extra">,
    F<"CUkernel", "kern">, F<"CUcontext", "ctx">]>;
def CUDA_MEMSET_NODE_PARAMS_v1 : Struct<"CUDA_MEMSET_NODE_PARAMS_st", [F<"CUdeviceptr", "dst">,
    F<"size_t", "pitch">, F<"unsigned int", "value">, F<"unsigned int", "elementSize">, F<"size_t", "width">,
    F<"size_t", "height">]>;
def CUDA_MEMSET_NODE_PARAMS : Typedef<"CUDA_MEMSET_NODE_PARAMS_v1">;
def CUDA_MEMSET_NODE_PARAMS_v2 : Struct<"CUDA_MEMSET_NODE_PARAMS_v2_st", [F<"CUdeviceptr", "dst">,
    F<"size_t", "pitch">, F<"unsigned int", "value">, F<"unsigned int", "elementSize">, F<"size_t", "width">,
    F<"size_t", "height">, F<"CUcontext", "ctx">]>;
def CUDA_HOST_NODE_PARAMS_v1 : Struct<"CUDA_HOST_NODE_PARAMS_st", [F<"CUhostFn", "fn">,
    F<"void*", "userData">]>;
def CUDA_HOST_NODE_PARAMS : Typedef<"CUDA_HOST_NODE_PARAMS_v1">;
def CUDA_HOST_NODE_PARAMS_v2 : Struct<"CUDA_HOST_NODE_PARAMS_v2_st", [F<"CUhostFn", "fn">,
    F<"void*", "userData">]>;
def CUgraphConditionalNodeType : Enum<"CUgraphConditionalNodeType_enum", [V<"CU_GRAPH_COND_TYPE_IF", 0>,
    V<"CU_GRAPH_COND_TYPE_WHILE", 1>, V<"CU_GRAPH_COND_TYPE_SWITCH", 2>]>;
def CUDA_CONDITIONAL_NODE_PARAMS : Struct<"CUDA_CONDITIONAL_NODE_PARAMS", [
    F<"CUgraphConditionalHandle", "handle">, F<"CUgraphConditionalNodeType", "type">,
    F<"unsigned int", "size">, F<"CUgraph*", "phGraph_out">, F<"CUcontext", "ctx">]>;
def CUgraphNodeType : Enum<"CUgraphNodeType_enum", [V<"CU_GRAPH_NODE_TYPE_KERNEL", 0>,
    V<"CU_GRAPH_NODE_TYPE_MEMCPY", 1>, V<"CU_GRAPH_NODE_TYPE_MEMSET", 2>, V<"CU_GRAPH_NODE_TYPE_HOST", 3>,
    V<"CU_GRAPH_NODE_TYPE_GRAPH", 4>, V<"CU_GRAPH_NODE_TYPE_EMPTY", 5>, V<"CU_GRAPH_NODE_TYPE_WAIT_EVENT", 6>,
    V<"CU_GRAPH_NODE_TYPE_EVENT_RECORD", 7>, V<"CU_GRAPH_NODE_TYPE_EXT_SEMAS_SIGNAL", 8>,
    V<"CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT", 9>, V<"CU_GRAPH_NODE_TYPE_MEM_ALLOC", 10>,
    V<"CU_GRAPH_NODE_TYPE_MEM_FREE", 11>, V<"CU_GRAPH_NODE_TYPE_BATCH_MEM_OP", 12>,
    V<"CU_GRAPH_NODE_TYPE_CONDITIONAL", 13>]>;
def CUgraphDependencyType : Enum<"CUgraphDependencyType_enum", [V<"CU_GRAPH_DEPENDENCY_TYPE_DEFAULT", 0>,
    V<"CU_GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC", 1>]>;
def CUgraphEdgeData : Struct<"CUgraphEdgeData_st", [F<"unsigned char", "from_port">,
    F<"unsigned char", "to_port">, F<"unsigned char", "type">, F<"unsigned char", "reserved", "[5]">]>;
def CUgraphInstantiateResult : Enum<"CUgraphInstantiateResult_enum", [V<"CUDA_GRAPH_INSTANTIATE_SUCCESS", 0>,
    V<"CUDA_GRAPH_INSTANTIATE_ERROR", 1>, V<"CUDA_GRAPH_INSTANTIATE_INVALID_STRUCTURE", 2>,
    V<"CUDA_GRAPH_INSTANTIATE_NODE_OPERATION_NOT_SUPPORTED", 3>,
    V<"CUDA_GRAPH_INSTANTIATE_MULTIPLE_CTXS_NOT_SUPPORTED", 4>,
    V<"CUDA_GRAPH_INSTANTIATE_CONDITIONAL_HANDLE_UNUSED", 5>]>;
def CUDA_GRAPH_INSTANTIATE_PARAMS : Struct<"CUDA_GRAPH_INSTANTIATE_PARAMS_st", [F<"cuuint64_t", "flags">,
    F<"CUstream", "hUploadStream">, F<"CUgraphNode", "hErrNode_out">,
    F<"CUgraphInstantiateResult", "result_out">]>;
def CUDA_MEMCPY_NODE_PARAMS : Struct<"CUDA_MEMCPY_NODE_PARAMS_st", [F<"int", "flags">, F<"int", "reserved">,
    F<"CUcontext", "copyCtx">, F<"CUDA_MEMCPY3D", "copyParams">]>;
def CUDA_EXT_SEM_SIGNAL_NODE_PARAMS_v1 : Struct<"CUDA_EXT_SEM_SIGNAL_NODE_PARAMS_st", [
    F<"CUexternalSemaphore*", "extSemArray">,
    F<"const CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS*", "paramsArray">, F<"unsigned int", "numExtSems">]>;
def CUDA_EXT_SEM_SIGNAL_NODE_PARAMS : Typedef<"CUDA_EXT_SEM_SIGNAL_NODE_PARAMS_v1">;
def CUDA_EXT_SEM_SIGNAL_NODE_PARAMS_v2 : Struct<"CUDA_EXT_SEM_SIGNAL_NODE_PARAMS_v2_st", [
    F<"CUexternalSemaphore*", "extSemArray">,
    F<"const CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS*", "paramsArray">, F<"unsigned int", "numExtSems">]>;
def CUDA_EXT_SEM_WAIT_NODE_PARAMS_v1 : Struct<"CUDA_EXT_SEM_WAIT_NODE_PARAMS_st", [
    F<"CUexternalSemaphore*", "extSemArray">, F<"const CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS*", "paramsArray">,
    F<"unsigned int", "numExtSems">]>;
def CUDA_EXT_SEM_WAIT_NODE_PARAMS : Typedef<"CUDA_EXT_SEM_WAIT_NODE_PARAMS_v1">;
def CUDA_EXT_SEM_WAIT_NODE_PARAMS_v2 : Struct<"CUDA_EXT_SEM_WAIT_NODE_PARAMS_v2_st", [
    F<"CUexternalSemaphore*", "extSemArray">, F<"const CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS*", "paramsArray">,
    F<"unsigned int", "numExtSems">]>;
def CUgraphExecUpdateResult : Enum<"CUgraphExecUpdateResult_enum", [V<"CU_GRAPH_EXEC_UPDATE_SUCCESS", 0>,
    V<"CU_GRAPH_EXEC_UPDATE_ERROR", 1>, V<"CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED", 2>,
    V<"CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED", 3>, V<"CU_GRAPH_EXEC_UPDATE_ERROR_FUNCTION_CHANGED", 4>,
    V<"CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED", 5>, V<"CU_GRAPH_EXEC_UPDATE_ERROR_NOT_SUPPORTED", 6>,
    V<"CU_GRAPH_EXEC_UPDATE_ERROR_UNSUPPORTED_FUNCTION_CHANGE", 7>,
    V<"CU_GRAPH_EXEC_UPDATE_ERROR_ATTRIBUTES_CHANGED", 8>]>;
def CUgraphExecUpdateResultInfo_v1 : Struct<"CUgraphExecUpdateResultInfo_st", [
    F<"CUgraphExecUpdateResult", "result">, F<"CUgraphNode", "errorNode">,
    F<"CUgraphNode", "errorFromNode">]>;
def CUgraphExecUpdateResultInfo : Typedef<"CUgraphExecUpdateResultInfo_v1">;
def CUDA_MEM_ALLOC_NODE_PARAMS_v1 : Struct<"CUDA_MEM_ALLOC_NODE_PARAMS_v1_st", [
    F<"CUmemPoolProps", "poolProps">, F<"const CUmemAccessDesc*", "accessDescs">,
    F<"size_t", "accessDescCount">, F<"size_t", "bytesize">, F<"CUdeviceptr", "dptr">]>;
def CUDA_MEM_ALLOC_NODE_PARAMS : Typedef<"CUDA_MEM_ALLOC_NODE_PARAMS_v1">;
def CUDA_MEM_ALLOC_NODE_PARAMS_v2 : Struct<"CUDA_MEM_ALLOC_NODE_PARAMS_v2_st", [
    F<"CUmemPoolProps", "poolProps">, F<"const CUmemAccessDesc*", "accessDescs">,
    F<"size_t", "accessDescCount">, F<"size_t", "bytesize">, F<"CUdeviceptr", "dptr">]>;
def CUDA_MEM_FREE_NODE_PARAMS : Struct<"CUDA_MEM_FREE_NODE_PARAMS_st", [F<"CUdeviceptr", "dptr">]>;
def CUgraphMem_attribute : Enum<"CUgraphMem_attribute_enum", [V<"CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT", 0>,
    V<"CU_GRAPH_MEM_ATTR_USED_MEM_HIGH", 1>, V<"CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT", 2>,
    V<"CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH", 3>]>;
def CUgraphChildGraphNodeOwnership : Enum<"CUgraphChildGraphNodeOwnership_enum", [
    V<"CU_GRAPH_CHILD_GRAPH_OWNERSHIP_CLONE", 0>, V<"CU_GRAPH_CHILD_GRAPH_OWNERSHIP_MOVE", 1>]>;
def CUDA_CHILD_GRAPH_NODE_PARAMS : Struct<"CUDA_CHILD_GRAPH_NODE_PARAMS_st", [F<"CUgraph", "graph">,
    F<"CUgraphChildGraphNodeOwnership", "ownership">]>;
def CUDA_EVENT_RECORD_NODE_PARAMS : Struct<"CUDA_EVENT_RECORD_NODE_PARAMS_st", [F<"CUevent", "event">]>;
def CUDA_EVENT_WAIT_NODE_PARAMS : Struct<"CUDA_EVENT_WAIT_NODE_PARAMS_st", [F<"CUevent", "event">]>;
def CUgraphNodeParams : Struct<"CUgraphNodeParams_st", [F<"CUgraphNodeType", "type">,
    F<"int", "reserved0", "[3]">, Nested<"union", "", [F<"long long", "reserved1", "[29]">,
    F<"CUDA_KERNEL_NODE_PARAMS_v3", "kernel">, F<"CUDA_MEMCPY_NODE_PARAMS", "memcpy">,
    F<"CUDA_MEMSET_NODE_PARAMS_v2", "memset">, F<"CUDA_HOST_NODE_PARAMS_v2", "host">,
    F<"CUDA_CHILD_GRAPH_NODE_PARAMS", "graph">, F<"CUDA_EVENT_WAIT_NODE_PARAMS", "eventWait">,
    F<"CUDA_EVENT_RECORD_NODE_PARAMS", "eventRecord">,
    F<"CUDA_EXT_SEM_SIGNAL_NODE_PARAMS_v2", "extSemSignal">,
    F<"CUDA_EXT_SEM_WAIT_NODE_PARAMS_v2", "extSemWait">, F<"CUDA_MEM_ALLOC_NODE_PARAMS_v2", "alloc">,
    F<"CUDA_MEM_FREE_NODE_PARAMS", "free">, F<"CUDA_BATCH_MEM_OP_NODE_PARAMS_v2", "memOp">,
    F<"CUDA_CONDITIONAL_NODE_PARAMS", "conditional">]>, F<"long long", "reserved2">]>;
def CUgraphDebugDot_flags : Enum<"CUgraphDebugDot_flags_enum", [V<"CU_GRAPH_DEBUG_DOT_FLAGS_VERBOSE", 1>,
    V<"CU_GRAPH_DEBUG_DOT_FLAGS_RUNTIME_TYPES", 2>, V<"CU_GRAPH_DEBUG_DOT_FLAGS_KERNEL_NODE_PARAMS", 4>,
    V<"CU_GRAPH_DEBUG_DOT_FLAGS_MEMCPY_NODE_PARAMS", 8>, V<"CU_GRAPH_DEBUG_DOT_FLAGS_MEMSET_NODE_PARAMS", 16>,
    V<"CU_GRAPH_DEBUG_DOT_FLAGS_HOST_NODE_PARAMS", 32>, V<"CU_GRAPH_DEBUG_DOT_FLAGS_EVENT_NODE_PARAMS", 0x40>,
    V<"CU_GRAPH_DEBUG_DOT_FLAGS_EXT_SEMAS_SIGNAL_NODE_PARAMS", 0x80>,
    V<"CU_GRAPH_DEBUG_DOT_FLAGS_EXT_SEMAS_WAIT_NODE_PARAMS", 0x100>,
    V<"CU_GRAPH_DEBUG_DOT_FLAGS_KERNEL_NODE_ATTRIBUTES", 0x200>, V<"CU_GRAPH_DEBUG_DOT_FLAGS_HANDLES", 0x400>,
    V<"CU_GRAPH_DEBUG_DOT_FLAGS_MEM_ALLOC_NODE_PARAMS", 0x800>,
    V<"CU_GRAPH_DEBUG_DOT_FLAGS_MEM_FREE_NODE_PARAMS", 0x1000>,
    V<"CU_GRAPH_DEBUG_DOT_FLAGS_BATCH_MEM_OP_NODE_PARAMS", 0x2000>,
    V<"CU_GRAPH_DEBUG_DOT_FLAGS_EXTRA_TOPO_INFO", 0x4000>,
    V<"CU_GRAPH_DEBUG_DOT_FLAGS_CONDITIONAL_NODE_PARAMS", 0x8000>]>;
def CUuserObject_flags : Enum<"CUuserObject_flags_enum", [V<"CU_USER_OBJECT_NO_DESTRUCTOR_SYNC", 1>]>;
def CUuserObjectRetain_flags : Enum<"CUuserObjectRetain_flags_enum", [V<"CU_GRAPH_USER_OBJECT_MOVE", 1>]>;
def CUgraphInstantiate_flags : Enum<"CUgraphInstantiate_flags_enum", [
    V<"CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH", 1>, V<"CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD", 2>,
    V<"CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH", 4>,
    V<"CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY", 8>]>;

let Noun = "graph" in {
def cuGraphCreate : Driver<10000, [Out<"CUgraph", "phGraph">, In<"unsigned int", "flags">]>, NoContext, Done;
def cuGraphAddKernelNode_v2 : Driver<12000, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Array<"const CUgraphNode*", "dependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Ptr<"const CUDA_KERNEL_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphKernelNodeGetParams_v2 : Driver<12000, [Handle<"CUgraphNode", "hNode">,
    Out<"CUDA_KERNEL_NODE_PARAMS", "nodeParams">]>, NoContext, Done;
def cuGraphKernelNodeSetParams_v2 : Driver<12000, [Handle<"CUgraphNode", "hNode">,
    Ptr<"const CUDA_KERNEL_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphAddMemcpyNode : Driver<10000, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Array<"const CUgraphNode*", "dependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Ptr<"const CUDA_MEMCPY3D*", "copyParams">,
    OptHandle<"CUcontext", "ctx">]>, NoContext, Done;
def cuGraphMemcpyNodeGetParams : Driver<10000, [Handle<"CUgraphNode", "hNode">,
    Out<"CUDA_MEMCPY3D", "nodeParams">]>, NoContext, Done;
def cuGraphMemcpyNodeSetParams : Driver<10000, [Handle<"CUgraphNode", "hNode">,
    Ptr<"const CUDA_MEMCPY3D*", "nodeParams">]>, NoContext, Done;
def cuGraphAddMemsetNode : Driver<10000, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Array<"const CUgraphNode*", "dependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Ptr<"const CUDA_MEMSET_NODE_PARAMS*", "memsetParams">,
    OptHandle<"CUcontext", "ctx">]>, NoContext, Done;
def cuGraphMemsetNodeGetParams : Driver<10000, [Handle<"CUgraphNode", "hNode">,
    Out<"CUDA_MEMSET_NODE_PARAMS", "nodeParams">]>, NoContext, Done;
def cuGraphMemsetNodeSetParams : Driver<10000, [Handle<"CUgraphNode", "hNode">,
    Ptr<"const CUDA_MEMSET_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphAddHostNode : Driver<10000, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Array<"const CUgraphNode*", "dependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Ptr<"const CUDA_HOST_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphHostNodeGetParams : Driver<10000, [Handle<"CUgraphNode", "hNode">,
    Out<"CUDA_HOST_NODE_PARAMS", "nodeParams">]>, NoContext, Done;
def cuGraphHostNodeSetParams : Driver<10000, [Handle<"CUgraphNode", "hNode">,
    Ptr<"const CUDA_HOST_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphAddChildGraphNode : Driver<10000, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Array<"const CUgraphNode*", "dependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Handle<"CUgraph", "childGraph">]>, NoContext, Done;
def cuGraphChildGraphNodeGetGraph : Driver<10000, [Handle<"CUgraphNode", "hNode">,
    Out<"CUgraph", "phGraph">]>, NoContext, Done;
def cuGraphAddEmptyNode : Driver<10000, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Array<"const CUgraphNode*", "dependencies", "numDependencies">,
    In<"size_t", "numDependencies">]>, NoContext, Done;
def cuGraphAddEventRecordNode : Driver<11010, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Array<"const CUgraphNode*", "dependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Handle<"CUevent", "event">]>, NoContext, Done;
def cuGraphEventRecordNodeGetEvent : Driver<11010, [Handle<"CUgraphNode", "hNode">,
    Out<"CUevent", "event_out">]>, NoContext, Done;
def cuGraphEventRecordNodeSetEvent : Driver<11010, [Handle<"CUgraphNode", "hNode">,
    Handle<"CUevent", "event">]>, NoContext, Done;
def cuGraphAddEventWaitNode : Driver<11010, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Array<"const CUgraphNode*", "dependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Handle<"CUevent", "event">]>, NoContext, Done;
def cuGraphEventWaitNodeGetEvent : Driver<11010, [Handle<"CUgraphNode", "hNode">,
    Out<"CUevent", "event_out">]>, NoContext, Done;
def cuGraphEventWaitNodeSetEvent : Driver<11010, [Handle<"CUgraphNode", "hNode">,
    Handle<"CUevent", "event">]>, NoContext, Done;
def cuGraphAddExternalSemaphoresSignalNode : Driver<11020, [Out<"CUgraphNode", "phGraphNode">,
    Handle<"CUgraph", "hGraph">, Array<"const CUgraphNode*", "dependencies", "numDependencies">,
    In<"size_t", "numDependencies">,
    Ptr<"const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphExternalSemaphoresSignalNodeGetParams : Driver<11020, [Handle<"CUgraphNode", "hNode">,
    Out<"CUDA_EXT_SEM_SIGNAL_NODE_PARAMS", "params_out">]>, NoContext, Done;
def cuGraphExternalSemaphoresSignalNodeSetParams : Driver<11020, [Handle<"CUgraphNode", "hNode">,
    Ptr<"const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphAddExternalSemaphoresWaitNode : Driver<11020, [Out<"CUgraphNode", "phGraphNode">,
    Handle<"CUgraph", "hGraph">, Array<"const CUgraphNode*", "dependencies", "numDependencies">,
    In<"size_t", "numDependencies">,
    Ptr<"const CUDA_EXT_SEM_WAIT_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphExternalSemaphoresWaitNodeGetParams : Driver<11020, [Handle<"CUgraphNode", "hNode">,
    Out<"CUDA_EXT_SEM_WAIT_NODE_PARAMS", "params_out">]>, NoContext, Done;
def cuGraphExternalSemaphoresWaitNodeSetParams : Driver<11020, [Handle<"CUgraphNode", "hNode">,
    Ptr<"const CUDA_EXT_SEM_WAIT_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphAddBatchMemOpNode : Driver<11070, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Array<"const CUgraphNode*", "dependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Ptr<"const CUDA_BATCH_MEM_OP_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphBatchMemOpNodeGetParams : Driver<11070, [Handle<"CUgraphNode", "hNode">,
    Out<"CUDA_BATCH_MEM_OP_NODE_PARAMS", "nodeParams_out">]>, NoContext, Done;
def cuGraphBatchMemOpNodeSetParams : Driver<11070, [Handle<"CUgraphNode", "hNode">,
    Ptr<"const CUDA_BATCH_MEM_OP_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphExecBatchMemOpNodeSetParams : Driver<11070, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, Ptr<"const CUDA_BATCH_MEM_OP_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphAddMemAllocNode : Driver<11040, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Array<"const CUgraphNode*", "dependencies", "numDependencies">, In<"size_t", "numDependencies">,
    InOut<"CUDA_MEM_ALLOC_NODE_PARAMS", "nodeParams">]>, NoContext, Done;
def cuGraphMemAllocNodeGetParams : Driver<11040, [Handle<"CUgraphNode", "hNode">,
    Out<"CUDA_MEM_ALLOC_NODE_PARAMS", "params_out">]>, NoContext, Done;
def cuGraphAddMemFreeNode : Driver<11040, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Array<"const CUgraphNode*", "dependencies", "numDependencies">, In<"size_t", "numDependencies">,
    In<"CUdeviceptr", "dptr">]>, NoContext, Done;
def cuGraphMemFreeNodeGetParams : Driver<11040, [Handle<"CUgraphNode", "hNode">,
    Out<"CUdeviceptr", "dptr_out">]>, NoContext, Done;
def cuGraphClone : Driver<10000, [Out<"CUgraph", "phGraphClone">,
    Handle<"CUgraph", "originalGraph">]>, NoContext, Done;
def cuGraphNodeFindInClone : Driver<10000, [Out<"CUgraphNode", "phNode">,
    Handle<"CUgraphNode", "hOriginalNode">, Handle<"CUgraph", "hClonedGraph">]>, NoContext, Done;
def cuGraphNodeGetType : Driver<10000, [Handle<"CUgraphNode", "hNode">,
    Out<"CUgraphNodeType", "type">]>, NoContext, Done;
def cuGraphGetNodes : Driver<10000, [Handle<"CUgraph", "hGraph">, Opt<"CUgraphNode*", "nodes">,
    InOut<"size_t", "numNodes">]>, NoContext, Done;
def cuGraphGetRootNodes : Driver<10000, [Handle<"CUgraph", "hGraph">, Opt<"CUgraphNode*", "rootNodes">,
    InOut<"size_t", "numRootNodes">]>, NoContext, Done;
def cuGraphGetEdges_v2 : Driver<12030, [Handle<"CUgraph", "hGraph">, Opt<"CUgraphNode*", "from">,
    Opt<"CUgraphNode*", "to">, Opt<"CUgraphEdgeData*", "edgeData">, InOut<"size_t", "numEdges">]>, NoContext, Done;
def cuGraphNodeGetDependencies_v2 : Driver<12030, [Handle<"CUgraphNode", "hNode">,
    Opt<"CUgraphNode*", "dependencies">, Opt<"CUgraphEdgeData*", "edgeData">,
    InOut<"size_t", "numDependencies">]>, NoContext, Done;
def cuGraphNodeGetDependentNodes_v2 : Driver<12030, [Handle<"CUgraphNode", "hNode">,
    Opt<"CUgraphNode*", "dependentNodes">, Opt<"CUgraphEdgeData*", "edgeData">,
    InOut<"size_t", "numDependentNodes">]>, NoContext, Done;
def cuGraphAddDependencies_v2 : Driver<12030, [Handle<"CUgraph", "hGraph">, Opt<"const CUgraphNode*", "from">,
    Opt<"const CUgraphNode*", "to">, Opt<"const CUgraphEdgeData*", "edgeData">,
    In<"size_t", "numDependencies">]>, NoContext, Done;
def cuGraphRemoveDependencies_v2 : Driver<12030, [Handle<"CUgraph", "hGraph">,
    Opt<"const CUgraphNode*", "from">, Opt<"const CUgraphNode*", "to">,
    Opt<"const CUgraphEdgeData*", "edgeData">, In<"size_t", "numDependencies">]>, NoContext, Done;
def cuGraphDestroyNode : Driver<10000, [Handle<"CUgraphNode", "hNode">]>, NoContext, Done;
def cuGraphInstantiateWithFlags : Driver<11040, [Out<"CUgraphExec", "phGraphExec">,
    Handle<"CUgraph", "hGraph">,
    In<"unsigned long long", "flags">]>, NoContext, ListedAs<"cuGraphInstantiate", 12000>, Done;
def cuGraphExecGetFlags : Driver<12000, [Handle<"CUgraphExec", "hGraphExec">,
    Out<"cuuint64_t", "flags">]>, NoContext, Done;
def cuGraphExecKernelNodeSetParams_v2 : Driver<12000, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, Ptr<"const CUDA_KERNEL_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphExecMemcpyNodeSetParams : Driver<10020, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, Ptr<"const CUDA_MEMCPY3D*", "copyParams">,
    OptHandle<"CUcontext", "ctx">]>, NoContext, Done;
def cuGraphExecMemsetNodeSetParams : Driver<10020, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, Ptr<"const CUDA_MEMSET_NODE_PARAMS*", "memsetParams">,
    OptHandle<"CUcontext", "ctx">]>, NoContext, Done;
def cuGraphExecHostNodeSetParams : Driver<10020, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, Ptr<"const CUDA_HOST_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphExecChildGraphNodeSetParams : Driver<11010, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, Handle<"CUgraph", "childGraph">]>, NoContext, Done;
def cuGraphExecEventRecordNodeSetEvent : Driver<11010, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, Handle<"CUevent", "event">]>, NoContext, Done;
def cuGraphExecEventWaitNodeSetEvent : Driver<11010, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, Handle<"CUevent", "event">]>, NoContext, Done;
def cuGraphExecExternalSemaphoresSignalNodeSetParams : Driver<11020, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, Ptr<"const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphExecExternalSemaphoresWaitNodeSetParams : Driver<11020, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, Ptr<"const CUDA_EXT_SEM_WAIT_NODE_PARAMS*", "nodeParams">]>, NoContext, Done;
def cuGraphNodeSetEnabled : Driver<11060, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, In<"unsigned int", "isEnabled">]>, NoContext, Done;
def cuGraphNodeGetEnabled : Driver<11060, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, Out<"unsigned int", "isEnabled">]>, NoContext, Done;
def cuGraphExecDestroy : Driver<10000, [Handle<"CUgraphExec", "hGraphExec">]>, NoContext, Done;
def cuGraphDestroy : Driver<10000, [Handle<"CUgraph", "hGraph">]>, NoContext, Done;
def cuGraphExecUpdate_v2 : Driver<12000, [Handle<"CUgraphExec", "hGraphExec">, Handle<"CUgraph", "hGraph">,
    Out<"CUgraphExecUpdateResultInfo", "resultInfo">]>, NoContext, Done;
def cuGraphKernelNodeCopyAttributes : Driver<11000, [Handle<"CUgraphNode", "dst">,
    Handle<"CUgraphNode", "src">]>, NoContext, Done;
def cuGraphKernelNodeGetAttribute : Driver<11000, [Handle<"CUgraphNode", "hNode">,
    In<"CUkernelNodeAttrID", "attr">, Out<"CUkernelNodeAttrValue", "value_out">]>, NoContext, Done;
def cuGraphKernelNodeSetAttribute : Driver<11000, [Handle<"CUgraphNode", "hNode">,
    In<"CUkernelNodeAttrID", "attr">, Ptr<"const CUkernelNodeAttrValue*", "value">]>, NoContext, Done;
def cuGraphDebugDotPrint : Driver<11030, [Handle<"CUgraph", "hGraph">, Str<"path">,
    In<"unsigned int", "flags">]>, NoContext, Done;
def cuUserObjectCreate : Driver<11030, [Out<"CUuserObject", "object_out">, In<"void*", "ptr">,
    In<"CUhostFn", "destroy">, In<"unsigned int", "initialRefcount">,
    In<"unsigned int", "flags">]>, NoContext, Done;
def cuUserObjectRetain : Driver<11030, [Handle<"CUuserObject", "object">,
    In<"unsigned int", "count">]>, NoContext, Done;
def cuUserObjectRelease : Driver<11030, [Handle<"CUuserObject", "object">,
    In<"unsigned int", "count">]>, NoContext, Done;
def cuGraphRetainUserObject : Driver<11030, [Handle<"CUgraph", "graph">, Handle<"CUuserObject", "object">,
    In<"unsigned int", "count">, In<"unsigned int", "flags">]>, NoContext, Done;
def cuGraphReleaseUserObject : Driver<11030, [Handle<"CUgraph", "graph">, Handle<"CUuserObject", "object">,
    In<"unsigned int", "count">]>, NoContext, Done;
def cuGraphAddNode_v2 : Driver<12030, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Opt<"const CUgraphNode*", "dependencies">, Opt<"const CUgraphEdgeData*", "dependencyData">,
    In<"size_t", "numDependencies">, InOut<"CUgraphNodeParams", "nodeParams">]>, NoContext, Done;
def cuGraphNodeSetParams : Driver<12020, [Handle<"CUgraphNode", "hNode">,
    InOut<"CUgraphNodeParams", "nodeParams">]>, NoContext, Done;
def cuGraphExecNodeSetParams : Driver<12020, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, InOut<"CUgraphNodeParams", "nodeParams">]>, NoContext, Done;
def cuGraphConditionalHandleCreate : Driver<12030, [Out<"CUgraphConditionalHandle", "pHandle_out">,
    Handle<"CUgraph", "hGraph">, OptHandle<"CUcontext", "ctx">, In<"unsigned int", "defaultLaunchValue">,
    In<"unsigned int", "flags">]>, NoContext, Done;
def cuGraphAddKernelNode : Driver<10000, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Array<"const CUgraphNode*", "dependencies", "numDependencies">, In<"size_t", "numDependencies">,
    Ptr<"const CUDA_KERNEL_NODE_PARAMS_v1*", "nodeParams">]>, NoContext, Done;
def cuGraphKernelNodeGetParams : Driver<10000, [Handle<"CUgraphNode", "hNode">,
    Out<"CUDA_KERNEL_NODE_PARAMS_v1", "nodeParams">]>, NoContext, Done;
def cuGraphKernelNodeSetParams : Driver<10000, [Handle<"CUgraphNode", "hNode">,
    Ptr<"const CUDA_KERNEL_NODE_PARAMS_v1*", "nodeParams">]>, NoContext, Done;
def cuGraphExecKernelNodeSetParams : Driver<10010, [Handle<"CUgraphExec", "hGraphExec">,
    Handle<"CUgraphNode", "hNode">, Ptr<"const CUDA_KERNEL_NODE_PARAMS_v1*", "nodeParams">]>, NoContext, Done;
def cuGraphInstantiateWithParams : Driver<12000, [Out<"CUgraphExec", "phGraphExec">,
    Handle<"CUgraph", "hGraph">,
    InOut<"CUDA_GRAPH_INSTANTIATE_PARAMS", "instantiateParams">]>, Ptsz<12000>, NoContext, Done;
def cuGraphExecUpdate : Driver<10020, [Handle<"CUgraphExec", "hGraphExec">, Handle<"CUgraph", "hGraph">,
    Opt<"CUgraphNode*", "hErrorNode_out">, Out<"CUgraphExecUpdateResult", "updateResult_out">]>, NoContext, Done;
def cuGraphUpload : Driver<11010, [Handle<"CUgraphExec", "hGraph">,
    Handle<"CUstream", "hStream">]>, Ptsz<11010>, Done;
def cuGraphLaunch : Driver<10000, [Handle<"CUgraphExec", "hGraph">,
    Handle<"CUstream", "hStream">]>, Ptsz<10000>, Done;
def cuGraphGetEdges : Driver<10000, [Handle<"CUgraph", "hGraph">, Opt<"CUgraphNode*", "from">,
    Opt<"CUgraphNode*", "to">, InOut<"size_t", "numEdges">]>, NoContext, Done;
def cuGraphNodeGetDependencies : Driver<10000, [Handle<"CUgraphNode", "hNode">,
    Opt<"CUgraphNode*", "dependencies">, InOut<"size_t", "numDependencies">]>, NoContext, Done;
def cuGraphNodeGetDependentNodes : Driver<10000, [Handle<"CUgraphNode", "hNode">,
    Opt<"CUgraphNode*", "dependentNodes">, InOut<"size_t", "numDependentNodes">]>, NoContext, Done;
def cuGraphAddDependencies : Driver<10000, [Handle<"CUgraph", "hGraph">, Opt<"const CUgraphNode*", "from">,
    Opt<"const CUgraphNode*", "to">, In<"size_t", "numDependencies">]>, NoContext, Done;
def cuGraphRemoveDependencies : Driver<10000, [Handle<"CUgraph", "hGraph">, Opt<"const CUgraphNode*", "from">,
    Opt<"const CUgraphNode*", "to">, In<"size_t", "numDependencies">]>, NoContext, Done;
def cuGraphAddNode : Driver<12020, [Out<"CUgraphNode", "phGraphNode">, Handle<"CUgraph", "hGraph">,
    Opt<"const CUgraphNode*", "dependencies">, In<"size_t", "numDependencies">,
    InOut<"CUgraphNodeParams", "nodeParams">]>, NoContext, Done;
def cuGraphInstantiate : Driver<10000, [Out<"CUgraphExec", "phGraphExec">, Handle<"CUgraph", "hGraph">,
    Opt<"CUgraphNode*", "phErrorNode">, Opt<"char*", "logBuffer">, In<"size_t", "bufferSize">]>, NoContext, Done;
def cuGraphInstantiate_v2 : Driver<11000, [Out<"CUgraphExec", "phGraphExec">, Handle<"CUgraph", "hGraph">,
    Opt<"CUgraphNode*", "phErrorNode">, Opt<"char*", "logBuffer">, In<"size_t", "bufferSize">]>, NoContext, Done;
}  // graph
