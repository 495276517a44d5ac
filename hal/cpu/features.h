// The instruction set of the processor, in LLVM's names.
#pragma once

#include <string>

namespace tq::hal::cpu {

// "+avx2,+fma,..." of what processor and operating system both support, in a fixed order. `level`: native,
// avx2 (no 512-bit and later extensions) or sse2 (the baseline: "").
std::string HostFeatures(const std::string& level);
bool HostHasFeature(const std::string& name);

}  // namespace tq::hal::cpu
