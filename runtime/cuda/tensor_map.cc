// runtime/api/tensor_map.td: CUDA driver API, "Tensor Map Object Management". The layout is
// base/tensor_map.h's.
#include "base/tensor_map.h"

#include <bit>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "api/tensor_map.h"
#include "base/status.h"
#include "runtime/core/error.h"

namespace tq::cuda::impl {
namespace {

constexpr uint64_t kMostElements = uint64_t{1} << 32, kStrideEnd = uint64_t{1} << 40;
constexpr uint32_t kMostBox = 256, kMostElementStride = 8, kMostPixels = 1024, kPackedBox = 128;
constexpr uint32_t kWidePixels = 128;
constexpr uint64_t kDescriptorAlign = 64;

struct DataType {
  CUtensorMapDataType type;
  tq_tensor_type kernel_type;
  uint32_t element_bits;
  bool is_float;
  bool is_padded;  // 16 elements take 16 bytes of shared memory
};
constexpr DataType kDataTypes[] = {
    {CU_TENSOR_MAP_DATA_TYPE_UINT8, TQ_TENSOR_U8, 8, false, false},
    {CU_TENSOR_MAP_DATA_TYPE_UINT16, TQ_TENSOR_U16, 16, false, false},
    {CU_TENSOR_MAP_DATA_TYPE_UINT32, TQ_TENSOR_U32, 32, false, false},
    {CU_TENSOR_MAP_DATA_TYPE_INT32, TQ_TENSOR_S32, 32, false, false},
    {CU_TENSOR_MAP_DATA_TYPE_UINT64, TQ_TENSOR_U64, 64, false, false},
    {CU_TENSOR_MAP_DATA_TYPE_INT64, TQ_TENSOR_S64, 64, false, false},
    {CU_TENSOR_MAP_DATA_TYPE_FLOAT16, TQ_TENSOR_F16, 16, true, false},
    {CU_TENSOR_MAP_DATA_TYPE_FLOAT32, TQ_TENSOR_F32, 32, true, false},
    {CU_TENSOR_MAP_DATA_TYPE_FLOAT64, TQ_TENSOR_F64, 64, true, false},
    {CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, TQ_TENSOR_BF16, 16, true, false},
    {CU_TENSOR_MAP_DATA_TYPE_FLOAT32_FTZ, TQ_TENSOR_F32_FTZ, 32, true, false},
    {CU_TENSOR_MAP_DATA_TYPE_TFLOAT32, TQ_TENSOR_TF32, 32, true, false},
    {CU_TENSOR_MAP_DATA_TYPE_TFLOAT32_FTZ, TQ_TENSOR_TF32_FTZ, 32, true, false},
    {CU_TENSOR_MAP_DATA_TYPE_16U4_ALIGN8B, TQ_TENSOR_B4X16, 4, false, false},
    {CU_TENSOR_MAP_DATA_TYPE_16U4_ALIGN16B, TQ_TENSOR_B4X16_P64, 4, false, true},
    {CU_TENSOR_MAP_DATA_TYPE_16U6_ALIGN16B, TQ_TENSOR_B6X16_P32, 6, false, true},
};

struct Swizzle {
  CUtensorMapSwizzle swizzle;
  tq_tensor_swizzle mode;
  tq_tensor_atomicity atomicity;
  uint32_t span_bytes;
};
constexpr Swizzle kSwizzles[] = {
    {CU_TENSOR_MAP_SWIZZLE_NONE, TQ_SWIZZLE_NONE, TQ_ATOM_16B, 0},
    {CU_TENSOR_MAP_SWIZZLE_32B, TQ_SWIZZLE_32B, TQ_ATOM_16B, 32},
    {CU_TENSOR_MAP_SWIZZLE_64B, TQ_SWIZZLE_64B, TQ_ATOM_16B, 64},
    {CU_TENSOR_MAP_SWIZZLE_128B, TQ_SWIZZLE_128B, TQ_ATOM_16B, 128},
    {CU_TENSOR_MAP_SWIZZLE_128B_ATOM_32B, TQ_SWIZZLE_128B, TQ_ATOM_32B, 128},
    {CU_TENSOR_MAP_SWIZZLE_128B_ATOM_32B_FLIP_8B, TQ_SWIZZLE_128B, TQ_ATOM_32B_FLIP_8B, 128},
    {CU_TENSOR_MAP_SWIZZLE_128B_ATOM_64B, TQ_SWIZZLE_128B, TQ_ATOM_64B, 128},
};

template <typename Row, size_t n, typename Key>
const Row* Find(const Row (&rows)[n], Key Row::* key, Key wanted) {
  for (const Row& row : rows) {
    if (row.*key == wanted) return &row;
  }
  return nullptr;
}

template <typename... Parts>
absl::Status Wrong(const Parts&... parts) {
  return core::CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat(parts...));
}

// What every kind of map says of the tensor and of shared memory.
struct Description {
  CUtensorMap* map;
  CUtensorMapDataType type;
  uint32_t rank;
  void* address;
  const cuuint64_t* sizes;
  const cuuint64_t* strides;
  const cuuint32_t* element_strides;
  CUtensorMapInterleave interleave;
  CUtensorMapSwizzle swizzle;
  CUtensorMapL2promotion promotion;
  CUtensorMapFloatOOBfill fill;
  uint32_t least_rank;
};

absl::Status CheckAddress(uint64_t address, uint64_t align) {
  if (address % align != 0) {
    return Wrong("the global address is no multiple of ", align, " (", absl::Hex(address), ")");
  }
  return absl::OkStatus();
}

// Of addresses and strides, in bytes.
uint64_t AlignOf(bool is_padded, uint32_t interleave) {
  return is_padded || interleave == TQ_INTERLEAVE_32B ? 32 : 16;
}

absl::Status CheckDimensions(const Description& d, const DataType& type) {
  for (uint32_t i = 0; i < d.rank; ++i) {
    if (d.sizes[i] == 0 || d.sizes[i] > kMostElements) {
      return Wrong("dimension ", i, " of the tensor is not between 1 and 2^32 (", d.sizes[i], ")");
    }
    if (d.element_strides[i] == 0 || d.element_strides[i] > kMostElementStride) {
      return Wrong("element stride ", i, " is not between 1 and ", kMostElementStride, " (",
                   d.element_strides[i], ")");
    }
  }
  const uint64_t multiple = type.is_padded                                      ? kPackedBox
                            : type.type == CU_TENSOR_MAP_DATA_TYPE_16U4_ALIGN8B ? 2
                                                                                : 1;
  if (d.sizes[0] % multiple != 0) {
    return Wrong("the first dimension is no multiple of ", multiple, " (", d.sizes[0], ")");
  }
  const uint64_t align = AlignOf(type.is_padded, d.interleave);
  for (uint32_t i = 0; i + 1 < d.rank; ++i) {
    if (d.strides[i] % align != 0 || d.strides[i] >= kStrideEnd) {
      return Wrong("stride ", i, " is no multiple of ", align, " below 2^40 (", d.strides[i], ")");
    }
  }
  return absl::OkStatus();
}

// Checks and writes all but the box. `inner_bytes`: of the box's first dimension, in shared memory.
absl::StatusOr<tq_tensor_map> Describe(const Description& d, uint64_t inner_elements) {
  if (reinterpret_cast<uint64_t>(d.map) % kDescriptorAlign != 0) {
    return Wrong("the tensor map is not aligned to ", kDescriptorAlign, " bytes");
  }
  const DataType* const type = Find(kDataTypes, &DataType::type, d.type);
  if (type == nullptr)
    return Wrong("there is no tensor data type of that number (", static_cast<int>(d.type), ")");
  const Swizzle* const swizzle = Find(kSwizzles, &Swizzle::swizzle, d.swizzle);
  if (swizzle == nullptr)
    return Wrong("there is no swizzle of that number (", static_cast<int>(d.swizzle), ")");
  if (d.rank < d.least_rank || d.rank > 5) {
    return Wrong("the rank is not between ", d.least_rank, " and 5 (", d.rank, ")");
  }
  if (d.promotion < CU_TENSOR_MAP_L2_PROMOTION_NONE || d.promotion > CU_TENSOR_MAP_L2_PROMOTION_L2_256B) {
    return Wrong("there is no L2 promotion of that number (", static_cast<int>(d.promotion), ")");
  }
  if (d.interleave < CU_TENSOR_MAP_INTERLEAVE_NONE || d.interleave > CU_TENSOR_MAP_INTERLEAVE_32B) {
    return Wrong("there is no interleave of that number (", static_cast<int>(d.interleave), ")");
  }
  const bool is_interleaved = d.interleave != CU_TENSOR_MAP_INTERLEAVE_NONE;
  if (is_interleaved && d.rank < 3) return Wrong("an interleaved layout has at least rank 3 (", d.rank, ")");
  if (is_interleaved && type->is_padded) return Wrong("a packed type has no interleaved layout");
  if (d.interleave == CU_TENSOR_MAP_INTERLEAVE_32B && d.swizzle != CU_TENSOR_MAP_SWIZZLE_32B) {
    return Wrong("slices of 32 bytes need the swizzle of 32 bytes (", static_cast<int>(d.swizzle), ")");
  }
  if (d.fill != CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE &&
      (d.fill != CU_TENSOR_MAP_FLOAT_OOB_FILL_NAN_REQUEST_ZERO_FMA || !type->is_float)) {
    return Wrong("such a fill needs a floating-point type (", static_cast<int>(d.fill), ")");
  }
  RETURN_IF_ERROR(
      CheckAddress(reinterpret_cast<uint64_t>(d.address), AlignOf(type->is_padded, d.interleave)));
  RETURN_IF_ERROR(CheckDimensions(d, *type));
  if (type->is_padded && inner_elements != kPackedBox) {
    return Wrong("the box of a packed type has ", kPackedBox, " elements in its first dimension (",
                 inner_elements, ")");
  }
  if (type->is_padded && (swizzle->mode == TQ_SWIZZLE_32B || swizzle->mode == TQ_SWIZZLE_64B ||
                          swizzle->atomicity == TQ_ATOM_32B_FLIP_8B)) {
    return Wrong("a packed type does not go with that swizzle (", static_cast<int>(d.swizzle), ")");
  }
  const uint64_t inner_bytes = type->is_padded ? inner_elements : inner_elements * type->element_bits / 8;
  if (!is_interleaved && inner_bytes % 16 != 0) {
    return Wrong("the box's first dimension is no multiple of 16 bytes (", inner_bytes, ")");
  }
  if (!is_interleaved && swizzle->span_bytes != 0 && inner_bytes > swizzle->span_bytes) {
    return Wrong("the box's first dimension has more bytes than the swizzle's ", swizzle->span_bytes, " (",
                 inner_bytes, ")");
  }

  tq_tensor_map map = {};
  map.address = reinterpret_cast<uint64_t>(d.address);
  for (uint32_t i = 0; i < d.rank; ++i) {
    map.sizes[i] = static_cast<uint32_t>(d.sizes[i]);
    map.element_strides[i] = static_cast<uint8_t>(d.element_strides[i]);
    if (i != 0) map.strides[i - 1] = d.strides[i - 1];
  }
  map.rank = static_cast<uint8_t>(d.rank - 1);
  map.type = static_cast<uint8_t>(type->kernel_type);
  map.interleave = static_cast<uint8_t>(d.interleave);
  map.swizzle = static_cast<uint8_t>(swizzle->mode);
  map.atomicity = static_cast<uint8_t>(swizzle->atomicity);
  map.fills_with_nan = d.fill != CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE;
  return map;
}

absl::Status CheckColumn(uint32_t channels, uint32_t pixels) {
  if (channels == 0 || channels > kMostBox) {
    return Wrong("the channels of a pixel are not between 1 and ", kMostBox, " (", channels, ")");
  }
  if (pixels == 0 || pixels > kMostPixels) {
    return Wrong("the pixels of a column are not between 1 and ", kMostPixels, " (", pixels, ")");
  }
  return absl::OkStatus();
}

// A corner in one dimension: 16 bits are shared by the `dimensions` that the box has.
absl::Status CheckCorners(const tq_tensor_map& map, uint32_t i, uint32_t dimensions, int lower, int upper) {
  constexpr int kBits[] = {15, 7, 4};
  const int most = 1 << kBits[dimensions - 1];
  for (const int corner : {lower, upper}) {
    if (corner < -most || corner >= most)
      return Wrong("corner ", i, " of the pixel box is out of range (", corner, ")");
  }
  const int64_t size = map.sizes[i + 1] != 0 ? int64_t{map.sizes[i + 1]} : int64_t{1} << 32;
  if (size + upper <= lower) return Wrong("the pixel box is empty in dimension ", i + 1);
  return absl::OkStatus();
}

absl::Status Write(const tq_tensor_map& map, CUtensorMap* out) {
  static_assert(sizeof(map) == sizeof(*out));
  std::memcpy(out, &map, sizeof(map));
  return absl::OkStatus();
}

}  // namespace

absl::Status cuTensorMapEncodeTiled(CUtensorMap* tensorMap, CUtensorMapDataType tensorDataType,
                                    cuuint32_t tensorRank, void* globalAddress, const cuuint64_t* globalDim,
                                    const cuuint64_t* globalStrides, const cuuint32_t* boxDim,
                                    const cuuint32_t* elementStrides, CUtensorMapInterleave interleave,
                                    CUtensorMapSwizzle swizzle, CUtensorMapL2promotion l2Promotion,
                                    CUtensorMapFloatOOBfill oobFill) {
  const Description description = {tensorMap, tensorDataType, tensorRank,     globalAddress,
                                   globalDim, globalStrides,  elementStrides, interleave,
                                   swizzle,   l2Promotion,    oobFill,        1};
  ASSIGN_OR_RETURN(tq_tensor_map map, Describe(description, boxDim[0]));
  for (uint32_t i = 0; i < tensorRank; ++i) {
    if (boxDim[i] == 0 || boxDim[i] > kMostBox) {
      return Wrong("dimension ", i, " of the box is not between 1 and ", kMostBox, " (", boxDim[i], ")");
    }
    map.box[i] = static_cast<uint16_t>(boxDim[i]);
  }
  return Write(map, tensorMap);
}

absl::Status cuTensorMapEncodeIm2col(CUtensorMap* tensorMap, CUtensorMapDataType tensorDataType,
                                     cuuint32_t tensorRank, void* globalAddress, const cuuint64_t* globalDim,
                                     const cuuint64_t* globalStrides, const int* pixelBoxLowerCorner,
                                     const int* pixelBoxUpperCorner, cuuint32_t channelsPerPixel,
                                     cuuint32_t pixelsPerColumn, const cuuint32_t* elementStrides,
                                     CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle,
                                     CUtensorMapL2promotion l2Promotion, CUtensorMapFloatOOBfill oobFill) {
  const Description description = {tensorMap, tensorDataType, tensorRank,     globalAddress,
                                   globalDim, globalStrides,  elementStrides, interleave,
                                   swizzle,   l2Promotion,    oobFill,        3};
  ASSIGN_OR_RETURN(tq_tensor_map map, Describe(description, channelsPerPixel));
  RETURN_IF_ERROR(CheckColumn(channelsPerPixel, pixelsPerColumn));
  for (uint32_t i = 0; i + 2 < tensorRank; ++i) {
    RETURN_IF_ERROR(CheckCorners(map, i, tensorRank - 2, pixelBoxLowerCorner[i], pixelBoxUpperCorner[i]));
    map.lower[i] = static_cast<int16_t>(pixelBoxLowerCorner[i]);
    map.upper[i] = static_cast<int16_t>(pixelBoxUpperCorner[i]);
  }
  map.channels = static_cast<uint16_t>(channelsPerPixel);
  map.pixels = static_cast<uint16_t>(pixelsPerColumn);
  return Write(map, tensorMap);
}

absl::Status cuTensorMapEncodeIm2colWide(
    CUtensorMap* tensorMap, CUtensorMapDataType tensorDataType, cuuint32_t tensorRank, void* globalAddress,
    const cuuint64_t* globalDim, const cuuint64_t* globalStrides, int pixelBoxLowerCornerWidth,
    int pixelBoxUpperCornerWidth, cuuint32_t channelsPerPixel, cuuint32_t pixelsPerColumn,
    const cuuint32_t* elementStrides, CUtensorMapInterleave interleave, CUtensorMapIm2ColWideMode mode,
    CUtensorMapSwizzle swizzle, CUtensorMapL2promotion l2Promotion, CUtensorMapFloatOOBfill oobFill) {
  if (mode != CU_TENSOR_MAP_IM2COL_WIDE_MODE_W && mode != CU_TENSOR_MAP_IM2COL_WIDE_MODE_W128) {
    return Wrong("there is no mode of that number (", static_cast<int>(mode), ")");
  }
  if (interleave != CU_TENSOR_MAP_INTERLEAVE_NONE) {
    return Wrong("columns along a line have no interleaved layout (", static_cast<int>(interleave), ")");
  }
  if (swizzle != CU_TENSOR_MAP_SWIZZLE_64B && swizzle != CU_TENSOR_MAP_SWIZZLE_128B &&
      swizzle != CU_TENSOR_MAP_SWIZZLE_128B_ATOM_32B) {
    return Wrong("columns along a line do not go with that swizzle (", static_cast<int>(swizzle), ")");
  }
  const Description description = {tensorMap, tensorDataType, tensorRank,     globalAddress,
                                   globalDim, globalStrides,  elementStrides, interleave,
                                   swizzle,   l2Promotion,    oobFill,        3};
  ASSIGN_OR_RETURN(tq_tensor_map map, Describe(description, channelsPerPixel));
  const uint32_t pixels = mode == CU_TENSOR_MAP_IM2COL_WIDE_MODE_W128 ? kWidePixels : pixelsPerColumn;
  RETURN_IF_ERROR(CheckColumn(channelsPerPixel, pixels));
  RETURN_IF_ERROR(CheckCorners(map, 0, 1, pixelBoxLowerCornerWidth, pixelBoxUpperCornerWidth));
  map.lower[0] = static_cast<int16_t>(pixelBoxLowerCornerWidth);
  map.upper[0] = static_cast<int16_t>(pixelBoxUpperCornerWidth);
  map.channels = static_cast<uint16_t>(channelsPerPixel);
  map.pixels = static_cast<uint16_t>(pixels);
  return Write(map, tensorMap);
}

absl::Status cuTensorMapReplaceAddress(CUtensorMap* tensorMap, void* globalAddress) {
  tq_tensor_map map;
  std::memcpy(&map, tensorMap, sizeof(map));
  const bool is_padded = map.type == TQ_TENSOR_B4X16_P64 || map.type == TQ_TENSOR_B6X16_P32;
  RETURN_IF_ERROR(
      CheckAddress(reinterpret_cast<uint64_t>(globalAddress), AlignOf(is_padded, map.interleave)));
  map.address = reinterpret_cast<uint64_t>(globalAddress);
  return Write(map, tensorMap);
}

}  // namespace tq::cuda::impl
