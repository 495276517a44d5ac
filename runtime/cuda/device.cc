#include "api/device.h"

#include <cuda.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/process.h"

namespace tq::cuda::impl {

using core::CudaError;
using core::Device;
using core::Process;

absl::Status cuDeviceGet(CUdevice* device, int ordinal) {
  RETURN_IF_ERROR(Process::Get().DeviceAt(ordinal));
  *device = ordinal;
  return absl::OkStatus();
}

absl::Status cuDeviceGetCount(int* count) {
  *count = Process::Get().device_count();
  return absl::OkStatus();
}

absl::Status cuDeviceGetName(char* name, int len, Device& dev) {
  if (len <= 0)
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the length is not positive (", len, ")"));
  std::snprintf(name, len, "%s", dev.name().c_str());
  return absl::OkStatus();
}

absl::Status cuDeviceGetUuid_v2(CUuuid* uuid, Device& dev) {
  std::memcpy(uuid->bytes, dev.info().uuid, sizeof(uuid->bytes));
  return absl::OkStatus();
}

absl::Status cuDeviceGetUuid(CUuuid* uuid, Device& dev) { return impl::cuDeviceGetUuid_v2(uuid, dev); }

absl::Status cuDeviceTotalMem_v2(size_t* bytes, Device& dev) {
  *bytes = dev.info().memory_bytes;
  return absl::OkStatus();
}

absl::Status cuDeviceGetAttribute(const void* caller, int* pi, CUdevice_attribute attrib, Device& dev) {
  if (attrib == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR ||
      attrib == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR) {
    const core::ComputeCapability capability = dev.CapabilityFor(caller);
    *pi = attrib == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR ? capability.major : capability.minor;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(*pi, dev.Attribute(attrib));
  return absl::OkStatus();
}

absl::Status cuDeviceGetTexture1DLinearMaxWidth(size_t* maxWidthInElements, CUarray_format format,
                                                unsigned int numChannels, Device& dev) {
  if (numChannels != 1 && numChannels != 2 && numChannels != 4) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("a texel cannot have ", numChannels, " channels"));
  }
  ASSIGN_OR_RETURN(*maxWidthInElements, dev.Attribute(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LINEAR_WIDTH));
  return absl::OkStatus();
}

absl::Status cuDeviceGetExecAffinitySupport(int* pi, CUexecAffinityType type, Device& dev) {
  if (type != CU_EXEC_AFFINITY_TYPE_SM_COUNT) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no execution affinity ", type));
  }
  *pi = 0;
  return absl::OkStatus();
}

absl::Status cuDeviceGetProperties(CUdevprop* prop, Device& dev) {
  const hal_device_info& info = dev.info();
  *prop = {};
  prop->maxThreadsPerBlock = static_cast<int>(info.max_threads_per_block);
  const hal_dim3 limits[] = {info.max_block, info.max_grid};
  int* const fields[] = {prop->maxThreadsDim, prop->maxGridSize};
  for (int i = 0; i < 2; ++i) {
    fields[i][0] = static_cast<int>(limits[i].x);
    fields[i][1] = static_cast<int>(limits[i].y);
    fields[i][2] = static_cast<int>(limits[i].z);
  }
  const struct {
    int* field;
    CUdevice_attribute attribute;
  } rows[] = {{&prop->sharedMemPerBlock, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK},
              {&prop->totalConstantMemory, CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY},
              {&prop->SIMDWidth, CU_DEVICE_ATTRIBUTE_WARP_SIZE},
              {&prop->memPitch, CU_DEVICE_ATTRIBUTE_MAX_PITCH},
              {&prop->regsPerBlock, CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK},
              {&prop->clockRate, CU_DEVICE_ATTRIBUTE_CLOCK_RATE},
              {&prop->textureAlign, CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT}};
  for (const auto& row : rows) {
    ASSIGN_OR_RETURN(*row.field, dev.Attribute(row.attribute));
  }
  return absl::OkStatus();
}

absl::Status cuDeviceComputeCapability(const void* caller, int* major, int* minor, Device& dev) {
  const core::ComputeCapability capability = dev.CapabilityFor(caller);
  *major = capability.major;
  *minor = capability.minor;
  return absl::OkStatus();
}

absl::Status cuDeviceGetByPCIBusId(CUdevice* dev, const char* pciBusId) {
  unsigned domain = 0, bus = 0, device = 0, function = 0;
  // "[domain]:[bus]:[device].[function]", the function or the domain may be absent.
  const bool parsed = std::sscanf(pciBusId, "%x:%x:%x.%x", &domain, &bus, &device, &function) >= 3 ||
                      (domain = 0, std::sscanf(pciBusId, "%x:%x.%x", &bus, &device, &function) >= 2);
  if (!parsed)
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("this is no PCI address (", pciBusId, ")"));
  for (int i = 0; i < Process::Get().device_count(); ++i) {
    const hal_device_info& info = (*Process::Get().DeviceAt(i))->info();
    if (info.pci_domain == static_cast<int>(domain) && info.pci_bus == static_cast<int>(bus) &&
        info.pci_device == static_cast<int>(device)) {
      *dev = i;
      return absl::OkStatus();
    }
  }
  return CudaError(CUDA_ERROR_INVALID_DEVICE, absl::StrCat("no device is at PCI address ", pciBusId));
}

absl::Status cuDeviceGetPCIBusId(char* pciBusId, int len, Device& dev) {
  const hal_device_info& info = dev.info();
  const std::string text =
      absl::StrFormat("%04x:%02x:%02x.0", info.pci_domain, info.pci_bus, info.pci_device);
  if (len <= 0 || static_cast<size_t>(len) <= text.size()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the buffer is too small (", len, " bytes)"));
  }
  std::memcpy(pciBusId, text.c_str(), text.size() + 1);
  return absl::OkStatus();
}

absl::Status cuDeviceGetLuid(char* luid, unsigned int* deviceNodeMask, Device& dev) {
  return CudaError(CUDA_ERROR_NOT_SUPPORTED, "devices have a LUID on Windows only");
}

// Whatever writes to our memory writes to the host's: order and visibility are the host's, of all devices.
absl::Status cuFlushGPUDirectRDMAWrites(CUflushGPUDirectRDMAWritesTarget target,
                                        CUflushGPUDirectRDMAWritesScope scope) {
  if (target != CU_FLUSH_GPU_DIRECT_RDMA_WRITES_TARGET_CURRENT_CTX ||
      (scope != CU_FLUSH_GPU_DIRECT_RDMA_WRITES_TO_OWNER &&
       scope != CU_FLUSH_GPU_DIRECT_RDMA_WRITES_TO_ALL_DEVICES)) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("there is no such target or scope (", target, ", ", scope, ")"));
  }
  RETURN_IF_ERROR(core::Context::CurrentChecked().status());
  const Device& device = core::Context::Current()->device();
  ASSIGN_OR_RETURN(const int ordering, device.Attribute(CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WRITES_ORDERING));
  if (scope <= ordering) return absl::OkStatus();
  return CudaError(CUDA_ERROR_NOT_SUPPORTED, "nobody but the device writes to its memory");
}

}  // namespace tq::cuda::impl
