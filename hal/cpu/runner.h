// One OS thread that runs kernels: a worker of the pool, or a thread of the application that launches or
// waits. Holds what such a thread reuses (stacks, shared memory), and what the fault handler must know of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/cpu_abi.h"
#include "hal/cpu/fiber.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

class CodeImage;
class Team;
class Work;
struct ThreadFiber;

// What a signal handler or a service leaves behind when it abandons a kernel; plain data, written without
// locks.
struct PendingFault {
  hal_fault_kind kind = HAL_FAULT_NONE;
  uint64_t address = 0;
  uint32_t access = 0;
  uint64_t pc = 0;
  uint64_t sp = 0;
  tq_cpu_dim3 thread = {};
  char message[256] = "";
};

class Runner {
 public:
  // The calling thread's, made at first use.
  static Runner& Current();
  // For the fault handler: null when this thread runs none of our code on a runner.
  static Runner* InKernel();

  Runner();
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Runs function(argument) on the loop stack. False when a fault ended it: `pending` says which.
  bool Call(Work* work, void (*function)(void*), void* argument);
  // Makes the loop stack at least so large.
  bool PrepareLoopStack(size_t size_bytes);

  // Switches into a context (a fiber) and comes back when it switches to `scheduler`, or when a fault
  // abandons it.
  bool Enter(void* context, const Stack& stack);

  // Ends what runs above the scheduler, from the kernel's own stack. `pending` is filled in.
  [[noreturn]] void Abandon();

  // Zero-initialised once; 1024-byte aligned; grows. Valid until given back.
  static constexpr size_t kSharedAlign =
      1024;  // as the strictest that PTX asks for, of a swizzled tensor copy
  uint8_t* TakeShared(size_t size_bytes);
  void GiveShared(uint8_t* memory, size_t size_bytes);

  StackCache stacks;
  std::vector<std::unique_ptr<Team>> residents;   // blocks that wait for other blocks
  std::vector<std::unique_ptr<Team>> idle_teams;  // for reuse
  bool is_worker = false;
  uint32_t worker_index = 0;
  int32_t thread_id = 0;
  uint32_t inline_depth = 0;

  // Of what runs now.
  void* scheduler = nullptr;  // its context while something runs above it
  // Written by this thread and its signal handler; others only ask whether an interrupt may help.
  std::atomic<bool> in_kernel{false};
  void SetInKernel(bool value) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    in_kernel.store(value, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  Work* work = nullptr;
  const CodeImage* image = nullptr;  // its code; null for copies and the like
  const tq_cpu_block* block = nullptr;
  ThreadFiber* fiber = nullptr;
  Stack loop_stack;
  Stack own_stack;  // the thread's
  PendingFault pending;
  volatile bool faulted = false;
  bool IsOverdue() const {
    const uint64_t start_ns = grid_start_ns.load(std::memory_order_relaxed);
    return start_ns != 0 && overdue_start_ns.load(std::memory_order_relaxed) == start_ns;
  }

  // For the watchdog: when the grid of this runner started (0: none), and the start of the one that took too
  // long.
  std::atomic<uint64_t> grid_start_ns{0};
  std::atomic<uint64_t> overdue_start_ns{0};

 private:
  void* signal_stack_ = nullptr;  // null: the thread brought its own
  struct SharedBuffer {
    uint8_t* memory;
    size_t size_bytes;
  };
  std::vector<SharedBuffer> shared_free_;
};

// Every live runner, for the watchdog. The function runs under the lock that keeps them alive.
void ForEachRunner(void (*visit)(Runner& runner, void* context), void* context);

}  // namespace tq::hal::cpu
