#include "hal/cpu/fault.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <mutex>

#include "hal/cpu/clock.h"
#include "hal/cpu/device.h"
#include "hal/cpu/executable.h"
#include "hal/cpu/grid.h"
#include "hal/cpu/runner.h"
#include "hal/cpu/stack_trace.h"
#include "hal/cpu/team.h"
#include "hal/cpu/transit.h"
#include "hal/cpu/vm.h"

namespace tq::hal::cpu {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
constexpr uint64_t kCheckIntervalNs = 1000000;
constexpr size_t kSignalStackBytes = 64 << 10;  // AVX-512 state alone takes some KB

struct sigaction g_previous[NSIG];
const char g_interrupt_mark = 0;  // its address says that a SIGTRAP is ours

// What the machine says about a fault.
struct MachineState {
  uint64_t pc = 0, sp = 0;
  uint32_t access = 0;
  bool is_page_fault = true;
  bool is_fetch = false;
};

MachineState ReadState(const ucontext_t& context) {
  MachineState state;
#if defined(__x86_64__)
  const greg_t* regs = context.uc_mcontext.gregs;
  state.pc = static_cast<uint64_t>(regs[REG_RIP]);
  state.sp = static_cast<uint64_t>(regs[REG_RSP]);
  const auto error = static_cast<uint64_t>(regs[REG_ERR]);
  state.is_page_fault = regs[REG_TRAPNO] == 14;
  if (state.is_page_fault) {
    state.access = (error & 2) != 0 ? HAL_VM_WRITE : HAL_VM_READ;
    state.is_fetch = (error & 16) != 0;
  }
#elif defined(__aarch64__)
  state.pc = context.uc_mcontext.pc;
  state.sp = context.uc_mcontext.sp;
  state.is_fetch = context.uc_mcontext.fault_address == state.pc;
#endif
  return state;
}

// The handler returns into the scheduler.
void ReturnToScheduler(ucontext_t* context, void* scheduler) {
#if defined(__x86_64__)
  greg_t* regs = context->uc_mcontext.gregs;
  regs[REG_RSP] = reinterpret_cast<greg_t>(scheduler);
  regs[REG_RIP] = reinterpret_cast<greg_t>(&tq_fiber_resume);
  regs[REG_EFL] &= ~greg_t{0x40500};  // direction, trap and alignment-check flags
#elif defined(__aarch64__)
  context->uc_mcontext.sp = reinterpret_cast<uint64_t>(scheduler);
  context->uc_mcontext.pc = reinterpret_cast<uint64_t>(&tq_fiber_resume);
#endif
}

hal_fault_kind KindOf(int signal, const siginfo_t& info, const MachineState& state, const Runner& runner) {
  switch (signal) {
    case SIGFPE:
      return HAL_FAULT_ARITHMETIC;
    case SIGILL:
      return HAL_FAULT_ILLEGAL_INSTRUCTION;
    case SIGTRAP:
      return HAL_FAULT_TRAP;
    case SIGBUS:
      return info.si_code == BUS_ADRALN ? HAL_FAULT_MISALIGNED_ADDRESS : HAL_FAULT_ILLEGAL_ADDRESS;
    default:
      break;
  }
  const auto address = reinterpret_cast<uint64_t>(info.si_addr);
  const Stack& stack = runner.fiber != nullptr ? runner.fiber->stack : runner.loop_stack;
  if (stack.IsGuard(address)) return HAL_FAULT_STACK_OVERFLOW;
  return state.is_fetch ? HAL_FAULT_INVALID_PC : HAL_FAULT_ILLEGAL_ADDRESS;
}

TQ_LEAVES_STACK void AbandonFromSignal(Runner& runner, ucontext_t* context) {
  runner.faulted = true;
  runner.SetInKernel(false);
  TraceAbandonFromSignal(runner.own_stack);
  ReturnToScheduler(context, runner.scheduler);
}

// Ours, and about a runner that may be in the kernel's code (then it ends here) or elsewhere (then it will be
// asked again).
TQ_LEAVES_STACK void OnInterrupt(Runner* runner, ucontext_t* context) {
  if (runner == nullptr || runner->image == nullptr || runner->work == nullptr) return;
  const MachineState state = ReadState(*context);
  if (!runner->image->ContainsCode(state.pc)) return;
  if (!runner->IsOverdue() && !runner->work->is_stopped()) return;
  runner->pending.kind = HAL_FAULT_TIMEOUT;
  runner->pending.thread = {};
  runner->pending.address = 0;
  runner->pending.access = 0;
  runner->pending.pc = state.pc;
  runner->pending.sp = state.sp;
  AbandonFromSignal(*runner, context);
}

void CallPrevious(int signal, siginfo_t* info, void* context) {
  const struct sigaction& previous = g_previous[signal];
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler == SIG_DFL || (previous.sa_handler == SIG_IGN && info->si_code > 0)) {
    // The default action, where it belongs: the instruction runs again and kills the process.
    struct sigaction action = {};
    action.sa_handler = SIG_DFL;
    sigaction(signal, &action, nullptr);
    if (info->si_code <= 0) raise(signal);
  } else if (previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  }
}

TQ_LEAVES_STACK void OnSignal(int signal, siginfo_t* info, void* opaque) {
  auto* context = static_cast<ucontext_t*>(opaque);
  Runner* runner = Runner::InKernel();
  if (signal == SIGTRAP && info->si_code == SI_QUEUE && info->si_value.sival_ptr == &g_interrupt_mark) {
    OnInterrupt(runner, context);
    return;
  }
  if (signal == SIGSEGV && info->si_code > 0 && WaitForTransit(reinterpret_cast<uint64_t>(info->si_addr)))
    return;
  if (runner == nullptr || info->si_code <= 0) {
    CallPrevious(signal, info, opaque);
    return;
  }
  const MachineState state = ReadState(*context);
  const bool has_address = signal == SIGSEGV || signal == SIGBUS;
  runner->pending.kind = KindOf(signal, *info, state, *runner);
  runner->pending.address =
      has_address && state.is_page_fault ? reinterpret_cast<uint64_t>(info->si_addr) : 0;
  runner->pending.access = has_address ? state.access : 0;
  runner->pending.pc = state.pc;
  runner->pending.sp = state.sp;
  runner->pending.thread = {};
  runner->pending.message[0] = 0;
  AbandonFromSignal(*runner, context);
}

std::atomic<uint64_t> g_next_check_ns{0};

// The innermost address of kernel code: the program counter, or else a return address on the kernel's stack
// (the fault may be in memcpy, or behind a wild jump).
void DescribePlace(const Runner& runner, const Stack& stack, hal_fault* fault) {
  if (DescribePc(runner.pending.pc, fault)) return;
  const uint64_t sp = runner.pending.sp & ~uint64_t{7};
  if (sp == 0 || sp < reinterpret_cast<uint64_t>(stack.base)) return;
  const auto* word = reinterpret_cast<const uint64_t*>(sp);
  for (int i = 0; i < 256 && reinterpret_cast<const uint8_t*>(word + 1) <= stack.top(); ++i, ++word) {
    if (DescribePc(*word - 1, fault)) return;
  }
}

const char* KindName(uint32_t kind) {
  constexpr const char* kNames[] = {"no fault",
                                    "an illegal address",
                                    "a misaligned address",
                                    "an illegal instruction",
                                    "an invalid program counter",
                                    "an invalid address space",
                                    "a trap",
                                    "a failed assertion",
                                    "a stack overflow",
                                    "a timeout",
                                    "a deadlock",
                                    "an arithmetic fault"};
  return kind < sizeof kNames / sizeof kNames[0] ? kNames[kind] : "an unknown fault";
}

// Whoever owns the address space reads the record and reports it; this is for finding out what the device
// saw.
void LogFault(const hal_fault& fault) {
  if (Hooks().log == nullptr) return;
  char text[1024];
  std::snprintf(text, sizeof text,
                "%s ends with %s (address 0x%llx, %s) in %s at PTX line %u (%s:%u), block (%u,%u,%u), thread "
                "(%u,%u,%u). %s",
                fault.kernel[0] != 0 ? fault.kernel : "A transfer", KindName(fault.kind),
                static_cast<unsigned long long>(fault.address),
                fault.access == HAL_VM_WRITE  ? "write"
                : fault.access == HAL_VM_READ ? "read"
                                              : "access unknown",
                fault.function, fault.ptx_line, fault.source_file, fault.source_line, fault.block.x,
                fault.block.y, fault.block.z, fault.thread.x, fault.thread.y, fault.thread.z, fault.message);
  Hooks().log(3, text);
}

}  // namespace

void InstallFaultHandlers() {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  for (const int signal : kSignals) {
    struct sigaction current;
    if (sigaction(signal, nullptr, &current) != 0) continue;
    if ((current.sa_flags & SA_SIGINFO) != 0 && current.sa_sigaction == OnSignal) continue;
    g_previous[signal] = current;
    struct sigaction action = {};
    action.sa_sigaction = OnSignal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, nullptr);
  }
}

void CheckFaultHandlers(uint64_t now_ns) {
  uint64_t next = g_next_check_ns.load(std::memory_order_relaxed);
  if (now_ns < next) return;
  if (g_next_check_ns.compare_exchange_strong(next, now_ns + kCheckIntervalNs, std::memory_order_relaxed)) {
    InstallFaultHandlers();
  }
}

void* InstallSignalStack() {
  stack_t current;
  if (sigaltstack(nullptr, &current) == 0 && (current.ss_flags & SS_DISABLE) == 0) return nullptr;
  void* memory = mmap(nullptr, kSignalStackBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  stack_t stack = {};
  stack.ss_sp = memory;
  stack.ss_size = kSignalStackBytes;
  if (sigaltstack(&stack, nullptr) == 0) return memory;
  munmap(memory, kSignalStackBytes);
  return nullptr;
}

void RemoveSignalStack(void* memory) {
  if (memory == nullptr) return;
  stack_t current;
  if (sigaltstack(nullptr, &current) == 0 && current.ss_sp == memory) {
    stack_t disabled = {};
    disabled.ss_flags = SS_DISABLE;
    sigaltstack(&disabled, nullptr);
  }
  munmap(memory, kSignalStackBytes);
}

namespace {

hal_dim3 ThreadOf(const Runner& runner) {
  tq_cpu_dim3 thread = runner.fiber != nullptr ? runner.fiber->thread.tid : runner.pending.thread;
  if (runner.fiber == nullptr && runner.block != nullptr && runner.block->thread != nullptr) {
    const uint32_t linear = runner.block->thread->linear_tid;
    const tq_cpu_dim3& count = runner.block->ntid;
    thread = {linear % count.x, linear / count.x % count.y, linear / count.x / count.y};
  }
  return {thread.x, thread.y, thread.z};
}

}  // namespace

void ReportFault(Runner& runner, hal_vm* vm, const GridWork* grid) {
  if (vm->Status() == HAL_DEVICE_LOST) return;  // a reset ends kernels too; that is not their fault
  hal_fault fault = {};
  fault.size = sizeof fault;
  fault.kind = runner.pending.kind;
  fault.address = runner.pending.address;
  fault.access = runner.pending.access;
  std::memcpy(fault.message, runner.pending.message, sizeof fault.message);
  fault.message[sizeof fault.message - 1] = 0;
  DescribePlace(runner, runner.fiber != nullptr ? runner.fiber->stack : runner.loop_stack, &fault);
  if (grid != nullptr) {
    std::strncpy(fault.kernel, grid->kernel().record.name.c_str(), sizeof fault.kernel - 1);
    fault.grid_id = grid->dispatch().grid_id;
    if (runner.block != nullptr) {
      const tq_cpu_dim3& block = runner.block->ctaid;
      fault.block = {block.x, block.y, block.z};
    }
    fault.thread = ThreadOf(runner);
  }
  LogFault(fault);
  vm->Fault(fault);
}

void RaiseFault(hal_fault_kind kind, uint64_t address, uint64_t pc, const char* message) {
  Runner& runner = Runner::Current();
  PendingFault& pending = runner.pending;
  pending.kind = kind;
  pending.address = address;
  pending.access = 0;
  pending.pc = pc;
  pending.sp = reinterpret_cast<uint64_t>(__builtin_frame_address(0));
  std::snprintf(pending.message, sizeof pending.message, "%s", message);
  runner.Abandon();
}

void InterruptRunner(const Runner& runner) {
  siginfo_t info = {};
  info.si_signo = SIGTRAP;
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_ptr = const_cast<char*>(&g_interrupt_mark);
  syscall(SYS_rt_tgsigqueueinfo, getpid(), runner.thread_id, SIGTRAP, &info);
}

}  // namespace tq::hal::cpu
