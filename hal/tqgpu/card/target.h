// What the compiler is asked for (compiler/targets/riscv.cc).
#pragma once

namespace tq::hal::tqgpu {

inline constexpr char kTarget[] = "riscv64-tqgpu";
inline constexpr char kTargetFeatures[] = "";  // fixed: RV64GC

}  // namespace tq::hal::tqgpu
