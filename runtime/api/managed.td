// Managed memory: advice, prefetch, attachment.

let Noun = "managed" in {
def cuMemAllocManaged : Driver<6000, [Out<"CUdeviceptr", "dptr">, In<"size_t", "bytesize">,
    In<"unsigned int", "flags">]>, Done;
def cuMemAdvise_v2 : Driver<12020, [In<"CUdeviceptr", "devPtr">, In<"size_t", "count">,
    In<"CUmem_advise", "advice">, In<"CUmemLocation", "location">]>, Done;
def cuMemRangeGetAttribute : Driver<8000, [Out<"void", "data">, In<"size_t", "dataSize">,
    In<"CUmem_range_attribute", "attribute">, In<"CUdeviceptr", "devPtr">, In<"size_t", "count">]>, Done;
def cuMemRangeGetAttributes : Driver<8000, [Out<"void*", "data">, Out<"size_t", "dataSizes">,
    Out<"CUmem_range_attribute", "attributes">, In<"size_t", "numAttributes">, In<"CUdeviceptr", "devPtr">,
    In<"size_t", "count">]>, Done;
def cuStreamAttachMemAsync : Driver<6000, [Handle<"CUstream", "hStream">, In<"CUdeviceptr", "dptr">,
    In<"size_t", "length">, In<"unsigned int", "flags">]>, Ptsz<7000>, Done;
def cuMemPrefetchAsync : Driver<8000, [In<"CUdeviceptr", "devPtr">, In<"size_t", "count">,
    In<"CUdevice", "dstDevice">, Handle<"CUstream", "hStream">]>, Ptsz<8000>, Done;
def cuMemPrefetchAsync_v2 : Driver<12020, [In<"CUdeviceptr", "devPtr">, In<"size_t", "count">,
    In<"CUmemLocation", "location">, In<"unsigned int", "flags">,
    Handle<"CUstream", "hStream">]>, Ptsz<12020>, Done;
def cuMemAdvise : Driver<8000, [In<"CUdeviceptr", "devPtr">, In<"size_t", "count">,
    In<"CUmem_advise", "advice">, In<"CUdevice", "device">]>, Done;
def cuMemPrefetchBatchAsync : Driver<13000, [Out<"CUdeviceptr", "dptrs">, Out<"size_t", "sizes">,
    In<"size_t", "count">, Out<"CUmemLocation", "prefetchLocs">, Out<"size_t", "prefetchLocIdxs">,
    In<"size_t", "numPrefetchLocs">, In<"unsigned long long", "flags">,
    Handle<"CUstream", "hStream">]>, Ptsz<13000>, Done;
def cuMemDiscardBatchAsync : Driver<13000, [Out<"CUdeviceptr", "dptrs">, Out<"size_t", "sizes">,
    In<"size_t", "count">, In<"unsigned long long", "flags">, Handle<"CUstream", "hStream">]>, Ptsz<13000>, Done;
def cuMemDiscardAndPrefetchBatchAsync : Driver<13000, [Out<"CUdeviceptr", "dptrs">, Out<"size_t", "sizes">,
    In<"size_t", "count">, Out<"CUmemLocation", "prefetchLocs">, Out<"size_t", "prefetchLocIdxs">,
    In<"size_t", "numPrefetchLocs">, In<"unsigned long long", "flags">,
    Handle<"CUstream", "hStream">]>, Ptsz<13000>, Done;
}  // managed
