#include "api/ipc.h"

#include <cuda.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/event.h"
#include "runtime/core/graph_memory.h"
#include "runtime/core/ipc_handle.h"
#include "runtime/core/ipc_memory.h"
#include "runtime/core/process.h"

namespace tq::cuda::impl {

using core::Context;
using core::CudaError;
using core::Event;
using core::IpcHandle;

absl::Status cuIpcGetMemHandle(CUipcMemHandle* pHandle, CUdeviceptr dptr) {
  core::Allocation* const allocation = core::Process::Get().address_space().Find(dptr);
  if (allocation == nullptr || core::GraphMemory::Find(allocation->device_ptr()) != nullptr) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("no allocation holds 0x", absl::Hex(dptr)));
  }
  ASSIGN_OR_RETURN(const IpcHandle handle, core::ExportIpcMemory(*allocation));
  handle.CopyTo(pHandle);
  return absl::OkStatus();
}

absl::Status cuIpcOpenMemHandle_v2(CUdeviceptr* pdptr, CUipcMemHandle handle, unsigned int Flags) {
  if (Flags != CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the flags are not those that there are (", Flags, ")"));
  }
  ASSIGN_OR_RETURN(const IpcHandle parsed, IpcHandle::Parse(&handle, IpcHandle::Kind::kMemory));
  ASSIGN_OR_RETURN(*pdptr, core::OpenIpcMemory(*Context::Current(), parsed));
  return absl::OkStatus();
}

absl::Status cuIpcCloseMemHandle(CUdeviceptr dptr) { return core::CloseIpcMemory(dptr); }

absl::Status cuIpcGetEventHandle(CUipcEventHandle* pHandle, Event& event) {
  ASSIGN_OR_RETURN(const IpcHandle handle, event.Export());
  handle.CopyTo(pHandle);
  return absl::OkStatus();
}

absl::Status cuIpcOpenEventHandle(CUevent* phEvent, CUipcEventHandle handle) {
  Context& context = *Context::Current();
  ASSIGN_OR_RETURN(const IpcHandle parsed, IpcHandle::Parse(&handle, IpcHandle::Kind::kEvent));
  ASSIGN_OR_RETURN(std::unique_ptr<Event> event, Event::Open(context, parsed));
  *phEvent = context.Adopt(std::move(event))->handle<CUevent>();
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
