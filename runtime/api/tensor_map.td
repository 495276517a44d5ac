// Tensor maps.

def CU_TENSOR_MAP_NUM_QWORDS : Constant<"16">;

def CUtensorMap : Struct<"CUtensorMap_st", [F<"cuuint64_t", "opaque", "[16]", 128>]>;
def CUtensorMapDataType : Enum<"CUtensorMapDataType_enum", [V<"CU_TENSOR_MAP_DATA_TYPE_UINT8", 0>,
    V<"CU_TENSOR_MAP_DATA_TYPE_UINT16", 1>, V<"CU_TENSOR_MAP_DATA_TYPE_UINT32", 2>,
    V<"CU_TENSOR_MAP_DATA_TYPE_INT32", 3>, V<"CU_TENSOR_MAP_DATA_TYPE_UINT64", 4>,
    V<"CU_TENSOR_MAP_DATA_TYPE_INT64", 5>, V<"CU_TENSOR_MAP_DATA_TYPE_FLOAT16", 6>,
    V<"CU_TENSOR_MAP_DATA_TYPE_FLOAT32", 7>, V<"CU_TENSOR_MAP_DATA_TYPE_FLOAT64", 8>,
    V<"CU_TENSOR_MAP_DATA_TYPE_BFLOAT16", 9>, V<"CU_TENSOR_MAP_DATA_TYPE_FLOAT32_FTZ", 10>,
    V<"CU_TENSOR_MAP_DATA_TYPE_TFLOAT32", 11>, V<"CU_TENSOR_MAP_DATA_TYPE_TFLOAT32_FTZ", 12>,
    V<"CU_TENSOR_MAP_DATA_TYPE_16U4_ALIGN8B", 13>, V<"CU_TENSOR_MAP_DATA_TYPE_16U4_ALIGN16B", 14>,
    V<"CU_TENSOR_MAP_DATA_TYPE_16U6_ALIGN16B", 15>]>;
def CUtensorMapInterleave : Enum<"CUtensorMapInterleave_enum", [V<"CU_TENSOR_MAP_INTERLEAVE_NONE", 0>,
    V<"CU_TENSOR_MAP_INTERLEAVE_16B", 1>, V<"CU_TENSOR_MAP_INTERLEAVE_32B", 2>]>;
def CUtensorMapSwizzle : Enum<"CUtensorMapSwizzle_enum", [V<"CU_TENSOR_MAP_SWIZZLE_NONE", 0>,
    V<"CU_TENSOR_MAP_SWIZZLE_32B", 1>, V<"CU_TENSOR_MAP_SWIZZLE_64B", 2>, V<"CU_TENSOR_MAP_SWIZZLE_128B", 3>,
    V<"CU_TENSOR_MAP_SWIZZLE_128B_ATOM_32B", 4>, V<"CU_TENSOR_MAP_SWIZZLE_128B_ATOM_32B_FLIP_8B", 5>,
    V<"CU_TENSOR_MAP_SWIZZLE_128B_ATOM_64B", 6>]>;
def CUtensorMapL2promotion : Enum<"CUtensorMapL2promotion_enum", [V<"CU_TENSOR_MAP_L2_PROMOTION_NONE", 0>,
    V<"CU_TENSOR_MAP_L2_PROMOTION_L2_64B", 1>, V<"CU_TENSOR_MAP_L2_PROMOTION_L2_128B", 2>,
    V<"CU_TENSOR_MAP_L2_PROMOTION_L2_256B", 3>]>;
def CUtensorMapFloatOOBfill : Enum<"CUtensorMapFloatOOBfill_enum", [V<"CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE", 0>,
    V<"CU_TENSOR_MAP_FLOAT_OOB_FILL_NAN_REQUEST_ZERO_FMA", 1>]>;
def CUtensorMapIm2ColWideMode : Enum<"CUtensorMapIm2ColWideMode_enum", [
    V<"CU_TENSOR_MAP_IM2COL_WIDE_MODE_W", 0>, V<"CU_TENSOR_MAP_IM2COL_WIDE_MODE_W128", 1>]>;

let Noun = "tensor_map" in {
def cuTensorMapEncodeTiled : Driver<12000, [Out<"CUtensorMap", "tensorMap">,
    In<"CUtensorMapDataType", "tensorDataType">, In<"cuuint32_t", "tensorRank">, In<"void*", "globalAddress">,
    Ptr<"const cuuint64_t*", "globalDim">, Ptr<"const cuuint64_t*", "globalStrides">,
    Ptr<"const cuuint32_t*", "boxDim">, Ptr<"const cuuint32_t*", "elementStrides">,
    In<"CUtensorMapInterleave", "interleave">, In<"CUtensorMapSwizzle", "swizzle">,
    In<"CUtensorMapL2promotion", "l2Promotion">, In<"CUtensorMapFloatOOBfill", "oobFill">]>, NoContext, Done;
def cuTensorMapEncodeIm2col : Driver<12000, [Out<"CUtensorMap", "tensorMap">,
    In<"CUtensorMapDataType", "tensorDataType">, In<"cuuint32_t", "tensorRank">, In<"void*", "globalAddress">,
    Ptr<"const cuuint64_t*", "globalDim">, Ptr<"const cuuint64_t*", "globalStrides">,
    Ptr<"const int*", "pixelBoxLowerCorner">, Ptr<"const int*", "pixelBoxUpperCorner">,
    In<"cuuint32_t", "channelsPerPixel">, In<"cuuint32_t", "pixelsPerColumn">,
    Ptr<"const cuuint32_t*", "elementStrides">, In<"CUtensorMapInterleave", "interleave">,
    In<"CUtensorMapSwizzle", "swizzle">, In<"CUtensorMapL2promotion", "l2Promotion">,
    In<"CUtensorMapFloatOOBfill", "oobFill">]>, NoContext, Done;
def cuTensorMapEncodeIm2colWide : Driver<12080, [Out<"CUtensorMap", "tensorMap">,
    In<"CUtensorMapDataType", "tensorDataType">, In<"cuuint32_t", "tensorRank">, In<"void*", "globalAddress">,
    Ptr<"const cuuint64_t*", "globalDim">, Ptr<"const cuuint64_t*", "globalStrides">,
    In<"int", "pixelBoxLowerCornerWidth">, In<"int", "pixelBoxUpperCornerWidth">,
    In<"cuuint32_t", "channelsPerPixel">, In<"cuuint32_t", "pixelsPerColumn">,
    Ptr<"const cuuint32_t*", "elementStrides">, In<"CUtensorMapInterleave", "interleave">,
    In<"CUtensorMapIm2ColWideMode", "mode">, In<"CUtensorMapSwizzle", "swizzle">,
    In<"CUtensorMapL2promotion", "l2Promotion">, In<"CUtensorMapFloatOOBfill", "oobFill">]>, NoContext, Done;
def cuTensorMapReplaceAddress : Driver<12000, [Out<"CUtensorMap", "tensorMap">,
    In<"void*", "globalAddress">]>, NoContext, Done;
}  // tensor_map
