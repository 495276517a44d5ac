// CUDA arrays and mipmapped arrays.

def CUDA_ARRAY3D_2DARRAY : Constant<"0x01">;
def CUDA_ARRAY3D_COLOR_ATTACHMENT : Constant<"0x20">;
def CUDA_ARRAY3D_CUBEMAP : Constant<"0x04">;
def CUDA_ARRAY3D_DEFERRED_MAPPING : Constant<"0x80">;
def CUDA_ARRAY3D_DEPTH_TEXTURE : Constant<"0x10">;
def CUDA_ARRAY3D_LAYERED : Constant<"0x01">;
def CUDA_ARRAY3D_SPARSE : Constant<"0x40">;
def CUDA_ARRAY3D_SURFACE_LDST : Constant<"0x02">;
def CUDA_ARRAY3D_TEXTURE_GATHER : Constant<"0x08">;
def CUDA_ARRAY3D_VIDEO_ENCODE_DECODE : Constant<"0x100">;
def CU_ARRAY_SPARSE_PROPERTIES_SINGLE_MIPTAIL : Constant<"0x1">;

def CUarray : HandleType<"CUarray_st", "Array">;
def CUmipmappedArray : HandleType<"CUmipmappedArray_st", "MipmappedArray">;
def CUarray_format : Enum<"CUarray_format_enum", [V<"CU_AD_FORMAT_UNSIGNED_INT8", 1>,
    V<"CU_AD_FORMAT_UNSIGNED_INT16", 2>, V<"CU_AD_FORMAT_UNSIGNED_INT32", 3>,
    V<"CU_AD_FORMAT_SIGNED_INT8", 8>, V<"CU_AD_FORMAT_SIGNED_INT16", 9>, V<"CU_AD_FORMAT_SIGNED_INT32", 10>,
    V<"CU_AD_FORMAT_HALF", 16>, V<"CU_AD_FORMAT_FLOAT", 32>, V<"CU_AD_FORMAT_NV12", 176>,
    V<"CU_AD_FORMAT_UNORM_INT8X1", 192>, V<"CU_AD_FORMAT_UNORM_INT8X2", 193>,
    V<"CU_AD_FORMAT_UNORM_INT8X4", 194>, V<"CU_AD_FORMAT_UNORM_INT16X1", 195>,
    V<"CU_AD_FORMAT_UNORM_INT16X2", 196>, V<"CU_AD_FORMAT_UNORM_INT16X4", 197>,
    V<"CU_AD_FORMAT_SNORM_INT8X1", 198>, V<"CU_AD_FORMAT_SNORM_INT8X2", 199>,
    V<"CU_AD_FORMAT_SNORM_INT8X4", 200>, V<"CU_AD_FORMAT_SNORM_INT16X1", 201>,
    V<"CU_AD_FORMAT_SNORM_INT16X2", 202>, V<"CU_AD_FORMAT_SNORM_INT16X4", 203>,
    V<"CU_AD_FORMAT_BC1_UNORM", 145>, V<"CU_AD_FORMAT_BC1_UNORM_SRGB", 146>, V<"CU_AD_FORMAT_BC2_UNORM", 147>,
    V<"CU_AD_FORMAT_BC2_UNORM_SRGB", 148>, V<"CU_AD_FORMAT_BC3_UNORM", 149>,
    V<"CU_AD_FORMAT_BC3_UNORM_SRGB", 150>, V<"CU_AD_FORMAT_BC4_UNORM", 151>, V<"CU_AD_FORMAT_BC4_SNORM", 152>,
    V<"CU_AD_FORMAT_BC5_UNORM", 153>, V<"CU_AD_FORMAT_BC5_SNORM", 154>, V<"CU_AD_FORMAT_BC6H_UF16", 155>,
    V<"CU_AD_FORMAT_BC6H_SF16", 156>, V<"CU_AD_FORMAT_BC7_UNORM", 157>, V<"CU_AD_FORMAT_BC7_UNORM_SRGB", 158>,
    V<"CU_AD_FORMAT_P010", 159>, V<"CU_AD_FORMAT_P016", 161>, V<"CU_AD_FORMAT_NV16", 162>,
    V<"CU_AD_FORMAT_P210", 163>, V<"CU_AD_FORMAT_P216", 164>, V<"CU_AD_FORMAT_YUY2", 165>,
    V<"CU_AD_FORMAT_Y210", 166>, V<"CU_AD_FORMAT_Y216", 167>, V<"CU_AD_FORMAT_AYUV", 168>,
    V<"CU_AD_FORMAT_Y410", 169>, V<"CU_AD_FORMAT_Y416", 177>, V<"CU_AD_FORMAT_Y444_PLANAR8", 178>,
    V<"CU_AD_FORMAT_Y444_PLANAR10", 179>, V<"CU_AD_FORMAT_YUV444_8bit_SemiPlanar", 180>,
    V<"CU_AD_FORMAT_YUV444_16bit_SemiPlanar", 181>, V<"CU_AD_FORMAT_UNORM_INT_101010_2", 80>,
    V<"CU_AD_FORMAT_MAX", 2147483647>]>;
def CUarray_cubemap_face : Enum<"CUarray_cubemap_face_enum", [V<"CU_CUBEMAP_FACE_POSITIVE_X", 0>,
    V<"CU_CUBEMAP_FACE_NEGATIVE_X", 1>, V<"CU_CUBEMAP_FACE_POSITIVE_Y", 2>,
    V<"CU_CUBEMAP_FACE_NEGATIVE_Y", 3>, V<"CU_CUBEMAP_FACE_POSITIVE_Z", 4>,
    V<"CU_CUBEMAP_FACE_NEGATIVE_Z", 5>]>;
def CUDA_ARRAY_DESCRIPTOR_v2 : Struct<"CUDA_ARRAY_DESCRIPTOR_st", [F<"size_t", "Width">,
    F<"size_t", "Height">, F<"CUarray_format", "Format">, F<"unsigned int", "NumChannels">]>;
def CUDA_ARRAY_DESCRIPTOR : Typedef<"CUDA_ARRAY_DESCRIPTOR_v2">;
def CUDA_ARRAY3D_DESCRIPTOR_v2 : Struct<"CUDA_ARRAY3D_DESCRIPTOR_st", [F<"size_t", "Width">,
    F<"size_t", "Height">, F<"size_t", "Depth">, F<"CUarray_format", "Format">,
    F<"unsigned int", "NumChannels">, F<"unsigned int", "Flags">]>;
def CUDA_ARRAY3D_DESCRIPTOR : Typedef<"CUDA_ARRAY3D_DESCRIPTOR_v2">;
def CUDA_ARRAY_SPARSE_PROPERTIES_v1 : Struct<"CUDA_ARRAY_SPARSE_PROPERTIES_st", [
    Nested<"struct", "tileExtent", [F<"unsigned int", "width">, F<"unsigned int", "height">,
    F<"unsigned int", "depth">]>, F<"unsigned int", "miptailFirstLevel">,
    F<"unsigned long long", "miptailSize">, F<"unsigned int", "flags">,
    F<"unsigned int", "reserved", "[4]">]>;
def CUDA_ARRAY_SPARSE_PROPERTIES : Typedef<"CUDA_ARRAY_SPARSE_PROPERTIES_v1">;
def CUDA_ARRAY_MEMORY_REQUIREMENTS_v1 : Struct<"CUDA_ARRAY_MEMORY_REQUIREMENTS_st", [F<"size_t", "size">,
    F<"size_t", "alignment">, F<"unsigned int", "reserved", "[4]">]>;
def CUDA_ARRAY_MEMORY_REQUIREMENTS : Typedef<"CUDA_ARRAY_MEMORY_REQUIREMENTS_v1">;
def CUarraySparseSubresourceType : Enum<"CUarraySparseSubresourceType_enum", [
    V<"CU_ARRAY_SPARSE_SUBRESOURCE_TYPE_SPARSE_LEVEL", 0>, V<"CU_ARRAY_SPARSE_SUBRESOURCE_TYPE_MIPTAIL", 1>]>;
def CUarrayMapInfo_v1 : Struct<"CUarrayMapInfo_st", [F<"CUresourcetype", "resourceType">,
    Nested<"union", "resource", [F<"CUmipmappedArray", "mipmap">, F<"CUarray", "array">]>,
    F<"CUarraySparseSubresourceType", "subresourceType">,
    Nested<"union", "subresource", [Nested<"struct", "sparseLevel", [F<"unsigned int", "level">,
    F<"unsigned int", "layer">, F<"unsigned int", "offsetX">, F<"unsigned int", "offsetY">,
    F<"unsigned int", "offsetZ">, F<"unsigned int", "extentWidth">, F<"unsigned int", "extentHeight">,
    F<"unsigned int", "extentDepth">]>, Nested<"struct", "miptail", [F<"unsigned int", "layer">,
    F<"unsigned long long", "offset">, F<"unsigned long long", "size">]>]>,
    F<"CUmemOperationType", "memOperationType">, F<"CUmemHandleType", "memHandleType">,
    Nested<"union", "memHandle", [F<"CUmemGenericAllocationHandle", "memHandle">]>,
    F<"unsigned long long", "offset">, F<"unsigned int", "deviceBitMask">, F<"unsigned int", "flags">,
    F<"unsigned int", "reserved", "[2]">]>;
def CUarrayMapInfo : Typedef<"CUarrayMapInfo_v1">;
def CUDA_ARRAY_DESCRIPTOR_v1 : Struct<"CUDA_ARRAY_DESCRIPTOR_v1_st", [F<"unsigned int", "Width">,
    F<"unsigned int", "Height">, F<"CUarray_format", "Format">, F<"unsigned int", "NumChannels">]>;
def CUDA_ARRAY3D_DESCRIPTOR_v1 : Struct<"CUDA_ARRAY3D_DESCRIPTOR_v1_st", [F<"unsigned int", "Width">,
    F<"unsigned int", "Height">, F<"unsigned int", "Depth">, F<"CUarray_format", "Format">,
    F<"unsigned int", "NumChannels">, F<"unsigned int", "Flags">]>;

let Noun = "array" in {
def cuArrayCreate_v2 : Driver<3020, [Out<"CUarray", "pHandle">,
    Ptr<"const CUDA_ARRAY_DESCRIPTOR*", "pAllocateArray">]>, Done;
def cuArrayGetDescriptor_v2 : Driver<3020, [Out<"CUDA_ARRAY_DESCRIPTOR", "pArrayDescriptor">,
    Handle<"CUarray", "hArray">]>, Done;
def cuArrayGetSparseProperties : Driver<11010, [Out<"CUDA_ARRAY_SPARSE_PROPERTIES", "sparseProperties">,
    Handle<"CUarray", "array">]>, Done;
def cuMipmappedArrayGetSparseProperties : Driver<11010, [
    Out<"CUDA_ARRAY_SPARSE_PROPERTIES", "sparseProperties">, Handle<"CUmipmappedArray", "mipmap">]>, Done;
def cuArrayGetMemoryRequirements : Driver<11060, [Out<"CUDA_ARRAY_MEMORY_REQUIREMENTS", "memoryRequirements">,
    Handle<"CUarray", "array">, Handle<"CUdevice", "device">]>, Done;
def cuMipmappedArrayGetMemoryRequirements : Driver<11060, [
    Out<"CUDA_ARRAY_MEMORY_REQUIREMENTS", "memoryRequirements">, Handle<"CUmipmappedArray", "mipmap">,
    Handle<"CUdevice", "device">]>, Done;
def cuArrayGetPlane : Driver<11020, [Out<"CUarray", "pPlaneArray">, Handle<"CUarray", "hArray">,
    In<"unsigned int", "planeIdx">]>, Done;
def cuArrayDestroy : Driver<2000, [Handle<"CUarray", "hArray">]>, Done;
def cuArray3DCreate_v2 : Driver<3020, [Out<"CUarray", "pHandle">,
    Ptr<"const CUDA_ARRAY3D_DESCRIPTOR*", "pAllocateArray">]>, Done;
def cuArray3DGetDescriptor_v2 : Driver<3020, [Out<"CUDA_ARRAY3D_DESCRIPTOR", "pArrayDescriptor">,
    Handle<"CUarray", "hArray">]>, Done;
def cuMipmappedArrayCreate : Driver<5000, [Out<"CUmipmappedArray", "pHandle">,
    Ptr<"const CUDA_ARRAY3D_DESCRIPTOR*", "pMipmappedArrayDesc">,
    In<"unsigned int", "numMipmapLevels">]>, Done;
def cuMipmappedArrayGetLevel : Driver<5000, [Out<"CUarray", "pLevelArray">,
    Handle<"CUmipmappedArray", "hMipmappedArray">, In<"unsigned int", "level">]>, Done;
def cuMipmappedArrayDestroy : Driver<5000, [Handle<"CUmipmappedArray", "hMipmappedArray">]>, Done;
def cuArrayCreate : Driver<2000, [Out<"CUarray", "pHandle">,
    Ptr<"const CUDA_ARRAY_DESCRIPTOR_v1*", "pAllocateArray">]>, Narrow;
def cuArrayGetDescriptor : Driver<2000, [Out<"CUDA_ARRAY_DESCRIPTOR_v1", "pArrayDescriptor">,
    Handle<"CUarray", "hArray">]>, Narrow;
def cuArray3DCreate : Driver<2000, [Out<"CUarray", "pHandle">,
    Ptr<"const CUDA_ARRAY3D_DESCRIPTOR_v1*", "pAllocateArray">]>, Narrow;
def cuArray3DGetDescriptor : Driver<2000, [Out<"CUDA_ARRAY3D_DESCRIPTOR_v1", "pArrayDescriptor">,
    Handle<"CUarray", "hArray">]>, Narrow;
def cuMemMapArrayAsync : Driver<11010, [Out<"CUarrayMapInfo", "mapInfoList">, In<"unsigned int", "count">,
    Handle<"CUstream", "hStream">]>, Ptsz<11010>,
    Refuses<"CUDA_ERROR_INVALID_HANDLE", "no array can be sparse: rows lie behind each other, and tiles in no page">;
}  // array
