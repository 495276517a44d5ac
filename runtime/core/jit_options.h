// CUjit_option lists: what a caller asks of the compiler, and where it wants to hear what came of it.
#pragma once

#include <cuda.h>

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tq::core {

// What changes the generated code.
struct JitOptions {
  unsigned optimization_level = 4;  // CU_JIT_OPTIMIZATION_LEVEL: 0..4
  unsigned max_registers = 0;
  bool debug_info = false;
  bool line_info = false;

  // Variables that no unit defines, and where they are: CU_JIT_GLOBAL_SYMBOL_NAMES and _ADDRESSES.
  std::map<std::string, uint64_t, std::less<>> symbols;

  // As ptxas spells them, for the compile request; without `symbols`, which code does not depend on.
  std::string Spell(std::string_view image_options) const;
};

// Symbols in the options of an image, by which a linked image keeps them; the options lose them.
std::string SpellSymbols(const JitOptions& options);
std::map<std::string, uint64_t, std::less<>> TakeSymbols(std::string& image_options);

// A caller's buffer for messages; what does not fit is cut off.
class JitLog {
 public:
  JitLog() = default;
  JitLog(char* buffer, size_t size_bytes) : buffer_(buffer), size_bytes_(size_bytes) {}
  bool wanted() const { return buffer_ != nullptr && size_bytes_ != 0; }
  void Append(std::string_view text);
  size_t written_bytes() const { return written_bytes_; }

 private:
  char* buffer_ = nullptr;
  size_t size_bytes_ = 0;
  size_t written_bytes_ = 0;
};

// One call's list. Options that mean nothing to us (cache modes, fast compile ...) are taken and ignored, as
// NVIDIA's driver does; a value out of range is CUDA_ERROR_INVALID_VALUE.
class JitRequest {
 public:
  static absl::StatusOr<JitRequest> Parse(unsigned count, const CUjit_option* options, void** values);

  const JitOptions& options() const { return options_; }
  JitLog& info() { return info_; }
  JitLog& error() { return error_; }

  // Writes what the call has to give back: sizes of the logs, and the time since Parse.
  void Finish();

 private:
  JitOptions options_;
  JitLog info_, error_;
  void** info_size_ = nullptr;
  void** error_size_ = nullptr;
  void** wall_time_ = nullptr;
  uint64_t start_ns_ = 0;
};

}  // namespace tq::core
