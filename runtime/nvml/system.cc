// Initialisation, and what is not of a device.
#include <cstdio>
#include <fstream>
#include <string>

#include "runtime/nvml/session.h"

namespace tq::nvml {
namespace {

struct ErrorText {
  nvmlReturn_t code;
  const char* text;
};
constexpr ErrorText kErrorTexts[] = {
    {NVML_SUCCESS, "Success"},
    {NVML_ERROR_UNINITIALIZED, "Uninitialized"},
    {NVML_ERROR_INVALID_ARGUMENT, "Invalid Argument"},
    {NVML_ERROR_NOT_SUPPORTED, "Not Supported"},
    {NVML_ERROR_NOT_FOUND, "Not Found"},
    {NVML_ERROR_INSUFFICIENT_SIZE, "Insufficient Size"},
    {NVML_ERROR_DRIVER_NOT_LOADED, "Driver Not Loaded"},
    {NVML_ERROR_GPU_IS_LOST, "GPU is lost"},
    {NVML_ERROR_ARGUMENT_VERSION_MISMATCH, "Argument version mismatch"},
};

// CUDA Toolkit release notes, minor version compatibility: the oldest driver for each major version. Programs
// compare the driver's version with those numbers.
struct DriverBranch {
  int cuda_version;
  const char* driver_version;
};
constexpr DriverBranch kDriverBranches[] = {{13000, "580.65.06"}, {12000, "525.60.13"}, {0, "450.80.02"}};

const char* DriverVersion(int cuda_version) {
  for (const DriverBranch& branch : kDriverBranches) {
    if (cuda_version >= branch.cuda_version) return branch.driver_version;
  }
  return "";
}

nvmlReturn_t GetVersion(const char* prefix, char* version, unsigned length) {
  if (!IsOpen()) return NVML_ERROR_UNINITIALIZED;
  int cuda_version = 0;
  if (const CUresult result = cuDriverGetVersion(&cuda_version); result != CUDA_SUCCESS)
    return FromCuda(result);
  return CopyText(prefix + std::string(DriverVersion(cuda_version)), version, length);
}

}  // namespace
}  // namespace tq::nvml

using namespace tq::nvml;

extern "C" {

nvmlReturn_t nvmlInit() { return Open(/*needs_device=*/true); }
nvmlReturn_t nvmlInit_v2() { return Open(/*needs_device=*/true); }

// NVML_INIT_FLAG_NO_GPUS (1): no device is no error. NVML_INIT_FLAG_NO_ATTACH (2): we attach to none.
nvmlReturn_t nvmlInitWithFlags(unsigned flags) {
  if ((flags & ~3u) != 0) return NVML_ERROR_INVALID_ARGUMENT;
  return Open(/*needs_device=*/(flags & 1) == 0);
}

nvmlReturn_t nvmlShutdown() { return Close(); }

const char* nvmlErrorString(nvmlReturn_t result) {
  for (const ErrorText& error : kErrorTexts) {
    if (error.code == result) return error.text;
  }
  return "Unknown Error";
}

nvmlReturn_t nvmlSystemGetDriverVersion(char* version, unsigned length) {
  return GetVersion("", version, length);
}

// The CUDA major version in front, as in "13.580.65.06".
nvmlReturn_t nvmlSystemGetNVMLVersion(char* version, unsigned length) {
  int cuda_version = 0;
  if (const nvmlReturn_t result = nvmlSystemGetCudaDriverVersion(&cuda_version); result != NVML_SUCCESS)
    return result;
  return GetVersion((std::to_string(cuda_version / 1000) + ".").c_str(), version, length);
}

nvmlReturn_t nvmlSystemGetCudaDriverVersion(int* version) {
  if (!IsOpen()) return NVML_ERROR_UNINITIALIZED;
  if (version == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  return FromCuda(cuDriverGetVersion(version));
}
nvmlReturn_t nvmlSystemGetCudaDriverVersion_v2(int* version) {
  return nvmlSystemGetCudaDriverVersion(version);
}

nvmlReturn_t nvmlSystemGetProcessName(unsigned pid, char* name, unsigned length) {
  if (!IsOpen()) return NVML_ERROR_UNINITIALIZED;
  if (name == nullptr || length == 0) return NVML_ERROR_INVALID_ARGUMENT;
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
  std::string program;
  if (!std::getline(file, program, '\0')) return NVML_ERROR_NOT_FOUND;
  std::snprintf(name, length, "%s", program.c_str());  // a long name is cut, says the reference
  return NVML_SUCCESS;
}

}  // extern "C"
