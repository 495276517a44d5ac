// What the opaque handles of hal.h are in this backend. A vendor's backend puts its own state here: a file
// descriptor in hal_device, a page-table handle in hal_vm, a ring in hal_queue.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "hal/include/tianqiao/hal.h"

struct hal_device {
  uint32_t index;
  std::atomic<uint64_t> memory_used_bytes{0};
  std::atomic<uint64_t> reset_count{0};
  std::atomic<uint64_t> grids{0};
};

struct hal_vm {
  hal_device* device;
};

struct hal_mem {
  hal_device* device;
  void* host_ptr;
  uint64_t size_bytes;
  uint32_t flags;
};

struct hal_sem {
  std::atomic<uint64_t> value;
  std::atomic<uint32_t> status{HAL_OK};
};

struct hal_kernel {
  std::string name;
};

struct hal_exec {
  hal_kernel kernel;
};

struct hal_queue {
  hal_vm* vm;
};

struct hal_cmd {
  uint32_t dispatch_count;
};

namespace tq::hal::null {

inline constexpr uint64_t kMemoryBytes = uint64_t{1} << 30;

// One per function of the table; the comments of hal.h are the specification. Grouped as the files are.
hal_status Init(const hal_init* init);
hal_status Enumerate(uint32_t* count);
hal_status DeviceOpen(uint32_t index, hal_device** out);
void DeviceClose(hal_device* device);
hal_status DeviceQuery(hal_device* device, hal_device_info* info);
hal_status DeviceTelemetry(hal_device* device, hal_device_telemetry* telemetry);
hal_status LinkQuery(hal_device* from, hal_device* to, hal_link_info* info);
hal_status DeviceReset(hal_device* device);
hal_status NotifyFd(hal_device* device, int* fd);
hal_status DeviceTimeNs(hal_device* device, uint64_t* now);

hal_status VmCreate(hal_device* device, hal_vm** out);
void VmDestroy(hal_vm* vm);
hal_status VmBind(hal_vm* vm, hal_vm_op* ops, size_t op_count, const hal_sem_point* waits, size_t wait_count,
                  const hal_sem_point* signals, size_t signal_count);
hal_status VmAdvise(hal_vm* vm, hal_va va, uint64_t size_bytes, hal_advice advice);
hal_status VmStatus(hal_vm* vm);
hal_status VmSetLimit(hal_vm* vm, hal_limit limit, uint64_t value);
hal_status FaultRead(hal_vm* vm, hal_fault* fault);
hal_status MemCreate(hal_device* device, const hal_mem_desc* desc, hal_mem** out);
void MemDestroy(hal_mem* mem);
hal_status MemInfo(hal_mem* mem, hal_mem_info* info);
hal_status MemSync(hal_mem* mem, uint64_t offset_bytes, uint64_t size_bytes, uint32_t to_device);
hal_status MemExport(hal_mem* mem, hal_handle_kind kind, hal_shared_handle* out);
hal_status MemImport(hal_device* device, const hal_shared_handle* handle, hal_mem** out);

hal_status SemCreate(hal_device* device, uint64_t initial_value, hal_sem** out);
void SemDestroy(hal_sem* sem);
hal_status SemQuery(hal_sem* sem, uint64_t* value);
hal_status SemSignal(hal_sem* sem, uint64_t value);
hal_status SemPoison(hal_sem* sem, hal_status status);
hal_status SemWait(const hal_sem_point* points, size_t count, uint32_t any, uint64_t deadline_ns);
hal_status SemExport(hal_sem* sem, hal_handle_kind kind, hal_shared_handle* out);
hal_status SemImport(hal_device* device, const hal_shared_handle* handle, hal_sem** out);

hal_status ExecProbe(hal_device* device, uint32_t index, hal_target* target);
hal_status ExecLoad(hal_vm* vm, const void* code, size_t code_size, const hal_import* imports,
                    size_t import_count, hal_exec** out, char* log, size_t log_size);
void ExecUnload(hal_exec* exec);
hal_status ExecKernel(hal_exec* exec, const char* name, hal_kernel** out, hal_kernel_info* info);
hal_status ExecSymbol(hal_exec* exec, const char* name, hal_va* address);
hal_status KernelOccupancy(hal_kernel* kernel, hal_dim3 block, uint32_t dynamic_shared_bytes,
                           hal_occupancy* out);

hal_status QueueCreate(hal_vm* vm, const hal_queue_desc* desc, hal_queue** out);
void QueueDestroy(hal_queue* queue);
hal_status QueueSubmit(hal_queue* queue, const hal_submission* submission);
hal_status QueueDispatch(hal_queue* queue, const hal_dispatch* dispatch, hal_sem* sem, uint64_t value);
hal_status CmdCreate(hal_vm* vm, hal_cmd** out);
void CmdDestroy(hal_cmd* cmd);
hal_status CmdReset(hal_cmd* cmd);
hal_status CmdCopy(hal_cmd* cmd, const hal_copy* copy);
hal_status CmdFill(hal_cmd* cmd, const hal_fill* fill);
hal_status CmdDispatch(hal_cmd* cmd, const hal_dispatch* dispatch, uint32_t* slot);
hal_status CmdPatch(hal_cmd* cmd, uint32_t slot, const hal_dispatch* dispatch);
hal_status CmdMemop(hal_cmd* cmd, const hal_memop* memop);
hal_status CmdTimestamp(hal_cmd* cmd, hal_va va);

}  // namespace tq::hal::null
