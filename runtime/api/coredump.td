// Core dumps of device state.

def CUcoredumpSettings : Enum<"CUcoredumpSettings_enum", [V<"CU_COREDUMP_ENABLE_ON_EXCEPTION", 1>,
    V<"CU_COREDUMP_TRIGGER_HOST", 2>, V<"CU_COREDUMP_LIGHTWEIGHT", 3>,
    V<"CU_COREDUMP_ENABLE_USER_TRIGGER", 4>, V<"CU_COREDUMP_FILE", 5>, V<"CU_COREDUMP_PIPE", 6>,
    V<"CU_COREDUMP_GENERATION_FLAGS", 7>, V<"CU_COREDUMP_MAX", 8>]>;

let Noun = "coredump" in {
def cuCoredumpGetAttribute : Driver<12010, [In<"CUcoredumpSettings", "attrib">, In<"void*", "value">,
    InOut<"size_t", "size">]>, NoContext, Done;
def cuCoredumpGetAttributeGlobal : Driver<12010, [In<"CUcoredumpSettings", "attrib">, In<"void*", "value">,
    InOut<"size_t", "size">]>, NoContext, Done;
def cuCoredumpSetAttribute : Driver<12010, [In<"CUcoredumpSettings", "attrib">, In<"void*", "value">,
    InOut<"size_t", "size">]>, NoContext, Done;
def cuCoredumpSetAttributeGlobal : Driver<12010, [In<"CUcoredumpSettings", "attrib">, In<"void*", "value">,
    InOut<"size_t", "size">]>, NoContext, Done;
}  // coredump
