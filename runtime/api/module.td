// Modules and the linker.

def CUmodule : HandleType<"CUmod_st", "Module">;
def CUfunction : HandleType<"CUfunc_st", "Function">;
def CUlibrary : HandleType<"CUlib_st", "Library">;
def CUkernel : HandleType<"CUkern_st", "Kernel">;
def CUjit_option : Enum<"CUjit_option_enum", [V<"CU_JIT_MAX_REGISTERS", 0>, V<"CU_JIT_THREADS_PER_BLOCK", 1>,
    V<"CU_JIT_WALL_TIME", 2>, V<"CU_JIT_INFO_LOG_BUFFER", 3>, V<"CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES", 4>,
    V<"CU_JIT_ERROR_LOG_BUFFER", 5>, V<"CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES", 6>,
    V<"CU_JIT_OPTIMIZATION_LEVEL", 7>, V<"CU_JIT_TARGET_FROM_CUCONTEXT", 8>, V<"CU_JIT_TARGET", 9>,
    V<"CU_JIT_FALLBACK_STRATEGY", 10>, V<"CU_JIT_GENERATE_DEBUG_INFO", 11>, V<"CU_JIT_LOG_VERBOSE", 12>,
    V<"CU_JIT_GENERATE_LINE_INFO", 13>, V<"CU_JIT_CACHE_MODE", 14>, V<"CU_JIT_NEW_SM3X_OPT", 15>,
    V<"CU_JIT_FAST_COMPILE", 16>, V<"CU_JIT_GLOBAL_SYMBOL_NAMES", 17>,
    V<"CU_JIT_GLOBAL_SYMBOL_ADDRESSES", 18>, V<"CU_JIT_GLOBAL_SYMBOL_COUNT", 19>, V<"CU_JIT_LTO", 20>,
    V<"CU_JIT_FTZ", 21>, V<"CU_JIT_PREC_DIV", 22>, V<"CU_JIT_PREC_SQRT", 23>, V<"CU_JIT_FMA", 24>,
    V<"CU_JIT_REFERENCED_KERNEL_NAMES", 25>, V<"CU_JIT_REFERENCED_KERNEL_COUNT", 26>,
    V<"CU_JIT_REFERENCED_VARIABLE_NAMES", 27>, V<"CU_JIT_REFERENCED_VARIABLE_COUNT", 28>,
    V<"CU_JIT_OPTIMIZE_UNUSED_DEVICE_VARIABLES", 29>, V<"CU_JIT_POSITION_INDEPENDENT_CODE", 30>,
    V<"CU_JIT_MIN_CTA_PER_SM", 31>, V<"CU_JIT_MAX_THREADS_PER_BLOCK", 32>,
    V<"CU_JIT_OVERRIDE_DIRECTIVE_VALUES", 33>, V<"CU_JIT_SPLIT_COMPILE", 34>, V<"CU_JIT_NUM_OPTIONS", 35>]>;
def CUjit_target : Enum<"CUjit_target_enum", [V<"CU_TARGET_COMPUTE_30", 30>, V<"CU_TARGET_COMPUTE_32", 32>,
    V<"CU_TARGET_COMPUTE_35", 35>, V<"CU_TARGET_COMPUTE_37", 37>, V<"CU_TARGET_COMPUTE_50", 50>,
    V<"CU_TARGET_COMPUTE_52", 52>, V<"CU_TARGET_COMPUTE_53", 53>, V<"CU_TARGET_COMPUTE_60", 60>,
    V<"CU_TARGET_COMPUTE_61", 61>, V<"CU_TARGET_COMPUTE_62", 62>, V<"CU_TARGET_COMPUTE_70", 70>,
    V<"CU_TARGET_COMPUTE_72", 72>, V<"CU_TARGET_COMPUTE_75", 75>, V<"CU_TARGET_COMPUTE_80", 80>,
    V<"CU_TARGET_COMPUTE_86", 86>, V<"CU_TARGET_COMPUTE_87", 87>, V<"CU_TARGET_COMPUTE_89", 89>,
    V<"CU_TARGET_COMPUTE_90", 90>, V<"CU_TARGET_COMPUTE_100", 100>, V<"CU_TARGET_COMPUTE_110", 110>,
    V<"CU_TARGET_COMPUTE_103", 103>, V<"CU_TARGET_COMPUTE_120", 120>, V<"CU_TARGET_COMPUTE_121", 121>,
    V<"CU_TARGET_COMPUTE_90A", 65626>, V<"CU_TARGET_COMPUTE_100A", 65636>, V<"CU_TARGET_COMPUTE_110A", 65646>,
    V<"CU_TARGET_COMPUTE_103A", 65639>, V<"CU_TARGET_COMPUTE_120A", 65656>,
    V<"CU_TARGET_COMPUTE_121A", 65657>, V<"CU_TARGET_COMPUTE_100F", 131172>,
    V<"CU_TARGET_COMPUTE_110F", 131182>, V<"CU_TARGET_COMPUTE_103F", 131175>,
    V<"CU_TARGET_COMPUTE_120F", 131192>, V<"CU_TARGET_COMPUTE_121F", 131193>]>;
def CUjit_fallback : Enum<"CUjit_fallback_enum", [V<"CU_PREFER_PTX", 0>, V<"CU_PREFER_BINARY", 1>]>;
def CUjit_cacheMode : Enum<"CUjit_cacheMode_enum", [V<"CU_JIT_CACHE_OPTION_NONE", 0>,
    V<"CU_JIT_CACHE_OPTION_CG", 1>, V<"CU_JIT_CACHE_OPTION_CA", 2>]>;
def CUjitInputType : Enum<"CUjitInputType_enum", [V<"CU_JIT_INPUT_CUBIN", 0>, V<"CU_JIT_INPUT_PTX", 1>,
    V<"CU_JIT_INPUT_FATBINARY", 2>, V<"CU_JIT_INPUT_OBJECT", 3>, V<"CU_JIT_INPUT_LIBRARY", 4>,
    V<"CU_JIT_INPUT_NVVM", 5>, V<"CU_JIT_NUM_INPUT_TYPES", 6>]>;
def CUlinkState : HandleType<"CUlinkState_st", "Linker">;
def CUlibraryOption : Enum<"CUlibraryOption_enum", [V<"CU_LIBRARY_HOST_UNIVERSAL_FUNCTION_AND_DATA_TABLE", 0>,
    V<"CU_LIBRARY_BINARY_IS_PRESERVED", 1>, V<"CU_LIBRARY_NUM_OPTIONS", 2>]>;
def CUlibraryHostUniversalFunctionAndDataTable : Struct<"CUlibraryHostUniversalFunctionAndDataTable_st", [
    F<"void*", "functionTable">, F<"size_t", "functionWindowSize">, F<"void*", "dataTable">,
    F<"size_t", "dataWindowSize">]>;

let Noun = "module" in {
def cuModuleLoad : Driver<2000, [Out<"CUmodule", "module">, Str<"fname">]>, Done;
def cuModuleLoadData : Driver<2000, [Out<"CUmodule", "module">, In<"const void*", "image">]>, Done;
def cuModuleLoadDataEx : Driver<2010, [Out<"CUmodule", "module">, In<"const void*", "image">,
    In<"unsigned int", "numOptions">, Opt<"CUjit_option*", "options">, Opt<"void**", "optionValues">]>, Done;
def cuModuleLoadFatBinary : Driver<2000, [Out<"CUmodule", "module">, In<"const void*", "fatCubin">]>, Done;
def cuModuleUnload : Driver<2000, [Handle<"CUmodule", "hmod">]>, Done;
def cuModuleGetLoadingMode : Driver<11070, [Out<"CUmoduleLoadingMode", "mode">]>, NoContext, Done;
def cuModuleGetFunction : Driver<2000, [Out<"CUfunction", "hfunc">, Handle<"CUmodule", "hmod">, Str<"name">]>, Done;
def cuModuleGetFunctionCount : Driver<12040, [Out<"unsigned int", "count">, Handle<"CUmodule", "mod">]>, Done;
def cuModuleEnumerateFunctions : Driver<12040, [Out<"CUfunction", "functions">,
    In<"unsigned int", "numFunctions">, Handle<"CUmodule", "mod">]>, Done;
def cuModuleGetGlobal_v2 : Driver<3020, [Opt<"CUdeviceptr*", "dptr">, Opt<"size_t*", "bytes">,
    Handle<"CUmodule", "hmod">, Str<"name">]>, Done;
def cuLinkCreate_v2 : Driver<6050, [In<"unsigned int", "numOptions">, Opt<"CUjit_option*", "options">,
    Opt<"void**", "optionValues">, Out<"CUlinkState", "stateOut">]>, Done;
def cuLinkAddData_v2 : Driver<6050, [Handle<"CUlinkState", "state">, In<"CUjitInputType", "type">,
    In<"void*", "data">, In<"size_t", "size">, Opt<"const char*", "name">, In<"unsigned int", "numOptions">,
    Opt<"CUjit_option*", "options">, Opt<"void**", "optionValues">]>, Done;
def cuLinkAddFile_v2 : Driver<6050, [Handle<"CUlinkState", "state">, In<"CUjitInputType", "type">,
    Str<"path">, In<"unsigned int", "numOptions">, Opt<"CUjit_option*", "options">,
    Opt<"void**", "optionValues">]>, Done;
def cuLinkComplete : Driver<5050, [Handle<"CUlinkState", "state">, Out<"void*", "cubinOut">,
    Opt<"size_t*", "sizeOut">]>, Done;
def cuLinkDestroy : Driver<5050, [Handle<"CUlinkState", "state">]>, Done;
def cuModuleGetTexRef : Driver<2000, [Out<"CUtexref", "pTexRef">, Handle<"CUmodule", "hmod">, Str<"name">]>, Done;
def cuModuleGetSurfRef : Driver<3000, [Out<"CUsurfref", "pSurfRef">, Handle<"CUmodule", "hmod">,
    Str<"name">]>, Done;
def cuLinkCreate : Driver<5050, [In<"unsigned int", "numOptions">, Opt<"CUjit_option*", "options">,
    Opt<"void**", "optionValues">, Out<"CUlinkState", "stateOut">]>, Alias<"cuLinkCreate_v2">, Done;
def cuLinkAddData : Driver<5050, [Handle<"CUlinkState", "state">, In<"CUjitInputType", "type">,
    In<"void*", "data">, In<"size_t", "size">, Opt<"const char*", "name">, In<"unsigned int", "numOptions">,
    Opt<"CUjit_option*", "options">, Opt<"void**", "optionValues">]>, Alias<"cuLinkAddData_v2">, Done;
def cuLinkAddFile : Driver<5050, [Handle<"CUlinkState", "state">, In<"CUjitInputType", "type">, Str<"path">,
    In<"unsigned int", "numOptions">, Opt<"CUjit_option*", "options">, Opt<"void**", "optionValues">]>, Alias<"cuLinkAddFile_v2">, Done;
def cuModuleGetGlobal : Driver<2000, [Opt<"CUdeviceptr_v1*", "dptr">, Opt<"unsigned int*", "bytes">,
    Handle<"CUmodule", "hmod">, Str<"name">]>, Narrow;
}  // module
