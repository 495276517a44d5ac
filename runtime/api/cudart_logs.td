// Runtime: the error log.

def cudaLogLevel : Enum<"CUDAlogLevel_enum", [V<"cudaLogLevelError", 0>, V<"cudaLogLevelWarning", 1>]>;
def cudaLogsCallbackHandle : Typedef<"struct CUlogsCallbackEntry_st*">;
def cudaLogIterator : Typedef<"unsigned int">;
def cudaLogsCallback_t : Callback<"void", ["void*", "cudaLogLevel", "char*", "size_t"]>;

let Noun = "cudart_logs" in {
def cudaLogsRegisterCallback : Runtime<[In<"cudaLogsCallback_t", "callbackFunc">, In<"void*", "userData">,
    Out<"cudaLogsCallbackHandle", "callback_out">]>;
def cudaLogsUnregisterCallback : Runtime<[In<"cudaLogsCallbackHandle", "callback">]>;
def cudaLogsCurrent : Runtime<[Out<"cudaLogIterator", "iterator_out">, In<"unsigned int", "flags">]>;
def cudaLogsDumpToFile : Runtime<[Out<"cudaLogIterator", "iterator">, Str<"pathToFile">,
    In<"unsigned int", "flags">]>;
def cudaLogsDumpToMemory : Runtime<[Out<"cudaLogIterator", "iterator">, Out<"char", "buffer">,
    Out<"size_t", "size">, In<"unsigned int", "flags">]>;
}  // cudart_logs
