// What the compiler makes of every kernel that files carry: `tianqiao-ptx check FILE...`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tq::tools {

struct CheckOptions {
  std::vector<std::string> files;
  size_t compile =
      0;  // kernels to compile to native code, spread over files and sizes; all are parsed and verified
  uint32_t seed = 1;
  uint32_t jobs = 0;  // processes; 0: one for each processor
  std::string features;
};

// Prints a table of counts and the reasons of failures. 0 when nothing failed, 1 when something did, 2 when a
// file cannot be read.
int Check(const CheckOptions& options);

}  // namespace tq::tools
