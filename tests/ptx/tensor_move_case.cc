// tcgen05.ld, .st, .cp and .shift on random words, by the figures of the manual. Settings: `lane=16`,
// `split=S`, `swizzle=B`.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/ptx/shared_matrix.h"
#include "tests/ptx/tensor_kernel.h"

namespace tq::ptx_test {
namespace {

struct Move {
  std::string mnemonic, shape, type = "b32";
  int count = 1, lane = 0, split = 0, swizzle = 0;
  bool is_packed = false, is_max = false, is_abs = false, keeps_nan = false, is_pair = false;

  bool Has(const char* part) const { return absl::StrContains(mnemonic, part); }
  int registers() const { return count * (shape == "16x256b" ? 4 : shape == "16x128b" ? 2 : 1); }
};

Move Parse(const std::string& text) {
  Move move;
  const std::vector<std::string> pieces = absl::StrSplit(text, ' ', absl::SkipEmpty());
  move.mnemonic = pieces[0];
  for (const absl::string_view part : absl::StrSplit(pieces[0], '.')) {
    const std::string suffix(part);
    if (suffix[0] == 'x') std::sscanf(suffix.c_str(), "x%d", &move.count);
    if (suffix[0] >= '0' && suffix[0] <= '9') move.shape = suffix;
    if (absl::EndsWith(suffix, "pack::16b")) move.is_packed = true;
    if (suffix == "max") move.is_max = true;
    if (suffix == "abs") move.is_abs = true;
    if (suffix == "NaN") move.keeps_nan = true;
    if (suffix == "f32" || suffix == "u32" || suffix == "s32") move.type = suffix;
    if (suffix == "cta_group::2") move.is_pair = true;
  }
  for (const std::string& piece : pieces) {
    std::sscanf(piece.c_str(), "lane=%d", &move.lane);
    std::sscanf(piece.c_str(), "split=%d", &move.split);
    std::sscanf(piece.c_str(), "swizzle=%d", &move.swizzle);
  }
  return move;
}

struct Place {
  int lane, column;
};

// PTX ISA, "Matrix fragments for shape ...": register `r` of thread `t` of a warp, in columns of the data;
// two of tensor memory make one where they are packed.
Place PlaceOf(const Move& move, int t, int r) {
  const int scale = move.is_packed ? 2 : 1;
  if (move.shape == "32x32b") return {t, r * scale};
  if (move.shape == "16x32bx2") return t < 16 ? Place{t, r * scale} : Place{t - 16, r * scale + move.split};
  if (move.shape == "16x64b") return {t / 4 + (t % 2 == 1 ? 8 : 0), (r * 2 + (t % 4 >= 2 ? 1 : 0)) * scale};
  if (move.shape == "16x128b") return {t / 4 + r % 2 * 8, (r / 2 * 4 + t % 4) * scale};
  return {t / 4 + (r % 4 >= 2 ? 8 : 0), (r / 4 * 8 + t % 4 * 2 + r % 2) * scale};
}

std::string Registers(int count) {
  std::string list = "{";
  for (int i = 0; i < count; ++i) absl::StrAppend(&list, i == 0 ? "" : ", ", "%v", i);
  return list + "}";
}

float Number(uint32_t bits) { return std::bit_cast<float>(bits); }

// The reduction of ld.red: numbers before NaN, or NaN before all, and -0 below +0.
uint32_t Reduce(const Move& move, const std::vector<uint32_t>& words) {
  uint32_t best = words[0];
  const auto is_nan = [](uint32_t bits) { return std::isnan(Number(bits)); };
  const auto value = [&](uint32_t bits) { return move.is_abs ? bits & 0x7fffffff : bits; };
  best = value(best);
  for (size_t i = 1; i < words.size(); ++i) {
    const uint32_t word = value(words[i]);
    bool is_better;
    if (move.type == "u32") {
      is_better = move.is_max ? word > best : word < best;
    } else if (move.type == "s32") {
      const auto a = static_cast<int32_t>(word), b = static_cast<int32_t>(best);
      is_better = move.is_max ? a > b : a < b;
    } else if (is_nan(word) || is_nan(best)) {
      is_better = move.keeps_nan ? is_nan(word) : is_nan(best);
    } else {
      is_better = move.is_max ? Number(word) > Number(best) : Number(word) < Number(best);
    }
    if (is_better) best = word;
  }
  return move.type == "f32" && is_nan(best) ? 0x7fffffff : best;
}

// Loaded registers go to columns of their own, a lane for each thread.
MatrixCase BuildLoad(const Move& move, const std::string& name, std::mt19937& random) {
  const int area = 256, registers = move.registers();
  TensorBlock block;
  block.shared.resize(512);
  FillTensor(block, area + registers + 1, random);
  block.expected = block.tensor;
  for (int thread = 0; thread < kTensorLanes; ++thread) {
    std::vector<uint32_t> words;
    for (int r = 0; r < registers; ++r) {
      const Place place = PlaceOf(move, thread % 32, r);
      const std::vector<uint32_t>& lane = block.tensor[thread / 32 * 32 + move.lane + place.lane];
      uint32_t word = lane[place.column];
      if (move.is_packed) word = (word & 0xffff) | lane[place.column + 1] << 16;
      block.expected[thread][area + r] = word;
      words.push_back(word);
    }
    if (move.Has(".red.")) block.expected[thread][area + registers] = Reduce(move, words);
  }
  const bool has_split = move.shape == "16x32bx2";
  std::string code =
      absl::StrCat("  ", move.mnemonic, " ", Registers(registers), move.Has(".red.") ? ", %w" : "", ", [%t+",
                   move.lane << 16, "]", has_split ? absl::StrCat(", ", move.split) : "",
                   ";\n  tcgen05.wait::ld.sync.aligned;\n");
  for (int r = 0; r < registers; ++r) {
    absl::StrAppend(&code, "  tcgen05.st.sync.aligned.32x32b.x1.b32 [%t+", area + r, "], {%v", r, "};\n");
  }
  if (move.Has(".red.")) {
    absl::StrAppend(&code, "  tcgen05.st.sync.aligned.32x32b.x1.b32 [%t+", area + registers, "], {%w};\n");
  }
  return BuildTensorKernel({block}, name, code + "  tcgen05.wait::st.sync.aligned;\n", true);
}

MatrixCase BuildStore(const Move& move, const std::string& name, std::mt19937& random) {
  const int area = 256, registers = move.registers();
  TensorBlock block;
  block.shared.resize(512);
  FillTensor(block, area + registers, random);
  block.expected = block.tensor;
  std::string code;
  for (int r = 0; r < registers; ++r) {
    absl::StrAppend(&code, "  tcgen05.ld.sync.aligned.32x32b.x1.b32 {%v", r, "}, [%t+", area + r, "];\n");
  }
  for (int thread = 0; thread < kTensorLanes; ++thread) {
    for (int r = 0; r < registers; ++r) {
      const Place place = PlaceOf(move, thread % 32, r);
      std::vector<uint32_t>& lane = block.expected[thread / 32 * 32 + move.lane + place.lane];
      const uint32_t word = block.tensor[thread][area + r];
      lane[place.column] = move.is_packed ? word & 0xffff : word;
      if (move.is_packed) lane[place.column + 1] = word >> 16;
    }
  }
  const bool has_split = move.shape == "16x32bx2";
  absl::StrAppend(&code, "  tcgen05.wait::ld.sync.aligned;\n  ", move.mnemonic, " [%t+", move.lane << 16,
                  "], ", has_split ? absl::StrCat(move.split, ", ") : "", Registers(registers),
                  ";\n  tcgen05.wait::st.sync.aligned;\n");
  return BuildTensorKernel({block}, name, code, true);
}

// The byte that a byte of the destination comes from: itself, or an element of 6 or 4 bits.
uint8_t Decompressed(const Move& move, const std::vector<uint8_t>& chunk, int index) {
  const int bits = move.Has("b6x16") ? 6 : move.Has("b4x16") ? 4 : 8;
  uint32_t value = 0;
  for (int i = 0; i < bits; ++i) {
    const int at = index * bits + i;
    value |= (chunk[at / 8] >> at % 8 & 1u) << i;
  }
  return static_cast<uint8_t>(bits == 4 ? value << 2 : value);
}

std::vector<int> LanesOf(const Move& move, int row) {
  if (move.shape == "4x256b") return {move.lane + row * 32};
  if (move.shape == "32x128b") return {row, row + 32, row + 64, row + 96};
  if (move.Has("02_13")) return {row, row + 64};
  if (move.Has("01_23")) return {row / 32 * 64 + row % 32, row / 32 * 64 + row % 32 + 32};
  return {row};
}

MatrixCase BuildCopy(const Move& move, const std::string& name, std::mt19937& random) {
  int rows = 0, width = 0;
  std::sscanf(move.shape.c_str(), "%dx%db", &rows, &width);
  SharedMatrix matrix;
  matrix.rows = std::max(rows, 8);
  matrix.k = width / 8;
  matrix.bits = 8;
  matrix.swizzle_bytes = move.swizzle;
  std::vector<TensorBlock> blocks(move.is_pair ? 2 : 1);
  for (TensorBlock& block : blocks) {
    block.shared.resize(matrix.size_bytes());
    FillTensor(block, 16, random);
    block.expected = block.tensor;
    for (int row = 0; row < rows; ++row) {
      for (int c = 0; c < width / 128; ++c) {
        std::vector<uint8_t> chunk(16);
        for (int i = 0; i < 16; ++i) {
          chunk[i] = static_cast<uint8_t>(random());
          matrix.Put(block.shared, row, c * 16 + i, chunk[i]);
        }
        for (const int lane : LanesOf(move, row)) {
          for (int word = 0; word < 4; ++word) {
            uint32_t bits = 0;
            for (int i = 0; i < 4; ++i) bits |= uint32_t{Decompressed(move, chunk, word * 4 + i)} << (8 * i);
            block.expected[lane][3 + c * 4 + word] = bits;
          }
        }
      }
    }
  }
  const std::string code = absl::StrCat("  add.u64 %da, %sa, ", matrix.TensorDescriptor(), ";\n  ",
                                        move.mnemonic, " [%ta+", (move.lane << 16) + 3, "], %da;\n");
  return BuildTensorKernel(blocks, name, code, false);
}

MatrixCase BuildShift(const Move& move, const std::string& name, std::mt19937& random) {
  std::vector<TensorBlock> blocks(move.is_pair ? 2 : 1);
  for (TensorBlock& block : blocks) {
    block.shared.resize(512);
    FillTensor(block, 32, random);
    block.expected = block.tensor;
    for (int lane = move.lane; lane < move.lane + 31; ++lane) {
      std::copy_n(block.tensor[lane + 1].begin() + 5, 8, block.expected[lane].begin() + 5);
    }
  }
  const std::string code = absl::StrCat("  ", move.mnemonic, " [%ta+", (move.lane << 16) + 5, "];\n");
  return BuildTensorKernel(blocks, name, code, false);
}

}  // namespace

absl::StatusOr<MatrixCase> BuildTensorMoveCase(const std::string& text, const std::string& name,
                                               uint32_t seed) {
  const Move move = Parse(text);
  std::mt19937 random(seed);
  if (move.Has("tcgen05.ld.")) {
    MatrixCase result = BuildLoad(move, name, random);
    if (move.Has(".red.")) result.target = "sm_103a";
    return result;
  }
  if (move.Has("tcgen05.st.")) return BuildStore(move, name, random);
  if (move.Has("tcgen05.cp.")) return BuildCopy(move, name, random);
  if (move.Has("tcgen05.shift.")) return BuildShift(move, name, random);
  return absl::InvalidArgumentError(absl::StrCat("no such instruction (", text, ")"));
}

}  // namespace tq::ptx_test
