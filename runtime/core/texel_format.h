// What CUDA's array formats mean: bytes of a texel, how kernels decode them, planes.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <span>

#include "base/texture_abi.h"

namespace tq::core {

struct TexelFormat {
  CUarray_format format;
  uint8_t channels;       // that it must have; 0: 1, 2 or 4
  uint8_t channel_bytes;  // 0: `block_bytes` for a block of 4 x 4 texels
  uint8_t block_bytes;
  tq_texel texel;              // as a kernel reads the elements
  tq_texel normalized;         // promoted to float; the same where nothing is promoted
  tq_texel srgb;               // promoted, from sRGB to linear light
  uint16_t channel_data_type;  // OpenCL's code, which txq and suq give

  bool is_block() const { return channel_bytes == 0; }
  // Of one texel, or of one block.
  uint32_t UnitBytes(uint32_t given_channels) const {
    return is_block() ? block_bytes : uint32_t{channel_bytes} * given_channels;
  }
  bool Takes(uint32_t given_channels) const {
    if (channels != 0) return given_channels == channels;
    return given_channels == 1 || given_channels == 2 || given_channels == 4;
  }
  uint16_t ChannelOrder(uint32_t given_channels) const;
};

// Null for a format whose texels no array of ours holds (planar ones included).
const TexelFormat* FindTexelFormat(CUarray_format format);

// Images of several planes behind each other, such as NV12.
struct Plane {
  CUarray_format format;
  uint8_t channels;
  uint8_t width_shift, height_shift;  // of the whole image's size
};
struct PlanarFormat {
  CUarray_format format;
  uint8_t channels;
  std::span<const Plane> planes;
};
const PlanarFormat* FindPlanarFormat(CUarray_format format);

// What a resource view makes of texels; null for CU_RES_VIEW_FORMAT_NONE and numbers that name nothing.
struct ViewFormat {
  CUresourceViewFormat view;
  CUarray_format format;
  uint8_t channels;
};
const ViewFormat* FindViewFormat(CUresourceViewFormat view);

}  // namespace tq::core
