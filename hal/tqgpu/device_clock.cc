#include "hal/tqgpu/device_clock.h"

namespace tq::hal::tqgpu {
namespace {

constexpr uint64_t kPatienceNs = 10'000'000'000;

}  // namespace

hal_status DeviceClock::Create(Device& device, std::unique_ptr<DeviceClock>* out) {
  auto clock = std::make_unique<DeviceClock>();
  hal_status status = AddressSpace::Create(device, &clock->space_);
  if (status == HAL_OK) {
    status = MappedBuffer::Create(*clock->space_, kPageBytes, DRM_TQGPU_PLACE_SYSTEM,
                                  HAL_VM_READ | HAL_VM_WRITE, &clock->word_);
  }
  const hal_queue_desc desc = {.size = sizeof desc, .queue_class = HAL_QUEUE_COPY, .priority = 1};
  if (status == HAL_OK) status = Queue::Create(clock->space_, desc, &clock->queue_);
  if (status == HAL_OK) status = Timeline::Create(device, 0, &clock->done_);
  if (status == HAL_OK) *out = std::move(clock);
  return status;
}

hal_status DeviceClock::Read(uint64_t* now_ns) {
  Recording recording;
  recording.packets.Timestamp((*word_)->va());
  queue_->Submit({}, std::move(recording), {{done_, ++reads_}});
  hal_sem sem = {done_};
  const hal_sem_point point = {&sem, reads_};
  const hal_status status = SemWait(&point, 1, 0, MonotonicNs() + kPatienceNs);
  if (status == HAL_OK) *now_ns = *(*word_)->as<volatile uint64_t>();
  return status;
}

}  // namespace tq::hal::tqgpu
