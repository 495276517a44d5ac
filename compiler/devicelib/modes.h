// Constants that the lowering passes to the device library. Every parameter named `mode`, `op` or `flags` in
// the library is a constant at each call: the functions are inlined and fold to the one case asked for.
#ifndef TIANQIAO_COMPILER_DEVICELIB_MODES_H_
#define TIANQIAO_COMPILER_DEVICELIB_MODES_H_

// Rounding (PTX ISA, "Rounding Modifiers"). The integer modes .rni .rzi .rmi .rpi use the same values.
enum tq_rounding {
  TQ_RN,  // nearest, ties to even
  TQ_RZ,
  TQ_RM,
  TQ_RP,
  TQ_RNA,  // nearest, ties away from zero (cvt to tf32)
};

// What a conversion or an arithmetic operation does to its result.
enum tq_result_flags {
  TQ_SAT = 1,        // clamp to [0, 1], NaN becomes +0
  TQ_RELU = 2,       // negative becomes +0, NaN becomes the canonical NaN
  TQ_SATFINITE = 4,  // out of range becomes the largest finite value
  TQ_FTZ = 8,        // flush subnormal inputs and results to zero of the same sign
  TQ_NAN = 16,       // min and max: NaN if either input is NaN
  TQ_XORSIGN = 32,   // min and max: compare magnitudes, sign is the exclusive or (.xorsign.abs)
  TQ_ABS = 64,       // redux: compare magnitudes
  TQ_OOB = 256,      // fma.oob
  TQ_PLAIN = 128,    // atomics: no other OS thread touches the location
};

enum tq_shuffle { TQ_SHFL_UP, TQ_SHFL_DOWN, TQ_SHFL_BFLY, TQ_SHFL_IDX };
enum tq_vote { TQ_VOTE_ALL, TQ_VOTE_ANY, TQ_VOTE_UNI };

// Operations of redux, red, atom and cp.reduce.
enum tq_reduction {
  TQ_ADD,
  TQ_MIN,
  TQ_MAX,
  TQ_AND,
  TQ_OR,
  TQ_XOR,
  TQ_INC,
  TQ_DEC,
  TQ_EXCH,
  TQ_CAS,
};

// Copies of tensors (tensor.c), and the fields of tensormap.replace.
enum tq_tensor_direction { TQ_TENSOR_LOAD, TQ_TENSOR_STORE, TQ_TENSOR_REDUCE };
enum tq_tensor_field {
  TQ_TENSOR_GLOBAL_ADDRESS,
  TQ_TENSOR_RANK,
  TQ_TENSOR_BOX_DIM,
  TQ_TENSOR_GLOBAL_DIM,
  TQ_TENSOR_GLOBAL_STRIDE,
  TQ_TENSOR_ELEMENT_STRIDE,
  TQ_TENSOR_ELEMTYPE,
  TQ_TENSOR_INTERLEAVE_LAYOUT,
  TQ_TENSOR_SWIZZLE_MODE,
  TQ_TENSOR_FILL_MODE,
  TQ_TENSOR_SWIZZLE_ATOMICITY,
};

// Arithmetic on half types (half.c).
enum tq_half_op { TQ_HALF_ADD, TQ_HALF_SUB, TQ_HALF_MUL, TQ_HALF_MIN, TQ_HALF_MAX };
enum tq_half_format { TQ_F16, TQ_BF16 };

// 8-bit and smaller formats (PTX ISA, "Alternate Floating-Point Data Formats").
enum tq_narrow_format { TQ_E4M3, TQ_E5M2, TQ_E2M1, TQ_E2M3, TQ_E3M2, TQ_UE8M0 };

// Integer comparisons of vset.
enum tq_compare { TQ_EQ, TQ_NE, TQ_LT, TQ_LE, TQ_GT, TQ_GE };

// Video instructions (PTX ISA, "Video Instructions").
enum tq_video_op {
  TQ_VADD,
  TQ_VSUB,
  TQ_VABSDIFF,
  TQ_VMIN,
  TQ_VMAX,
  TQ_VSHL,
  TQ_VSHR,
  TQ_VAVRG,
};
enum tq_video_select { TQ_WHOLE, TQ_B0, TQ_B1, TQ_B2, TQ_B3, TQ_H0, TQ_H1 };
enum tq_video_merge {
  TQ_MERGE_NONE,
  TQ_MERGE_ADD,
  TQ_MERGE_MIN,
  TQ_MERGE_MAX,
  TQ_MERGE_B0,
  TQ_MERGE_B1,
  TQ_MERGE_B2,
  TQ_MERGE_B3,
  TQ_MERGE_H0,
  TQ_MERGE_H1
};
enum tq_video_flags {
  TQ_VIDEO_A_SIGNED = 1,
  TQ_VIDEO_B_SIGNED = 2,
  TQ_VIDEO_D_SIGNED = 4,
  TQ_VIDEO_SAT = 8,
  TQ_VIDEO_WRAP = 16,  // shifts: count modulo the width; otherwise clamped to it
};

// Textures and surfaces (PTX ISA, "Texture Instructions", "Surface Instructions"). The lowest bits of the
// flags of a fetch are the dimensions of its coordinates.
enum tq_texture_request {
  TQ_TEXTURE_DIMENSIONS = 3,
  TQ_TEXTURE_COMPARE = 4,       // texels become 1 where the reference is not above them, else 0
  TQ_TEXTURE_EXPLICIT_LOD = 8,  // otherwise the base level, without bias
  TQ_TEXTURE_CUBE = 16,         // the coordinates are a direction
  TQ_TEXTURE_COMPONENT = 8,     // bits of tld4's component, shifted by it
};
enum tq_texture_query {
  TQ_QUERY_WIDTH,
  TQ_QUERY_HEIGHT,
  TQ_QUERY_DEPTH,
  TQ_QUERY_CHANNEL_DATA_TYPE,
  TQ_QUERY_CHANNEL_ORDER,
  TQ_QUERY_NORMALIZED_COORDS,
  TQ_QUERY_ARRAY_SIZE,
  TQ_QUERY_NUM_MIPMAP_LEVELS,
  TQ_QUERY_NUM_SAMPLES,
  TQ_QUERY_FORCE_UNNORMALIZED_COORDS,
  TQ_QUERY_FILTER_MODE,
  TQ_QUERY_ADDR_MODE_0,
  TQ_QUERY_ADDR_MODE_1,
  TQ_QUERY_ADDR_MODE_2,
  TQ_QUERY_MEMORY_LAYOUT,
};
enum tq_surface_clamp { TQ_SURFACE_TRAP, TQ_SURFACE_CLAMP, TQ_SURFACE_ZERO };

#endif  // TIANQIAO_COMPILER_DEVICELIB_MODES_H_
