// Graphics interoperation: OpenGL, EGL, VDPAU.

def CUDA_EGL_INFINITE_TIMEOUT : Constant<"0xFFFFFFFF">;
def CUDA_EGL_MAX_PLANES : Constant<"3">;

def CUgraphicsResource : HandleType<"CUgraphicsResource_st", "GraphicsResource">;
def CUgraphicsRegisterFlags : Enum<"CUgraphicsRegisterFlags_enum", [V<"CU_GRAPHICS_REGISTER_FLAGS_NONE", 0>,
    V<"CU_GRAPHICS_REGISTER_FLAGS_READ_ONLY", 1>, V<"CU_GRAPHICS_REGISTER_FLAGS_WRITE_DISCARD", 2>,
    V<"CU_GRAPHICS_REGISTER_FLAGS_SURFACE_LDST", 4>, V<"CU_GRAPHICS_REGISTER_FLAGS_TEXTURE_GATHER", 8>]>;
def CUgraphicsMapResourceFlags : Enum<"CUgraphicsMapResourceFlags_enum", [
    V<"CU_GRAPHICS_MAP_RESOURCE_FLAGS_NONE", 0>, V<"CU_GRAPHICS_MAP_RESOURCE_FLAGS_READ_ONLY", 1>,
    V<"CU_GRAPHICS_MAP_RESOURCE_FLAGS_WRITE_DISCARD", 2>]>;
def CUGLDeviceList : Enum<"CUGLDeviceList_enum", [V<"CU_GL_DEVICE_LIST_ALL", 1>,
    V<"CU_GL_DEVICE_LIST_CURRENT_FRAME", 2>, V<"CU_GL_DEVICE_LIST_NEXT_FRAME", 3>]>;
def CUGLmap_flags : Enum<"CUGLmap_flags_enum", [V<"CU_GL_MAP_RESOURCE_FLAGS_NONE", 0>,
    V<"CU_GL_MAP_RESOURCE_FLAGS_READ_ONLY", 1>, V<"CU_GL_MAP_RESOURCE_FLAGS_WRITE_DISCARD", 2>]>;
def CUeglFrameType : Enum<"CUeglFrameType_enum", [V<"CU_EGL_FRAME_TYPE_ARRAY", 0>,
    V<"CU_EGL_FRAME_TYPE_PITCH", 1>]>;
def CUeglResourceLocationFlags : Enum<"CUeglResourceLocationFlags_enum", [
    V<"CU_EGL_RESOURCE_LOCATION_SYSMEM", 0>, V<"CU_EGL_RESOURCE_LOCATION_VIDMEM", 1>]>;
def CUeglColorFormat : Enum<"CUeglColorFormat_enum", [V<"CU_EGL_COLOR_FORMAT_YUV420_PLANAR", 0>,
    V<"CU_EGL_COLOR_FORMAT_YUV420_SEMIPLANAR", 1>, V<"CU_EGL_COLOR_FORMAT_YUV422_PLANAR", 2>,
    V<"CU_EGL_COLOR_FORMAT_YUV422_SEMIPLANAR", 3>, V<"CU_EGL_COLOR_FORMAT_RGB", 4>,
    V<"CU_EGL_COLOR_FORMAT_BGR", 5>, V<"CU_EGL_COLOR_FORMAT_ARGB", 6>, V<"CU_EGL_COLOR_FORMAT_RGBA", 7>,
    V<"CU_EGL_COLOR_FORMAT_L", 8>, V<"CU_EGL_COLOR_FORMAT_R", 9>, V<"CU_EGL_COLOR_FORMAT_YUV444_PLANAR", 10>,
    V<"CU_EGL_COLOR_FORMAT_YUV444_SEMIPLANAR", 11>, V<"CU_EGL_COLOR_FORMAT_YUYV_422", 12>,
    V<"CU_EGL_COLOR_FORMAT_UYVY_422", 13>, V<"CU_EGL_COLOR_FORMAT_ABGR", 14>,
    V<"CU_EGL_COLOR_FORMAT_BGRA", 15>, V<"CU_EGL_COLOR_FORMAT_A", 16>, V<"CU_EGL_COLOR_FORMAT_RG", 17>,
    V<"CU_EGL_COLOR_FORMAT_AYUV", 18>, V<"CU_EGL_COLOR_FORMAT_YVU444_SEMIPLANAR", 19>,
    V<"CU_EGL_COLOR_FORMAT_YVU422_SEMIPLANAR", 20>, V<"CU_EGL_COLOR_FORMAT_YVU420_SEMIPLANAR", 21>,
    V<"CU_EGL_COLOR_FORMAT_Y10V10U10_444_SEMIPLANAR", 22>,
    V<"CU_EGL_COLOR_FORMAT_Y10V10U10_420_SEMIPLANAR", 23>,
    V<"CU_EGL_COLOR_FORMAT_Y12V12U12_444_SEMIPLANAR", 24>,
    V<"CU_EGL_COLOR_FORMAT_Y12V12U12_420_SEMIPLANAR", 25>, V<"CU_EGL_COLOR_FORMAT_VYUY_ER", 26>,
    V<"CU_EGL_COLOR_FORMAT_UYVY_ER", 27>, V<"CU_EGL_COLOR_FORMAT_YUYV_ER", 28>,
    V<"CU_EGL_COLOR_FORMAT_YVYU_ER", 29>, V<"CU_EGL_COLOR_FORMAT_YUV_ER", 30>,
    V<"CU_EGL_COLOR_FORMAT_YUVA_ER", 31>, V<"CU_EGL_COLOR_FORMAT_AYUV_ER", 32>,
    V<"CU_EGL_COLOR_FORMAT_YUV444_PLANAR_ER", 33>, V<"CU_EGL_COLOR_FORMAT_YUV422_PLANAR_ER", 34>,
    V<"CU_EGL_COLOR_FORMAT_YUV420_PLANAR_ER", 35>, V<"CU_EGL_COLOR_FORMAT_YUV444_SEMIPLANAR_ER", 36>,
    V<"CU_EGL_COLOR_FORMAT_YUV422_SEMIPLANAR_ER", 37>, V<"CU_EGL_COLOR_FORMAT_YUV420_SEMIPLANAR_ER", 38>,
    V<"CU_EGL_COLOR_FORMAT_YVU444_PLANAR_ER", 39>, V<"CU_EGL_COLOR_FORMAT_YVU422_PLANAR_ER", 40>,
    V<"CU_EGL_COLOR_FORMAT_YVU420_PLANAR_ER", 41>, V<"CU_EGL_COLOR_FORMAT_YVU444_SEMIPLANAR_ER", 42>,
    V<"CU_EGL_COLOR_FORMAT_YVU422_SEMIPLANAR_ER", 43>, V<"CU_EGL_COLOR_FORMAT_YVU420_SEMIPLANAR_ER", 44>,
    V<"CU_EGL_COLOR_FORMAT_BAYER_RGGB", 45>, V<"CU_EGL_COLOR_FORMAT_BAYER_BGGR", 46>,
    V<"CU_EGL_COLOR_FORMAT_BAYER_GRBG", 47>, V<"CU_EGL_COLOR_FORMAT_BAYER_GBRG", 48>,
    V<"CU_EGL_COLOR_FORMAT_BAYER10_RGGB", 49>, V<"CU_EGL_COLOR_FORMAT_BAYER10_BGGR", 50>,
    V<"CU_EGL_COLOR_FORMAT_BAYER10_GRBG", 51>, V<"CU_EGL_COLOR_FORMAT_BAYER10_GBRG", 52>,
    V<"CU_EGL_COLOR_FORMAT_BAYER12_RGGB", 53>, V<"CU_EGL_COLOR_FORMAT_BAYER12_BGGR", 54>,
    V<"CU_EGL_COLOR_FORMAT_BAYER12_GRBG", 55>, V<"CU_EGL_COLOR_FORMAT_BAYER12_GBRG", 56>,
    V<"CU_EGL_COLOR_FORMAT_BAYER14_RGGB", 57>, V<"CU_EGL_COLOR_FORMAT_BAYER14_BGGR", 58>,
    V<"CU_EGL_COLOR_FORMAT_BAYER14_GRBG", 59>, V<"CU_EGL_COLOR_FORMAT_BAYER14_GBRG", 60>,
    V<"CU_EGL_COLOR_FORMAT_BAYER20_RGGB", 61>, V<"CU_EGL_COLOR_FORMAT_BAYER20_BGGR", 62>,
    V<"CU_EGL_COLOR_FORMAT_BAYER20_GRBG", 63>, V<"CU_EGL_COLOR_FORMAT_BAYER20_GBRG", 64>,
    V<"CU_EGL_COLOR_FORMAT_YVU444_PLANAR", 65>, V<"CU_EGL_COLOR_FORMAT_YVU422_PLANAR", 66>,
    V<"CU_EGL_COLOR_FORMAT_YVU420_PLANAR", 67>, V<"CU_EGL_COLOR_FORMAT_BAYER_ISP_RGGB", 68>,
    V<"CU_EGL_COLOR_FORMAT_BAYER_ISP_BGGR", 69>, V<"CU_EGL_COLOR_FORMAT_BAYER_ISP_GRBG", 70>,
    V<"CU_EGL_COLOR_FORMAT_BAYER_ISP_GBRG", 71>, V<"CU_EGL_COLOR_FORMAT_BAYER_BCCR", 72>,
    V<"CU_EGL_COLOR_FORMAT_BAYER_RCCB", 73>, V<"CU_EGL_COLOR_FORMAT_BAYER_CRBC", 74>,
    V<"CU_EGL_COLOR_FORMAT_BAYER_CBRC", 75>, V<"CU_EGL_COLOR_FORMAT_BAYER10_CCCC", 76>,
    V<"CU_EGL_COLOR_FORMAT_BAYER12_BCCR", 77>, V<"CU_EGL_COLOR_FORMAT_BAYER12_RCCB", 78>,
    V<"CU_EGL_COLOR_FORMAT_BAYER12_CRBC", 79>, V<"CU_EGL_COLOR_FORMAT_BAYER12_CBRC", 80>,
    V<"CU_EGL_COLOR_FORMAT_BAYER12_CCCC", 81>, V<"CU_EGL_COLOR_FORMAT_Y", 82>,
    V<"CU_EGL_COLOR_FORMAT_YUV420_SEMIPLANAR_2020", 83>, V<"CU_EGL_COLOR_FORMAT_YVU420_SEMIPLANAR_2020", 84>,
    V<"CU_EGL_COLOR_FORMAT_YUV420_PLANAR_2020", 85>, V<"CU_EGL_COLOR_FORMAT_YVU420_PLANAR_2020", 86>,
    V<"CU_EGL_COLOR_FORMAT_YUV420_SEMIPLANAR_709", 87>, V<"CU_EGL_COLOR_FORMAT_YVU420_SEMIPLANAR_709", 88>,
    V<"CU_EGL_COLOR_FORMAT_YUV420_PLANAR_709", 89>, V<"CU_EGL_COLOR_FORMAT_YVU420_PLANAR_709", 90>,
    V<"CU_EGL_COLOR_FORMAT_Y10V10U10_420_SEMIPLANAR_709", 91>,
    V<"CU_EGL_COLOR_FORMAT_Y10V10U10_420_SEMIPLANAR_2020", 92>,
    V<"CU_EGL_COLOR_FORMAT_Y10V10U10_422_SEMIPLANAR_2020", 93>,
    V<"CU_EGL_COLOR_FORMAT_Y10V10U10_422_SEMIPLANAR", 94>,
    V<"CU_EGL_COLOR_FORMAT_Y10V10U10_422_SEMIPLANAR_709", 95>, V<"CU_EGL_COLOR_FORMAT_Y_ER", 96>,
    V<"CU_EGL_COLOR_FORMAT_Y_709_ER", 97>, V<"CU_EGL_COLOR_FORMAT_Y10_ER", 98>,
    V<"CU_EGL_COLOR_FORMAT_Y10_709_ER", 99>, V<"CU_EGL_COLOR_FORMAT_Y12_ER", 100>,
    V<"CU_EGL_COLOR_FORMAT_Y12_709_ER", 101>, V<"CU_EGL_COLOR_FORMAT_YUVA", 102>,
    V<"CU_EGL_COLOR_FORMAT_YUV", 103>, V<"CU_EGL_COLOR_FORMAT_YVYU", 104>, V<"CU_EGL_COLOR_FORMAT_VYUY", 105>,
    V<"CU_EGL_COLOR_FORMAT_Y10V10U10_420_SEMIPLANAR_ER", 106>,
    V<"CU_EGL_COLOR_FORMAT_Y10V10U10_420_SEMIPLANAR_709_ER", 107>,
    V<"CU_EGL_COLOR_FORMAT_Y10V10U10_444_SEMIPLANAR_ER", 108>,
    V<"CU_EGL_COLOR_FORMAT_Y10V10U10_444_SEMIPLANAR_709_ER", 109>,
    V<"CU_EGL_COLOR_FORMAT_Y12V12U12_420_SEMIPLANAR_ER", 110>,
    V<"CU_EGL_COLOR_FORMAT_Y12V12U12_420_SEMIPLANAR_709_ER", 111>,
    V<"CU_EGL_COLOR_FORMAT_Y12V12U12_444_SEMIPLANAR_ER", 112>,
    V<"CU_EGL_COLOR_FORMAT_Y12V12U12_444_SEMIPLANAR_709_ER", 113>, V<"CU_EGL_COLOR_FORMAT_UYVY_709", 114>,
    V<"CU_EGL_COLOR_FORMAT_UYVY_709_ER", 115>, V<"CU_EGL_COLOR_FORMAT_UYVY_2020", 116>,
    V<"CU_EGL_COLOR_FORMAT_MAX", 117>]>;
def CUeglFrame_v1 : Struct<"CUeglFrame_st", [Nested<"union", "frame", [F<"CUarray", "pArray", "[3]">,
    F<"void*", "pPitch", "[3]">]>, F<"unsigned int", "width">, F<"unsigned int", "height">,
    F<"unsigned int", "depth">, F<"unsigned int", "pitch">, F<"unsigned int", "planeCount">,
    F<"unsigned int", "numChannels">, F<"CUeglFrameType", "frameType">,
    F<"CUeglColorFormat", "eglColorFormat">, F<"CUarray_format", "cuFormat">]>;
def CUeglFrame : Typedef<"CUeglFrame_v1">;
def CUeglStreamConnection : Typedef<"struct CUeglStreamConnection_st*">;

let Noun = "interop" in {
def cuGraphicsUnregisterResource : Driver<3000, [Handle<"CUgraphicsResource", "resource">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuGraphicsSubResourceGetMappedArray : Driver<3000, [Out<"CUarray", "pArray">,
    Handle<"CUgraphicsResource", "resource">, In<"unsigned int", "arrayIndex">,
    In<"unsigned int", "mipLevel">]>, NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuGraphicsResourceGetMappedMipmappedArray : Driver<5000, [Out<"CUmipmappedArray", "pMipmappedArray">,
    Handle<"CUgraphicsResource", "resource">]>, NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuGraphicsResourceGetMappedPointer_v2 : Driver<3020, [Out<"CUdeviceptr", "pDevPtr">,
    Out<"size_t", "pSize">, Handle<"CUgraphicsResource", "resource">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuGraphicsResourceSetMapFlags_v2 : Driver<6050, [Handle<"CUgraphicsResource", "resource">,
    In<"unsigned int", "flags">]>, NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuGraphicsResourceSetMapFlags : Driver<3000, [Handle<"CUgraphicsResource", "resource">,
    In<"unsigned int", "flags">]>, Alias<"cuGraphicsResourceSetMapFlags_v2">;
def cuGraphicsResourceGetMappedPointer : Driver<3000, [Out<"CUdeviceptr_v1", "pDevPtr">,
    Out<"unsigned int", "pSize">, Handle<"CUgraphicsResource", "resource">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuGraphicsMapResources : Driver<3000, [In<"unsigned int", "count">,
    Array<"CUgraphicsResource*", "resources", "count">, Handle<"CUstream", "hStream">]>, Ptsz<7000>,
    NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuGraphicsUnmapResources : Driver<3000, [In<"unsigned int", "count">,
    Array<"CUgraphicsResource*", "resources", "count">, Handle<"CUstream", "hStream">]>, Ptsz<7000>,
    NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuGraphicsGLRegisterBuffer : Driver<3000, [Out<"CUgraphicsResource", "pCudaResource">,
    In<"unsigned int", "buffer">, In<"unsigned int", "Flags">]>, NeedsDisplay<"CUDA_ERROR_OPERATING_SYSTEM">;
def cuGraphicsGLRegisterImage : Driver<3000, [Out<"CUgraphicsResource", "pCudaResource">,
    In<"unsigned int", "image">, In<"unsigned int", "target">, In<"unsigned int", "Flags">]>,
    NeedsDisplay<"CUDA_ERROR_OPERATING_SYSTEM">;
def cuGLGetDevices_v2 : Driver<6050, [Out<"unsigned int", "pCudaDeviceCount">,
    Out<"CUdevice", "pCudaDevices">, In<"unsigned int", "cudaDeviceCount">,
    In<"CUGLDeviceList", "deviceList">]>, NoContext, NeedsDisplay<"CUDA_ERROR_INVALID_GRAPHICS_CONTEXT">;
def cuGLCtxCreate_v2 : Driver<3020, [Out<"CUcontext", "pCtx">, In<"unsigned int", "Flags">,
    Handle<"CUdevice", "device">]>, NeedsDisplay<"CUDA_ERROR_INVALID_GRAPHICS_CONTEXT">;
def cuGLInit : Driver<2000, []>, NoContext, NeedsDisplay<"CUDA_ERROR_INVALID_GRAPHICS_CONTEXT">;
def cuGLRegisterBufferObject : Driver<2000, [In<"unsigned int", "buffer">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_GRAPHICS_CONTEXT">;
def cuGLUnmapBufferObject : Driver<2000, [In<"unsigned int", "buffer">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_VALUE">;
def cuGLUnregisterBufferObject : Driver<2000, [In<"unsigned int", "buffer">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_VALUE">;
def cuGLSetBufferObjectMapFlags : Driver<2030, [In<"unsigned int", "buffer">, In<"unsigned int", "Flags">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuGLUnmapBufferObjectAsync : Driver<2030, [In<"unsigned int", "buffer">, Handle<"CUstream", "hStream">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_VALUE">;
def cuGLGetDevices : Driver<4010, [Out<"unsigned int", "pCudaDeviceCount">, Out<"CUdevice", "pCudaDevices">,
    In<"unsigned int", "cudaDeviceCount">,
    In<"CUGLDeviceList", "deviceList">]>, Alias<"cuGLGetDevices_v2">, NoContext;
def cuGLMapBufferObject_v2 : Driver<3020, [Out<"CUdeviceptr", "dptr">, Out<"size_t", "size">,
    In<"unsigned int", "buffer">]>, Ptds<7000>, NeedsDisplay<"CUDA_ERROR_MAP_FAILED">;
def cuGLMapBufferObjectAsync_v2 : Driver<3020, [Out<"CUdeviceptr", "dptr">, Out<"size_t", "size">,
    In<"unsigned int", "buffer">, Handle<"CUstream", "hStream">]>, Ptsz<7000>,
    NeedsDisplay<"CUDA_ERROR_MAP_FAILED">;
def cuGLCtxCreate : Driver<2000, [Out<"CUcontext", "pCtx">, In<"unsigned int", "Flags">,
    Handle<"CUdevice", "device">]>, NeedsDisplay<"CUDA_ERROR_INVALID_GRAPHICS_CONTEXT">;
def cuGLMapBufferObject : Driver<2000, [Out<"CUdeviceptr_v1", "dptr">, Out<"unsigned int", "size">,
    In<"unsigned int", "buffer">]>, NeedsDisplay<"CUDA_ERROR_MAP_FAILED">;
def cuGLMapBufferObjectAsync : Driver<2030, [Out<"CUdeviceptr_v1", "dptr">, Out<"unsigned int", "size">,
    In<"unsigned int", "buffer">, Handle<"CUstream", "hStream">]>, NeedsDisplay<"CUDA_ERROR_MAP_FAILED">;
def cuGraphicsEGLRegisterImage : Driver<7000, [Out<"CUgraphicsResource", "pCudaResource">,
    In<"void*", "image">, In<"unsigned int", "flags">]>, NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuEGLStreamConsumerConnect : Driver<7000, [Out<"CUeglStreamConnection", "conn">, In<"void*", "stream">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuEGLStreamConsumerConnectWithFlags : Driver<8000, [Out<"CUeglStreamConnection", "conn">,
    In<"void*", "stream">, In<"unsigned int", "flags">]>, NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuEGLStreamConsumerDisconnect : Driver<7000, [Out<"CUeglStreamConnection", "conn">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuEGLStreamConsumerAcquireFrame : Driver<7000, [Out<"CUeglStreamConnection", "conn">,
    Out<"CUgraphicsResource", "pCudaResource">, Out<"CUstream", "pStream">, In<"unsigned int", "timeout">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuEGLStreamConsumerReleaseFrame : Driver<7000, [Out<"CUeglStreamConnection", "conn">,
    Handle<"CUgraphicsResource", "pCudaResource">, Out<"CUstream", "pStream">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuEGLStreamProducerConnect : Driver<7000, [Out<"CUeglStreamConnection", "conn">, In<"void*", "stream">,
    In<"int", "width">, In<"int", "height">]>, NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuEGLStreamProducerDisconnect : Driver<7000, [Out<"CUeglStreamConnection", "conn">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuEGLStreamProducerPresentFrame : Driver<7000, [Out<"CUeglStreamConnection", "conn">,
    In<"CUeglFrame", "eglframe">, Out<"CUstream", "pStream">]>, NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuEGLStreamProducerReturnFrame : Driver<7000, [Out<"CUeglStreamConnection", "conn">,
    Out<"CUeglFrame", "eglframe">, Out<"CUstream", "pStream">]>, NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuGraphicsResourceGetMappedEglFrame : Driver<7000, [Out<"CUeglFrame", "eglFrame">,
    Handle<"CUgraphicsResource", "resource">, In<"unsigned int", "index">, In<"unsigned int", "mipLevel">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuEventCreateFromEGLSync : Driver<9000, [Out<"CUevent", "phEvent">, In<"void*", "eglSync">,
    In<"unsigned int", "flags">]>, NeedsDisplay<"CUDA_ERROR_INVALID_VALUE">;
def cuVDPAUGetDevice : Driver<3010, [Out<"CUdevice", "pDevice">, In<"unsigned int", "vdpDevice">,
    In<"void*", "vdpGetProcAddress">]>, NoContext, NeedsDisplay<"CUDA_ERROR_INVALID_VALUE">;
def cuVDPAUCtxCreate_v2 : Driver<3020, [Out<"CUcontext", "pCtx">, In<"unsigned int", "flags">,
    Handle<"CUdevice", "device">, In<"unsigned int", "vdpDevice">, In<"void*", "vdpGetProcAddress">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_VALUE">;
def cuGraphicsVDPAURegisterVideoSurface : Driver<3010, [Out<"CUgraphicsResource", "pCudaResource">,
    In<"unsigned int", "vdpSurface">, In<"unsigned int", "flags">]>, NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuGraphicsVDPAURegisterOutputSurface : Driver<3010, [Out<"CUgraphicsResource", "pCudaResource">,
    In<"unsigned int", "vdpSurface">, In<"unsigned int", "flags">]>, NeedsDisplay<"CUDA_ERROR_INVALID_HANDLE">;
def cuVDPAUCtxCreate : Driver<2000, [Out<"CUcontext", "pCtx">, In<"unsigned int", "flags">,
    Handle<"CUdevice", "device">, In<"unsigned int", "vdpDevice">, In<"void*", "vdpGetProcAddress">]>,
    NeedsDisplay<"CUDA_ERROR_INVALID_VALUE">;
}  // interop
