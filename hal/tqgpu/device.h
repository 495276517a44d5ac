// A card: its render node, what it is, and the thread that carries on what waits for the host.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "hal/include/tianqiao/hal.h"
#include "hal/tqgpu/buffer.h"
#include "hal/tqgpu/hooks.h"
#include "hal/tqgpu/placed_memory.h"
#include "hal/tqgpu/render_node.h"

namespace tq::hal::tqgpu {

class AddressSpace;
class DeviceClock;
class Queue;

// Work that cannot be handed to the kernel driver yet: it waits for a value that nobody has promised, for
// another address space, or for a word of memory. Advance() does what can be done now.
class Waiting {
 public:
  enum class State {
    kFinished,      // forget it
    kNeedsHost,     // only a call of this process brings it on
    kNeedsPolling,  // the device does
  };
  virtual ~Waiting() = default;
  virtual State Advance() = 0;
};

// Thread-safe. Lives as long as the process.
class Device {
 public:
  static std::unique_ptr<Device> Open(const std::string& path);
  ~Device();

  RenderNode& node() const { return *node_; }
  const hal_device_info& info() const { return info_; }
  const drm_tqgpu_dev_info& card() const { return card_; }

  void Watch(std::shared_ptr<Waiting> waiting);
  // A semaphore or a queue has moved: whoever waits looks again.
  void Kick();
  uint64_t changes() const { return changes_.load(std::memory_order_seq_cst); }
  // Until a Kick() after changes() gave `seen`, or the deadline.
  void WaitForChange(uint64_t seen, uint64_t deadline_ns);

  void Notify();
  hal_status NotifyFd(int* fd);
  hal_status TimeNs(uint64_t* now);
  hal_status Telemetry(hal_device_telemetry* telemetry);
  void Reset();

  // Memory that work in flight may still use: `release` runs when all that was submitted until now has ended.
  void ReleaseWhenIdle(std::function<void()> release);
  void ReleaseWhatIsIdle();

  void AddQueue(const std::shared_ptr<Queue>& queue);
  void AddSpace(const std::shared_ptr<AddressSpace>& space);
  std::vector<std::shared_ptr<AddressSpace>> Spaces();
  PlacedMemory& placed() { return placed_; }
  void CountMemory(int64_t bytes) {
    memory_used_.fetch_add(static_cast<uint64_t>(bytes), std::memory_order_relaxed);
  }
  bool HasRoom(uint64_t bytes) const;

 private:
  explicit Device(std::unique_ptr<RenderNode> node);
  void FillInfo();
  void Main();

  const std::unique_ptr<RenderNode> node_;
  drm_tqgpu_dev_info card_ = {};
  hal_device_info info_ = {};
  std::atomic<uint64_t> memory_used_{0};
  std::atomic<uint64_t> reset_count_{0};

  std::mutex waiting_mutex_;
  std::condition_variable waiting_condition_;
  std::vector<std::shared_ptr<Waiting>> waiting_;
  std::atomic<bool> is_waiting_{false};
  std::condition_variable change_condition_;
  std::atomic<uint64_t> changes_{0};
  std::atomic<uint32_t> sleepers_{0};
  bool has_thread_ = false;

  PlacedMemory placed_{*this};

  std::mutex clock_mutex_;
  std::unique_ptr<DeviceClock> clock_;

  std::mutex registry_mutex_;
  int notify_fd_ = -1;
  std::vector<std::weak_ptr<Queue>> queues_;
  std::vector<std::weak_ptr<AddressSpace>> spaces_;
  struct Release {
    std::vector<std::pair<std::weak_ptr<Queue>, uint64_t>> until;
    std::function<void()> release;
  };
  std::vector<Release> releases_;
  std::atomic<bool> has_releases_{false};
};

}  // namespace tq::hal::tqgpu

struct hal_device {
  std::unique_ptr<tq::hal::tqgpu::Device> device;
};

namespace tq::hal::tqgpu {

hal_status Init(const hal_init* init);
hal_status Enumerate(uint32_t* count);
hal_status DeviceOpen(uint32_t index, hal_device** out);
void DeviceClose(hal_device* device);
hal_status DeviceQuery(hal_device* device, hal_device_info* info);
hal_status DeviceTelemetry(hal_device* device, hal_device_telemetry* telemetry);
hal_status LinkQuery(hal_device* from, hal_device* to, hal_link_info* info);
hal_status DeviceReset(hal_device* device);
hal_status NotifyFd(hal_device* device, int* fd);
hal_status DeviceTimeNs(hal_device* device, uint64_t* now);

}  // namespace tq::hal::tqgpu
