#include "hal/tqgpu/card/launch.h"

#include <algorithm>
#include <cstring>

#include "driver/abi/tqgpu_card.h"
#include "hal/tqgpu/executable.h"

namespace tq::hal::tqgpu {
namespace {

// One piece of a command stream: the packet, whose size covers what follows, so that the card steps over it.
struct LaunchPacket {
  tqgpu_packet_dispatch packet;
  tq_shell_dispatch dispatch;  // 16-byte aligned
  // then the arguments; where the packet is placed they move up to a multiple of kArgumentsAlignment
};
static_assert(offsetof(LaunchPacket, dispatch) % 16 == 0);

constexpr uint64_t kArgumentsAlignment = 64;  // shell_abi.h
constexpr uint64_t ArgumentsOffset() { return (sizeof(LaunchPacket) + 15) / 16 * 16; }

tq_cpu_dim3 ToShell(const hal_dim3& from) { return {from.x, from.y, from.z}; }

// Blocks of a cooperative grid meet at a word of their own, so all of them are there at a time.
uint32_t ResidentUnits(const tq_shell_dispatch& dispatch, uint32_t harts) {
  if ((dispatch.flags & TQ_SHELL_COOPERATIVE) == 0) return 1;
  return static_cast<uint32_t>((tq_shell_units(&dispatch) + harts - 1) / harts);
}

void Write(const hal_dispatch& d, Launch* launch, uint8_t* to) {
  const hal_kernel& kernel = *d.kernel;
  launch->image = kernel.image;
  launch->kernel = kernel.kernel;
  launch->grid_id = d.grid_id;
  const KernelRecord& record = kernel.kernel->record;
  LaunchPacket p = {};
  p.packet.header = {TQGPU_PACKET_DISPATCH, static_cast<uint32_t>(launch->size_bytes)};
  tq_shell_dispatch& s = p.dispatch;
  s.size_bytes = sizeof s;
  if ((record.flags & TQ_KERNEL_FIBERS) != 0) s.flags |= TQ_SHELL_FIBERS;
  if ((d.flags & HAL_DISPATCH_COOPERATIVE) != 0) s.flags |= TQ_SHELL_COOPERATIVE;
  s.kernel = kernel.kernel->entry;
  s.grid_id = d.grid_id;
  s.grid = ToShell(d.grid);
  s.block = ToShell(d.block);
  s.cluster = d.cluster.x == 0 ? tq_cpu_dim3{1, 1, 1} : ToShell(d.cluster);
  s.dynamic_shared_offset = kernel.kernel->DynamicSharedOffset();
  s.shared_bytes = s.dynamic_shared_offset + d.dynamic_shared_bytes;
  s.resident_units = ResidentUnits(s, kernel.image->space().device().info().compute_units);
  s.grid_workspace[0] = 8;
  p.packet.block_count = tq_shell_units(&s);
  std::memcpy(to, &p, sizeof p);
  launch->params_size_bytes = d.params_size_bytes;
  if (d.params_size_bytes != 0) std::memcpy(to + ArgumentsOffset(), d.params, d.params_size_bytes);
}

}  // namespace

Launch RecordLaunch(PacketStream& packets, const hal_dispatch& dispatch) {
  Launch launch;
  launch.size_bytes = (ArgumentsOffset() + dispatch.params_size_bytes + kArgumentsAlignment + 15) / 16 * 16;
  launch.offset_bytes = packets.Reserve(launch.size_bytes);
  Write(dispatch, &launch, packets.data() + launch.offset_bytes);
  return launch;
}

bool ReplaceLaunch(PacketStream& packets, const hal_dispatch& dispatch, Launch* launch) {
  if (ArgumentsOffset() + dispatch.params_size_bytes + kArgumentsAlignment > launch->size_bytes) return false;
  Write(dispatch, launch, packets.data() + launch->offset_bytes);
  return true;
}

hal_status PlaceLaunch(Launch& launch, uint8_t* packet, ShellSpace& shell, Workspaces& from,
                       std::vector<Workspace>* workspaces) {
  if (const hal_status status = shell.Prepare(launch.kernel->record.flags); status != HAL_OK) return status;
  auto& p = *reinterpret_cast<LaunchPacket*>(packet);
  tq_shell_dispatch& s = p.dispatch;
  const uint64_t va = reinterpret_cast<uintptr_t>(packet);
  launch.placed_va = va;
  s.device = shell.device_va();
  s.params = tq_shell_round_up(va + ArgumentsOffset(), kArgumentsAlignment);
  std::memmove(packet + (s.params - va), packet + ArgumentsOffset(), launch.params_size_bytes);
  const uint64_t stack = launch.kernel->record.local_bytes + shell.stack_bytes() + TQ_SHELL_STACK_RESERVE;
  Workspace workspace;
  hal_status status;
  if ((s.flags & TQ_SHELL_FIBERS) != 0) {
    s.stack_bytes = tq_shell_round_up(stack, 16);
    status = shell.FiberWorkspace(tq_shell_slice_bytes(&s), from, &workspace);
  } else {
    s.stack_bytes = tq_shell_round_up(stack, kPageBytes);
    s.stack_gap_bytes = kStackGapBytes;
    status = shell.LoopWorkspace(tq_shell_slice_bytes(&s), s.stack_bytes, from, &workspace);
    s.stack_bytes = workspace.stack_bytes;
  }
  if (status != HAL_OK) return status;
  s.workspace = workspace.va();
  s.slice_bytes = workspace.slice_bytes;
  p.packet.entry = shell.entry();
  p.packet.argument = va + offsetof(LaunchPacket, dispatch);
  // A slice of fibers ends with its gap, and the hart's stack in front of it.
  p.packet.stack = s.workspace - (s.stack_gap_bytes == 0 ? kStackGapBytes : 0);
  p.packet.stack_stride = s.slice_bytes;
  workspaces->push_back(std::move(workspace));
  return HAL_OK;
}

bool Prints(const Launch& launch) { return (launch.kernel->record.flags & TQ_KERNEL_PRINTF) != 0; }

}  // namespace tq::hal::tqgpu
