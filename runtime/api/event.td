// Events.

let Noun = "event" in {
def cuEventCreate : Driver<2000, [Out<"CUevent", "phEvent">, In<"unsigned int", "Flags">]>, Done;
def cuEventQuery : Driver<2000, [Handle<"CUevent", "hEvent">]>, Done;
def cuEventSynchronize : Driver<2000, [Handle<"CUevent", "hEvent">]>, Done;
def cuEventDestroy_v2 : Driver<4000, [Handle<"CUevent", "hEvent">]>, Done;
def cuEventElapsedTime_v2 : Driver<12080, [Out<"float", "pMilliseconds">, Handle<"CUevent", "hStart">,
    Handle<"CUevent", "hEnd">]>, Done;
def cuEventDestroy : Driver<2000, [Handle<"CUevent", "hEvent">]>, Alias<"cuEventDestroy_v2">, Done;
def cuEventElapsedTime : Driver<2000, [Out<"float", "pMilliseconds">, Handle<"CUevent", "hStart">,
    Handle<"CUevent", "hEnd">]>, Alias<"cuEventElapsedTime_v2">, Done;
def cuEventRecord : Driver<2000, [Handle<"CUevent", "hEvent">, Handle<"CUstream", "hStream">]>, Ptsz<7000>,
    Done;
def cuEventRecordWithFlags : Driver<11010, [Handle<"CUevent", "hEvent">, Handle<"CUstream", "hStream">,
    In<"unsigned int", "flags">]>, Ptsz<11010>, Done;
}  // event
