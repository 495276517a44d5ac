// Runtime: arrays.

def cudaArrayColorAttachment : Constant<"0x20">;
def cudaArrayCubemap : Constant<"0x04">;
def cudaArrayDefault : Constant<"0x00">;
def cudaArrayDeferredMapping : Constant<"0x80">;
def cudaArrayLayered : Constant<"0x01">;
def cudaArraySparse : Constant<"0x40">;
def cudaArraySparsePropertiesSingleMipTail : Constant<"0x1">;
def cudaArraySurfaceLoadStore : Constant<"0x02">;
def cudaArrayTextureGather : Constant<"0x08">;

def cudaArray_t : Typedef<"struct cudaArray*">;
def cudaArray_const_t : Typedef<"const struct cudaArray*">;
def cudaMipmappedArray_t : Typedef<"struct cudaMipmappedArray*">;
def cudaMipmappedArray_const_t : Typedef<"const struct cudaMipmappedArray*">;
def cudaChannelFormatKind : Enum<"cudaChannelFormatKind", [V<"cudaChannelFormatKindSigned", 0>,
    V<"cudaChannelFormatKindUnsigned", 1>, V<"cudaChannelFormatKindFloat", 2>,
    V<"cudaChannelFormatKindNone", 3>, V<"cudaChannelFormatKindNV12", 4>,
    V<"cudaChannelFormatKindUnsignedNormalized8X1", 5>, V<"cudaChannelFormatKindUnsignedNormalized8X2", 6>,
    V<"cudaChannelFormatKindUnsignedNormalized8X4", 7>, V<"cudaChannelFormatKindUnsignedNormalized16X1", 8>,
    V<"cudaChannelFormatKindUnsignedNormalized16X2", 9>, V<"cudaChannelFormatKindUnsignedNormalized16X4", 10>,
    V<"cudaChannelFormatKindSignedNormalized8X1", 11>, V<"cudaChannelFormatKindSignedNormalized8X2", 12>,
    V<"cudaChannelFormatKindSignedNormalized8X4", 13>, V<"cudaChannelFormatKindSignedNormalized16X1", 14>,
    V<"cudaChannelFormatKindSignedNormalized16X2", 15>, V<"cudaChannelFormatKindSignedNormalized16X4", 16>,
    V<"cudaChannelFormatKindUnsignedBlockCompressed1", 17>,
    V<"cudaChannelFormatKindUnsignedBlockCompressed1SRGB", 18>,
    V<"cudaChannelFormatKindUnsignedBlockCompressed2", 19>,
    V<"cudaChannelFormatKindUnsignedBlockCompressed2SRGB", 20>,
    V<"cudaChannelFormatKindUnsignedBlockCompressed3", 21>,
    V<"cudaChannelFormatKindUnsignedBlockCompressed3SRGB", 22>,
    V<"cudaChannelFormatKindUnsignedBlockCompressed4", 23>,
    V<"cudaChannelFormatKindSignedBlockCompressed4", 24>,
    V<"cudaChannelFormatKindUnsignedBlockCompressed5", 25>,
    V<"cudaChannelFormatKindSignedBlockCompressed5", 26>,
    V<"cudaChannelFormatKindUnsignedBlockCompressed6H", 27>,
    V<"cudaChannelFormatKindSignedBlockCompressed6H", 28>,
    V<"cudaChannelFormatKindUnsignedBlockCompressed7", 29>,
    V<"cudaChannelFormatKindUnsignedBlockCompressed7SRGB", 30>,
    V<"cudaChannelFormatKindUnsignedNormalized1010102", 31>]>;
def cudaChannelFormatDesc : Struct<"cudaChannelFormatDesc", [F<"int", "x">, F<"int", "y">, F<"int", "z">,
    F<"int", "w">, F<"enum cudaChannelFormatKind", "f">]>;
def cudaArraySparseProperties : Struct<"cudaArraySparseProperties", [
    Nested<"struct", "tileExtent", [F<"unsigned int", "width">, F<"unsigned int", "height">,
    F<"unsigned int", "depth">]>, F<"unsigned int", "miptailFirstLevel">,
    F<"unsigned long long", "miptailSize">, F<"unsigned int", "flags">,
    F<"unsigned int", "reserved", "[4]">]>;
def cudaArrayMemoryRequirements : Struct<"cudaArrayMemoryRequirements", [F<"size_t", "size">,
    F<"size_t", "alignment">, F<"unsigned int", "reserved", "[4]">]>;

let Noun = "cudart_array" in {
def cudaMallocArray : Runtime<[Out<"cudaArray_t", "array">,
    Ptr<"const struct cudaChannelFormatDesc*", "desc">, In<"size_t", "width">, In<"size_t", "height", "0">,
    In<"unsigned int", "flags", "0">]>, Done;
def cudaFreeArray : Runtime<[In<"cudaArray_t", "array">]>, Done;
def cudaFreeMipmappedArray : Runtime<[In<"cudaMipmappedArray_t", "mipmappedArray">]>, Done;
def cudaMalloc3DArray : Runtime<[Out<"cudaArray_t", "array">,
    Ptr<"const struct cudaChannelFormatDesc*", "desc">, In<"struct cudaExtent", "extent">,
    In<"unsigned int", "flags", "0">]>, Done;
def cudaMallocMipmappedArray : Runtime<[Out<"cudaMipmappedArray_t", "mipmappedArray">,
    Ptr<"const struct cudaChannelFormatDesc*", "desc">, In<"struct cudaExtent", "extent">,
    In<"unsigned int", "numLevels">, In<"unsigned int", "flags", "0">]>, Done;
def cudaGetMipmappedArrayLevel : Runtime<[Out<"cudaArray_t", "levelArray">,
    In<"cudaMipmappedArray_const_t", "mipmappedArray">, In<"unsigned int", "level">]>, Done;
def cudaArrayGetInfo : Runtime<[Opt<"struct cudaChannelFormatDesc*", "desc">,
    Opt<"struct cudaExtent*", "extent">, Opt<"unsigned int*", "flags">, In<"cudaArray_t", "array">]>, Done;
def cudaArrayGetPlane : Runtime<[Out<"cudaArray_t", "pPlaneArray">, In<"cudaArray_t", "hArray">,
    In<"unsigned int", "planeIdx">]>, Done;
def cudaArrayGetMemoryRequirements : Runtime<[Out<"struct cudaArrayMemoryRequirements", "memoryRequirements">,
    In<"cudaArray_t", "array">, In<"int", "device">]>, Done;
def cudaMipmappedArrayGetMemoryRequirements : Runtime<[
    Out<"struct cudaArrayMemoryRequirements", "memoryRequirements">, In<"cudaMipmappedArray_t", "mipmap">,
    In<"int", "device">]>, Done;
def cudaArrayGetSparseProperties : Runtime<[Out<"struct cudaArraySparseProperties", "sparseProperties">,
    In<"cudaArray_t", "array">]>, Done;
def cudaMipmappedArrayGetSparseProperties : Runtime<[
    Out<"struct cudaArraySparseProperties", "sparseProperties">, In<"cudaMipmappedArray_t", "mipmap">]>, Done;
def cudaGetChannelDesc : Runtime<[Out<"struct cudaChannelFormatDesc", "desc">,
    In<"cudaArray_const_t", "array">]>, Done;
def cudaCreateChannelDesc : Runtime<[In<"int", "x">, In<"int", "y">, In<"int", "z">, In<"int", "w">,
    In<"enum cudaChannelFormatKind", "f">]>, Returns<"struct cudaChannelFormatDesc">, Done;
}  // cudart_array
