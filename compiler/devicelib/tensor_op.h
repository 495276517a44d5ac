// How tcgen05.mma is told to tensor_float.c and tensor_integer.c (PTX ISA, "TensorCore 5th Generation Matrix
// Multiply and Accumulate Operations"): 64-bit operands in a row, and a number packed from the fields below,
// a constant.
#ifndef TIANQIAO_COMPILER_DEVICELIB_TENSOR_OP_H_
#define TIANQIAO_COMPILER_DEVICELIB_TENSOR_OP_H_

// "0" and "1" are the blocks of a pair by the last bit of their rank; without a pair there is 0 alone.
enum tq_tensor_operand {
  TQ_TENSOR_MEMORY_0,  // tensor memory, as the device gives it
  TQ_TENSOR_MEMORY_1,
  TQ_TENSOR_SHARED_0,  // shared memory
  TQ_TENSOR_SHARED_1,
  TQ_TENSOR_D,  // addresses in tensor memory, descriptors
  TQ_TENSOR_A,
  TQ_TENSOR_B,
  TQ_TENSOR_META,
  TQ_TENSOR_IDESC,
  TQ_TENSOR_SCALE_A,
  TQ_TENSOR_SCALE_B,
  TQ_TENSOR_ZERO_MASK,
  TQ_TENSOR_ENABLE,  // 0: D is not read
  TQ_TENSOR_KEEP,    // lanes of D that keep what they have: 128 bits of block 0, then of block 1
  TQ_TENSOR_OPERANDS = TQ_TENSOR_KEEP + 4,
};

enum tq_tensor_kind {
  TQ_TENSOR_F16,
  TQ_TENSOR_TF32,
  TQ_TENSOR_F8F6F4,
  TQ_TENSOR_I8,
  TQ_TENSOR_MXF8F6F4,
  TQ_TENSOR_MXF4,
};

// Lowest bit of each field.
#define TQ_TENSOR_KIND 0         // tq_tensor_kind, 3 bits
#define TQ_TENSOR_A_IN_TENSOR 3  // A is in tensor memory
#define TQ_TENSOR_PAIR 4         // .cta_group::2
#define TQ_TENSOR_SPARSE 5
#define TQ_TENSOR_STATIONARY 6  // .ws
#define TQ_TENSOR_SHIFTED 7     // .ashift
#define TQ_TENSOR_SCALES 8      // scales of a row, unless K is 96: 0, 1, 2, 4; 3 bits
#define TQ_TENSOR_ZEROES 11     // there is a zero-column mask
#define TQ_TENSOR_SCALE_D 12    // scale-input-d, 4 bits

// Shapes and formats of tcgen05.cp.
enum tq_tensor_copy_shape {
  TQ_TENSOR_COPY_128X256B,
  TQ_TENSOR_COPY_4X256B,
  TQ_TENSOR_COPY_128X128B,
  TQ_TENSOR_COPY_64X128B_02_13,
  TQ_TENSOR_COPY_64X128B_01_23,
  TQ_TENSOR_COPY_32X128B,
};
enum tq_tensor_copy_format { TQ_TENSOR_COPY_PLAIN, TQ_TENSOR_COPY_B6X16, TQ_TENSOR_COPY_B4X16 };

#endif  // TIANQIAO_COMPILER_DEVICELIB_TENSOR_OP_H_
