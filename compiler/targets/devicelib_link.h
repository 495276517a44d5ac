// Links the device library's functions that a module calls into it, and makes them its own.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "llvm/IR/Module.h"

namespace tq::targets {

// `features` decides which of the code generator's own calls (half precision, fma ...) need a body as well,
// and whether products and sums that may fuse do. Internal: a tq_* function is called that the library does
// not have; the message names it.
absl::Status LinkDevicelib(llvm::Module& module, std::string_view features);

}  // namespace tq::targets
