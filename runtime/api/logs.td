// The error log that programs can read.

def CUlogLevel : Enum<"CUlogLevel_enum", [V<"CU_LOG_LEVEL_ERROR", 0>, V<"CU_LOG_LEVEL_WARNING", 1>]>;
def CUlogsCallbackHandle : HandleType<"CUlogsCallbackEntry_st", "LogsCallback",
    "CUDA_ERROR_INVALID_VALUE">;
def CUlogsCallback : Callback<"void", ["void*", "CUlogLevel", "char*", "size_t"]>;
def CUlogIterator : Typedef<"unsigned int">;

let Noun = "logs" in {
def cuLogsRegisterCallback : Driver<12090, [In<"CUlogsCallback", "callbackFunc">, In<"void*", "userData">,
    Opt<"CUlogsCallbackHandle*", "callback_out">]>, NoContext, Done;
def cuLogsUnregisterCallback : Driver<12090, [Handle<"CUlogsCallbackHandle", "callback">]>, NoContext, Done;
def cuLogsCurrent : Driver<12090, [Out<"CUlogIterator", "iterator_out">,
    In<"unsigned int", "flags">]>, NoContext, Done;
def cuLogsDumpToFile : Driver<12090, [Opt<"CUlogIterator*", "iterator">, Str<"pathToFile">,
    In<"unsigned int", "flags">]>, NoContext, Done;
def cuLogsDumpToMemory : Driver<12090, [Opt<"CUlogIterator*", "iterator">, Out<"char", "buffer">,
    InOut<"size_t", "size">, In<"unsigned int", "flags">]>, NoContext, Done;
}  // logs
