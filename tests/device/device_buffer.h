// Device memory that the host sees, mapped for as long as it lives and zero at first. Aborts when there is
// none.
#pragma once

#include <cstdint>

#include "hal/device.h"
#include "hal/memory.h"

namespace tq::test {

class DeviceBuffer {
 public:
  DeviceBuffer(const hal::Device& device, hal::AddressSpace& vm, size_t size_bytes);
  uint8_t* host() { return static_cast<uint8_t*>(memory_.host_ptr()); }
  hal_va va() const { return va_; }

 private:
  hal::Memory memory_;
  hal_va va_ = 0;
};

}  // namespace tq::test
