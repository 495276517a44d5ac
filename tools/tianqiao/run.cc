#include "tools/tianqiao/run.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "tools/tianqiao/dynamic_section.h"
#include "tools/tianqiao/installation.h"

namespace tq {
namespace {

namespace fs = std::filesystem;

// The file that execvp(3) would start for `name`.
std::optional<std::string> FindProgram(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (true) {
    const size_t colon = rest.find(':');
    const fs::path candidate = fs::path(rest.substr(0, colon)) / name;
    if (access(candidate.c_str(), X_OK) == 0 && !fs::is_directory(candidate)) return candidate.string();
    if (colon == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(colon + 1);
  }
}

// LD_LIBRARY_PATH does not reach a program that searches an old-style RPATH first, or that opens a library by
// its whole path. The auditor reaches both, but makes every start about a millisecond dearer.
bool NeedsAuditor(const DynamicSection& asks) {
  return !asks.rpath().empty() || asks.ConstantsHold("/libcuda.so");
}

std::string ExpandOrigin(std::string_view directory, const std::string& program) {
  std::string expanded(directory);
  const std::string origin = fs::path(program).parent_path().string();
  for (const std::string_view token : {"${ORIGIN}", "$ORIGIN"}) {
    for (size_t at; (at = expanded.find(token)) != std::string::npos;) {
      expanded.replace(at, token.size(), origin.empty() ? "." : origin);
    }
  }
  return expanded;
}

// Whether the loader would find `library` for `program` without our help: along its run path,
// LD_LIBRARY_PATH, and in the loader's cache, whose strings are the plain names of what the system has.
bool LoaderFinds(const std::string& library, const DynamicSection& asks, const std::string& program) {
  std::vector<std::string> directories;
  for (std::string_view directory : asks.rpath()) directories.push_back(ExpandOrigin(directory, program));
  for (std::string_view directory : asks.runpath()) directories.push_back(ExpandOrigin(directory, program));
  std::string_view rest;
  if (const char* path = std::getenv("LD_LIBRARY_PATH")) rest = path;
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    directories.emplace_back(rest.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  if (std::any_of(directories.begin(), directories.end(), [&](const std::string& directory) {
        return access((fs::path(directory) / library).c_str(), R_OK) == 0;
      })) {
    return true;
  }
  std::ifstream cache("/etc/ld.so.cache", std::ios::binary);
  const std::string strings{std::istreambuf_iterator<char>(cache), std::istreambuf_iterator<char>()};
  return strings.find('\0' + library + '\0') != std::string::npos;
}

// Our libcudart stands in where the program links one dynamically and has none of its own.
bool NeedsOurCudart(const DynamicSection& asks, const std::string& program) {
  for (std::string_view library : asks.needed_libraries()) {
    if (library.starts_with("libcudart.so.") && !LoaderFinds(std::string(library), asks, program))
      return true;
  }
  return false;
}

void PrependPath(const char* variable, const std::string& entry) {
  const char* old = std::getenv(variable);
  const std::string value = old != nullptr && *old != '\0' ? entry + ":" + old : entry;
  setenv(variable, value.c_str(), 1);
}

void SetIfGiven(const char* variable, const std::optional<std::string>& value) {
  if (value) setenv(variable, value->c_str(), 1);
}

// Programs that make kernels as they run want machine code for the device, of a ptxas that they bring or
// find, unless they are told otherwise. Ours, beside this command, makes images that run here; XLA takes the
// first on the PATH. What the user has set stays.
void OfferPtxas() {
  const std::string directory = ProgramDirectory();
  const std::string ptxas = directory + "/ptxas";
  if (access(ptxas.c_str(), X_OK) != 0) return;
  PrependPath("PATH", directory);
  setenv("TRITON_PTXAS_PATH", ptxas.c_str(), 0);
  setenv("TRITON_PTXAS_BLACKWELL_PATH", ptxas.c_str(), 0);
  setenv("CUPY_COMPILE_WITH_PTX", "1", 0);  // PTX of NVRTC in place of its machine code
}

}  // namespace

int RunProgram(const RunOptions& options, const std::vector<std::string>& command) {
  const std::string library_dir = LibraryDirectory();
  if (access((library_dir + "/libcuda.so.1").c_str(), R_OK) != 0) {
    std::fprintf(
        stderr,
        "tianqiao: there is no libcuda.so.1 in our library directory (%s); build Tianqiao with ./setup\n",
        library_dir.c_str());
    return 127;
  }
  const std::optional<std::string> program = FindProgram(command[0]);
  if (!program || access(program->c_str(), F_OK) != 0) {
    std::fprintf(stderr, "tianqiao: there is no program '%s'%s\n", command[0].c_str(),
                 program ? "" : " on the PATH");
    return 127;
  }

  struct stat info = {};
  if (stat(program->c_str(), &info) == 0 && (info.st_mode & (S_ISUID | S_ISGID)) != 0) {
    std::fprintf(stderr,
                 "tianqiao: '%s' is set-user-ID or set-group-ID; the loader ignores LD_LIBRARY_PATH for it\n",
                 program->c_str());
  }

  bool audit = options.audit == AuditMode::kAlways;
  bool our_cudart = options.cudart == CudartChoice::kOurs;
  // A script has no ELF header: its interpreter inherits the environment, and finds our libraries by it.
  if (const std::optional<DynamicSection> asks = DynamicSection::Open(*program)) {
    if (!asks->exists()) {
      std::fprintf(stderr,
                   "tianqiao: '%s' is linked statically and cannot load libcuda.so.1; it runs without us\n",
                   program->c_str());
    }
    if (options.audit == AuditMode::kAuto) audit = NeedsAuditor(*asks);
    if (options.cudart == CudartChoice::kAuto) our_cudart = NeedsOurCudart(*asks, *program);
  }

  if (our_cudart) PrependPath("LD_LIBRARY_PATH", library_dir + "/cudart");
  PrependPath("LD_LIBRARY_PATH", library_dir);
  OfferPtxas();
  if (audit) {
    PrependPath("LD_AUDIT", library_dir + "/libtianqiao_audit.so");
    if (our_cudart) setenv("TIANQIAO_AUDIT_CUDART", "1", 1);
  }
  if (options.devices) setenv("TIANQIAO_CPU_DEVICES", std::to_string(*options.devices).c_str(), 1);
  SetIfGiven("TIANQIAO_COMPUTE_CAPABILITY", options.compute_capability);
  SetIfGiven("TIANQIAO_HAL", options.hal);
  SetIfGiven("TIANQIAO_LOG", options.log);
  SetIfGiven("TIANQIAO_TRACE", options.trace);
  if (options.trace_dir) {
    std::error_code error;
    fs::create_directories(*options.trace_dir, error);
    if (error) {
      std::fprintf(stderr, "tianqiao: the directory for dumps '%s' cannot be made: %s\n",
                   options.trace_dir->c_str(), error.message().c_str());
      return 126;
    }
    setenv("TIANQIAO_TRACE_DIR", fs::absolute(*options.trace_dir).c_str(), 1);
  }

  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(program->c_str(), arguments.data());
  if (errno == ENOEXEC)
    execvp(command[0].c_str(), arguments.data());  // a script without #!: the shell runs it
  const int error = errno;
  std::fprintf(stderr, "tianqiao: '%s' cannot be started: %s\n", program->c_str(), std::strerror(error));
  return error == ENOENT ? 127 : 126;
}

}  // namespace tq
