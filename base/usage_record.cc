#include "base/usage_record.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/knobs.h"

namespace tq {

// The file. Readers of other versions know by the size and the first word that they cannot read it.
struct UsageRecord::Layout {
  static constexpr uint64_t kMagic = 0x3130656761737574;  // "tusage01"

  struct Device {
    uint8_t uuid[16];
    std::atomic<uint64_t> memory_used_bytes, busy_ns;
  };

  uint64_t magic;
  uint64_t pid;
  uint64_t start_ticks;
  uint64_t device_count;
  Device devices[kMostDevices];
};

namespace {

constexpr std::string_view kPrefix = "tianqiao-usage.";

// When the process began, in ticks since the machine did: field 22 of /proc/PID/stat (proc(5)). 0: it is
// over.
uint64_t StartTicks(pid_t pid) {
  char path[64], text[1024];
  std::snprintf(path, sizeof path, "/proc/%d/stat", static_cast<int>(pid));
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = '\0';
  // The name, which may hold anything, ends with the last parenthesis; field 3 follows.
  const char* at = std::strrchr(text, ')');
  if (at != nullptr && std::strncmp(at, ") Z", 3) == 0) return 0;  // ended, and waits for its parent
  for (int field = 2; at != nullptr && field < 22; ++field) at = std::strchr(at + 1, ' ');
  return at == nullptr ? 0 : std::strtoull(at, nullptr, 10);
}

std::string PathOf(const std::string& name) { return Knobs().usage_dir + "/" + name; }

std::optional<pid_t> PidOf(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  int pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (error != std::errc() || end != name.data() + name.size() || pid <= 0) return std::nullopt;
  return pid;
}

bool BelongsToProcess(int fd, pid_t pid) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%d", static_cast<int>(pid));
  struct stat file, process;
  return fstat(fd, &file) == 0 && stat(path, &process) == 0 && file.st_uid == process.st_uid &&
         S_ISREG(file.st_mode);
}

}  // namespace

std::unique_ptr<UsageRecord> UsageRecord::Create(const std::vector<std::array<uint8_t, 16>>& uuids) {
  const std::string path = PathOf(std::string(kPrefix) + std::to_string(getpid()));
  unlink(path.c_str());  // of an earlier process of this number
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return nullptr;
  void* memory = MAP_FAILED;
  if (ftruncate(fd, sizeof(Layout)) == 0) {
    memory = mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  close(fd);
  if (memory == MAP_FAILED) {
    unlink(path.c_str());
    return nullptr;
  }
  auto* const layout = static_cast<Layout*>(memory);
  layout->pid = static_cast<uint64_t>(getpid());
  layout->start_ticks = StartTicks(getpid());
  layout->device_count = std::min<uint64_t>(uuids.size(), kMostDevices);
  for (uint64_t i = 0; i < layout->device_count; ++i) {
    std::memcpy(layout->devices[i].uuid, uuids[i].data(), sizeof layout->devices[i].uuid);
  }
  layout->magic = Layout::kMagic;
  return std::unique_ptr<UsageRecord>(new UsageRecord(layout, path));
}

UsageRecord::~UsageRecord() {
  unlink(path_.c_str());
  munmap(layout_, sizeof(Layout));
}

void UsageRecord::Set(unsigned device, uint64_t memory_used_bytes, uint64_t busy_ns) {
  if (device >= layout_->device_count) return;
  layout_->devices[device].memory_used_bytes.store(memory_used_bytes, std::memory_order_relaxed);
  layout_->devices[device].busy_ns.store(busy_ns, std::memory_order_relaxed);
}

std::vector<ProcessUsage> ReadUsage() {
  std::vector<ProcessUsage> processes;
  DIR* const directory = opendir(Knobs().usage_dir.c_str());
  if (directory == nullptr) return processes;
  while (const dirent* const entry = readdir(directory)) {
    const std::optional<pid_t> pid = PidOf(entry->d_name);
    if (!pid.has_value()) continue;
    const std::string path = PathOf(entry->d_name);
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) continue;
    // Read, not mapped: a file that is cut short meanwhile must not end its readers.
    alignas(UsageRecord::Layout) unsigned char bytes[sizeof(UsageRecord::Layout)];
    const bool is_whole = pread(fd, bytes, sizeof bytes, 0) == static_cast<ssize_t>(sizeof bytes);
    const bool is_its_own = BelongsToProcess(fd, *pid);
    close(fd);
    const uint64_t start_ticks = StartTicks(*pid);
    if (start_ticks == 0) unlink(path.c_str());
    if (!is_whole || !is_its_own || start_ticks == 0) continue;
    const auto* const layout = reinterpret_cast<const UsageRecord::Layout*>(bytes);
    if (layout->magic != UsageRecord::Layout::kMagic || layout->pid != static_cast<uint64_t>(*pid) ||
        layout->device_count > UsageRecord::kMostDevices) {
      continue;
    }
    if (layout->start_ticks != start_ticks) {
      unlink(path.c_str());  // of an earlier process of this number
      continue;
    }
    ProcessUsage& process = processes.emplace_back(ProcessUsage{*pid, {}});
    for (uint64_t i = 0; i < layout->device_count; ++i) {
      DeviceUsage& device = process.devices.emplace_back();
      std::memcpy(device.uuid.data(), layout->devices[i].uuid, device.uuid.size());
      device.memory_used_bytes = layout->devices[i].memory_used_bytes.load(std::memory_order_relaxed);
      device.busy_ns = layout->devices[i].busy_ns.load(std::memory_order_relaxed);
    }
  }
  closedir(directory);
  std::sort(processes.begin(), processes.end(),
            [](const ProcessUsage& a, const ProcessUsage& b) { return a.pid < b.pid; });
  return processes;
}

}  // namespace tq
