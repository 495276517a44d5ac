// The table of base/cpu_abi.h that kernels call.
#include "hal/tqgpu/shell/shell.h"

// Where the kernel called from, as an address inside the call, which is 2 or 4 bytes long.
#define KERNEL_PC() ((uint64_t)__builtin_return_address(0) - 2)

static void collect_only(tq_cpu_thread* thread, uint32_t mask, const void* value, uint32_t size_bytes,
                         tq_cpu_lanes* lanes) {
  collect(thread, mask, value, size_bytes, lanes);
}

// A kernel without fibers has nobody to yield to on this hart.
static void yield(tq_cpu_thread* thread, uint32_t nanoseconds) {
  (void)nanoseconds;
  if (thread->fiber) yield_fiber(fiber_of(thread));
}

__attribute__((noreturn)) static void exit_thread(tq_cpu_thread* thread) { exit_fiber(fiber_of(thread)); }

__attribute__((noreturn)) static void fault(tq_cpu_thread* thread, uint32_t kind, uint64_t payload) {
  raise_fault(hart_of(thread), kind, payload, KERNEL_PC());
}

static void copy_text(char* to, uint64_t size, const char* from) {
  uint64_t i = 0;
  for (; from && i + 1 < size && from[i]; ++i) to[i] = from[i];
  to[i] = 0;
}

__attribute__((noreturn)) static void assert_fail(tq_cpu_thread* thread, const char* message,
                                                  const char* file, uint32_t line, const char* function) {
  hart* self = hart_of(thread);
  copy_text(self->report.assert_message, sizeof self->report.assert_message, message);
  copy_text(self->report.assert_file, sizeof self->report.assert_file, file);
  copy_text(self->report.assert_function, sizeof self->report.assert_function, function);
  self->report.assert_line = line;
  raise_fault(self, TQ_CPU_FAULT_ASSERT, 0, KERNEL_PC());
}

static uint64_t global_timer_ns(void) {
  const hart* self;
  __asm__("mv %0, tp" : "=r"(self));
  const uint64_t second = 1000000000, now = ticks(), hz = self->device->timebase_hz;
  return now / hz * second + now % hz * second / hz;
}

static uint64_t host_call(tq_cpu_thread* thread, uint32_t function, void* arguments) {
  (void)arguments;
  raise_fault(hart_of(thread), TQ_CPU_FAULT_ILLEGAL_INSTRUCTION, function, KERNEL_PC());
}

static uint32_t warp_barrier(tq_cpu_thread* thread, uint32_t id, uint32_t thread_count, uint32_t op,
                             uint32_t present, uint32_t holders) {
  (void)thread_count, (void)op, (void)present, (void)holders;
  raise_fault(hart_of(thread), TQ_CPU_FAULT_ILLEGAL_INSTRUCTION, id, KERNEL_PC());
}

// The card has none.
static void* tensor_memory(tq_cpu_thread* thread, uint32_t rank) {
  (void)thread, (void)rank;
  return 0;
}

void fill_services(tq_cpu_services* services) {
  *services = (tq_cpu_services){
      .size_bytes = sizeof(tq_cpu_services),
      .collect = collect_only,
      .barrier = wait_at_barrier,
      .barrier_arrive = arrive_at_barrier,
      .cluster_arrive = arrive_at_cluster,
      .cluster_wait = wait_for_cluster,
      .yield = yield,
      .exit = exit_thread,
      .fault = fault,
      .vprintf = print,
      .malloc = allocate,
      .free = release,
      .assert_fail = assert_fail,
      .global_timer_ns = global_timer_ns,
      .host_call = host_call,
      .collect_and_lead = collect,
      .warp_barrier = warp_barrier,
      .tensor_memory = tensor_memory,
  };
}
