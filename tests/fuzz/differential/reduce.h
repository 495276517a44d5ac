// Makes a failing program small.
#pragma once

#include <functional>

#include "tests/fuzz/differential/program.h"

namespace tq::fuzz {

// Takes statements away, and structure from around them, for as long as `fails` says that what is left still
// fails. `fails` answers false for what does not compile.
Program Reduce(Program program, const std::function<bool(const Program&)>& fails);

}  // namespace tq::fuzz
