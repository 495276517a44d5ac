// Stacks and the switch between them. A context is a stack pointer under which tq_fiber_switch has saved the
// rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

extern "C" {
void tq_fiber_switch(void** save, void* load);
void tq_fiber_resume();
void tq_fiber_start();
}

namespace tq::hal::cpu {

// The page below `base` is not accessible: running into it is a stack overflow, not damage.
struct Stack {
  uint8_t* base = nullptr;
  size_t size_bytes = 0;
  void* trace = nullptr;  // of stack_trace.h

  uint8_t* top() const { return base + size_bytes; }
  bool IsGuard(uint64_t address) const;
};

inline constexpr size_t kGuardBytes = 4096;

// A context that begins with entry(argument), which must not return. `colour` moves the top by some cache
// lines: stacks that all begin at the same offset of a page would fight for the same sets of the L1 cache.
void* PrepareStack(Stack& stack, uint32_t colour, void (*entry)(void*), void* argument);

// Stacks of one thread, reused by size. Freed with it. Not thread-safe.
class StackCache {
 public:
  StackCache() = default;
  StackCache(const StackCache&) = delete;
  StackCache& operator=(const StackCache&) = delete;
  ~StackCache();

  // A null base when the system has no memory or address ranges left.
  Stack Take(size_t size_bytes);
  void Give(const Stack& stack) { free_[stack.size_bytes].push_back(stack); }

 private:
  struct Slab {
    void* base;
    size_t size_bytes;
  };
  std::map<size_t, std::vector<Stack>> free_;
  std::vector<Slab> slabs_;
};

}  // namespace tq::hal::cpu
