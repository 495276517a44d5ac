// cudaGetLastError and the texts (CUDA Runtime API, "Error Handling").
#include <utility>

#include "api/cudart_error.h"
#include "runtime/cudart/entry.h"
#include "runtime/cudart/thread_state.h"

namespace tq::cudart {
namespace {

struct ErrorText {
  cudaError_t code;
  const char* name;
  const char* text;
};

constexpr ErrorText kErrors[] = {
#define ERROR_CODE(name, text) {name, #name, text},
#include "api/cudart_error_codes.inc"
#undef ERROR_CODE
};

const ErrorText* Find(cudaError_t error) {
  for (const ErrorText& entry : kErrors) {
    if (entry.code == error) return &entry;
  }
  return nullptr;
}

}  // namespace

namespace impl {

cudaError_t cudaPeekAtLastError() { return GetThreadState().last_error; }

cudaError_t cudaGetLastError() { return std::exchange(GetThreadState().last_error, cudaSuccess); }

const char* cudaGetErrorName(cudaError_t error) {
  const ErrorText* entry = Find(error);
  return entry != nullptr ? entry->name : "unrecognized error code";
}

const char* cudaGetErrorString(cudaError_t error) {
  const ErrorText* entry = Find(error);
  return entry != nullptr ? entry->text : "unrecognized error code";
}

}  // namespace impl
}  // namespace tq::cudart
