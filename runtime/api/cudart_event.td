// Runtime: events.

let Noun = "cudart_event" in {
def cudaEventCreate : Runtime<[Out<"cudaEvent_t", "event">]>;
def cudaEventCreateWithFlags : Runtime<[Out<"cudaEvent_t", "event">, In<"unsigned int", "flags">]>;
def cudaEventQuery : Runtime<[In<"cudaEvent_t", "event">]>;
def cudaEventSynchronize : Runtime<[In<"cudaEvent_t", "event">]>;
def cudaEventDestroy : Runtime<[In<"cudaEvent_t", "event">]>;
def cudaEventElapsedTime : Runtime<[Out<"float", "ms">, In<"cudaEvent_t", "start">,
    In<"cudaEvent_t", "end">]>;
def cudaEventRecord : Runtime<[In<"cudaEvent_t", "event">, In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>;
def cudaEventRecordWithFlags : Runtime<[In<"cudaEvent_t", "event">, In<"cudaStream_t", "stream", "0">,
    In<"unsigned int", "flags", "0">]>, Ptsz<7000>;
}  // cudart_event
