// The `tq.*` functions of SIMT IR that are services of the device (base/cpu_abi.h), one call each.
#include "compiler/devicelib/device.h"

TQ_INLINE const tq_cpu_services* services(tq_cpu_thread* thread) { return thread->block->services; }

TQ_DEVICE void tq_barrier(tq_cpu_thread* thread, uint32_t id, uint32_t count) {
  services(thread)->barrier(thread, id, count, TQ_CPU_BARRIER_NONE, 0);
}

TQ_DEVICE uint32_t tq_barrier_reduce(tq_cpu_thread* thread, uint32_t id, uint32_t count, uint32_t op,
                                     uint32_t value) {
  return services(thread)->barrier(thread, id, count, op, value);
}

// Called by warps of the vector tier in place of the two above.
TQ_DEVICE uint32_t tq_warp_barrier(tq_cpu_thread* thread, uint32_t id, uint32_t count, uint32_t op,
                                   uint32_t present, uint32_t holders) {
  return services(thread)->warp_barrier(thread, id, count, op, present, holders);
}

TQ_DEVICE void tq_barrier_arrive(tq_cpu_thread* thread, uint32_t id, uint32_t count) {
  services(thread)->barrier_arrive(thread, id, count);
}

TQ_DEVICE void tq_cluster_arrive(tq_cpu_thread* thread) { services(thread)->cluster_arrive(thread); }

TQ_DEVICE void tq_cluster_wait(tq_cpu_thread* thread) { services(thread)->cluster_wait(thread); }

TQ_DEVICE void tq_yield(tq_cpu_thread* thread, uint32_t nanoseconds) {
  services(thread)->yield(thread, nanoseconds);
}

TQ_DEVICE __attribute__((noreturn)) void tq_exit(tq_cpu_thread* thread) { services(thread)->exit(thread); }

TQ_DEVICE __attribute__((noreturn)) void tq_fault(tq_cpu_thread* thread, uint32_t kind, uint64_t payload) {
  services(thread)->fault(thread, kind, payload);
}

TQ_DEVICE int32_t tq_vprintf(tq_cpu_thread* thread, const char* format, const void* arguments) {
  return services(thread)->vprintf(thread, format, arguments);
}

TQ_DEVICE void* tq_malloc(tq_cpu_thread* thread, uint64_t size_bytes) {
  return services(thread)->malloc(thread, size_bytes);
}

TQ_DEVICE void tq_free(tq_cpu_thread* thread, void* pointer) { services(thread)->free(thread, pointer); }

TQ_DEVICE uint64_t tq_host_call(tq_cpu_thread* thread, uint32_t function, void* arguments) {
  return services(thread)->host_call(thread, function, arguments);
}

TQ_DEVICE __attribute__((noreturn)) void tq_assert_fail(tq_cpu_thread* thread, const char* message,
                                                        const char* file, uint32_t line,
                                                        const char* function) {
  services(thread)->assert_fail(thread, message, file, line, function);
}

TQ_DEVICE uint64_t tq_globaltimer(tq_cpu_thread* thread) { return services(thread)->global_timer_ns(); }

TQ_DEVICE uint64_t tq_clock64(tq_cpu_thread* thread) {
  (void)thread;
  return __builtin_readcyclecounter();
}

TQ_DEVICE uint32_t tq_envreg(tq_cpu_thread* thread, uint32_t index) {
  const uint64_t* registers = thread->block->env_regs;
  return registers != 0 && index < 32 ? (uint32_t)registers[index] : 0;
}

// The shared window of the block of that rank in the cluster; its own where there is no cluster. No block of
// that rank: nothing lies there.
TQ_DEVICE uint8_t* tq_cluster_shared_base(tq_cpu_thread* thread, uint32_t rank) {
  const tq_cpu_block* block = thread->block;
  if (block->cluster_shared_bases == 0) return block->shared_base;
  uint32_t size = block->cluster_nctaid.x * block->cluster_nctaid.y * block->cluster_nctaid.z;
  return rank < size ? block->cluster_shared_bases[rank] : 0;
}

TQ_DEVICE void* tq_tensor_memory(tq_cpu_thread* thread, uint32_t rank) {
  return services(thread)->tensor_memory(thread, rank);
}

// The rank of the block in whose shared window a generic address lies; 0 where it lies in none.
TQ_DEVICE uint32_t tq_cluster_rank_of(tq_cpu_thread* thread, uint64_t address) {
  const tq_cpu_block* block = thread->block;
  if (block->cluster_shared_bases == 0) return 0;
  uint32_t size = block->cluster_nctaid.x * block->cluster_nctaid.y * block->cluster_nctaid.z;
  for (uint32_t rank = 0; rank < size; ++rank) {
    if (address - (uint64_t)block->cluster_shared_bases[rank] < block->shared_size_bytes) return rank;
  }
  return 0;
}
