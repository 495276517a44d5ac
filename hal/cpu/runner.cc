#include "hal/cpu/runner.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "hal/cpu/fault.h"
#include "hal/cpu/stack_trace.h"
#include "hal/cpu/team.h"

namespace tq::hal::cpu {
namespace {

// initial-exec: reading it in a signal handler must not allocate.
__thread Runner* t_runner __attribute__((tls_model("initial-exec"))) = nullptr;

struct Registry {
  std::mutex mutex;
  std::vector<Runner*> runners;
};

Registry& GetRegistry() {
  static auto* registry = new Registry;
  return *registry;
}

// Frees the runner at the end of its thread.
struct RunnerOwner {
  ~RunnerOwner() {
    delete t_runner;
    t_runner = nullptr;
  }
};

constexpr size_t kLoopStackBytes = 4 << 20;  // touched as far as kernels need it

struct CallFrame {
  Runner* runner;
  void (*function)(void*);
  void* argument;
};

TQ_LEAVES_STACK void RunCall(void* context) {
  TraceArrive(nullptr);
  const CallFrame frame = *static_cast<CallFrame*>(context);
  frame.function(frame.argument);
  frame.runner->SetInKernel(false);
  void* discarded;
  TraceLeave(frame.runner->own_stack, nullptr);
  tq_fiber_switch(&discarded, frame.runner->scheduler);
}

}  // namespace

Runner& Runner::Current() {
  if (t_runner == nullptr) {
    static thread_local RunnerOwner owner;
    static_cast<void>(owner);
    t_runner = new Runner;
  }
  return *t_runner;
}

Runner* Runner::InKernel() {
  Runner* runner = t_runner;
  return runner != nullptr && runner->in_kernel.load(std::memory_order_relaxed) ? runner : nullptr;
}

Runner::Runner() : thread_id(static_cast<int32_t>(syscall(SYS_gettid))) {
  own_stack = TraceOwnStack();
  signal_stack_ = InstallSignalStack();
  Registry& registry = GetRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.runners.push_back(this);
}

Runner::~Runner() {
  {
    Registry& registry = GetRegistry();
    const std::lock_guard lock(registry.mutex);
    std::erase(registry.runners, this);
  }
  RemoveSignalStack(signal_stack_);
  for (const SharedBuffer& buffer : shared_free_) std::free(buffer.memory);
}

void ForEachRunner(void (*visit)(Runner& runner, void* context), void* context) {
  Registry& registry = GetRegistry();
  const std::lock_guard lock(registry.mutex);
  for (Runner* runner : registry.runners) visit(*runner, context);
}

bool Runner::PrepareLoopStack(size_t size_bytes) {
  const size_t wanted = std::max(kLoopStackBytes, size_bytes);
  if (loop_stack.size_bytes >= wanted) return true;
  if (loop_stack.base != nullptr) stacks.Give(loop_stack);
  loop_stack = stacks.Take(wanted);
  return loop_stack.base != nullptr;
}

bool Runner::Call(Work* for_work, void (*function)(void*), void* argument) {
  if (!PrepareLoopStack(0)) {
    pending = {.kind = HAL_FAULT_STACK_OVERFLOW};
    std::strcpy(pending.message, "The system has no memory for the stack of the kernel.");
    return false;
  }
  CallFrame frame = {this, function, argument};
  work = for_work;
  fiber = nullptr;
  return Enter(PrepareStack(loop_stack, 0, RunCall, &frame), loop_stack);
}

bool Runner::Enter(void* context, const Stack& stack) {
  faulted = false;
  SetInKernel(true);
  void* resume = nullptr;
  TraceLeave(stack, &resume);
  tq_fiber_switch(&scheduler, context);
  TraceArrive(resume);
  TraceBack(own_stack);
  SetInKernel(false);
  return !faulted;
}

TQ_LEAVES_STACK void Runner::Abandon() {
  faulted = true;
  SetInKernel(false);
  void* discarded;
  TraceLeave(own_stack, nullptr);
  tq_fiber_switch(&discarded, scheduler);
  __builtin_unreachable();
}

uint8_t* Runner::TakeShared(size_t size_bytes) {
  for (size_t i = shared_free_.size(); i-- > 0;) {
    if (shared_free_[i].size_bytes < size_bytes) continue;
    uint8_t* memory = shared_free_[i].memory;
    shared_free_.erase(shared_free_.begin() + static_cast<ptrdiff_t>(i));
    return memory;
  }
  const size_t rounded = (size_bytes + kSharedAlign - 1) & ~(kSharedAlign - 1);
  void* memory = std::aligned_alloc(kSharedAlign, std::max(rounded, kSharedAlign));
  if (memory != nullptr) std::memset(memory, 0, std::max(rounded, kSharedAlign));
  return static_cast<uint8_t*>(memory);
}

void Runner::GiveShared(uint8_t* memory, size_t size_bytes) {
  if (memory != nullptr) shared_free_.push_back({memory, size_bytes});
}

}  // namespace tq::hal::cpu
