// ldmatrix, stmatrix and movmatrix on random bytes, by the figures of the manual.
#include <algorithm>
#include <random>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/ptx/matrix_case.h"

namespace tq::ptx_test {
namespace {

constexpr uint32_t kLanes = 32, kRowBytes = 16;

struct Move {
  std::string mnemonic;
  uint32_t count = 1;
  bool is_transposed = false, is_bytes = false;
  uint32_t element_bits = 8;  // in memory, of 8-bit elements in registers

  uint32_t registers() const { return count * (absl::StrContains(mnemonic, ".m16n16.") ? 2 : 1); }
};

Move Parse(const std::string& text) {
  Move move;
  move.mnemonic = text;
  if (absl::StrContains(text, ".x2")) move.count = 2;
  if (absl::StrContains(text, ".x4")) move.count = 4;
  move.is_transposed = absl::StrContains(text, ".trans");
  move.is_bytes = absl::StrContains(text, "b8");
  if (absl::StrContains(text, "b6x16_p32")) move.element_bits = 6;
  if (absl::StrContains(text, "b4x16_p64")) move.element_bits = 4;
  return move;
}

using Rows = std::vector<std::vector<uint8_t>>;

// The row whose address lane `lane` gives.
uint32_t RowOf(uint32_t lane) { return lane * 5 % kLanes; }

// Element (row, column) of matrix `matrix` of `height` rows, 16 bits or one unpacked byte.
uint32_t ElementOf(const Move& move, const Rows& rows, uint32_t matrix, uint32_t height, uint32_t row,
                   uint32_t column) {
  const std::vector<uint8_t>& bytes = rows[RowOf(matrix * height + row)];
  if (!move.is_bytes) return bytes[column * 2] | bytes[column * 2 + 1] << 8;
  uint32_t value = 0;
  for (uint32_t i = 0; i < move.element_bits; ++i) {
    const uint32_t bit = column * move.element_bits + i;
    value |= (bytes[bit / 8] >> (bit % 8) & 1u) << i;
  }
  return value;
}

uint32_t Loaded(const Move& move, const Rows& rows, uint32_t lane, uint32_t index) {
  const uint32_t group = lane / 4, thread = lane % 4;
  uint32_t word = 0;
  if (!move.is_bytes) {
    for (uint32_t i = 0; i < 2; ++i) {
      const uint32_t row = move.is_transposed ? thread * 2 + i : group;
      const uint32_t column = move.is_transposed ? group : thread * 2 + i;
      word |= ElementOf(move, rows, index, 8, row, column) << (16 * i);
    }
    return word;
  }
  for (uint32_t i = 0; i < 4; ++i) {
    const uint32_t element = move.is_transposed
                                 ? ElementOf(move, rows, index / 2, 16, thread * 4 + i, group + index % 2 * 8)
                                 : ElementOf(move, rows, index, 8, group, thread * 4 + i);
    word |= element << (8 * i);
  }
  return word;
}

// Writes register `index` of a lane into the rows.
void Store(const Move& move, Rows& rows, uint32_t lane, uint32_t index, uint32_t word) {
  const uint32_t group = lane / 4, thread = lane % 4;
  for (uint32_t i = 0; i < 4; ++i) {
    uint32_t row, at;
    if (move.is_bytes) {  // a column of 16 elements is a row in memory
      row = thread * 2 + i % 2;
      at = group + i / 2 * 8;
    } else if (move.is_transposed) {
      row = thread * 2 + i / 2;
      at = group * 2 + i % 2;
    } else {
      row = group;
      at = thread * 4 + i;
    }
    rows[RowOf(index * 8 + row)][at] = static_cast<uint8_t>(word >> (8 * i));
  }
}

std::string Registers(uint32_t count) {
  std::string text = "{";
  for (uint32_t i = 0; i < count; ++i) absl::StrAppend(&text, i == 0 ? "" : ", ", "%r", i);
  return text + "}";
}

constexpr char kStart[] =
    "  .shared .align 16 .b8 rows[512];\n  .reg .b64 %in, %out;\n  .reg .b32 %i, %mine, %row, %r<8>;\n"
    "  ld.param.u64 %out, [out];\n  ld.param.u64 %in, [in];\n  mov.u32 %i, %tid.x;\n"
    "  mad.wide.u32 %in, %i, 16, %in;\n  mad.wide.u32 %out, %i, 16, %out;\n  mov.u32 %mine, rows;\n"
    "  mul.lo.u32 %row, %i, 5;\n  and.b32 %row, %row, 31;\n  mad.lo.u32 %row, %row, 16, %mine;\n"
    "  mad.lo.u32 %mine, %i, 16, %mine;\n  ld.global.v4.b32 {%r0, %r1, %r2, %r3}, [%in];\n";
constexpr char kZero[] =
    "  mov.b32 %r7, 0;\n  st.shared.v4.b32 [%mine], {%r7, %r7, %r7, %r7};\n  bar.sync 0;\n";

}  // namespace

absl::StatusOr<MatrixCase> BuildMoveCase(const std::string& text, const std::string& name, uint32_t seed) {
  const Move move = Parse(text);
  std::mt19937 random(seed);
  Rows rows(kLanes, std::vector<uint8_t>(kRowBytes));
  MatrixCase result;
  result.launch.kernel = name;
  result.launch.threads = kLanes;
  Argument input = {.is_buffer = true, .values = {}};
  std::vector<std::vector<uint32_t>> words(kLanes, std::vector<uint32_t>(4));
  for (auto& lane : words) {
    for (uint32_t& word : lane) {
      word = random();
      input.values.push_back({"b32", word});
    }
  }
  std::string body = kStart;
  std::vector<std::vector<uint32_t>> expected(kLanes, std::vector<uint32_t>(4));
  if (absl::StartsWith(text, "stmatrix")) {
    absl::StrAppend(&body, kZero, "  ", text, " [%row], ", Registers(move.registers()),
                    ";\n  bar.sync 0;\n  ld.shared.v4.b32 {%r0, %r1, %r2, %r3}, [%mine];\n");
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      for (uint32_t i = 0; i < move.registers(); ++i) Store(move, rows, lane, i, words[lane][i]);
    }
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      for (uint32_t i = 0; i < kRowBytes; ++i)
        expected[lane][i / 4] |= uint32_t{rows[lane][i]} << (i % 4 * 8);
    }
  } else {
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      for (uint32_t i = 0; i < kRowBytes; ++i)
        rows[lane][i] = static_cast<uint8_t>(words[lane][i / 4] >> (i % 4 * 8));
      expected[lane] = words[lane];
    }
    if (absl::StartsWith(text, "ldmatrix")) {
      absl::StrAppend(&body, "  st.shared.v4.b32 [%mine], {%r0, %r1, %r2, %r3};\n  bar.sync 0;\n  ", text,
                      " ", Registers(move.registers()), ", [%row];\n");
      for (uint32_t lane = 0; lane < kLanes; ++lane) {
        for (uint32_t i = 0; i < move.registers(); ++i) expected[lane][i] = Loaded(move, rows, lane, i);
      }
    } else {
      absl::StrAppend(&body, "  ", text, " %r0, %r0;\n");
      for (uint32_t lane = 0; lane < kLanes; ++lane) {
        expected[lane][0] = 0;
        for (uint32_t i = 0; i < 2; ++i) {
          // Element (row, column) is half `column % 2` of lane 4 * row + column / 2.
          const uint32_t row = lane % 4 * 2 + i, column = lane / 4;
          expected[lane][0] |= (words[row * 4 + column / 2][0] >> (16 * (column % 2)) & 0xffff) << (16 * i);
        }
      }
    }
  }
  for (const auto& lane : expected) {
    for (uint32_t word : lane) result.launch.expected.push_back({"b32", word});
  }
  result.launch.arguments.push_back(std::move(input));
  result.kernel = absl::StrCat(".visible .entry ", name, "(.param .u64 out, .param .u64 in) {\n", body,
                               "  st.global.v4.b32 [%out], {%r0, %r1, %r2, %r3};\n  ret;\n}\n");
  return result;
}

}  // namespace tq::ptx_test
