// The contract between kernels compiled for a CPU and the device that runs them. compiler/targets emits code
// against these layouts, hal/cpu fills them in; neither includes the other. C, so that compiler/devicelib
// includes it too.
//
// A kernel comes in one of two shapes (see TQ_KERNEL_FIBERS in base/code_object.h):
//   block loop   void K(tq_cpu_block*): runs every thread of one block, one after another. For kernels in
//   which no
//                thread waits for another.
//   fibers       void K(tq_cpu_thread*): runs one thread; the device gives each thread of the block a stack
//   and
//                switches at the services marked (may switch). With TQ_KERNEL_WARPS it runs one warp, and
//                `thread` is that of its lane 0; of the collectives such a kernel calls warp_barrier alone.
// All blocks that share a tq_cpu_block run on one OS thread at a time: shared memory needs no locked
// instructions.
//
// Addresses. Generic, global and const addresses are host addresses. A shared address is an offset from
// block->shared_base and a local one an offset from thread->local_base, so that both fit PTX's 32-bit forms;
// cvta adds or subtracts the base.
//
// Growing it: append fields and services, raise TQ_CPU_ABI_VERSION when a meaning changes (it is part of the
// key of the kernel cache).
#ifndef TIANQIAO_BASE_CPU_ABI_H_
#define TIANQIAO_BASE_CPU_ABI_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TQ_CPU_ABI_VERSION 2
#define TQ_CPU_WARP_SIZE 32

// Tensor memory (PTX ISA, "Tensor Memory").
#define TQ_CPU_TENSOR_LANES 128
#define TQ_CPU_TENSOR_COLUMNS 512
#define TQ_CPU_TENSOR_STATE_BYTES 64
#define TQ_CPU_TENSOR_MEMORY_BYTES \
  (TQ_CPU_TENSOR_LANES * TQ_CPU_TENSOR_COLUMNS * 4 + TQ_CPU_TENSOR_STATE_BYTES)
#define TQ_CPU_OWN_BLOCK 0xffffffffu

typedef struct tq_cpu_thread tq_cpu_thread;
typedef struct tq_cpu_block tq_cpu_block;
typedef struct tq_cpu_services tq_cpu_services;

typedef void (*tq_cpu_thread_entry)(tq_cpu_thread* thread);
typedef void (*tq_cpu_block_entry)(tq_cpu_block* block);

typedef struct tq_cpu_dim3 {
  uint32_t x, y, z;
} tq_cpu_dim3;

// One block in flight. Constant while the block runs, but for shared memory itself.
struct tq_cpu_block {
  const tq_cpu_services* services;
  const uint8_t* params;           // kernel argument blob, in the layout of the PTX .param list
  uint8_t* shared_base;            // 128-byte aligned: static variables, then the dynamic part
  uint32_t shared_size_bytes;      // whole window
  uint32_t dynamic_shared_offset;  // where .extern .shared begins
  tq_cpu_dim3 ctaid, nctaid, ntid;
  tq_cpu_dim3 clusterid, nclusterid, cluster_ctaid, cluster_nctaid;
  uint64_t grid_id;
  uint8_t* const* cluster_shared_bases;  // by rank in the cluster; NULL: cluster of one
  uint32_t worker_index;                 // %smid
  uint32_t worker_count;                 // %nsmid
  uint8_t* local_base;                   // 16-byte aligned; block-loop kernels: what local offsets count from
  uint64_t local_size_bytes;
  const uint64_t* env_regs;  // %envreg<0..31>, or NULL
  void* device;              // the device's own
  // Block-loop kernels: the thread they step, stored here by the kernel before its first instruction that can
  // fault, so that a fault names the thread, by its linear_tid. NULL: not known.
  const tq_cpu_thread* thread;
  // %tid of the thread that a block-loop kernel steps, for devices whose target has it stored.
  tq_cpu_dim3 loop_tid;
};

// One thread. In a block-loop kernel the kernel itself keeps one on its stack and steps it.
struct tq_cpu_thread {
  tq_cpu_block* block;
  tq_cpu_dim3 tid;
  uint32_t linear_tid;  // x + y * ntid.x + z * ntid.x * ntid.y
  uint32_t lane;        // linear_tid % 32
  uint32_t warp;        // linear_tid / 32
  uint8_t* local_base;  // 16-byte aligned
  uint64_t local_size_bytes;
  void* fiber;  // the device's own; NULL in block-loop kernels
};

// What every lane put in for a warp-wide operation. lanes[i * stride] is valid where bit i of `mask` is set,
// until this lane's next collective.
typedef struct tq_cpu_lanes {
  const uint8_t* values;
  uint32_t stride_bytes;
  uint32_t mask;
} tq_cpu_lanes;

enum tq_cpu_fault {
  TQ_CPU_FAULT_TRAP = 1,            // trap; brkpt
  TQ_CPU_FAULT_MISALIGNED_ADDRESS,  // payload: the address
  TQ_CPU_FAULT_ILLEGAL_ADDRESS,     // payload: the address
  TQ_CPU_FAULT_ILLEGAL_INSTRUCTION,
  TQ_CPU_FAULT_INVALID_PC,  // call or brx through a bad target
  TQ_CPU_FAULT_ASSERT,
  TQ_CPU_FAULT_STACK_OVERFLOW,
  TQ_CPU_FAULT_DEADLOCK,  // no thread of the block can go on
  TQ_CPU_FAULT_TIMEOUT,
  TQ_CPU_FAULT_INVALID_ADDRESS_SPACE,
  TQ_CPU_FAULT_SHARED_ATOMIC,  // reserved
};

enum tq_cpu_barrier_op { TQ_CPU_BARRIER_NONE, TQ_CPU_BARRIER_POPC, TQ_CPU_BARRIER_AND, TQ_CPU_BARRIER_OR };

struct tq_cpu_services {
  uint32_t size_bytes;  // of this table

  // (may switch) Waits until every live lane in `mask` of the caller's warp has arrived at a collective with
  // the same mask, and exchanges `size_bytes` bytes (at most 128) of each. All warp-wide instructions are
  // built on it. mask 0 is for instructions without a mask (shfl and vote before PTX 6.0, activemask):
  // gathers the lanes that arrive while no other lane of the warp can run, and says in lanes->mask which
  // these were. Kernels with 1-thread warps (block loop) never call it.
  void (*collect)(tq_cpu_thread* thread, uint32_t mask, const void* value, uint32_t size_bytes,
                  tq_cpu_lanes* lanes);

  // (may switch) barrier.sync / bar.red on barrier `id` (0..15) for `thread_count` threads (0: all of the
  // block; exited threads count as arrived then). Returns the reduction of `value` over the arrivals, for op.
  uint32_t (*barrier)(tq_cpu_thread* thread, uint32_t id, uint32_t thread_count, uint32_t op, uint32_t value);
  void (*barrier_arrive)(tq_cpu_thread* thread, uint32_t id, uint32_t thread_count);

  // (may switch) barrier.cluster.
  void (*cluster_arrive)(tq_cpu_thread* thread);
  void (*cluster_wait)(tq_cpu_thread* thread);

  // (may switch) Lets other threads of the block, and other resident blocks, run: in loops that wait on
  // memory, and for nanosleep. `nanoseconds` is a hint.
  void (*yield)(tq_cpu_thread* thread, uint32_t nanoseconds);

  // Ends the calling thread, from any depth of calls. Not used by block-loop kernels, whose exit is a return.
  __attribute__((noreturn)) void (*exit)(tq_cpu_thread* thread);

  // Ends the grid with a fault; the kernel's line comes from the return address.
  __attribute__((noreturn)) void (*fault)(tq_cpu_thread* thread, uint32_t kind, uint64_t payload);

  // CUDA device runtime (CUDA C++ Programming Guide, "Formatted Output", "Dynamic Global Memory Allocation",
  // "Assertion").
  int32_t (*vprintf)(tq_cpu_thread* thread, const char* format, const void* arguments);
  void* (*malloc)(tq_cpu_thread* thread, uint64_t size_bytes);
  void (*free)(tq_cpu_thread* thread, void* pointer);
  __attribute__((noreturn)) void (*assert_fail)(tq_cpu_thread* thread, const char* message, const char* file,
                                                uint32_t line, const char* function);

  uint64_t (*global_timer_ns)(void);

  // A function that whoever launched the grid carries out (hal_init, call). `arguments`: its arguments, each
  // at a multiple of 8 bytes.
  uint64_t (*host_call)(tq_cpu_thread* thread, uint32_t function, void* arguments);

  // (may switch) collect, for an instruction whose results one lane computes for all: gives the lane that
  // comes back first the values to write over (the same as lanes->values), before any other reads them; the
  // others get NULL.
  uint8_t* (*collect_and_lead)(tq_cpu_thread* thread, uint32_t mask, const void* value, uint32_t size_bytes,
                               tq_cpu_lanes* lanes);

  // (may switch) barrier, for a whole warp: `present` are its lanes that are left, `holders` those whose
  // value is not zero. Lanes that have exited count as arrived.
  uint32_t (*warp_barrier)(tq_cpu_thread* thread, uint32_t id, uint32_t thread_count, uint32_t op,
                           uint32_t present, uint32_t holders);

  // The tensor memory of the block of that rank in the cluster, or of the caller's (TQ_CPU_OWN_BLOCK), made
  // when first asked for: columns of TQ_CPU_TENSOR_LANES words of 32 bits, then TQ_CPU_TENSOR_STATE_BYTES for
  // the compiler's own use, zero when the block starts. NULL: the kernel or the device cannot have it, or
  // there is no such block.
  void* (*tensor_memory)(tq_cpu_thread* thread, uint32_t rank);
};

#ifdef __cplusplus
}
#endif
#endif  // TIANQIAO_BASE_CPU_ABI_H_
