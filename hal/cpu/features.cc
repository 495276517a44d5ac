#include "hal/cpu/features.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace tq::hal::cpu {
#if defined(__x86_64__)
namespace {

enum Register { kEax, kEbx, kEcx, kEdx };
enum Level { kSse, kAvx, kAvx512 };  // what the operating system must save: nothing more, ymm, zmm and masks

struct FeatureRow {
  const char* name;
  uint32_t leaf, subleaf;
  Register reg;
  uint32_t bit;
  Level level;
};

// Intel SDM volume 2, CPUID. AMX is absent on purpose: it needs a permission per thread.
constexpr FeatureRow kRows[] = {
    {"sse3", 1, 0, kEcx, 0, kSse},
    {"pclmul", 1, 0, kEcx, 1, kSse},
    {"ssse3", 1, 0, kEcx, 9, kSse},
    {"cx16", 1, 0, kEcx, 13, kSse},
    {"sse4.1", 1, 0, kEcx, 19, kSse},
    {"sse4.2", 1, 0, kEcx, 20, kSse},
    {"movbe", 1, 0, kEcx, 22, kSse},
    {"popcnt", 1, 0, kEcx, 23, kSse},
    {"aes", 1, 0, kEcx, 25, kSse},
    {"lzcnt", 0x80000001, 0, kEcx, 5, kSse},
    {"bmi", 7, 0, kEbx, 3, kSse},
    {"bmi2", 7, 0, kEbx, 8, kSse},
    {"gfni", 7, 0, kEcx, 8, kSse},
    {"avx", 1, 0, kEcx, 28, kAvx},
    {"f16c", 1, 0, kEcx, 29, kAvx},
    {"fma", 1, 0, kEcx, 12, kAvx},
    {"avx2", 7, 0, kEbx, 5, kAvx},
    {"vaes", 7, 0, kEcx, 9, kAvx},
    {"vpclmulqdq", 7, 0, kEcx, 10, kAvx},
    {"avxvnni", 7, 1, kEax, 4, kAvx},
    {"avx512f", 7, 0, kEbx, 16, kAvx512},
    {"avx512dq", 7, 0, kEbx, 17, kAvx512},
    {"avx512ifma", 7, 0, kEbx, 21, kAvx512},
    {"avx512cd", 7, 0, kEbx, 28, kAvx512},
    {"avx512bw", 7, 0, kEbx, 30, kAvx512},
    {"avx512vl", 7, 0, kEbx, 31, kAvx512},
    {"avx512vbmi", 7, 0, kEcx, 1, kAvx512},
    {"avx512vbmi2", 7, 0, kEcx, 6, kAvx512},
    {"avx512vnni", 7, 0, kEcx, 11, kAvx512},
    {"avx512bitalg", 7, 0, kEcx, 12, kAvx512},
    {"avx512vpopcntdq", 7, 0, kEcx, 14, kAvx512},
    {"avx512fp16", 7, 0, kEdx, 23, kAvx512},
    {"avx512bf16", 7, 1, kEax, 5, kAvx512},
};

bool ReadBit(const FeatureRow& row) {
  unsigned regs[4] = {};
  if (__get_cpuid_count(row.leaf, row.subleaf, &regs[kEax], &regs[kEbx], &regs[kEcx], &regs[kEdx]) == 0)
    return false;
  if (row.leaf == 7 && row.subleaf == 1) {
    unsigned top[4] = {};
    __get_cpuid_count(7, 0, &top[kEax], &top[kEbx], &top[kEcx], &top[kEdx]);
    if (top[kEax] < 1) return false;
  }
  return (regs[row.reg] >> row.bit & 1) != 0;
}

Level OsLevel() {
  unsigned eax, ebx, ecx, edx;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 || (ecx >> 27 & 1) == 0) return kSse;  // no OSXSAVE
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & 0x06) != 0x06) return kSse;
  return (low & 0xe0) == 0xe0 ? kAvx512 : kAvx;
}

}  // namespace

std::string HostFeatures(const std::string& level) {
  if (level == "sse2") return "";
  const Level os = OsLevel();
  const Level limit = level == "avx2" && os > kAvx ? kAvx : os;
  std::string text;
  for (const FeatureRow& row : kRows) {
    if (row.level > limit || !ReadBit(row)) continue;
    absl::StrAppend(&text, text.empty() ? "+" : ",+", row.name);
  }
  return text;
}

bool HostHasFeature(const std::string& name) {
  static const std::string all = absl::StrCat(",", HostFeatures("native"), ",");
  if (name == "sse" || name == "sse2" || name == "fxsr" || name == "mmx" || name == "cx8")
    return true;  // of x86-64
  return all.find(absl::StrCat(",+", name, ",")) != std::string::npos;
}
#else
std::string HostFeatures(const std::string& level) { return ""; }
bool HostHasFeature(const std::string& name) { return name == "neon" || name == "fp-armv8"; }
#endif

}  // namespace tq::hal::cpu
