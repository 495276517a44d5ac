// Runtime: events.

let Noun = "cudart_event" in {
def cudaEventCreate : Runtime<[Out<"cudaEvent_t", "event">]>, Done;
def cudaEventCreateWithFlags : Runtime<[Out<"cudaEvent_t", "event">, In<"unsigned int", "flags">]>,
    Forwards<"cuEventCreate">;
def cudaEventQuery : Runtime<[In<"cudaEvent_t", "event">]>, Forwards<"cuEventQuery">;
def cudaEventSynchronize : Runtime<[In<"cudaEvent_t", "event">]>, Forwards<"cuEventSynchronize">;
def cudaEventDestroy : Runtime<[In<"cudaEvent_t", "event">]>, Forwards<"cuEventDestroy_v2">;
def cudaEventElapsedTime : Runtime<[Out<"float", "ms">, In<"cudaEvent_t", "start">,
    In<"cudaEvent_t", "end">]>, Forwards<"cuEventElapsedTime_v2">;
def cudaEventRecord : Runtime<[In<"cudaEvent_t", "event">, In<"cudaStream_t", "stream", "0">]>,
    Ptsz<7000>, Forwards<"cuEventRecord">;
def cudaEventRecordWithFlags : Runtime<[In<"cudaEvent_t", "event">, In<"cudaStream_t", "stream", "0">,
    In<"unsigned int", "flags", "0">]>, Ptsz<7000>, Forwards<"cuEventRecordWithFlags">;
}  // cudart_event
