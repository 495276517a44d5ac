#include "compiler/ir/types.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace tq::ptx {
namespace {

enum class Class : uint8_t { kOther, kBits, kUnsigned, kSigned, kFloat };

struct TypeInfo {
  std::string_view spelling;
  uint16_t bits = 0;  // of the value
  Class type_class = Class::kOther;
  bool packed = false;
};

// By Type. Alternate floats narrower than a byte take the container that PTX gives them.
constexpr TypeInfo kTypes[] = {
    {""},
    {"pred"},
    {"b8", 8, Class::kBits},
    {"b16", 16, Class::kBits},
    {"b32", 32, Class::kBits},
    {"b64", 64, Class::kBits},
    {"b128", 128, Class::kBits},
    {"u8", 8, Class::kUnsigned},
    {"u16", 16, Class::kUnsigned},
    {"u32", 32, Class::kUnsigned},
    {"u64", 64, Class::kUnsigned},
    {"s8", 8, Class::kSigned},
    {"s16", 16, Class::kSigned},
    {"s32", 32, Class::kSigned},
    {"s64", 64, Class::kSigned},
    {"f16", 16, Class::kFloat},
    {"f16x2", 32, Class::kFloat, true},
    {"bf16", 16, Class::kFloat},
    {"bf16x2", 32, Class::kFloat, true},
    {"tf32", 32, Class::kFloat},
    {"f32", 32, Class::kFloat},
    {"f32x2", 64, Class::kFloat, true},
    {"f64", 64, Class::kFloat},
    {"u16x2", 32, Class::kUnsigned, true},
    {"s16x2", 32, Class::kSigned, true},
    {"u8x4", 32, Class::kUnsigned, true},
    {"s8x4", 32, Class::kSigned, true},
    {"e4m3", 8},
    {"e5m2", 8},
    {"e4m3x2", 16, Class::kOther, true},
    {"e5m2x2", 16, Class::kOther, true},
    {"e4m3x4", 32, Class::kOther, true},
    {"e5m2x4", 32, Class::kOther, true},
    {"e2m1", 8},
    {"e2m1x2", 8, Class::kOther, true},
    {"e2m1x4", 16, Class::kOther, true},
    {"e2m3", 8},
    {"e2m3x2", 16, Class::kOther, true},
    {"e2m3x4", 32, Class::kOther, true},
    {"e3m2", 8},
    {"e3m2x2", 16, Class::kOther, true},
    {"e3m2x4", 32, Class::kOther, true},
    {"s2f6x2", 16, Class::kOther, true},
    {"ue8m0", 8},
    {"ue8m0x2", 16, Class::kOther, true},
    {"ue4m3", 8},
    {"u2", 8, Class::kUnsigned},
    {"s2", 8, Class::kSigned},
    {"u4", 8, Class::kUnsigned},
    {"s4", 8, Class::kSigned},
    {"b1", 8, Class::kBits},
    {"b4", 8, Class::kBits},
    {"b6", 8, Class::kBits},
    {"b4x16", 64, Class::kOther, true},
    {"b6x16", 96, Class::kOther, true},
    {"texref", 64},
    {"samplerref", 64},
    {"surfref", 64},
};
static_assert(std::size(kTypes) == static_cast<size_t>(Type::kSurfref) + 1);

// By Space.
constexpr std::string_view kSpaces[] = {"",      "reg",   "sreg",   "const", "global",
                                        "local", "param", "shared", "tex",   ""};

const TypeInfo& Info(Type type) { return kTypes[static_cast<size_t>(type)]; }

}  // namespace

uint32_t SizeBits(Type type) { return Info(type).bits; }
uint32_t SizeBytes(Type type) { return Info(type).bits / 8; }
bool IsFloat(Type type) { return Info(type).type_class == Class::kFloat; }
bool IsSigned(Type type) { return Info(type).type_class == Class::kSigned; }
bool IsUnsigned(Type type) { return Info(type).type_class == Class::kUnsigned; }
bool IsBits(Type type) { return Info(type).type_class == Class::kBits; }
bool IsPacked(Type type) { return Info(type).packed; }

std::string_view Spelling(Type type) { return Info(type).spelling; }
std::string_view Spelling(Space space) { return kSpaces[static_cast<size_t>(space)]; }

}  // namespace tq::ptx
