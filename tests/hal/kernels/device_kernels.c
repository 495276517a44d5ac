// Kernels of the conformance suite for CPU targets and the cards that keep their contract, in the shape that
// compiler/targets emits (base/cpu_abi.h). Freestanding: what they import is what the suite binds.
#include "base/cpu_abi.h"

#define KERNEL __attribute__((visibility("default")))

extern int tq_counter;  // an import of the suite

static inline uint64_t LinearBlock(const tq_cpu_block* block) {
  return block->ctaid.x +
         (uint64_t)block->nctaid.x * (block->ctaid.y + (uint64_t)block->nctaid.y * block->ctaid.z);
}
static inline uint32_t BlockThreads(const tq_cpu_block* block) {
  return block->ntid.x * block->ntid.y * block->ntid.z;
}

// ---- block loop
// --------------------------------------------------------------------------------------------------

KERNEL void empty(tq_cpu_block* block) { (void)block; }

// out[i] = a[i] + b[i]
struct add_params {
  float* out;
  const float* a;
  const float* b;
  uint64_t n;
};
KERNEL void add(tq_cpu_block* block) {
  const struct add_params* p = (const struct add_params*)block->params;
  const uint32_t threads = BlockThreads(block);
  const uint64_t begin = LinearBlock(block) * threads;
  for (uint64_t i = begin; i < begin + threads && i < p->n; ++i) p->out[i] = p->a[i] + p->b[i];
}

// Every block writes its coordinates: out[linear] = {x, y, z, 0}
KERNEL void coordinates(tq_cpu_block* block) {
  uint32_t* out = *(uint32_t**)block->params + 4 * LinearBlock(block);
  out[0] = block->ctaid.x;
  out[1] = block->ctaid.y;
  out[2] = block->ctaid.z;
  out[3] = block->ntid.x * 10000 + block->ntid.y * 100 + block->ntid.z;
}

KERNEL void count(tq_cpu_block* block) {
  __atomic_fetch_add(*(uint64_t**)block->params, 1, __ATOMIC_RELAXED);
}

KERNEL void count_import(tq_cpu_block* block) { __atomic_fetch_add(&tq_counter, 1, __ATOMIC_RELAXED); }

// Busy for nanoseconds[0], then adds 1 to *done.
struct busy_params {
  uint64_t nanoseconds;
  uint64_t* done;
};
KERNEL void busy(tq_cpu_block* block) {
  const struct busy_params* p = (const struct busy_params*)block->params;
  const uint64_t end = block->services->global_timer_ns() + p->nanoseconds;
  while (block->services->global_timer_ns() < end) {
  }
  __atomic_fetch_add(p->done, 1, __ATOMIC_SEQ_CST);
}

// Writes to an address that the caller chose; `thread` says who.
struct store_params {
  uint32_t* address;
  uint32_t block;
};
KERNEL void store(tq_cpu_block* block) {
  const struct store_params* p = (const struct store_params*)block->params;
  tq_cpu_thread thread = {.block = block, .tid = {7, 0, 0}, .linear_tid = 7, .lane = 7};
  block->thread = &thread;
  block->loop_tid = (tq_cpu_dim3){7, 0, 0};
  __asm__ volatile("" : : "r"(&thread) : "memory");
  if (LinearBlock(block) == p->block) *(volatile uint32_t*)p->address = 42;
}

KERNEL void load(tq_cpu_block* block) {
  *(volatile uint32_t**)block->params ? (void)**(volatile uint32_t**)block->params : (void)0;
}

KERNEL void copy_bad(tq_cpu_block* block) {
  extern void* memcpy(void*, const void*, size_t);
  static char buffer[4096];
  memcpy(buffer, *(void**)block->params, sizeof buffer);
  __asm__ volatile("" : : : "memory");  // not a tail call: the return address names the line
}

KERNEL void divide(tq_cpu_block* block) {
  volatile int32_t* p = *(int32_t**)block->params;
#if defined(__x86_64__)
  int32_t quotient, remainder;
  __asm__ volatile("cltd; idivl %3" : "=a"(quotient), "=&d"(remainder) : "a"(p[0]), "r"(p[1]));
  p[2] = quotient;
#else
  p[2] = p[0] / p[1];  // no trap where the architecture defines a result
#endif
}

KERNEL void bad_instruction(tq_cpu_block* block) {
  (void)block;
#if defined(__x86_64__)
  __asm__ volatile("ud2");
#else
  __asm__ volatile("unimp");
#endif
}

KERNEL void breakpoint(tq_cpu_block* block) {
  (void)block;
#if defined(__x86_64__)
  __asm__ volatile("int3");
#else
  __asm__ volatile("ebreak");
#endif
}

KERNEL void bad_jump(tq_cpu_block* block) {
  ((void (*)(void))(uintptr_t)*(uint64_t*)block->params)();
  __asm__ volatile("" : : : "memory");
}

__attribute__((noinline)) static uint32_t Deep(volatile uint32_t* a, uint32_t n) {
  volatile uint32_t frame[64];
  frame[n % 64] = n;
  if (n == 0) return 0;
  return Deep(frame, n - 1) + frame[n % 64] + a[0];
}
KERNEL void recurse(tq_cpu_block* block) {
  uint32_t* p = *(uint32_t**)block->params;
  p[1] = Deep(p, p[0]);
}

KERNEL void forever(tq_cpu_block* block) {
  (void)block;
  for (;;) __asm__ volatile("");
}

KERNEL void heap(tq_cpu_block* block) {
  tq_cpu_thread thread = {.block = block};
  uint64_t* out = *(uint64_t**)block->params;
  uint64_t* a = block->services->malloc(&thread, 1024);
  uint64_t* b = block->services->malloc(&thread, 1024);
  out[0] = a != 0 && b != 0 && (a + 128 <= b || b + 128 <= a);
  for (int i = 0; i < 128; ++i) a[i] = b[i] = (uint64_t)i;
  block->services->free(&thread, a);
  block->services->free(&thread, b);
  out[1] = block->services->malloc(&thread, (uint64_t)1 << 40) == 0;
  uint64_t count = 0;
  for (; block->services->malloc(&thread, 1 << 20) != 0; ++count) {
  }
  out[2] = count;
}

KERNEL void print(tq_cpu_block* block) {
  tq_cpu_thread thread = {.block = block};
  struct {
    int32_t i;
    uint32_t pad;
    double d;
    const char* s;
    uint64_t u;
  } args = {-5, 0, 1.5, "text", 1ull << 40};
  **(int32_t**)block->params = block->services->vprintf(&thread, "%d %.2f %s %llu %%\n", &args);
}

KERNEL void assertion(tq_cpu_block* block) {
  tq_cpu_thread thread = {.block = block, .tid = {3, 1, 0}};
  block->loop_tid = (tq_cpu_dim3){3, 1, 0};
  block->services->assert_fail(&thread, "x > 0", "file.cu", 17, "kernel");
}

KERNEL void shared_window(tq_cpu_block* block) {
  uint64_t* out = *(uint64_t**)block->params;
  for (uint32_t i = 0; i < block->shared_size_bytes; ++i) block->shared_base[i] = (uint8_t)i;
  out[0] = block->shared_size_bytes;
  out[1] = block->dynamic_shared_offset;
  out[2] = (uintptr_t)block->shared_base % 128;
}

// Block i waits until block i - 1 has written: decoupled look-back.
KERNEL void look_back(tq_cpu_block* block) {
  volatile uint32_t* out = *(volatile uint32_t**)block->params;
  const uint64_t i = LinearBlock(block);
  uint32_t before = 0;
  tq_cpu_thread thread = {.block = block};
  if (i > 0) {
    while ((before = __atomic_load_n(&out[i - 1], __ATOMIC_ACQUIRE)) == 0) block->services->yield(&thread, 0);
  }
  __atomic_store_n(&out[i], before + 1, __ATOMIC_RELEASE);
}

// ---- fibers
// ------------------------------------------------------------------------------------------------------

static uint64_t LinearThread(const tq_cpu_thread* thread) {
  return LinearBlock(thread->block) * BlockThreads(thread->block) + thread->linear_tid;
}

KERNEL void fiber_empty(tq_cpu_thread* thread) { (void)thread; }

// Sum of the block by a tree in shared memory.
struct sum_params {
  uint32_t* out;
  const uint32_t* in;
};
KERNEL void fiber_sum(tq_cpu_thread* thread) {
  const tq_cpu_block* block = thread->block;
  const struct sum_params* p = (const struct sum_params*)block->params;
  uint32_t* shared = (uint32_t*)(block->shared_base + block->dynamic_shared_offset);
  const uint32_t t = thread->linear_tid;
  shared[t] = p->in[LinearThread(thread)];
  for (uint32_t step = BlockThreads(block) / 2; step > 0; step /= 2) {
    block->services->barrier(thread, 0, 0, TQ_CPU_BARRIER_NONE, 0);
    if (t < step) shared[t] += shared[t + step];
  }
  if (t == 0) p->out[LinearBlock(block)] = shared[0];
}

// A butterfly over the warp by collect.
KERNEL void fiber_butterfly(tq_cpu_thread* thread) {
  uint32_t* data = *(uint32_t**)thread->block->params;
  uint32_t value = data[LinearThread(thread)];
  for (uint32_t step = 16; step > 0; step /= 2) {
    tq_cpu_lanes lanes;
    thread->block->services->collect(thread, ~0u, &value, 4, &lanes);
    value += *(const uint32_t*)(lanes.values + (thread->lane ^ step) * lanes.stride_bytes);
  }
  data[LinearThread(thread)] = value;
}

// Two halves of the warp meet separately and a different number of times; then all.
KERNEL void fiber_masks(tq_cpu_thread* thread) {
  uint32_t* data = *(uint32_t**)thread->block->params;
  const uint32_t mask = thread->lane < 16 ? 0x0000ffffu : 0xffff0000u;
  uint32_t sum = 0;
  tq_cpu_lanes lanes;
  for (uint32_t i = 0; i < (thread->lane < 16 ? 3u : 7u); ++i) {
    uint32_t value = thread->lane + i;
    thread->block->services->collect(thread, mask, &value, 4, &lanes);
    for (uint32_t lane = 0; lane < 32; ++lane) {
      if (lanes.mask >> lane & 1) sum += *(const uint32_t*)(lanes.values + lane * lanes.stride_bytes);
    }
  }
  thread->block->services->collect(thread, ~0u, &sum, 4, &lanes);
  data[LinearThread(thread)] = *(const uint32_t*)(lanes.values + (31 - thread->lane) * lanes.stride_bytes);
}

// Odd lanes leave; the others must not wait for them. Then who is active?
KERNEL void fiber_exited(tq_cpu_thread* thread) {
  uint32_t* data = *(uint32_t**)thread->block->params;
  if (thread->lane % 2 == 1) {
    data[LinearThread(thread)] = 1;
    thread->block->services->exit(thread);
  }
  tq_cpu_lanes lanes;
  uint32_t value = 0;
  thread->block->services->collect(thread, ~0u, &value, 4, &lanes);
  data[LinearThread(thread)] = lanes.mask;
  thread->block->services->collect(thread, 0, &value, 4, &lanes);
  if (lanes.mask != 0x55555555u) data[LinearThread(thread)] = 0;
  thread->block->services->barrier(thread, 0, 0, TQ_CPU_BARRIER_NONE, 0);
}

// Divergent lanes that never meet: activemask sees each group alone only if the others cannot come.
KERNEL void fiber_reduce(tq_cpu_thread* thread) {
  uint32_t* out = *(uint32_t**)thread->block->params + 3 * LinearThread(thread);
  const tq_cpu_services* services = thread->block->services;
  const uint32_t t = thread->linear_tid;
  out[0] = services->barrier(thread, 1, 0, TQ_CPU_BARRIER_POPC, t % 3 == 0);
  out[1] = services->barrier(thread, 1, 0, TQ_CPU_BARRIER_AND, t < 1000);
  out[2] = services->barrier(thread, 1, 0, TQ_CPU_BARRIER_OR, t == 5);
}

// Warp 0 produces, warp 1 consumes, by named barriers with counts (PTX ISA, the example of bar.arrive).
KERNEL void fiber_pipeline(tq_cpu_thread* thread) {
  uint32_t* out = *(uint32_t**)thread->block->params;
  volatile uint32_t* shared =
      (volatile uint32_t*)(thread->block->shared_base + thread->block->dynamic_shared_offset);
  const tq_cpu_services* services = thread->block->services;
  for (uint32_t i = 0; i < 10; ++i) {
    if (thread->warp == 0) {
      if (i > 0) services->barrier(thread, 2, 64, TQ_CPU_BARRIER_NONE, 0);
      shared[thread->lane] = i * 100 + thread->lane;
      services->barrier_arrive(thread, 1, 64);
    } else {
      services->barrier(thread, 1, 64, TQ_CPU_BARRIER_NONE, 0);
      out[i * 32 + thread->lane] = shared[31 - thread->lane];
      if (i < 9) services->barrier_arrive(thread, 2, 64);
    }
  }
}

// A lock taken by every thread in turn: needs independent progress of lanes.
KERNEL void fiber_lock(tq_cpu_thread* thread) {
  uint32_t* data = *(uint32_t**)thread->block->params;
  while (__atomic_exchange_n(&data[0], 1, __ATOMIC_ACQUIRE) != 0) thread->block->services->yield(thread, 0);
  volatile uint32_t* counter = &data[1];
  *counter = *counter + 1;
  __atomic_store_n(&data[0], 0, __ATOMIC_RELEASE);
}

// A barrier over the grid, twice.
KERNEL void fiber_grid_sync(tq_cpu_thread* thread) {
  uint32_t* data = *(uint32_t**)thread->block->params;
  const uint32_t blocks = thread->block->nctaid.x;
  const tq_cpu_services* services = thread->block->services;
  for (uint32_t round = 1; round <= 2; ++round) {
    services->barrier(thread, 0, 0, TQ_CPU_BARRIER_NONE, 0);
    if (thread->linear_tid == 0) {
      __atomic_fetch_add(&data[0], 1, __ATOMIC_SEQ_CST);
      while (__atomic_load_n(&data[0], __ATOMIC_SEQ_CST) < round * blocks) services->yield(thread, 0);
    }
    services->barrier(thread, 0, 0, TQ_CPU_BARRIER_NONE, 0);
    if (__atomic_load_n(&data[0], __ATOMIC_SEQ_CST) < round * blocks)
      __atomic_fetch_add(&data[1], 1, __ATOMIC_SEQ_CST);
  }
  if (thread->linear_tid == 0) __atomic_fetch_add(&data[2], 1, __ATOMIC_SEQ_CST);
}

// Spins until the host, or another kernel, writes.
KERNEL void fiber_wait_flag(tq_cpu_thread* thread) {
  volatile uint32_t* data = *(volatile uint32_t**)thread->block->params;
  while (__atomic_load_n(&data[0], __ATOMIC_ACQUIRE) == 0) thread->block->services->yield(thread, 0);
  __atomic_fetch_add(&data[1], 1, __ATOMIC_SEQ_CST);
}

KERNEL void set_flag(tq_cpu_block* block) {
  __atomic_store_n(*(uint32_t**)block->params, 1, __ATOMIC_RELEASE);
}

// Each block adds its rank to its neighbour's shared memory.
KERNEL void fiber_cluster(tq_cpu_thread* thread) {
  uint32_t* out = *(uint32_t**)thread->block->params;
  const tq_cpu_block* block = thread->block;
  const uint32_t rank = block->cluster_ctaid.x;
  const uint32_t size = block->cluster_nctaid.x;
  uint32_t* own = (uint32_t*)block->shared_base;
  if (thread->linear_tid == 0) own[0] = 0;
  block->services->cluster_arrive(thread);
  block->services->cluster_wait(thread);
  uint32_t* next = (uint32_t*)block->cluster_shared_bases[(rank + 1) % size];
  __atomic_fetch_add(next, rank + 1, __ATOMIC_RELAXED);
  block->services->cluster_arrive(thread);
  block->services->cluster_wait(thread);
  if (thread->linear_tid == 0) out[block->ctaid.x] = own[0];
}

KERNEL void fiber_deadlock(tq_cpu_thread* thread) {
  thread->block->services->barrier(thread, 3, 1000, TQ_CPU_BARRIER_NONE, 0);
}

KERNEL void fiber_store(tq_cpu_thread* thread) {
  const struct store_params* p = (const struct store_params*)thread->block->params;
  if (LinearThread(thread) == p->block) *(volatile uint32_t*)p->address = 42;
  thread->block->services->barrier(thread, 0, 0, TQ_CPU_BARRIER_NONE, 0);
}

KERNEL void fiber_trap(tq_cpu_thread* thread) {
  if (LinearThread(thread) == 37) thread->block->services->fault(thread, TQ_CPU_FAULT_TRAP, 0);
}

KERNEL void fiber_recurse(tq_cpu_thread* thread) {
  uint32_t* p = *(uint32_t**)thread->block->params;
  if (thread->linear_tid == 2) p[1] = Deep(p, p[0]);
}

KERNEL void fiber_spin(tq_cpu_thread* thread) {
  for (;;) thread->block->services->yield(thread, 0);
}

// Barriers only, for the bench.
KERNEL void fiber_barriers(tq_cpu_thread* thread) {
  const uint64_t rounds = *(uint64_t*)thread->block->params;
  for (uint64_t i = 0; i < rounds; ++i)
    thread->block->services->barrier(thread, 0, 0, TQ_CPU_BARRIER_NONE, 0);
}

KERNEL void fiber_yields(tq_cpu_thread* thread) {
  const uint64_t rounds = *(uint64_t*)thread->block->params;
  for (uint64_t i = 0; i < rounds; ++i) thread->block->services->yield(thread, 0);
}

KERNEL void fiber_collects(tq_cpu_thread* thread) {
  const uint64_t rounds = *(uint64_t*)thread->block->params;
  uint32_t value = thread->lane;
  tq_cpu_lanes lanes;
  for (uint64_t i = 0; i < rounds; ++i) thread->block->services->collect(thread, ~0u, &value, 4, &lanes);
}

// An exported device function, for exec_symbol.
KERNEL uint32_t device_function(uint32_t x) { return x * 3 + 1; }
