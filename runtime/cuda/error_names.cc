#include "runtime/cuda/error_names.h"

#include <algorithm>
#include <iterator>

#include "absl/status/status.h"
#include "api/init.h"
#include "runtime/core/error.h"

namespace tq::cuda {
namespace {

struct ErrorEntry {
  CUresult code;
  const char* name;
  const char* text;
};

// Sorted by code.
constexpr ErrorEntry kErrors[] = {
#define ERROR_CODE(code, text) {code, #code, text},
#include "api/error_codes.inc"
#undef ERROR_CODE
};

const ErrorEntry* Find(CUresult code) {
  const ErrorEntry* entry = std::lower_bound(std::begin(kErrors), std::end(kErrors), code,
                                             [](const ErrorEntry& e, CUresult c) { return e.code < c; });
  return entry != std::end(kErrors) && entry->code == code ? entry : nullptr;
}

absl::Status Unrecognised(CUresult code, const char** text) {
  *text = nullptr;
  return core::CudaError(CUDA_ERROR_INVALID_VALUE,
                         "The number (" + std::to_string(code) + ") is not a CUDA result code.");
}

}  // namespace

const char* ErrorName(CUresult code) {
  const ErrorEntry* entry = Find(code);
  return entry == nullptr ? nullptr : entry->name;
}

const char* ErrorText(CUresult code) {
  const ErrorEntry* entry = Find(code);
  return entry == nullptr ? nullptr : entry->text;
}

namespace impl {

absl::Status cuGetErrorName(CUresult error, const char** pStr) {
  *pStr = ErrorName(error);
  return *pStr == nullptr ? Unrecognised(error, pStr) : absl::OkStatus();
}

absl::Status cuGetErrorString(CUresult error, const char** pStr) {
  *pStr = ErrorText(error);
  return *pStr == nullptr ? Unrecognised(error, pStr) : absl::OkStatus();
}

}  // namespace impl
}  // namespace tq::cuda
