// printf of kernels (CUDA C++ Programming Guide, "Formatted Output"): arguments lie in one buffer, each
// aligned to its size as after the default promotions; at most 32 of them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tq::hal {

inline constexpr size_t kMaxPrintBytes = 8192;  // longer text is cut

struct PrintfArguments {
  const void* bytes = nullptr;
  size_t size_bytes = SIZE_MAX;  // what would lie behind is not there
  // Where given, arguments of %s are no pointers but offsets from here (0: null) of NUL-terminated text; what
  // lies outside of texts_size_bytes is null. The last byte is a NUL.
  const char* texts = nullptr;
  size_t texts_size_bytes = 0;
};

// Writes the text, not NUL-terminated, and its length. Returns what printf returns in a kernel: the number of
// arguments parsed, or -1 for a null format.
int32_t FormatPrintf(const char* format, const PrintfArguments& arguments, char* text, size_t capacity,
                     size_t* size_bytes);

}  // namespace tq::hal
