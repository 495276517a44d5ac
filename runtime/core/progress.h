// One line on the terminal while kernels compile, so that a first run does not look dead. Only where standard
// error is a terminal and TIANQIAO_PROGRESS is on; the line is wiped once nothing compiles any more.
// Thread-safe.
#pragma once

#include <string_view>

namespace tq::core {

// While it lives, the kernel compiles.
class CompileProgress {
 public:
  explicit CompileProgress(std::string_view kernel);
  ~CompileProgress();
  CompileProgress(const CompileProgress&) = delete;
  CompileProgress& operator=(const CompileProgress&) = delete;
};

}  // namespace tq::core
