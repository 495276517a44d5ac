#include "hal/cpu/arena.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "hal/cpu/suspend.h"

namespace tq::hal::cpu {
namespace {

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

constexpr uint64_t kPage = 4096;

// Fragmentation must not make an allocation fail that the limit allows: addresses are cheap.
constexpr uint64_t kAddressFactor = 4;

uint64_t ReserveAddresses(uint64_t size) {
  void* base = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return base == MAP_FAILED ? 0 : reinterpret_cast<uint64_t>(base);
}

void Release(uint64_t begin, uint64_t size) {
  const uint64_t first = (begin + kPage - 1) & ~(kPage - 1);
  const uint64_t last = (begin + size) & ~(kPage - 1);
  if (last > first) madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

}  // namespace

Arena::Arena(uint64_t limit_bytes) : limit_bytes_(limit_bytes), extents_(0, 0) {
  const uint64_t size = (limit_bytes * kAddressFactor + (64 << 20)) & ~(kGrowBytes - 1);
  const uint64_t base = ReserveAddresses(size);
  if (base == 0) return;  // every allocation fails
  begin_ = (base + kGrowBytes - 1) & ~(kGrowBytes - 1);
  end_ = base + size;
  mprotect(reinterpret_cast<void*>(begin_), kMarginBytes, PROT_READ | PROT_WRITE);
  grown_end_ = begin_ + kMarginBytes;
  extents_.Free(grown_end_, end_ - grown_end_);
}

// Four steps per power of two: at most 25 % lost.
uint64_t Arena::RoundSize(uint64_t size_bytes) {
  if (size_bytes <= kMinBytes) return kMinBytes;
  if (size_bytes > kSmallBytes) return (size_bytes + kPage - 1) & ~(kPage - 1);
  const uint64_t step = std::max<uint64_t>(std::bit_floor(size_bytes - 1) / 4, kMinBytes);
  return (size_bytes + step - 1) & ~(step - 1);
}

size_t Arena::ClassOf(uint64_t rounded_bytes) {
  const int log = std::bit_width(rounded_bytes) - 1;
  const uint64_t quarter = (rounded_bytes >> (log - 2)) & 3;
  return static_cast<size_t>(log - 9) * 4 + quarter;
}

bool Arena::EnsureBacked(uint64_t end) {
  if (end <= grown_end_) return true;
  const uint64_t new_end = std::min(end_, (end + kGrowBytes - 1) & ~(kGrowBytes - 1));
  const uint64_t size = new_end - grown_end_;
  void* fresh = reinterpret_cast<void*>(grown_end_);
  if (mprotect(fresh, size, PROT_READ | PROT_WRITE) != 0) return false;
  // Arrays that kernels stream through need few entries of the TLB. Where the system has no huge pages, fine.
  madvise(fresh, size, MADV_HUGEPAGE);
  // Without this advice a page that cannot be had would kill the process at first touch; populating reports
  // it.
  if (size <= kPopulateBytes && madvise(fresh, size, MADV_POPULATE_WRITE) != 0 && errno == ENOMEM)
    return false;
  if (grown_end_ - begin_ <= limit_bytes_ && new_end - begin_ > limit_bytes_) {
    extents_.ForEachFree(grown_end_, Release);
  }
  grown_end_ = new_end;
  return true;
}

hal_status Arena::Allocate(uint64_t* size_bytes, uint64_t align_bytes, uint64_t* address) {
  if (begin_ == 0) return HAL_OUT_OF_HOST_MEMORY;
  if (*size_bytes > limit_bytes_) return HAL_OUT_OF_MEMORY;
  const uint64_t size = RoundSize(*size_bytes);
  // Whole pages begin at one, so that they can be mapped elsewhere.
  const uint64_t align = std::max(align_bytes, size % kPage == 0 ? kPage : kMinBytes);
  const std::lock_guard lock(mutex_);
  if (size > limit_bytes_ - std::min(used_bytes_, limit_bytes_)) return HAL_OUT_OF_MEMORY;
  *size_bytes = size;
  if (size <= kSmallBytes) {
    std::vector<uint64_t>& list = classes_[ClassOf(size)];
    if (!list.empty() && (list.back() & (align - 1)) == 0) {
      *address = list.back();
      list.pop_back();
      used_bytes_ += size;
      return HAL_OK;
    }
  }
  if (!extents_.Allocate(size, align, address)) {
    FlushClasses();
    if (!extents_.Allocate(size, align, address)) return HAL_OUT_OF_MEMORY;
  }
  if (!EnsureBacked(*address + size)) {
    extents_.Free(*address, size);
    return HAL_OUT_OF_HOST_MEMORY;
  }
  used_bytes_ += size;
  return HAL_OK;
}

void Arena::Free(uint64_t address, uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  used_bytes_ -= size_bytes;
  if (size_bytes <= kSmallBytes) {
    classes_[ClassOf(size_bytes)].push_back(address);
    return;
  }
  extents_.Free(address, size_bytes);
  // More addresses are in use than there is memory: what is free goes back to the system.
  if (grown_end_ - begin_ > limit_bytes_) Release(address, size_bytes);
}

void Arena::FlushClasses() {
  for (size_t i = 0; i < classes_.size(); ++i) {
    const int log = static_cast<int>(i / 4) + 9;
    const uint64_t size = (uint64_t{1} << log) + (uint64_t{i % 4} << (log - 2));
    for (const uint64_t address : classes_[i]) extents_.Free(address, size);
    classes_[i].clear();
  }
}

bool Arena::Charge(uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  if (size_bytes > limit_bytes_ - std::min(used_bytes_, limit_bytes_)) return false;
  used_bytes_ += size_bytes;
  return true;
}

void Arena::Discharge(uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  used_bytes_ -= size_bytes;
}

uint64_t Arena::used_bytes() {
  const std::lock_guard lock(mutex_);
  return suspended_ < 0 ? used_bytes_ : 0;
}

hal_status Arena::Suspend() {
  const std::lock_guard lock(mutex_);
  return suspended_ < 0 ? SaveRange(begin_, grown_end_, &suspended_) : HAL_BUSY;
}

hal_status Arena::Resume() {
  const std::lock_guard lock(mutex_);
  if (suspended_ < 0) return HAL_OK;
  if (const hal_status status = LoadRange(begin_, grown_end_, suspended_); status != HAL_OK) return status;
  close(suspended_);
  suspended_ = -1;
  return HAL_OK;
}

}  // namespace tq::hal::cpu
