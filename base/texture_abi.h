// What a texture, sampler or surface handle stands for in a kernel: a descriptor in memory that the device's
// kernels read. The runtime fills descriptors in, code of the compiler reads them; no device needs to know.
// C, so that compiler/devicelib includes it too.
//
// A handle is the device address of its descriptor, and a live descriptor repeats that address in `self`: a
// wild handle, or that of something destroyed, is a fault of the kernel (TQ_CPU_FAULT_ILLEGAL_ADDRESS or what
// the device has in its place). Every coordinate is brought inside the sizes given here before memory is
// touched, so that a live descriptor whose levels lie in mapped memory is safe whatever a kernel asks of it.
// A PTX variable or parameter of type .texref, .samplerref or .surfref holds a handle in its 8 bytes.
//
// Growing it: append fields in front of `levels`' end, raise TQ_TEXTURE_ABI_VERSION when a meaning changes.
#ifndef TIANQIAO_BASE_TEXTURE_ABI_H_
#define TIANQIAO_BASE_TEXTURE_ABI_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TQ_TEXTURE_ABI_VERSION 1
#define TQ_TEXTURE_ALIGN_BYTES 64  // of a descriptor
#define TQ_TEXTURE_MAX_LEVELS 18   // a side of 131072 texels and all its halves

enum tq_texture_kind { TQ_TEXTURE_DEAD, TQ_TEXTURE_TEXTURE, TQ_TEXTURE_SAMPLER, TQ_TEXTURE_SURFACE };

// How the bytes of a texel become four values. Integers come out as they are, in 32 bits; all others as
// single precision, in [0, 1] or [-1, 1] for the normalized ones. Channels that a texel lacks are 0, 0, 1.
enum tq_texel {
  TQ_TEXEL_U8,
  TQ_TEXEL_U16,
  TQ_TEXEL_U32,
  TQ_TEXEL_S8,
  TQ_TEXEL_S16,
  TQ_TEXEL_S32,
  TQ_TEXEL_F16,  // from here on filtering has a meaning
  TQ_TEXEL_F32,
  TQ_TEXEL_UNORM8,
  TQ_TEXEL_UNORM16,
  TQ_TEXEL_SNORM8,
  TQ_TEXEL_SNORM16,
  TQ_TEXEL_SRGB8,  // alpha is linear
  TQ_TEXEL_UNORM10_10_10_2,
  TQ_TEXEL_BC1,  // from here on blocks of 4 x 4 texels
  TQ_TEXEL_BC2,
  TQ_TEXEL_BC3,
  TQ_TEXEL_BC1_SRGB,
  TQ_TEXEL_BC2_SRGB,
  TQ_TEXEL_BC3_SRGB,
  TQ_TEXEL_BC4,
  TQ_TEXEL_BC4_SIGNED,
  TQ_TEXEL_BC5,
  TQ_TEXEL_BC5_SIGNED,
  TQ_TEXEL_BC6H,
  TQ_TEXEL_BC6H_SIGNED,
  TQ_TEXEL_BC7,
  TQ_TEXEL_BC7_SRGB,
};
#define TQ_TEXEL_FIRST_FILTERED TQ_TEXEL_F16
#define TQ_TEXEL_FIRST_BLOCK TQ_TEXEL_BC1

enum tq_texture_address { TQ_ADDRESS_WRAP, TQ_ADDRESS_CLAMP, TQ_ADDRESS_MIRROR, TQ_ADDRESS_BORDER };
enum tq_texture_filter { TQ_FILTER_NEAREST, TQ_FILTER_LINEAR };

enum tq_texture_flags {
  TQ_TEXTURE_NORMALIZED = 1 << 0,  // coordinates run from 0 to 1
  TQ_TEXTURE_SEAMLESS = 1 << 1,    // a cube is filtered across its edges
  TQ_TEXTURE_BUFFER = 1 << 2,      // one row of memory: zero outside, whatever the address mode
  TQ_TEXTURE_LAYERED = 1 << 3,     // slices are layers, not depth
};

// One image of a mipmap pyramid, in texels; blocks are stored in rows of blocks.
typedef struct tq_texture_level {
  uint64_t address;
  uint64_t row_pitch_bytes, slice_pitch_bytes;
  uint32_t width, height, slices;  // each at least 1; slices: depth, or layers, or faces of all cubes
  uint32_t reserved;
} tq_texture_level;

typedef struct tq_texture {
  uint64_t self;  // address of this descriptor, 0 when dead
  uint8_t kind;   // tq_texture_kind
  // The image: of textures and surfaces.
  uint8_t texel;        // tq_texel
  uint8_t channels;     // 1, 2 or 4
  uint8_t texel_bytes;  // or those of a block
  uint8_t level_count;  // 1 .. TQ_TEXTURE_MAX_LEVELS
  // The sampler: of textures in unified mode, and of samplers.
  uint8_t filter, mip_filter;  // tq_texture_filter
  uint8_t max_anisotropy;
  uint8_t address_mode[3];  // tq_texture_address
  uint8_t flags;            // tq_texture_flags
  uint32_t array_size;      // layers (cubes for arrays of cubes), 0 when not layered
  float lod_bias, min_lod, max_lod;
  uint16_t channel_data_type, channel_order;  // what queries answer (OpenCL's codes)
  uint32_t border[4];                         // what is outside, as the bits that a fetch returns
  uint64_t reserved[1];
  tq_texture_level levels[TQ_TEXTURE_MAX_LEVELS];
} tq_texture;

#ifdef __cplusplus
static_assert(sizeof(tq_texture_level) == 40 && offsetof(tq_texture, levels) == 64,
              "kernels are compiled against this layout");
}  // extern "C"
#endif
#endif  // TIANQIAO_BASE_TEXTURE_ABI_H_
