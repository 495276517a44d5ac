// PTX ISA, "Constants".
#pragma once

#include <cstdint>
#include <string_view>

namespace tq::ptx {

// Decimal, hexadecimal, octal or binary with an optional U; false for anything else and above 64 bits.
bool ParseUnsigned(std::string_view text, uint64_t& value);

struct FloatConstant {
  double value = 0;
  uint32_t raw_size_bytes = 0;  // 4 or 8: written bit by bit; 0: decimal
  uint64_t raw_bits = 0;        // kept beside the value, which would quieten a signalling NaN
};

// 0f3F800000, 0d3FF0000000000000 or a decimal number with a point or an exponent.
bool ParseFloat(std::string_view text, FloatConstant& constant);

}  // namespace tq::ptx
