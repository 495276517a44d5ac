#include "hal/tqgpu/buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <utility>

namespace tq::hal::tqgpu {
namespace {

constexpr uint64_t kHugePageBytes = 2 << 20;  // of the device's page tables

constexpr int kReserved = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

void* Pointer(uint64_t address) { return reinterpret_cast<void*>(address); }

}  // namespace

HostRange::HostRange(uint64_t size_bytes, uint64_t align_bytes, uint64_t at) {
  if (at != 0) {
    const void* const got = mmap(Pointer(at), size_bytes, PROT_NONE, kReserved | MAP_FIXED_NOREPLACE, -1, 0);
    if (got == MAP_FAILED) return;
    address_ = at;
    size_bytes_ = size_bytes;
    return;
  }
  const uint64_t spare = align_bytes > kPageBytes ? align_bytes - kPageBytes : 0;
  void* const got = mmap(nullptr, size_bytes + spare, PROT_NONE, kReserved, -1, 0);
  if (got == MAP_FAILED) return;
  const uint64_t begin = reinterpret_cast<uintptr_t>(got);
  address_ = RoundUp(begin, std::max(align_bytes, kPageBytes));
  size_bytes_ = size_bytes;
  if (address_ > begin) munmap(got, address_ - begin);
  if (const uint64_t tail = begin + spare - address_; tail != 0) munmap(Pointer(address_ + size_bytes), tail);
}

HostRange::HostRange(HostRange&& other) noexcept
    : address_(std::exchange(other.address_, 0)), size_bytes_(std::exchange(other.size_bytes_, 0)) {}

HostRange& HostRange::operator=(HostRange&& other) noexcept {
  std::swap(address_, other.address_);
  std::swap(size_bytes_, other.size_bytes_);
  return *this;
}

HostRange::~HostRange() {
  if (size_bytes_ != 0) munmap(Pointer(address_), size_bytes_);
}

void HostRange::Clear(uint64_t address, uint64_t size_bytes) {
  mmap(Pointer(address), size_bytes, PROT_NONE, kReserved | MAP_FIXED, -1, 0);
}

hal_status Buffer::Create(RenderNode& node, uint64_t size_bytes, uint64_t align_bytes, uint32_t placement,
                          std::shared_ptr<Buffer>* out) {
  if (size_bytes > UINT64_MAX - kPageBytes) return HAL_OUT_OF_MEMORY;
  uint64_t rounded = RoundUp(std::max<uint64_t>(size_bytes, 1), kPageBytes);
  uint32_t handle = 0;
  if (const int error = node.CreateBuffer(&rounded, placement, &handle); error != 0) {
    // What no device could hold is too much memory as well.
    return error == -EINVAL ? HAL_OUT_OF_MEMORY : FromErrno(error);
  }
  std::shared_ptr<Buffer> buffer(new Buffer(node, handle, rounded));
  if (const hal_status status = buffer->Map(align_bytes); status != HAL_OK) return status;
  *out = std::move(buffer);
  return HAL_OK;
}

hal_status Buffer::Import(RenderNode& node, int fd, uint64_t size_bytes, std::shared_ptr<Buffer>* out) {
  uint32_t handle = 0;
  uint64_t actual = 0;
  if (const int error = node.ImportBuffer(fd, &handle, &actual); error != 0) return FromErrno(error);
  std::shared_ptr<Buffer> buffer(new Buffer(node, handle, actual));
  if (size_bytes == 0 || size_bytes > actual) return HAL_INVALID;
  if (const hal_status status = buffer->Map(0); status != HAL_OK) return status;
  *out = std::move(buffer);
  return HAL_OK;
}

hal_status Buffer::Map(uint64_t align_bytes) {
  const uint64_t natural = size_bytes_ >= kHugePageBytes ? kHugePageBytes : kPageBytes;
  HostRange range(size_bytes_, std::max(align_bytes, natural));
  if (!range) return HAL_OUT_OF_HOST_MEMORY;
  if (const int error = node_.MapBuffer(handle_, 0, size_bytes_, Pointer(range.address())); error != 0) {
    return error == -ENOMEM ? HAL_OUT_OF_HOST_MEMORY : FromErrno(error);
  }
  range_ = std::move(range);
  return HAL_OK;
}

Buffer::~Buffer() {
  range_ = HostRange();
  node_.CloseBuffer(handle_);
}

}  // namespace tq::hal::tqgpu
