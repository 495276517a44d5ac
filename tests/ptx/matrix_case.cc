#include "tests/ptx/matrix_case.h"

#include <cfenv>
#include <cmath>
#include <functional>
#include <map>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/ptx/matrix_number.h"

namespace tq::ptx_test {
namespace {

constexpr int kLanes = 32;
using Words = std::vector<uint32_t>;

struct Place {
  int row = 0, column = 0;
};

// One fragment: `count` elements of a lane, of `bits` each, side by side in registers from the low end, and
// where element i of a lane belongs.
struct Fragment {
  int count = 0, bits = 0;
  std::function<Place(int lane, int i)> place;
  int words() const { return count * bits / 32; }
};

void PutBits(Words& words, int at_bit, int bits, uint64_t value) {
  for (int done = 0; done < bits; done += 32) {
    const int width = std::min(bits - done, 32), bit = at_bit + done;
    const uint64_t mask = (uint64_t{1} << width) - 1;
    words[bit / 32] |= static_cast<uint32_t>((value >> done & mask) << (bit % 32));
  }
}

using Matrix = std::map<std::pair<int, int>, double>;

// A shape and its types, with the fragments of PTX ISA, "Matrix Fragments for mma.*".
struct Multiplication {
  std::string mnemonic;
  int m = 0, n = 0, k = 0;
  std::string d_type, a_type, b_type, c_type;
  bool is_sparse = false, is_packed = false, a_is_column = false, b_is_row = false;
  bool is_clamped = false, is_and = false;
  int scales = 0;
  bool has_ue4m3 = false;
  int rounding = FE_TONEAREST;
  int selector = 0;
  int ids[4] = {0, 0, 0, 0};

  bool is_quadpairs() const { return m == 8 && a_type == "f16"; }
  int BitsOf(const std::string& type) const {
    return is_packed && type == "e2m1" ? 4 : FindNumberFormat(type)->bits;
  }

  Fragment A() const {
    const int bits = BitsOf(a_type), columns = is_sparse ? k / 2 : k;
    if (is_quadpairs()) {
      return {4, 16, [this](int lane, int i) {
                const int low = a_is_column ? i % 4 : lane % 4;
                return Place{lane < 16 ? low : low + 4, a_is_column ? lane % 4 : i};
              }};
    }
    const int per_word = std::max(1, 32 / bits), rows = m / 8;
    return {m * columns / kLanes, bits, [=](int lane, int i) {
              const int group = lane >> 2, thread = lane % 4, word = i / per_word;
              return Place{word % rows == 0 ? group : group + 8,
                           thread * per_word + i % per_word + (word / rows) * 4 * per_word};
            }};
  }
  Fragment B() const {
    const int bits = BitsOf(b_type);
    if (is_quadpairs()) {
      return {4, 16, [this](int lane, int i) {
                const int low = b_is_row ? i : lane % 4;
                return Place{b_is_row ? lane % 4 : i, lane < 16 ? low : low + 4};
              }};
    }
    const int per_word = std::max(1, 32 / bits);
    return {k * n / kLanes, bits, [=](int lane, int i) {
              return Place{(lane % 4) * per_word + i % per_word + (i / per_word) * 4 * per_word, lane >> 2};
            }};
  }
  Fragment C(const std::string& type) const {
    const int bits = BitsOf(type);
    if (is_quadpairs() && bits == 16) {
      return {8, 16, [](int lane, int i) { return Place{lane < 16 ? lane % 4 : lane % 4 + 4, i}; }};
    }
    if (is_quadpairs()) {
      return {8, 32, [](int lane, int i) {
                const int x = (lane & 1) + (i & 2);
                return Place{lane < 16 ? x : x + 4, (i & 4) + (lane & 2) + (i & 1)};
              }};
    }
    return {m * n / kLanes, bits, [](int lane, int i) {
              return Place{i < 2 ? lane >> 2 : (lane >> 2) + 8, (lane % 4) * 2 + (i & 1)};
            }};
  }
};

absl::StatusOr<Multiplication> Parse(const std::string& text) {
  std::vector<std::string> pieces = absl::StrSplit(text, ' ', absl::SkipEmpty());
  if (pieces.empty()) return absl::InvalidArgumentError("expected an instruction");
  Multiplication mul;
  mul.mnemonic = pieces[0];
  std::vector<std::string> types;
  int layouts = 0;
  const std::vector<std::string> suffixes = absl::StrSplit(pieces[0], '.');
  for (const std::string& suffix : suffixes) {
    if (std::sscanf(suffix.c_str(), "m%dn%dk%d", &mul.m, &mul.n, &mul.k) == 3) continue;
    if (FindNumberFormat(suffix) != nullptr) types.push_back(suffix);
    if (absl::StartsWith(suffix, "sp")) mul.is_sparse = true;
    if (suffix == "row" || suffix == "col") {
      if (layouts == 0) mul.a_is_column = suffix == "col";
      if (layouts == 1) mul.b_is_row = suffix == "row";
      ++layouts;
    }
    if (suffix == "satfinite") mul.is_clamped = true;
    if (suffix == "and") mul.is_and = true;
    if (suffix == "kind::mxf8f6f4") mul.scales = 1;
    if (suffix == "kind::mxf4" || suffix == "kind::mxf4nvf4") mul.scales = 2, mul.is_packed = true;
    if (suffix == "scale_vec::4X") mul.scales = 4;
    if (suffix == "ue4m3") mul.has_ue4m3 = true;
    if (suffix == "rz") mul.rounding = FE_TOWARDZERO;
    if (suffix == "rm") mul.rounding = FE_DOWNWARD;
    if (suffix == "rp") mul.rounding = FE_UPWARD;
  }
  if (types.size() != 4 || mul.k == 0) return absl::InvalidArgumentError("expected a shape and four types");
  mul.d_type = types[0], mul.a_type = types[1], mul.b_type = types[2], mul.c_type = types[3];
  for (size_t i = 1; i < pieces.size(); ++i) {
    if (std::sscanf(pieces[i].c_str(), "f=%d", &mul.selector) == 1) continue;
    if (std::sscanf(pieces[i].c_str(), "ids=%d,%d,%d,%d", &mul.ids[0], &mul.ids[1], &mul.ids[2],
                    &mul.ids[3]) == 4)
      continue;
    return absl::InvalidArgumentError(absl::StrCat("no such setting (", pieces[i], ")"));
  }
  return mul;
}

// How the format lies in the container that the fragment has for it.
uint64_t Contained(const Multiplication& mul, const std::string& type, uint64_t bits) {
  return type == "e2m1" && !mul.is_packed ? bits << 2 : bits;
}

class Builder {
 public:
  Builder(const Multiplication& mul, uint32_t seed)
      : mul_(mul), random_(seed), lanes_(kLanes), results_(kLanes) {}

  absl::StatusOr<MatrixCase> Build(const std::string& name) {
    const int products = mul_.is_quadpairs() ? 4 : 1;
    PutFragment(mul_.A(), mul_.a_type, products, stored_);
    PutFragment(mul_.B(), mul_.b_type, products, b_);
    PutFragment(mul_.C(mul_.c_type), mul_.c_type, products, c_);
    for (int p = 0; p < products; ++p) {
      if (!mul_.is_sparse) a_[p] = stored_[p];
    }
    if (mul_.is_sparse) PutMetadata();
    if (mul_.scales != 0) PutScales();
    Multiply(products);
    return Finish(name);
  }

 private:
  // Which of the products of a warp a lane works on: one, but for m8n8k4 of f16.
  int ProductOf(int lane, int products) const { return products == 1 ? 0 : lane % 16 / 4; }

  double Pick(const std::string& type) {
    if (type == "f64") return std::ldexp(static_cast<double>(random_()) - 2147483648.0, -20) / 3.0;
    if (type == "s32") {
      const uint32_t kind = random_() % 4;
      if (kind == 0) return 2147483647.0;
      if (kind == 1) return -2147483648.0;
      return static_cast<double>(static_cast<int32_t>(random_()));
    }
    return RandomNumber(*FindNumberFormat(type), random_);
  }

  void PutFragment(const Fragment& fragment, const std::string& type, int products, Matrix (&matrices)[4]) {
    const int words = fragment.words();
    for (int lane = 0; lane < kLanes; ++lane) {
      Words registers(words);
      for (int i = 0; i < fragment.count; ++i) {
        const Place place = fragment.place(lane, i);
        const double value = Pick(type);
        matrices[ProductOf(lane, products)][{place.row, place.column}] = value;
        uint64_t bits = Contained(mul_, type, EncodeNumber(*FindNumberFormat(type), value));
        // What hardware does not look at.
        if (type == "tf32") bits |= random_() & 0x1fff;
        PutBits(registers, i * fragment.bits, fragment.bits, bits);
      }
      lanes_[lane].insert(lanes_[lane].end(), registers.begin(), registers.end());
    }
    layout_.push_back(words);
  }

  // PTX ISA, "Sparse matrix storage" and the figures of "Matrix Fragments for sparse mma.m16n8k*".
  void PutMetadata() {
    const int bits = mul_.BitsOf(mul_.a_type);
    const int chunk = bits == 32 ? 2 : bits == 4 ? 8 : 4;  // columns for each entry of metadata of 4 bits
    const int columns_of_word = bits == 16 ? 16 : bits == 32 ? 8 : bits == 8 ? 32 : 64;  // of one row
    std::vector<uint32_t> metadata(kLanes);
    for (uint32_t& word : metadata) word = random_();
    for (int row = 0; row < 16; ++row) {
      for (int c = 0; c < mul_.k / chunk; ++c) {
        uint32_t first = random_() % 3, second = first + 1 + random_() % (3 - first);
        uint32_t entry = first | second << 2;
        if (chunk == 2) entry = random_() % 2 == 0 ? 0b0100 : 0b1110;
        for (int i = 0; i < chunk / 2; ++i) {
          int column = c * chunk;
          if (chunk == 2) column += entry == 0b1110;
          if (chunk == 4) column += static_cast<int>(i == 0 ? first : second);
          if (chunk == 8) column += static_cast<int>(i < 2 ? first : second) * 2 + i % 2;
          a_[0][{row, column}] = stored_[0][{row, c * chunk / 2 + i}];
        }
        SetMetadata(metadata, row, c, entry, columns_of_word / chunk, mul_.k / columns_of_word);
      }
    }
    for (int lane = 0; lane < kLanes; ++lane) lanes_[lane].push_back(metadata[lane]);
    layout_.push_back(1);
  }

  void SetMetadata(std::vector<uint32_t>& metadata, int row, int chunk, uint32_t entry, int chunks_of_part,
                   int parts) {
    const int part = chunk / chunks_of_part, at = chunk % chunks_of_part, group = row % 8;
    int thread, shift;
    if (mul_.BitsOf(mul_.a_type) >= 16) {  // 16 bits for row group, then 16 for row group + 8
      thread = parts == 1 ? mul_.selector : mul_.selector * 2 + part;
      shift = row / 8 * 16 + at * 4;
    } else {  // row group in the first of two threads, row group + 8 in the second
      thread = (parts == 1 ? mul_.selector * 2 : part * 2) + row / 8;
      shift = at * 4;
    }
    uint32_t& word = metadata[group * 4 + thread];
    word = (word & ~(15u << shift)) | entry << shift;
  }

  // PTX ISA, "Block Scaling for mma.sync".
  void PutScales() {
    for (int operand = 0; operand < 2; ++operand) {
      const int byte = mul_.scales == 4   ? 0
                       : mul_.scales == 2 ? mul_.ids[operand * 2] & 2
                                          : mul_.ids[operand * 2];
      const int thread_id = mul_.ids[operand * 2 + 1];
      std::vector<uint32_t> words(kLanes);
      for (int lane = 0; lane < kLanes; ++lane) {
        for (int i = 0; i < 4; ++i) {
          const uint32_t step = random_() % 4;
          const uint32_t bits = mul_.has_ue4m3 ? (6 + step) << 3 | random_() % 2 << 2 : 126 + step;
          words[lane] |= bits << (8 * i);
          const int p = i - byte, thread = lane % 4;
          if (p < 0 || p >= mul_.scales) continue;
          double value = mul_.has_ue4m3 ? std::ldexp(8.0 + (bits & 7), static_cast<int>(bits >> 3) - 7 - 3)
                                        : std::ldexp(1.0, static_cast<int>(bits) - 127);
          if (operand == 0 && thread / 2 == thread_id) a_scale_[{lane / 4 + thread % 2 * 8, p}] = value;
          if (operand == 1 && thread == thread_id) b_scale_[{p, lane / 4}] = value;
        }
      }
      for (int lane = 0; lane < kLanes; ++lane) lanes_[lane].push_back(words[lane]);
      layout_.push_back(1);
    }
  }

  double Dot(int product, int row, int column) {
    double sum = c_[product][{row, column}];
    for (int k = 0; k < mul_.k; ++k) {
      const auto found = a_[product].find({row, k});
      const double a = found == a_[product].end() ? 0 : found->second, b = b_[product][{k, column}];
      double scale = 1;
      if (mul_.scales != 0) {
        const int p = k / (mul_.k / mul_.scales);
        scale = a_scale_[{row, p}] * b_scale_[{p, column}];
      }
      if (mul_.a_type == "f64") {
        sum = std::fma(a, b, sum);
      } else if (mul_.a_type == "b1") {
        sum += mul_.is_and ? (a != 0 && b != 0) : (a != b);
      } else {
        sum += a * b * scale;
      }
    }
    return sum;
  }

  void Multiply(int products) {
    const NumberFormat& format = *FindNumberFormat(mul_.d_type);
    const Fragment d = mul_.C(mul_.d_type);
    std::fesetround(mul_.rounding);
    for (int lane = 0; lane < kLanes; ++lane) {
      results_[lane].resize(d.words());
      for (int i = 0; i < d.count; ++i) {
        const Place place = d.place(lane, i);
        double value = Dot(ProductOf(lane, products), place.row, place.column);
        if (mul_.is_clamped) value = std::min(2147483647.0, std::max(-2147483648.0, value));
        PutBits(results_[lane], i * d.bits, d.bits, EncodeNumber(format, value));
      }
    }
    std::fesetround(FE_TONEAREST);
  }

  absl::StatusOr<MatrixCase> Finish(const std::string& name) {
    const bool is_wide = mul_.a_type == "f64";
    const size_t step = is_wide ? 2 : 1;
    const char* const type = is_wide ? "b64" : "b32";
    const size_t words = lanes_[0].size(), results = results_[0].size();
    std::string loads, stores, operands = "{";
    for (size_t i = 0; i < words; i += step) {
      absl::StrAppend(&loads, "  ld.global.", type, " %w", i, ", [%in+", i * 4, "];\n");
    }
    for (size_t i = 0; i < results; i += step) {
      absl::StrAppend(&operands, i == 0 ? "" : ", ", "%d", i);
      absl::StrAppend(&stores, "  st.global.", type, " [%out+", i * 4, "], %d", i, ";\n");
    }
    operands += "}";
    size_t next = 0, index = 0;
    for (int count : layout_) {
      const bool is_fragment = index < 3;
      absl::StrAppend(&operands, is_fragment ? ", {" : ", ");
      for (int i = 0; i < count; i += static_cast<int>(step), next += step) {
        absl::StrAppend(&operands, i == 0 ? "" : ", ", "%w", next);
      }
      if (is_fragment) operands += "}";
      if (mul_.is_sparse && index == 3) absl::StrAppend(&operands, ", ", mul_.selector);
      const size_t scale = index - (mul_.is_sparse ? 4 : 3);
      if (!is_fragment && !(mul_.is_sparse && index == 3)) {
        absl::StrAppend(&operands, ", {", mul_.ids[scale * 2], ", ", mul_.ids[scale * 2 + 1], "}");
      }
      ++index;
    }
    MatrixCase result;
    result.kernel =
        absl::StrCat(".visible .entry ", name,
                     "(.param .u64 out, .param .u64 in) {\n  .reg .b64 %in, %out;\n  .reg .b32 %i;\n",
                     "  .reg .", type, " %w<", words, ">, %d<", results, ">;\n  ld.param.u64 %out, [out];\n",
                     "  ld.param.u64 %in, [in];\n  mov.u32 %i, %tid.x;\n  mad.wide.u32 %in, %i, ", words * 4,
                     ", %in;\n", "  mad.wide.u32 %out, %i, ", results * 4, ", %out;\n", loads, "  ",
                     mul_.mnemonic, " ", operands, ";\n", stores, "  ret;\n}\n");
    result.launch.kernel = name;
    result.launch.threads = kLanes;
    result.launch.arguments.push_back({true, {}});
    for (int lane = 0; lane < kLanes; ++lane) {
      for (uint32_t word : lanes_[lane]) result.launch.arguments[0].values.push_back({"b32", word});
      for (uint32_t word : results_[lane]) result.launch.expected.push_back({"b32", word});
    }
    return result;
  }

  const Multiplication mul_;
  std::mt19937 random_;
  std::vector<Words> lanes_, results_;
  std::vector<int> layout_;  // registers of each operand
  Matrix stored_[4], a_[4], b_[4], c_[4], a_scale_, b_scale_;
};

}  // namespace

absl::StatusOr<MatrixCase> BuildMatrixCase(const std::string& text, const std::string& name, uint32_t seed) {
  if (absl::StartsWith(text, "tcgen05.")) return BuildTensorCase(text, name, seed);
  if (absl::StartsWith(text, "wgmma.")) return BuildWgmmaCase(text, name, seed);
  if (!absl::StartsWith(text, "mma.")) return BuildMoveCase(text, name, seed);
  absl::StatusOr<Multiplication> mul = Parse(text);
  if (!mul.ok()) return mul.status();
  return Builder(*mul, seed).Build(name);
}

}  // namespace tq::ptx_test
