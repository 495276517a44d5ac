// One launch of a compiled kernel on the CPU device: `tianqiao-ptx run`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/code_object.h"

namespace tq::tools {

struct LaunchOptions {
  std::string kernel;  // "": the only one
  uint32_t grid = 1, block = 1;
  uint32_t dynamic_shared_bytes = 0;
  // In the order of the parameters: "s32=-5", "u64=0x10", "f32=0.5", "f64=1"; "buffer=BYTES" of zeros,
  // "file=PATH" with its contents: global memory, whose address is the argument.
  std::vector<std::string> arguments;
};

// The features of this processor, as kernels have to be compiled for it.
absl::StatusOr<std::string> HostFeatures();

// What the kernel left in its buffers, in order. The error names a fault with its place in the PTX.
absl::StatusOr<std::vector<std::vector<uint8_t>>> RunKernel(const CodeObject& object,
                                                            const LaunchOptions& options);

}  // namespace tq::tools
