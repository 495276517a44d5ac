// The command line of ptxas, as build systems write it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tq::ptxas {

struct Options {
  std::vector<std::string> inputs;  // files
  std::vector<std::string> texts;   // --input-as-string
  std::string output = "elf.o";
  std::string arch = "sm_75";
  std::vector<std::string> entries;
  std::string for_compiler;  // those that change the code, for the compilation when the object is loaded
  bool verbose = false;
  bool help = false, version = false;
  bool disable_warnings = false, warnings_are_errors = false;
  bool warn_of_doubles = false, warn_of_local_memory = false;
  bool compile_only = false;
};

// `arguments` without the program's name. Every option of ptxas 13 is known; those that concern a GPU's
// machine code have no effect. The error's message is what ptxas prints behind "ptxas fatal   : ".
absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& arguments);

std::string Help();

}  // namespace tq::ptxas
