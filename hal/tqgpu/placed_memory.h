// Memory at addresses of the program's choice. An address is that of the process, so what is mapped there is
// mapped in all address spaces of the device, and in those to come. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "hal/tqgpu/buffer.h"

namespace tq::hal::tqgpu {

class AddressSpace;
class Device;

class PlacedMemory {
 public:
  explicit PlacedMemory(Device& device) : device_(device) {}

  // HAL_BUSY: the address that was asked for is taken.
  hal_status Reserve(hal_vm_op& op);
  hal_status Release(uint64_t va, uint64_t size_bytes);
  // Whether the address is in a reservation; the others are for such addresses.
  bool Contains(uint64_t va) const;
  hal_status Map(uint64_t va, uint64_t size_bytes, std::shared_ptr<Buffer> buffer, uint64_t offset_bytes,
                 uint32_t access);
  hal_status Unmap(uint64_t va, uint64_t size_bytes);
  hal_status Protect(uint64_t va, uint64_t size_bytes, uint32_t access);
  // A new address space gets what there is.
  void Join(AddressSpace& space);

 private:
  struct Mapping {
    uint64_t size_bytes;
    std::shared_ptr<Buffer> buffer;
    uint64_t offset_bytes;
    uint32_t access;  // 0: none yet
  };
  using Mappings = std::map<uint64_t, Mapping>;

  hal_status BindEverywhere(uint64_t va, const Mapping& mapping);
  void UnmapEverywhere(uint64_t va, uint64_t size_bytes);
  // Cuts mappings so that none crosses `va`.
  void Cut(uint64_t va);

  Device& device_;
  mutable std::mutex mutex_;
  std::map<uint64_t, HostRange> reservations_;
  Mappings mappings_;
};

}  // namespace tq::hal::tqgpu
