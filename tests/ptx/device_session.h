// Runs what case files say. One per process.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hal/device.h"
#include "hal/executable.h"
#include "hal/queue.h"
#include "hal/semaphore.h"
#include "tests/device/test_device.h"
#include "tests/ptx/case_file.h"

namespace tq::ptx_test {

class DeviceSession {
 public:
  static DeviceSession& Get();

  // The output buffer after the run, one 64-bit cell a value; an error says what went wrong, with the
  // compiler's log.
  absl::StatusOr<std::vector<uint64_t>> Execute(const CaseFile& file, const Launch& launch);

 private:
  absl::StatusOr<std::vector<uint8_t>> Compile(const std::string& ptx, const std::string& kernel) const;

  test::TestDevice test_device_{"workers=2"};
};

}  // namespace tq::ptx_test
