// Streams, capture, memory operations in streams.

def CU_STREAM_LEGACY : Constant<"((CUstream)0x1)">;
def CU_STREAM_PER_THREAD : Constant<"((CUstream)0x2)">;

def cuuint64_t : Typedef<"uint64_t">;
def CUevent : HandleType<"CUevent_st", "Event">;
def CUstream : HandleType<"CUstream_st", "Stream">;
def CUgreenCtx : HandleType<"CUgreenCtx_st", "GreenContext", "CUDA_ERROR_INVALID_CONTEXT">;
def CUevent_sched_flags : Enum<"CUevent_sched_flags_enum", [V<"CU_EVENT_SCHED_AUTO", 0>,
    V<"CU_EVENT_SCHED_SPIN", 1>, V<"CU_EVENT_SCHED_YIELD", 2>, V<"CU_EVENT_SCHED_BLOCKING_SYNC", 4>]>;
def CUstream_flags : Enum<"CUstream_flags_enum", [V<"CU_STREAM_DEFAULT", 0>, V<"CU_STREAM_NON_BLOCKING", 1>]>;
def CUevent_flags : Enum<"CUevent_flags_enum", [V<"CU_EVENT_DEFAULT", 0>, V<"CU_EVENT_BLOCKING_SYNC", 1>,
    V<"CU_EVENT_DISABLE_TIMING", 2>, V<"CU_EVENT_INTERPROCESS", 4>]>;
def CUevent_record_flags : Enum<"CUevent_record_flags_enum", [V<"CU_EVENT_RECORD_DEFAULT", 0>,
    V<"CU_EVENT_RECORD_EXTERNAL", 1>]>;
def CUevent_wait_flags : Enum<"CUevent_wait_flags_enum", [V<"CU_EVENT_WAIT_DEFAULT", 0>,
    V<"CU_EVENT_WAIT_EXTERNAL", 1>]>;
def CUstreamWaitValue_flags : Enum<"CUstreamWaitValue_flags_enum", [V<"CU_STREAM_WAIT_VALUE_GEQ", 0>,
    V<"CU_STREAM_WAIT_VALUE_EQ", 1>, V<"CU_STREAM_WAIT_VALUE_AND", 2>, V<"CU_STREAM_WAIT_VALUE_NOR", 3>,
    V<"CU_STREAM_WAIT_VALUE_FLUSH", 0x40000000>]>;
def CUstreamWriteValue_flags : Enum<"CUstreamWriteValue_flags_enum", [V<"CU_STREAM_WRITE_VALUE_DEFAULT", 0>,
    V<"CU_STREAM_WRITE_VALUE_NO_MEMORY_BARRIER", 1>]>;
def CUstreamBatchMemOpType : Enum<"CUstreamBatchMemOpType_enum", [V<"CU_STREAM_MEM_OP_WAIT_VALUE_32", 1>,
    V<"CU_STREAM_MEM_OP_WRITE_VALUE_32", 2>, V<"CU_STREAM_MEM_OP_WAIT_VALUE_64", 4>,
    V<"CU_STREAM_MEM_OP_WRITE_VALUE_64", 5>, V<"CU_STREAM_MEM_OP_BARRIER", 6>,
    V<"CU_STREAM_MEM_OP_FLUSH_REMOTE_WRITES", 3>]>;
def CUstreamMemoryBarrier_flags : Enum<"CUstreamMemoryBarrier_flags_enum", [
    V<"CU_STREAM_MEMORY_BARRIER_TYPE_SYS", 0>, V<"CU_STREAM_MEMORY_BARRIER_TYPE_GPU", 1>]>;
def CUstreamBatchMemOpParams_v1 : Union<"CUstreamBatchMemOpParams_union", [
    F<"CUstreamBatchMemOpType", "operation">,
    Nested<"struct", "waitValue", [F<"CUstreamBatchMemOpType", "operation">, F<"CUdeviceptr", "address">,
    Nested<"union", "", [F<"cuuint32_t", "value">, F<"cuuint64_t", "value64">]>, F<"unsigned int", "flags">,
    F<"CUdeviceptr", "alias">]>, Nested<"struct", "writeValue", [F<"CUstreamBatchMemOpType", "operation">,
    F<"CUdeviceptr", "address">, Nested<"union", "", [F<"cuuint32_t", "value">, F<"cuuint64_t", "value64">]>,
    F<"unsigned int", "flags">, F<"CUdeviceptr", "alias">]>,
    Nested<"struct", "flushRemoteWrites", [F<"CUstreamBatchMemOpType", "operation">,
    F<"unsigned int", "flags">]>, Nested<"struct", "memoryBarrier", [F<"CUstreamBatchMemOpType", "operation">,
    F<"unsigned int", "flags">]>, F<"cuuint64_t", "pad", "[6]">]>;
def CUstreamBatchMemOpParams : Typedef<"CUstreamBatchMemOpParams_v1">;
def CUstreamUpdateCaptureDependencies_flags : Enum<"CUstreamUpdateCaptureDependencies_flags_enum", [
    V<"CU_STREAM_ADD_CAPTURE_DEPENDENCIES", 0>, V<"CU_STREAM_SET_CAPTURE_DEPENDENCIES", 1>]>;
def CUstreamCaptureStatus : Enum<"CUstreamCaptureStatus_enum", [V<"CU_STREAM_CAPTURE_STATUS_NONE", 0>,
    V<"CU_STREAM_CAPTURE_STATUS_ACTIVE", 1>, V<"CU_STREAM_CAPTURE_STATUS_INVALIDATED", 2>]>;
def CUstreamCaptureMode : Enum<"CUstreamCaptureMode_enum", [V<"CU_STREAM_CAPTURE_MODE_GLOBAL", 0>,
    V<"CU_STREAM_CAPTURE_MODE_THREAD_LOCAL", 1>, V<"CU_STREAM_CAPTURE_MODE_RELAXED", 2>]>;
def CUstreamCallback : Callback<"void", ["CUstream", "CUresult", "void*"]>;

let Noun = "stream" in {
def cuStreamCreate : Driver<2000, [Out<"CUstream", "phStream">, In<"unsigned int", "Flags">]>, Done;
def cuStreamCreateWithPriority : Driver<5050, [Out<"CUstream", "phStream">, In<"unsigned int", "flags">,
    In<"int", "priority">]>, Done;
def cuThreadExchangeStreamCaptureMode : Driver<10010, [InOut<"CUstreamCaptureMode", "mode">]>, NoContext, Done;
def cuStreamDestroy_v2 : Driver<4000, [Handle<"CUstream", "hStream">]>, Done;
def cuStreamDestroy : Driver<2000, [Handle<"CUstream", "hStream">]>, Alias<"cuStreamDestroy_v2">, Done;
def cuStreamGetPriority : Driver<5050, [Handle<"CUstream", "hStream">, Out<"int", "priority">]>, Ptsz<7000>,
    Done;
def cuStreamGetId : Driver<12000, [Handle<"CUstream", "hStream">,
    Out<"unsigned long long", "streamId">]>, Ptsz<12000>, Done;
def cuStreamGetFlags : Driver<5050, [Handle<"CUstream", "hStream">,
    Out<"unsigned int", "flags">]>, Ptsz<7000>, Done;
def cuStreamGetDevice : Driver<12080, [Handle<"CUstream", "hStream">,
    Out<"CUdevice", "device">]>, Ptsz<12080>, Done;
def cuStreamGetCtx : Driver<9020, [Handle<"CUstream", "hStream">, Out<"CUcontext", "pctx">]>, Ptsz<9020>,
    Done;
def cuStreamGetCtx_v2 : Driver<12050, [Handle<"CUstream", "hStream">, Out<"CUcontext", "pCtx">,
    Out<"CUgreenCtx", "pGreenCtx">]>, Ptsz<12050>, NotDefault, Done;
def cuStreamWaitEvent : Driver<3020, [Handle<"CUstream", "hStream">, Handle<"CUevent", "hEvent">,
    In<"unsigned int", "Flags">]>, Ptsz<7000>, Done;
def cuStreamAddCallback : Driver<5000, [Handle<"CUstream", "hStream">, In<"CUstreamCallback", "callback">,
    In<"void*", "userData">, In<"unsigned int", "flags">]>, Ptsz<7000>, Done;
def cuStreamQuery : Driver<2000, [Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuStreamSynchronize : Driver<2000, [Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuStreamWriteValue32 : Driver<8000, [Handle<"CUstream", "stream">, In<"CUdeviceptr", "addr">,
    In<"cuuint32_t", "value">, In<"unsigned int", "flags">]>, Ptsz<8000>, Done;
def cuStreamWaitValue32 : Driver<8000, [Handle<"CUstream", "stream">, In<"CUdeviceptr", "addr">,
    In<"cuuint32_t", "value">, In<"unsigned int", "flags">]>, Ptsz<8000>, Done;
def cuStreamWriteValue64 : Driver<9000, [Handle<"CUstream", "stream">, In<"CUdeviceptr", "addr">,
    In<"cuuint64_t", "value">, In<"unsigned int", "flags">]>, Ptsz<9000>, Done;
def cuStreamWaitValue64 : Driver<9000, [Handle<"CUstream", "stream">, In<"CUdeviceptr", "addr">,
    In<"cuuint64_t", "value">, In<"unsigned int", "flags">]>, Ptsz<9000>, Done;
def cuStreamBatchMemOp : Driver<8000, [Handle<"CUstream", "stream">, In<"unsigned int", "count">,
    Array<"CUstreamBatchMemOpParams*", "paramArray", "count">, In<"unsigned int", "flags">]>, Ptsz<8000>,
    Done;
def cuStreamWriteValue32_v2 : Driver<11070, [Handle<"CUstream", "stream">, In<"CUdeviceptr", "addr">,
    In<"cuuint32_t", "value">, In<"unsigned int", "flags">]>, Ptsz<11070>, Done;
def cuStreamWaitValue32_v2 : Driver<11070, [Handle<"CUstream", "stream">, In<"CUdeviceptr", "addr">,
    In<"cuuint32_t", "value">, In<"unsigned int", "flags">]>, Ptsz<11070>, Done;
def cuStreamWriteValue64_v2 : Driver<11070, [Handle<"CUstream", "stream">, In<"CUdeviceptr", "addr">,
    In<"cuuint64_t", "value">, In<"unsigned int", "flags">]>, Ptsz<11070>, Done;
def cuStreamWaitValue64_v2 : Driver<11070, [Handle<"CUstream", "stream">, In<"CUdeviceptr", "addr">,
    In<"cuuint64_t", "value">, In<"unsigned int", "flags">]>, Ptsz<11070>, Done;
def cuStreamBatchMemOp_v2 : Driver<11070, [Handle<"CUstream", "stream">, In<"unsigned int", "count">,
    Array<"CUstreamBatchMemOpParams*", "paramArray", "count">, In<"unsigned int", "flags">]>, Ptsz<11070>,
    Done;
def cuStreamBeginCapture : Driver<10000, [Handle<"CUstream", "hStream">]>, Ptsz<10000>, Done;
def cuStreamBeginCapture_v2 : Driver<10010, [Handle<"CUstream", "hStream">,
    In<"CUstreamCaptureMode", "mode">]>, Ptsz<10010>, Done;
def cuStreamBeginCaptureToGraph : Driver<12030, [Handle<"CUstream", "hStream">, Handle<"CUgraph", "hGraph">,
    Opt<"const CUgraphNode*", "dependencies">, Opt<"const CUgraphEdgeData*", "dependencyData">,
    In<"size_t", "numDependencies">, In<"CUstreamCaptureMode", "mode">]>, Ptsz<12030>, Done;
def cuStreamEndCapture : Driver<10000, [Handle<"CUstream", "hStream">,
    Out<"CUgraph", "phGraph">]>, Ptsz<10000>, Done;
def cuStreamIsCapturing : Driver<10000, [Handle<"CUstream", "hStream">,
    Out<"CUstreamCaptureStatus", "captureStatus">]>, Ptsz<10000>, Done;
def cuStreamGetCaptureInfo : Driver<10010, [Handle<"CUstream", "hStream">,
    Out<"CUstreamCaptureStatus", "captureStatus_out">, Opt<"cuuint64_t*", "id_out">]>, Ptsz<10010>, Done;
def cuStreamGetCaptureInfo_v2 : Driver<11030, [Handle<"CUstream", "hStream">,
    Out<"CUstreamCaptureStatus", "captureStatus_out">, Opt<"cuuint64_t*", "id_out">,
    Opt<"CUgraph*", "graph_out">, Opt<"const CUgraphNode**", "dependencies_out">,
    Opt<"size_t*", "numDependencies_out">]>, Ptsz<11030>, Done;
def cuStreamGetCaptureInfo_v3 : Driver<12030, [Handle<"CUstream", "hStream">,
    Out<"CUstreamCaptureStatus", "captureStatus_out">, Opt<"cuuint64_t*", "id_out">,
    Opt<"CUgraph*", "graph_out">, Opt<"const CUgraphNode**", "dependencies_out">,
    Opt<"const CUgraphEdgeData**", "edgeData_out">, Opt<"size_t*", "numDependencies_out">]>, Ptsz<12030>, Done;
def cuStreamCopyAttributes : Driver<11000, [Handle<"CUstream", "dstStream">,
    Handle<"CUstream", "srcStream">]>, Ptsz<11000>, Done;
def cuStreamGetAttribute : Driver<11000, [Handle<"CUstream", "hStream">, In<"CUstreamAttrID", "attr">,
    Out<"CUstreamAttrValue", "value">]>, Ptsz<11000>, Done;
def cuStreamSetAttribute : Driver<11000, [Handle<"CUstream", "hStream">, In<"CUstreamAttrID", "attr">,
    Ptr<"const CUstreamAttrValue*", "param">]>, Ptsz<11000>, Done;
def cuStreamUpdateCaptureDependencies : Driver<11030, [Handle<"CUstream", "hStream">,
    Opt<"CUgraphNode*", "dependencies">, In<"size_t", "numDependencies">,
    In<"unsigned int", "flags">]>, Ptsz<11030>, Done;
def cuStreamUpdateCaptureDependencies_v2 : Driver<12030, [Handle<"CUstream", "hStream">,
    Opt<"CUgraphNode*", "dependencies">, Opt<"const CUgraphEdgeData*", "dependencyData">,
    In<"size_t", "numDependencies">, In<"unsigned int", "flags">]>, Ptsz<12030>, Done;
}  // stream
