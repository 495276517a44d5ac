#include "api/external.h"

#include <cuda.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/array.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/external_memory.h"
#include "runtime/core/external_semaphore.h"
#include "runtime/core/stream.h"

namespace tq::cuda::impl {

using core::Context;
using core::CudaError;
using core::ExternalMemory;
using core::ExternalSemaphore;

absl::Status cuImportExternalMemory(CUexternalMemory* extMem_out,
                                    const CUDA_EXTERNAL_MEMORY_HANDLE_DESC* memHandleDesc) {
  Context& context = *Context::Current();
  ASSIGN_OR_RETURN(std::unique_ptr<ExternalMemory> memory, ExternalMemory::Import(context, *memHandleDesc));
  *extMem_out = context.Adopt(std::move(memory))->handle<CUexternalMemory>();
  return absl::OkStatus();
}

absl::Status cuExternalMemoryGetMappedBuffer(CUdeviceptr* devPtr, ExternalMemory& extMem,
                                             const CUDA_EXTERNAL_MEMORY_BUFFER_DESC* bufferDesc) {
  if (bufferDesc->flags != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are not 0 (", bufferDesc->flags, ")"));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<core::Allocation> buffer,
                   extMem.MapBuffer(bufferDesc->offset, bufferDesc->size));
  *devPtr = extMem.context().Adopt(std::move(buffer))->device_ptr();
  return absl::OkStatus();
}

absl::Status cuExternalMemoryGetMappedMipmappedArray(
    CUmipmappedArray* mipmap, ExternalMemory& extMem,
    const CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC* mipmapDesc) {
  if (mipmapDesc->numLevels == 0) return CudaError(CUDA_ERROR_INVALID_VALUE, "the array has no levels");
  ASSIGN_OR_RETURN(std::unique_ptr<core::MipmappedArray> array,
                   extMem.MapArray(mipmapDesc->offset, mipmapDesc->arrayDesc, mipmapDesc->numLevels));
  *mipmap = extMem.context().Adopt(std::move(array))->handle<CUmipmappedArray>();
  return absl::OkStatus();
}

absl::Status cuDestroyExternalMemory(ExternalMemory& extMem) {
  extMem.context().Release(&extMem).reset();
  return absl::OkStatus();
}

absl::Status cuImportExternalSemaphore(CUexternalSemaphore* extSem_out,
                                       const CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC* semHandleDesc) {
  Context& context = *Context::Current();
  ASSIGN_OR_RETURN(std::unique_ptr<ExternalSemaphore> semaphore,
                   ExternalSemaphore::Import(context, *semHandleDesc));
  *extSem_out = context.Adopt(std::move(semaphore))->handle<CUexternalSemaphore>();
  return absl::OkStatus();
}

// What was submitted keeps the timeline.
absl::Status cuDestroyExternalSemaphore(ExternalSemaphore& extSem) {
  extSem.context().Release(&extSem).reset();
  return absl::OkStatus();
}

absl::Status cuSignalExternalSemaphoresAsync(const CUexternalSemaphore* extSemArray,
                                             const CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS* paramsArray,
                                             unsigned int numExtSems, core::Stream& stream) {
  return core::SignalSemaphores(stream, {extSemArray, numExtSems}, {paramsArray, numExtSems});
}

absl::Status cuWaitExternalSemaphoresAsync(const CUexternalSemaphore* extSemArray,
                                           const CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS* paramsArray,
                                           unsigned int numExtSems, core::Stream& stream) {
  return core::WaitForSemaphores(stream, {extSemArray, numExtSems}, {paramsArray, numExtSems});
}

}  // namespace tq::cuda::impl
