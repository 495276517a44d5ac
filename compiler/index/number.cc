#include "compiler/index/number.h"

#include <bit>

#include "absl/strings/numbers.h"

namespace tq::ptx {

bool ParseUnsigned(std::string_view text, uint64_t& value) {
  if (text.ends_with('U') || text.ends_with('u')) text.remove_suffix(1);
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.starts_with("0b") || text.starts_with("0B")) {
    base = 2;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  value = 0;
  if (text.empty()) return false;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : 99;
    if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
        __builtin_add_overflow(value, digit, &value)) {
      return false;
    }
  }
  return true;
}

bool ParseFloat(std::string_view text, FloatConstant& constant) {
  constant = {};
  const bool is_single = text.starts_with("0f") || text.starts_with("0F");
  const bool is_double = text.starts_with("0d") || text.starts_with("0D");
  if (is_single || is_double) {
    uint64_t bits = 0;
    if (text.size() != (is_single ? 10 : 18)) return false;
    for (const char c : text.substr(2)) {
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return false;
      bits = bits << 4 | static_cast<uint64_t>(digit);
    }
    constant.raw_size_bytes = is_single ? 4 : 8;
    constant.raw_bits = bits;
    constant.value =
        is_single ? std::bit_cast<float>(static_cast<uint32_t>(bits)) : std::bit_cast<double>(bits);
    return true;
  }
  if (text.find_first_of(".eE") == std::string_view::npos || text.starts_with("0x")) return false;
  return absl::SimpleAtod(absl::string_view(text.data(), text.size()), &constant.value);
}

}  // namespace tq::ptx
