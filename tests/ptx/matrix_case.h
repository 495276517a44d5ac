// `// matrix: INSTRUCTION [settings]` lines of case files: a kernel of one warp around the instruction,
// random fragments, and what must come out by a reference written from the manual's fragment layouts, element
// by element. Settings: `f=2` (sparsity selector), `ids=1,0,2,3` (byte and thread of A's scales, then of
// B's).
//
// `// wmma: SHAPE d a b c ALAYOUT BLAYOUT CLAYOUT [modifiers]` loads three matrices, multiplies, stores the
// result.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "tests/ptx/case_file.h"

namespace tq::ptx_test {

struct MatrixCase {
  std::string kernel;  // PTX
  std::string target = "sm_121a";
  Launch launch;
};

absl::StatusOr<MatrixCase> BuildMatrixCase(const std::string& text, const std::string& name, uint32_t seed);
// ldmatrix, stmatrix, movmatrix, wgmma, tcgen05; BuildMatrixCase() takes their lines too.
absl::StatusOr<MatrixCase> BuildMoveCase(const std::string& text, const std::string& name, uint32_t seed);
absl::StatusOr<MatrixCase> BuildWgmmaCase(const std::string& text, const std::string& name, uint32_t seed);
absl::StatusOr<MatrixCase> BuildTensorCase(const std::string& text, const std::string& name, uint32_t seed);
absl::StatusOr<MatrixCase> BuildWmmaCase(const std::string& text, const std::string& name, uint32_t seed);

}  // namespace tq::ptx_test
