#include "hal/cpu/fiber.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "hal/cpu/stack_trace.h"

namespace tq::hal::cpu {
namespace {

constexpr size_t kSlabStacks = 32;  // a warp
constexpr size_t kSlabBytes = 8 << 20;

#if defined(__x86_64__)
constexpr size_t kFrameWords = 8;  // control words, r15, r14, r13, r12, rbx, rbp, return address
#elif defined(__aarch64__)
constexpr size_t kFrameWords = 22;
#endif

}  // namespace

bool Stack::IsGuard(uint64_t address) const {
  const uint64_t begin = reinterpret_cast<uint64_t>(base);
  return address < begin && address >= begin - kGuardBytes;
}

void* PrepareStack(Stack& stack, uint32_t colour, void (*entry)(void*), void* argument) {
  TraceReset(stack);
  auto* frame = reinterpret_cast<uint64_t*>(stack.top() - (colour % 16) * 192) - kFrameWords;
#if defined(__x86_64__)
  uint32_t mxcsr = 0x1f80;  // round to nearest, all exceptions masked, no flushing
  uint16_t x87 = 0x37f;
  std::memcpy(frame, &mxcsr, sizeof mxcsr);
  std::memcpy(reinterpret_cast<uint8_t*>(frame) + 4, &x87, sizeof x87);
  frame[3] = reinterpret_cast<uint64_t>(argument);  // r13
  frame[4] = reinterpret_cast<uint64_t>(entry);     // r12
  frame[7] = reinterpret_cast<uint64_t>(&tq_fiber_start);
#elif defined(__aarch64__)
  std::memset(frame, 0, kFrameWords * 8);
  frame[0] = reinterpret_cast<uint64_t>(entry);     // x19
  frame[1] = reinterpret_cast<uint64_t>(argument);  // x20
  frame[11] = reinterpret_cast<uint64_t>(&tq_fiber_start);
#endif
  return frame;
}

StackCache::~StackCache() {
  for (const Slab& slab : slabs_) munmap(slab.base, slab.size_bytes);
}

Stack StackCache::Take(size_t size_bytes) {
  size_bytes = (size_bytes + kGuardBytes - 1) & ~(kGuardBytes - 1);
  std::vector<Stack>& list = free_[size_bytes];
  if (list.empty()) {
    const size_t pitch = size_bytes + kGuardBytes;
    const size_t count = std::clamp<size_t>(kSlabBytes / pitch, 1, kSlabStacks);
    void* slab = mmap(nullptr, pitch * count, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (slab == MAP_FAILED) return {};
    slabs_.push_back({slab, pitch * count});
    for (size_t i = 0; i < count; ++i) {
      uint8_t* base = static_cast<uint8_t*>(slab) + i * pitch + kGuardBytes;
      if (mprotect(base, size_bytes, PROT_READ | PROT_WRITE) != 0) break;
      list.push_back({.base = base, .size_bytes = size_bytes});
    }
    if (list.empty()) return {};
    std::reverse(list.begin(), list.end());
  }
  const Stack stack = list.back();
  list.pop_back();
  return stack;
}

}  // namespace tq::hal::cpu
