// Copies and fills.

def cuuint32_t : Typedef<"uint32_t">;
def CUDA_MEMCPY2D_v2 : Struct<"CUDA_MEMCPY2D_st", [F<"size_t", "srcXInBytes">, F<"size_t", "srcY">,
    F<"CUmemorytype", "srcMemoryType">, F<"const void*", "srcHost">, F<"CUdeviceptr", "srcDevice">,
    F<"CUarray", "srcArray">, F<"size_t", "srcPitch">, F<"size_t", "dstXInBytes">, F<"size_t", "dstY">,
    F<"CUmemorytype", "dstMemoryType">, F<"void*", "dstHost">, F<"CUdeviceptr", "dstDevice">,
    F<"CUarray", "dstArray">, F<"size_t", "dstPitch">, F<"size_t", "WidthInBytes">, F<"size_t", "Height">]>;
def CUDA_MEMCPY2D : Typedef<"CUDA_MEMCPY2D_v2">;
def CUDA_MEMCPY3D_v2 : Struct<"CUDA_MEMCPY3D_st", [F<"size_t", "srcXInBytes">, F<"size_t", "srcY">,
    F<"size_t", "srcZ">, F<"size_t", "srcLOD">, F<"CUmemorytype", "srcMemoryType">,
    F<"const void*", "srcHost">, F<"CUdeviceptr", "srcDevice">, F<"CUarray", "srcArray">,
    F<"void*", "reserved0">, F<"size_t", "srcPitch">, F<"size_t", "srcHeight">, F<"size_t", "dstXInBytes">,
    F<"size_t", "dstY">, F<"size_t", "dstZ">, F<"size_t", "dstLOD">, F<"CUmemorytype", "dstMemoryType">,
    F<"void*", "dstHost">, F<"CUdeviceptr", "dstDevice">, F<"CUarray", "dstArray">, F<"void*", "reserved1">,
    F<"size_t", "dstPitch">, F<"size_t", "dstHeight">, F<"size_t", "WidthInBytes">, F<"size_t", "Height">,
    F<"size_t", "Depth">]>;
def CUDA_MEMCPY3D : Typedef<"CUDA_MEMCPY3D_v2">;
def CUDA_MEMCPY3D_PEER_v1 : Struct<"CUDA_MEMCPY3D_PEER_st", [F<"size_t", "srcXInBytes">, F<"size_t", "srcY">,
    F<"size_t", "srcZ">, F<"size_t", "srcLOD">, F<"CUmemorytype", "srcMemoryType">,
    F<"const void*", "srcHost">, F<"CUdeviceptr", "srcDevice">, F<"CUarray", "srcArray">,
    F<"CUcontext", "srcContext">, F<"size_t", "srcPitch">, F<"size_t", "srcHeight">,
    F<"size_t", "dstXInBytes">, F<"size_t", "dstY">, F<"size_t", "dstZ">, F<"size_t", "dstLOD">,
    F<"CUmemorytype", "dstMemoryType">, F<"void*", "dstHost">, F<"CUdeviceptr", "dstDevice">,
    F<"CUarray", "dstArray">, F<"CUcontext", "dstContext">, F<"size_t", "dstPitch">, F<"size_t", "dstHeight">,
    F<"size_t", "WidthInBytes">, F<"size_t", "Height">, F<"size_t", "Depth">]>;
def CUDA_MEMCPY3D_PEER : Typedef<"CUDA_MEMCPY3D_PEER_v1">;
def CUmemcpySrcAccessOrder : Enum<"CUmemcpySrcAccessOrder_enum", [V<"CU_MEMCPY_SRC_ACCESS_ORDER_INVALID", 0>,
    V<"CU_MEMCPY_SRC_ACCESS_ORDER_STREAM", 1>, V<"CU_MEMCPY_SRC_ACCESS_ORDER_DURING_API_CALL", 2>,
    V<"CU_MEMCPY_SRC_ACCESS_ORDER_ANY", 3>, V<"CU_MEMCPY_SRC_ACCESS_ORDER_MAX", 2147483647>]>;
def CUmemcpyAttributes_v1 : Struct<"CUmemcpyAttributes_st", [F<"CUmemcpySrcAccessOrder", "srcAccessOrder">,
    F<"CUmemLocation", "srcLocHint">, F<"CUmemLocation", "dstLocHint">, F<"unsigned int", "flags">]>;
def CUmemcpyAttributes : Typedef<"CUmemcpyAttributes_v1">;
def CUmemcpy3DOperandType : Enum<"CUmemcpy3DOperandType_enum", [V<"CU_MEMCPY_OPERAND_TYPE_POINTER", 1>,
    V<"CU_MEMCPY_OPERAND_TYPE_ARRAY", 2>, V<"CU_MEMCPY_OPERAND_TYPE_MAX", 2147483647>]>;
def CUoffset3D_v1 : Struct<"CUoffset3D_st", [F<"size_t", "x">, F<"size_t", "y">, F<"size_t", "z">]>;
def CUoffset3D : Typedef<"CUoffset3D_v1">;
def CUmemcpy3DOperand_v1 : Struct<"CUmemcpy3DOperand_st", [F<"CUmemcpy3DOperandType", "type">,
    Nested<"union", "op", [Nested<"struct", "ptr", [F<"CUdeviceptr", "ptr">, F<"size_t", "rowLength">,
    F<"size_t", "layerHeight">, F<"CUmemLocation", "locHint">]>,
    Nested<"struct", "array", [F<"CUarray", "array">, F<"CUoffset3D", "offset">]>]>]>;
def CUmemcpy3DOperand : Typedef<"CUmemcpy3DOperand_v1">;
def CUDA_MEMCPY3D_BATCH_OP_v1 : Struct<"CUDA_MEMCPY3D_BATCH_OP_st", [F<"CUmemcpy3DOperand", "src">,
    F<"CUmemcpy3DOperand", "dst">, F<"CUextent3D", "extent">, F<"CUmemcpySrcAccessOrder", "srcAccessOrder">,
    F<"unsigned int", "flags">]>;
def CUDA_MEMCPY3D_BATCH_OP : Typedef<"CUDA_MEMCPY3D_BATCH_OP_v1">;
def CUmemDecompressAlgorithm : Enum<"CUmemDecompressAlgorithm_enum", [V<"CU_MEM_DECOMPRESS_UNSUPPORTED", 0>,
    V<"CU_MEM_DECOMPRESS_ALGORITHM_DEFLATE", 1>, V<"CU_MEM_DECOMPRESS_ALGORITHM_SNAPPY", 2>,
    V<"CU_MEM_DECOMPRESS_ALGORITHM_LZ4", 4>]>;
def CUmemDecompressParams : Struct<"CUmemDecompressParams_st", [F<"size_t", "srcNumBytes">,
    F<"size_t", "dstNumBytes">, F<"cuuint32_t*", "dstActBytes">, F<"const void*", "src">, F<"void*", "dst">,
    F<"CUmemDecompressAlgorithm", "algo">, F<"unsigned char", "padding", "[20]">]>;
def CUDA_MEMCPY2D_v1 : Struct<"CUDA_MEMCPY2D_v1_st", [F<"unsigned int", "srcXInBytes">,
    F<"unsigned int", "srcY">, F<"CUmemorytype", "srcMemoryType">, F<"const void*", "srcHost">,
    F<"CUdeviceptr_v1", "srcDevice">, F<"CUarray", "srcArray">, F<"unsigned int", "srcPitch">,
    F<"unsigned int", "dstXInBytes">, F<"unsigned int", "dstY">, F<"CUmemorytype", "dstMemoryType">,
    F<"void*", "dstHost">, F<"CUdeviceptr_v1", "dstDevice">, F<"CUarray", "dstArray">,
    F<"unsigned int", "dstPitch">, F<"unsigned int", "WidthInBytes">, F<"unsigned int", "Height">]>;
def CUDA_MEMCPY3D_v1 : Struct<"CUDA_MEMCPY3D_v1_st", [F<"unsigned int", "srcXInBytes">,
    F<"unsigned int", "srcY">, F<"unsigned int", "srcZ">, F<"unsigned int", "srcLOD">,
    F<"CUmemorytype", "srcMemoryType">, F<"const void*", "srcHost">, F<"CUdeviceptr_v1", "srcDevice">,
    F<"CUarray", "srcArray">, F<"void*", "reserved0">, F<"unsigned int", "srcPitch">,
    F<"unsigned int", "srcHeight">, F<"unsigned int", "dstXInBytes">, F<"unsigned int", "dstY">,
    F<"unsigned int", "dstZ">, F<"unsigned int", "dstLOD">, F<"CUmemorytype", "dstMemoryType">,
    F<"void*", "dstHost">, F<"CUdeviceptr_v1", "dstDevice">, F<"CUarray", "dstArray">,
    F<"void*", "reserved1">, F<"unsigned int", "dstPitch">, F<"unsigned int", "dstHeight">,
    F<"unsigned int", "WidthInBytes">, F<"unsigned int", "Height">, F<"unsigned int", "Depth">]>;

let Noun = "copy" in {
def cuMemcpyHtoD : Driver<2000, [In<"CUdeviceptr_v1", "dstDevice">, In<"const void*", "srcHost">,
    In<"unsigned int", "ByteCount">]>, Narrow;
def cuMemcpyDtoH : Driver<2000, [In<"void*", "dstHost">, In<"CUdeviceptr_v1", "srcDevice">,
    In<"unsigned int", "ByteCount">]>, Narrow;
def cuMemcpyDtoD : Driver<2000, [In<"CUdeviceptr_v1", "dstDevice">, In<"CUdeviceptr_v1", "srcDevice">,
    In<"unsigned int", "ByteCount">]>, Narrow;
def cuMemcpyDtoA : Driver<2000, [Handle<"CUarray", "dstArray">, In<"unsigned int", "dstOffset">,
    In<"CUdeviceptr_v1", "srcDevice">, In<"unsigned int", "ByteCount">]>, Narrow;
def cuMemcpyAtoD : Driver<2000, [In<"CUdeviceptr_v1", "dstDevice">, Handle<"CUarray", "srcArray">,
    In<"unsigned int", "srcOffset">, In<"unsigned int", "ByteCount">]>, Narrow;
def cuMemcpyHtoA : Driver<2000, [Handle<"CUarray", "dstArray">, In<"unsigned int", "dstOffset">,
    In<"const void*", "srcHost">, In<"unsigned int", "ByteCount">]>, Narrow;
def cuMemcpyAtoH : Driver<2000, [In<"void*", "dstHost">, Handle<"CUarray", "srcArray">,
    In<"unsigned int", "srcOffset">, In<"unsigned int", "ByteCount">]>, Narrow;
def cuMemcpyAtoA : Driver<2000, [Handle<"CUarray", "dstArray">, In<"unsigned int", "dstOffset">,
    Handle<"CUarray", "srcArray">, In<"unsigned int", "srcOffset">, In<"unsigned int", "ByteCount">]>,
    Narrow;
def cuMemcpyHtoAAsync : Driver<2000, [Handle<"CUarray", "dstArray">, In<"unsigned int", "dstOffset">,
    In<"const void*", "srcHost">, In<"unsigned int", "ByteCount">, Handle<"CUstream", "hStream">]>, Narrow;
def cuMemcpyAtoHAsync : Driver<2000, [In<"void*", "dstHost">, Handle<"CUarray", "srcArray">,
    In<"unsigned int", "srcOffset">, In<"unsigned int", "ByteCount">, Handle<"CUstream", "hStream">]>,
    Narrow;
def cuMemcpy2D : Driver<2000, [Ptr<"const CUDA_MEMCPY2D_v1*", "pCopy">]>, Narrow;
def cuMemcpy2DUnaligned : Driver<2000, [Ptr<"const CUDA_MEMCPY2D_v1*", "pCopy">]>, Narrow;
def cuMemcpy3D : Driver<2000, [Ptr<"const CUDA_MEMCPY3D_v1*", "pCopy">]>, Narrow;
def cuMemcpyHtoDAsync : Driver<2000, [In<"CUdeviceptr_v1", "dstDevice">, In<"const void*", "srcHost">,
    In<"unsigned int", "ByteCount">, Handle<"CUstream", "hStream">]>, Narrow;
def cuMemcpyDtoHAsync : Driver<2000, [In<"void*", "dstHost">, In<"CUdeviceptr_v1", "srcDevice">,
    In<"unsigned int", "ByteCount">, Handle<"CUstream", "hStream">]>, Narrow;
def cuMemcpyDtoDAsync : Driver<2000, [In<"CUdeviceptr_v1", "dstDevice">, In<"CUdeviceptr_v1", "srcDevice">,
    In<"unsigned int", "ByteCount">, Handle<"CUstream", "hStream">]>, Narrow;
def cuMemcpy2DAsync : Driver<2000, [Ptr<"const CUDA_MEMCPY2D_v1*", "pCopy">, Handle<"CUstream", "hStream">]>,
    Narrow;
def cuMemcpy3DAsync : Driver<2000, [Ptr<"const CUDA_MEMCPY3D_v1*", "pCopy">, Handle<"CUstream", "hStream">]>,
    Narrow;
def cuMemsetD8 : Driver<2000, [In<"CUdeviceptr_v1", "dstDevice">, In<"unsigned char", "uc">,
    In<"unsigned int", "N">]>, Narrow;
def cuMemsetD16 : Driver<2000, [In<"CUdeviceptr_v1", "dstDevice">, In<"unsigned short", "us">,
    In<"unsigned int", "N">]>, Narrow;
def cuMemsetD32 : Driver<2000, [In<"CUdeviceptr_v1", "dstDevice">, In<"unsigned int", "ui">,
    In<"unsigned int", "N">]>, Narrow;
def cuMemsetD2D8 : Driver<2000, [In<"CUdeviceptr_v1", "dstDevice">, In<"unsigned int", "dstPitch">,
    In<"unsigned char", "uc">, In<"unsigned int", "Width">, In<"unsigned int", "Height">]>, Narrow;
def cuMemsetD2D16 : Driver<2000, [In<"CUdeviceptr_v1", "dstDevice">, In<"unsigned int", "dstPitch">,
    In<"unsigned short", "us">, In<"unsigned int", "Width">, In<"unsigned int", "Height">]>, Narrow;
def cuMemsetD2D32 : Driver<2000, [In<"CUdeviceptr_v1", "dstDevice">, In<"unsigned int", "dstPitch">,
    In<"unsigned int", "ui">, In<"unsigned int", "Width">, In<"unsigned int", "Height">]>, Narrow;
def cuMemcpyHtoD_v2 : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"const void*", "srcHost">,
    In<"size_t", "ByteCount">]>, Ptds<7000>, Done;
def cuMemcpyDtoH_v2 : Driver<3020, [In<"void*", "dstHost">, In<"CUdeviceptr", "srcDevice">,
    In<"size_t", "ByteCount">]>, Ptds<7000>, Done;
def cuMemcpyDtoD_v2 : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"CUdeviceptr", "srcDevice">,
    In<"size_t", "ByteCount">]>, Ptds<7000>, Done;
def cuMemcpyDtoA_v2 : Driver<3020, [Handle<"CUarray", "dstArray">, In<"size_t", "dstOffset">,
    In<"CUdeviceptr", "srcDevice">, In<"size_t", "ByteCount">]>, Ptds<7000>, Done;
def cuMemcpyAtoD_v2 : Driver<3020, [In<"CUdeviceptr", "dstDevice">, Handle<"CUarray", "srcArray">,
    In<"size_t", "srcOffset">, In<"size_t", "ByteCount">]>, Ptds<7000>, Done;
def cuMemcpyHtoA_v2 : Driver<3020, [Handle<"CUarray", "dstArray">, In<"size_t", "dstOffset">,
    In<"const void*", "srcHost">, In<"size_t", "ByteCount">]>, Ptds<7000>, Done;
def cuMemcpyAtoH_v2 : Driver<3020, [In<"void*", "dstHost">, Handle<"CUarray", "srcArray">,
    In<"size_t", "srcOffset">, In<"size_t", "ByteCount">]>, Ptds<7000>, Done;
def cuMemcpyAtoA_v2 : Driver<3020, [Handle<"CUarray", "dstArray">, In<"size_t", "dstOffset">,
    Handle<"CUarray", "srcArray">, In<"size_t", "srcOffset">, In<"size_t", "ByteCount">]>, Ptds<7000>, Done;
def cuMemcpyHtoAAsync_v2 : Driver<3020, [Handle<"CUarray", "dstArray">, In<"size_t", "dstOffset">,
    In<"const void*", "srcHost">, In<"size_t", "ByteCount">, Handle<"CUstream", "hStream">]>, Ptsz<7000>,
    Done;
def cuMemcpyAtoHAsync_v2 : Driver<3020, [In<"void*", "dstHost">, Handle<"CUarray", "srcArray">,
    In<"size_t", "srcOffset">, In<"size_t", "ByteCount">, Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemcpy2D_v2 : Driver<3020, [Ptr<"const CUDA_MEMCPY2D*", "pCopy">]>, Ptds<7000>, Done;
def cuMemcpy2DUnaligned_v2 : Driver<3020, [Ptr<"const CUDA_MEMCPY2D*", "pCopy">]>, Ptds<7000>, Done;
def cuMemcpy3D_v2 : Driver<3020, [Ptr<"const CUDA_MEMCPY3D*", "pCopy">]>, Ptds<7000>, Done;
def cuMemcpyHtoDAsync_v2 : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"const void*", "srcHost">,
    In<"size_t", "ByteCount">, Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemcpyDtoHAsync_v2 : Driver<3020, [In<"void*", "dstHost">, In<"CUdeviceptr", "srcDevice">,
    In<"size_t", "ByteCount">, Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemcpyDtoDAsync_v2 : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"CUdeviceptr", "srcDevice">,
    In<"size_t", "ByteCount">, Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemcpy2DAsync_v2 : Driver<3020, [Ptr<"const CUDA_MEMCPY2D*", "pCopy">,
    Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemcpy3DAsync_v2 : Driver<3020, [Ptr<"const CUDA_MEMCPY3D*", "pCopy">,
    Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemsetD8_v2 : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"unsigned char", "uc">,
    In<"size_t", "N">]>, Ptds<7000>, Done;
def cuMemsetD16_v2 : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"unsigned short", "us">,
    In<"size_t", "N">]>, Ptds<7000>, Done;
def cuMemsetD32_v2 : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"unsigned int", "ui">,
    In<"size_t", "N">]>, Ptds<7000>, Done;
def cuMemsetD2D8_v2 : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"size_t", "dstPitch">,
    In<"unsigned char", "uc">, In<"size_t", "Width">, In<"size_t", "Height">]>, Ptds<7000>, Done;
def cuMemsetD2D16_v2 : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"size_t", "dstPitch">,
    In<"unsigned short", "us">, In<"size_t", "Width">, In<"size_t", "Height">]>, Ptds<7000>, Done;
def cuMemsetD2D32_v2 : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"size_t", "dstPitch">,
    In<"unsigned int", "ui">, In<"size_t", "Width">, In<"size_t", "Height">]>, Ptds<7000>, Done;
def cuMemcpy : Driver<4000, [In<"CUdeviceptr", "dst">, In<"CUdeviceptr", "src">,
    In<"size_t", "ByteCount">]>, Ptds<7000>, Done;
def cuMemcpyAsync : Driver<4000, [In<"CUdeviceptr", "dst">, In<"CUdeviceptr", "src">,
    In<"size_t", "ByteCount">, Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemcpyPeer : Driver<4000, [In<"CUdeviceptr", "dstDevice">, Handle<"CUcontext", "dstContext">,
    In<"CUdeviceptr", "srcDevice">, Handle<"CUcontext", "srcContext">,
    In<"size_t", "ByteCount">]>, Ptds<7000>, Done;
def cuMemcpyPeerAsync : Driver<4000, [In<"CUdeviceptr", "dstDevice">, Handle<"CUcontext", "dstContext">,
    In<"CUdeviceptr", "srcDevice">, Handle<"CUcontext", "srcContext">, In<"size_t", "ByteCount">,
    Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemcpy3DPeer : Driver<4000, [Ptr<"const CUDA_MEMCPY3D_PEER*", "pCopy">]>, Ptds<7000>, Done;
def cuMemcpy3DPeerAsync : Driver<4000, [Ptr<"const CUDA_MEMCPY3D_PEER*", "pCopy">,
    Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemcpyBatchAsync : Driver<12080, [Out<"CUdeviceptr", "dsts">, Out<"CUdeviceptr", "srcs">,
    Out<"size_t", "sizes">, In<"size_t", "count">, Out<"CUmemcpyAttributes", "attrs">,
    Out<"size_t", "attrsIdxs">, In<"size_t", "numAttrs">, Opt<"size_t*", "failIdx">,
    Handle<"CUstream", "hStream">]>, Ptsz<12080>, Done;
def cuMemcpy3DBatchAsync : Driver<12080, [In<"size_t", "numOps">, Out<"CUDA_MEMCPY3D_BATCH_OP", "opList">,
    Opt<"size_t*", "failIdx">, In<"unsigned long long", "flags">,
    Handle<"CUstream", "hStream">]>, Ptsz<12080>, Done;
def cuMemcpyBatchAsync_v2 : Driver<13000, [Out<"CUdeviceptr", "dsts">, Out<"CUdeviceptr", "srcs">,
    Out<"size_t", "sizes">, In<"size_t", "count">, Out<"CUmemcpyAttributes", "attrs">,
    Out<"size_t", "attrsIdxs">, In<"size_t", "numAttrs">, Handle<"CUstream", "hStream">]>, Ptsz<13000>, Done;
def cuMemcpy3DBatchAsync_v2 : Driver<13000, [In<"size_t", "numOps">, Out<"CUDA_MEMCPY3D_BATCH_OP", "opList">,
    In<"unsigned long long", "flags">, Handle<"CUstream", "hStream">]>, Ptsz<13000>, Done;
def cuMemsetD8Async : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"unsigned char", "uc">,
    In<"size_t", "N">, Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemsetD16Async : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"unsigned short", "us">,
    In<"size_t", "N">, Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemsetD32Async : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"unsigned int", "ui">,
    In<"size_t", "N">, Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemsetD2D8Async : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"size_t", "dstPitch">,
    In<"unsigned char", "uc">, In<"size_t", "Width">, In<"size_t", "Height">,
    Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemsetD2D16Async : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"size_t", "dstPitch">,
    In<"unsigned short", "us">, In<"size_t", "Width">, In<"size_t", "Height">,
    Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemsetD2D32Async : Driver<3020, [In<"CUdeviceptr", "dstDevice">, In<"size_t", "dstPitch">,
    In<"unsigned int", "ui">, In<"size_t", "Width">, In<"size_t", "Height">,
    Handle<"CUstream", "hStream">]>, Ptsz<7000>, Done;
def cuMemBatchDecompressAsync : Driver<12060, [Array<"CUmemDecompressParams*", "paramsArray", "count">,
    In<"size_t", "count">, In<"unsigned int", "flags">, Opt<"size_t*", "errorIndex">,
    Handle<"CUstream", "stream">]>, Ptsz<12060>, Done;
}  // copy
