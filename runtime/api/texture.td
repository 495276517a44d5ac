// Textures.

def CU_PARAM_TR_DEFAULT : Constant<"-1">;
def CU_TRSA_OVERRIDE_FORMAT : Constant<"0x01">;
def CU_TRSF_DISABLE_TRILINEAR_OPTIMIZATION : Constant<"0x20">;
def CU_TRSF_NORMALIZED_COORDINATES : Constant<"0x02">;
def CU_TRSF_READ_AS_INTEGER : Constant<"0x01">;
def CU_TRSF_SEAMLESS_CUBEMAP : Constant<"0x40">;
def CU_TRSF_SRGB : Constant<"0x10">;

def CUtexref : HandleType<"CUtexref_st", "TextureReference">;
def CUsurfref : HandleType<"CUsurfref_st", "SurfaceReference">;
def CUtexObject_v1 : Typedef<"unsigned long long">;
def CUtexObject : Typedef<"CUtexObject_v1">;
def CUsurfObject_v1 : Typedef<"unsigned long long">;
def CUsurfObject : Typedef<"CUsurfObject_v1">;
def CUaddress_mode : Enum<"CUaddress_mode_enum", [V<"CU_TR_ADDRESS_MODE_WRAP", 0>,
    V<"CU_TR_ADDRESS_MODE_CLAMP", 1>, V<"CU_TR_ADDRESS_MODE_MIRROR", 2>, V<"CU_TR_ADDRESS_MODE_BORDER", 3>]>;
def CUfilter_mode : Enum<"CUfilter_mode_enum", [V<"CU_TR_FILTER_MODE_POINT", 0>,
    V<"CU_TR_FILTER_MODE_LINEAR", 1>]>;
def CUresourcetype : Enum<"CUresourcetype_enum", [V<"CU_RESOURCE_TYPE_ARRAY", 0>,
    V<"CU_RESOURCE_TYPE_MIPMAPPED_ARRAY", 1>, V<"CU_RESOURCE_TYPE_LINEAR", 2>,
    V<"CU_RESOURCE_TYPE_PITCH2D", 3>]>;
def CUDA_RESOURCE_DESC_v1 : Struct<"CUDA_RESOURCE_DESC_st", [F<"CUresourcetype", "resType">,
    Nested<"union", "res", [Nested<"struct", "array", [F<"CUarray", "hArray">]>,
    Nested<"struct", "mipmap", [F<"CUmipmappedArray", "hMipmappedArray">]>,
    Nested<"struct", "linear", [F<"CUdeviceptr", "devPtr">, F<"CUarray_format", "format">,
    F<"unsigned int", "numChannels">, F<"size_t", "sizeInBytes">]>,
    Nested<"struct", "pitch2D", [F<"CUdeviceptr", "devPtr">, F<"CUarray_format", "format">,
    F<"unsigned int", "numChannels">, F<"size_t", "width">, F<"size_t", "height">,
    F<"size_t", "pitchInBytes">]>, Nested<"struct", "reserved", [F<"int", "reserved", "[32]">]>]>,
    F<"unsigned int", "flags">]>;
def CUDA_RESOURCE_DESC : Typedef<"CUDA_RESOURCE_DESC_v1">;
def CUDA_TEXTURE_DESC_v1 : Struct<"CUDA_TEXTURE_DESC_st", [F<"CUaddress_mode", "addressMode", "[3]">,
    F<"CUfilter_mode", "filterMode">, F<"unsigned int", "flags">, F<"unsigned int", "maxAnisotropy">,
    F<"CUfilter_mode", "mipmapFilterMode">, F<"float", "mipmapLevelBias">, F<"float", "minMipmapLevelClamp">,
    F<"float", "maxMipmapLevelClamp">, F<"float", "borderColor", "[4]">, F<"int", "reserved", "[12]">]>;
def CUDA_TEXTURE_DESC : Typedef<"CUDA_TEXTURE_DESC_v1">;
def CUresourceViewFormat : Enum<"CUresourceViewFormat_enum", [V<"CU_RES_VIEW_FORMAT_NONE", 0>,
    V<"CU_RES_VIEW_FORMAT_UINT_1X8", 1>, V<"CU_RES_VIEW_FORMAT_UINT_2X8", 2>,
    V<"CU_RES_VIEW_FORMAT_UINT_4X8", 3>, V<"CU_RES_VIEW_FORMAT_SINT_1X8", 4>,
    V<"CU_RES_VIEW_FORMAT_SINT_2X8", 5>, V<"CU_RES_VIEW_FORMAT_SINT_4X8", 6>,
    V<"CU_RES_VIEW_FORMAT_UINT_1X16", 7>, V<"CU_RES_VIEW_FORMAT_UINT_2X16", 8>,
    V<"CU_RES_VIEW_FORMAT_UINT_4X16", 9>, V<"CU_RES_VIEW_FORMAT_SINT_1X16", 10>,
    V<"CU_RES_VIEW_FORMAT_SINT_2X16", 11>, V<"CU_RES_VIEW_FORMAT_SINT_4X16", 12>,
    V<"CU_RES_VIEW_FORMAT_UINT_1X32", 13>, V<"CU_RES_VIEW_FORMAT_UINT_2X32", 14>,
    V<"CU_RES_VIEW_FORMAT_UINT_4X32", 15>, V<"CU_RES_VIEW_FORMAT_SINT_1X32", 16>,
    V<"CU_RES_VIEW_FORMAT_SINT_2X32", 17>, V<"CU_RES_VIEW_FORMAT_SINT_4X32", 18>,
    V<"CU_RES_VIEW_FORMAT_FLOAT_1X16", 19>, V<"CU_RES_VIEW_FORMAT_FLOAT_2X16", 20>,
    V<"CU_RES_VIEW_FORMAT_FLOAT_4X16", 21>, V<"CU_RES_VIEW_FORMAT_FLOAT_1X32", 22>,
    V<"CU_RES_VIEW_FORMAT_FLOAT_2X32", 23>, V<"CU_RES_VIEW_FORMAT_FLOAT_4X32", 24>,
    V<"CU_RES_VIEW_FORMAT_UNSIGNED_BC1", 25>, V<"CU_RES_VIEW_FORMAT_UNSIGNED_BC2", 26>,
    V<"CU_RES_VIEW_FORMAT_UNSIGNED_BC3", 27>, V<"CU_RES_VIEW_FORMAT_UNSIGNED_BC4", 28>,
    V<"CU_RES_VIEW_FORMAT_SIGNED_BC4", 29>, V<"CU_RES_VIEW_FORMAT_UNSIGNED_BC5", 30>,
    V<"CU_RES_VIEW_FORMAT_SIGNED_BC5", 31>, V<"CU_RES_VIEW_FORMAT_UNSIGNED_BC6H", 32>,
    V<"CU_RES_VIEW_FORMAT_SIGNED_BC6H", 33>, V<"CU_RES_VIEW_FORMAT_UNSIGNED_BC7", 34>]>;
def CUDA_RESOURCE_VIEW_DESC_v1 : Struct<"CUDA_RESOURCE_VIEW_DESC_st", [F<"CUresourceViewFormat", "format">,
    F<"size_t", "width">, F<"size_t", "height">, F<"size_t", "depth">, F<"unsigned int", "firstMipmapLevel">,
    F<"unsigned int", "lastMipmapLevel">, F<"unsigned int", "firstLayer">, F<"unsigned int", "lastLayer">,
    F<"unsigned int", "reserved", "[16]">]>;
def CUDA_RESOURCE_VIEW_DESC : Typedef<"CUDA_RESOURCE_VIEW_DESC_v1">;

let Noun = "texture" in {
def cuTexRefSetArray : Driver<2000, [Handle<"CUtexref", "hTexRef">, Handle<"CUarray", "hArray">,
    In<"unsigned int", "Flags">]>, Done;
def cuTexRefSetMipmappedArray : Driver<5000, [Handle<"CUtexref", "hTexRef">,
    Handle<"CUmipmappedArray", "hMipmappedArray">, In<"unsigned int", "Flags">]>, Done;
def cuTexRefSetAddress_v2 : Driver<3020, [Opt<"size_t*", "ByteOffset">, Handle<"CUtexref", "hTexRef">,
    In<"CUdeviceptr", "dptr">, In<"size_t", "bytes">]>, Done;
def cuTexRefSetAddress2D_v3 : Driver<4010, [Handle<"CUtexref", "hTexRef">,
    Ptr<"const CUDA_ARRAY_DESCRIPTOR*", "desc">, In<"CUdeviceptr", "dptr">, In<"size_t", "Pitch">]>, Done;
def cuTexRefSetFormat : Driver<2000, [Handle<"CUtexref", "hTexRef">, In<"CUarray_format", "fmt">,
    In<"int", "NumPackedComponents">]>, Done;
def cuTexRefSetAddressMode : Driver<2000, [Handle<"CUtexref", "hTexRef">, In<"int", "dim">,
    In<"CUaddress_mode", "am">]>, Done;
def cuTexRefSetFilterMode : Driver<2000, [Handle<"CUtexref", "hTexRef">, In<"CUfilter_mode", "fm">]>, Done;
def cuTexRefSetMipmapFilterMode : Driver<5000, [Handle<"CUtexref", "hTexRef">, In<"CUfilter_mode", "fm">]>, Done;
def cuTexRefSetMipmapLevelBias : Driver<5000, [Handle<"CUtexref", "hTexRef">, In<"float", "bias">]>, Done;
def cuTexRefSetMipmapLevelClamp : Driver<5000, [Handle<"CUtexref", "hTexRef">,
    In<"float", "minMipmapLevelClamp">, In<"float", "maxMipmapLevelClamp">]>, Done;
def cuTexRefSetMaxAnisotropy : Driver<5000, [Handle<"CUtexref", "hTexRef">, In<"unsigned int", "maxAniso">]>, Done;
def cuTexRefSetBorderColor : Driver<8000, [Handle<"CUtexref", "hTexRef">, Out<"float", "pBorderColor">]>, Done;
def cuTexRefSetFlags : Driver<2000, [Handle<"CUtexref", "hTexRef">, In<"unsigned int", "Flags">]>, Done;
def cuTexRefGetAddress_v2 : Driver<3020, [Out<"CUdeviceptr", "pdptr">, Handle<"CUtexref", "hTexRef">]>, Done;
def cuTexRefGetArray : Driver<2000, [Out<"CUarray", "phArray">, Handle<"CUtexref", "hTexRef">]>, Done;
def cuTexRefGetMipmappedArray : Driver<5000, [Out<"CUmipmappedArray", "phMipmappedArray">,
    Handle<"CUtexref", "hTexRef">]>, Done;
def cuTexRefGetAddressMode : Driver<2000, [Out<"CUaddress_mode", "pam">, Handle<"CUtexref", "hTexRef">,
    In<"int", "dim">]>, Done;
def cuTexRefGetFilterMode : Driver<2000, [Out<"CUfilter_mode", "pfm">, Handle<"CUtexref", "hTexRef">]>, Done;
def cuTexRefGetFormat : Driver<2000, [Out<"CUarray_format", "pFormat">, Out<"int", "pNumChannels">,
    Handle<"CUtexref", "hTexRef">]>, Done;
def cuTexRefGetMipmapFilterMode : Driver<5000, [Out<"CUfilter_mode", "pfm">, Handle<"CUtexref", "hTexRef">]>, Done;
def cuTexRefGetMipmapLevelBias : Driver<5000, [Out<"float", "pbias">, Handle<"CUtexref", "hTexRef">]>, Done;
def cuTexRefGetMipmapLevelClamp : Driver<5000, [Out<"float", "pminMipmapLevelClamp">,
    Out<"float", "pmaxMipmapLevelClamp">, Handle<"CUtexref", "hTexRef">]>, Done;
def cuTexRefGetMaxAnisotropy : Driver<5000, [Out<"int", "pmaxAniso">, Handle<"CUtexref", "hTexRef">]>, Done;
def cuTexRefGetBorderColor : Driver<8000, [Out<"float", "pBorderColor">, Handle<"CUtexref", "hTexRef">]>, Done;
def cuTexRefGetFlags : Driver<2000, [Out<"unsigned int", "pFlags">, Handle<"CUtexref", "hTexRef">]>, Done;
def cuTexRefCreate : Driver<2000, [Out<"CUtexref", "pTexRef">]>, Done;
def cuTexRefDestroy : Driver<2000, [Handle<"CUtexref", "hTexRef">]>, Done;
def cuTexObjectCreate : Driver<5000, [Out<"CUtexObject", "pTexObject">,
    Ptr<"const CUDA_RESOURCE_DESC*", "pResDesc">, Ptr<"const CUDA_TEXTURE_DESC*", "pTexDesc">,
    Opt<"const CUDA_RESOURCE_VIEW_DESC*", "pResViewDesc">]>, Done;
def cuTexObjectDestroy : Driver<5000, [In<"CUtexObject", "texObject">]>, Done;
def cuTexObjectGetResourceDesc : Driver<5000, [Out<"CUDA_RESOURCE_DESC", "pResDesc">,
    In<"CUtexObject", "texObject">]>, Done;
def cuTexObjectGetTextureDesc : Driver<5000, [Out<"CUDA_TEXTURE_DESC", "pTexDesc">,
    In<"CUtexObject", "texObject">]>, Done;
def cuTexObjectGetResourceViewDesc : Driver<5000, [Out<"CUDA_RESOURCE_VIEW_DESC", "pResViewDesc">,
    In<"CUtexObject", "texObject">]>, Done;
def cuTexRefSetAddress2D_v2 : Driver<3020, [Handle<"CUtexref", "hTexRef">,
    Ptr<"const CUDA_ARRAY_DESCRIPTOR*", "desc">, In<"CUdeviceptr", "dptr">, In<"size_t", "Pitch">]>, Alias<"cuTexRefSetAddress2D_v3">, Done;
def cuTexRefSetAddress : Driver<2000, [Opt<"unsigned int*", "ByteOffset">, Handle<"CUtexref", "hTexRef">,
    In<"CUdeviceptr_v1", "dptr">, In<"unsigned int", "bytes">]>, Narrow;
def cuTexRefSetAddress2D : Driver<2000, [Handle<"CUtexref", "hTexRef">,
    Ptr<"const CUDA_ARRAY_DESCRIPTOR_v1*", "desc">, In<"CUdeviceptr_v1", "dptr">,
    In<"unsigned int", "Pitch">]>, Narrow;
def cuTexRefGetAddress : Driver<2000, [Out<"CUdeviceptr_v1", "pdptr">, Handle<"CUtexref", "hTexRef">]>,
    Narrow;
}  // texture
