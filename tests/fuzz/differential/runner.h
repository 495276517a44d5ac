// Compiles programs in several ways and runs them on the CPU device, through the C interfaces of the compiler
// library and of the HAL. One per process; aborts when either cannot be loaded. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/device/test_device.h"
#include "tests/fuzz/differential/program.h"

namespace tq::fuzz {

// One program of a module, as its text says in a line `// launch: NAME <<<BLOCKS, THREADS>>>`, where THREADS
// is X or XxYxZ.
struct Launch {
  std::string kernel;
  uint32_t blocks = 1;
  Dim3 block = {32, 1, 1};

  uint32_t threads() const { return block.x * block.y * block.z; }  // of a block
};

// The launches that a module's text names. InvalidArgument: none, or more than kMaxThreads threads.
absl::StatusOr<std::vector<Launch>> ReadLaunches(const std::string& ptx);
inline constexpr uint32_t kMaxThreads = 2048;

// What a kernel left in its output buffer, or how it failed.
struct Outcome {
  std::string error;
  std::vector<uint64_t> output;
  bool operator==(const Outcome&) const = default;
};

// Among the options: code for an older machine. The first of x86-64, where the device library stands in for
// instructions, and those before AVX-512.
inline constexpr char kBaseline[] = "--baseline";
inline constexpr char kAvx2[] = "--avx2";

class Runner {
 public:
  Runner();

  // One outcome for each launch. `options` are the compiler's ("-O0"), and kBaseline or kAvx2. A text that
  // does not compile is an error; a fault of a kernel or a wait without end is an outcome.
  absl::StatusOr<std::vector<Outcome>> Run(const std::string& ptx, std::span<const Launch> launches,
                                           const std::string& options);

 private:
  test::TestDevice device_;
};

}  // namespace tq::fuzz
