// `tianqiao run` and `tianqiao trace`: replaces this process with the program, set up so that it finds our
// libraries.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tq {

enum class AuditMode { kAuto, kAlways, kNever };
enum class CudartChoice { kAuto, kOurs, kTheirs };

// Settings of one run. An unset option leaves the environment variable behind it as the caller has it.
struct RunOptions {
  std::optional<int> devices;
  std::optional<std::string> compute_capability;
  std::optional<std::string> hal;
  std::optional<std::string> log;
  std::optional<std::string> trace;      // TIANQIAO_TRACE
  std::optional<std::string> trace_dir;  // created if need be
  AuditMode audit = AuditMode::kAuto;
  CudartChoice cudart = CudartChoice::kAuto;
};

// Does not return when the program starts. Otherwise says why on stderr and returns the exit code that a
// shell would give: 127 where there is no such program, 126 where it cannot be executed.
int RunProgram(const RunOptions& options, const std::vector<std::string>& command);

}  // namespace tq
