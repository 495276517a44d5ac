// A CUtensorMap (CUDA driver API, "Tensor Map Object Management"; PTX ISA, "Tensors"): 128 opaque bytes, of
// which this is our layout. cuTensorMapEncode* fills it in, tensormap.replace changes it, tensor copies read
// it. C, for the device library too.
#ifndef TIANQIAO_BASE_TENSOR_MAP_H_
#define TIANQIAO_BASE_TENSOR_MAP_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum tq_tensor_type {  // as tensormap.replace numbers them
  TQ_TENSOR_U8,
  TQ_TENSOR_U16,
  TQ_TENSOR_U32,
  TQ_TENSOR_S32,
  TQ_TENSOR_U64,
  TQ_TENSOR_S64,
  TQ_TENSOR_F16,
  TQ_TENSOR_F32,
  TQ_TENSOR_F32_FTZ,
  TQ_TENSOR_F64,
  TQ_TENSOR_BF16,
  TQ_TENSOR_TF32,
  TQ_TENSOR_TF32_FTZ,
  TQ_TENSOR_B4X16,      // 16 of 4 bits in 8 bytes
  TQ_TENSOR_B4X16_P64,  // the same, and in shared memory 8 bytes of padding behind
  TQ_TENSOR_B6X16_P32,  // 16 of 6 bits in 12 bytes, and in shared memory 4 of padding; stored, a byte each
  TQ_TENSOR_TYPES,
};

enum tq_tensor_interleave { TQ_INTERLEAVE_NONE, TQ_INTERLEAVE_16B, TQ_INTERLEAVE_32B };
enum tq_tensor_swizzle { TQ_SWIZZLE_NONE, TQ_SWIZZLE_32B, TQ_SWIZZLE_64B, TQ_SWIZZLE_128B };
// Of TQ_SWIZZLE_128B: what moves as a whole.
enum tq_tensor_atomicity { TQ_ATOM_16B, TQ_ATOM_32B, TQ_ATOM_32B_FLIP_8B, TQ_ATOM_64B };

// All zeros is a map too: kernels build theirs from that.
typedef struct tq_tensor_map {
  uint64_t address;
  uint64_t strides[4];  // bytes, of dimensions 1 to 4
  uint32_t sizes[5];    // elements; 0 is 2^32
  uint16_t box[5];      // elements that a copy spans in each dimension
  uint8_t element_strides[5];
  uint8_t rank;        // less one
  uint8_t type;        // tq_tensor_type
  uint8_t interleave;  // tq_tensor_interleave
  uint8_t swizzle, atomicity;
  uint8_t fills_with_nan;
  // im2col: the box in the dimensions between the first and the last, and how much a copy takes; in those
  // along a line, the first of the box's alone counts.
  int16_t lower[3], upper[3];
  uint16_t channels, pixels;
  uint8_t reserved[24];
} tq_tensor_map;

#ifdef __cplusplus
static_assert(sizeof(tq_tensor_map) == 128);
}
#else
_Static_assert(sizeof(tq_tensor_map) == 128, "a CUtensorMap");
#endif
#endif  // TIANQIAO_BASE_TENSOR_MAP_H_
