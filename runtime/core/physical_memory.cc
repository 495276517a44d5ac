#include "runtime/core/physical_memory.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/hal_error.h"
#include "runtime/core/process.h"

namespace tq::core {
namespace {

constexpr uint32_t kMemoryFlags = HAL_MEM_HOST_VISIBLE | HAL_MEM_HOST_COHERENT;

std::mutex& HandlesMutex() {
  static std::mutex mutex;  // between looking a handle up and holding on to what it stands for
  return mutex;
}

}  // namespace

absl::StatusOr<Device*> PhysicalMemory::CheckProperties(const CUmemAllocationProp& properties) {
  if (properties.type != CU_MEM_ALLOCATION_TYPE_PINNED) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("physical memory is pinned (type ", properties.type, ")"));
  }
  if ((properties.requestedHandleTypes & ~CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR) != 0) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED, "memory is shared by file descriptor only");
  }
  const bool on_device = properties.location.type == CU_MEM_LOCATION_TYPE_DEVICE;
  if (!on_device) {
    const bool is_invalid = properties.location.type == CU_MEM_LOCATION_TYPE_INVALID;
    return CudaError(
        is_invalid ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_NOT_SUPPORTED,
        absl::StrCat("physical memory is on devices (location type ", properties.location.type, ")"));
  }
  ASSIGN_OR_RETURN(Device* const device, Process::Get().DeviceAt(properties.location.id));
  if (!device->has_virtual_memory()) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED,
                     "the device maps no memory at addresses of the program's choice");
  }
  return device;
}

absl::StatusOr<Ref<PhysicalMemory>> PhysicalMemory::Create(uint64_t size_bytes,
                                                           const CUmemAllocationProp& given) {
  if (size_bytes == 0 || size_bytes % kGranularityBytes != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the size is no multiple of the granularity (", size_bytes, ")"));
  }
  ASSIGN_OR_RETURN(Device* const device, CheckProperties(given));
  // Compression is a wish: the properties say that it was not granted.
  CUmemAllocationProp properties = given;
  properties.allocFlags.compressionType = CU_MEM_ALLOCATION_COMP_NONE;
  // Exportable memory costs a software device a file descriptor each, of which a process has some thousand.
  const bool is_shared = properties.requestedHandleTypes != CU_MEM_HANDLE_TYPE_NONE;
  absl::StatusOr<hal::Memory> memory = hal::Memory::Create(
      device->hal(), size_bytes, kMemoryFlags | (is_shared ? HAL_MEM_EXPORTABLE : 0), kGranularityBytes);
  if (!memory.ok()) return FromHal(memory.status());
  return MakeRef<PhysicalMemory>(*device, *std::move(memory), properties);
}

absl::StatusOr<Ref<PhysicalMemory>> PhysicalMemory::Import(Device& device, int fd) {
  struct stat file;
  if (fstat(fd, &file) != 0 || file.st_size <= 0 || file.st_size % kGranularityBytes != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the descriptor is of no memory (", fd, ")"));
  }
  hal_shared_handle shared = {sizeof(shared)};
  shared.kind = HAL_HANDLE_FD;
  shared.fd = fd;
  shared.size_bytes = static_cast<uint64_t>(file.st_size);
  absl::StatusOr<hal::Memory> memory = hal::Memory::Import(device.hal(), shared);
  if (!memory.ok()) return FromHal(memory.status());
  CUmemAllocationProp properties = {};
  properties.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.requestedHandleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
  properties.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  properties.location.id = device.ordinal();
  return MakeRef<PhysicalMemory>(device, *std::move(memory), properties);
}

Ref<PhysicalMemory> PhysicalMemory::Find(CUmemGenericAllocationHandle handle) {
  const std::lock_guard lock(HandlesMutex());
  return Ref<PhysicalMemory>(FromHandle<PhysicalMemory>(reinterpret_cast<const void*>(handle)));
}

PhysicalMemory::PhysicalMemory(Device& device, hal::Memory memory, const CUmemAllocationProp& properties)
    : device_(device), memory_(std::move(memory)), properties_(properties) {}

absl::StatusOr<int> PhysicalMemory::Export() const {
  if ((properties_.requestedHandleTypes & CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR) == 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the memory was not created to be exported");
  }
  const absl::StatusOr<hal_shared_handle> shared = memory_.Export(HAL_HANDLE_FD);
  if (!shared.ok()) return FromHal(shared.status());
  return shared->fd;
}

CUmemGenericAllocationHandle PhysicalMemory::GiveHandle() {
  const std::lock_guard lock(mutex_);
  if (given_++ == 0) {
    handle_.emplace(this);
    self_ = Ref<PhysicalMemory>(this);
  }
  return reinterpret_cast<CUmemGenericAllocationHandle>(handle_->as<void*>());
}

void PhysicalMemory::TakeHandle() {
  Ref<PhysicalMemory> last;  // outlives the locks: it may be what keeps this object
  const std::lock_guard handles(HandlesMutex());
  const std::lock_guard lock(mutex_);
  if (given_ == 0 || --given_ != 0) return;
  handle_.reset();
  last = std::move(self_);
}

}  // namespace tq::core
