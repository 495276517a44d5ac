// The CPU device with the compiler for it, through the C interfaces of both, as the runtime uses them. Aborts
// when either cannot be loaded. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/api/compiler.h"
#include "hal/device.h"
#include "hal/semaphore.h"

namespace tq::test {

class TestDevice {
 public:
  // `options`: the backend's ("workers=2").
  explicit TestDevice(const char* options);

  // A code object with `kernels`, for machines with `features` (LLVM's feature string) and with the
  // compiler's `options` ("--tier=vector"). Internal: the compiler's status and log.
  absl::StatusOr<std::vector<uint8_t>> Compile(const std::string& ptx, std::span<const std::string> kernels,
                                               const std::string& features, const std::string& options) const;

  // What this machine can do, as Compile takes it, up to a level in the words of TIANQIAO_CPU_FEATURES:
  // "native" for all of it, "avx2", or "sse2" for the baseline of x86-64.
  std::string features(std::string_view level = "native") const;
  const hal::Device& device() const { return device_; }

 private:
  hal::Device device_;
  hal_target target_ = {};
  const tq_compiler* compiler_ = nullptr;
};

// Waits until `semaphore` has reached `value`, or gives up after `patience_ns`.
absl::Status WaitFor(const hal::Semaphore& semaphore, uint64_t value, uint64_t patience_ns);

}  // namespace tq::test
