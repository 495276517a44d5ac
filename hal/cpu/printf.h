// printf of kernels (CUDA C++ Programming Guide, "Formatted Output"): arguments lie in one buffer, each
// aligned to its size as after the default promotions; at most 32 of them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tq::hal::cpu {

inline constexpr size_t kMaxPrintBytes = 8192;  // longer text is cut

// Writes the text, not NUL-terminated, and its length. Returns what printf returns in a kernel: the number of
// arguments parsed, or -1 for a null format.
int32_t FormatPrintf(const char* format, const void* arguments, char* text, size_t capacity,
                     size_t* size_bytes);

}  // namespace tq::hal::cpu
