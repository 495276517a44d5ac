// How an instruction of PTX ISA, "Warp Level Matrix Instructions" is told to matrix_*.c: one 64-bit number,
// packed from the fields below. compiler/lower builds it, as a constant but for selectors that are in
// registers.
#ifndef TIANQIAO_COMPILER_DEVICELIB_MATRIX_OP_H_
#define TIANQIAO_COMPILER_DEVICELIB_MATRIX_OP_H_

// Elements of A and B in registers. E3M2, E2M3 and E2M1 lie in containers of 8 bits (kind::f8f6f4 and
// kind::mxf8f6f4), E2M1_PACKED has 4 bits (kind::mxf4 and kind::mxf4nvf4).
enum tq_matrix_element {
  TQ_MATRIX_F16,
  TQ_MATRIX_BF16,
  TQ_MATRIX_TF32,
  TQ_MATRIX_F64,
  TQ_MATRIX_U8,
  TQ_MATRIX_S8,
  TQ_MATRIX_U4,
  TQ_MATRIX_S4,
  TQ_MATRIX_B1,
  TQ_MATRIX_E4M3,
  TQ_MATRIX_E5M2,
  TQ_MATRIX_E3M2,
  TQ_MATRIX_E2M3,
  TQ_MATRIX_E2M1,
  TQ_MATRIX_E2M1_PACKED,
  TQ_MATRIX_F32,  // accumulators only, as the next
  TQ_MATRIX_S32,
};

// Lowest bit and width of each field of a multiplication.
#define TQ_MMA_A 0  // tq_matrix_element
#define TQ_MMA_B 5
#define TQ_MMA_C_F16 10  // C and D: f16 instead of f32
#define TQ_MMA_D_F16 11
#define TQ_MMA_ROWS 12     // eighths of M: 1, 2, 4
#define TQ_MMA_COLUMNS 15  // eighths of N: 1, 2
#define TQ_MMA_K 17        // up to 256: 9 bits
#define TQ_MMA_SPARSE 26   // A holds half of K; a word of metadata follows C
#define TQ_MMA_SATFINITE 27
#define TQ_MMA_AND 28       // b1: and instead of xor
#define TQ_MMA_A_COLUMN 29  // m8n8k4 of f16: A by columns
#define TQ_MMA_B_ROW 30     // m8n8k4 of f16: B by rows
#define TQ_MMA_ROUNDING 31  // f64: tq_rounding, 2 bits
#define TQ_MMA_SCALES 33    // scales of a row of A or column of B: 0, 1, 2, 4; 3 bits
#define TQ_MMA_UE4M3 36     // scales are ue4m3 instead of ue8m0
#define TQ_MMA_SELECTOR 37  // sparsity selector, 2 bits
#define TQ_MMA_BYTE_A 39    // scale-vector selectors, 2 bits each
#define TQ_MMA_THREAD_A 41
#define TQ_MMA_BYTE_B 43
#define TQ_MMA_THREAD_B 45

// Fields of ldmatrix and stmatrix.
#define TQ_MATRIX_COUNT 0  // matrices: 1, 2, 4; 3 bits
#define TQ_MATRIX_TRANS 3
#define TQ_MATRIX_SHAPE 4   // tq_matrix_shape, 2 bits
#define TQ_MATRIX_FORMAT 6  // tq_matrix_format, 2 bits

enum tq_matrix_shape { TQ_M8N8, TQ_M16N16, TQ_M8N16, TQ_M16N8 };
enum tq_matrix_format { TQ_PLAIN_ELEMENTS, TQ_B6X16_P32, TQ_B4X16_P64 };

#endif  // TIANQIAO_COMPILER_DEVICELIB_MATRIX_OP_H_
