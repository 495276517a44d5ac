#include "hal/loader.h"

#include <dlfcn.h>
#include <unistd.h>

#include <map>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/knobs.h"
#include "base/status.h"
#include "hal/error.h"

namespace tq::hal {
namespace {

// Names become part of a path: nothing that could leave the directory.
bool IsValidName(absl::string_view name) {
  if (name.empty() || name.size() > 32) return false;
  for (const char c : name) {
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') return false;
  }
  return true;
}

std::string OwnDirectory() {
  static const char anchor = 0;
  Dl_info info;
  if (dladdr(&anchor, &info) == 0 || info.dli_fname == nullptr) return "";
  std::string path = info.dli_fname;
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

absl::StatusOr<const hal_backend*> Load(absl::string_view name, const hal_init& init) {
  if (!IsValidName(name))
    return absl::InvalidArgumentError(absl::StrCat("The backend name is invalid (", name, ")."));
  const std::string file = absl::StrCat("libhal_", name, ".so");
  std::vector<std::string> errors;
  void* library = nullptr;
  for (const std::string& directory : BackendSearchPath()) {
    const std::string path = absl::StrCat(directory, "/", file);
    if (access(path.c_str(), R_OK) != 0) continue;
    library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) break;
    errors.push_back(dlerror());
  }
  if (library == nullptr) {
    return absl::NotFoundError(absl::StrCat("Backend ", name, " cannot be loaded: ", file,
                                            " is not usable in (", absl::StrJoin(BackendSearchPath(), ":"),
                                            "). ", absl::StrJoin(errors, " ")));
  }
  const auto entry = reinterpret_cast<hal_backend_entry_fn>(dlsym(library, "hal_backend_entry"));
  const hal_backend* table = nullptr;
  if (entry == nullptr || entry(HAL_ABI_VERSION, &table) != 0 || table == nullptr) {
    dlclose(library);
    return absl::FailedPreconditionError(
        absl::StrCat("Backend ", name, " does not speak HAL version (", HAL_ABI_VERSION, ")."));
  }
  // Every function of version 1 is mandatory; a longer table is a newer backend, which is fine.
  if (table->abi_version != HAL_ABI_VERSION || table->size < sizeof(hal_backend)) {
    return absl::FailedPreconditionError(absl::StrCat("Backend ", name, " has a table of version (",
                                                      table->abi_version, ") and size (", table->size,
                                                      "), too old for us."));
  }
  RETURN_IF_ERROR(ToStatus(table->init(&init), absl::StrCat("init of backend ", name)));
  return table;
}

}  // namespace

std::vector<std::string> BackendSearchPath() {
  std::vector<std::string> path = absl::StrSplit(Knobs().hal_path, ':', absl::SkipEmpty());
  const std::string own = OwnDirectory();
  if (!own.empty()) {
    path.push_back(own);
    path.push_back(absl::StrCat(own, "/../lib"));  // for programs in bin/ and tests/
  }
  return path;
}

absl::StatusOr<const hal_backend*> LoadBackend(absl::string_view name, const hal_init& init) {
  static std::mutex mutex;
  static auto* loaded = new std::map<std::string, const hal_backend*>();
  const std::lock_guard lock(mutex);
  if (const auto it = loaded->find(std::string(name)); it != loaded->end()) return it->second;
  ASSIGN_OR_RETURN(const hal_backend* table, Load(name, init));
  loaded->emplace(std::string(name), table);
  return table;
}

}  // namespace tq::hal
