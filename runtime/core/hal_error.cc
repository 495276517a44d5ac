#include "runtime/core/hal_error.h"

#include <cuda.h>

#include <cinttypes>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/log.h"
#include "hal/error.h"
#include "runtime/core/error.h"

namespace tq::core {
namespace {

struct StatusRow {
  hal_status status;
  CUresult code;
};

constexpr StatusRow kStatusRows[] = {
    {HAL_TIMEOUT, CUDA_ERROR_NOT_READY},           {HAL_NOT_FOUND, CUDA_ERROR_NOT_FOUND},
    {HAL_OUT_OF_MEMORY, CUDA_ERROR_OUT_OF_MEMORY}, {HAL_OUT_OF_HOST_MEMORY, CUDA_ERROR_OUT_OF_MEMORY},
    {HAL_UNSUPPORTED, CUDA_ERROR_NOT_SUPPORTED},   {HAL_INCOMPATIBLE_CODE, CUDA_ERROR_NO_BINARY_FOR_GPU},
    {HAL_FAULTED, CUDA_ERROR_LAUNCH_FAILED},       {HAL_DEVICE_LOST, CUDA_ERROR_DEVICE_UNAVAILABLE},
    {HAL_INVALID, CUDA_ERROR_INVALID_VALUE},       {HAL_BUSY, CUDA_ERROR_DEVICE_UNAVAILABLE},
    {HAL_PEER_FAILED, CUDA_ERROR_EXTERNAL_DEVICE},
};

struct FaultRow {
  hal_fault_kind kind;
  CUresult code;
  const char* meaning;
};

constexpr FaultRow kFaultRows[] = {
    {HAL_FAULT_ILLEGAL_ADDRESS, CUDA_ERROR_ILLEGAL_ADDRESS, "accesses an illegal address"},
    {HAL_FAULT_MISALIGNED_ADDRESS, CUDA_ERROR_MISALIGNED_ADDRESS, "accesses a misaligned address"},
    {HAL_FAULT_ILLEGAL_INSTRUCTION, CUDA_ERROR_ILLEGAL_INSTRUCTION, "executes an illegal instruction"},
    {HAL_FAULT_INVALID_PC, CUDA_ERROR_INVALID_PC, "jumps to an invalid address"},
    {HAL_FAULT_INVALID_ADDRESS_SPACE, CUDA_ERROR_INVALID_ADDRESS_SPACE,
     "accesses an address of the wrong space"},
    {HAL_FAULT_TRAP, CUDA_ERROR_LAUNCH_FAILED, "executes a trap"},
    {HAL_FAULT_ASSERT, CUDA_ERROR_ASSERT, "fails an assertion"},
    {HAL_FAULT_STACK_OVERFLOW, CUDA_ERROR_HARDWARE_STACK_ERROR, "overflows its stack"},
    {HAL_FAULT_TIMEOUT, CUDA_ERROR_LAUNCH_TIMEOUT, "runs longer than TIANQIAO_WATCHDOG_MS"},
    {HAL_FAULT_DEADLOCK, CUDA_ERROR_LAUNCH_TIMEOUT, "waits for itself for ever"},
    {HAL_FAULT_ARITHMETIC, CUDA_ERROR_LAUNCH_FAILED, "raises an arithmetic exception"},
};

const FaultRow* FindFault(hal_fault_kind kind) {
  for (const FaultRow& row : kFaultRows) {
    if (row.kind == kind) return &row;
  }
  return nullptr;
}

}  // namespace

absl::Status FromHal(const absl::Status& status) {
  if (status.ok()) return status;
  const hal_status code = hal::ToHalStatus(status);
  for (const StatusRow& row : kStatusRows) {
    if (row.status == code) return CudaError(row.code, std::string(status.message()));
  }
  return CudaError(CUDA_ERROR_UNKNOWN, std::string(status.message()));
}

int StickyErrorOf(hal_fault_kind kind) {
  const FaultRow* row = FindFault(kind);
  return row == nullptr ? CUDA_ERROR_LAUNCH_FAILED : row->code;
}

void LogFault(const hal_fault& fault, int device) {
  const FaultRow* row = FindFault(static_cast<hal_fault_kind>(fault.kind));
  std::string where;
  if (fault.function[0] != '\0') absl::StrAppend(&where, " in ", fault.function);
  if (fault.ptx_line != 0) absl::StrAppend(&where, " at PTX line ", fault.ptx_line);
  if (fault.source_line != 0) absl::StrAppend(&where, " (", fault.source_file, ":", fault.source_line, ")");
  std::string what;
  if (fault.kind == HAL_FAULT_ILLEGAL_ADDRESS || fault.kind == HAL_FAULT_MISALIGNED_ADDRESS) {
    what = absl::StrFormat(" (%s 0x%x)",
                           fault.access == HAL_VM_WRITE  ? "write to"
                           : fault.access == HAL_VM_READ ? "read of"
                                                         : "address",
                           fault.address);
  }
  if (fault.message[0] != '\0') absl::StrAppend(&what, ": ", fault.message);
  Log(LogLevel::kError, "kernel %s on device %d %s%s%s, block (%u,%u,%u), thread (%u,%u,%u), grid %" PRIu64,
      fault.kernel[0] != '\0' ? fault.kernel : "?", device, row != nullptr ? row->meaning : "fails",
      what.c_str(), where.c_str(), fault.block.x, fault.block.y, fault.block.z, fault.thread.x,
      fault.thread.y, fault.thread.z, fault.grid_id);
}

}  // namespace tq::core
