// Runs work on a thread with a large stack, where LLVM's fatal errors end the work instead of the process.
//
// Kernels come from outside. LLVM recurses over expressions as deep as they are, and calls its error handlers
// where it knows no way on; a shim inside someone's program must survive both.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace tq::compiler {

// The status of `work`, Internal for a fatal error of LLVM, ResourceExhausted when it ran out of memory. What
// `work` held when it was cut short leaks: LLVM's state is unknown then. Thread-safe.
absl::Status RunGuarded(absl::FunctionRef<absl::Status()> work);

}  // namespace tq::compiler
