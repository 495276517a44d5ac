// The state that PTX gives a sampler where it declares it (PTX ISA, "Texture Sampler and Surface Types"):
//   .global .samplerref s = { addr_mode_0 = clamp_to_border, filter_mode = linear };
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "compiler/index/module_index.h"

namespace tq::ptx {

struct SamplerState {
  uint8_t address_mode[3];  // of tq_texture_address
  uint8_t filter;           // of tq_texture_filter
  bool force_unnormalized;
};

// Of a variable of type .samplerref; what is not said is clamping to the edge, nearest, normalized.
// InvalidArgument: "ptx:LINE:COLUMN: error: ..." for a name or a value that PTX does not have.
absl::StatusOr<SamplerState> ReadSampler(const ModuleIndex& index, const Statement& statement,
                                         std::string_view text);

}  // namespace tq::ptx
