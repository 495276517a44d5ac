// Lines of case files that give a module's texture, sampler or surface variable what its handle stands for:
//
//   // texture: image = f32x1 4x2x1 linear clamp [0, 1, 2, 3, 10, 11, 12, 13]:f32
//   // sampler: smooth = linear border normalized
//   // surface: target = u32x1 4x2x1 [8 x 0]:u32
//
// A texel and its channels; width, height and slices; words of the sampler in any order (nearest, linear;
// wrap, clamp, mirror, border; normalized, seamless, buffer, layered); contents.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/texture_abi.h"
#include "tests/ptx/case_file.h"

namespace tq::ptx_test {

// `text` is what stands behind the colon; `values` reads `[...]:type`.
absl::StatusOr<HandleVariable> ParseHandleLine(
    tq_texture_kind kind, const std::string& text,
    absl::StatusOr<std::vector<Value>> (*values)(const std::string& text));

}  // namespace tq::ptx_test
