// Runtime: streams.

def cudaEventBlockingSync : Constant<"0x01">;
def cudaEventDefault : Constant<"0x00">;
def cudaEventDisableTiming : Constant<"0x02">;
def cudaEventInterprocess : Constant<"0x04">;
def cudaEventRecordDefault : Constant<"0x00">;
def cudaEventRecordExternal : Constant<"0x01">;
def cudaEventWaitDefault : Constant<"0x00">;
def cudaEventWaitExternal : Constant<"0x01">;
def cudaStreamDefault : Constant<"0x00">;
def cudaStreamLegacy : Constant<"((cudaStream_t)0x1)">;
def cudaStreamNonBlocking : Constant<"0x01">;
def cudaStreamPerThread : Constant<"((cudaStream_t)0x2)">;

def cudaStream_t : Typedef<"struct CUstream_st*">;
def cudaEvent_t : Typedef<"struct CUevent_st*">;
def cudaStreamCallback_t : Callback<"void", ["cudaStream_t", "cudaError_t", "void*"]>;
def cudaStreamCaptureStatus : Enum<"cudaStreamCaptureStatus", [V<"cudaStreamCaptureStatusNone", 0>,
    V<"cudaStreamCaptureStatusActive", 1>, V<"cudaStreamCaptureStatusInvalidated", 2>]>;
def cudaStreamCaptureMode : Enum<"cudaStreamCaptureMode", [V<"cudaStreamCaptureModeGlobal", 0>,
    V<"cudaStreamCaptureModeThreadLocal", 1>, V<"cudaStreamCaptureModeRelaxed", 2>]>;
def cudaStreamUpdateCaptureDependenciesFlags : Enum<"cudaStreamUpdateCaptureDependenciesFlags", [
    V<"cudaStreamAddCaptureDependencies", 0>, V<"cudaStreamSetCaptureDependencies", 1>]>;

let Noun = "cudart_stream" in {
def cudaStreamCreate : Runtime<[Out<"cudaStream_t", "pStream">]>, Done;
def cudaStreamCreateWithFlags : Runtime<[Out<"cudaStream_t", "pStream">, In<"unsigned int", "flags">]>,
    Forwards<"cuStreamCreate">;
def cudaStreamCreateWithPriority : Runtime<[Out<"cudaStream_t", "pStream">, In<"unsigned int", "flags">,
    In<"int", "priority">]>, Forwards<"cuStreamCreateWithPriority">;
def cudaCtxResetPersistingL2Cache : Runtime<[]>, Forwards<"cuCtxResetPersistingL2Cache">;
def cudaStreamDestroy : Runtime<[In<"cudaStream_t", "stream">]>, Forwards<"cuStreamDestroy_v2">;
def cudaThreadExchangeStreamCaptureMode : Runtime<[Out<"enum cudaStreamCaptureMode", "mode">]>,
    Forwards<"cuThreadExchangeStreamCaptureMode">;
def cudaStreamQuery : Runtime<[In<"cudaStream_t", "stream">]>, Ptsz<7000>, Forwards<"cuStreamQuery">;
def cudaStreamGetDevice : Runtime<[In<"cudaStream_t", "hStream">, Out<"int", "device">]>,
    Ptsz<7000>, Forwards<"cuStreamGetDevice">, From<12>;
def cudaStreamGetFlags : Runtime<[In<"cudaStream_t", "hStream">, Out<"unsigned int", "flags">]>,
    Ptsz<7000>, Forwards<"cuStreamGetFlags">;
def cudaStreamGetId : Runtime<[In<"cudaStream_t", "hStream">,
    Out<"unsigned long long", "streamId">]>, Ptsz<7000>, Forwards<"cuStreamGetId">, From<12>;
def cudaStreamGetPriority : Runtime<[In<"cudaStream_t", "hStream">, Out<"int", "priority">]>,
    Ptsz<7000>, Forwards<"cuStreamGetPriority">;
def cudaStreamWaitEvent : Runtime<[In<"cudaStream_t", "stream">, In<"cudaEvent_t", "event">,
    In<"unsigned int", "flags", "0">]>, Ptsz<7000>, Forwards<"cuStreamWaitEvent">;
def cudaStreamAddCallback : Runtime<[In<"cudaStream_t", "stream">, In<"cudaStreamCallback_t", "callback">,
    In<"void*", "userData">, In<"unsigned int", "flags">]>, Ptsz<7000>, Done;
def cudaStreamAttachMemAsync : Runtime<[In<"cudaStream_t", "stream">, In<"void*", "devPtr">,
    In<"size_t", "length">, In<"unsigned int", "flags">]>, Ptsz<7000>, Forwards<"cuStreamAttachMemAsync">;
def cudaStreamSynchronize : Runtime<[In<"cudaStream_t", "stream">]>,
    Ptsz<7000>, Forwards<"cuStreamSynchronize">;
def cudaStreamBeginCapture : Runtime<[In<"cudaStream_t", "stream">,
    In<"enum cudaStreamCaptureMode", "mode">]>, Ptsz<7000>, Forwards<"cuStreamBeginCapture_v2">;
def cudaStreamBeginCaptureToGraph : Runtime<[In<"cudaStream_t", "stream">, In<"cudaGraph_t", "graph">,
    Array<"const cudaGraphNode_t*", "dependencies", "numDependencies">,
    Array<"const cudaGraphEdgeData*", "dependencyData", "numDependencies">, In<"size_t", "numDependencies">,
    In<"enum cudaStreamCaptureMode", "mode">]>, Ptsz<7000>, Forwards<"cuStreamBeginCaptureToGraph">, From<12>;
def cudaStreamEndCapture : Runtime<[In<"cudaStream_t", "stream">, Out<"cudaGraph_t", "pGraph">]>,
    Ptsz<7000>, Forwards<"cuStreamEndCapture">;
def cudaStreamIsCapturing : Runtime<[In<"cudaStream_t", "stream">,
    Out<"enum cudaStreamCaptureStatus", "pCaptureStatus">]>, Ptsz<7000>, Forwards<"cuStreamIsCapturing">;
def cudaStreamGetCaptureInfo : Runtime<[In<"cudaStream_t", "stream">,
    Out<"enum cudaStreamCaptureStatus", "captureStatus_out">, Opt<"unsigned long long*", "id_out", "0">,
    Opt<"cudaGraph_t*", "graph_out", "0">, Opt<"const cudaGraphNode_t**", "dependencies_out", "0">,
    Opt<"const cudaGraphEdgeData**", "edgeData_out", "0">,
    Opt<"size_t*", "numDependencies_out", "0">]>, Ptsz<7000>, Forwards<"cuStreamGetCaptureInfo_v3">,
    Named<"", "cudaStreamGetCaptureInfo_v3", "cudaStreamGetCaptureInfo">;
def cudaStreamUpdateCaptureDependencies : Runtime<[In<"cudaStream_t", "stream">,
    Out<"cudaGraphNode_t", "dependencies">,
    Array<"const cudaGraphEdgeData*", "dependencyData", "numDependencies">, In<"size_t", "numDependencies">,
    In<"unsigned int", "flags", "0">]>, Ptsz<7000>, Forwards<"cuStreamUpdateCaptureDependencies_v2">,
    Named<"", "cudaStreamUpdateCaptureDependencies_v2", "cudaStreamUpdateCaptureDependencies">;
def cudaStreamCopyAttributes : Runtime<[In<"cudaStream_t", "dstStream">,
    In<"cudaStream_t", "srcStream">]>, Ptsz<7000>, Forwards<"cuStreamCopyAttributes">;
def cudaStreamGetAttribute : Runtime<[In<"cudaStream_t", "stream">, In<"cudaLaunchAttributeID", "attr">,
    Out<"cudaLaunchAttributeValue", "value">]>, Ptsz<7000>, Forwards<"cuStreamGetAttribute">;
def cudaStreamSetAttribute : Runtime<[In<"cudaStream_t", "stream">, In<"cudaLaunchAttributeID", "attr">,
    Ptr<"const cudaLaunchAttributeValue*", "param">]>, Ptsz<7000>, Forwards<"cuStreamSetAttribute">;
}  // cudart_stream
