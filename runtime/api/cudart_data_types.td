// Data types of the maths libraries (library_types.h).

def cudaDataType : Enum<"cudaDataType_t", [V<"CUDA_R_16F", 2>, V<"CUDA_C_16F", 6>, V<"CUDA_R_16BF", 14>,
    V<"CUDA_C_16BF", 15>, V<"CUDA_R_32F", 0>, V<"CUDA_C_32F", 4>, V<"CUDA_R_64F", 1>, V<"CUDA_C_64F", 5>,
    V<"CUDA_R_4I", 16>, V<"CUDA_C_4I", 17>, V<"CUDA_R_4U", 18>, V<"CUDA_C_4U", 19>, V<"CUDA_R_8I", 3>,
    V<"CUDA_C_8I", 7>, V<"CUDA_R_8U", 8>, V<"CUDA_C_8U", 9>, V<"CUDA_R_16I", 20>, V<"CUDA_C_16I", 21>,
    V<"CUDA_R_16U", 22>, V<"CUDA_C_16U", 23>, V<"CUDA_R_32I", 10>, V<"CUDA_C_32I", 11>, V<"CUDA_R_32U", 12>,
    V<"CUDA_C_32U", 13>, V<"CUDA_R_64I", 24>, V<"CUDA_C_64I", 25>, V<"CUDA_R_64U", 26>, V<"CUDA_C_64U", 27>,
    V<"CUDA_R_8F_E4M3", 28>, V<"CUDA_R_8F_UE4M3", 28>, V<"CUDA_R_8F_E5M2", 29>, V<"CUDA_R_8F_UE8M0", 30>,
    V<"CUDA_R_6F_E2M3", 31>, V<"CUDA_R_6F_E3M2", 32>, V<"CUDA_R_4F_E2M1", 33>]>;
def cudaEmulationStrategy : Enum<"cudaEmulationStrategy_t", [V<"CUDA_EMULATION_STRATEGY_DEFAULT", 0>,
    V<"CUDA_EMULATION_STRATEGY_PERFORMANT", 1>, V<"CUDA_EMULATION_STRATEGY_EAGER", 2>]>;
def cudaEmulationMantissaControl : Enum<"cudaEmulationMantissaControl_t", [
    V<"CUDA_EMULATION_MANTISSA_CONTROL_DYNAMIC", 0>, V<"CUDA_EMULATION_MANTISSA_CONTROL_FIXED", 1>]>;
def cudaEmulationSpecialValuesSupport : Enum<"cudaEmulationSpecialValuesSupport_t", [
    V<"CUDA_EMULATION_SPECIAL_VALUES_SUPPORT_DEFAULT", 65535>,
    V<"CUDA_EMULATION_SPECIAL_VALUES_SUPPORT_NONE", 0>,
    V<"CUDA_EMULATION_SPECIAL_VALUES_SUPPORT_INFINITY", 1>,
    V<"CUDA_EMULATION_SPECIAL_VALUES_SUPPORT_NAN", 2>]>;
def cudaDataType_t : Typedef<"enum cudaDataType_t">;
def cudaEmulationStrategy_t : Typedef<"enum cudaEmulationStrategy_t">;
def cudaEmulationMantissaControl_t : Typedef<"enum cudaEmulationMantissaControl_t">;
def cudaEmulationSpecialValuesSupport_t : Typedef<"enum cudaEmulationSpecialValuesSupport_t">;
