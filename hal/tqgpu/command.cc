#include "hal/tqgpu/command.h"

#include "hal/sized.h"
#include "hal/tqgpu/address_space.h"

namespace tq::hal::tqgpu {

void Recording::Append(const Recording& other) {
  const size_t base = packets.size_bytes();
  packets.Append(other.packets.data(), other.packets.size_bytes());
  for (const Launch& launch : other.launches) {
    launches.push_back(launch);
    launches.back().offset_bytes += base;
  }
  for (const MemoryWait& wait : other.waits) waits.push_back({wait.offset_bytes + base, wait.memop});
}

bool IsMet(const hal_memop& memop) {
  const bool is_wide = memop.width_bytes == 8;
  const uint64_t now = is_wide
                           ? __atomic_load_n(reinterpret_cast<const uint64_t*>(memop.va), __ATOMIC_ACQUIRE)
                           : __atomic_load_n(reinterpret_cast<const uint32_t*>(memop.va), __ATOMIC_ACQUIRE);
  const uint64_t value = is_wide ? memop.value : static_cast<uint32_t>(memop.value);
  switch (memop.kind) {
    case HAL_MEMOP_WAIT_EQ:
      return now == value;
    case HAL_MEMOP_WAIT_GEQ:
      return is_wide ? static_cast<int64_t>(now - value) >= 0 : static_cast<int32_t>(now - value) >= 0;
    case HAL_MEMOP_WAIT_AND:
      return (now & value) != 0;
    case HAL_MEMOP_WAIT_NOR:
      return is_wide ? ~(now | value) != 0 : static_cast<uint32_t>(~(now | value)) != 0;
    default:
      return true;
  }
}

hal_status CmdCreate(hal_vm* vm, hal_cmd** out) {
  *out = new hal_cmd{};
  return HAL_OK;
}

void CmdDestroy(hal_cmd* cmd) { delete cmd; }

hal_status CmdReset(hal_cmd* cmd) {
  cmd->recording = {};
  return HAL_OK;
}

hal_status CmdCopy(hal_cmd* cmd, const hal_copy* copy) {
  cmd->recording.packets.Copy(ReadSized(copy));
  return HAL_OK;
}

hal_status CmdFill(hal_cmd* cmd, const hal_fill* fill) {
  cmd->recording.packets.Fill(ReadSized(fill));
  return HAL_OK;
}

hal_status CmdDispatch(hal_cmd* cmd, const hal_dispatch* dispatch, uint32_t* slot) {
  if (slot != nullptr) *slot = static_cast<uint32_t>(cmd->recording.launches.size());
  cmd->recording.launches.push_back(RecordLaunch(cmd->recording.packets, ReadSized(dispatch)));
  return HAL_OK;
}

// The arguments of a kernel have one size, so that the new launch fits where the old one is.
hal_status CmdPatch(hal_cmd* cmd, uint32_t slot, const hal_dispatch* dispatch) {
  if (slot >= cmd->recording.launches.size()) return HAL_INVALID;
  return ReplaceLaunch(cmd->recording.packets, ReadSized(dispatch), &cmd->recording.launches[slot])
             ? HAL_OK
             : HAL_INVALID;
}

hal_status CmdMemop(hal_cmd* cmd, const hal_memop* memop) {
  const hal_memop value = ReadSized(memop);
  if (value.kind == HAL_MEMOP_WRITE) {
    cmd->recording.packets.Write(value.va, value.value, value.width_bytes);
  } else {
    cmd->recording.waits.push_back({cmd->recording.packets.size_bytes(), value});
  }
  return HAL_OK;
}

hal_status CmdTimestamp(hal_cmd* cmd, hal_va va) {
  cmd->recording.packets.Timestamp(va);
  return HAL_OK;
}

}  // namespace tq::hal::tqgpu
