// Fundamental types and state spaces of PTX (PTX ISA, "State Spaces, Types, and Variables").
#pragma once

#include <cstdint>
#include <string_view>

namespace tq::ptx {

// clang-format off
enum class Type : uint8_t {
  kNone,
  kPred,
  kB8, kB16, kB32, kB64, kB128,
  kU8, kU16, kU32, kU64,
  kS8, kS16, kS32, kS64,
  kF16, kF16x2, kBF16, kBF16x2, kTF32, kF32, kF32x2, kF64,
  kU16x2, kS16x2, kU8x4, kS8x4,
  // Alternate and sub-byte formats: types of instructions only, their registers are .b16 and .b32.
  kE4M3, kE5M2, kE4M3x2, kE5M2x2, kE4M3x4, kE5M2x4,
  kE2M1, kE2M1x2, kE2M1x4, kE2M3, kE2M3x2, kE2M3x4, kE3M2, kE3M2x2, kE3M2x4, kS2F6x2,
  kUE8M0, kUE8M0x2, kUE4M3, kU2, kS2, kU4, kS4, kB1, kB4, kB6, kB4x16, kB6x16,
  kTexref, kSamplerref, kSurfref,
};
// clang-format on

enum class Space : uint8_t { kNone, kReg, kSreg, kConst, kGlobal, kLocal, kParam, kShared, kTex, kGeneric };

enum class Linkage : uint8_t { kInternal, kVisible, kExtern, kWeak, kCommon };

// Size in a register or in memory. Sub-byte types: the container's. kPred and the opaque references: 0 (no
// layout) and 8 (a handle).
uint32_t SizeBytes(Type type);
uint32_t SizeBits(Type type);
bool IsFloat(Type type);     // f16, bf16, tf32, f32, f64 and their packed forms
bool IsSigned(Type type);    // s8..s64 and packed
bool IsUnsigned(Type type);  // u8..u64 and packed
bool IsBits(Type type);      // b8..b128
bool IsPacked(Type type);    // two or four elements in one register

std::string_view Spelling(Type type);    // "f32"; "" for kNone
std::string_view Spelling(Space space);  // "global"; "" for kGeneric and kNone

}  // namespace tq::ptx
