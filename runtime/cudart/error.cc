// cudaGetLastError and the texts (CUDA Runtime API, "Error Handling").
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

// The context is beyond use after these, so cudaGetLastError does not clear them: only a reset does.
bool IsSticky(cudaError_t error) {
  switch (error) {
    case cudaErrorContained:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorTensorMemoryLeak:
    case cudaErrorExternalDevice:
      return true;
    default:
      return false;
  }
}

// A sticky error of before a cudaDeviceReset is over.
ThreadState& CurrentState() {
  ThreadState& thread = GetThreadState();
  if (thread.last_error != cudaSuccess && thread.error_epoch != PrimaryEpoch() &&
      IsSticky(thread.last_error)) {
    thread.last_error = cudaSuccess;
  }
  return thread;
}

}  // namespace

namespace impl {

cudaError_t cudaPeekAtLastError() { return CurrentState().last_error; }

cudaError_t cudaGetLastError() {
  ThreadState& thread = CurrentState();
  const cudaError_t error = thread.last_error;
  if (!IsSticky(error)) thread.last_error = cudaSuccess;
  return error;
}

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
