// Devices of this process: CPU devices all, with a memory limit, an identity and workers of their own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hal/cpu/arena.h"
#include "hal/cpu/memory.h"
#include "hal/cpu/options.h"
#include "hal/cpu/pool.h"
#include "hal/include/tianqiao/hal.h"

struct hal_device {
  hal_device(uint32_t number, const tq::hal::cpu::Options& options);

  // Device memory, or what is pinned on the host.
  tq::hal::cpu::Arena& arena_for(uint32_t mem_flags) {
    return (mem_flags & HAL_MEM_HOST_RESIDENT) != 0 ? host_arena : arena;
  }

  void AddVm(hal_vm* vm);
  void RemoveVm(hal_vm* vm);
  void AddQueue(hal_queue* queue);
  void RemoveQueue(hal_queue* queue);
  hal_status Reset();

  // Makes notify_fd readable.
  void Notify();

  // Drops the reference once everything submitted until now has ended.
  void UnrefWhenIdle(hal_mem* mem);
  void ReclaimDeferred();

  // In a child process after fork: no workers, no device.
  bool is_orphaned() const;

  const uint32_t index;
  const tq::hal::cpu::Options options;
  hal_device_info info = {};
  std::string features;
  tq::hal::cpu::Arena arena;
  tq::hal::cpu::Arena host_arena;
  tq::hal::cpu::SharedFile shared_file;
  std::unique_ptr<tq::hal::cpu::Pool> pool;
  const uint64_t open_ns;
  std::atomic<uint64_t> busy_ns{0};
  std::atomic<uint64_t> grids_completed{0};
  std::atomic<uint64_t> reset_count{0};

 private:
  struct Deferred {
    hal_mem* mem;
    std::vector<std::pair<uint64_t, uint64_t>> until;  // queue id, submissions
  };

  bool IsOver(const Deferred& deferred) const;

  std::mutex mutex_;  // before a queue's mutex
  std::set<hal_vm*> vms_;
  std::set<hal_queue*> queues_;
  std::vector<Deferred> deferred_;
  std::atomic<size_t> deferred_count_{0};
  int notify_fd_ = -1;

  friend hal_status NotifyFdOf(hal_device* device, int* fd);
};

hal_status NotifyFdOf(hal_device* device, int* fd);

namespace tq::hal::cpu {

// Of hal_init.
struct HostHooks {
  void (*log)(int level, const char* message) = nullptr;
  void (*print)(const char* text, size_t size_bytes) = nullptr;
  uint64_t (*call)(const hal_call* call) = nullptr;
};
const HostHooks& Hooks();

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

}  // namespace tq::hal::cpu
