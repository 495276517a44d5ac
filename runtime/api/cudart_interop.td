// Runtime: graphics interoperation.

def cudaGraphicsResource_t : Typedef<"struct cudaGraphicsResource*">;
def cudaEglFrameType : Enum<"cudaEglFrameType_enum", [V<"cudaEglFrameTypeArray", 0>,
    V<"cudaEglFrameTypePitch", 1>]>;
def cudaEglResourceLocationFlags : Enum<"cudaEglResourceLocationFlags_enum", [
    V<"cudaEglResourceLocationSysmem", 0>, V<"cudaEglResourceLocationVidmem", 1>]>;
def cudaEglColorFormat : Enum<"cudaEglColorFormat_enum", [V<"cudaEglColorFormatYUV420Planar", 0>,
    V<"cudaEglColorFormatYUV420SemiPlanar", 1>, V<"cudaEglColorFormatYUV422Planar", 2>,
    V<"cudaEglColorFormatYUV422SemiPlanar", 3>, V<"cudaEglColorFormatARGB", 6>,
    V<"cudaEglColorFormatRGBA", 7>, V<"cudaEglColorFormatL", 8>, V<"cudaEglColorFormatR", 9>,
    V<"cudaEglColorFormatYUV444Planar", 10>, V<"cudaEglColorFormatYUV444SemiPlanar", 11>,
    V<"cudaEglColorFormatYUYV422", 12>, V<"cudaEglColorFormatUYVY422", 13>, V<"cudaEglColorFormatABGR", 14>,
    V<"cudaEglColorFormatBGRA", 15>, V<"cudaEglColorFormatA", 16>, V<"cudaEglColorFormatRG", 17>,
    V<"cudaEglColorFormatAYUV", 18>, V<"cudaEglColorFormatYVU444SemiPlanar", 19>,
    V<"cudaEglColorFormatYVU422SemiPlanar", 20>, V<"cudaEglColorFormatYVU420SemiPlanar", 21>,
    V<"cudaEglColorFormatY10V10U10_444SemiPlanar", 22>, V<"cudaEglColorFormatY10V10U10_420SemiPlanar", 23>,
    V<"cudaEglColorFormatY12V12U12_444SemiPlanar", 24>, V<"cudaEglColorFormatY12V12U12_420SemiPlanar", 25>,
    V<"cudaEglColorFormatVYUY_ER", 26>, V<"cudaEglColorFormatUYVY_ER", 27>,
    V<"cudaEglColorFormatYUYV_ER", 28>, V<"cudaEglColorFormatYVYU_ER", 29>,
    V<"cudaEglColorFormatYUVA_ER", 31>, V<"cudaEglColorFormatAYUV_ER", 32>,
    V<"cudaEglColorFormatYUV444Planar_ER", 33>, V<"cudaEglColorFormatYUV422Planar_ER", 34>,
    V<"cudaEglColorFormatYUV420Planar_ER", 35>, V<"cudaEglColorFormatYUV444SemiPlanar_ER", 36>,
    V<"cudaEglColorFormatYUV422SemiPlanar_ER", 37>, V<"cudaEglColorFormatYUV420SemiPlanar_ER", 38>,
    V<"cudaEglColorFormatYVU444Planar_ER", 39>, V<"cudaEglColorFormatYVU422Planar_ER", 40>,
    V<"cudaEglColorFormatYVU420Planar_ER", 41>, V<"cudaEglColorFormatYVU444SemiPlanar_ER", 42>,
    V<"cudaEglColorFormatYVU422SemiPlanar_ER", 43>, V<"cudaEglColorFormatYVU420SemiPlanar_ER", 44>,
    V<"cudaEglColorFormatBayerRGGB", 45>, V<"cudaEglColorFormatBayerBGGR", 46>,
    V<"cudaEglColorFormatBayerGRBG", 47>, V<"cudaEglColorFormatBayerGBRG", 48>,
    V<"cudaEglColorFormatBayer10RGGB", 49>, V<"cudaEglColorFormatBayer10BGGR", 50>,
    V<"cudaEglColorFormatBayer10GRBG", 51>, V<"cudaEglColorFormatBayer10GBRG", 52>,
    V<"cudaEglColorFormatBayer12RGGB", 53>, V<"cudaEglColorFormatBayer12BGGR", 54>,
    V<"cudaEglColorFormatBayer12GRBG", 55>, V<"cudaEglColorFormatBayer12GBRG", 56>,
    V<"cudaEglColorFormatBayer14RGGB", 57>, V<"cudaEglColorFormatBayer14BGGR", 58>,
    V<"cudaEglColorFormatBayer14GRBG", 59>, V<"cudaEglColorFormatBayer14GBRG", 60>,
    V<"cudaEglColorFormatBayer20RGGB", 61>, V<"cudaEglColorFormatBayer20BGGR", 62>,
    V<"cudaEglColorFormatBayer20GRBG", 63>, V<"cudaEglColorFormatBayer20GBRG", 64>,
    V<"cudaEglColorFormatYVU444Planar", 65>, V<"cudaEglColorFormatYVU422Planar", 66>,
    V<"cudaEglColorFormatYVU420Planar", 67>, V<"cudaEglColorFormatBayerIspRGGB", 68>,
    V<"cudaEglColorFormatBayerIspBGGR", 69>, V<"cudaEglColorFormatBayerIspGRBG", 70>,
    V<"cudaEglColorFormatBayerIspGBRG", 71>, V<"cudaEglColorFormatBayerBCCR", 72>,
    V<"cudaEglColorFormatBayerRCCB", 73>, V<"cudaEglColorFormatBayerCRBC", 74>,
    V<"cudaEglColorFormatBayerCBRC", 75>, V<"cudaEglColorFormatBayer10CCCC", 76>,
    V<"cudaEglColorFormatBayer12BCCR", 77>, V<"cudaEglColorFormatBayer12RCCB", 78>,
    V<"cudaEglColorFormatBayer12CRBC", 79>, V<"cudaEglColorFormatBayer12CBRC", 80>,
    V<"cudaEglColorFormatBayer12CCCC", 81>, V<"cudaEglColorFormatY", 82>,
    V<"cudaEglColorFormatYUV420SemiPlanar_2020", 83>, V<"cudaEglColorFormatYVU420SemiPlanar_2020", 84>,
    V<"cudaEglColorFormatYUV420Planar_2020", 85>, V<"cudaEglColorFormatYVU420Planar_2020", 86>,
    V<"cudaEglColorFormatYUV420SemiPlanar_709", 87>, V<"cudaEglColorFormatYVU420SemiPlanar_709", 88>,
    V<"cudaEglColorFormatYUV420Planar_709", 89>, V<"cudaEglColorFormatYVU420Planar_709", 90>,
    V<"cudaEglColorFormatY10V10U10_420SemiPlanar_709", 91>,
    V<"cudaEglColorFormatY10V10U10_420SemiPlanar_2020", 92>,
    V<"cudaEglColorFormatY10V10U10_422SemiPlanar_2020", 93>,
    V<"cudaEglColorFormatY10V10U10_422SemiPlanar", 94>,
    V<"cudaEglColorFormatY10V10U10_422SemiPlanar_709", 95>, V<"cudaEglColorFormatY_ER", 96>,
    V<"cudaEglColorFormatY_709_ER", 97>, V<"cudaEglColorFormatY10_ER", 98>,
    V<"cudaEglColorFormatY10_709_ER", 99>, V<"cudaEglColorFormatY12_ER", 100>,
    V<"cudaEglColorFormatY12_709_ER", 101>, V<"cudaEglColorFormatYUVA", 102>,
    V<"cudaEglColorFormatYVYU", 104>, V<"cudaEglColorFormatVYUY", 105>,
    V<"cudaEglColorFormatY10V10U10_420SemiPlanar_ER", 106>,
    V<"cudaEglColorFormatY10V10U10_420SemiPlanar_709_ER", 107>,
    V<"cudaEglColorFormatY10V10U10_444SemiPlanar_ER", 108>,
    V<"cudaEglColorFormatY10V10U10_444SemiPlanar_709_ER", 109>,
    V<"cudaEglColorFormatY12V12U12_420SemiPlanar_ER", 110>,
    V<"cudaEglColorFormatY12V12U12_420SemiPlanar_709_ER", 111>,
    V<"cudaEglColorFormatY12V12U12_444SemiPlanar_ER", 112>,
    V<"cudaEglColorFormatY12V12U12_444SemiPlanar_709_ER", 113>, V<"cudaEglColorFormatUYVY709", 114>,
    V<"cudaEglColorFormatUYVY709_ER", 115>, V<"cudaEglColorFormatUYVY2020", 116>]>;
def cudaEglPlaneDesc : Struct<"cudaEglPlaneDesc_st", [F<"unsigned int", "width">, F<"unsigned int", "height">,
    F<"unsigned int", "depth">, F<"unsigned int", "pitch">, F<"unsigned int", "numChannels">,
    F<"struct cudaChannelFormatDesc", "channelDesc">, F<"unsigned int", "reserved", "[4]">]>;
def cudaEglFrame : Struct<"cudaEglFrame_st", [Nested<"union", "frame", [F<"cudaArray_t", "pArray", "[3]">,
    F<"struct cudaPitchedPtr", "pPitch", "[3]">]>, F<"cudaEglPlaneDesc", "planeDesc", "[3]">,
    F<"unsigned int", "planeCount">, F<"cudaEglFrameType", "frameType">,
    F<"cudaEglColorFormat", "eglColorFormat">]>;
def cudaEglStreamConnection : Typedef<"struct CUeglStreamConnection_st*">;
def cudaGraphicsRegisterFlags : Enum<"cudaGraphicsRegisterFlags", [V<"cudaGraphicsRegisterFlagsNone", 0>,
    V<"cudaGraphicsRegisterFlagsReadOnly", 1>, V<"cudaGraphicsRegisterFlagsWriteDiscard", 2>,
    V<"cudaGraphicsRegisterFlagsSurfaceLoadStore", 4>, V<"cudaGraphicsRegisterFlagsTextureGather", 8>]>;
def cudaGraphicsMapFlags : Enum<"cudaGraphicsMapFlags", [V<"cudaGraphicsMapFlagsNone", 0>,
    V<"cudaGraphicsMapFlagsReadOnly", 1>, V<"cudaGraphicsMapFlagsWriteDiscard", 2>]>;
def cudaGraphicsCubeFace : Enum<"cudaGraphicsCubeFace", [V<"cudaGraphicsCubeFacePositiveX", 0>,
    V<"cudaGraphicsCubeFaceNegativeX", 1>, V<"cudaGraphicsCubeFacePositiveY", 2>,
    V<"cudaGraphicsCubeFaceNegativeY", 3>, V<"cudaGraphicsCubeFacePositiveZ", 4>,
    V<"cudaGraphicsCubeFaceNegativeZ", 5>]>;
def cudaGLDeviceList : Enum<"cudaGLDeviceList", [V<"cudaGLDeviceListAll", 1>,
    V<"cudaGLDeviceListCurrentFrame", 2>, V<"cudaGLDeviceListNextFrame", 3>]>;
def cudaGLMapFlags : Enum<"cudaGLMapFlags", [V<"cudaGLMapFlagsNone", 0>, V<"cudaGLMapFlagsReadOnly", 1>,
    V<"cudaGLMapFlagsWriteDiscard", 2>]>;

let Noun = "cudart_interop" in {
def cudaGraphicsUnregisterResource : Runtime<[In<"cudaGraphicsResource_t", "resource">]>,
    NeedsDisplay<"cudaErrorInvalidResourceHandle">;
def cudaGraphicsResourceSetMapFlags : Runtime<[In<"cudaGraphicsResource_t", "resource">,
    In<"unsigned int", "flags">]>, NeedsDisplay<"cudaErrorInvalidResourceHandle">;
def cudaGraphicsMapResources : Runtime<[In<"int", "count">,
    Array<"cudaGraphicsResource_t*", "resources", "count">, In<"cudaStream_t", "stream", "0">]>,
    NeedsDisplay<"cudaErrorInvalidResourceHandle">;
def cudaGraphicsUnmapResources : Runtime<[In<"int", "count">,
    Array<"cudaGraphicsResource_t*", "resources", "count">, In<"cudaStream_t", "stream", "0">]>,
    NeedsDisplay<"cudaErrorInvalidResourceHandle">;
def cudaGraphicsResourceGetMappedPointer : Runtime<[Out<"void*", "devPtr">, Out<"size_t", "size">,
    In<"cudaGraphicsResource_t", "resource">]>, NeedsDisplay<"cudaErrorInvalidResourceHandle">;
def cudaGraphicsSubResourceGetMappedArray : Runtime<[Out<"cudaArray_t", "array">,
    In<"cudaGraphicsResource_t", "resource">, In<"unsigned int", "arrayIndex">,
    In<"unsigned int", "mipLevel">]>, NeedsDisplay<"cudaErrorInvalidResourceHandle">;
def cudaGraphicsResourceGetMappedMipmappedArray : Runtime<[Out<"cudaMipmappedArray_t", "mipmappedArray">,
    In<"cudaGraphicsResource_t", "resource">]>, NeedsDisplay<"cudaErrorInvalidResourceHandle">;
def cudaGLGetDevices : Runtime<[Out<"unsigned int", "pCudaDeviceCount">, Out<"int", "pCudaDevices">,
    In<"unsigned int", "cudaDeviceCount">, In<"enum cudaGLDeviceList", "deviceList">]>,
    NeedsDisplay<"cudaErrorInvalidGraphicsContext">;
def cudaGraphicsGLRegisterImage : Runtime<[Out<"struct cudaGraphicsResource*", "resource">,
    In<"unsigned int", "image">, In<"unsigned int", "target">, In<"unsigned int", "flags">]>,
    NeedsDisplay<"cudaErrorOperatingSystem">;
def cudaGraphicsGLRegisterBuffer : Runtime<[Out<"struct cudaGraphicsResource*", "resource">,
    In<"unsigned int", "buffer">, In<"unsigned int", "flags">]>, NeedsDisplay<"cudaErrorOperatingSystem">;
def cudaGLSetGLDevice : Runtime<[In<"int", "device">]>, Done, NoContext;
def cudaGLRegisterBufferObject : Runtime<[In<"unsigned int", "bufObj">]>,
    NeedsDisplay<"cudaErrorInitializationError">;
def cudaGLMapBufferObject : Runtime<[Out<"void*", "devPtr">, In<"unsigned int", "bufObj">]>,
    NeedsDisplay<"cudaErrorMapBufferObjectFailed">;
def cudaGLUnmapBufferObject : Runtime<[In<"unsigned int", "bufObj">]>,
    NeedsDisplay<"cudaErrorUnmapBufferObjectFailed">;
def cudaGLUnregisterBufferObject : Runtime<[In<"unsigned int", "bufObj">]>,
    NeedsDisplay<"cudaErrorInvalidResourceHandle">;
def cudaGLSetBufferObjectMapFlags : Runtime<[In<"unsigned int", "bufObj">, In<"unsigned int", "flags">]>,
    NeedsDisplay<"cudaErrorInvalidResourceHandle">;
def cudaGLMapBufferObjectAsync : Runtime<[Out<"void*", "devPtr">, In<"unsigned int", "bufObj">,
    In<"cudaStream_t", "stream">]>, NeedsDisplay<"cudaErrorMapBufferObjectFailed">;
def cudaGLUnmapBufferObjectAsync : Runtime<[In<"unsigned int", "bufObj">, In<"cudaStream_t", "stream">]>,
    NeedsDisplay<"cudaErrorUnmapBufferObjectFailed">;
def cudaGraphicsEGLRegisterImage : Runtime<[Out<"struct cudaGraphicsResource*", "pCudaResource">,
    In<"void*", "image">, In<"unsigned int", "flags">]>, NeedsDisplay<"cudaErrorInvalidResourceHandle">;
def cudaEGLStreamConsumerConnect : Runtime<[Out<"cudaEglStreamConnection", "conn">,
    In<"void*", "eglStream">]>, NeedsDisplay<"cudaErrorInvalidValue">;
def cudaEGLStreamConsumerConnectWithFlags : Runtime<[Out<"cudaEglStreamConnection", "conn">,
    In<"void*", "eglStream">, In<"unsigned int", "flags">]>, NeedsDisplay<"cudaErrorInvalidValue">;
def cudaEGLStreamConsumerDisconnect : Runtime<[Out<"cudaEglStreamConnection", "conn">]>,
    NeedsDisplay<"cudaErrorInvalidValue">;
def cudaEGLStreamConsumerAcquireFrame : Runtime<[Out<"cudaEglStreamConnection", "conn">,
    Out<"cudaGraphicsResource_t", "pCudaResource">, Out<"cudaStream_t", "pStream">,
    In<"unsigned int", "timeout">]>, NeedsDisplay<"cudaErrorInvalidValue">;
def cudaEGLStreamConsumerReleaseFrame : Runtime<[Out<"cudaEglStreamConnection", "conn">,
    In<"cudaGraphicsResource_t", "pCudaResource">, Out<"cudaStream_t", "pStream">]>,
    NeedsDisplay<"cudaErrorInvalidValue">;
def cudaEGLStreamProducerConnect : Runtime<[Out<"cudaEglStreamConnection", "conn">, In<"void*", "eglStream">,
    In<"int", "width">, In<"int", "height">]>, NeedsDisplay<"cudaErrorInvalidValue">;
def cudaEGLStreamProducerDisconnect : Runtime<[Out<"cudaEglStreamConnection", "conn">]>,
    NeedsDisplay<"cudaErrorInvalidValue">;
def cudaEGLStreamProducerPresentFrame : Runtime<[Out<"cudaEglStreamConnection", "conn">,
    In<"cudaEglFrame", "eglframe">, Out<"cudaStream_t", "pStream">]>, NeedsDisplay<"cudaErrorInvalidValue">;
def cudaEGLStreamProducerReturnFrame : Runtime<[Out<"cudaEglStreamConnection", "conn">,
    Out<"cudaEglFrame", "eglframe">, Out<"cudaStream_t", "pStream">]>, NeedsDisplay<"cudaErrorInvalidValue">;
def cudaGraphicsResourceGetMappedEglFrame : Runtime<[Out<"cudaEglFrame", "eglFrame">,
    In<"cudaGraphicsResource_t", "resource">, In<"unsigned int", "index">, In<"unsigned int", "mipLevel">]>,
    NeedsDisplay<"cudaErrorInvalidValue">;
def cudaEventCreateFromEGLSync : Runtime<[Out<"cudaEvent_t", "phEvent">, In<"void*", "eglSync">,
    In<"unsigned int", "flags">]>, NeedsDisplay<"cudaErrorInvalidValue">;
def cudaVDPAUGetDevice : Runtime<[Out<"int", "device">, In<"unsigned int", "vdpDevice">,
    In<"void*", "vdpGetProcAddress">]>, NeedsDisplay<"cudaErrorInvalidValue">;
def cudaVDPAUSetVDPAUDevice : Runtime<[In<"int", "device">, In<"unsigned int", "vdpDevice">,
    In<"void*", "vdpGetProcAddress">]>, NeedsDisplay<"cudaErrorInvalidDevice">;
def cudaGraphicsVDPAURegisterVideoSurface : Runtime<[Out<"struct cudaGraphicsResource*", "resource">,
    In<"unsigned int", "vdpSurface">, In<"unsigned int", "flags">]>,
    NeedsDisplay<"cudaErrorInvalidResourceHandle">;
def cudaGraphicsVDPAURegisterOutputSurface : Runtime<[Out<"struct cudaGraphicsResource*", "resource">,
    In<"unsigned int", "vdpSurface">, In<"unsigned int", "flags">]>,
    NeedsDisplay<"cudaErrorInvalidResourceHandle">;
}  // cudart_interop
