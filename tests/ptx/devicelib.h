// The device library, compiled for this machine from the same bitcode that the compiler embeds. Declarations
// come from the instruction table (devicelib_calls.inc); the others are those that handlers call with
// constants.
#pragma once

#include <cstdint>

#include "base/cpu_abi.h"
#include "compiler/devicelib/modes.h"

namespace tq::devicelib {

// The C types in which PTX types travel (compiler/devicelib/README.md).
using pred = uint32_t;
using b8 = uint8_t;
using b16 = uint16_t;
using b32 = uint32_t;
using b64 = uint64_t;
using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using s8 = int8_t;
using s16 = int16_t;
using s32 = int32_t;
using s64 = int64_t;
using f16 = uint16_t;
using bf16 = uint16_t;
using f16x2 = uint32_t;
using bf16x2 = uint32_t;
using u16x2 = uint32_t;
using s16x2 = uint32_t;
using tf32 = uint32_t;
using f32 = float;
using f64 = double;
using f32x2 = uint64_t;
using e4m3x2 = uint16_t;
using e5m2x2 = uint16_t;
using e2m3x2 = uint16_t;
using e3m2x2 = uint16_t;
using ue8m0x2 = uint16_t;
using e2m1x2 = uint8_t;
using e4m3x4 = uint32_t;
using e5m2x4 = uint32_t;
using e2m3x4 = uint32_t;
using e3m2x4 = uint32_t;
using e2m1x4 = uint16_t;
using s2f6x2 = uint16_t;
using u8x4 = uint32_t;
using s8x4 = uint32_t;
using address = uint8_t*;
using TexelBits = uint32_t __attribute__((vector_size(16)));

extern "C" {
#define DEVICELIB_CALL(name, result, ...) result name(__VA_ARGS__);
#include "isa/devicelib_calls.inc"
#undef DEVICELIB_CALL

float tq_add_f32(float, float, uint32_t mode);
float tq_sub_f32(float, float, uint32_t mode);
float tq_mul_f32(float, float, uint32_t mode);
float tq_fma_f32(float, float, float, uint32_t mode);
float tq_div_f32(float, float, uint32_t mode);
float tq_sqrt_f32(float, uint32_t mode);
double tq_add_f64(double, double, uint32_t mode);
double tq_mul_f64(double, double, uint32_t mode);
double tq_fma_f64(double, double, double, uint32_t mode);
double tq_div_f64(double, double, uint32_t mode);
double tq_sqrt_f64(double, uint32_t mode);
float tq_cvt_f32_f64(double, uint32_t mode);
float tq_cvt_f32_f16(uint16_t);
float tq_cvt_f32_bf16(uint16_t);
uint16_t tq_cvt_f16_f32(float, uint32_t mode, uint32_t flags);
uint16_t tq_cvt_bf16_f32(float, uint32_t mode, uint32_t flags);
uint16_t tq_cvt_f16_f64(double, uint32_t mode, uint32_t flags);
uint16_t tq_cvt_bf16_f64(double, uint32_t mode, uint32_t flags);
uint32_t tq_cvt_tf32_f32(float, uint32_t mode, uint32_t flags);
#define FROM_INT(type)                                              \
  uint16_t tq_cvt_f16_##type(type, uint32_t mode, uint32_t flags);  \
  uint16_t tq_cvt_bf16_##type(type, uint32_t mode, uint32_t flags); \
  float tq_cvt_f32_##type(type, uint32_t mode);                     \
  double tq_cvt_f64_##type(type, uint32_t mode);
FROM_INT(s64)
FROM_INT(u64)
#undef FROM_INT
#define TO_INT(type)                              \
  type tq_cvt_##type##_f32(float, uint32_t mode); \
  type tq_cvt_##type##_f64(double, uint32_t mode);
TO_INT(s8)
TO_INT(u8)
TO_INT(s16)
TO_INT(u16)
TO_INT(s32)
TO_INT(u32)
TO_INT(s64)
TO_INT(u64)
#undef TO_INT
e2m3x2 tq_cvt_e2m3x2_f16x2(f16x2);
e3m2x2 tq_cvt_e3m2x2_f16x2(f16x2);
e2m1x2 tq_cvt_e2m1x2_f16x2(f16x2);
float tq_rint_f32(float, uint32_t mode);
double tq_rint_f64(double, uint32_t mode);
float tq_sat_f32(float);
uint16_t tq_half(uint16_t, uint16_t, uint32_t op, uint32_t format, uint32_t flags);

uint32_t tq_atom_add_f32(uint32_t*, uint32_t, uint32_t flags);
uint16_t tq_atom_half(uint16_t*, uint16_t, uint32_t op, uint32_t format, uint32_t flags);
uint32_t tq_atom_half2(uint32_t*, uint32_t, uint32_t op, uint32_t format, uint32_t flags);
void tq_atom_exch_b128(unsigned __int128*, const unsigned __int128*, unsigned __int128*);
void tq_atom_cas_b128(unsigned __int128*, const unsigned __int128*, const unsigned __int128*,
                      unsigned __int128*);

void tq_mbarrier_init(uint64_t*, uint32_t count, uint32_t layout);
uint32_t tq_mbarrier_check_layout(const uint64_t*, uint32_t layout);
uint64_t tq_mbarrier_arrive(uint64_t*, uint32_t count);
uint64_t tq_mbarrier_arrive_drop(uint64_t*, uint32_t count);
uint64_t tq_mbarrier_arrive_expect_tx(uint64_t*, uint32_t bytes);
uint64_t tq_mbarrier_arrive_drop_expect_tx(uint64_t*, uint32_t bytes);
void tq_mbarrier_expect_tx(uint64_t*, uint32_t bytes);
void tq_mbarrier_complete_tx(uint64_t*, uint32_t bytes);
uint32_t tq_mbarrier_test_wait(const uint64_t*, uint64_t token);
uint32_t tq_mbarrier_test_wait_parity(const uint64_t*, uint32_t parity);
uint32_t tq_mbarrier_pending_count(uint64_t token);

void tq_cp_async(uint8_t*, const uint8_t*, uint32_t size, uint32_t source_size);
void tq_cp_async_bulk(uint8_t*, const uint8_t*, uint32_t size);

uint32_t tq_video(uint32_t, uint32_t, uint32_t, uint32_t op, uint32_t, uint32_t, uint32_t how,
                  uint32_t flags);
uint32_t tq_video_set(uint32_t, uint32_t, uint32_t, uint32_t op, uint32_t, uint32_t, uint32_t how,
                      uint32_t flags);
uint32_t tq_video_mad(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t negate, uint32_t scale,
                      uint32_t);
uint32_t tq_video2(uint32_t, uint32_t, uint32_t, uint32_t op, uint32_t, uint32_t, uint32_t mask, uint32_t,
                   uint32_t);
uint32_t tq_video4(uint32_t, uint32_t, uint32_t, uint32_t op, uint32_t, uint32_t, uint32_t mask, uint32_t,
                   uint32_t);

uint32_t tq_texture_is_alive(uint64_t handle, uint32_t kinds);
uint32_t tq_texture_kind_is(uint64_t handle, uint32_t kind);
uint32_t tq_texture_query(uint64_t handle, uint32_t query, int32_t lod);
#define SAMPLE(name)                                                                                 \
  TexelBits name(uint64_t image, uint64_t sampler, uint32_t slice, uint32_t offsets, uint32_t flags, \
                 float x, float y, float z, float lod, float reference);
SAMPLE(tq_texture_sample_1d)
SAMPLE(tq_texture_sample_2d)
SAMPLE(tq_texture_sample_3d)
SAMPLE(tq_texture_sample_cube)
#undef SAMPLE
TexelBits tq_texture_fetch(uint64_t image, uint64_t sampler, uint32_t slice, int32_t x, int32_t y, int32_t z,
                           int32_t lod, uint32_t flags);
TexelBits tq_texture_gather(uint64_t image, uint64_t sampler, uint32_t slice, uint32_t offsets,
                            uint32_t flags, float x, float y, float z, float reference);
float tq_texture_lod(uint64_t image, uint64_t sampler, uint32_t flags, float x0, float x1, float x2, float y0,
                     float y1, float y2);
float tq_texture_lod_cube(uint64_t image, float x, float y, float z, float x0, float x1, float x2, float y0,
                          float y1, float y2);
uint64_t tq_surface_address(uint64_t handle, int32_t x, int32_t y, int32_t z, uint32_t size,
                            uint32_t is_scaled, uint32_t clamp);
void tq_surface_store(uint64_t handle, uint64_t address, uint32_t r, uint32_t g, uint32_t b, uint32_t a);

#define SHUFFLE(name) uint64_t name(tq_cpu_thread*, uint32_t mask, uint32_t value, uint32_t b, uint32_t c);
SHUFFLE(tq_shfl_up)
SHUFFLE(tq_shfl_down)
SHUFFLE(tq_shfl_bfly)
SHUFFLE(tq_shfl_idx)
#undef SHUFFLE
#define WARP(name) uint32_t name(tq_cpu_thread*, uint32_t mask, uint32_t value);
WARP(tq_vote_all)
WARP(tq_vote_any)
WARP(tq_vote_uni)
WARP(tq_vote_ballot)
WARP(tq_redux_add)
WARP(tq_redux_and)
WARP(tq_redux_or)
WARP(tq_redux_xor)
WARP(tq_redux_smin)
WARP(tq_redux_smax)
WARP(tq_redux_umin)
WARP(tq_redux_umax)
#undef WARP
uint32_t tq_redux_fmin(tq_cpu_thread*, uint32_t mask, uint32_t bits, uint32_t flags);
uint32_t tq_redux_fmax(tq_cpu_thread*, uint32_t mask, uint32_t bits, uint32_t flags);
uint32_t tq_match_any(tq_cpu_thread*, uint32_t mask, uint64_t value);
uint64_t tq_match_all(tq_cpu_thread*, uint32_t mask, uint64_t value);
uint64_t tq_elect(tq_cpu_thread*, uint32_t mask);
uint32_t tq_activemask(tq_cpu_thread*);

void tq_mma_float_warp(uint64_t op, uint8_t* words, uint64_t lane_bytes, uint64_t word_bytes, uint32_t mask);

// matrix_tile.c: words and numbers on multiples of 64 bytes.
#define FACTOR(name) void name(const uint32_t* words, uint64_t steps, float* unpacked);
FACTOR(tq_tile_left_f16)
FACTOR(tq_tile_left_bf16)
FACTOR(tq_tile_left_tf32)
FACTOR(tq_tile_right_f16)
FACTOR(tq_tile_right_bf16)
FACTOR(tq_tile_right_tf32)
#undef FACTOR
#define PRODUCT(name) \
  void name(const float* left, const float* right, uint64_t steps, const uint32_t* c, uint32_t* d);
PRODUCT(tq_tile_pairs_f32_512)
PRODUCT(tq_tile_pairs_f32_256)
PRODUCT(tq_tile_pairs_f16_512)
PRODUCT(tq_tile_pairs_f16_256)
PRODUCT(tq_tile_singles_f32_512)
PRODUCT(tq_tile_singles_f32_256)
#undef PRODUCT

// runtime.c: what LLVM calls where the machine lacks an instruction.
float fmaf(float, float, float) noexcept;
double fma(double, double, double) noexcept;
}

}  // namespace tq::devicelib
