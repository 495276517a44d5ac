// Which allocation an address belongs to, over all contexts of the process (unified virtual addressing): by
// device address and, where that differs, by host address. Thread-safe; lookups share a lock.
#pragma once

#include <cstdint>
#include <map>
#include <shared_mutex>

#include "absl/functional/function_ref.h"

namespace tq::core {

class Allocation;

class AddressSpace {
 public:
  void Insert(Allocation* allocation);
  void Erase(Allocation* allocation);

  // Whether any byte of the range, by host address, belongs to an allocation.
  bool Overlaps(uint64_t host_address, uint64_t size_bytes) const;

  // In the order of device addresses, under the lock: `visit` neither makes nor frees memory.
  void ForEach(absl::FunctionRef<void(const Allocation&)> visit) const;

  // The allocation that holds the address, or null. The result lives until its owner frees it.
  Allocation* Find(uint64_t address) const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<uint64_t, Allocation*> by_device_address_;
  std::map<uint64_t, Allocation*> by_host_address_;  // those whose host address differs
};

}  // namespace tq::core
