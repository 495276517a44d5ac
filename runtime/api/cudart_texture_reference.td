// Runtime: texture and surface references, which CUDA 12 removed. Types: runtime/cudart/legacy_types.h.

let Noun = "cudart_texture_reference" in {
def __cudaRegisterTexture : Runtime<[In<"void**", "fatCubinHandle">, In<"const TextureReference*", "hostVar">,
    In<"const void**", "deviceAddress">, In<"const char*", "deviceName">, In<"int", "dim">, In<"int", "norm">,
    In<"int", "ext">]>, Returns<"void">, Done, Named<"__cudaRegisterTexture", "", "">;
def __cudaRegisterSurface : Runtime<[In<"void**", "fatCubinHandle">, In<"const SurfaceReference*", "hostVar">,
    In<"const void**", "deviceAddress">, In<"const char*", "deviceName">, In<"int", "dim">, In<"int", "ext">]>,
    Returns<"void">, Done, Named<"__cudaRegisterSurface", "", "">;
def cudaBindTexture : Runtime<[Opt<"size_t*", "offset">, Ptr<"const TextureReference*", "texref">,
    In<"const void*", "devPtr">, Ptr<"const struct cudaChannelFormatDesc*", "desc">, In<"size_t", "size">]>,
    Done, Named<"cudaBindTexture", "", "">;
def cudaBindTexture2D : Runtime<[Opt<"size_t*", "offset">, Ptr<"const TextureReference*", "texref">,
    In<"const void*", "devPtr">, Ptr<"const struct cudaChannelFormatDesc*", "desc">, In<"size_t", "width">,
    In<"size_t", "height">, In<"size_t", "pitch">]>, Done, Named<"cudaBindTexture2D", "", "">;
def cudaBindTextureToArray : Runtime<[Ptr<"const TextureReference*", "texref">,
    In<"cudaArray_const_t", "array">, Ptr<"const struct cudaChannelFormatDesc*", "desc">]>,
    Done, Named<"cudaBindTextureToArray", "", "">;
def cudaBindTextureToMipmappedArray : Runtime<[Ptr<"const TextureReference*", "texref">,
    In<"cudaMipmappedArray_const_t", "mipmappedArray">, Ptr<"const struct cudaChannelFormatDesc*", "desc">]>,
    Done, Named<"cudaBindTextureToMipmappedArray", "", "">;
def cudaUnbindTexture : Runtime<[Ptr<"const TextureReference*", "texref">]>,
    Done, Named<"cudaUnbindTexture", "", "">;
def cudaGetTextureAlignmentOffset : Runtime<[Out<"size_t", "offset">,
    Ptr<"const TextureReference*", "texref">]>, Done, Named<"cudaGetTextureAlignmentOffset", "", "">;
def cudaGetTextureReference : Runtime<[Out<"const TextureReference*", "texref">,
    In<"const void*", "symbol">]>, Done, Named<"cudaGetTextureReference", "", "">;
def cudaBindSurfaceToArray : Runtime<[Ptr<"const SurfaceReference*", "surfref">,
    In<"cudaArray_const_t", "array">, Ptr<"const struct cudaChannelFormatDesc*", "desc">]>,
    Done, Named<"cudaBindSurfaceToArray", "", "">;
def cudaGetSurfaceReference : Runtime<[Out<"const SurfaceReference*", "surfref">,
    In<"const void*", "symbol">]>, Done, Named<"cudaGetSurfaceReference", "", "">;
def cudaCreateTextureObject_v2 : Runtime<[Out<"cudaTextureObject_t", "pTexObject">,
    Ptr<"const struct cudaResourceDesc*", "pResDesc">, Ptr<"const struct cudaTextureDesc*", "pTexDesc">,
    Opt<"const struct cudaResourceViewDesc*", "pResViewDesc">]>,
    Done, Named<"cudaCreateTextureObject_v2", "", "">;
def cudaGetTextureObjectTextureDesc_v2 : Runtime<[Out<"struct cudaTextureDesc", "pTexDesc">,
    In<"cudaTextureObject_t", "texObject">]>, Done, Named<"cudaGetTextureObjectTextureDesc_v2", "", "">;
}  // cudart_texture_reference
