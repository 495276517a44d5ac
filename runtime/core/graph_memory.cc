#include "runtime/core/graph_memory.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/process.h"

namespace tq::core {
namespace {

// Everything of this file that changes is under one lock: memory nodes are rare.
std::mutex mutex;
std::map<CUdeviceptr, std::weak_ptr<GraphMemory>> by_address;
std::map<const Device*, GraphMemory::Figures> figures;

void Raise(uint64_t& value, uint64_t& high, uint64_t by) {
  value += by;
  high = std::max(high, value);
}

}  // namespace

GraphMemory::GraphMemory(Context& context, Allocation* allocation)
    : context_(context),
      device_(context.device()),
      allocation_(allocation),
      address_(allocation->device_ptr()),
      size_bytes_(allocation->size_bytes()) {}

absl::StatusOr<std::shared_ptr<GraphMemory>> GraphMemory::Create(Context& context, uint64_t size_bytes) {
  ASSIGN_OR_RETURN(std::unique_ptr<Allocation> allocation,
                   Allocation::Create(context, Allocation::Kind::kDevice, size_bytes));
  std::shared_ptr<GraphMemory> memory(new GraphMemory(context, context.Adopt(std::move(allocation))));
  std::lock_guard lock(mutex);
  by_address[memory->address()] = memory;
  Figures& figure = figures[&context.device()];
  Raise(figure.reserved_bytes, figure.reserved_high_bytes, memory->size_bytes_);
  return memory;
}

GraphMemory::~GraphMemory() {
  {
    std::lock_guard lock(mutex);
    by_address.erase(address_);
    figures[&device_].reserved_bytes -= size_bytes_;
  }
  // A context that is gone has taken its memory along.
  if (Process::Get().address_space().Find(address_) != allocation_) return;
  context_.Synchronize().IgnoreError();
  context_.Release(allocation_).reset();
}

absl::Status GraphMemory::Take(bool frees_first) {
  std::lock_guard lock(mutex);
  if (in_use_ != nullptr) {
    if (frees_first) return absl::OkStatus();
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("memory of an earlier launch is not freed (0x", absl::Hex(address_), ")"));
  }
  in_use_ = shared_from_this();
  Figures& figure = figures[&device_];
  Raise(figure.used_bytes, figure.used_high_bytes, size_bytes_);
  return absl::OkStatus();
}

absl::Status GraphMemory::Give() {
  std::shared_ptr<GraphMemory> self;  // dies without the lock
  std::lock_guard lock(mutex);
  if (in_use_ == nullptr) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the memory is free already (0x", absl::Hex(address_), ")"));
  }
  self = std::move(in_use_);
  figures[&device_].used_bytes -= size_bytes_;
  return absl::OkStatus();
}

std::shared_ptr<GraphMemory> GraphMemory::Find(CUdeviceptr address) {
  std::lock_guard lock(mutex);
  const auto entry = by_address.find(address);
  return entry == by_address.end() ? nullptr : entry->second.lock();
}

GraphMemory::Figures GraphMemory::FiguresOf(const Device& device) {
  std::lock_guard lock(mutex);
  return figures[&device];
}

void GraphMemory::ResetHigh(const Device& device, bool used) {
  std::lock_guard lock(mutex);
  Figures& figure = figures[&device];
  if (used) {
    figure.used_high_bytes = figure.used_bytes;
  } else {
    figure.reserved_high_bytes = figure.reserved_bytes;
  }
}

}  // namespace tq::core
