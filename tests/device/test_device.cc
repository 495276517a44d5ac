#include "tests/device/test_device.h"

#include <dlfcn.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "hal/loader.h"
#include "tests/device/or_die.h"

namespace tq::test {
namespace {

hal::Device OpenDevice(const char* options) {
  hal_init init = {.size = sizeof(hal_init), .options = options};
  return OrDie(hal::Device::Open(OrDie(hal::LoadBackend("cpu", init)), 0));
}

}  // namespace

void Die(std::string_view why) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(why.size()), why.data());
  std::abort();
}

TestDevice::TestDevice(const char* options) : device_(OpenDevice(options)) {
  void* library = dlopen(TIANQIAO_COMPILER_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) Die(dlerror());
  const auto entry = reinterpret_cast<tq_compiler_entry_fn>(dlsym(library, "tq_compiler_entry"));
  if (entry == nullptr || entry(TQ_COMPILER_ABI, &compiler_) != 0)
    Die("The compiler library does not speak this interface.");
  const std::vector<hal_target> targets = device_.Targets();
  if (targets.empty()) Die("The device has no code object target.");
  target_ = targets[0];
}

std::string TestDevice::features(std::string_view level) const {
  if (level == "sse2") return "";
  std::vector<std::string> kept = absl::StrSplit(target_.features, ',');
  if (level == "avx2") {
    std::erase_if(kept, [](const std::string& feature) { return absl::StrContains(feature, "avx512"); });
  }
  return absl::StrJoin(kept, ",");
}

absl::StatusOr<std::vector<uint8_t>> TestDevice::Compile(const std::string& ptx,
                                                         std::span<const std::string> kernels,
                                                         const std::string& features,
                                                         const std::string& options) const {
  const tq_ptx_chunk chunk = {.text = ptx.data(), .size_bytes = ptx.size(), .first_line = 1};
  std::vector<const char*> symbols;
  for (const std::string& kernel : kernels) symbols.push_back(kernel.c_str());
  const tq_compile_request request = {.size = sizeof(tq_compile_request),
                                      .chunks = &chunk,
                                      .chunk_count = 1,
                                      .symbols = symbols.data(),
                                      .symbol_count = symbols.size(),
                                      .target = target_.target,
                                      .features = features.c_str(),
                                      .options = options.c_str(),
                                      .optimization_level = 4,
                                      .flags = 0};
  tq_compile_result result = {.size = sizeof(tq_compile_result)};
  const tq_compile_status status = compiler_->compile(&request, &result);
  std::vector<uint8_t> code(result.code, result.code + result.code_size_bytes);
  const std::string log = result.log == nullptr ? "" : result.log;
  compiler_->release(&result);
  if (status == TQ_COMPILE_OK) return code;
  return absl::InternalError(absl::StrCat("Compiling ", absl::StrJoin(kernels, ", "), " gives status ",
                                          static_cast<int>(status), ": ", log));
}

absl::Status WaitFor(const hal::Semaphore& semaphore, uint64_t value, uint64_t patience_ns) {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  const uint64_t now_ns =
      static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
  return semaphore.Wait(value, now_ns + patience_ns);
}

}  // namespace tq::test
