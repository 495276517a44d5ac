// The insides of the shell. Each hart has a slice of the workspace (shell_abi.h) and shares nothing with the
// others but the address space's ring and heap.
//
// A unit is what the card hands out: a cluster of blocks, or a block. In a fiber kernel each thread of the
// unit has a stack; a thread is ready, has yielded, waits (for lanes, a barrier, its cluster) or has exited.
// Threads switch to each other directly; the hart's own stack (schedule) runs when a unit has nobody ready.
#ifndef TIANQIAO_HAL_TQGPU_SHELL_SHELL_H_
#define TIANQIAO_HAL_TQGPU_SHELL_SHELL_H_

#include "hal/tqgpu/shell/shell_abi.h"

// All of the image is one piece: no function is reached by way of a table.
#pragma GCC visibility push(hidden)

#define WARP_SIZE TQ_CPU_WARP_SIZE
#define MAX_WARPS 32
#define MAX_CLUSTER 16
#define BARRIERS 16
#define MAX_COLLECT_BYTES 128

typedef struct hart hart;
typedef struct unit unit;
typedef struct block block;
typedef struct warp warp;
typedef struct fiber fiber;

struct fiber {
  tq_cpu_thread thread;
  void* context;  // its stack pointer while it does not run (switch.S)
  warp* warp;
  block* block;
  uint64_t cluster_phase;
  uint32_t result;  // of the barrier that released it
  int8_t exchange;  // whose values it may still read; -1: none
  uint8_t lane;     // its bit in its warp
  uint8_t op;       // of the barrier that it waits at
  uint8_t has_cluster_arrival, waits_for_cluster;
};
_Static_assert(sizeof(fiber) <= TQ_SHELL_FIBER_BYTES, "shell_abi.h");

// Lanes meeting in one collective, and their values until each has come to its next one. A lane reads at most
// one, so that there is always a small one free; large ones are for matrix instructions, which all lanes
// execute together.
#define SMALL_EXCHANGES 33
#define LARGE_EXCHANGES 4
#define EXCHANGES (SMALL_EXCHANGES + LARGE_EXCHANGES)
#define SMALL_STRIDE 8

typedef struct exchange {
  uint32_t mask;  // asked for; 0: whoever comes
  uint32_t arrived;
  uint32_t holders;  // lanes that may still read
  uint8_t stride_bytes;
  uint8_t is_open;     // not complete
  uint8_t has_waited;  // without a mask: for lanes that gave way
  uint8_t has_leader;  // a lane has come back
} exchange;

struct warp {
  block* block;
  fiber* fibers;  // by lane
  uint32_t index;
  uint32_t live, ready, yielded;
  int32_t any_exchange;  // open exchange of mask 0; -1: none
  uint64_t free_exchanges, open_exchanges;
  exchange exchanges[EXCHANGES];
  _Alignas(64) uint8_t small[SMALL_EXCHANGES][WARP_SIZE * SMALL_STRIDE];
  _Alignas(64) uint8_t large[LARGE_EXCHANGES][WARP_SIZE * MAX_COLLECT_BYTES];
};
_Static_assert(sizeof(warp) <= TQ_SHELL_WARP_BYTES, "shell_abi.h");

typedef struct barrier {
  uint32_t arrived, expected;  // expected 0: every live thread of the block
  uint32_t true_count, false_count;
  uint32_t waiting[MAX_WARPS];  // lanes
} barrier;

struct block {
  tq_cpu_block cpu;  // cpu.device is the hart
  unit* unit;
  warp* warps;
  uint32_t warp_count;
  uint32_t live;
  uint32_t ready_warps, yielded_warps;
  uint32_t used_barriers;  // bits
  barrier barriers[BARRIERS];
};
_Static_assert(sizeof(block) <= TQ_SHELL_BLOCK_BYTES, "shell_abi.h");

struct unit {
  hart* hart;
  block* blocks;
  uint32_t block_count;
  uint32_t live;  // threads
  uint32_t is_active;
  uint32_t cluster_arrived;
  uint64_t cluster_phase;
  uint8_t* shared_bases[MAX_CLUSTER];
};
_Static_assert(sizeof(unit) <= TQ_SHELL_UNIT_BYTES, "shell_abi.h");

struct hart {
  tq_shell_hart report;
  tq_shell_dispatch* dispatch;
  tq_shell_device* device;
  uint32_t slot, slots;
  tq_cpu_services services;
  uint64_t env_regs[32];
  void* scheduler;  // its context while a fiber runs
  tq_shell_unit_layout layout;
};
_Static_assert(sizeof(hart) <= TQ_SHELL_HART_BYTES, "shell_abi.h");

// Structures are larger in memory than in C.
static inline block* block_at(block* first, uint64_t i) {
  return (block*)((uint8_t*)first + i * TQ_SHELL_BLOCK_BYTES);
}
static inline warp* warp_at(warp* first, uint64_t i) {
  return (warp*)((uint8_t*)first + i * TQ_SHELL_WARP_BYTES);
}
static inline fiber* fiber_at(fiber* first, uint64_t i) {
  return (fiber*)((uint8_t*)first + i * TQ_SHELL_FIBER_BYTES);
}

static inline fiber* fiber_of(tq_cpu_thread* thread) { return (fiber*)thread->fiber; }
static inline hart* hart_of(const tq_cpu_thread* thread) { return (hart*)thread->block->device; }

// card.c: what is asked of the firmware (driver/abi/tqgpu_card.h).
int64_t next_block(void);
uint64_t ticks(void);
void end_dispatch(void) __attribute__((noreturn));
// `pc`: in the kernel; 0: not known.
void raise_fault(hart* self, uint32_t kind, uint64_t payload, uint64_t pc) __attribute__((noreturn));

// services.c
void fill_services(tq_cpu_services* services);

// blocks.c
void init_block(hart* self, tq_cpu_block* block);
void place_block(const tq_shell_dispatch* dispatch, uint64_t unit_index, uint32_t rank, tq_cpu_block* block);

// fibers.c
void run_fibers(hart* self);
void make_ready(warp* warp, uint32_t lanes);
// Leaves the fiber, which somebody will make ready again.
void switch_away(fiber* self);
void yield_fiber(fiber* self);
void exit_fiber(fiber* self) __attribute__((noreturn));

// switch.S: saves what the calling convention keeps, stores the stack pointer in *save and goes on at `load`.
void switch_stack(void** save, void* load);
// Under a new stack pointer: a context that begins with fiber_main(self).
void* prepare_stack(void* top, fiber* self);
void fiber_main(fiber* self) __attribute__((noreturn));

// collect.c
uint8_t* collect(tq_cpu_thread* thread, uint32_t mask, const void* value, uint32_t size_bytes,
                 tq_cpu_lanes* lanes);
void complete_exchange(warp* warp, uint32_t index);
void try_complete_exchanges(warp* warp);

// barrier.c
uint32_t wait_at_barrier(tq_cpu_thread* thread, uint32_t id, uint32_t thread_count, uint32_t op,
                         uint32_t value);
void arrive_at_barrier(tq_cpu_thread* thread, uint32_t id, uint32_t thread_count);
void try_complete_barriers(block* block);
void arrive_at_cluster(tq_cpu_thread* thread);
void wait_for_cluster(tq_cpu_thread* thread);
void try_complete_cluster(unit* unit);

// print.c, heap.c
int32_t print(tq_cpu_thread* thread, const char* format, const void* arguments);
void* allocate(tq_cpu_thread* thread, uint64_t size_bytes);
void release(tq_cpu_thread* thread, void* pointer);

#pragma GCC visibility pop

#endif  // TIANQIAO_HAL_TQGPU_SHELL_SHELL_H_
