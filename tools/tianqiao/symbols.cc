#include "tools/tianqiao/symbols.h"

#include <cuda.h>
#include <dlfcn.h>

#include <cctype>
#include <string_view>

#include "tools/tianqiao/dynamic_section.h"
#include "tools/tianqiao/installation.h"

namespace tq {
namespace {

bool IsDriverFunction(std::string_view name) {
  return name.size() > 2 && name.starts_with("cu") && std::isupper(static_cast<unsigned char>(name[2])) != 0;
}

}  // namespace

std::vector<std::string> MissingCudaSymbols(const std::string& path) {
  std::vector<std::string> missing;
  const std::optional<DynamicSection> asks = DynamicSection::Open(path);
  if (!asks) return missing;
  std::vector<std::string> wanted;
  for (std::string_view library : asks->needed_libraries()) {
    if (library != "libcuda.so.1") continue;
    for (std::string_view name : asks->undefined_symbols()) {
      if (IsDriverFunction(name)) wanted.emplace_back(name);
    }
  }
  if (wanted.empty()) return missing;

  void* library = dlopen((LibraryDirectory() + "/libcuda.so.1").c_str(), RTLD_NOW | RTLD_LOCAL);
  const auto get_proc_address =
      library == nullptr
          ? nullptr
          : reinterpret_cast<decltype(&cuGetProcAddress_v2)>(dlsym(library, "cuGetProcAddress_v2"));
  for (const std::string& name : wanted) {
    void* address = nullptr;
    CUdriverProcAddressQueryResult result = CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
    if (get_proc_address != nullptr) get_proc_address(name.c_str(), &address, CUDA_VERSION, 0, &result);
    if (address == nullptr) missing.push_back(name);
  }
  return missing;
}

}  // namespace tq
