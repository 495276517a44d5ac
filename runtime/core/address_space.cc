#include "runtime/core/address_space.h"

#include <mutex>

#include "runtime/core/allocation.h"

namespace tq::core {
namespace {

Allocation* FindIn(const std::map<uint64_t, Allocation*>& allocations, uint64_t address) {
  auto after = allocations.upper_bound(address);
  if (after == allocations.begin()) return nullptr;
  const auto& [base, allocation] = *std::prev(after);
  return address - base < allocation->size_bytes() ? allocation : nullptr;
}

uint64_t HostAddress(const Allocation& allocation) {
  return reinterpret_cast<uintptr_t>(allocation.host_ptr());
}

}  // namespace

void AddressSpace::Insert(Allocation* allocation) {
  std::unique_lock lock(mutex_);
  by_device_address_[allocation->device_ptr()] = allocation;
  const uint64_t host = HostAddress(*allocation);
  if (host != 0 && host != allocation->device_ptr()) by_host_address_[host] = allocation;
}

void AddressSpace::Erase(Allocation* allocation) {
  std::unique_lock lock(mutex_);
  by_device_address_.erase(allocation->device_ptr());
  const uint64_t host = HostAddress(*allocation);
  if (host != 0 && host != allocation->device_ptr()) by_host_address_.erase(host);
}

Allocation* AddressSpace::Find(uint64_t address) const {
  std::shared_lock lock(mutex_);
  if (Allocation* allocation = FindIn(by_device_address_, address)) return allocation;
  return by_host_address_.empty() ? nullptr : FindIn(by_host_address_, address);
}

void AddressSpace::ForEach(absl::FunctionRef<void(const Allocation&)> visit) const {
  std::shared_lock lock(mutex_);
  for (const auto& [address, allocation] : by_device_address_) visit(*allocation);
}

bool AddressSpace::Overlaps(uint64_t host_address, uint64_t size_bytes) const {
  if (Find(host_address) != nullptr) return true;
  std::shared_lock lock(mutex_);
  for (const auto* allocations : {&by_device_address_, &by_host_address_}) {
    auto next = allocations->lower_bound(host_address);
    if (next != allocations->end() && next->first - host_address < size_bytes) return true;
  }
  return false;
}

}  // namespace tq::core
