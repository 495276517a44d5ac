#include "runtime/core/texel_format.h"

namespace tq::core {
namespace {

// OpenCL's channel data types and orders (PTX ISA, "Channel Data Type and Channel Order Fields").
enum ChannelDataType : uint16_t {
  kSnormInt8 = 0x10d0,
  kSnormInt16 = 0x10d1,
  kUnormInt8 = 0x10d2,
  kUnormInt16 = 0x10d3,
  kUnormInt101010 = 0x10d6,
  kSignedInt8 = 0x10d7,
  kSignedInt16 = 0x10d8,
  kSignedInt32 = 0x10d9,
  kUnsignedInt8 = 0x10da,
  kUnsignedInt16 = 0x10db,
  kUnsignedInt32 = 0x10dc,
  kHalfFloat = 0x10dd,
  kFloat = 0x10de,
};
constexpr uint16_t kOrderR = 0x10b0, kOrderRg = 0x10b2, kOrderRgba = 0x10b5;

constexpr TexelFormat Same(CUarray_format format, uint8_t channels, uint8_t channel_bytes, tq_texel texel,
                           ChannelDataType type) {
  return {format, channels, channel_bytes, 0, texel, texel, texel, type};
}
constexpr TexelFormat Promoted(CUarray_format format, uint8_t channel_bytes, tq_texel texel,
                               tq_texel normalized, ChannelDataType type) {
  const tq_texel srgb = normalized == TQ_TEXEL_UNORM8 ? TQ_TEXEL_SRGB8 : normalized;
  return {format, 0, channel_bytes, 0, texel, normalized, srgb, type};
}
constexpr TexelFormat Block(CUarray_format format, uint8_t channels, uint8_t bytes, tq_texel texel,
                            tq_texel srgb) {
  return {format, channels, 0, bytes, texel, texel, srgb, kUnormInt8};
}

constexpr TexelFormat kFormats[] = {
    Promoted(CU_AD_FORMAT_UNSIGNED_INT8, 1, TQ_TEXEL_U8, TQ_TEXEL_UNORM8, kUnsignedInt8),
    Promoted(CU_AD_FORMAT_UNSIGNED_INT16, 2, TQ_TEXEL_U16, TQ_TEXEL_UNORM16, kUnsignedInt16),
    Same(CU_AD_FORMAT_UNSIGNED_INT32, 0, 4, TQ_TEXEL_U32, kUnsignedInt32),
    Promoted(CU_AD_FORMAT_SIGNED_INT8, 1, TQ_TEXEL_S8, TQ_TEXEL_SNORM8, kSignedInt8),
    Promoted(CU_AD_FORMAT_SIGNED_INT16, 2, TQ_TEXEL_S16, TQ_TEXEL_SNORM16, kSignedInt16),
    Same(CU_AD_FORMAT_SIGNED_INT32, 0, 4, TQ_TEXEL_S32, kSignedInt32),
    Same(CU_AD_FORMAT_HALF, 0, 2, TQ_TEXEL_F16, kHalfFloat),
    Same(CU_AD_FORMAT_FLOAT, 0, 4, TQ_TEXEL_F32, kFloat),
    Same(CU_AD_FORMAT_UNORM_INT8X1, 1, 1, TQ_TEXEL_UNORM8, kUnormInt8),
    Same(CU_AD_FORMAT_UNORM_INT8X2, 2, 1, TQ_TEXEL_UNORM8, kUnormInt8),
    Same(CU_AD_FORMAT_UNORM_INT8X4, 4, 1, TQ_TEXEL_UNORM8, kUnormInt8),
    Same(CU_AD_FORMAT_UNORM_INT16X1, 1, 2, TQ_TEXEL_UNORM16, kUnormInt16),
    Same(CU_AD_FORMAT_UNORM_INT16X2, 2, 2, TQ_TEXEL_UNORM16, kUnormInt16),
    Same(CU_AD_FORMAT_UNORM_INT16X4, 4, 2, TQ_TEXEL_UNORM16, kUnormInt16),
    Same(CU_AD_FORMAT_SNORM_INT8X1, 1, 1, TQ_TEXEL_SNORM8, kSnormInt8),
    Same(CU_AD_FORMAT_SNORM_INT8X2, 2, 1, TQ_TEXEL_SNORM8, kSnormInt8),
    Same(CU_AD_FORMAT_SNORM_INT8X4, 4, 1, TQ_TEXEL_SNORM8, kSnormInt8),
    Same(CU_AD_FORMAT_SNORM_INT16X1, 1, 2, TQ_TEXEL_SNORM16, kSnormInt16),
    Same(CU_AD_FORMAT_SNORM_INT16X2, 2, 2, TQ_TEXEL_SNORM16, kSnormInt16),
    Same(CU_AD_FORMAT_SNORM_INT16X4, 4, 2, TQ_TEXEL_SNORM16, kSnormInt16),
    Same(CU_AD_FORMAT_UNORM_INT_101010_2, 4, 1, TQ_TEXEL_UNORM10_10_10_2, kUnormInt101010),
    Block(CU_AD_FORMAT_BC1_UNORM, 4, 8, TQ_TEXEL_BC1, TQ_TEXEL_BC1_SRGB),
    Block(CU_AD_FORMAT_BC1_UNORM_SRGB, 4, 8, TQ_TEXEL_BC1_SRGB, TQ_TEXEL_BC1_SRGB),
    Block(CU_AD_FORMAT_BC2_UNORM, 4, 16, TQ_TEXEL_BC2, TQ_TEXEL_BC2_SRGB),
    Block(CU_AD_FORMAT_BC2_UNORM_SRGB, 4, 16, TQ_TEXEL_BC2_SRGB, TQ_TEXEL_BC2_SRGB),
    Block(CU_AD_FORMAT_BC3_UNORM, 4, 16, TQ_TEXEL_BC3, TQ_TEXEL_BC3_SRGB),
    Block(CU_AD_FORMAT_BC3_UNORM_SRGB, 4, 16, TQ_TEXEL_BC3_SRGB, TQ_TEXEL_BC3_SRGB),
    Block(CU_AD_FORMAT_BC4_UNORM, 1, 8, TQ_TEXEL_BC4, TQ_TEXEL_BC4),
    Block(CU_AD_FORMAT_BC4_SNORM, 1, 8, TQ_TEXEL_BC4_SIGNED, TQ_TEXEL_BC4_SIGNED),
    Block(CU_AD_FORMAT_BC5_UNORM, 2, 16, TQ_TEXEL_BC5, TQ_TEXEL_BC5),
    Block(CU_AD_FORMAT_BC5_SNORM, 2, 16, TQ_TEXEL_BC5_SIGNED, TQ_TEXEL_BC5_SIGNED),
    Block(CU_AD_FORMAT_BC7_UNORM, 4, 16, TQ_TEXEL_BC7, TQ_TEXEL_BC7_SRGB),
    Block(CU_AD_FORMAT_BC7_UNORM_SRGB, 4, 16, TQ_TEXEL_BC7_SRGB, TQ_TEXEL_BC7_SRGB),
};

constexpr Plane kSemi420x8[] = {{CU_AD_FORMAT_UNSIGNED_INT8, 1, 0, 0}, {CU_AD_FORMAT_UNSIGNED_INT8, 2, 1, 1}};
constexpr Plane kSemi420x16[] = {{CU_AD_FORMAT_UNSIGNED_INT16, 1, 0, 0},
                                 {CU_AD_FORMAT_UNSIGNED_INT16, 2, 1, 1}};
constexpr Plane kSemi422x8[] = {{CU_AD_FORMAT_UNSIGNED_INT8, 1, 0, 0}, {CU_AD_FORMAT_UNSIGNED_INT8, 2, 1, 0}};
constexpr Plane kSemi422x16[] = {{CU_AD_FORMAT_UNSIGNED_INT16, 1, 0, 0},
                                 {CU_AD_FORMAT_UNSIGNED_INT16, 2, 1, 0}};
constexpr Plane kSemi444x8[] = {{CU_AD_FORMAT_UNSIGNED_INT8, 1, 0, 0}, {CU_AD_FORMAT_UNSIGNED_INT8, 2, 0, 0}};
constexpr Plane kSemi444x16[] = {{CU_AD_FORMAT_UNSIGNED_INT16, 1, 0, 0},
                                 {CU_AD_FORMAT_UNSIGNED_INT16, 2, 0, 0}};
constexpr Plane kPlanar444x8[] = {{CU_AD_FORMAT_UNSIGNED_INT8, 1, 0, 0},
                                  {CU_AD_FORMAT_UNSIGNED_INT8, 1, 0, 0},
                                  {CU_AD_FORMAT_UNSIGNED_INT8, 1, 0, 0}};
constexpr Plane kPlanar444x16[] = {{CU_AD_FORMAT_UNSIGNED_INT16, 1, 0, 0},
                                   {CU_AD_FORMAT_UNSIGNED_INT16, 1, 0, 0},
                                   {CU_AD_FORMAT_UNSIGNED_INT16, 1, 0, 0}};

constexpr PlanarFormat kPlanarFormats[] = {
    {CU_AD_FORMAT_NV12, 3, kSemi420x8},
    {CU_AD_FORMAT_P010, 3, kSemi420x16},
    {CU_AD_FORMAT_P016, 3, kSemi420x16},
    {CU_AD_FORMAT_NV16, 3, kSemi422x8},
    {CU_AD_FORMAT_P210, 3, kSemi422x16},
    {CU_AD_FORMAT_P216, 3, kSemi422x16},
    {CU_AD_FORMAT_YUV444_8bit_SemiPlanar, 3, kSemi444x8},
    {CU_AD_FORMAT_YUV444_16bit_SemiPlanar, 3, kSemi444x16},
    {CU_AD_FORMAT_Y444_PLANAR8, 3, kPlanar444x8},
    {CU_AD_FORMAT_Y444_PLANAR10, 3, kPlanar444x16},
};

constexpr ViewFormat kViewFormats[] = {
    {CU_RES_VIEW_FORMAT_UINT_1X8, CU_AD_FORMAT_UNSIGNED_INT8, 1},
    {CU_RES_VIEW_FORMAT_UINT_2X8, CU_AD_FORMAT_UNSIGNED_INT8, 2},
    {CU_RES_VIEW_FORMAT_UINT_4X8, CU_AD_FORMAT_UNSIGNED_INT8, 4},
    {CU_RES_VIEW_FORMAT_SINT_1X8, CU_AD_FORMAT_SIGNED_INT8, 1},
    {CU_RES_VIEW_FORMAT_SINT_2X8, CU_AD_FORMAT_SIGNED_INT8, 2},
    {CU_RES_VIEW_FORMAT_SINT_4X8, CU_AD_FORMAT_SIGNED_INT8, 4},
    {CU_RES_VIEW_FORMAT_UINT_1X16, CU_AD_FORMAT_UNSIGNED_INT16, 1},
    {CU_RES_VIEW_FORMAT_UINT_2X16, CU_AD_FORMAT_UNSIGNED_INT16, 2},
    {CU_RES_VIEW_FORMAT_UINT_4X16, CU_AD_FORMAT_UNSIGNED_INT16, 4},
    {CU_RES_VIEW_FORMAT_SINT_1X16, CU_AD_FORMAT_SIGNED_INT16, 1},
    {CU_RES_VIEW_FORMAT_SINT_2X16, CU_AD_FORMAT_SIGNED_INT16, 2},
    {CU_RES_VIEW_FORMAT_SINT_4X16, CU_AD_FORMAT_SIGNED_INT16, 4},
    {CU_RES_VIEW_FORMAT_UINT_1X32, CU_AD_FORMAT_UNSIGNED_INT32, 1},
    {CU_RES_VIEW_FORMAT_UINT_2X32, CU_AD_FORMAT_UNSIGNED_INT32, 2},
    {CU_RES_VIEW_FORMAT_UINT_4X32, CU_AD_FORMAT_UNSIGNED_INT32, 4},
    {CU_RES_VIEW_FORMAT_SINT_1X32, CU_AD_FORMAT_SIGNED_INT32, 1},
    {CU_RES_VIEW_FORMAT_SINT_2X32, CU_AD_FORMAT_SIGNED_INT32, 2},
    {CU_RES_VIEW_FORMAT_SINT_4X32, CU_AD_FORMAT_SIGNED_INT32, 4},
    {CU_RES_VIEW_FORMAT_FLOAT_1X16, CU_AD_FORMAT_HALF, 1},
    {CU_RES_VIEW_FORMAT_FLOAT_2X16, CU_AD_FORMAT_HALF, 2},
    {CU_RES_VIEW_FORMAT_FLOAT_4X16, CU_AD_FORMAT_HALF, 4},
    {CU_RES_VIEW_FORMAT_FLOAT_1X32, CU_AD_FORMAT_FLOAT, 1},
    {CU_RES_VIEW_FORMAT_FLOAT_2X32, CU_AD_FORMAT_FLOAT, 2},
    {CU_RES_VIEW_FORMAT_FLOAT_4X32, CU_AD_FORMAT_FLOAT, 4},
    {CU_RES_VIEW_FORMAT_UNSIGNED_BC1, CU_AD_FORMAT_BC1_UNORM, 4},
    {CU_RES_VIEW_FORMAT_UNSIGNED_BC2, CU_AD_FORMAT_BC2_UNORM, 4},
    {CU_RES_VIEW_FORMAT_UNSIGNED_BC3, CU_AD_FORMAT_BC3_UNORM, 4},
    {CU_RES_VIEW_FORMAT_UNSIGNED_BC4, CU_AD_FORMAT_BC4_UNORM, 1},
    {CU_RES_VIEW_FORMAT_SIGNED_BC4, CU_AD_FORMAT_BC4_SNORM, 1},
    {CU_RES_VIEW_FORMAT_UNSIGNED_BC5, CU_AD_FORMAT_BC5_UNORM, 2},
    {CU_RES_VIEW_FORMAT_SIGNED_BC5, CU_AD_FORMAT_BC5_SNORM, 2},
    {CU_RES_VIEW_FORMAT_UNSIGNED_BC7, CU_AD_FORMAT_BC7_UNORM, 4},
};

template <typename Row, typename Key>
const Row* Find(std::span<const Row> rows, Key Row::* key, Key wanted) {
  for (const Row& row : rows) {
    if (row.*key == wanted) return &row;
  }
  return nullptr;
}

}  // namespace

uint16_t TexelFormat::ChannelOrder(uint32_t given_channels) const {
  return given_channels == 1 ? kOrderR : given_channels == 2 ? kOrderRg : kOrderRgba;
}

const TexelFormat* FindTexelFormat(CUarray_format format) {
  return Find<TexelFormat>(kFormats, &TexelFormat::format, format);
}
const PlanarFormat* FindPlanarFormat(CUarray_format format) {
  return Find<PlanarFormat>(kPlanarFormats, &PlanarFormat::format, format);
}
const ViewFormat* FindViewFormat(CUresourceViewFormat view) {
  return Find<ViewFormat>(kViewFormats, &ViewFormat::view, view);
}

}  // namespace tq::core
