#include "hal/cpu/services.h"

#include <array>
#include <bit>
#include <cstdio>

#include "hal/cpu/clock.h"
#include "hal/cpu/device.h"
#include "hal/cpu/fault.h"
#include "hal/cpu/grid.h"
#include "hal/cpu/runner.h"
#include "hal/cpu/team.h"
#include "hal/cpu/vm.h"
#include "hal/format_printf.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {
namespace {

// Where the kernel called from, as an address inside the call.
#define TQ_KERNEL_PC() (reinterpret_cast<uint64_t>(__builtin_return_address(0)) - 1)

ThreadFiber& FiberOf(tq_cpu_thread* thread) { return *static_cast<ThreadFiber*>(thread->fiber); }
Team& TeamOf(tq_cpu_thread* thread) { return *FiberOf(thread).block->team; }

struct FaultRow {
  tq_cpu_fault from;
  hal_fault_kind to;
};
constexpr FaultRow kFaults[] = {
    {TQ_CPU_FAULT_TRAP, HAL_FAULT_TRAP},
    {TQ_CPU_FAULT_MISALIGNED_ADDRESS, HAL_FAULT_MISALIGNED_ADDRESS},
    {TQ_CPU_FAULT_ILLEGAL_ADDRESS, HAL_FAULT_ILLEGAL_ADDRESS},
    {TQ_CPU_FAULT_ILLEGAL_INSTRUCTION, HAL_FAULT_ILLEGAL_INSTRUCTION},
    {TQ_CPU_FAULT_INVALID_PC, HAL_FAULT_INVALID_PC},
    {TQ_CPU_FAULT_ASSERT, HAL_FAULT_ASSERT},
    {TQ_CPU_FAULT_STACK_OVERFLOW, HAL_FAULT_STACK_OVERFLOW},
    {TQ_CPU_FAULT_DEADLOCK, HAL_FAULT_DEADLOCK},
    {TQ_CPU_FAULT_TIMEOUT, HAL_FAULT_TIMEOUT},
    {TQ_CPU_FAULT_INVALID_ADDRESS_SPACE, HAL_FAULT_INVALID_ADDRESS_SPACE},
};

void ServiceCollect(tq_cpu_thread* thread, uint32_t mask, const void* value, uint32_t size_bytes,
                    tq_cpu_lanes* lanes) {
  TeamOf(thread).Collect(FiberOf(thread), mask, value, size_bytes, lanes);
}

uint8_t* ServiceCollectAndLead(tq_cpu_thread* thread, uint32_t mask, const void* value, uint32_t size_bytes,
                               tq_cpu_lanes* lanes) {
  return TeamOf(thread).Collect(FiberOf(thread), mask, value, size_bytes, lanes);
}

uint32_t ServiceBarrier(tq_cpu_thread* thread, uint32_t id, uint32_t thread_count, uint32_t op,
                        uint32_t value) {
  return TeamOf(thread).BarrierSync(FiberOf(thread), id, thread_count, op, value != 0, value == 0);
}

uint32_t ServiceWarpBarrier(tq_cpu_thread* thread, uint32_t id, uint32_t thread_count, uint32_t op,
                            uint32_t present, uint32_t holders) {
  const auto true_count = static_cast<uint32_t>(std::popcount(holders));
  const auto false_count = static_cast<uint32_t>(std::popcount(present & ~holders));
  return TeamOf(thread).BarrierSync(FiberOf(thread), id, thread_count, op, true_count, false_count);
}

void ServiceBarrierArrive(tq_cpu_thread* thread, uint32_t id, uint32_t thread_count) {
  TeamOf(thread).BarrierArrive(FiberOf(thread), id, thread_count);
}

void ServiceClusterArrive(tq_cpu_thread* thread) { TeamOf(thread).ClusterArrive(FiberOf(thread)); }

void ServiceClusterWait(tq_cpu_thread* thread) { TeamOf(thread).ClusterWait(FiberOf(thread)); }

// A block-loop kernel has nobody to yield to on this thread.
void ServiceYield(tq_cpu_thread* thread, uint32_t nanoseconds) {
  if (thread->fiber != nullptr) {
    TeamOf(thread).Yield(FiberOf(thread));
  } else {
    CpuRelax();
  }
}

__attribute__((noreturn)) void ServiceExit(tq_cpu_thread* thread) { TeamOf(thread).Exit(FiberOf(thread)); }

__attribute__((noreturn)) void ServiceFault(tq_cpu_thread* thread, uint32_t kind, uint64_t payload) {
  hal_fault_kind mapped = HAL_FAULT_TRAP;
  for (const FaultRow& row : kFaults) {
    if (row.from == static_cast<tq_cpu_fault>(kind)) mapped = row.to;
  }
  Runner::Current().pending.thread = thread->tid;
  RaiseFault(mapped, payload, TQ_KERNEL_PC(), "");
}

// The text is complete before the hook is called: a bad pointer in the arguments ends the kernel while no
// lock is held and nothing is half printed.
int32_t ServiceVprintf(tq_cpu_thread* thread, const char* format, const void* arguments) {
  std::array<char, kMaxPrintBytes> text;
  size_t size = 0;
  const int32_t count = FormatPrintf(format, {.bytes = arguments}, text.data(), text.size(), &size);
  if (Hooks().print != nullptr) {
    Hooks().print(text.data(), size);
  } else {
    std::fwrite(text.data(), 1, size, stdout);
  }
  return count;
}

void* ServiceMalloc(tq_cpu_thread* thread, uint64_t size_bytes) {
  return static_cast<hal_vm*>(thread->block->device)->heap.Allocate(size_bytes);
}

void ServiceFree(tq_cpu_thread* thread, void* pointer) {
  static_cast<hal_vm*>(thread->block->device)->heap.Free(pointer);
}

// The line that CUDA's device assertions print, then the fault.
__attribute__((noreturn)) void ServiceAssertFail(tq_cpu_thread* thread, const char* message, const char* file,
                                                 uint32_t line, const char* function) {
  const tq_cpu_dim3& block = thread->block->ctaid;
  const tq_cpu_dim3& tid = thread->tid;
  char text[1024];
  std::snprintf(text, sizeof text,
                "%s:%u: %s: block: [%u,%u,%u], thread: [%u,%u,%u] Assertion `%s` failed.\n",
                file == nullptr ? "" : file, line, function == nullptr ? "" : function, block.x, block.y,
                block.z, tid.x, tid.y, tid.z, message == nullptr ? "" : message);
  std::fputs(text, stderr);
  Runner::Current().pending.thread = tid;
  RaiseFault(HAL_FAULT_ASSERT, 0, TQ_KERNEL_PC(), text);
}

uint64_t ServiceHostCall(tq_cpu_thread* thread, uint32_t function, void* arguments) {
  const auto* const grid = static_cast<const GridWork*>(Runner::Current().work);
  if (Hooks().call == nullptr || grid == nullptr) {
    Runner::Current().pending.thread = thread->tid;
    RaiseFault(HAL_FAULT_ILLEGAL_INSTRUCTION, function, TQ_KERNEL_PC(), "");
  }
  const tq_cpu_dim3& block = thread->block->ctaid;
  const hal_call call = {.size = sizeof(hal_call),
                         .function = function,
                         .grid_id = grid->dispatch().grid_id,
                         .block = {block.x, block.y, block.z},
                         .thread = {thread->tid.x, thread->tid.y, thread->tid.z},
                         .arguments = arguments};
  return Hooks().call(&call);
}

uint64_t ServiceGlobalTimer() { return NowNs(); }

// A kernel that allocates tensor memory waits for it, so that its threads are fibers.
void* ServiceTensorMemory(tq_cpu_thread* thread, uint32_t rank) {
  return thread->fiber == nullptr ? nullptr : TeamOf(thread).TensorMemoryOf(FiberOf(thread), rank);
}

constexpr tq_cpu_services kServices = {
    .size_bytes = sizeof(tq_cpu_services),
    .collect = ServiceCollect,
    .barrier = ServiceBarrier,
    .barrier_arrive = ServiceBarrierArrive,
    .cluster_arrive = ServiceClusterArrive,
    .cluster_wait = ServiceClusterWait,
    .yield = ServiceYield,
    .exit = ServiceExit,
    .fault = ServiceFault,
    .vprintf = ServiceVprintf,
    .malloc = ServiceMalloc,
    .free = ServiceFree,
    .assert_fail = ServiceAssertFail,
    .global_timer_ns = ServiceGlobalTimer,
    .host_call = ServiceHostCall,
    .collect_and_lead = ServiceCollectAndLead,
    .warp_barrier = ServiceWarpBarrier,
    .tensor_memory = ServiceTensorMemory,
};

}  // namespace

const tq_cpu_services& Services() { return kServices; }

}  // namespace tq::hal::cpu
