#include "tools/tianqiao/installation.h"

#include <filesystem>
#include <system_error>

namespace tq {

std::string ProgramDirectory() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

std::string LibraryDirectory() {
  return (std::filesystem::path(ProgramDirectory()).parent_path() / "lib").string();
}

}  // namespace tq
