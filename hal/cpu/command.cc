#include "hal/cpu/command.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "hal/sized.h"

tq::hal::cpu::CommandList& hal_cmd::Mutable() {
  if (list.use_count() != 1) list = std::make_shared<tq::hal::cpu::CommandList>(*list);
  return *list;
}

namespace tq::hal::cpu {

Dispatch::Dispatch(const hal_dispatch& from) : desc(ReadSized(&from)), exec(desc.kernel->exec) {
  if (desc.params_size_bytes == 0) return;
  const size_t rounded = (desc.params_size_bytes + 63) & ~size_t{63};
  params.reset(static_cast<uint8_t*>(std::aligned_alloc(64, rounded)), std::free);
  std::memcpy(params.get(), desc.params, desc.params_size_bytes);
  desc.params = params.get();
}

hal_status CmdCreate(hal_vm* vm, hal_cmd** out) {
  *out = new (std::nothrow) hal_cmd;
  return *out == nullptr ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

void CmdDestroy(hal_cmd* cmd) { delete cmd; }

hal_status CmdReset(hal_cmd* cmd) {
  if (cmd->list.use_count() == 1) {
    cmd->list->clear();
  } else {
    cmd->list = std::make_shared<CommandList>();
  }
  cmd->dispatches.clear();
  return HAL_OK;
}

hal_status CmdCopy(hal_cmd* cmd, const hal_copy* copy) {
  cmd->Mutable().emplace_back(ReadSized(copy));
  return HAL_OK;
}

hal_status CmdFill(hal_cmd* cmd, const hal_fill* fill) {
  cmd->Mutable().emplace_back(ReadSized(fill));
  return HAL_OK;
}

hal_status CmdDispatch(hal_cmd* cmd, const hal_dispatch* dispatch, uint32_t* slot) {
  CommandList& list = cmd->Mutable();
  list.emplace_back(Dispatch(*dispatch));
  cmd->dispatches.push_back(static_cast<uint32_t>(list.size() - 1));
  if (slot != nullptr) *slot = static_cast<uint32_t>(cmd->dispatches.size() - 1);
  return HAL_OK;
}

hal_status CmdPatch(hal_cmd* cmd, uint32_t slot, const hal_dispatch* dispatch) {
  if (slot >= cmd->dispatches.size()) return HAL_INVALID;
  cmd->Mutable()[cmd->dispatches[slot]] = Dispatch(*dispatch);
  return HAL_OK;
}

hal_status CmdMemop(hal_cmd* cmd, const hal_memop* memop) {
  cmd->Mutable().emplace_back(ReadSized(memop));
  return HAL_OK;
}

hal_status CmdTimestamp(hal_cmd* cmd, hal_va va) {
  cmd->Mutable().emplace_back(Timestamp{va});
  return HAL_OK;
}

}  // namespace tq::hal::cpu
