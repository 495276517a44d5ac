// Kernels for tcgen05: four warps for each block fill shared and tensor memory, have an instruction done, and
// hand back all of tensor memory.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/ptx/matrix_case.h"

namespace tq::ptx_test {

inline constexpr int kTensorLanes = 128;

// What a block has before and must have after.
struct TensorBlock {
  std::vector<uint8_t> shared;
  std::vector<std::vector<uint32_t>> tensor, expected;  // by lane, then column
};

// Random words; `columns` is rounded up.
void FillTensor(TensorBlock& block, int columns, std::mt19937& random);

// One block, or a cluster of two with .cta_group::2. `instructions` are done by one thread of the first
// block, or by all where they are collective, with %ta tensor memory's address (%t: of the warp's lanes), %sa
// that of shared memory / 16, and %v0 to %v127 free.
MatrixCase BuildTensorKernel(const std::vector<TensorBlock>& blocks, const std::string& name,
                             const std::string& instructions, bool is_collective);

// tcgen05.ld, .st, .cp, .shift
absl::StatusOr<MatrixCase> BuildTensorMoveCase(const std::string& text, const std::string& name,
                                               uint32_t seed);

}  // namespace tq::ptx_test
