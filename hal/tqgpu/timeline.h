// Timeline semaphores. What the device brings them to are points of its queues' timeline syncobjs; what the
// host does is known here. A semaphore gets a syncobj of its own when another process is to see it. A job's
// fence says only that the job has ended, so whether a value was reached is asked of the queue that was to
// signal it. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "hal/include/tianqiao/hal.h"
#include "hal/tqgpu/render_node.h"

namespace tq::hal::tqgpu {

class Device;
class Queue;
class AddressSpace;

class Timeline {
 public:
  static hal_status Create(Device& device, uint64_t initial_value, std::shared_ptr<Timeline>* out);
  static hal_status Import(Device& device, int fd, std::shared_ptr<Timeline>* out);
  ~Timeline();
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;

  // HAL_OK, or what it was poisoned with. Loads alone while the value is reached.
  hal_status status() const { return static_cast<hal_status>(status_.load(std::memory_order_acquire)); }
  bool HasReached(uint64_t value) const { return value_.load(std::memory_order_acquire) >= value; }
  uint64_t value() const { return value_.load(std::memory_order_acquire); }

  void Signal(uint64_t value);
  void Poison(hal_status status);
  // The job `seqno` of the queue will bring it to `value`. Before the job is submitted.
  void Expect(uint64_t value, std::shared_ptr<Queue> queue, uint64_t seqno);
  // Learns from the queues what has happened since. `ask`: also from the kernel, where a load does not say.
  void Settle(bool ask);

  // The job that will bring it to `value`; an empty queue: nobody has submitted one in this process.
  struct Producer {
    std::shared_ptr<Queue> queue;
    uint64_t seqno = 0;
  };
  Producer ProducerOf(uint64_t value) const;

  // Of a shared one: what a job that signals it has to signal; else 0.
  uint32_t syncobj() const { return syncobj_.load(std::memory_order_acquire); }
  Device& device() const { return device_; }
  bool is_shared() const { return syncobj() != 0; }
  hal_status Export(int* fd);

 private:
  struct Expected {
    uint64_t value;
    Producer producer;
  };
  Timeline(Device& device, uint64_t value) : device_(device), value_(value) {}
  void SettleLocked();

  Device& device_;
  std::atomic<uint32_t> syncobj_{0};
  std::atomic<uint64_t> value_;
  std::atomic<uint32_t> status_{HAL_OK};
  mutable std::mutex mutex_;
  std::vector<Expected> expected_;
};

}  // namespace tq::hal::tqgpu

struct hal_sem {
  std::shared_ptr<tq::hal::tqgpu::Timeline> timeline;
};

namespace tq::hal::tqgpu {

hal_status SemCreate(hal_device* device, uint64_t initial_value, hal_sem** out);
void SemDestroy(hal_sem* sem);
hal_status SemQuery(hal_sem* sem, uint64_t* value);
hal_status SemSignal(hal_sem* sem, uint64_t value);
hal_status SemPoison(hal_sem* sem, hal_status status);
hal_status SemWait(const hal_sem_point* points, size_t count, uint32_t any, uint64_t deadline_ns);
hal_status SemExport(hal_sem* sem, hal_handle_kind kind, hal_shared_handle* out);
hal_status SemImport(hal_device* device, const hal_shared_handle* handle, hal_sem** out);

}  // namespace tq::hal::tqgpu
