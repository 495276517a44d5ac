// Writes fat binaries in the layout of format.h: what `clang -fcuda-include-gpubinary` embeds, and what tests
// read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/fatbin/image.h"

namespace tq::fatbin {

// Image::payload is the expanded contents here; Image::codec says how to store it. size_bytes and flags are
// derived. Unimplemented for Codec::kUnknown.
absl::StatusOr<std::vector<uint8_t>> WriteFatbin(std::span<const Image> images);

// An image of PTX text, with architecture and ISA version taken from its .target and .version.
// InvalidArgument when it lacks them.
absl::StatusOr<Image> PtxImage(std::string_view text, Codec codec);

// "sm_90a" or "compute_90a".
absl::StatusOr<Arch> ParseArch(std::string_view text);

}  // namespace tq::fatbin
