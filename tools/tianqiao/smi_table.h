// The table of devices and processes that `tianqiao smi` prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tq {

struct SmiProcess {
  unsigned pid = 0;
  std::string name;
  uint64_t memory_bytes = 0;
};

// What a device does not tell has no value.
struct SmiDevice {
  std::string name, bus_id;
  uint64_t memory_used_bytes = 0, memory_total_bytes = 0;
  unsigned utilization_percent = 0;
  std::optional<unsigned> celsius, milliwatts;
  std::vector<SmiProcess> processes;
};

struct SmiSnapshot {
  std::string driver_version;
  int cuda_version = 0;  // major * 1000 + minor * 10
  std::vector<SmiDevice> devices;
};

// Each line ends with a line feed and is as wide as all others.
std::string FormatSmiTable(const SmiSnapshot& snapshot);

}  // namespace tq
