#include "hal/tqgpu/card/failure.h"

#include <algorithm>
#include <cstdio>

#include "driver/abi/tqgpu_card.h"
#include "hal/tqgpu/address_space.h"
#include "hal/tqgpu/executable.h"
#include "hal/tqgpu/shell/hart_report.h"

namespace tq::hal::tqgpu {
namespace {

struct CauseRow {
  uint32_t cause;  // RISC-V privileged architecture, mcause
  hal_fault_kind kind;
  uint32_t access;
};
constexpr CauseRow kCauses[] = {
    {1, HAL_FAULT_INVALID_PC, 0},
    {2, HAL_FAULT_ILLEGAL_INSTRUCTION, 0},
    {3, HAL_FAULT_TRAP, 0},
    {4, HAL_FAULT_MISALIGNED_ADDRESS, HAL_VM_READ},
    {5, HAL_FAULT_ILLEGAL_ADDRESS, HAL_VM_READ},
    {6, HAL_FAULT_MISALIGNED_ADDRESS, HAL_VM_WRITE},
    {7, HAL_FAULT_ILLEGAL_ADDRESS, HAL_VM_WRITE},
    {12, HAL_FAULT_INVALID_PC, 0},
    {13, HAL_FAULT_ILLEGAL_ADDRESS, HAL_VM_READ},
    {15, HAL_FAULT_ILLEGAL_ADDRESS, HAL_VM_WRITE},
};

struct KindRow {
  uint32_t from;  // enum tq_cpu_fault
  hal_fault_kind kind;
};
constexpr KindRow kKinds[] = {
    {TQ_CPU_FAULT_TRAP, HAL_FAULT_TRAP},
    {TQ_CPU_FAULT_MISALIGNED_ADDRESS, HAL_FAULT_MISALIGNED_ADDRESS},
    {TQ_CPU_FAULT_ILLEGAL_ADDRESS, HAL_FAULT_ILLEGAL_ADDRESS},
    {TQ_CPU_FAULT_ILLEGAL_INSTRUCTION, HAL_FAULT_ILLEGAL_INSTRUCTION},
    {TQ_CPU_FAULT_INVALID_PC, HAL_FAULT_INVALID_PC},
    {TQ_CPU_FAULT_ASSERT, HAL_FAULT_ASSERT},
    {TQ_CPU_FAULT_STACK_OVERFLOW, HAL_FAULT_STACK_OVERFLOW},
    {TQ_CPU_FAULT_DEADLOCK, HAL_FAULT_DEADLOCK},
    {TQ_CPU_FAULT_TIMEOUT, HAL_FAULT_TIMEOUT},
    {TQ_CPU_FAULT_INVALID_ADDRESS_SPACE, HAL_FAULT_INVALID_ADDRESS_SPACE},
};

void DescribeCause(const drm_tqgpu_fault& fault, hal_fault* record) {
  record->kind = HAL_FAULT_ILLEGAL_INSTRUCTION;
  record->address = fault.address;
  for (const CauseRow& row : kCauses) {
    if (row.cause != fault.cause) continue;
    record->kind = row.kind;
    record->access = row.access;
  }
}

hal_dim3 ToHal(const tq_cpu_dim3& from) { return {from.x, from.y, from.z}; }

void DescribeReport(const HartReport& report, bool by_call, hal_fault* record) {
  if (report.block.has_value()) record->block = ToHal(*report.block);
  if (report.thread.has_value()) record->thread = ToHal(*report.thread);
  if (!by_call) return;
  record->kind = HAL_FAULT_TRAP;
  for (const KindRow& row : kKinds) {
    if (report.kind.has_value() && row.from == static_cast<uint32_t>(*report.kind)) record->kind = row.kind;
  }
  record->address = report.payload;
  record->access = 0;
  std::snprintf(record->message, sizeof record->message, "%s", report.message.c_str());
}

// Which of the job's kernels it was. One that ran for too long has no record that says so.
const Launch* FindLaunch(const drm_tqgpu_fault* fault, std::span<const Launch> launches) {
  if (fault == nullptr) return launches.empty() ? nullptr : &launches.front();
  const auto launch = std::find_if(launches.begin(), launches.end(),
                                   [&](const Launch& each) { return each.placed_va == fault->packet_va; });
  return launch == launches.end() ? nullptr : &*launch;
}

}  // namespace

void DescribeFailure(AddressSpace& space, const drm_tqgpu_fault* fault, std::span<const Launch> launches,
                     std::span<const Workspace> workspaces, hal_fault* record) {
  record->kind = HAL_FAULT_TIMEOUT;
  const bool is_kernel = fault == nullptr || fault->unit == TQGPU_FAULT_UNIT_KERNEL;
  const Launch* launch = is_kernel ? FindLaunch(fault, launches) : nullptr;
  if (fault != nullptr) {
    DescribeCause(*fault, record);
    const bool by_call = fault->cause == TQGPU_FAULT_CAUSE_ECALL;
    uint64_t pc = fault->pc;
    // A hart's stack pointer says which of the job's workspaces it ran in.
    const auto workspace = std::find_if(workspaces.begin(), workspaces.end(), [&](const Workspace& each) {
      return is_kernel && each.Contains(fault->stack_pointer, 1);
    });
    if (workspace != workspaces.end()) {
      const std::span<const uint8_t> slice = workspace->SliceOf(fault->hart);
      const HartReport report = ReadHartReport(slice, reinterpret_cast<uintptr_t>(slice.data()));
      DescribeReport(report, by_call, record);
      if (workspace->IsInGap(fault->address)) record->kind = HAL_FAULT_STACK_OVERFLOW;
      if (by_call && report.pc != 0) pc = report.pc;
      if (report.message.size() > 0) std::fputs(report.message.c_str(), stderr);  // as CUDA does
    }
    // In a function of the shell's, or behind a wild jump: the line is that of the call.
    if (!space.DescribePc(pc, record)) space.DescribePc(fault->return_address - 1, record);
  }
  if (launch == nullptr) return;
  record->grid_id = launch->grid_id;
  std::snprintf(record->kernel, sizeof record->kernel, "%s", launch->kernel->record.name.c_str());
}

}  // namespace tq::hal::tqgpu
