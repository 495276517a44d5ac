#include "hal/cpu/device.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <thread>

#include "hal/cpu/clock.h"
#include "hal/cpu/fault.h"
#include "hal/cpu/features.h"
#include "hal/cpu/machine.h"
#include "hal/cpu/queue.h"
#include "hal/cpu/runner.h"
#include "hal/cpu/vm.h"
#include "hal/cpu/watchdog.h"
#include "hal/sized.h"

namespace {

std::atomic<bool> g_is_orphaned{false};
std::atomic<bool> g_has_threads{false};  // or may have them: what a fork leaves behind

// Threads per compute unit and the like are those of compute capability 12.x, for which programs are tuned.
constexpr uint32_t kThreadsPerUnit = 1536;
constexpr uint32_t kBlocksPerUnit = 24;
constexpr uint32_t kSharedPerUnit = 100 << 10;
constexpr uint32_t kSharedPerBlock = 99 << 10;
constexpr uint64_t kResetPatienceNs = 5000000000;

uint64_t DeviceMemory(const tq::hal::cpu::Options& options) {
  return options.memory_bytes != 0 ? options.memory_bytes : tq::hal::cpu::MemoryBytes() / 2;
}

}  // namespace

hal_device::hal_device(uint32_t number, const tq::hal::cpu::Options& opts)
    : index(number),
      options(opts),
      features(tq::hal::cpu::HostFeatures(opts.features)),
      arena(DeviceMemory(opts)),
      host_arena(tq::hal::cpu::MemoryBytes()),
      shared_file(tq::hal::cpu::MemoryBytes() * 2),
      open_ns(tq::hal::cpu::NowNs()) {
  const uint32_t workers = options.workers != 0 ? options.workers : tq::hal::cpu::CoreCount();
  pool = std::make_unique<tq::hal::cpu::Pool>(this, workers);
  info.size = sizeof info;
  std::snprintf(info.name, sizeof info.name, "Tianqiao CPU (%s)", tq::hal::cpu::ProcessorName().c_str());
  const uint64_t identity[2] = {tq::hal::cpu::MachineHash(), uint64_t{0x7471637075000000} + index};
  std::memcpy(info.uuid, identity, sizeof info.uuid);
  info.pci_bus = static_cast<int32_t>(0x80 + index);
  info.flags = HAL_DEVICE_UNIFIED_ADDRESSES | HAL_DEVICE_READS_HOST_MEMORY | HAL_DEVICE_COHERENT |
               HAL_DEVICE_COOPERATIVE | HAL_DEVICE_CLUSTERS | HAL_DEVICE_VIRTUAL_MEMORY |
               HAL_DEVICE_SHARES_OBJECTS | HAL_DEVICE_SURVIVES_FORK | HAL_DEVICE_PARTITIONS;
  info.memory_bytes = arena.limit_bytes();
  info.compute_units = workers;
  info.warp_size = TQ_CPU_WARP_SIZE;
  info.max_threads_per_block = 1024;
  info.max_threads_per_unit = kThreadsPerUnit;
  info.max_blocks_per_unit = kBlocksPerUnit;
  info.max_shared_bytes_per_block = kSharedPerBlock;
  info.shared_bytes_per_unit = kSharedPerUnit;
  info.registers_per_unit = 65536;
  info.max_block = {1024, 1024, 64};
  info.max_grid = {0x7fffffff, 65535, 65535};
  info.clock_khz = tq::hal::cpu::ClockKhz();
  info.memory_clock_khz = 3200000;
  info.memory_bus_bits = 128;
  info.cache_bytes = static_cast<uint32_t>(std::min<uint64_t>(tq::hal::cpu::LastCacheBytes(), UINT32_MAX));
  info.va_begin = 65536;
  info.va_end = uint64_t{1} << 47;
  info.va_granularity_bytes = 4096;
  info.heap_bytes = options.heap_bytes;
}

bool hal_device::is_orphaned() const { return g_is_orphaned.load(std::memory_order_relaxed); }

void hal_device::AddVm(hal_vm* vm) {
  g_has_threads.store(true, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  vms_.insert(vm);
}

void hal_device::RemoveVm(hal_vm* vm) {
  const std::lock_guard lock(mutex_);
  vms_.erase(vm);
}

void hal_device::AddQueue(hal_queue* queue) {
  const std::lock_guard lock(mutex_);
  queues_.insert(queue);
}

void hal_device::RemoveQueue(hal_queue* queue) {
  {
    const std::lock_guard lock(mutex_);
    queues_.erase(queue);
  }
  ReclaimDeferred();
}

void hal_device::Notify() {
  const std::lock_guard lock(mutex_);
  const uint64_t one = 1;
  if (notify_fd_ >= 0 && write(notify_fd_, &one, sizeof one) < 0) return;  // full: readable all the same
}

hal_status NotifyFdOf(hal_device* device, int* fd) {
  const std::lock_guard lock(device->mutex_);
  if (device->notify_fd_ < 0) device->notify_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  *fd = device->notify_fd_;
  return *fd < 0 ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

void hal_device::UnrefWhenIdle(hal_mem* mem) {
  {
    const std::lock_guard lock(mutex_);
    Deferred deferred = {mem, {}};
    for (const hal_queue* queue : queues_) {
      if (queue->IsBusy()) deferred.until.emplace_back(queue->id, queue->submitted());
    }
    if (!deferred.until.empty()) {
      deferred_.push_back(std::move(deferred));
      deferred_count_.store(deferred_.size(), std::memory_order_relaxed);
      return;
    }
  }
  mem->Unref();
}

bool hal_device::IsOver(const Deferred& deferred) const {
  for (const auto& [id, submissions] : deferred.until) {
    for (const hal_queue* queue : queues_) {
      if (queue->id == id && queue->retired() < submissions) return false;
    }
  }
  return true;
}

void hal_device::ReclaimDeferred() {
  if (deferred_count_.load(std::memory_order_relaxed) == 0) return;
  std::vector<hal_mem*> over;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(deferred_, [&](const Deferred& deferred) {
      if (!IsOver(deferred)) return false;
      over.push_back(deferred.mem);
      return true;
    });
    deferred_count_.store(deferred_.size(), std::memory_order_relaxed);
  }
  for (hal_mem* mem : over) mem->Unref();
}

hal_status hal_device::Reset() {
  const uint64_t deadline_ns = tq::hal::cpu::NowNs() + kResetPatienceNs;
  {
    const std::lock_guard lock(mutex_);
    for (hal_vm* vm : vms_) vm->status.store(HAL_DEVICE_LOST, std::memory_order_release);
  }
  bool is_busy = true;
  while (is_busy && tq::hal::cpu::NowNs() < deadline_ns) {
    is_busy = false;
    {
      const std::lock_guard lock(mutex_);
      for (hal_queue* queue : queues_) {
        if (!queue->IsBusy()) continue;
        is_busy = true;
        queue->Cancel();
      }
    }
    if (!is_busy) break;
    tq::hal::cpu::ForEachRunner(
        [](tq::hal::cpu::Runner& runner, void* context) {
          if (runner.in_kernel.load(std::memory_order_relaxed)) tq::hal::cpu::InterruptRunner(runner);
        },
        nullptr);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  reset_count.fetch_add(1, std::memory_order_relaxed);
  Notify();
  return is_busy ? HAL_BUSY : HAL_OK;
}

namespace tq::hal::cpu {
namespace {

HostHooks g_hooks;
Options g_options;

struct DeviceTable {
  std::mutex mutex;
  std::vector<std::unique_ptr<hal_device>> devices;
};

// Never destroyed: workers run until the process ends.
DeviceTable& Devices() {
  static auto* table = new DeviceTable;
  return *table;
}

void OnForkInChild() {
  if (g_has_threads.load(std::memory_order_relaxed)) g_is_orphaned.store(true, std::memory_order_relaxed);
}

}  // namespace

const HostHooks& Hooks() { return g_hooks; }

hal_status Init(const hal_init* in) {
  const hal_init init = ReadSized(in);
  g_hooks = {init.log, init.print, init.call};
  g_options = ParseOptions(init.options, init.log);
  Devices().devices.resize(g_options.devices);
  pthread_atfork(nullptr, nullptr, OnForkInChild);
  if (g_options.watchdog_ms != 0) {
    g_has_threads.store(true, std::memory_order_relaxed);
    StartWatchdog(g_options.watchdog_ms);
  }
  return HAL_OK;
}

hal_status Enumerate(uint32_t* count) {
  *count = g_options.devices;
  return HAL_OK;
}

hal_status DeviceOpen(uint32_t index, hal_device** out) {
  if (g_is_orphaned.load(std::memory_order_relaxed)) return HAL_DEVICE_LOST;
  DeviceTable& table = Devices();
  const std::lock_guard lock(table.mutex);
  if (index >= table.devices.size()) return HAL_NOT_FOUND;
  std::unique_ptr<hal_device>& device = table.devices[index];
  if (device == nullptr) {
    device = std::make_unique<hal_device>(index, g_options);
    InstallFaultHandlers();
  }
  *out = device.get();
  return HAL_OK;
}

// The device stays: its memory is warm and its workers cost nothing while they sleep.
void DeviceClose(hal_device* device) {}

hal_status DeviceQuery(hal_device* device, hal_device_info* info) {
  WriteSized(info, device->info);
  return HAL_OK;
}

hal_status DeviceTelemetry(hal_device* device, hal_device_telemetry* telemetry) {
  device->ReclaimDeferred();
  hal_device_telemetry value = {};
  value.memory_used_bytes = device->arena.used_bytes();
  value.busy_ns = device->busy_ns.load(std::memory_order_relaxed);
  value.wall_ns = NowNs() - device->open_ns;
  value.grids_completed = device->grids_completed.load(std::memory_order_relaxed);
  value.reset_count = device->reset_count.load(std::memory_order_relaxed);
  WriteSized(telemetry, value);
  return HAL_OK;
}

// One memory: every device reaches every other's.
hal_status LinkQuery(hal_device* from, hal_device* to, hal_link_info* info) {
  WriteSized(info, {.can_access = 1, .atomics = 1, .performance_rank = 0});
  return HAL_OK;
}

hal_status DeviceReset(hal_device* device) { return device->Reset(); }

hal_status NotifyFd(hal_device* device, int* fd) { return NotifyFdOf(device, fd); }

hal_status DeviceTimeNs(hal_device* device, uint64_t* now) {
  *now = NowNs();
  return HAL_OK;
}

}  // namespace tq::hal::cpu
