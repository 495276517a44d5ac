#include "hal/cpu/machine.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace tq::hal::cpu {
namespace {

std::string ReadLine(const char* path) {
  char text[256] = "";
  if (FILE* file = std::fopen(path, "re"); file != nullptr) {
    if (std::fgets(text, sizeof text, file) == nullptr) text[0] = 0;
    std::fclose(file);
  }
  text[std::strcspn(text, "\n")] = 0;
  return text;
}

uint64_t ReadNumber(const char* path) { return std::strtoull(ReadLine(path).c_str(), nullptr, 10); }

}  // namespace

uint32_t CoreCount() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return static_cast<uint32_t>(std::max(CPU_COUNT(&set), 1));
  return static_cast<uint32_t>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L));
}

uint64_t MemoryBytes() {
  uint64_t bytes =
      static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  // "max" and absent files read as 0.
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    if (const uint64_t limit = ReadNumber(path); limit != 0) bytes = std::min(bytes, limit);
  }
  return bytes;
}

uint64_t LastCacheBytes() {
  for (const int name : {_SC_LEVEL3_CACHE_SIZE, _SC_LEVEL2_CACHE_SIZE}) {
    if (const long size = sysconf(name); size > 0) return static_cast<uint64_t>(size);
  }
  return 8 << 20;
}

uint32_t ClockKhz() {
  const uint64_t khz = ReadNumber("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq");
  return khz != 0 ? static_cast<uint32_t>(khz) : 2000000;  // virtual machines do not say
}

std::string ProcessorName() {
#if defined(__x86_64__)
  // Intel SDM volume 2, CPUID leaves 80000002H to 80000004H.
  unsigned words[12];
  for (unsigned i = 0; i < 3; ++i) {
    if (__get_cpuid(0x80000002 + i, &words[i * 4], &words[i * 4 + 1], &words[i * 4 + 2], &words[i * 4 + 3]) ==
        0) {
      return "x86-64";
    }
  }
  const std::string name(reinterpret_cast<const char*>(words),
                         strnlen(reinterpret_cast<const char*>(words), 48));
  const size_t begin = name.find_first_not_of(' ');
  const size_t end = name.find_last_not_of(' ');
  return begin == std::string::npos ? "x86-64" : name.substr(begin, end - begin + 1);
#else
  return "AArch64";
#endif
}

uint64_t MachineHash() {
  std::string text = ReadLine("/etc/machine-id");
  if (text.empty()) text = ProcessorName();
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace tq::hal::cpu
