// Launches: the card's dispatch packet with what its shell needs behind it, in one piece of a command stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "hal/include/tianqiao/hal.h"
#include "hal/tqgpu/card/packets.h"
#include "hal/tqgpu/card/shell_space.h"

namespace tq::hal::tqgpu {

class Image;
struct Kernel;

struct Launch {
  size_t offset_bytes = 0;  // of the packet in its recording
  size_t size_bytes = 0;
  size_t params_size_bytes = 0;
  std::shared_ptr<const Image> image;  // keeps the code
  const Kernel* kernel = nullptr;
  uint64_t grid_id = 0;
  uint64_t placed_va = 0;  // of the packet, once it has a place
};

Launch RecordLaunch(PacketStream& packets, const hal_dispatch& dispatch);
// In the place of *launch; false when it does not fit.
bool ReplaceLaunch(PacketStream& packets, const hal_dispatch& dispatch, Launch* launch);
// Fills in what depends on the place: the packet is at `packet` on both sides.
hal_status PlaceLaunch(Launch& launch, uint8_t* packet, ShellSpace& shell, Workspaces& from,
                       std::vector<Workspace>* workspaces);
bool Prints(const Launch& launch);

}  // namespace tq::hal::tqgpu
