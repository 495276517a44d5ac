// Runtime: textures and surfaces.

def cudaSurfaceType1D : Constant<"0x01">;
def cudaSurfaceType1DLayered : Constant<"0xF1">;
def cudaSurfaceType2D : Constant<"0x02">;
def cudaSurfaceType2DLayered : Constant<"0xF2">;
def cudaSurfaceType3D : Constant<"0x03">;
def cudaSurfaceTypeCubemap : Constant<"0x0C">;
def cudaSurfaceTypeCubemapLayered : Constant<"0xFC">;
def cudaTextureType1D : Constant<"0x01">;
def cudaTextureType1DLayered : Constant<"0xF1">;
def cudaTextureType2D : Constant<"0x02">;
def cudaTextureType2DLayered : Constant<"0xF2">;
def cudaTextureType3D : Constant<"0x03">;
def cudaTextureTypeCubemap : Constant<"0x0C">;
def cudaTextureTypeCubemapLayered : Constant<"0xFC">;

def cudaSurfaceObject_t : Typedef<"unsigned long long">;
def cudaTextureObject_t : Typedef<"unsigned long long">;
def cudaResourceType : Enum<"cudaResourceType", [V<"cudaResourceTypeArray", 0>,
    V<"cudaResourceTypeMipmappedArray", 1>, V<"cudaResourceTypeLinear", 2>, V<"cudaResourceTypePitch2D", 3>]>;
def cudaResourceViewFormat : Enum<"cudaResourceViewFormat", [V<"cudaResViewFormatNone", 0>,
    V<"cudaResViewFormatUnsignedChar1", 1>, V<"cudaResViewFormatUnsignedChar2", 2>,
    V<"cudaResViewFormatUnsignedChar4", 3>, V<"cudaResViewFormatSignedChar1", 4>,
    V<"cudaResViewFormatSignedChar2", 5>, V<"cudaResViewFormatSignedChar4", 6>,
    V<"cudaResViewFormatUnsignedShort1", 7>, V<"cudaResViewFormatUnsignedShort2", 8>,
    V<"cudaResViewFormatUnsignedShort4", 9>, V<"cudaResViewFormatSignedShort1", 10>,
    V<"cudaResViewFormatSignedShort2", 11>, V<"cudaResViewFormatSignedShort4", 12>,
    V<"cudaResViewFormatUnsignedInt1", 13>, V<"cudaResViewFormatUnsignedInt2", 14>,
    V<"cudaResViewFormatUnsignedInt4", 15>, V<"cudaResViewFormatSignedInt1", 16>,
    V<"cudaResViewFormatSignedInt2", 17>, V<"cudaResViewFormatSignedInt4", 18>,
    V<"cudaResViewFormatHalf1", 19>, V<"cudaResViewFormatHalf2", 20>, V<"cudaResViewFormatHalf4", 21>,
    V<"cudaResViewFormatFloat1", 22>, V<"cudaResViewFormatFloat2", 23>, V<"cudaResViewFormatFloat4", 24>,
    V<"cudaResViewFormatUnsignedBlockCompressed1", 25>, V<"cudaResViewFormatUnsignedBlockCompressed2", 26>,
    V<"cudaResViewFormatUnsignedBlockCompressed3", 27>, V<"cudaResViewFormatUnsignedBlockCompressed4", 28>,
    V<"cudaResViewFormatSignedBlockCompressed4", 29>, V<"cudaResViewFormatUnsignedBlockCompressed5", 30>,
    V<"cudaResViewFormatSignedBlockCompressed5", 31>, V<"cudaResViewFormatUnsignedBlockCompressed6H", 32>,
    V<"cudaResViewFormatSignedBlockCompressed6H", 33>, V<"cudaResViewFormatUnsignedBlockCompressed7", 34>]>;
def cudaResourceDesc : Struct<"cudaResourceDesc", [F<"enum cudaResourceType", "resType">,
    Nested<"union", "res", [Nested<"struct", "array", [F<"cudaArray_t", "array">]>,
    Nested<"struct", "mipmap", [F<"cudaMipmappedArray_t", "mipmap">]>,
    Nested<"struct", "linear", [F<"void*", "devPtr">, F<"struct cudaChannelFormatDesc", "desc">,
    F<"size_t", "sizeInBytes">]>, Nested<"struct", "pitch2D", [F<"void*", "devPtr">,
    F<"struct cudaChannelFormatDesc", "desc">, F<"size_t", "width">, F<"size_t", "height">,
    F<"size_t", "pitchInBytes">]>, Nested<"struct", "reserved", [F<"int", "reserved", "[32]">]>]>,
    F<"unsigned int", "flags">]>;
def cudaResourceViewDesc : Struct<"cudaResourceViewDesc", [F<"enum cudaResourceViewFormat", "format">,
    F<"size_t", "width">, F<"size_t", "height">, F<"size_t", "depth">, F<"unsigned int", "firstMipmapLevel">,
    F<"unsigned int", "lastMipmapLevel">, F<"unsigned int", "firstLayer">, F<"unsigned int", "lastLayer">,
    F<"unsigned int", "reserved", "[16]">]>;
def cudaSurfaceBoundaryMode : Enum<"cudaSurfaceBoundaryMode", [V<"cudaBoundaryModeZero", 0>,
    V<"cudaBoundaryModeClamp", 1>, V<"cudaBoundaryModeTrap", 2>]>;
def cudaSurfaceFormatMode : Enum<"cudaSurfaceFormatMode", [V<"cudaFormatModeForced", 0>,
    V<"cudaFormatModeAuto", 1>]>;
def cudaTextureAddressMode : Enum<"cudaTextureAddressMode", [V<"cudaAddressModeWrap", 0>,
    V<"cudaAddressModeClamp", 1>, V<"cudaAddressModeMirror", 2>, V<"cudaAddressModeBorder", 3>]>;
def cudaTextureFilterMode : Enum<"cudaTextureFilterMode", [V<"cudaFilterModePoint", 0>,
    V<"cudaFilterModeLinear", 1>]>;
def cudaTextureReadMode : Enum<"cudaTextureReadMode", [V<"cudaReadModeElementType", 0>,
    V<"cudaReadModeNormalizedFloat", 1>]>;
def cudaTextureDesc : Struct<"cudaTextureDesc", [F<"enum cudaTextureAddressMode", "addressMode", "[3]">,
    F<"enum cudaTextureFilterMode", "filterMode">, F<"enum cudaTextureReadMode", "readMode">,
    F<"int", "sRGB">, F<"float", "borderColor", "[4]">, F<"int", "normalizedCoords">,
    F<"unsigned int", "maxAnisotropy">, F<"enum cudaTextureFilterMode", "mipmapFilterMode">,
    F<"float", "mipmapLevelBias">, F<"float", "minMipmapLevelClamp">, F<"float", "maxMipmapLevelClamp">,
    F<"int", "disableTrilinearOptimization">, F<"int", "seamlessCubemap">]>;

let Noun = "cudart_texture" in {
def cudaCreateTextureObject : Runtime<[Out<"cudaTextureObject_t", "pTexObject">,
    Ptr<"const struct cudaResourceDesc*", "pResDesc">, Ptr<"const struct cudaTextureDesc*", "pTexDesc">,
    Opt<"const struct cudaResourceViewDesc*", "pResViewDesc">]>, Done;
def cudaDestroyTextureObject : Runtime<[In<"cudaTextureObject_t", "texObject">]>, Done;
def cudaGetTextureObjectResourceDesc : Runtime<[Out<"struct cudaResourceDesc", "pResDesc">,
    In<"cudaTextureObject_t", "texObject">]>, Done;
def cudaGetTextureObjectTextureDesc : Runtime<[Out<"struct cudaTextureDesc", "pTexDesc">,
    In<"cudaTextureObject_t", "texObject">]>, Done;
def cudaGetTextureObjectResourceViewDesc : Runtime<[Out<"struct cudaResourceViewDesc", "pResViewDesc">,
    In<"cudaTextureObject_t", "texObject">]>, Done;
def cudaCreateSurfaceObject : Runtime<[Out<"cudaSurfaceObject_t", "pSurfObject">,
    Ptr<"const struct cudaResourceDesc*", "pResDesc">]>, Done;
def cudaDestroySurfaceObject : Runtime<[In<"cudaSurfaceObject_t", "surfObject">]>, Done;
def cudaGetSurfaceObjectResourceDesc : Runtime<[Out<"struct cudaResourceDesc", "pResDesc">,
    In<"cudaSurfaceObject_t", "surfObject">]>, Done;
}  // cudart_texture
