// The object that our ptxas writes: an ELF file that tools for cubins take (fatbinary, nvcc), with the PTX
// text in place of machine code. Its ABI version, which fatbinary copies into the entry's header, tells it
// from a cubin without a look at its contents.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/fatbin/image.h"

namespace tq::fatbin {

inline constexpr uint8_t kPtxObjectAbi = 0x54;

struct PtxObject {
  std::string_view ptx;
  std::string_view options;  // of ptxas, for the compilation: "-O1 -lineinfo"
  Arch arch;
  std::vector<std::string_view> kernels;
};

std::vector<uint8_t> WritePtxObject(const PtxObject& object);

// Views into `bytes`, without the kernels. InvalidArgument: not such an object.
absl::StatusOr<PtxObject> ReadPtxObject(std::span<const uint8_t> bytes);

}  // namespace tq::fatbin
