// `tianqiao doctor`: says before anything runs which kernels of a program or library will, and why the others
// will not.
#pragma once

#include <string>
#include <vector>

namespace tq {

struct DoctorOptions {
  bool compiles = false;       // also compile every kernel, for the device's own target
  bool lists_kernels = false;  // name every kernel, not only those in trouble
};

// Prints a report for each file. The exit code is 0 when every kernel can run, 1 when one cannot, 2 when a
// file cannot be read or holds no device code.
int Examine(const std::vector<std::string>& paths, const DoctorOptions& options);

}  // namespace tq
