// Code objects for a device, from the kernel cache or, on a miss, from libtianqiao_compiler.so, which is
// loaded then: a program whose kernels are cached never loads LLVM. Thread-safe; compilations run at the same
// time.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "compiler/api/compiler.h"
#include "compiler/cache/kernel_cache.h"
#include "runtime/core/background_compile.h"
#include "runtime/core/jit_options.h"

namespace tq::core {

class Device;

struct CompileJob {
  std::span<const tq_ptx_chunk> chunks;
  std::span<const std::string> symbols;  // kernels and functions to export; the first one names the job
  std::string options;                   // as ptxas spells them
  unsigned optimization_level = 4;
  bool is_kernel = true;  // whoever asks can go over to better code later
};

struct CompiledCode {
  KernelCache::Code code;
  // Faster code that is still being compiled; null when there will be none.
  std::shared_ptr<BackgroundCompile> better;
};

// Errors carry the compiler's log, with PTX lines: CUDA_ERROR_INVALID_PTX, CUDA_ERROR_NOT_SUPPORTED for PTX
// that we lack, CUDA_ERROR_JIT_COMPILER_NOT_FOUND without the library, CUDA_ERROR_OUT_OF_MEMORY,
// CUDA_ERROR_UNKNOWN for a bug of the compiler.
//
// In which tier is what TIANQIAO_TIER says. `auto` takes the vector tier, but for kernels that would take
// long in it and are not in the cache: those begin in the scalar tier.
absl::StatusOr<CompiledCode> Compile(const CompileJob& job, const Device& device);

}  // namespace tq::core
