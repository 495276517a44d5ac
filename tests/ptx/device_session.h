// Compiles and launches kernels through the C interfaces of the compiler library and of the CPU device, as
// the runtime does. One per process; aborts when either cannot be loaded.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hal/device.h"
#include "hal/executable.h"
#include "hal/queue.h"
#include "hal/semaphore.h"
#include "tests/ptx/case_file.h"

namespace tq::ptx_test {

class DeviceSession {
 public:
  static DeviceSession& Get();

  // The output buffer after the run, one 64-bit cell a value; an error says what went wrong, with the
  // compiler's log.
  absl::StatusOr<std::vector<uint64_t>> Execute(const CaseFile& file, const Launch& launch);

 private:
  DeviceSession();
  absl::StatusOr<std::vector<uint8_t>> Compile(const std::string& ptx, const std::string& kernel);

  struct Compiler;
  std::shared_ptr<Compiler> compiler_;
  hal::Device device_;
  hal_target target_ = {};
};

}  // namespace tq::ptx_test
