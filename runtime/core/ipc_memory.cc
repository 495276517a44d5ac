#include "runtime/core/ipc_memory.h"

#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/hal_error.h"

namespace tq::core {
namespace {

// Context, process, inode.
using Key = std::tuple<const Context*, int, uint64_t>;

// One handle, mapped in one context.
class IpcMapping : public ContextChild {
 public:
  IpcMapping(const Key& key, std::unique_ptr<Allocation> memory);
  ~IpcMapping() override;

  const Allocation& memory() const { return *memory_; }
  uint64_t opened = 1;

 private:
  const Key key_;
  const std::unique_ptr<Allocation> memory_;
};

std::mutex mappings_mutex;
std::map<Key, IpcMapping*>& Mappings() {
  static auto* const mappings = new std::map<Key, IpcMapping*>;
  return *mappings;
}

IpcMapping::IpcMapping(const Key& key, std::unique_ptr<Allocation> memory)
    : key_(key), memory_(std::move(memory)) {}

// By CloseIpcMemory, which has taken it out, or with its context.
IpcMapping::~IpcMapping() {
  std::lock_guard lock(mappings_mutex);
  const auto found = Mappings().find(key_);
  if (found != Mappings().end() && found->second == this) Mappings().erase(found);
}

}  // namespace

absl::StatusOr<IpcHandle> ExportIpcMemory(Allocation& allocation) {
  if (allocation.kind() != Allocation::Kind::kDevice) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "only memory of cuMemAlloc has a handle for other processes");
  }
  ASSIGN_OR_RETURN(const int fd, allocation.ShareFile());
  return IpcHandle::Of(IpcHandle::Kind::kMemory, allocation.context().device(), {fd},
                       allocation.size_bytes());
}

absl::StatusOr<CUdeviceptr> OpenIpcMemory(Context& context, const IpcHandle& handle) {
  if (handle.is_of_this_process()) {
    return CudaError(CUDA_ERROR_INVALID_CONTEXT, "the memory is this process's own");
  }
  const Key key = {&context, handle.pid, handle.inodes[0]};
  std::lock_guard lock(mappings_mutex);
  if (const auto found = Mappings().find(key); found != Mappings().end()) {
    ++found->second->opened;
    return found->second->memory().device_ptr();
  }
  ASSIGN_OR_RETURN(const Device* const device, handle.FindDevice());
  if (device != &context.device() && !context.device().CanAccess(*device)) {
    return CudaError(
        CUDA_ERROR_PEER_ACCESS_UNSUPPORTED,
        absl::StrCat("device ", context.device().ordinal(), " cannot reach device ", device->ordinal()));
  }
  ASSIGN_OR_RETURN(const OwnedFd file, handle.OpenFile(0));
  hal_shared_handle shared = {sizeof(shared)};
  shared.kind = HAL_HANDLE_FD;
  shared.fd = file.get();
  shared.size_bytes = handle.size_bytes;
  absl::StatusOr<std::unique_ptr<Allocation>> memory =
      Allocation::Import(context, Allocation::Kind::kImported, shared);
  if (!memory.ok()) {
    if (ToCuResult(memory.status()) != CUDA_ERROR_INVALID_VALUE) return memory.status();
    return CudaError(CUDA_ERROR_INVALID_HANDLE, "the handle's file is no memory of the size it says");
  }
  IpcMapping* const mapping = context.Adopt(std::make_unique<IpcMapping>(key, *std::move(memory)));
  Mappings().emplace(key, mapping);
  return mapping->memory().device_ptr();
}

absl::Status CloseIpcMemory(CUdeviceptr address) {
  IpcMapping* closed = nullptr;
  {
    std::lock_guard lock(mappings_mutex);
    auto found = Mappings().begin();
    while (found != Mappings().end() && found->second->memory().device_ptr() != address) ++found;
    if (found == Mappings().end()) {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat("no memory of another process is mapped at 0x", absl::Hex(address)));
    }
    if (--found->second->opened != 0) return absl::OkStatus();
    closed = found->second;
    Mappings().erase(found);
  }
  // Work in flight may use it: the device lets go of the pages when that has ended.
  closed->memory().context().Release(closed).reset();
  return absl::OkStatus();
}

}  // namespace tq::core
