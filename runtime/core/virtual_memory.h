// Address ranges that the program reserves, and what it maps there (CUDA driver API, "Virtual Memory
// Management"). Ranges belong to the process, not to a context. A mapping is known to the AddressSpace, and
// so to copies and pointer queries, while some device may access it. Thread-safe.
//
// On devices with unified addresses one page table serves all: what one device may do with a mapping, the
// others can do too, though cuMemGetAccess tells them apart.
#pragma once

#include <cuda.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ref.h"
#include "hal/device.h"

namespace tq::core {

class Allocation;
class PhysicalMemory;

class VirtualMemory {
 public:
  static VirtualMemory& Get();

  // `address` is a wish; 0: anywhere.
  absl::StatusOr<uint64_t> Reserve(uint64_t size_bytes, uint64_t align_bytes, uint64_t address);
  // One load while there are no reservations.
  bool IsReserved(uint64_t address) const;
  // A whole reservation, with nothing mapped in it.
  absl::Status Free(uint64_t address, uint64_t size_bytes);

  // Without access, until SetAccess.
  absl::Status Map(uint64_t address, uint64_t size_bytes, uint64_t offset_bytes, Ref<PhysicalMemory> memory);
  // Whole mappings that follow each other without gaps.
  absl::Status Unmap(uint64_t address, uint64_t size_bytes);
  absl::Status SetAccess(uint64_t address, uint64_t size_bytes, absl::Span<const CUmemAccessDesc> access);
  absl::StatusOr<CUmemAccess_flags> Access(uint64_t address, int device) const;

  // What is mapped at the address; null: nothing.
  Ref<PhysicalMemory> MemoryAt(uint64_t address) const;

 private:
  struct Mapping {
    uint64_t size_bytes;
    Ref<PhysicalMemory> memory;
    std::map<int, CUmemAccess_flags> access;  // by device
    std::unique_ptr<Allocation> allocation;   // null: no device has access
  };
  using Mappings = std::map<uint64_t, Mapping>;

  VirtualMemory() = default;
  absl::StatusOr<hal::AddressSpace*> Space();
  absl::Status Bind(uint32_t kind, uint64_t address, uint64_t size_bytes, uint32_t access = 0);
  Mappings::const_iterator Find(uint64_t address) const;
  // That the range is whole mappings, and reserved.
  absl::Status CheckMapped(uint64_t address, uint64_t size_bytes) const;
  absl::Status Protect(uint64_t address, Mapping& mapping);

  mutable std::mutex mutex_;
  std::optional<hal::AddressSpace> space_;     // made at the first reservation
  std::map<uint64_t, uint64_t> reservations_;  // sizes
  std::atomic<size_t> reservation_count_{0};
  Mappings mappings_;
};

}  // namespace tq::core
