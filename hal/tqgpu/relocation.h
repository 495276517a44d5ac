// The relocations of RISC-V that kernels have (RISC-V ELF psABI, "Relocations"): what is computed, and which
// bits of the code take it. A table; types and symbols are elf_loader.h's.
#pragma once

#include <cstdint>
#include <optional>

namespace tq::hal::tqgpu {

enum class RelocationValue : uint8_t {
  kAbsolute,   // S + A
  kDistance,   // S + A - P
  kSlot,       // the symbol's entry in the table of addresses, + A - P
  kLowerHalf,  // the distance at the instruction that S names
};

enum class RelocationForm : uint8_t {
  kIgnored,
  kWord,      // size_bytes of data
  kAdd,       // added to the data
  kSubtract,  // subtracted from it
  kLow6Set,   // the low six bits of a byte
  kLow6Subtract,
  kUpper,   // auipc, lui: the upper 20 bits, rounded so that a signed lower half completes them
  kLowerI,  // the lower 12 bits, as loads have them
  kLowerS,  // as stores have them
  kBranch,
  kJump,
  kCall,  // auipc and jalr
  kShortBranch,
  kShortJump,
};

struct RelocationKind {
  uint32_t type;  // R_RISCV_*
  RelocationValue value;
  RelocationForm form;
  uint8_t size_bytes;

  // Whether the form can say `value`.
  bool Fits(uint64_t value) const;
  // `to` has size_bytes bytes.
  void Write(uint64_t value, uint8_t* to) const;
};

// Nothing: not one for kernels (thread-local data, dynamic linking), or unknown.
std::optional<RelocationKind> FindRelocationKind(uint32_t type);

// The halves of a 32-bit distance as auipc (in place) and a 12-bit immediate take them.
constexpr uint32_t UpperHalf(uint64_t value) { return static_cast<uint32_t>(value + 0x800) & 0xfffff000u; }
constexpr uint32_t LowerHalf(uint64_t value) { return static_cast<uint32_t>(value) & 0xfffu; }

}  // namespace tq::hal::tqgpu
