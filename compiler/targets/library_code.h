// Machine code of the device library's larger functions, made when Tianqiao is built and copied into kernels:
// a matrix product costs 30 to 50 ms to compile, and every kernel has the same.
#pragma once

#include <string_view>

#include "llvm/IR/Module.h"

namespace tq::targets {

// On the function that stands for such code: bytes of stack that it takes.
inline constexpr const char* kFrameBytesAttribute = "tq.frame.bytes";

// Sets of x86 features that there is code for, the largest first.
inline constexpr std::string_view kLibraryLevels[] = {
    "+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+lzcnt,+bmi,+bmi2,+avx,+avx2,+fma,+f16c,+avx512f,+avx512bw,+"
    "avx512dq,+avx512vl",
    "+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+lzcnt,+bmi,+bmi2,+avx,+avx2,+fma,+f16c",
    "",
};

// Records of build_library_code.cc, one behind the other; empty in that program itself.
std::string_view LibraryCode();

struct LibraryRecord {
  uint32_t level;  // index in kLibraryLevels
  uint32_t name_size;
  uint64_t entry, frame_bytes, code_size;
  // The name and the code follow.
};

// Puts finished code in the place of the functions of the library that are not to be inlined (devicelib.h,
// TQ_DEVICE_OUTLINED). Behind LinkDevicelib, for x86. A function that there is no code for stays what it is.
void UseLibraryCode(llvm::Module& module, std::string_view features);

}  // namespace tq::targets
