// The device's clock, read by asking the copy engine for a timestamp: the kernel driver knows an older one
// only. Externally synchronised.
#pragma once

#include <memory>

#include "hal/tqgpu/queue.h"

namespace tq::hal::tqgpu {

class DeviceClock {
 public:
  static hal_status Create(Device& device, std::unique_ptr<DeviceClock>* out);

  hal_status Read(uint64_t* now_ns);

 private:
  std::shared_ptr<AddressSpace> space_;
  std::shared_ptr<MappedBuffer> word_;
  std::shared_ptr<Queue> queue_;
  std::shared_ptr<Timeline> done_;
  uint64_t reads_ = 0;
};

}  // namespace tq::hal::tqgpu
