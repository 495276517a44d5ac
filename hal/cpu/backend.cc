// The CPU device as a HAL backend: the table and the exported symbol.
#include "hal/cpu/command.h"
#include "hal/cpu/device.h"
#include "hal/cpu/executable.h"
#include "hal/cpu/memory.h"
#include "hal/cpu/queue.h"
#include "hal/cpu/semaphore.h"
#include "hal/cpu/suspend.h"
#include "hal/cpu/vm.h"

namespace tq::hal::cpu {
namespace {

// In the order of hal.h. A function that your device cannot do stays in the table and returns
// HAL_UNSUPPORTED.
constexpr hal_backend kTable = {
    .size = sizeof(hal_backend),
    .abi_version = HAL_ABI_VERSION,
    .name = "cpu",
    .init = Init,
    .enumerate = Enumerate,
    .device_open = DeviceOpen,
    .device_close = DeviceClose,
    .device_query = DeviceQuery,
    .device_telemetry = DeviceTelemetry,
    .link_query = LinkQuery,
    .device_reset = DeviceReset,
    .vm_create = VmCreate,
    .vm_destroy = VmDestroy,
    .vm_bind = VmBind,
    .vm_advise = VmAdvise,
    .vm_status = VmStatus,
    .mem_create = MemCreate,
    .mem_destroy = MemDestroy,
    .mem_info = MemInfo,
    .mem_sync = MemSync,
    .mem_export = MemExport,
    .mem_import = MemImport,
    .sem_create = SemCreate,
    .sem_destroy = SemDestroy,
    .sem_query = SemQuery,
    .sem_signal = SemSignal,
    .sem_poison = SemPoison,
    .sem_wait = SemWait,
    .sem_export = SemExport,
    .sem_import = SemImport,
    .exec_probe = ExecProbe,
    .exec_load = ExecLoad,
    .exec_unload = ExecUnload,
    .exec_kernel = ExecKernel,
    .exec_symbol = ExecSymbol,
    .kernel_occupancy = KernelOccupancy,
    .queue_create = QueueCreate,
    .queue_destroy = QueueDestroy,
    .queue_submit = QueueSubmit,
    .queue_dispatch = QueueDispatch,
    .cmd_create = CmdCreate,
    .cmd_destroy = CmdDestroy,
    .cmd_reset = CmdReset,
    .cmd_copy = CmdCopy,
    .cmd_fill = CmdFill,
    .cmd_dispatch = CmdDispatch,
    .cmd_patch = CmdPatch,
    .cmd_memop = CmdMemop,
    .cmd_timestamp = CmdTimestamp,
    .notify_fd = NotifyFd,
    .fault_read = FaultRead,
    .device_time_ns = DeviceTimeNs,
    .vm_set_limit = VmSetLimit,
    .device_suspend = DeviceSuspend,
    .device_resume = DeviceResume,
};

}  // namespace
}  // namespace tq::hal::cpu

extern "C" __attribute__((visibility("default"))) int hal_backend_entry(uint32_t abi_version,
                                                                        const hal_backend** out) {
  if (abi_version != HAL_ABI_VERSION) return -1;
  *out = &tq::hal::cpu::kTable;
  return 0;
}
