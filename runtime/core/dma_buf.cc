#include "runtime/core/dma_buf.h"

#include <cuda.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/owned_fd.h"
#include "runtime/core/process.h"

namespace tq::core {
namespace {

constexpr char kDevice[] = "/dev/udmabuf";

}  // namespace

bool HasDmaBufs(const Device& device) {
  static const bool is_there = access(kDevice, R_OK | W_OK) == 0;
  return is_there && device.shares_objects() && device.hal().Has(HAL_DEVICE_UNIFIED_ADDRESSES);
}

absl::StatusOr<int> MakeDmaBuf(uint64_t address, uint64_t size_bytes) {
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  Allocation* const allocation = Process::Get().address_space().Find(address);
  if (size_bytes == 0 || (address | size_bytes) % page != 0 || allocation == nullptr ||
      size_bytes > allocation->size_bytes() - (address - allocation->device_ptr())) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the range is not whole pages of one allocation (", size_bytes,
                                  " bytes at 0x", absl::Hex(address), ")"));
  }
  if (!HasDmaBufs(allocation->context().device()) || allocation->kind() != Allocation::Kind::kDevice) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED,
                     "the memory is not of cuMemAlloc, or this machine has no /dev/udmabuf that may be used");
  }
  ASSIGN_OR_RETURN(const int file, allocation->ShareFile());
  const OwnedFd driver(open(kDevice, O_RDWR | O_CLOEXEC));
  udmabuf_create range = {};
  range.memfd = static_cast<uint32_t>(file);
  range.flags = UDMABUF_FLAGS_CLOEXEC;
  range.offset = address - allocation->device_ptr();
  range.size = size_bytes;
  const int buffer = driver.is_open() ? ioctl(driver.get(), UDMABUF_CREATE, &range) : -1;
  if (buffer >= 0) return buffer;
  return CudaError(CUDA_ERROR_OPERATING_SYSTEM, absl::StrCat("the kernel makes no DMA buffer of ", size_bytes,
                                                             " bytes: ", std::strerror(errno)));
}

}  // namespace tq::core
