// Recorded commands: packets of the card, what has to be filled in when they are placed (launches), and where
// the host has to wait for a word of memory.
#pragma once

#include <cstddef>
#include <vector>

#include "hal/include/tianqiao/hal.h"
#include "hal/tqgpu/card/launch.h"
#include "hal/tqgpu/card/packets.h"

namespace tq::hal::tqgpu {

struct MemoryWait {
  size_t offset_bytes;  // of the packet that it is in front of
  hal_memop memop;
};

struct Recording {
  PacketStream packets;
  std::vector<Launch> launches;   // by offset
  std::vector<MemoryWait> waits;  // by offset

  void Append(const Recording& other);
};

// Whether the word is as the memory operation wants it.
bool IsMet(const hal_memop& memop);

}  // namespace tq::hal::tqgpu

// One thread at a time.
struct hal_cmd {
  tq::hal::tqgpu::Recording recording;
};

namespace tq::hal::tqgpu {

hal_status CmdCreate(hal_vm* vm, hal_cmd** out);
void CmdDestroy(hal_cmd* cmd);
hal_status CmdReset(hal_cmd* cmd);
hal_status CmdCopy(hal_cmd* cmd, const hal_copy* copy);
hal_status CmdFill(hal_cmd* cmd, const hal_fill* fill);
hal_status CmdDispatch(hal_cmd* cmd, const hal_dispatch* dispatch, uint32_t* slot);
hal_status CmdPatch(hal_cmd* cmd, uint32_t slot, const hal_dispatch* dispatch);
hal_status CmdMemop(hal_cmd* cmd, const hal_memop* memop);
hal_status CmdTimestamp(hal_cmd* cmd, hal_va va);

}  // namespace tq::hal::tqgpu
