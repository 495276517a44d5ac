// Extern functions that the device itself provides (CUDA C++ Programming Guide, "C++ Language Extensions"):
// no unit defines them.
#pragma once

#include <string_view>

#include "compiler/index/host_calls.h"

namespace tq::ptx {

inline constexpr std::string_view kVprintfName = "vprintf";
inline constexpr std::string_view kMallocName = "malloc";
inline constexpr std::string_view kFreeName = "free";
inline constexpr std::string_view kAssertFailName = "__assertfail";

inline bool IsSystemCall(std::string_view name) {
  return name == kVprintfName || name == kMallocName || name == kFreeName || name == kAssertFailName ||
         FindHostCall(name).has_value();
}

}  // namespace tq::ptx
