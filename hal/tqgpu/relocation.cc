#include "hal/tqgpu/relocation.h"

#include <elf.h>

#include <cstring>

namespace tq::hal::tqgpu {
namespace {

// Newer than Debian 12's elf.h.
constexpr uint32_t kPlt32 = 59;

using Value = RelocationValue;
using Form = RelocationForm;

constexpr RelocationKind kKinds[] = {
    {R_RISCV_NONE, Value::kAbsolute, Form::kIgnored, 0},
    {R_RISCV_RELAX, Value::kAbsolute, Form::kIgnored, 0},
    {R_RISCV_ALIGN, Value::kAbsolute, Form::kIgnored,
     0},  // the padding is there; it is only never taken away
    {R_RISCV_32, Value::kAbsolute, Form::kWord, 4},
    {R_RISCV_64, Value::kAbsolute, Form::kWord, 8},
    {R_RISCV_32_PCREL, Value::kDistance, Form::kWord, 4},
    {kPlt32, Value::kDistance, Form::kWord, 4},
    {R_RISCV_BRANCH, Value::kDistance, Form::kBranch, 4},
    {R_RISCV_JAL, Value::kDistance, Form::kJump, 4},
    {R_RISCV_CALL, Value::kDistance, Form::kCall, 8},
    {R_RISCV_CALL_PLT, Value::kDistance, Form::kCall, 8},
    {R_RISCV_GOT_HI20, Value::kSlot, Form::kUpper, 4},
    {R_RISCV_PCREL_HI20, Value::kDistance, Form::kUpper, 4},
    {R_RISCV_PCREL_LO12_I, Value::kLowerHalf, Form::kLowerI, 4},
    {R_RISCV_PCREL_LO12_S, Value::kLowerHalf, Form::kLowerS, 4},
    {R_RISCV_RVC_BRANCH, Value::kDistance, Form::kShortBranch, 2},
    {R_RISCV_RVC_JUMP, Value::kDistance, Form::kShortJump, 2},
    {R_RISCV_ADD8, Value::kAbsolute, Form::kAdd, 1},
    {R_RISCV_ADD16, Value::kAbsolute, Form::kAdd, 2},
    {R_RISCV_ADD32, Value::kAbsolute, Form::kAdd, 4},
    {R_RISCV_ADD64, Value::kAbsolute, Form::kAdd, 8},
    {R_RISCV_SUB6, Value::kAbsolute, Form::kLow6Subtract, 1},
    {R_RISCV_SUB8, Value::kAbsolute, Form::kSubtract, 1},
    {R_RISCV_SUB16, Value::kAbsolute, Form::kSubtract, 2},
    {R_RISCV_SUB32, Value::kAbsolute, Form::kSubtract, 4},
    {R_RISCV_SUB64, Value::kAbsolute, Form::kSubtract, 8},
    {R_RISCV_SET6, Value::kAbsolute, Form::kLow6Set, 1},
    {R_RISCV_SET8, Value::kAbsolute, Form::kWord, 1},
    {R_RISCV_SET16, Value::kAbsolute, Form::kWord, 2},
    {R_RISCV_SET32, Value::kAbsolute, Form::kWord, 4},
};

// Whether `value` is a signed number of that many bits.
bool IsSigned(uint64_t value, unsigned bits) {
  return value + (uint64_t{1} << (bits - 1)) < (uint64_t{1} << bits);
}

// Bit `from` of value, moved to bit `to`; `count` bits of them.
constexpr uint32_t Bits(uint64_t value, unsigned from, unsigned count, unsigned to) {
  return (static_cast<uint32_t>(value >> from) & ((1u << count) - 1)) << to;
}

uint64_t Load(const uint8_t* from, size_t size) {
  uint64_t value = 0;
  std::memcpy(&value, from, size);
  return value;
}

void Store(uint64_t value, uint8_t* to, size_t size) { std::memcpy(to, &value, size); }

// Puts `bits` into the instruction, whose bits outside of `mask` stay.
void Insert(uint8_t* to, size_t size, uint32_t mask, uint32_t bits) {
  Store((Load(to, size) & ~uint64_t{mask}) | (bits & mask), to, size);
}

}  // namespace

std::optional<RelocationKind> FindRelocationKind(uint32_t type) {
  for (const RelocationKind& kind : kKinds) {
    if (kind.type == type) return kind;
  }
  return std::nullopt;
}

bool RelocationKind::Fits(uint64_t number) const {
  switch (form) {
    case Form::kUpper:
    case Form::kCall:
      return IsSigned(number + 0x800, 32);
    case Form::kBranch:
      return IsSigned(number, 13) && number % 2 == 0;
    case Form::kJump:
      return IsSigned(number, 21) && number % 2 == 0;
    case Form::kShortBranch:
      return IsSigned(number, 9) && number % 2 == 0;
    case Form::kShortJump:
      return IsSigned(number, 12) && number % 2 == 0;
    case Form::kWord:
      // SET8 and SET16 are halves of a difference: they take what is there.
      return size_bytes != 4 || type == R_RISCV_SET32 || IsSigned(number, 32) || number <= UINT32_MAX;
    default:
      return true;
  }
}

// RISC-V unprivileged ISA, "Base Instruction Formats" and "Compressed Instruction Formats".
void RelocationKind::Write(uint64_t number, uint8_t* to) const {
  switch (form) {
    case Form::kIgnored:
      return;
    case Form::kWord:
      return Store(number, to, size_bytes);
    case Form::kAdd:
      return Store(Load(to, size_bytes) + number, to, size_bytes);
    case Form::kSubtract:
      return Store(Load(to, size_bytes) - number, to, size_bytes);
    case Form::kLow6Set:
      return Insert(to, 1, 0x3f, static_cast<uint32_t>(number));
    case Form::kLow6Subtract:
      return Insert(to, 1, 0x3f, static_cast<uint32_t>(*to - number));
    case Form::kUpper:
      return Insert(to, 4, 0xfffff000, UpperHalf(number));
    case Form::kLowerI:
      return Insert(to, 4, 0xfff00000, LowerHalf(number) << 20);
    case Form::kLowerS:
      return Insert(to, 4, 0xfe000f80, Bits(number, 5, 7, 25) | Bits(number, 0, 5, 7));
    case Form::kBranch:
      return Insert(
          to, 4, 0xfe000f80,
          Bits(number, 12, 1, 31) | Bits(number, 5, 6, 25) | Bits(number, 1, 4, 8) | Bits(number, 11, 1, 7));
    case Form::kJump:
      return Insert(to, 4, 0xfffff000,
                    Bits(number, 20, 1, 31) | Bits(number, 1, 10, 21) | Bits(number, 11, 1, 20) |
                        Bits(number, 12, 8, 12));
    case Form::kCall:
      Insert(to, 4, 0xfffff000, UpperHalf(number));
      return Insert(to + 4, 4, 0xfff00000, LowerHalf(number) << 20);
    case Form::kShortBranch:
      return Insert(to, 2, 0x1c7c,
                    Bits(number, 8, 1, 12) | Bits(number, 3, 2, 10) | Bits(number, 6, 2, 5) |
                        Bits(number, 1, 2, 3) | Bits(number, 5, 1, 2));
    case Form::kShortJump:
      return Insert(to, 2, 0x1ffc,
                    Bits(number, 11, 1, 12) | Bits(number, 4, 1, 11) | Bits(number, 8, 2, 9) |
                        Bits(number, 10, 1, 8) | Bits(number, 6, 1, 7) | Bits(number, 7, 1, 6) |
                        Bits(number, 1, 3, 3) | Bits(number, 5, 1, 2));
  }
}

}  // namespace tq::hal::tqgpu
