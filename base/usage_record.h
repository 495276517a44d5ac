// Which devices each process uses and how much, for the monitors of all processes (NVML, `tianqiao smi`): one
// file for each process in a directory of shared memory (TIANQIAO_USAGE_DIR), written by the process and
// mapped by none but it. A process that ends without a word leaves its file; readers tell by the start time
// of its number that it is gone, and remove it.
//
// Readers take nothing on trust: anyone may have written what lies there.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tq {

struct DeviceUsage {
  std::array<uint8_t, 16> uuid;
  uint64_t memory_used_bytes;
  uint64_t busy_ns;  // since the process began, summed over the compute units
};

struct ProcessUsage {
  pid_t pid;
  std::vector<DeviceUsage> devices;
};

// The writer's side, of this process. Thread-safe.
class UsageRecord {
 public:
  static constexpr unsigned kMostDevices = 64;

  // null where there is no such directory or it cannot be written: then nobody sees this process.
  static std::unique_ptr<UsageRecord> Create(const std::vector<std::array<uint8_t, 16>>& uuids);
  ~UsageRecord();  // takes the file away

  void Set(unsigned device, uint64_t memory_used_bytes, uint64_t busy_ns);

  struct Layout;  // of the file

 private:
  UsageRecord(Layout* layout, std::string path) : layout_(layout), path_(std::move(path)) {}

  Layout* const layout_;
  const std::string path_;
};

// Of all processes that live now, in the order of their numbers.
std::vector<ProcessUsage> ReadUsage();

}  // namespace tq
