// Recorded commands. A hal_cmd is a list that submissions share; recording into, patching or resetting one
// that is in flight works on a copy.
#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "hal/cpu/executable.h"
#include "hal/cpu/ref.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

// A dispatch that owns what it needs: its arguments and the code.
struct Dispatch {
  explicit Dispatch(const hal_dispatch& from);

  hal_dispatch desc;
  Ref<hal_exec> exec;
  std::shared_ptr<uint8_t> params;  // 64-byte aligned; desc.params points into it
};

struct Timestamp {
  hal_va va;
};

struct Bind {
  std::vector<hal_vm_op> ops;
};

using Command = std::variant<hal_copy, hal_fill, Dispatch, hal_memop, Timestamp, Bind>;
using CommandList = std::vector<Command>;

}  // namespace tq::hal::cpu

struct hal_cmd {
  // The list, not shared with anybody.
  tq::hal::cpu::CommandList& Mutable();

  std::shared_ptr<tq::hal::cpu::CommandList> list = std::make_shared<tq::hal::cpu::CommandList>();
  std::vector<uint32_t> dispatches;  // slot -> index in the list
};

namespace tq::hal::cpu {

hal_status CmdCreate(hal_vm* vm, hal_cmd** out);
void CmdDestroy(hal_cmd* cmd);
hal_status CmdReset(hal_cmd* cmd);
hal_status CmdCopy(hal_cmd* cmd, const hal_copy* copy);
hal_status CmdFill(hal_cmd* cmd, const hal_fill* fill);
hal_status CmdDispatch(hal_cmd* cmd, const hal_dispatch* dispatch, uint32_t* slot);
hal_status CmdPatch(hal_cmd* cmd, uint32_t slot, const hal_dispatch* dispatch);
hal_status CmdMemop(hal_cmd* cmd, const hal_memop* memop);
hal_status CmdTimestamp(hal_cmd* cmd, hal_va va);

}  // namespace tq::hal::cpu
