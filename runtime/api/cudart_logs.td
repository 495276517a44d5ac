// Runtime: the error log.

def cudaLogLevel : Enum<"CUDAlogLevel_enum", [V<"cudaLogLevelError", 0>, V<"cudaLogLevelWarning", 1>]>;
def cudaLogsCallbackHandle : Typedef<"struct CUlogsCallbackEntry_st*">;
def cudaLogIterator : Typedef<"unsigned int">;
def cudaLogsCallback_t : Callback<"void", ["void*", "cudaLogLevel", "char*", "size_t"]>;

let Noun = "cudart_logs" in {
def cudaLogsRegisterCallback : Runtime<[In<"cudaLogsCallback_t", "callbackFunc">, In<"void*", "userData">,
    Out<"cudaLogsCallbackHandle", "callback_out">]>, Forwards<"cuLogsRegisterCallback">, NoContext, From<13>;
def cudaLogsUnregisterCallback : Runtime<[In<"cudaLogsCallbackHandle", "callback">]>,
    Forwards<"cuLogsUnregisterCallback">, NoContext, From<13>;
def cudaLogsCurrent : Runtime<[Out<"cudaLogIterator", "iterator_out">, In<"unsigned int", "flags">]>,
    Forwards<"cuLogsCurrent">, NoContext, From<13>;
def cudaLogsDumpToFile : Runtime<[Out<"cudaLogIterator", "iterator">, Str<"pathToFile">,
    In<"unsigned int", "flags">]>, Forwards<"cuLogsDumpToFile">, NoContext, From<13>;
def cudaLogsDumpToMemory : Runtime<[Out<"cudaLogIterator", "iterator">, Out<"char", "buffer">,
    Out<"size_t", "size">, In<"unsigned int", "flags">]>,
    Forwards<"cuLogsDumpToMemory">, NoContext, From<13>;
}  // cudart_logs
