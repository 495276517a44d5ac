#include "runtime/nvjitlink/lto_ir.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "runtime/nvjitlink/nvjitlink.h"

namespace tq::nvjitlink {
namespace {

const std::string kLibraryName = "libnvJitLink.so." + std::to_string(TQ_NVJITLINK_MAJOR);

// Not us: this library has the same name, and may lie where theirs is looked for.
bool IsThisLibrary(const std::string& path) {
  Dl_info self;
  struct stat ours, other;
  return dladdr(reinterpret_cast<void*>(&CompileLtoIr), &self) != 0 && stat(self.dli_fname, &ours) == 0 &&
         stat(path.c_str(), &other) == 0 && ours.st_dev == other.st_dev && ours.st_ino == other.st_ino;
}

// Where a program's own copy lies: beside another library of NVIDIA's that is loaded, or where their wheels
// put it as seen from that one.
int AddNeighbours(dl_phdr_info* info, size_t, void* directories) {
  const std::string_view path = info->dlpi_name;
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || path.find("/libcu", slash) != slash) return 0;
  const std::string directory(path.substr(0, slash));
  auto& found = *static_cast<std::vector<std::string>*>(directories);
  found.insert(found.end(), {directory, directory + "/../../nvjitlink/lib"});
  return 0;
}

// A program's own, then where CUDA's tools look for a toolkit, and where distributions put its libraries.
void* OpenTheirs() {
  std::vector<std::string> directories;
  dl_iterate_phdr(AddNeighbours, &directories);
  for (const char* variable : {"CUDA_HOME", "CUDA_PATH"}) {
    const char* const root = std::getenv(variable);
    if (root != nullptr && *root != '\0') directories.push_back(std::string(root) + "/lib64");
  }
  directories.insert(directories.end(), {"/usr/local/cuda/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib64"});
  for (const std::string& directory : directories) {
    const std::string path = directory + "/" + kLibraryName;
    if (IsThisLibrary(path)) continue;
    // Its own symbols first: ours have the same names.
    if (void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
        library != nullptr) {
      return library;
    }
  }
  return nullptr;
}

// Theirs, as far as it is needed. Opened once and never closed: it keeps state of its own.
struct Theirs {
  decltype(&nvJitLinkCreate) create;
  decltype(&nvJitLinkDestroy) destroy;
  decltype(&nvJitLinkAddData) add_data;
  decltype(&nvJitLinkComplete) complete;
  decltype(&nvJitLinkGetLinkedPtxSize) ptx_size;
  decltype(&nvJitLinkGetLinkedPtx) ptx;
  decltype(&nvJitLinkGetErrorLogSize) log_size;
  decltype(&nvJitLinkGetErrorLog) log;
};

template <typename Function>
bool Find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

const Theirs* Get() {
  static const Theirs* const theirs = []() -> const Theirs* {
    void* const library = OpenTheirs();
    if (library == nullptr) return nullptr;
    static Theirs found;
    const bool complete = Find(library, "nvJitLinkCreate", found.create) &&
                          Find(library, "nvJitLinkDestroy", found.destroy) &&
                          Find(library, "nvJitLinkAddData", found.add_data) &&
                          Find(library, "nvJitLinkComplete", found.complete) &&
                          Find(library, "nvJitLinkGetLinkedPtxSize", found.ptx_size) &&
                          Find(library, "nvJitLinkGetLinkedPtx", found.ptx) &&
                          Find(library, "nvJitLinkGetErrorLogSize", found.log_size) &&
                          Find(library, "nvJitLinkGetErrorLog", found.log);
    return complete ? &found : nullptr;
  }();
  return theirs;
}

nvJitLinkResult Compile(const Theirs& theirs, nvJitLinkHandle handle, const std::vector<LtoIrUnit>& units,
                        std::string& ptx) {
  for (const LtoIrUnit& unit : units) {
    const nvJitLinkResult result = theirs.add_data(handle, NVJITLINK_INPUT_LTOIR, unit.bytes.data(),
                                                   unit.bytes.size(), unit.name.c_str());
    if (result != NVJITLINK_SUCCESS) return result;
  }
  nvJitLinkResult result = theirs.complete(handle);
  size_t size = 0;
  if (result == NVJITLINK_SUCCESS) result = theirs.ptx_size(handle, &size);
  if (result != NVJITLINK_SUCCESS) return result;
  ptx.resize(size);
  result = theirs.ptx(handle, ptx.data());
  while (!ptx.empty() && ptx.back() == '\0') ptx.pop_back();
  return result;
}

}  // namespace

bool CompileLtoIr(const std::vector<LtoIrUnit>& units, std::vector<std::string> options, std::string& ptx,
                  std::string& log) {
  const Theirs* const theirs = Get();
  if (theirs == nullptr) {
    log += "LTO-IR needs the compiler of NVIDIA's " + kLibraryName +
           ", which is neither beside the program's other CUDA libraries, nor below CUDA_HOME, nor where the "
           "system keeps libraries; build the input as PTX\n";
    return false;
  }
  for (const char* wanted : {"-lto", "-ptx"}) {
    if (std::find(options.begin(), options.end(), wanted) == options.end()) options.push_back(wanted);
  }
  std::vector<const char*> arguments;
  for (const std::string& option : options) arguments.push_back(option.c_str());
  nvJitLinkHandle handle = nullptr;
  nvJitLinkResult result = theirs->create(&handle, static_cast<uint32_t>(arguments.size()), arguments.data());
  if (handle == nullptr) {
    log += "NVIDIA's " + kLibraryName + " takes none of these options (" + std::to_string(result) + ")\n";
    return false;
  }
  result = Compile(*theirs, handle, units, ptx);
  size_t size = 0;
  if (result != NVJITLINK_SUCCESS && theirs->log_size(handle, &size) == NVJITLINK_SUCCESS && size != 0) {
    std::string text(size, '\0');
    theirs->log(handle, text.data());
    log += text.c_str();
  }
  theirs->destroy(&handle);
  return result == NVJITLINK_SUCCESS;
}

}  // namespace tq::nvjitlink
