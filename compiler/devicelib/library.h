// The device library as the compiler sees it: LLVM bitcode, embedded.
#pragma once

#include <string_view>

namespace tq::devicelib {

// It is compiled once for each: sizes and calling conventions are in the bitcode.
enum class Machine { kNative, kRiscv };

// LLVM bitcode of the whole library; lives as long as the process. Functions are external and carry the
// attributes of the baseline target: whoever links it keeps what is needed and internalises it.
std::string_view Bitcode(Machine machine);

// Functions that LLVM's code generator may call by name where the machine lacks the instruction (runtime.c).
// They have to be linked before code is generated, for targets without the named feature; "" is what all
// have.
struct RuntimeCall {
  std::string_view name;
  std::string_view x86_feature;
  std::string_view riscv_feature;
};
inline constexpr RuntimeCall kRuntimeCalls[] = {
    {"__extendhfsf2", "f16c", "zfh"},
    {"__truncsfhf2", "f16c", "zfh"},
    {"__truncdfhf2", "avx512fp16", "zfh"},
    {"__truncsfbf2", "avx512bf16", "zfbfmin"},
    {"fmaf", "fma", ""},
    {"fma", "fma", ""},
    {"rintf", "sse4.1", ""},
    {"rint", "sse4.1", ""},
    {"truncf", "sse4.1", ""},
    {"trunc", "sse4.1", ""},
    {"floorf", "sse4.1", ""},
    {"floor", "sse4.1", ""},
    {"ceilf", "sse4.1", ""},
    {"ceil", "sse4.1", ""},
};

}  // namespace tq::devicelib
