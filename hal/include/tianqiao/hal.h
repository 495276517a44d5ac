// The hardware layer: what Tianqiao needs of a device, as one C table. A vendor ports Tianqiao by building
// libhal_NAME.so that exports hal_backend_entry and passes the conformance suite (tests/hal). No word of CUDA
// in here: streams, graphs, pools and the rest of CUDA's policy are built above it.
//
// Rules
//   Growth       every struct begins with `size`, set by whoever fills it; fields are appended, never
//   changed. A
//                function missing from a shorter table is treated as unsupported.
//   Errors       functions return hal_status. The HAL does not validate: arguments are right by contract (the
//   caller
//                checked), and a backend may assert. It reports what a caller could not foresee: memory is
//                exhausted, the device is lost, code faults, a format is unsupported.
//   Asynchrony   only hal_queue_submit and hal_vm_bind run later; both wait for and signal 64-bit timeline
//   semaphores. Threads      hal_device, hal_vm, hal_mem, hal_sem, hal_exec: any thread, any time. hal_queue
//   and hal_cmd: one
//                thread at a time. Nothing calls back into the caller but the log sink of hal_backend_init.
//   Ownership    who creates destroys. Destroying an object that submitted work still uses is allowed for
//   hal_cmd,
//                hal_exec, hal_mem and hal_sem: the backend keeps what it needs until the work has ended.
//   Addresses    hal_va is an address in a hal_vm. Where HAL_DEVICE_UNIFIED_ADDRESSES is set, a hal_va of
//   host-visible
//                memory is the host pointer too.
#ifndef TIANQIAO_HAL_H_
#define TIANQIAO_HAL_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HAL_ABI_VERSION 1

typedef enum hal_status {
  HAL_OK = 0,
  HAL_TIMEOUT = 1,        // a wait's deadline passed; not an error
  HAL_NOT_FOUND = 2,      // no such kernel or symbol
  HAL_OUT_OF_MEMORY = 3,  // device memory
  HAL_OUT_OF_HOST_MEMORY = 4,
  HAL_UNSUPPORTED = 5,        // this device cannot, and will not later
  HAL_INCOMPATIBLE_CODE = 6,  // code object of another target or ABI, or damaged
  HAL_FAULTED = 7,            // the address space is poisoned: hal_fault_read says by what
  HAL_DEVICE_LOST = 8,        // reset or removed; every object of the device is dead
  HAL_INVALID = 9,            // arguments that the backend happened to catch
  HAL_BUSY = 10,
  HAL_INTERNAL = 11,
  HAL_PEER_FAILED = 12,          // another process was to signal, and has failed or ended
  HAL_STATUS_LAST = 0x7fffffff,  // never returned: makes room in the type for codes of later versions
} hal_status;

typedef struct hal_device hal_device;
typedef struct hal_vm hal_vm;          // an address space; the unit that a fault poisons
typedef struct hal_mem hal_mem;        // physical memory
typedef struct hal_sem hal_sem;        // timeline semaphore
typedef struct hal_exec hal_exec;      // loaded code object
typedef struct hal_kernel hal_kernel;  // entry point of a hal_exec, owned by it
typedef struct hal_queue hal_queue;    // in-order
typedef struct hal_cmd hal_cmd;        // recorded commands
typedef uint64_t hal_va;

typedef struct hal_dim3 {
  uint32_t x, y, z;
} hal_dim3;

typedef struct hal_sem_point {
  hal_sem* sem;
  uint64_t value;
} hal_sem_point;

#define HAL_NO_DEADLINE UINT64_MAX  // deadlines are CLOCK_MONOTONIC nanoseconds; 0 polls

// ---- device
// ------------------------------------------------------------------------------------------------------

enum {
  HAL_DEVICE_UNIFIED_ADDRESSES = 1 << 0,  // hal_va of host-visible memory == host pointer
  HAL_DEVICE_READS_HOST_MEMORY = 1 << 1,  // kernels may use any pointer of the process, mapped or not
  HAL_DEVICE_COHERENT = 1 << 2,           // no hal_mem_sync needed
  HAL_DEVICE_COOPERATIVE = 1 << 3,        // HAL_DISPATCH_COOPERATIVE
  HAL_DEVICE_CLUSTERS = 1 << 4,
  HAL_DEVICE_VIRTUAL_MEMORY = 1 << 5,  // hal_vm_bind takes caller-chosen addresses
  HAL_DEVICE_SHARES_OBJECTS = 1 << 6,  // any mem and sem can be exported, as HAL_HANDLE_FD
  // A device of which no address space was made may be used in the child of a fork as if it had been opened
  // there.
  HAL_DEVICE_SURVIVES_FORK = 1 << 7,
  HAL_DEVICE_PARTITIONS = 1 << 8,  // hal_queue_desc.units is obeyed; elsewhere it is null
};

typedef struct hal_device_info {
  uint32_t size;
  char name[128];
  uint8_t uuid[16];  // stable over processes and reboots
  int32_t pci_domain, pci_bus, pci_device;
  uint64_t flags;  // HAL_DEVICE_*
  uint64_t memory_bytes;
  uint32_t compute_units;
  uint32_t warp_size;
  uint32_t max_threads_per_block;
  uint32_t max_threads_per_unit;
  uint32_t max_blocks_per_unit;
  uint32_t max_shared_bytes_per_block;
  uint32_t shared_bytes_per_unit;
  uint32_t registers_per_unit;
  hal_dim3 max_block, max_grid;
  uint32_t clock_khz, memory_clock_khz, memory_bus_bits;
  uint32_t cache_bytes;  // last level
  uint64_t va_begin, va_end, va_granularity_bytes;
  uint64_t heap_bytes;  // default size of the heap that kernels allocate from
} hal_device_info;

// Live figures; a backend without one leaves the field 0.
typedef struct hal_device_telemetry {
  uint32_t size;
  uint64_t memory_used_bytes;
  uint64_t busy_ns;  // since open, summed over the compute units
  uint64_t wall_ns;
  uint64_t grids_completed;
  uint64_t reset_count;
  uint32_t temperature_mc, power_mw;
} hal_device_telemetry;

typedef struct hal_link_info {
  uint32_t size;
  uint32_t can_access;  // kernels of the first device may use memory of the second
  uint32_t atomics;
  uint32_t performance_rank;
} hal_link_info;

// ---- memory
// ------------------------------------------------------------------------------------------------------

enum {
  HAL_MEM_HOST_VISIBLE = 1 << 0,
  HAL_MEM_HOST_COHERENT = 1 << 1,
  HAL_MEM_EXPORTABLE = 1 << 2,     // mem_export; without it a backend may refuse (HAL_UNSUPPORTED)
  HAL_MEM_HOST_RESIDENT = 1 << 3,  // lives in host memory (pinned); otherwise device memory
};

typedef struct hal_mem_desc {
  uint32_t size;
  uint32_t flags;  // HAL_MEM_*
  uint64_t size_bytes;
  uint64_t align_bytes;  // power of two; 0: 512
} hal_mem_desc;

typedef struct hal_mem_info {
  uint32_t size;
  uint32_t flags;
  uint64_t size_bytes;
  void* host_ptr;  // NULL when not host-visible
  hal_va va;       // where HAL_VM_OP_MAP with va 0 would put it on a device with unified addresses; else 0
} hal_mem_info;

typedef enum hal_vm_op_kind {
  HAL_VM_OP_MAP = 1,  // mem + offset at va; va 0: the backend chooses and writes it back
  HAL_VM_OP_UNMAP = 2,
  HAL_VM_OP_PROTECT = 3,
  HAL_VM_OP_MAP_HOST = 4,  // host_ptr .. + size_bytes of this process (userptr), pages are pinned
  HAL_VM_OP_RESERVE = 5,   // address range without memory; accesses fault
  HAL_VM_OP_RELEASE = 6,
} hal_vm_op_kind;

enum { HAL_VM_READ = 1, HAL_VM_WRITE = 2, HAL_VM_EXECUTE = 4 };

typedef struct hal_vm_op {
  uint32_t size;
  uint32_t kind;    // hal_vm_op_kind
  uint32_t access;  // HAL_VM_*
  hal_va va;        // in, or out for MAP, MAP_HOST and RESERVE with 0
  uint64_t size_bytes;
  hal_mem* mem;
  uint64_t mem_offset_bytes;
  void* host_ptr;
  uint64_t align_bytes;  // RESERVE with va 0
} hal_vm_op;

typedef enum hal_advice {
  HAL_ADVISE_PREFETCH_DEVICE = 1,
  HAL_ADVISE_PREFETCH_HOST = 2,
  HAL_ADVISE_READ_MOSTLY = 3,
  HAL_ADVISE_NORMAL = 4,
} hal_advice;

// What kernels of an address space may use, in bytes.
typedef enum hal_limit {
  HAL_LIMIT_HEAP = 1,   // heap that kernels allocate from
  HAL_LIMIT_STACK = 2,  // stack of each thread beyond its local variables; a device may give more
} hal_limit;

typedef enum hal_handle_kind {
  HAL_HANDLE_FD = 1,  // opaque file descriptor, owned by the receiver
  HAL_HANDLE_DMABUF = 2,
  HAL_HANDLE_SYNCOBJ = 3,
} hal_handle_kind;

typedef struct hal_shared_handle {
  uint32_t size;
  uint32_t kind;  // hal_handle_kind
  int32_t fd;
  uint64_t size_bytes;
  uint8_t uuid[16];  // of the device
} hal_shared_handle;

// ---- executable
// --------------------------------------------------------------------------------------------------

typedef struct hal_target {
  uint32_t size;
  char target[64];      // code object target: "x86_64-cpu"
  char features[1024];  // instruction set, in LLVM's feature names with + or -; "" when fixed
  uint32_t abi_version;
} hal_target;

typedef struct hal_import {
  const char* name;  // a global or const variable of the module
  hal_va address;
} hal_import;

typedef struct hal_kernel_info {
  uint32_t size;
  uint32_t param_size_bytes, static_shared_bytes, local_bytes, register_count;
  uint32_t max_threads_per_block;
  uint32_t code_size_bytes;
  uint32_t flags;
} hal_kernel_info;

typedef struct hal_occupancy {
  uint32_t size;
  uint32_t blocks_per_unit;  // that fit at once with the given block and shared memory
  uint32_t resident_blocks;  // largest cooperative grid
} hal_occupancy;

// ---- commands
// ----------------------------------------------------------------------------------------------------

// Rows of `row_bytes`, `rows` per slice, `slices`. Pitches in bytes; a linear copy has rows = slices = 1.
typedef struct hal_copy {
  uint32_t size;
  hal_va dst, src;
  uint64_t row_bytes, rows, slices;
  uint64_t dst_row_pitch, dst_slice_pitch, src_row_pitch, src_slice_pitch;
} hal_copy;

typedef struct hal_fill {
  uint32_t size;
  hal_va dst;
  uint64_t row_elements, rows, row_pitch;
  uint32_t element_bytes;  // 1, 2 or 4
  uint32_t pattern;
} hal_fill;

enum {
  // All blocks resident together. The kernel finds in %envreg1 (upper half) and %envreg2 the address of
  // two 32-bit words for its grid barrier: their size, and a zero.
  HAL_DISPATCH_COOPERATIVE = 1 << 0,
};

typedef struct hal_dispatch {
  uint32_t size;
  uint32_t flags;  // HAL_DISPATCH_*
  hal_kernel* kernel;
  hal_dim3 grid, block, cluster;  // cluster 0,0,0: none
  uint32_t dynamic_shared_bytes;
  const void* params;  // copied when recorded
  uint64_t params_size_bytes;
  uint64_t grid_id;  // named in fault records
} hal_dispatch;

typedef enum hal_memop_kind {
  HAL_MEMOP_WRITE = 1,
  HAL_MEMOP_WAIT_EQ = 2,
  HAL_MEMOP_WAIT_GEQ = 3,
  HAL_MEMOP_WAIT_AND = 4,
  HAL_MEMOP_WAIT_NOR = 5,
} hal_memop_kind;

typedef struct hal_memop {
  uint32_t size;
  uint32_t kind;  // hal_memop_kind; GEQ is cyclic: (int)(*va - value) >= 0
  hal_va va;
  uint64_t value;
  uint32_t width_bytes;  // 4 or 8
} hal_memop;

typedef enum hal_queue_class { HAL_QUEUE_COMPUTE = 1, HAL_QUEUE_COPY = 2 } hal_queue_class;

typedef struct hal_queue_desc {
  uint32_t size;
  uint32_t queue_class;
  int32_t priority;  // higher runs first; 0 is normal
  // The compute units that run the queue's grids: bit i % 64 of word i / 64 is unit i. NULL: all.
  const uint64_t* units;
  size_t unit_word_count;
} hal_queue_desc;

// One ordered batch: waits, then the commands, then the signals. A poisoned wait skips the commands and
// poisons the signals.
typedef struct hal_submission {
  uint32_t size;
  const hal_sem_point* waits;
  size_t wait_count;
  hal_cmd* const* cmds;
  size_t cmd_count;
  const hal_sem_point* signals;
  size_t signal_count;
} hal_submission;

// ---- faults and counters
// -----------------------------------------------------------------------------------------

typedef enum hal_fault_kind {
  HAL_FAULT_NONE = 0,
  HAL_FAULT_ILLEGAL_ADDRESS,
  HAL_FAULT_MISALIGNED_ADDRESS,
  HAL_FAULT_ILLEGAL_INSTRUCTION,
  HAL_FAULT_INVALID_PC,
  HAL_FAULT_INVALID_ADDRESS_SPACE,
  HAL_FAULT_TRAP,
  HAL_FAULT_ASSERT,
  HAL_FAULT_STACK_OVERFLOW,
  HAL_FAULT_TIMEOUT,
  HAL_FAULT_DEADLOCK,
  HAL_FAULT_ARITHMETIC,
} hal_fault_kind;

typedef struct hal_fault {
  uint32_t size;
  uint32_t kind;  // hal_fault_kind
  hal_va address;
  uint32_t access;  // HAL_VM_READ or HAL_VM_WRITE; 0: unknown
  uint64_t pc_offset;
  char kernel[256], function[256], source_file[256];
  uint32_t ptx_line, source_line;
  hal_dim3 block, thread;
  uint64_t grid_id;
  char message[256];  // assertion text and the like
} hal_fault;

// A kernel's call of a function that is none of the device's (base/cpu_abi.h, host_call).
typedef struct hal_call {
  uint32_t size;
  uint32_t function;
  uint64_t grid_id;  // of hal_dispatch
  hal_dim3 block, thread;
  void* arguments;
} hal_call;

typedef struct hal_init {
  uint32_t size;
  void (*log)(int level, const char* message);  // 0 error .. 3 debug
  // Text that kernels print, whole records, in the order of one thread. Called on the device's own threads,
  // before the semaphore of the grid is signalled. NULL: standard output.
  void (*print)(const char* text, size_t size_bytes);
  const char* options;  // "key=value,..." of this backend, such as "devices=2,workers=4,memory=8589934592"
  // What kernels call of the host. On the device's own threads, on the small stack of a kernel: it must not
  // wait, and holds no lock while it touches the kernel's memory, whose faults end the grid there. NULL: such
  // a call is a fault.
  uint64_t (*call)(const hal_call* call);
} hal_init;

// ---- the table
// ---------------------------------------------------------------------------------------------------

typedef struct hal_backend {
  uint32_t size;
  uint32_t abi_version;  // HAL_ABI_VERSION
  const char* name;      // "cpu"

  // Once per process, before anything else.
  hal_status (*init)(const hal_init* init);

  // device
  hal_status (*enumerate)(uint32_t* count);
  hal_status (*device_open)(uint32_t index, hal_device** out);
  void (*device_close)(hal_device* device);
  hal_status (*device_query)(hal_device* device, hal_device_info* info);
  hal_status (*device_telemetry)(hal_device* device, hal_device_telemetry* telemetry);
  hal_status (*link_query)(hal_device* from, hal_device* to, hal_link_info* info);
  hal_status (*device_reset)(hal_device* device);

  // address space. bind: ops take effect in order, after the waits; *ops receives chosen addresses at once.
  hal_status (*vm_create)(hal_device* device, hal_vm** out);
  void (*vm_destroy)(hal_vm* vm);
  hal_status (*vm_bind)(hal_vm* vm, hal_vm_op* ops, size_t op_count, const hal_sem_point* waits,
                        size_t wait_count, const hal_sem_point* signals, size_t signal_count);
  hal_status (*vm_advise)(hal_vm* vm, hal_va va, uint64_t size_bytes, hal_advice advice);
  // HAL_OK, or HAL_FAULTED for a poisoned one. Cheap: no system call.
  hal_status (*vm_status)(hal_vm* vm);

  // memory
  hal_status (*mem_create)(hal_device* device, const hal_mem_desc* desc, hal_mem** out);
  void (*mem_destroy)(hal_mem* mem);
  hal_status (*mem_info)(hal_mem* mem, hal_mem_info* info);
  hal_status (*mem_sync)(hal_mem* mem, uint64_t offset_bytes, uint64_t size_bytes, uint32_t to_device);
  hal_status (*mem_export)(hal_mem* mem, hal_handle_kind kind, hal_shared_handle* out);
  hal_status (*mem_import)(hal_device* device, const hal_shared_handle* handle, hal_mem** out);

  // semaphores. A failed producer poisons: wait and query return its status from then on. Exported, a
  // semaphore is one timeline for all processes that import it; there a failure, or the end of a process
  // with a signal submitted, is HAL_PEER_FAILED.
  hal_status (*sem_create)(hal_device* device, uint64_t initial_value, hal_sem** out);
  void (*sem_destroy)(hal_sem* sem);
  hal_status (*sem_query)(hal_sem* sem, uint64_t* value);
  hal_status (*sem_signal)(hal_sem* sem, uint64_t value);
  hal_status (*sem_poison)(hal_sem* sem, hal_status status);
  hal_status (*sem_wait)(const hal_sem_point* points, size_t count, uint32_t any, uint64_t deadline_ns);
  hal_status (*sem_export)(hal_sem* sem, hal_handle_kind kind, hal_shared_handle* out);
  hal_status (*sem_import)(hal_device* device, const hal_shared_handle* handle, hal_sem** out);

  // executables. probe: index 0 is the preferred target; HAL_NOT_FOUND past the last.
  hal_status (*exec_probe)(hal_device* device, uint32_t index, hal_target* target);
  // log: a text of at most log_size bytes about what is wrong with the code, NUL-terminated.
  hal_status (*exec_load)(hal_vm* vm, const void* code, size_t code_size, const hal_import* imports,
                          size_t import_count, hal_exec** out, char* log, size_t log_size);
  void (*exec_unload)(hal_exec* exec);
  hal_status (*exec_kernel)(hal_exec* exec, const char* name, hal_kernel** out, hal_kernel_info* info);
  hal_status (*exec_symbol)(hal_exec* exec, const char* name, hal_va* address);
  hal_status (*kernel_occupancy)(hal_kernel* kernel, hal_dim3 block, uint32_t dynamic_shared_bytes,
                                 hal_occupancy* out);

  // queues. submit takes effect in the order of the calls. A backend may run short work inside submit.
  hal_status (*queue_create)(hal_vm* vm, const hal_queue_desc* desc, hal_queue** out);
  void (*queue_destroy)(hal_queue* queue);  // waits for what was submitted
  hal_status (*queue_submit)(hal_queue* queue, const hal_submission* submission);
  // One dispatch and one signal (sem may be NULL), without a command buffer: the launch path. Same order as
  // submit.
  hal_status (*queue_dispatch)(hal_queue* queue, const hal_dispatch* dispatch, hal_sem* sem, uint64_t value);

  // commands, executed in the order recorded; each starts after the one before it has ended
  hal_status (*cmd_create)(hal_vm* vm, hal_cmd** out);
  void (*cmd_destroy)(hal_cmd* cmd);
  hal_status (*cmd_reset)(hal_cmd* cmd);
  hal_status (*cmd_copy)(hal_cmd* cmd, const hal_copy* copy);
  hal_status (*cmd_fill)(hal_cmd* cmd, const hal_fill* fill);
  hal_status (*cmd_dispatch)(hal_cmd* cmd, const hal_dispatch* dispatch, uint32_t* slot);
  hal_status (*cmd_patch)(hal_cmd* cmd, uint32_t slot, const hal_dispatch* dispatch);
  hal_status (*cmd_memop)(hal_cmd* cmd, const hal_memop* memop);
  hal_status (*cmd_timestamp)(hal_cmd* cmd,
                              hal_va va);  // writes a 64-bit nanosecond time of the device clock

  // faults. notify_fd becomes readable on fault and reset; the backend owns it. fault_read: the oldest unread
  // record.
  hal_status (*notify_fd)(hal_device* device, int* fd);
  hal_status (*fault_read)(hal_vm* vm, hal_fault* fault);
  hal_status (*device_time_ns)(hal_device* device, uint64_t* now);  // of cmd_timestamp's clock

  // Takes effect for grids dispatched later. HAL_BUSY: kernels already allocate from the heap.
  hal_status (*vm_set_limit)(hal_vm* vm, hal_limit limit, uint64_t value);

  // All memory that the process has of the device goes to the host, counts for nothing there, and comes back
  // with resume, to the same addresses. In between nothing runs and nobody touches it. What was exported
  // stays in its file. HAL_UNSUPPORTED, or no such function: it stays where it is.
  hal_status (*device_suspend)(hal_device* device);
  hal_status (*device_resume)(hal_device* device);
} hal_backend;

typedef int (*hal_backend_entry_fn)(uint32_t abi_version, const hal_backend** out);

// The one exported symbol of libhal_NAME.so: 0, or -1 when the version is not spoken.
int hal_backend_entry(uint32_t abi_version, const hal_backend** out);

#ifdef __cplusplus
}
#endif
#endif  // TIANQIAO_HAL_H_
