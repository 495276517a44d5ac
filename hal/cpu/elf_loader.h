// Loads an ELF relocatable (ET_REL) into one mapping: code, stubs and tables read-only and executable or
// read-only, data writable, never two of these at once. The input is hostile until proven otherwise: it may
// come from a damaged cache. Every offset, index and count is checked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/statusor.h"

namespace tq::hal::cpu {

class CodeImage {
 public:
  // The address of an undefined symbol, or nothing.
  using Resolver = std::function<std::optional<uint64_t>(const std::string& name)>;

  // InvalidArgument says what is wrong with the file; ResourceExhausted when there is no memory for it.
  static absl::StatusOr<std::unique_ptr<CodeImage>> Load(std::span<const uint8_t> elf,
                                                         const Resolver& resolve);

  ~CodeImage();
  CodeImage(const CodeImage&) = delete;
  CodeImage& operator=(const CodeImage&) = delete;

  // 0 when the file does not define it.
  uint64_t Symbol(const std::string& name) const;
  // Section .text, what LineRecord::pc_offset counts from.
  uint64_t text_begin() const { return text_begin_; }
  uint64_t text_size_bytes() const { return text_size_; }
  // Every executable byte, stubs included.
  bool ContainsCode(uint64_t address) const { return address >= code_begin_ && address < code_end_; }
  uint64_t code_size_bytes() const { return code_end_ - code_begin_; }

 private:
  friend class ElfLoader;
  CodeImage() = default;

  uint64_t base_ = 0, size_ = 0;
  uint64_t text_begin_ = 0, text_size_ = 0;
  uint64_t code_begin_ = 0, code_end_ = 0;
  std::unordered_map<std::string, uint64_t> symbols_;
};

}  // namespace tq::hal::cpu
