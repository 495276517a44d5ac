#include "runtime/cudart/channel_format.h"

namespace tq::cudart {
namespace {

struct PlainRow {
  cudaChannelFormatKind kind;
  int bits;
  CUarray_format format;
};
constexpr PlainRow kPlain[] = {
    {cudaChannelFormatKindUnsigned, 8, CU_AD_FORMAT_UNSIGNED_INT8},
    {cudaChannelFormatKindUnsigned, 16, CU_AD_FORMAT_UNSIGNED_INT16},
    {cudaChannelFormatKindUnsigned, 32, CU_AD_FORMAT_UNSIGNED_INT32},
    {cudaChannelFormatKindSigned, 8, CU_AD_FORMAT_SIGNED_INT8},
    {cudaChannelFormatKindSigned, 16, CU_AD_FORMAT_SIGNED_INT16},
    {cudaChannelFormatKindSigned, 32, CU_AD_FORMAT_SIGNED_INT32},
    {cudaChannelFormatKindFloat, 16, CU_AD_FORMAT_HALF},
    {cudaChannelFormatKindFloat, 32, CU_AD_FORMAT_FLOAT},
};

// Kinds that say it all. The bits are those that cudaCreateChannelDesc gives.
struct SpecialRow {
  cudaChannelFormatDesc desc;
  ChannelFormat format;
};
constexpr SpecialRow kSpecial[] = {
    {{8, 8, 8, 0, cudaChannelFormatKindNV12}, {CU_AD_FORMAT_NV12, 3}},
    {{8, 0, 0, 0, cudaChannelFormatKindUnsignedNormalized8X1}, {CU_AD_FORMAT_UNORM_INT8X1, 1}},
    {{8, 8, 0, 0, cudaChannelFormatKindUnsignedNormalized8X2}, {CU_AD_FORMAT_UNORM_INT8X2, 2}},
    {{8, 8, 8, 8, cudaChannelFormatKindUnsignedNormalized8X4}, {CU_AD_FORMAT_UNORM_INT8X4, 4}},
    {{16, 0, 0, 0, cudaChannelFormatKindUnsignedNormalized16X1}, {CU_AD_FORMAT_UNORM_INT16X1, 1}},
    {{16, 16, 0, 0, cudaChannelFormatKindUnsignedNormalized16X2}, {CU_AD_FORMAT_UNORM_INT16X2, 2}},
    {{16, 16, 16, 16, cudaChannelFormatKindUnsignedNormalized16X4}, {CU_AD_FORMAT_UNORM_INT16X4, 4}},
    {{8, 0, 0, 0, cudaChannelFormatKindSignedNormalized8X1}, {CU_AD_FORMAT_SNORM_INT8X1, 1}},
    {{8, 8, 0, 0, cudaChannelFormatKindSignedNormalized8X2}, {CU_AD_FORMAT_SNORM_INT8X2, 2}},
    {{8, 8, 8, 8, cudaChannelFormatKindSignedNormalized8X4}, {CU_AD_FORMAT_SNORM_INT8X4, 4}},
    {{16, 0, 0, 0, cudaChannelFormatKindSignedNormalized16X1}, {CU_AD_FORMAT_SNORM_INT16X1, 1}},
    {{16, 16, 0, 0, cudaChannelFormatKindSignedNormalized16X2}, {CU_AD_FORMAT_SNORM_INT16X2, 2}},
    {{16, 16, 16, 16, cudaChannelFormatKindSignedNormalized16X4}, {CU_AD_FORMAT_SNORM_INT16X4, 4}},
    {{10, 10, 10, 2, cudaChannelFormatKindUnsignedNormalized1010102}, {CU_AD_FORMAT_UNORM_INT_101010_2, 4}},
    {{8, 8, 8, 8, cudaChannelFormatKindUnsignedBlockCompressed1}, {CU_AD_FORMAT_BC1_UNORM, 4}},
    {{8, 8, 8, 8, cudaChannelFormatKindUnsignedBlockCompressed1SRGB}, {CU_AD_FORMAT_BC1_UNORM_SRGB, 4}},
    {{8, 8, 8, 8, cudaChannelFormatKindUnsignedBlockCompressed2}, {CU_AD_FORMAT_BC2_UNORM, 4}},
    {{8, 8, 8, 8, cudaChannelFormatKindUnsignedBlockCompressed2SRGB}, {CU_AD_FORMAT_BC2_UNORM_SRGB, 4}},
    {{8, 8, 8, 8, cudaChannelFormatKindUnsignedBlockCompressed3}, {CU_AD_FORMAT_BC3_UNORM, 4}},
    {{8, 8, 8, 8, cudaChannelFormatKindUnsignedBlockCompressed3SRGB}, {CU_AD_FORMAT_BC3_UNORM_SRGB, 4}},
    {{8, 0, 0, 0, cudaChannelFormatKindUnsignedBlockCompressed4}, {CU_AD_FORMAT_BC4_UNORM, 1}},
    {{8, 0, 0, 0, cudaChannelFormatKindSignedBlockCompressed4}, {CU_AD_FORMAT_BC4_SNORM, 1}},
    {{8, 8, 0, 0, cudaChannelFormatKindUnsignedBlockCompressed5}, {CU_AD_FORMAT_BC5_UNORM, 2}},
    {{8, 8, 0, 0, cudaChannelFormatKindSignedBlockCompressed5}, {CU_AD_FORMAT_BC5_SNORM, 2}},
    {{16, 16, 16, 0, cudaChannelFormatKindUnsignedBlockCompressed6H}, {CU_AD_FORMAT_BC6H_UF16, 3}},
    {{16, 16, 16, 0, cudaChannelFormatKindSignedBlockCompressed6H}, {CU_AD_FORMAT_BC6H_SF16, 3}},
    {{8, 8, 8, 8, cudaChannelFormatKindUnsignedBlockCompressed7}, {CU_AD_FORMAT_BC7_UNORM, 4}},
    {{8, 8, 8, 8, cudaChannelFormatKindUnsignedBlockCompressed7SRGB}, {CU_AD_FORMAT_BC7_UNORM_SRGB, 4}},
};

// 0 unless the channels that there are come first and have as many bits each.
unsigned CountChannels(const cudaChannelFormatDesc& desc) {
  const int bits[] = {desc.x, desc.y, desc.z, desc.w};
  unsigned count = 0;
  while (count < 4 && bits[count] != 0) ++count;
  for (unsigned i = 0; i < 4; ++i) {
    if (bits[i] != (i < count ? desc.x : 0)) return 0;
  }
  return count == 3 ? 0 : count;
}

}  // namespace

cudaError_t ToFormat(const cudaChannelFormatDesc& desc, ChannelFormat* format) {
  for (const SpecialRow& row : kSpecial) {
    if (row.desc.f != desc.f) continue;
    *format = row.format;
    return cudaSuccess;
  }
  const unsigned channels = CountChannels(desc);
  for (const PlainRow& row : kPlain) {
    if (channels == 0 || row.kind != desc.f || row.bits != desc.x) continue;
    *format = {row.format, channels};
    return cudaSuccess;
  }
  return cudaErrorInvalidChannelDescriptor;
}

cudaChannelFormatDesc ToChannelDesc(const ChannelFormat& format) {
  for (const SpecialRow& row : kSpecial) {
    if (row.format.format == format.format) return row.desc;
  }
  for (const PlainRow& row : kPlain) {
    if (row.format != format.format) continue;
    const auto bits = [&](unsigned channel) { return channel < format.channels ? row.bits : 0; };
    return {bits(0), bits(1), bits(2), bits(3), row.kind};
  }
  return {0, 0, 0, 0, cudaChannelFormatKindNone};
}

}  // namespace tq::cudart
