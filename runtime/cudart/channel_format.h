// The runtime's description of texels (bits of each channel, and a kind) and the driver's (a format, and how
// many channels).
#pragma once

#include <cuda.h>
#include <cuda_runtime_api.h>

namespace tq::cudart {

struct ChannelFormat {
  CUarray_format format;
  unsigned channels;
};

// cudaErrorInvalidChannelDescriptor for what no texel has.
cudaError_t ToFormat(const cudaChannelFormatDesc& desc, ChannelFormat* format);
// Of a format that has no counterpart everything is 0 and of no kind.
cudaChannelFormatDesc ToChannelDesc(const ChannelFormat& format);

inline CUarray ToDriver(cudaArray_const_t array) {
  return reinterpret_cast<CUarray>(const_cast<cudaArray*>(array));
}
inline CUmipmappedArray ToDriver(cudaMipmappedArray_const_t array) {
  return reinterpret_cast<CUmipmappedArray>(const_cast<cudaMipmappedArray*>(array));
}

}  // namespace tq::cudart
