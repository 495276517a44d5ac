// tcgen05.mma against a reference over whole matrices. Settings: `m=`, `n=`, `d=`, `a=`, `b=` (types),
// `in=tensor` (A), `lane=16` (where D, A and metadata begin), `swizzle=A,B` (48: 128 bytes in atoms of 32),
// `trans=A,B`, `negate=A,B`, `add=0`, `clamp=1`, `scale=S`, `mask=1`, `zero=MASK`, `f=` (sparsity selector),
// `ids=A,B`, `k=96`.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/ptx/matrix_case.h"
#include "tests/ptx/matrix_number.h"
#include "tests/ptx/shared_matrix.h"
#include "tests/ptx/tensor_kernel.h"

namespace tq::ptx_test {
namespace {

struct Settings {
  std::string mnemonic, kind, d_type = "f32", a_type, b_type;
  int m = 128, n = 16, lane = 0, scale = 0, selector = 0, scales = 0, k = 0;
  bool is_sparse = false, is_stationary = false, is_pair = false, is_shifted = false, is_scaled = false;
  bool in_tensor = false, adds = true, has_mask = false, is_clamped = false, has_zeroes = false;
  unsigned long long zeroes = 0;
  int swizzle[2] = {0, 0}, trans[2] = {0, 0}, negate[2] = {0, 0}, ids[2] = {0, 0};
};

absl::StatusOr<Settings> Parse(const std::string& text) {
  Settings s;
  const std::vector<std::string> pieces = absl::StrSplit(text, ' ', absl::SkipEmpty());
  s.mnemonic = pieces[0];
  for (const absl::string_view suffix : absl::StrSplit(pieces[0], '.')) {
    if (absl::StartsWith(suffix, "kind::")) s.kind = std::string(suffix.substr(6));
    if (suffix == "sp") s.is_sparse = true;
    if (suffix == "ws") s.is_stationary = true;
    if (suffix == "ashift") s.is_shifted = true;
    if (suffix == "cta_group::2") s.is_pair = true;
    if (suffix == "block_scale") s.is_scaled = true;
    if (suffix == "scale_vec::4X" || suffix == "block16") s.scales = 4;
  }
  if (s.is_scaled && s.scales == 0) s.scales = s.kind == "mxf8f6f4" ? 1 : 2;
  for (size_t i = 1; i < pieces.size(); ++i) {
    const std::vector<std::string> parts = absl::StrSplit(pieces[i], absl::MaxSplits('=', 1));
    if (parts.size() != 2)
      return absl::InvalidArgumentError(absl::StrCat("no such setting (", pieces[i], ")"));
    const std::string &name = parts[0], &value = parts[1];
    int pair[2] = {0, 0};
    std::sscanf(value.c_str(), "%i,%i", &pair[0], &pair[1]);
    const auto both = [&](int (&to)[2]) { std::copy(std::begin(pair), std::end(pair), std::begin(to)); };
    if (name == "m")
      s.m = pair[0];
    else if (name == "n")
      s.n = pair[0];
    else if (name == "k")
      s.k = pair[0];
    else if (name == "d")
      s.d_type = value;
    else if (name == "a")
      s.a_type = value;
    else if (name == "b")
      s.b_type = value;
    else if (name == "in")
      s.in_tensor = value == "tensor";
    else if (name == "lane")
      s.lane = pair[0];
    else if (name == "scale")
      s.scale = pair[0];
    else if (name == "mask")
      s.has_mask = true;
    else if (name == "clamp")
      s.is_clamped = true;
    else if (name == "add")
      s.adds = pair[0] != 0;
    else if (name == "f")
      s.selector = pair[0];
    else if (name == "zero")
      s.has_zeroes = std::sscanf(value.c_str(), "%llx", &s.zeroes) == 1;
    else if (name == "swizzle")
      both(s.swizzle);
    else if (name == "trans")
      both(s.trans);
    else if (name == "negate")
      both(s.negate);
    else if (name == "ids")
      both(s.ids);
    else
      return absl::InvalidArgumentError(absl::StrCat("no such setting (", pieces[i], ")"));
  }
  if (s.k == 96) s.scales += s.scales / 2;
  return s;
}

class ProductBuilder {
 public:
  ProductBuilder(const Settings& s, uint32_t seed)
      : s_(s),
        random_(seed),
        a_(*FindNumberFormat(s.a_type)),
        b_(*FindNumberFormat(s.b_type)),
        d_(*FindNumberFormat(s.d_type)) {}

  MatrixCase Build(const std::string& name) {
    columns_ = EndColumn();
    blocks_.resize(s_.is_pair ? 2 : 1);
    rows_ = s_.m / static_cast<int>(blocks_.size());
    local_n_ = s_.n / static_cast<int>(blocks_.size());
    left_ = Matrix(rows_, StoredK(), a_, 0);
    right_ = Matrix(local_n_ + Shift(), K(), b_, 1);
    right_.start = left_.size_bytes();
    for (TensorBlock& block : blocks_) {
      block.shared.resize(right_.start + right_.size_bytes());
      for (uint8_t& byte : block.shared) byte = static_cast<uint8_t>(random_());
      FillTensor(block, columns_, random_);
    }
    for (size_t i = 0; i < blocks_.size(); ++i) {
      PutA(static_cast<int>(i));
      PutB(static_cast<int>(i));
      if (s_.is_scaled) PutScales(static_cast<int>(i));
      if (s_.has_mask) {
        for (int word = 0; word < 4; ++word) keep_.push_back(random_());
      }
    }
    PutD();
    return BuildTensorKernel(blocks_, name, Instruction(), /*is_collective=*/false);
  }

 private:
  bool IsPacked() const { return s_.kind == "mxf4" || s_.kind == "mxf4nvf4"; }
  int StoredK() const {
    if (s_.k != 0) return s_.k;
    return s_.kind == "f16" ? 16 : s_.kind == "tf32" ? 8 : IsPacked() ? 64 : 32;
  }
  int K() const { return s_.is_sparse ? 2 * StoredK() : StoredK(); }
  int Shift() const { return static_cast<int>(s_.zeroes >> 56 & 63); }
  // Tensor memory: D, A, metadata, scales of A and B.
  int AColumn() const { return s_.n; }
  int MetaColumn() const { return AColumn() + 12; }
  int ScaleAColumn() const { return MetaColumn() + 4; }
  int ScaleBColumn() const { return ScaleAColumn() + 8; }
  int EndColumn() const { return ScaleBColumn() + 16; }

  SharedMatrix Matrix(int rows, int k, const NumberFormat& format, int operand) const {
    SharedMatrix matrix;
    matrix.rows = rows;
    matrix.bits = IsPacked() ? 4 : std::max(8, format.bits);
    matrix.k = k;
    matrix.has_wide_atoms = s_.swizzle[operand] == 48;
    matrix.swizzle_bytes = matrix.has_wide_atoms ? 128 : s_.swizzle[operand];
    matrix.is_mn_major = s_.trans[operand] != 0;
    return matrix;
  }

  // Formats of 4 and 6 bits: 16 of them begin each 16 bytes (PTX ISA, "Packing formats of elements").
  void PutShared(TensorBlock& block, const SharedMatrix& matrix, const NumberFormat& format, int row,
                 int column, uint64_t bits) {
    const bool is_small = !IsPacked() && format.exponent_bits != 0 && SmallBits(format) < 8;
    if (!is_small) return matrix.Put(block.shared, row, column, bits);
    SharedMatrix bytes = matrix;
    bytes.bits = 1;
    const int width = SmallBits(format), at = column / 16 * 128 + column % 16 * width;
    for (int i = 0; i < width; ++i) bytes.Put(block.shared, row, at + i, bits >> i & 1);
  }
  static int SmallBits(const NumberFormat& format) { return 1 + format.exponent_bits + format.fraction_bits; }

  uint64_t Encode(const NumberFormat& format, double value) {
    uint64_t bits = EncodeNumber(format, value);
    if (s_.kind == "tf32") bits |= random_() & 0x1fff;  // not looked at
    return bits;
  }

  bool HasHalfLanes() const {
    return rows_ == 64 && !s_.is_stationary && (!s_.is_pair || s_.is_sparse);  // layouts C and F
  }
  int LaneOf(int row) const { return s_.lane + (HasHalfLanes() ? row / 16 * 32 + row % 16 : row); }

  // PTX ISA, "Data Path Layout Organization", layouts A to G.
  uint32_t& Result(std::vector<std::vector<uint32_t>>& tensor, int row, int column) {
    if (rows_ == 128 || HasHalfLanes()) return tensor[LaneOf(row)][column];
    if (rows_ == 64) return tensor[row + (column < s_.n / 2 ? 0 : 64)][column % (s_.n / 2)];
    return tensor[row + column / (s_.n / 4) * 32][column % (s_.n / 4)];
  }

  void PutA(int index) {
    TensorBlock& block = blocks_[index];
    for (int row = 0; row < rows_; ++row) {
      std::vector<double> stored;
      for (int k = 0; k < StoredK(); ++k) {
        const double value = RandomNumber(a_, random_);
        const uint64_t bits = Encode(a_, value);
        stored.push_back(value * (s_.negate[0] != 0 ? -1 : 1));
        PutShared(block, left_, a_, row, k, bits);
        if (!s_.in_tensor) continue;
        const int width = IsPacked() ? 4 : std::max(8, a_.bits), at = k * width;
        uint32_t& word = block.tensor[LaneOf(row)][AColumn() + at / 32];
        const uint64_t contained = s_.a_type == "e2m1" && !IsPacked() ? bits << 2 : bits;
        const uint64_t mask = ((uint64_t{1} << width) - 1) << (at % 32);
        word = static_cast<uint32_t>((word & ~mask) | contained << (at % 32));
      }
      const int global = index * rows_ + row;
      if (s_.is_sparse) {
        PutSparse(block, global, row, stored);
      } else {
        for (int k = 0; k < K(); ++k) left_values_[{global, k}] = stored[k];
      }
    }
  }

  // PTX ISA, "Sparsity selector": 16 and 32 bits, eight lanes for half of K of 16 rows; else a lane for each
  // row.
  void PutSparse(TensorBlock& block, int global, int row, const std::vector<double>& stored) {
    const int chunk = s_.kind == "tf32" ? 2 : IsPacked() ? 8 : 4;
    for (int c = 0; c < K() / chunk; ++c) {
      const uint32_t first = random_() % 3, second = first + 1 + random_() % (3 - first);
      uint32_t entry = first | second << 2;
      if (chunk == 2) entry = random_() % 2 == 0 ? 0b0100 : 0b1110;
      for (int i = 0; i < chunk / 2; ++i) {
        int column = c * chunk;
        if (chunk == 2) column += entry == 0b1110;
        if (chunk == 4) column += static_cast<int>(i == 0 ? first : second);
        if (chunk == 8) column += static_cast<int>(i < 2 ? first : second) * 2 + i % 2;
        left_values_[{global, column}] = stored[c * chunk / 2 + i];
      }
      int lane = LaneOf(row), at = MetaColumn() + c / 8, shift = c % 8 * 4;
      if (s_.kind == "f16" || s_.kind == "tf32") {
        lane = LaneOf(row / 16 * 16) + row % 8 + c / 4 * 8;
        at = MetaColumn() + s_.selector;
        shift = row / 8 % 2 * 16 + c % 4 * 4;
      }
      uint32_t& word = block.tensor[lane][at];
      word = (word & ~(15u << shift)) | entry << shift;
    }
  }

  void PutB(int index) {
    for (int n = 0; n < local_n_ + Shift(); ++n) {
      for (int k = 0; k < K(); ++k) {
        const double value = RandomNumber(b_, random_);
        PutShared(blocks_[index], right_, b_, n, k, Encode(b_, value));
        right_values_[{index * local_n_ + n, k}] = value * (s_.negate[1] != 0 ? -1 : 1);
      }
    }
  }

  // PTX ISA, "Scale Factor A ID": a column of 32 lanes has 32 rows' scales, from byte `id` on; all 32-lane
  // partitions have the same. What a word does not hold is in the next group of columns: of 4, or 8 for more
  // than 128 rows.
  void PutScales(int index) {
    const bool is_ue4m3 = s_.kind == "mxf4nvf4" && s_.ids[0] == 0 && (s_.scales == 4 || s_.scales == 6);
    const int id[2] = {s_.scales == 4 ? 0 : s_.ids[0], s_.scales == 4 ? 0 : s_.ids[1]};
    for (int operand = 0; operand < 2; ++operand) {
      const int count = operand == 0 ? rows_ : s_.n, column = operand == 0 ? ScaleAColumn() : ScaleBColumn();
      // The halves of layout B have each their columns' scales.
      const bool is_halved = operand == 1 && s_.is_pair && rows_ == 64 && !s_.is_sparse;
      for (int i = 0; i < count; ++i) {
        for (int part = 0; part < s_.scales; ++part) {
          const int global = operand == 0 ? index * rows_ + i : i;
          const auto [found, is_new] = scale_bits_[operand].try_emplace({global, part}, 0);
          const uint32_t step = random_() % 4;
          if (is_new) found->second = is_ue4m3 ? (6 + step) << 3 | random_() % 2 << 2 : 126 + step;
          const uint32_t bits = found->second;
          scale_values_[operand][{global, part}] =
              is_ue4m3 ? std::ldexp(8.0 + (bits & 7), static_cast<int>(bits >> 3) - 7 - 3)
                       : std::ldexp(1.0, static_cast<int>(bits) - 127);
          const int within = is_halved ? i % (s_.n / 2) : i, byte = id[operand] + part;
          const int group = (is_halved ? s_.n / 2 : count) > 128 ? 8 : 4, shift = 8 * (byte % 4);
          for (int partition = 0; partition < 4; ++partition) {
            if (is_halved && partition / 2 != i / (s_.n / 2)) continue;
            uint32_t& word =
                blocks_[index].tensor[partition * 32 + within % 32][column + within / 32 + byte / 4 * group];
            word = (word & ~(0xffu << shift)) | bits << shift;
          }
        }
      }
    }
    uses_ue4m3_ = is_ue4m3;
  }

  // PTX ISA, "Zero-Column Mask Descriptor", by walking along the spans.
  std::vector<bool> ZeroColumns() const {
    std::vector<bool> zero(s_.n);
    if ((s_.zeroes >> 39 & 1) == 0) return zero;
    const int parts = 128 / rows_;
    for (int part = 0; part < parts; ++part) {
      bool is_skipped = s_.zeroes >> (32 + part) & 1;
      int left = static_cast<int>(s_.zeroes >> (is_skipped ? 40 : 48) & 255) + 1 -
                 static_cast<int>(s_.zeroes >> (8 * part) & 255);
      for (int i = 0; i < s_.n / parts; ++i) {
        if (left == 0) {
          is_skipped = !is_skipped;
          left = static_cast<int>(s_.zeroes >> (is_skipped ? 40 : 48) & 255) + 1;
        }
        zero[part * (s_.n / parts) + i] = is_skipped;
        --left;
      }
    }
    return zero;
  }

  double Dot(int row, int column, double sum) {
    if (!s_.adds) sum = 0;
    sum = std::ldexp(sum, -s_.scale);
    int source = row;
    if (s_.is_shifted && row % rows_ + 1 < rows_) ++source;
    for (int k = 0; k < K(); ++k) {
      const auto a = left_values_.find({source, k});
      if (a == left_values_.end()) continue;
      double scale = 1;
      if (s_.is_scaled) {
        const int part = k / (K() / s_.scales);
        scale = scale_values_[0][{row, part}] * scale_values_[1][{column, part}];
      }
      sum += a->second * right_values_[{column + Shift(), k}] * scale;
    }
    return s_.is_clamped ? std::min(2147483647.0, std::max(-2147483648.0, sum)) : sum;
  }

  void PutD() {
    for (TensorBlock& block : blocks_) block.expected = block.tensor;
    const std::vector<bool> zero = ZeroColumns();
    for (int row = 0; row < s_.m; ++row) {
      for (int column = 0; column < s_.n; ++column) {
        TensorBlock& block = blocks_[row / rows_];
        uint32_t& before = Result(block.tensor, row % rows_, column);
        uint32_t& after = Result(block.expected, row % rows_, column);
        double sum =
            s_.d_type == "s32" ? static_cast<double>(static_cast<int32_t>(random_())) : SmallNumber(random_);
        const uint32_t noise = s_.d_type == "f16" ? random_() << 16 : 0;
        before = static_cast<uint32_t>(EncodeNumber(d_, sum)) | noise;
        const int lane = LaneOfResult(row % rows_, column);
        if (s_.has_mask && (keep_[row / rows_ * 4 + lane / 32] >> lane % 32 & 1) != 0) {
          after = before;
          continue;
        }
        if (zero[column]) {
          sum = s_.adds ? std::ldexp(sum, -s_.scale) : 0;
        } else {
          sum = Dot(row, column, sum);
        }
        after = static_cast<uint32_t>(EncodeNumber(d_, sum));
      }
    }
  }

  int LaneOfResult(int row, int column) const {
    if (rows_ == 128 || HasHalfLanes()) return LaneOf(row);
    return row + column / (s_.n / (128 / rows_)) * rows_;
  }

  uint32_t TypeCode(const std::string& type) const {
    static const std::map<std::string, uint32_t>& codes =
        *new std::map<std::string, uint32_t>{{"f16", 0},  {"bf16", 1}, {"tf32", 2}, {"e4m3", 0}, {"e5m2", 1},
                                             {"e2m3", 3}, {"e3m2", 4}, {"e2m1", 5}, {"u8", 0},   {"s8", 1}};
    return IsPacked() ? 1 : codes.at(type);
  }

  // PTX ISA, "Instruction descriptor".
  uint32_t InstructionDescriptor() const {
    uint32_t bits = uint32_t{s_.is_sparse} << 2 | TypeCode(s_.a_type) << 7 | TypeCode(s_.b_type) << 10 |
                    static_cast<uint32_t>(s_.negate[0]) << 13 | static_cast<uint32_t>(s_.negate[1]) << 14 |
                    static_cast<uint32_t>(s_.trans[0]) << 15 | static_cast<uint32_t>(s_.trans[1]) << 16 |
                    static_cast<uint32_t>(s_.n / 8) << 17 | static_cast<uint32_t>(s_.m / 16) << 24;
    if (s_.is_scaled) {
      bits |= uint32_t{!uses_ue4m3_} << 23 | uint32_t{s_.k == 96} << 31;
      if (s_.scales != 4)
        bits |= static_cast<uint32_t>(s_.ids[1]) << 4 | static_cast<uint32_t>(s_.ids[0]) << 29;
      return bits;
    }
    const uint32_t d = s_.d_type == "f32" ? 1 : s_.d_type == "s32" ? 2 : 0;
    return bits | d << 4 | static_cast<uint32_t>(s_.selector) | uint32_t{s_.is_clamped} << 3;
  }

  std::string Instruction() {
    const auto place = [&](int column) { return absl::StrCat("[%ta+", (s_.lane << 16) + column, "]"); };
    std::string text =
        absl::StrCat("  add.u64 %da, %sa, ", left_.TensorDescriptor(), ";\n  add.u64 %db, %sa, ",
                     right_.TensorDescriptor(), ";\n  mov.b32 %idesc, ", InstructionDescriptor(), ";\n");
    if (s_.has_zeroes) absl::StrAppend(&text, "  mov.b64 %at, ", s_.zeroes, ";\n");
    for (size_t i = 0; i < keep_.size(); ++i)
      absl::StrAppend(&text, "  mov.b32 %v", i, ", ", keep_[i], ";\n");
    absl::StrAppend(&text, "  setp.", s_.adds ? "eq" : "ne", ".u32 %p, %s, %s;\n  ", s_.mnemonic, " ",
                    place(0), ", ", s_.in_tensor ? place(AColumn()) : "%da", ", %db");
    if (s_.is_sparse) absl::StrAppend(&text, ", ", place(MetaColumn()));
    absl::StrAppend(&text, ", %idesc");
    if (s_.is_scaled) absl::StrAppend(&text, ", [%ta+", ScaleAColumn(), "], [%ta+", ScaleBColumn(), "]");
    for (size_t i = 0; i < keep_.size(); ++i) {
      absl::StrAppend(&text, i == 0 ? ", {" : ", ", "%v", i, i + 1 == keep_.size() ? "}" : "");
    }
    absl::StrAppend(&text, ", %p");
    if (s_.scale != 0) absl::StrAppend(&text, ", ", s_.scale);
    if (s_.has_zeroes) absl::StrAppend(&text, ", %at");
    return text + ";\n";
  }

  const Settings s_;
  std::mt19937 random_;
  const NumberFormat &a_, &b_, &d_;
  int columns_ = 0, rows_ = 0, local_n_ = 0;
  bool uses_ue4m3_ = false;
  SharedMatrix left_, right_;
  std::vector<TensorBlock> blocks_;
  std::vector<uint32_t> keep_;
  std::map<std::pair<int, int>, double> left_values_, right_values_, scale_values_[2];
  std::map<std::pair<int, int>, uint32_t> scale_bits_[2];
};

}  // namespace

absl::StatusOr<MatrixCase> BuildTensorCase(const std::string& text, const std::string& name, uint32_t seed) {
  if (!absl::StartsWith(text, "tcgen05.mma")) return BuildTensorMoveCase(text, name, seed);
  absl::StatusOr<Settings> settings = Parse(text);
  if (!settings.ok()) return settings.status();
  if (FindNumberFormat(settings->a_type) == nullptr || FindNumberFormat(settings->b_type) == nullptr ||
      FindNumberFormat(settings->d_type) == nullptr) {
    return absl::InvalidArgumentError("expected the types of D, A and B");
  }
  return ProductBuilder(*settings, seed).Build(name);
}

}  // namespace tq::ptx_test
