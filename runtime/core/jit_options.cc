#include "runtime/core/jit_options.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/error.h"

namespace tq::core {
namespace {

uint64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t{1000000000} * now.tv_sec + now.tv_nsec;
}

unsigned AsUnsigned(void* value) { return static_cast<unsigned>(reinterpret_cast<uintptr_t>(value)); }

}  // namespace

std::string JitOptions::Spell(std::string_view image_options) const {
  std::string text(image_options);
  if (max_registers != 0) absl::StrAppend(&text, " --maxrregcount=", max_registers);
  if (debug_info) absl::StrAppend(&text, " -g");
  if (line_info) absl::StrAppend(&text, " -lineinfo");
  return text;
}

constexpr std::string_view kSymbolOption = " --tianqiao-symbol=";

std::string SpellSymbols(const JitOptions& options) {
  std::string text;
  for (const auto& [name, address] : options.symbols) {
    absl::StrAppend(&text, std::string(kSymbolOption), name, ":", absl::Hex(address));
  }
  return text;
}

std::map<std::string, uint64_t, std::less<>> TakeSymbols(std::string& image_options) {
  std::map<std::string, uint64_t, std::less<>> symbols;
  for (size_t at; (at = image_options.find(kSymbolOption)) != std::string::npos;) {
    const size_t name = at + kSymbolOption.size(), end = image_options.find(' ', name);
    const size_t colon = image_options.find(':', name);
    if (colon < end) {
      symbols[image_options.substr(name, colon - name)] =
          std::strtoull(image_options.c_str() + colon + 1, nullptr, 16);
    }
    image_options.erase(at, end == std::string::npos ? end : end - at);
  }
  return symbols;
}

void JitLog::Append(std::string_view text) {
  if (!wanted()) return;
  const size_t room = size_bytes_ - written_bytes_;
  const size_t count = std::min(text.size(), room - 1);
  std::memcpy(buffer_ + written_bytes_, text.data(), count);
  written_bytes_ += count;
  buffer_[written_bytes_] = '\0';
}

absl::StatusOr<JitRequest> JitRequest::Parse(unsigned count, const CUjit_option* options, void** values) {
  JitRequest request;
  request.start_ns_ = NowNs();
  if (count != 0 && (options == nullptr || values == nullptr)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("there is no list for the options (", count, ")"));
  }
  char *info = nullptr, *error = nullptr;
  size_t info_size = 0, error_size = 0;
  const char* const* names = nullptr;
  void* const* addresses = nullptr;
  unsigned symbol_count = 0;
  for (unsigned i = 0; i < count; ++i) {
    void*& value = values[i];
    switch (options[i]) {
      case CU_JIT_MAX_REGISTERS:
        request.options_.max_registers = AsUnsigned(value);
        break;
      case CU_JIT_OPTIMIZATION_LEVEL:
        if (AsUnsigned(value) > 4) {
          return CudaError(CUDA_ERROR_INVALID_VALUE,
                           absl::StrCat("the optimization level is above 4 (", AsUnsigned(value), ")"));
        }
        request.options_.optimization_level = AsUnsigned(value);
        break;
      case CU_JIT_GENERATE_DEBUG_INFO:
        request.options_.debug_info = AsUnsigned(value) != 0;
        break;
      case CU_JIT_GENERATE_LINE_INFO:
        request.options_.line_info = AsUnsigned(value) != 0;
        break;
      case CU_JIT_INFO_LOG_BUFFER:
        info = static_cast<char*>(value);
        break;
      case CU_JIT_ERROR_LOG_BUFFER:
        error = static_cast<char*>(value);
        break;
      case CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES:
        info_size = AsUnsigned(value);
        request.info_size_ = &value;
        break;
      case CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES:
        error_size = AsUnsigned(value);
        request.error_size_ = &value;
        break;
      case CU_JIT_GLOBAL_SYMBOL_NAMES:
        names = static_cast<const char* const*>(value);
        break;
      case CU_JIT_GLOBAL_SYMBOL_ADDRESSES:
        addresses = static_cast<void* const*>(value);
        break;
      case CU_JIT_GLOBAL_SYMBOL_COUNT:
        symbol_count = AsUnsigned(value);
        break;
      case CU_JIT_WALL_TIME:
        request.wall_time_ = &value;
        break;
      default:
        if (options[i] < 0 || options[i] >= CU_JIT_NUM_OPTIONS) {
          return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no JIT option of that number (",
                                                                  static_cast<int>(options[i]), ")"));
        }
        break;
    }
  }
  if (symbol_count != 0 && (names == nullptr || addresses == nullptr)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("there are no names or no addresses for the symbols (", symbol_count, ")"));
  }
  for (unsigned i = 0; i < symbol_count; ++i) {
    const auto address = reinterpret_cast<uint64_t>(addresses[i]);
    if (names[i] == nullptr) return CudaError(CUDA_ERROR_INVALID_VALUE, "a symbol's name is null");
    const auto [symbol, is_new] = request.options_.symbols.emplace(names[i], address);
    if (!is_new && symbol->second != address) {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat("the symbol ", names[i], " is given two addresses"));
    }
  }
  request.info_ = JitLog(info, info_size);
  request.error_ = JitLog(error, error_size);
  // Callers print the buffers whatever came of the call.
  if (request.info_.wanted()) info[0] = '\0';
  if (request.error_.wanted()) error[0] = '\0';
  return request;
}

void JitRequest::Finish() {
  if (info_size_ != nullptr) *info_size_ = reinterpret_cast<void*>(info_.written_bytes());
  if (error_size_ != nullptr) *error_size_ = reinterpret_cast<void*>(error_.written_bytes());
  if (wall_time_ != nullptr) {
    // A float in the bits of the value (CUDA driver API, CU_JIT_WALL_TIME), in milliseconds.
    const float elapsed_ms = static_cast<float>(NowNs() - start_ns_) * 1e-6f;
    std::memcpy(wall_time_, &elapsed_ms, sizeof(elapsed_ms));
  }
}

}  // namespace tq::core
