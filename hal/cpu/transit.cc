#include "hal/cpu/transit.h"

#include <sys/mman.h>

#include <atomic>
#include <cstring>
#include <mutex>

#include "hal/cpu/fault.h"
#include "hal/cpu/futex.h"

namespace tq::hal::cpu {
namespace {

// A thread may get to its handler after the move that made it fault has ended: the latest ones are kept.
struct Move {
  std::atomic<uint64_t> begin, end;
};
constexpr uint32_t kKept = 64;
Move g_moves[kKept];
std::atomic<uint32_t> g_begun{0}, g_ended{0};  // counts of moves; they differ by one at most

// The move that this thread tried again for last. A second fault at the same place is a real one.
__attribute__((tls_model("initial-exec"))) thread_local uint32_t tried_again = 0;

class Transit {
 public:
  Transit(uint64_t address, uint64_t size_bytes) {
    Move& move = g_moves[g_begun.load(std::memory_order_relaxed) % kKept];
    move.begin.store(address, std::memory_order_relaxed);
    move.end.store(address + size_bytes, std::memory_order_relaxed);
    g_begun.fetch_add(1, std::memory_order_seq_cst);
  }
  ~Transit() {
    g_ended.fetch_add(1, std::memory_order_seq_cst);
    FutexWake(&g_ended, INT32_MAX);
  }
  Transit(const Transit&) = delete;
  Transit& operator=(const Transit&) = delete;
};

}  // namespace

hal_status MoveToFile(uint64_t address, uint64_t size_bytes, int fd, uint64_t offset) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  InstallFaultHandlers();
  void* const place = reinterpret_cast<void*>(address);
  void* copy = mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (copy == MAP_FAILED) return HAL_OUT_OF_HOST_MEMORY;
  const Transit transit(address, size_bytes);
  bool moved = mprotect(place, size_bytes, PROT_READ) == 0;
  if (moved) {
    std::memcpy(copy, place, size_bytes);
    // Puts the new pages over the old ones; there is no moment at which the address is invalid.
    moved = mremap(copy, size_bytes, size_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, place) != MAP_FAILED;
    if (!moved) mprotect(place, size_bytes, PROT_READ | PROT_WRITE);
  }
  if (!moved) munmap(copy, size_bytes);
  return moved ? HAL_OK : HAL_OUT_OF_HOST_MEMORY;
}

bool WaitForTransit(uint64_t address) {
  const uint32_t begun = g_begun.load(std::memory_order_seq_cst);
  for (uint32_t i = 0; i < kKept && i < begun; ++i) {
    const uint32_t number = begun - i;  // counted from 1, the latest first
    const Move& move = g_moves[(number - 1) % kKept];
    if (address < move.begin.load(std::memory_order_relaxed) ||
        address >= move.end.load(std::memory_order_relaxed)) {
      continue;
    }
    uint32_t ended;
    while ((ended = g_ended.load(std::memory_order_seq_cst)) < number) FutexWait(&g_ended, ended, UINT64_MAX);
    if (tried_again == number) return false;
    tried_again = number;
    return true;
  }
  return false;
}

}  // namespace tq::hal::cpu
