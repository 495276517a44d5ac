// What the host gives the card's shell for each dispatch. The shell is the code that runs in user mode around
// a kernel: it takes blocks, keeps the structures of base/cpu_abi.h for them, switches between their threads
// and serves their calls. Shared by hal/tqgpu (host side) and the shell; C, little-endian, 64-bit device
// addresses.
//
// The host keeps, all in the address space of the process:
//   image      the bytes of ShellImage() (shell_image.h), at a multiple of 4096, readable and executable,
//   code caches
//              told; once for each address space. It has no writable data.
//   device     one tq_shell_device for each address space, zeroed before its fields are filled in; writable.
//   workspace  tq_shell_slice_bytes() for each hart of the compute engine, writable; never used by two
//   dispatches
//              that run at the same time. Its contents need no initialisation. It may be kept and grown.
//   dispatch   one tq_shell_dispatch for each dispatch until that has ended, zeroed before its fields are
//   filled in;
//              writable, 16-byte aligned. The parameters may follow it, at a multiple of 64.
//
// The packet of a dispatch (tqgpu_packet_dispatch of driver/abi/tqgpu_card.h):
//   entry = image + TQ_SHELL_ENTRY, argument = address of the tq_shell_dispatch, block_count =
//   tq_shell_units(), stack = dispatch.workspace, stack_stride = dispatch.slice_bytes.
//
// Growing it: append fields; raise TQ_SHELL_ABI_VERSION when a meaning changes. Shell and host are built
// together, the shell's first words (tq_shell_image_header) say so.
#ifndef TIANQIAO_HAL_TQGPU_SHELL_SHELL_ABI_H_
#define TIANQIAO_HAL_TQGPU_SHELL_SHELL_ABI_H_

#include <stddef.h>
#include <stdint.h>

#include "base/cpu_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TQ_SHELL_ABI_VERSION 1
#define TQ_SHELL_ENTRY 0  // offset of the first instruction in the image

enum tq_shell_flags {
  TQ_SHELL_FIBERS = 1 << 0,       // the kernel's record has TQ_KERNEL_FIBERS
  TQ_SHELL_COOPERATIVE = 1 << 1,  // every unit is resident; %envreg1 and 2 lead to grid_workspace
};

// Of the address space.
typedef struct tq_shell_device {
  uint32_t size_bytes;
  uint32_t abi_version;
  uint64_t timebase_hz;  // of the card's ticks (tqgpu_card_control)
  uint64_t print_ring;   // address of a tq_shell_ring; 0: printf prints nothing and returns -1
  uint64_t heap;         // 16-byte aligned, zeroed once; 0: malloc gives null
  uint64_t heap_bytes;
} tq_shell_device;

typedef struct tq_shell_dispatch {
  uint32_t size_bytes;
  uint32_t flags;
  uint64_t device;  // address of the tq_shell_device
  uint64_t kernel;  // address of the entry (KernelRecord::entry)
  uint64_t params;  // address of the argument blob, a multiple of 64
  uint64_t grid_id;
  tq_cpu_dim3 grid, block,
      cluster;            // in blocks, threads, blocks; cluster 1 x 1 x 1 where there is none, at most 16
  uint32_t shared_bytes;  // of a block: static variables, then the dynamic part
  uint32_t dynamic_shared_offset;
  uint32_t resident_units;     // that a hart keeps at a time: 1; cooperative: ceil(units / harts)
  uint64_t stack_bytes;        // of a fiber, and of the hart for kernels without; see TQ_SHELL_STACK_RESERVE
  uint64_t stack_gap_bytes;    // below each of these stacks, may be left unmapped as a guard; a multiple of
                               // 4096, or 0
  uint64_t workspace;          // address of the slice of slot 0, a multiple of 4096
  uint64_t slice_bytes;        // at least tq_shell_slice_bytes(), a multiple of 4096
  uint32_t grid_workspace[2];  // what the blocks of a cooperative grid meet at: the host writes {8, 0}
} tq_shell_dispatch;

// A stack holds what the kernel asks for (KernelRecord::local_bytes, an estimate), what the program allows
// for recursion (cuCtxSetLimit), and this: spills, and the frames of the shell.
#define TQ_SHELL_STACK_RESERVE 6144

// How a fault finds its block and thread. At the start of each hart's slice; the host reads it when a fault
// record names the hart (slot = tqgpu_fault_record.hart - first hart of the compute engine).
#define TQ_SHELL_LOOP_THREAD 1
typedef struct tq_shell_hart {
  // Address of the tq_cpu_thread that runs, in this slice; TQ_SHELL_LOOP_THREAD: tq_cpu_block::loop_tid of
  // `block` says which; 0: none.
  uint64_t thread;
  uint64_t
      block;  // where the thread does not lead to it: address of the tq_cpu_block, in this slice; 0: none
  // Of TQGPU_ECALL_FAULT, whose argument is the kind alone: what the kernel or the shell said.
  uint32_t fault_kind;  // enum tq_cpu_fault; 0: none
  uint32_t assert_line;
  uint64_t fault_payload;
  uint64_t fault_pc;  // in the kernel
  char assert_message[256], assert_file[256], assert_function[256];
} tq_shell_hart;

// Text of printf on its way to the host: a ring of records, each a multiple of 16 bytes and in one piece.
// Offsets count on for ever; `offset % capacity_bytes` is where a record lies in `data`. The card reserves at
// `tail`, and writes tq_shell_record::size_bytes last. The host reads the record at `head` once its size is
// not 0, then zeroes all of it, then moves `head` on. All of the ring is zeroed at first.
typedef struct tq_shell_ring {
  uint64_t capacity_bytes;  // host: a power of two, at least 16384
  uint64_t wait_ticks;      // host: how long a thread waits for room before its text is lost
  uint64_t head;            // host
  uint64_t tail;            // card
  uint64_t lost;            // card: records for which there was no room
  uint64_t reserved[3];
  uint8_t data[];
} tq_shell_ring;

enum tq_shell_record_kind {
  TQ_SHELL_RECORD_PAD = 1,  // up to the end of the ring; no text
  TQ_SHELL_RECORD_PRINT = 2,
};

// Behind it: the format with its NUL, padded to 8; then the arguments as vprintf gets them (each aligned to
// its size, 4 or 8 bytes), where a pointer for %s is replaced by the offset of a NUL-terminated copy from the
// record's start (0: the pointer was null); then these copies.
typedef struct tq_shell_record {
  uint32_t size_bytes;
  uint32_t kind;
  uint32_t format_bytes;    // with NUL and padding
  uint32_t argument_bytes;  // with padding to 8
  uint64_t grid_id;
  uint64_t reserved;
} tq_shell_record;

#define TQ_SHELL_MAX_RECORD_BYTES 8192  // longer text is cut

// The first bytes of the image, behind one instruction of 4 bytes.
typedef struct tq_shell_image_header {
  uint32_t entry;  // the instruction
  uint32_t abi_version;
  uint32_t size_bytes;    // of the image
  uint32_t export_count;  // functions that code objects may import
  struct {
    char name[24];
    uint64_t offset;
  } exports[];
} tq_shell_image_header;

// ---- The workspace ----
// A slice: hart, then for each resident unit its structures, shared windows and stacks; the hart's own stack
// is at the end. Sizes of the shell's structures, whose insides are its own.
#define TQ_SHELL_HART_BYTES 4096
#define TQ_SHELL_UNIT_BYTES 512
#define TQ_SHELL_BLOCK_BYTES 4096
#define TQ_SHELL_WARP_BYTES 26624
#define TQ_SHELL_FIBER_BYTES 128
#define TQ_SHELL_HART_STACK_BYTES 16384  // of a hart that runs fibers
#define TQ_SHELL_SHARED_ALIGN 1024       // patterns of swizzled tiles repeat after that

static inline uint64_t tq_shell_round_up(uint64_t value, uint64_t align) {
  return (value + align - 1) / align * align;
}

static inline uint64_t tq_shell_volume(tq_cpu_dim3 d) { return (uint64_t)d.x * d.y * d.z; }

// Clusters of the grid; blocks where there are none.
static inline uint64_t tq_shell_units(const tq_shell_dispatch* d) {
  return (uint64_t)(d->grid.x / d->cluster.x) * (d->grid.y / d->cluster.y) * (d->grid.z / d->cluster.z);
}

static inline uint64_t tq_shell_shared_stride(const tq_shell_dispatch* d) {
  return tq_shell_round_up(d->shared_bytes + (d->shared_bytes == 0), TQ_SHELL_SHARED_ALIGN);
}

// Offsets in a resident unit of a fiber kernel.
typedef struct tq_shell_unit_layout {
  uint64_t blocks, warps, fibers, shared;
  uint64_t stacks;        // of the first stack's gap; then gap, stack, gap, stack ...
  uint64_t stack_stride;  // gap and stack
  uint64_t size_bytes;
} tq_shell_unit_layout;

static inline tq_shell_unit_layout tq_shell_layout_unit(const tq_shell_dispatch* d) {
  const uint64_t blocks = tq_shell_volume(d->cluster), threads = tq_shell_volume(d->block);
  const uint64_t warps = (threads + TQ_CPU_WARP_SIZE - 1) / TQ_CPU_WARP_SIZE;
  const uint64_t align = d->stack_gap_bytes ? 4096 : 16;
  tq_shell_unit_layout layout;
  layout.blocks = TQ_SHELL_UNIT_BYTES;
  layout.warps = layout.blocks + blocks * TQ_SHELL_BLOCK_BYTES;
  layout.fibers = layout.warps + blocks * warps * TQ_SHELL_WARP_BYTES;
  layout.shared =
      tq_shell_round_up(layout.fibers + blocks * threads * TQ_SHELL_FIBER_BYTES, TQ_SHELL_SHARED_ALIGN);
  layout.stacks = tq_shell_round_up(layout.shared + blocks * tq_shell_shared_stride(d), 4096);
  layout.stack_stride = d->stack_gap_bytes + tq_shell_round_up(d->stack_bytes, align);
  layout.size_bytes = tq_shell_round_up(layout.stacks + blocks * threads * layout.stack_stride, 4096);
  return layout;
}

// What one hart needs for the dispatch, all fields but workspace and slice_bytes filled in.
static inline uint64_t tq_shell_slice_bytes(const tq_shell_dispatch* d) {
  if (d->flags & TQ_SHELL_FIBERS) {
    return TQ_SHELL_HART_BYTES + d->resident_units * tq_shell_layout_unit(d).size_bytes +
           TQ_SHELL_HART_STACK_BYTES;
  }
  return TQ_SHELL_HART_BYTES + tq_shell_round_up(tq_shell_shared_stride(d), 4096) + d->stack_gap_bytes +
         tq_shell_round_up(d->stack_bytes, 4096);
}

#ifdef __cplusplus
}
#endif
#endif  // TIANQIAO_HAL_TQGPU_SHELL_SHELL_ABI_H_
