// Finds, loads and checks libhal_NAME.so. Looked for in TIANQIAO_HAL_PATH (colon list), then in the directory
// of the library or program that this code is linked into. Backends are loaded RTLD_LOCAL and stay for the
// life of the process: their threads and signal handlers cannot be unloaded safely.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::hal {

// Loads and initialises a backend; the second call for a name returns the first one's table and ignores
// `init`. NotFound when there is no such library, FailedPrecondition when it speaks another version.
// Thread-safe.
absl::StatusOr<const hal_backend*> LoadBackend(absl::string_view name, const hal_init& init);

// Where the search goes, in order; for messages and for `tianqiao info`.
std::vector<std::string> BackendSearchPath();

}  // namespace tq::hal
