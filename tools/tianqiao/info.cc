#include "tools/tianqiao/info.h"

#include <cuda.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/knobs.h"
#include "tools/tianqiao/installation.h"

namespace tq {
namespace {

// Entry points of our libcuda, opened as a program would open it. Never closed: the process ends soon.
struct Cuda {
  decltype(&::cuInit) Init = nullptr;
  decltype(&::cuDriverGetVersion) DriverGetVersion = nullptr;
  decltype(&::cuDeviceGetCount) DeviceGetCount = nullptr;
  decltype(&::cuDeviceGet) DeviceGet = nullptr;
  decltype(&::cuDeviceGetName) DeviceGetName = nullptr;
  decltype(&::cuDeviceTotalMem_v2) DeviceTotalMem = nullptr;
  decltype(&::cuDeviceGetUuid_v2) DeviceGetUuid = nullptr;
  decltype(&::cuDeviceGetPCIBusId) DeviceGetPciBusId = nullptr;
  decltype(&::cuDeviceGetAttribute) DeviceGetAttribute = nullptr;
  decltype(&::cuGetErrorString) GetErrorString = nullptr;

  // Says what is missing on stderr and returns false.
  bool Open(const std::string& path) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      std::fprintf(stderr, "tianqiao: our libcuda cannot be loaded: %s\n", dlerror());
      return false;
    }
    return Find(library, "cuInit", Init) && Find(library, "cuDriverGetVersion", DriverGetVersion) &&
           Find(library, "cuDeviceGetCount", DeviceGetCount) && Find(library, "cuDeviceGet", DeviceGet) &&
           Find(library, "cuDeviceGetName", DeviceGetName) &&
           Find(library, "cuDeviceTotalMem_v2", DeviceTotalMem) &&
           Find(library, "cuDeviceGetUuid_v2", DeviceGetUuid) &&
           Find(library, "cuDeviceGetPCIBusId", DeviceGetPciBusId) &&
           Find(library, "cuDeviceGetAttribute", DeviceGetAttribute) &&
           Find(library, "cuGetErrorString", GetErrorString);
  }

  // Says what failed on stderr.
  bool Succeeded(const char* call, CUresult result) const {
    if (result == CUDA_SUCCESS) return true;
    const char* text = nullptr;
    GetErrorString(result, &text);
    std::fprintf(stderr, "tianqiao: %s fails with error %d (%s)\n", call, result,
                 text != nullptr ? text : "unknown");
    return false;
  }

 private:
  template <typename Function>
  static bool Find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (function == nullptr) std::fprintf(stderr, "tianqiao: our libcuda lacks the symbol '%s'\n", name);
    return function != nullptr;
  }
};

struct Property {
  const char* label;
  CUdevice_attribute attribute;
};
constexpr Property kProperties[] = {
    {"compute units", CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT},
    {"threads per block", CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK},
    {"threads per warp", CU_DEVICE_ATTRIBUTE_WARP_SIZE},
    {"shared bytes per block", CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN},
    {"clock, kHz", CU_DEVICE_ATTRIBUTE_CLOCK_RATE},
    {"cooperative launch", CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH},
    {"managed memory", CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY},
    {"concurrent kernels", CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS},
};

bool PrintDevice(const Cuda& cuda, int ordinal) {
  CUdevice device = 0;
  char name[256] = "", bus_id[32] = "";
  size_t memory_bytes = 0;
  CUuuid uuid = {};
  int major = 0, minor = 0;
  if (!cuda.Succeeded("cuDeviceGet", cuda.DeviceGet(&device, ordinal)) ||
      !cuda.Succeeded("cuDeviceGetName", cuda.DeviceGetName(name, sizeof name, device)) ||
      !cuda.Succeeded("cuDeviceTotalMem", cuda.DeviceTotalMem(&memory_bytes, device)) ||
      !cuda.Succeeded("cuDeviceGetUuid", cuda.DeviceGetUuid(&uuid, device)) ||
      !cuda.Succeeded("cuDeviceGetPCIBusId", cuda.DeviceGetPciBusId(bus_id, sizeof bus_id, device)) ||
      !cuda.Succeeded(
          "cuDeviceGetAttribute",
          cuda.DeviceGetAttribute(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device)) ||
      !cuda.Succeeded(
          "cuDeviceGetAttribute",
          cuda.DeviceGetAttribute(&minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device))) {
    return false;
  }
  std::printf("\nDevice %d: %s\n  %-23s %d.%d\n  %-23s %.1f GiB\n  %-23s %s\n  %-23s ", ordinal, name,
              "compute capability", major, minor, "memory", memory_bytes / double(1 << 30), "PCI address",
              bus_id, "UUID");
  for (size_t i = 0; i < sizeof uuid.bytes; ++i) {
    std::printf(i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", uuid.bytes[i] & 0xff);
  }
  std::printf("\n");
  for (const Property& property : kProperties) {
    int value = 0;
    if (!cuda.Succeeded("cuDeviceGetAttribute",
                        cuda.DeviceGetAttribute(&value, property.attribute, device))) {
      return false;
    }
    std::printf("  %-23s %d\n", property.label, value);
  }
  return true;
}

}  // namespace

int PrintDevices() {
  Cuda cuda;
  int version = 0, count = 0;
  if (!cuda.Open(LibraryDirectory() + "/libcuda.so.1")) return 1;
  if (!cuda.Succeeded("cuInit", cuda.Init(0)) ||
      !cuda.Succeeded("cuDriverGetVersion", cuda.DriverGetVersion(&version)) ||
      !cuda.Succeeded("cuDeviceGetCount", cuda.DeviceGetCount(&count))) {
    return 1;
  }
  std::printf("CUDA version %d.%d, %d device%s\n", version / 1000, version % 1000 / 10, count,
              count == 1 ? "" : "s");
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    if (!PrintDevice(cuda, ordinal)) return 1;
  }
  return 0;
}

int PrintKnobs() {
  for (const KnobInfo& knob : ListKnobs()) {
    const char* now = std::getenv(knob.name);
    std::printf("%s\n  %s\n  default: %s%s%s\n", knob.name, knob.meaning,
                knob.default_value.empty() ? "(empty)" : knob.default_value.c_str(),
                now != nullptr ? "; now: " : "", now != nullptr ? now : "");
  }
  return 0;
}

}  // namespace tq
