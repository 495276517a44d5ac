#include "hal/tqgpu/device.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <thread>

#include "hal/sized.h"
#include "hal/tqgpu/address_space.h"
#include "hal/tqgpu/device_clock.h"
#include "hal/tqgpu/queue.h"

namespace tq::hal::tqgpu {
namespace {

constexpr auto kPollInterval = std::chrono::microseconds(500);

// Figures that a kernel of CUDA's shape may rely on; the shell keeps them for every block.
constexpr uint32_t kThreadsPerBlock = 1024, kThreadsPerUnit = 1536, kBlocksPerUnit = 24;
constexpr uint32_t kSharedPerBlock = 99 << 10, kSharedPerUnit = 100 << 10;
constexpr uint64_t kDefaultHeapBytes = 8 << 20;

std::atomic<bool> g_is_forked{false};

struct DeviceTable {
  std::mutex mutex;
  bool is_found = false;
  std::vector<std::string> paths;
  std::vector<std::unique_ptr<hal_device>> devices;
};

// Never destroyed: the devices' threads run until the process ends.
DeviceTable& Devices() {
  static auto* table = new DeviceTable;
  return *table;
}

uint32_t CountDevices(DeviceTable& table) {
  if (!table.is_found) {
    table.paths = RenderNode::Find();
    table.devices.resize(table.paths.size());
    table.is_found = true;
  }
  return static_cast<uint32_t>(table.paths.size());
}

}  // namespace

bool IsForked() { return g_is_forked.load(std::memory_order_relaxed); }

std::unique_ptr<Device> Device::Open(const std::string& path) {
  std::unique_ptr<RenderNode> node = RenderNode::Open(path);
  if (node == nullptr) return nullptr;
  std::unique_ptr<Device> device(new Device(std::move(node)));
  if (device->node().QueryInfo(&device->card_) != 0) return nullptr;
  device->FillInfo();
  return device;
}

Device::Device(std::unique_ptr<RenderNode> node) : node_(std::move(node)) {}

Device::~Device() = default;

void Device::FillInfo() {
  drm_tqgpu_dev_memory memory = {};
  drm_tqgpu_dev_usage usage = {};
  node_->QueryMemory(&memory);
  node_->QueryUsage(&usage);
  const BusAddress bus = node_->bus_address();
  info_.size = sizeof info_;
  std::snprintf(info_.name, sizeof info_.name, "Tianqiao tqgpu, %u compute units", card_.compute_harts);
  // The place on the bus is what stays the same over processes and reboots.
  char uuid[17];
  std::snprintf(uuid, sizeof uuid, "tqgpu%04x%02x%02x%01x00", bus.domain & 0xffff, bus.bus & 0xff,
                bus.device & 0xff, bus.function & 0xf);
  std::memcpy(info_.uuid, uuid, sizeof info_.uuid);
  info_.pci_domain = bus.domain;
  info_.pci_bus = bus.bus;
  info_.pci_device = bus.device;
  info_.flags = HAL_DEVICE_UNIFIED_ADDRESSES | HAL_DEVICE_COHERENT | HAL_DEVICE_COOPERATIVE |
                HAL_DEVICE_CLUSTERS | HAL_DEVICE_VIRTUAL_MEMORY;
  info_.memory_bytes = memory.vram_visible_size;
  info_.compute_units = std::max(card_.compute_harts, 1u);
  info_.warp_size = 32;
  info_.max_threads_per_block = kThreadsPerBlock;
  info_.max_threads_per_unit = kThreadsPerUnit;
  info_.max_blocks_per_unit = kBlocksPerUnit;
  info_.max_shared_bytes_per_block = kSharedPerBlock;
  info_.shared_bytes_per_unit = kSharedPerUnit;
  info_.registers_per_unit = 65536;
  info_.max_block = {1024, 1024, 64};
  info_.max_grid = {0x7fffffff, 65535, 65535};
  info_.clock_khz = static_cast<uint32_t>(usage.frequency_hz / 1000);
  info_.memory_clock_khz = info_.clock_khz;
  info_.memory_bus_bits = 64;
  info_.va_begin = card_.va_start;
  info_.va_end = card_.va_end;
  info_.va_granularity_bytes = card_.page_size;
  info_.heap_bytes = kDefaultHeapBytes;
}

// ---- what waits

void Device::Watch(std::shared_ptr<Waiting> waiting) {
  const std::lock_guard lock(waiting_mutex_);
  if (std::find(waiting_.begin(), waiting_.end(), waiting) == waiting_.end())
    waiting_.push_back(std::move(waiting));
  is_waiting_.store(true, std::memory_order_seq_cst);
  changes_.fetch_add(1, std::memory_order_seq_cst);
  if (!has_thread_) {
    has_thread_ = true;
    std::thread([this] { Main(); }).detach();
  }
  waiting_condition_.notify_one();
}

void Device::Kick() {
  changes_.fetch_add(1, std::memory_order_seq_cst);
  if (!is_waiting_.load(std::memory_order_seq_cst) && sleepers_.load(std::memory_order_seq_cst) == 0) return;
  const std::lock_guard lock(waiting_mutex_);
  waiting_condition_.notify_one();
  change_condition_.notify_all();
}

void Device::WaitForChange(uint64_t seen, uint64_t deadline_ns) {
  std::unique_lock lock(waiting_mutex_);
  ++sleepers_;
  // steady_clock is CLOCK_MONOTONIC.
  const std::chrono::steady_clock::time_point deadline{std::chrono::nanoseconds(deadline_ns)};
  change_condition_.wait_until(lock, deadline, [&] { return changes() != seen; });
  --sleepers_;
}

void Device::Main() {
  pthread_setname_np(pthread_self(), "tq-gpu");
  std::unique_lock lock(waiting_mutex_);
  for (;;) {
    const uint64_t seen = changes();
    // Taken out while they are looked at: what is added meanwhile under the same name is not lost.
    std::vector<std::shared_ptr<Waiting>> all = std::exchange(waiting_, {});
    lock.unlock();
    bool polls = false;
    std::erase_if(all, [&](const std::shared_ptr<Waiting>& waiting) {
      const Waiting::State state = waiting->Advance();
      polls |= state == Waiting::State::kNeedsPolling;
      return state == Waiting::State::kFinished;
    });
    lock.lock();
    for (std::shared_ptr<Waiting>& waiting : all) {
      if (std::find(waiting_.begin(), waiting_.end(), waiting) == waiting_.end())
        waiting_.push_back(std::move(waiting));
    }
    all.clear();
    is_waiting_.store(!waiting_.empty(), std::memory_order_seq_cst);
    if (changes() != seen) continue;
    if (polls) {
      waiting_condition_.wait_for(lock, kPollInterval);
    } else {
      waiting_condition_.wait(lock, [&] { return changes() != seen; });
    }
  }
}

// ---- memory that work in flight uses

void Device::AddQueue(const std::shared_ptr<Queue>& queue) {
  const std::lock_guard lock(registry_mutex_);
  std::erase_if(queues_, [](const std::weak_ptr<Queue>& each) { return each.expired(); });
  queues_.push_back(queue);
}

void Device::AddSpace(const std::shared_ptr<AddressSpace>& space) {
  const std::lock_guard lock(registry_mutex_);
  std::erase_if(spaces_, [](const std::weak_ptr<AddressSpace>& each) { return each.expired(); });
  spaces_.push_back(space);
}

std::vector<std::shared_ptr<AddressSpace>> Device::Spaces() {
  std::vector<std::shared_ptr<AddressSpace>> spaces;
  const std::lock_guard lock(registry_mutex_);
  for (const std::weak_ptr<AddressSpace>& weak : spaces_) {
    if (std::shared_ptr<AddressSpace> space = weak.lock()) spaces.push_back(std::move(space));
  }
  return spaces;
}

void Device::ReleaseWhenIdle(std::function<void()> release) {
  Release entry = {{}, std::move(release)};
  std::vector<std::weak_ptr<Queue>> queues;
  {
    const std::lock_guard lock(registry_mutex_);
    queues = queues_;
  }
  for (const std::weak_ptr<Queue>& weak : queues) {
    const std::shared_ptr<Queue> queue = weak.lock();
    if (queue == nullptr) continue;
    const uint64_t serial = queue->last_serial();
    if (!queue->IsIdleUpTo(serial)) entry.until.emplace_back(weak, serial);
  }
  if (entry.until.empty()) {
    entry.release();
    return;
  }
  const std::lock_guard lock(registry_mutex_);
  releases_.push_back(std::move(entry));
  has_releases_.store(true, std::memory_order_relaxed);
}

void Device::ReleaseWhatIsIdle() {
  if (!has_releases_.load(std::memory_order_relaxed)) return;
  std::vector<Release> entries;
  {
    const std::lock_guard lock(registry_mutex_);
    entries.swap(releases_);
    has_releases_ = false;
  }
  std::erase_if(entries, [](const Release& entry) {
    for (const auto& [weak, serial] : entry.until) {
      const std::shared_ptr<Queue> queue = weak.lock();
      if (queue != nullptr && !queue->IsIdleUpTo(serial)) return false;
    }
    entry.release();
    return true;
  });
  if (entries.empty()) return;
  const std::lock_guard lock(registry_mutex_);
  for (Release& entry : entries) releases_.push_back(std::move(entry));
  has_releases_ = true;
}

bool Device::HasRoom(uint64_t bytes) const {
  const uint64_t used = memory_used_.load(std::memory_order_relaxed);
  return used <= info_.memory_bytes && bytes <= info_.memory_bytes - used;
}

// ---- state

void Device::Notify() {
  const std::lock_guard lock(registry_mutex_);
  const uint64_t one = 1;
  if (notify_fd_ >= 0 && write(notify_fd_, &one, sizeof one) < 0) return;  // full: readable all the same
}

hal_status Device::NotifyFd(int* fd) {
  const std::lock_guard lock(registry_mutex_);
  if (notify_fd_ < 0) notify_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  *fd = notify_fd_;
  return *fd < 0 ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

hal_status Device::TimeNs(uint64_t* now) {
  const std::lock_guard lock(clock_mutex_);
  if (clock_ == nullptr) {
    if (const hal_status status = DeviceClock::Create(*this, &clock_); status != HAL_OK) return status;
  }
  return clock_->Read(now);
}

hal_status Device::Telemetry(hal_device_telemetry* telemetry) {
  ReleaseWhatIsIdle();
  drm_tqgpu_dev_usage usage = {};
  if (const int error = node_->QueryUsage(&usage); error != 0) return FromErrno(error);
  const uint64_t ns_per_tick = 1'000'000'000 / card_.timebase_hz;
  telemetry->memory_used_bytes = memory_used_;
  telemetry->busy_ns = usage.busy_ticks[DRM_TQGPU_QUEUE_COMPUTE] * ns_per_tick * info_.compute_units;
  telemetry->wall_ns = usage.timestamp * ns_per_tick;
  telemetry->reset_count = reset_count_ + card_.reset_count;
  telemetry->temperature_mc = usage.temperature_mc;
  telemetry->power_mw = usage.power_mw;
  drm_tqgpu_dev_info card = {};
  if (node_->QueryInfo(&card) == 0) telemetry->reset_count = reset_count_ + card.reset_count;
  return HAL_OK;
}

// Everything that this process has on the device is lost to it. Jobs that run on are ended by the kernel
// driver; those of other processes are no business of ours.
void Device::Reset() {
  for (const std::shared_ptr<AddressSpace>& space : Spaces()) space->Lose();
  {
    const std::lock_guard lock(clock_mutex_);
    clock_ = nullptr;
  }
  ++reset_count_;
  Notify();
  Kick();
}

hal_status Init(const hal_init* init) {
  Hooks() = {ReadSized(init).log, ReadSized(init).print};
  static std::once_flag once;
  std::call_once(once, [] { pthread_atfork(nullptr, nullptr, [] { g_is_forked = true; }); });
  return HAL_OK;
}

hal_status Enumerate(uint32_t* count) {
  DeviceTable& table = Devices();
  const std::lock_guard lock(table.mutex);
  *count = CountDevices(table);
  return HAL_OK;
}

hal_status DeviceOpen(uint32_t index, hal_device** out) {
  if (IsForked()) return HAL_DEVICE_LOST;
  DeviceTable& table = Devices();
  const std::lock_guard lock(table.mutex);
  if (index >= CountDevices(table)) return HAL_NOT_FOUND;
  std::unique_ptr<hal_device>& slot = table.devices[index];
  if (slot == nullptr) {
    std::unique_ptr<Device> device = Device::Open(table.paths[index]);
    if (device == nullptr) return HAL_DEVICE_LOST;
    slot = std::make_unique<hal_device>(std::move(device));
  }
  *out = slot.get();  // opening twice gives the same device
  return HAL_OK;
}

void DeviceClose(hal_device* device) {}

hal_status DeviceQuery(hal_device* device, hal_device_info* info) {
  WriteSized(info, device->device->info());
  return HAL_OK;
}

hal_status DeviceTelemetry(hal_device* device, hal_device_telemetry* telemetry) {
  hal_device_telemetry value = {};
  const hal_status status = device->device->Telemetry(&value);
  if (status == HAL_OK) WriteSized(telemetry, value);
  return status;
}

hal_status LinkQuery(hal_device* from, hal_device* to, hal_link_info* info) {
  const uint32_t is_same = from == to;
  WriteSized(info, {.can_access = is_same, .atomics = is_same, .performance_rank = 0});
  return HAL_OK;
}

hal_status DeviceReset(hal_device* device) {
  device->device->Reset();
  return HAL_OK;
}

hal_status NotifyFd(hal_device* device, int* fd) { return device->device->NotifyFd(fd); }

hal_status DeviceTimeNs(hal_device* device, uint64_t* now) { return device->device->TimeNs(now); }

}  // namespace tq::hal::tqgpu
