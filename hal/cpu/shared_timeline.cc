#include "hal/cpu/shared_timeline.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <new>

#include "hal/cpu/futex.h"

namespace tq::hal::cpu {
namespace {

constexpr uint64_t kPage = 4096;
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW;

// Zombies have ended too.
bool HasEnded(int pid) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return errno == ESRCH;
  pollfd ended = {fd, POLLIN, 0};
  const bool has_ended = poll(&ended, 1, 0) == 1;
  close(fd);
  return has_ended;
}

}  // namespace

hal_status SharedTimeline::Create(uint64_t value, SharedTimeline** out, int* fd) {
  static_assert(sizeof(SharedTimeline) <= kPage);
  static_assert(std::atomic<uint64_t>::is_always_lock_free);
  *fd = memfd_create("tianqiao-timeline", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (*fd < 0) return HAL_OUT_OF_HOST_MEMORY;
  void* page = MAP_FAILED;
  if (ftruncate(*fd, kPage) == 0 && fcntl(*fd, F_ADD_SEALS, kSeals) == 0) {
    page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
  }
  if (page == MAP_FAILED) {
    close(*fd);
    return HAL_OUT_OF_HOST_MEMORY;
  }
  auto* timeline = new (page) SharedTimeline;  // the file is zero
  timeline->magic_ = kMagic;
  timeline->value_.store(value, std::memory_order_relaxed);
  *out = timeline;
  return HAL_OK;
}

hal_status SharedTimeline::Map(int fd, SharedTimeline** out) {
  struct stat file;
  const int seals = fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals || fstat(fd, &file) != 0 ||
      static_cast<uint64_t>(file.st_size) != kPage) {
    return HAL_INVALID;
  }
  void* page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) return errno == ENOMEM ? HAL_OUT_OF_HOST_MEMORY : HAL_INVALID;
  auto* timeline = static_cast<SharedTimeline*>(page);
  if (timeline->magic_ != kMagic) {
    munmap(page, kPage);
    return HAL_INVALID;
  }
  *out = timeline;
  return HAL_OK;
}

void SharedTimeline::Unmap(SharedTimeline* timeline) { munmap(timeline, kPage); }

void SharedTimeline::RaiseTo(uint64_t value) {
  uint64_t old = value_.load(std::memory_order_relaxed);
  while (old < value && !value_.compare_exchange_weak(old, value, std::memory_order_seq_cst)) {
  }
  Announce();
}

void SharedTimeline::Fail() {
  failed_.store(1, std::memory_order_seq_cst);
  Announce();
}

void SharedTimeline::Announce() {
  changes_.fetch_add(1, std::memory_order_seq_cst);
  if (sleepers_.load(std::memory_order_seq_cst) != 0) FutexWake(&changes_, INT_MAX, FutexScope::kMachine);
}

void SharedTimeline::WaitForChange(uint32_t seen, uint64_t deadline_ns) {
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  FutexWait(&changes_, seen, deadline_ns, FutexScope::kMachine);
  sleepers_.fetch_sub(1, std::memory_order_seq_cst);
}

void SharedTimeline::Promise(uint64_t value) {
  promises_[value % kPromises].store(value << 32 | static_cast<uint32_t>(getpid()),
                                     std::memory_order_seq_cst);
}

bool SharedTimeline::IsBroken(uint64_t value) const {
  const uint64_t promise = promises_[value % kPromises].load(std::memory_order_seq_cst);
  const int pid = static_cast<int>(promise & 0xffffffff);
  if (promise == 0 || promise >> 32 != (value & 0xffffffff) || pid == getpid() || pid <= 0) return false;
  // The value once more: it may have been raised last thing.
  return HasEnded(pid) && this->value() < value;
}

}  // namespace tq::hal::cpu
