// The front door: initialisation, versions, error names, symbol and table look-up.

def CUDA_POINTER_ATTRIBUTE_P2P_TOKENS_v1 : Struct<"CUDA_POINTER_ATTRIBUTE_P2P_TOKENS_st", [
    F<"unsigned long long", "p2pToken">, F<"unsigned int", "vaSpaceToken">]>;
def CUDA_POINTER_ATTRIBUTE_P2P_TOKENS : Typedef<"CUDA_POINTER_ATTRIBUTE_P2P_TOKENS_v1">;
def CUDA_POINTER_ATTRIBUTE_ACCESS_FLAGS : Enum<"CUDA_POINTER_ATTRIBUTE_ACCESS_FLAGS_enum", [
    V<"CU_POINTER_ATTRIBUTE_ACCESS_FLAG_NONE", 0>, V<"CU_POINTER_ATTRIBUTE_ACCESS_FLAG_READ", 1>,
    V<"CU_POINTER_ATTRIBUTE_ACCESS_FLAG_READWRITE", 3>]>;
def CUmemOperationType : Enum<"CUmemOperationType_enum", [V<"CU_MEM_OPERATION_TYPE_MAP", 1>,
    V<"CU_MEM_OPERATION_TYPE_UNMAP", 2>]>;
def CUmemHandleType : Enum<"CUmemHandleType_enum", [V<"CU_MEM_HANDLE_TYPE_GENERIC", 0>]>;
def CUmemcpyFlags : Enum<"CUmemcpyFlags_enum", [V<"CU_MEMCPY_FLAG_DEFAULT", 0>,
    V<"CU_MEMCPY_FLAG_PREFER_OVERLAP_WITH_COMPUTE", 1>]>;
def CUCoredumpGenerationFlags : Enum<"CUCoredumpGenerationFlags", [V<"CU_COREDUMP_DEFAULT_FLAGS", 0>,
    V<"CU_COREDUMP_SKIP_NONRELOCATED_ELF_IMAGES", 1>, V<"CU_COREDUMP_SKIP_GLOBAL_MEMORY", 2>,
    V<"CU_COREDUMP_SKIP_SHARED_MEMORY", 4>, V<"CU_COREDUMP_SKIP_LOCAL_MEMORY", 8>,
    V<"CU_COREDUMP_SKIP_ABORT", 16>, V<"CU_COREDUMP_SKIP_CONSTBANK_MEMORY", 32>,
    V<"CU_COREDUMP_LIGHTWEIGHT_FLAGS", 47>]>;
def CUgreenCtxCreate_flags : Enum<"", [V<"CU_GREEN_CTX_DEFAULT_STREAM", 1>]>;
def CUdevSmResourceSplit_flags : Enum<"", [V<"CU_DEV_SM_RESOURCE_SPLIT_IGNORE_SM_COSCHEDULING", 1>,
    V<"CU_DEV_SM_RESOURCE_SPLIT_MAX_POTENTIAL_CLUSTER_SIZE", 2>]>;

let Noun = "init" in {
def cuGetErrorString : Driver<6000, [In<"CUresult", "error">, Out<"const char*", "pStr">]>, NoInit, Done;
def cuGetErrorName : Driver<6000, [In<"CUresult", "error">, Out<"const char*", "pStr">]>, NoInit, Done;
def cuInit : Driver<2000, [In<"unsigned int", "Flags">]>, NoInit, Done;
def cuDriverGetVersion : Driver<2020, [Out<"int", "driverVersion">]>, NoInit, Done;
def cuGetProcAddress_v2 : Driver<12000, [Str<"symbol">, Out<"void*", "pfn">, In<"int", "cudaVersion">,
    In<"cuuint64_t", "flags">, Opt<"CUdriverProcAddressQueryResult*", "symbolStatus">]>, NoInit, Done;
def cuGetExportTable : Driver<3000, [Out<"const void*", "ppExportTable">,
    Ptr<"const CUuuid*", "pExportTableId">]>, NoInit, Done;
def cuGetProcAddress : Driver<11030, [Str<"symbol">, Out<"void*", "pfn">, In<"int", "cudaVersion">,
    In<"cuuint64_t", "flags">]>, NoInit, Done;
}  // init
