// Runtime: copies and fills.

def cudaMemcpyKind : Enum<"cudaMemcpyKind", [V<"cudaMemcpyHostToHost", 0>, V<"cudaMemcpyHostToDevice", 1>,
    V<"cudaMemcpyDeviceToHost", 2>, V<"cudaMemcpyDeviceToDevice", 3>, V<"cudaMemcpyDefault", 4>]>;
def cudaPitchedPtr : Struct<"cudaPitchedPtr", [F<"void*", "ptr">, F<"size_t", "pitch">, F<"size_t", "xsize">,
    F<"size_t", "ysize">]>;
def cudaExtent : Struct<"cudaExtent", [F<"size_t", "width">, F<"size_t", "height">, F<"size_t", "depth">]>;
def cudaPos : Struct<"cudaPos", [F<"size_t", "x">, F<"size_t", "y">, F<"size_t", "z">]>;
def cudaMemcpy3DParms : Struct<"cudaMemcpy3DParms", [F<"cudaArray_t", "srcArray">,
    F<"struct cudaPos", "srcPos">, F<"struct cudaPitchedPtr", "srcPtr">, F<"cudaArray_t", "dstArray">,
    F<"struct cudaPos", "dstPos">, F<"struct cudaPitchedPtr", "dstPtr">, F<"struct cudaExtent", "extent">,
    F<"enum cudaMemcpyKind", "kind">]>;
def cudaMemcpy3DPeerParms : Struct<"cudaMemcpy3DPeerParms", [F<"cudaArray_t", "srcArray">,
    F<"struct cudaPos", "srcPos">, F<"struct cudaPitchedPtr", "srcPtr">, F<"int", "srcDevice">,
    F<"cudaArray_t", "dstArray">, F<"struct cudaPos", "dstPos">, F<"struct cudaPitchedPtr", "dstPtr">,
    F<"int", "dstDevice">, F<"struct cudaExtent", "extent">]>;
def cudaMemcpyFlags : Enum<"cudaMemcpyFlags", [V<"cudaMemcpyFlagDefault", 0>,
    V<"cudaMemcpyFlagPreferOverlapWithCompute", 1>]>;
def cudaMemcpySrcAccessOrder : Enum<"cudaMemcpySrcAccessOrder", [V<"cudaMemcpySrcAccessOrderInvalid", 0>,
    V<"cudaMemcpySrcAccessOrderStream", 1>, V<"cudaMemcpySrcAccessOrderDuringApiCall", 2>,
    V<"cudaMemcpySrcAccessOrderAny", 3>, V<"cudaMemcpySrcAccessOrderMax", 2147483647>]>;
def cudaMemcpyAttributes : Struct<"cudaMemcpyAttributes", [
    F<"enum cudaMemcpySrcAccessOrder", "srcAccessOrder">, F<"struct cudaMemLocation", "srcLocHint">,
    F<"struct cudaMemLocation", "dstLocHint">, F<"unsigned int", "flags">]>;
def cudaMemcpy3DOperandType : Enum<"cudaMemcpy3DOperandType", [V<"cudaMemcpyOperandTypePointer", 1>,
    V<"cudaMemcpyOperandTypeArray", 2>, V<"cudaMemcpyOperandTypeMax", 2147483647>]>;
def cudaOffset3D : Struct<"cudaOffset3D", [F<"size_t", "x">, F<"size_t", "y">, F<"size_t", "z">]>;
def cudaMemcpy3DOperand : Struct<"cudaMemcpy3DOperand", [F<"enum cudaMemcpy3DOperandType", "type">,
    Nested<"union", "op", [Nested<"struct", "ptr", [F<"void*", "ptr">, F<"size_t", "rowLength">,
    F<"size_t", "layerHeight">, F<"struct cudaMemLocation", "locHint">]>,
    Nested<"struct", "array", [F<"cudaArray_t", "array">, F<"struct cudaOffset3D", "offset">]>]>]>;
def cudaMemcpy3DBatchOp : Struct<"cudaMemcpy3DBatchOp", [F<"struct cudaMemcpy3DOperand", "src">,
    F<"struct cudaMemcpy3DOperand", "dst">, F<"struct cudaExtent", "extent">,
    F<"enum cudaMemcpySrcAccessOrder", "srcAccessOrder">, F<"unsigned int", "flags">]>;

let Noun = "cudart_copy" in {
def cudaMemcpyPeer : Runtime<[In<"void*", "dst">, In<"int", "dstDevice">, In<"const void*", "src">,
    In<"int", "srcDevice">, In<"size_t", "count">]>, Done;
def cudaMemcpyPeerAsync : Runtime<[In<"void*", "dst">, In<"int", "dstDevice">, In<"const void*", "src">,
    In<"int", "srcDevice">, In<"size_t", "count">, In<"cudaStream_t", "stream", "0">]>, Done;
def cudaMemcpy : Runtime<[In<"void*", "dst">, In<"const void*", "src">, In<"size_t", "count">,
    In<"enum cudaMemcpyKind", "kind">]>, Ptds<7000>, Done;
def cudaMemcpyToSymbol : Runtime<[In<"const void*", "symbol">, In<"const void*", "src">,
    In<"size_t", "count">, In<"size_t", "offset", "0">,
    In<"enum cudaMemcpyKind", "kind", "cudaMemcpyHostToDevice">]>, Ptds<7000>, Done;
def cudaMemcpyFromSymbol : Runtime<[In<"void*", "dst">, In<"const void*", "symbol">, In<"size_t", "count">,
    In<"size_t", "offset", "0">, In<"enum cudaMemcpyKind", "kind", "cudaMemcpyDeviceToHost">]>,
    Ptds<7000>, Done;
def cudaMemcpy2D : Runtime<[In<"void*", "dst">, In<"size_t", "dpitch">, In<"const void*", "src">,
    In<"size_t", "spitch">, In<"size_t", "width">, In<"size_t", "height">,
    In<"enum cudaMemcpyKind", "kind">]>, Ptds<7000>, Done;
def cudaMemcpyToArray : Runtime<[In<"cudaArray_t", "dst">, In<"size_t", "wOffset">, In<"size_t", "hOffset">,
    In<"const void*", "src">, In<"size_t", "count">, In<"enum cudaMemcpyKind", "kind">]>, Ptds<7000>, Done;
def cudaMemcpy2DToArray : Runtime<[In<"cudaArray_t", "dst">, In<"size_t", "wOffset">, In<"size_t", "hOffset">,
    In<"const void*", "src">, In<"size_t", "spitch">, In<"size_t", "width">, In<"size_t", "height">,
    In<"enum cudaMemcpyKind", "kind">]>, Ptds<7000>, Done;
def cudaMemcpyFromArray : Runtime<[In<"void*", "dst">, In<"cudaArray_const_t", "src">,
    In<"size_t", "wOffset">, In<"size_t", "hOffset">, In<"size_t", "count">,
    In<"enum cudaMemcpyKind", "kind">]>, Ptds<7000>, Done;
def cudaMemcpy2DFromArray : Runtime<[In<"void*", "dst">, In<"size_t", "dpitch">,
    In<"cudaArray_const_t", "src">, In<"size_t", "wOffset">, In<"size_t", "hOffset">, In<"size_t", "width">,
    In<"size_t", "height">, In<"enum cudaMemcpyKind", "kind">]>, Ptds<7000>, Done;
def cudaMemcpyArrayToArray : Runtime<[In<"cudaArray_t", "dst">, In<"size_t", "wOffsetDst">,
    In<"size_t", "hOffsetDst">, In<"cudaArray_const_t", "src">, In<"size_t", "wOffsetSrc">,
    In<"size_t", "hOffsetSrc">, In<"size_t", "count">,
    In<"enum cudaMemcpyKind", "kind", "cudaMemcpyDeviceToDevice">]>, Ptds<7000>, Done;
def cudaMemcpy2DArrayToArray : Runtime<[In<"cudaArray_t", "dst">, In<"size_t", "wOffsetDst">,
    In<"size_t", "hOffsetDst">, In<"cudaArray_const_t", "src">, In<"size_t", "wOffsetSrc">,
    In<"size_t", "hOffsetSrc">, In<"size_t", "width">, In<"size_t", "height">,
    In<"enum cudaMemcpyKind", "kind", "cudaMemcpyDeviceToDevice">]>, Ptds<7000>, Done;
def cudaMemcpy3D : Runtime<[Ptr<"const struct cudaMemcpy3DParms*", "p">]>, Ptds<7000>, Done;
def cudaMemcpy3DPeer : Runtime<[Ptr<"const struct cudaMemcpy3DPeerParms*", "p">]>, Ptds<7000>, Done;
def cudaMemcpyBatchAsync : Runtime<[Ptr<"void* const*", "dsts">, Ptr<"const void* const*", "srcs">,
    Ptr<"const size_t*", "sizes">, In<"size_t", "count">, Out<"struct cudaMemcpyAttributes", "attrs">,
    Out<"size_t", "attrsIdxs">, In<"size_t", "numAttrs">, In<"cudaStream_t", "stream">]>, Ptsz<7000>,
    Named<"", "", "cudaMemcpyBatchAsync">,
    Forwards<"cuMemcpyBatchAsync_v2">;
def cudaMemcpy3DBatchAsync : Runtime<[In<"size_t", "numOps">, Out<"struct cudaMemcpy3DBatchOp", "opList">,
    In<"unsigned long long", "flags">, In<"cudaStream_t", "stream">]>, Ptsz<7000>,
    Named<"", "", "cudaMemcpy3DBatchAsync">,
    Forwards<"cuMemcpy3DBatchAsync_v2">;
def cudaMemset : Runtime<[In<"void*", "devPtr">, In<"int", "value">, In<"size_t", "count">]>,
    Ptds<7000>, Done;
def cudaMemset2D : Runtime<[In<"void*", "devPtr">, In<"size_t", "pitch">, In<"int", "value">,
    In<"size_t", "width">, In<"size_t", "height">]>, Ptds<7000>, Done;
def cudaMemset3D : Runtime<[In<"struct cudaPitchedPtr", "pitchedDevPtr">, In<"int", "value">,
    In<"struct cudaExtent", "extent">]>, Ptds<7000>, Done;
def cudaMemcpyAsync : Runtime<[In<"void*", "dst">, In<"const void*", "src">, In<"size_t", "count">,
    In<"enum cudaMemcpyKind", "kind">, In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>, Done;
def cudaMemcpyToSymbolAsync : Runtime<[In<"const void*", "symbol">, In<"const void*", "src">,
    In<"size_t", "count">, In<"size_t", "offset">, In<"enum cudaMemcpyKind", "kind">,
    In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>, Done;
def cudaMemcpyFromSymbolAsync : Runtime<[In<"void*", "dst">, In<"const void*", "symbol">,
    In<"size_t", "count">, In<"size_t", "offset">, In<"enum cudaMemcpyKind", "kind">,
    In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>, Done;
def cudaMemcpy2DAsync : Runtime<[In<"void*", "dst">, In<"size_t", "dpitch">, In<"const void*", "src">,
    In<"size_t", "spitch">, In<"size_t", "width">, In<"size_t", "height">, In<"enum cudaMemcpyKind", "kind">,
    In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>, Done;
def cudaMemcpyToArrayAsync : Runtime<[In<"cudaArray_t", "dst">, In<"size_t", "wOffset">,
    In<"size_t", "hOffset">, In<"const void*", "src">, In<"size_t", "count">,
    In<"enum cudaMemcpyKind", "kind">, In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>, Done;
def cudaMemcpy2DToArrayAsync : Runtime<[In<"cudaArray_t", "dst">, In<"size_t", "wOffset">,
    In<"size_t", "hOffset">, In<"const void*", "src">, In<"size_t", "spitch">, In<"size_t", "width">,
    In<"size_t", "height">, In<"enum cudaMemcpyKind", "kind">,
    In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>, Done;
def cudaMemcpyFromArrayAsync : Runtime<[In<"void*", "dst">, In<"cudaArray_const_t", "src">,
    In<"size_t", "wOffset">, In<"size_t", "hOffset">, In<"size_t", "count">,
    In<"enum cudaMemcpyKind", "kind">, In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>, Done;
def cudaMemcpy2DFromArrayAsync : Runtime<[In<"void*", "dst">, In<"size_t", "dpitch">,
    In<"cudaArray_const_t", "src">, In<"size_t", "wOffset">, In<"size_t", "hOffset">, In<"size_t", "width">,
    In<"size_t", "height">, In<"enum cudaMemcpyKind", "kind">,
    In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>, Done;
def cudaMemcpy3DAsync : Runtime<[Ptr<"const struct cudaMemcpy3DParms*", "p">,
    In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>, Done;
def cudaMemcpy3DPeerAsync : Runtime<[Ptr<"const struct cudaMemcpy3DPeerParms*", "p">,
    In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>, Done;
def cudaMemsetAsync : Runtime<[In<"void*", "devPtr">, In<"int", "value">, In<"size_t", "count">,
    In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>, Done;
def cudaMemset2DAsync : Runtime<[In<"void*", "devPtr">, In<"size_t", "pitch">, In<"int", "value">,
    In<"size_t", "width">, In<"size_t", "height">, In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>, Done;
def cudaMemset3DAsync : Runtime<[In<"struct cudaPitchedPtr", "pitchedDevPtr">, In<"int", "value">,
    In<"struct cudaExtent", "extent">, In<"cudaStream_t", "stream", "0">]>, Ptsz<7000>, Done;
}  // cudart_copy
