// wmma.load, wmma.mma and wmma.store together: fragments are the implementation's own affair, so that what
// can be said is what comes out of the three.
#include <algorithm>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/ptx/matrix_case.h"
#include "tests/ptx/matrix_number.h"

namespace tq::ptx_test {
namespace {

// A matrix in memory, its lines `stride` elements apart.
struct Stored {
  std::string type;
  int rows = 0, columns = 0, stride = 0;
  bool is_column = false;
  std::vector<double> values = {};  // by row

  const NumberFormat& format() const { return *FindNumberFormat(type); }
  int lines() const { return is_column ? columns : rows; }
  int IndexOf(int row, int column) const { return is_column ? column * stride + row : row * stride + column; }
  double& At(int row, int column) { return values[row * columns + column]; }

  // As 32-bit words.
  std::vector<uint32_t> Words() {
    std::vector<uint32_t> words((lines() * stride * format().bits + 31) / 32);
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        const uint64_t bits = EncodeNumber(format(), At(row, column));
        const int at = IndexOf(row, column) * format().bits;
        words[at / 32] |= static_cast<uint32_t>(bits << (at % 32));
        if (format().bits == 64) words[at / 32 + 1] |= static_cast<uint32_t>(bits >> 32);
      }
    }
    return words;
  }
};

Stored MakeMatrix(const std::string& type, int rows, int columns, const std::string& layout) {
  Stored matrix = {.type = type, .rows = rows, .columns = columns, .is_column = layout == "col"};
  const int pad = std::max(8, 128 / matrix.format().bits);
  matrix.stride = (matrix.is_column ? rows : columns) + pad;
  matrix.values.resize(rows * columns);
  return matrix;
}

std::string Registers(const char* name, int count) {
  std::string text = "{";
  for (int i = 0; i < count; ++i) absl::StrAppend(&text, i == 0 ? "%" : ", %", name, i);
  return text + "}";
}

int RegistersOf(const Stored& matrix, bool is_accumulator) {
  if (matrix.type == "f16" && !is_accumulator) return 8;
  const int bits = matrix.rows * matrix.columns * matrix.format().bits / 32;
  return matrix.type == "f64" ? bits / 64 : bits / 32;
}

}  // namespace

absl::StatusOr<MatrixCase> BuildWmmaCase(const std::string& text, const std::string& name, uint32_t seed) {
  const std::vector<std::string> words = absl::StrSplit(text, ' ', absl::SkipEmpty());
  int m = 0, n = 0, k = 0;
  if (words.size() < 8 || std::sscanf(words[0].c_str(), "m%dn%dk%d", &m, &n, &k) != 3) {
    return absl::InvalidArgumentError("expected `SHAPE d a b c ALAYOUT BLAYOUT CLAYOUT`");
  }
  const std::string modifier = words.size() > 8 ? words[8] : "";
  Stored a = MakeMatrix(words[2], m, k, words[5]), b = MakeMatrix(words[3], k, n, words[6]);
  Stored c = MakeMatrix(words[4], m, n, words[7]), d = MakeMatrix(words[1], m, n, words[7]);
  std::mt19937 random(seed);
  for (Stored* matrix : {&a, &b}) {
    for (double& value : matrix->values) value = RandomNumber(matrix->format(), random);
  }
  for (double& value : c.values) {
    value = c.type == "s32" ? static_cast<double>(static_cast<int32_t>(random())) : SmallNumber(random);
    if (c.type == "s32" && random() % 3 == 0) value = 2147483647;
  }
  for (int row = 0; row < m; ++row) {
    for (int column = 0; column < n; ++column) {
      double sum = c.At(row, column);
      for (int i = 0; i < k; ++i) {
        const double x = a.At(row, i), y = b.At(i, column);
        sum += modifier == "xor" ? x != y : modifier == "and" ? x != 0 && y != 0 : x * y;
      }
      if (modifier == "satfinite") sum = std::min(2147483647.0, std::max(-2147483648.0, sum));
      d.At(row, column) = sum;
    }
  }
  const bool is_bits = modifier == "xor" || modifier == "and";
  const std::string types = a.type == "f16" ? absl::StrCat(d.type, ".", c.type)
                                            : absl::StrCat(d.type, ".", a.type, ".", b.type, ".", c.type);
  const std::string reg = a.type == "f64" ? "b64" : "b32";
  auto load = [&](const char* role, const Stored& matrix, bool is_accumulator, const std::string& layout) {
    return absl::StrCat("  ld.param.u64 %p, [", role, "];\n  wmma.load.", role, ".sync.aligned.", layout, ".",
                        words[0], ".global.", matrix.type, " ",
                        Registers(role, RegistersOf(matrix, is_accumulator)), ", [%p], ", matrix.stride,
                        ";\n");
  };
  const std::string satfinite = modifier == "satfinite" ? ".satfinite" : "";
  MatrixCase result;
  result.kernel = absl::StrCat(
      ".visible .entry ", name, "(.param .u64 out, .param .u64 a, .param .u64 b, .param .u64 c) {\n",
      "  .reg .b64 %p, %out;\n  .reg .", reg, " %a<8>, %b<8>, %c<8>, %d<8>;\n", load("a", a, false, words[5]),
      load("b", b, false, words[6]), load("c", c, true, words[7]), "  wmma.mma.",
      is_bits ? modifier + ".popc." : std::string(), "sync.aligned.", words[5], ".", words[6], ".", words[0],
      ".", types, satfinite, " ", Registers("d", RegistersOf(d, true)), ", ",
      Registers("a", RegistersOf(a, false)), ", ", Registers("b", RegistersOf(b, false)), ", ",
      Registers("c", RegistersOf(c, true)), ";\n  ld.param.u64 %out, [out];\n  wmma.store.d.sync.aligned.",
      words[7], ".", words[0], ".", d.type, " [%out], ", Registers("d", RegistersOf(d, true)), ", ", d.stride,
      ";\n  ret;\n}\n");
  result.launch.kernel = name;
  result.launch.threads = 32;
  for (Stored* matrix : {&a, &b, &c}) {
    Argument argument = {.is_buffer = true, .values = {}};
    for (uint32_t word : matrix->Words()) argument.values.push_back({"b32", word});
    result.launch.arguments.push_back(std::move(argument));
  }
  for (uint32_t word : d.Words()) result.launch.expected.push_back({"b32", word});
  return result;
}

}  // namespace tq::ptx_test
