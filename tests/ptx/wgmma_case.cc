// wgmma.mma_async: a kernel of one warpgroup, matrices in shared memory as descriptors describe them, and the
// product by a reference over whole matrices. Settings: `a=16` (bits from registers), `swizzle=A,B`,
// `trans=A,B`, `scale=A,B`, `advance=A,B` (bytes into the swizzled atom), `add=0`, `f=1` (sparsity selector).
#include <algorithm>
#include <cstdio>
#include <map>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/ptx/matrix_case.h"
#include "tests/ptx/matrix_number.h"
#include "tests/ptx/shared_matrix.h"

namespace tq::ptx_test {
namespace {

constexpr int kThreads = 128, kRows = 64;

struct Settings {
  std::string mnemonic, d_type, a_type, b_type;
  int n = 0, k = 0;
  bool is_sparse = false, is_clamped = false, a_in_registers = false, adds = true;
  int swizzle[2] = {0, 0}, trans[2] = {0, 0}, scale[2] = {1, 1}, advance[2] = {0, 0};
  int selector = 0;
};

absl::StatusOr<Settings> Parse(const std::string& text) {
  Settings s;
  std::vector<std::string> pieces = absl::StrSplit(text, ' ', absl::SkipEmpty()), types;
  s.mnemonic = pieces[0];
  const std::vector<std::string> suffixes = absl::StrSplit(pieces[0], '.');
  for (const std::string& suffix : suffixes) {
    if (std::sscanf(suffix.c_str(), "m64n%dk%d", &s.n, &s.k) == 2) continue;
    if (FindNumberFormat(suffix) != nullptr) types.push_back(suffix);
    if (suffix == "sp") s.is_sparse = true;
    if (suffix == "satfinite") s.is_clamped = true;
  }
  if (types.size() != 3 || s.k == 0) return absl::InvalidArgumentError("expected a shape and three types");
  s.d_type = types[0], s.a_type = types[1], s.b_type = types[2];
  for (size_t i = 1; i < pieces.size(); ++i) {
    const char* const piece = pieces[i].c_str();
    int adds = 1;
    const bool is_known = std::sscanf(piece, "swizzle=%d,%d", &s.swizzle[0], &s.swizzle[1]) == 2 ||
                          std::sscanf(piece, "trans=%d,%d", &s.trans[0], &s.trans[1]) == 2 ||
                          std::sscanf(piece, "scale=%d,%d", &s.scale[0], &s.scale[1]) == 2 ||
                          std::sscanf(piece, "advance=%d,%d", &s.advance[0], &s.advance[1]) == 2 ||
                          std::sscanf(piece, "f=%d", &s.selector) == 1 ||
                          std::sscanf(piece, "add=%d", &adds) == 1;
    if (adds == 0) s.adds = false;
    if (pieces[i] == "a=registers") {
      s.a_in_registers = true;
    } else if (!is_known) {
      return absl::InvalidArgumentError(absl::StrCat("no such setting (", pieces[i], ")"));
    }
  }
  return s;
}

class WgmmaBuilder {
 public:
  WgmmaBuilder(const Settings& s, uint32_t seed)
      : s_(s), random_(seed), words_(kThreads), results_(kThreads) {}

  MatrixCase Build(const std::string& name) {
    const NumberFormat &a = *FindNumberFormat(s_.a_type), &b = *FindNumberFormat(s_.b_type);
    a_ = Matrix(kRows, StoredK(), a, 0);
    b_ = Matrix(s_.n, s_.k, b, 1);
    b_.start = a_.size_bytes();
    image_.resize(b_.start + b_.size_bytes());
    for (uint8_t& byte : image_) byte = static_cast<uint8_t>(random_());
    PutA(a);
    for (int n = 0; n < s_.n; ++n) {
      for (int k = 0; k < s_.k; ++k) {
        factor_b_[{k, n}] = RandomNumber(b, random_);
        b_.Put(image_, n, k, Encode(b, factor_b_[{k, n}]));
      }
    }
    PutSums();
    return Finish(name);
  }

 private:
  int StoredK() const { return s_.is_sparse ? s_.k / 2 : s_.k; }

  SharedMatrix Matrix(int rows, int k, const NumberFormat& format, int operand) const {
    SharedMatrix matrix;
    matrix.rows = rows;
    matrix.k = k;
    matrix.bits = format.bits;
    matrix.swizzle_bytes = s_.swizzle[operand];
    matrix.is_mn_major = s_.trans[operand] != 0;
    matrix.advance = s_.advance[operand];
    return matrix;
  }

  uint64_t Encode(const NumberFormat& format, double value) {
    uint64_t bits = EncodeNumber(format, value);
    if (s_.a_type == "tf32") bits |= random_() & 0x1fff;  // not looked at
    return bits;
  }

  // Stored elements of A, where they belong among K, and the words of the register fragment and of the
  // metadata (PTX ISA, "Register Fragments", "Sparse matrix storage" of wgmma).
  void PutA(const NumberFormat& format) {
    const int bits = format.bits, chunk = bits == 32 ? 2 : 4, per_chunk = chunk / 2;
    std::vector<std::vector<uint32_t>> fragments(kThreads, std::vector<uint32_t>(4)), metadata(kThreads, {0});
    for (auto& word : metadata) word[0] = random_();
    for (int row = 0; row < kRows; ++row) {
      for (int stored = 0; stored < StoredK(); ++stored) {
        const double value = RandomNumber(format, random_);
        const uint64_t encoded = Encode(format, value);
        stored_[{row, stored}] = value;
        a_.Put(image_, row, stored, encoded);
        const int bit = stored * bits, thread = row / 16 * 32 + row % 8 * 4 + bit / 32 % 4;
        uint32_t& word = fragments[thread][bit / 128 * 2 + row / 8 % 2];
        word |= static_cast<uint32_t>(encoded) << bit % 32;
        if (!s_.is_sparse) factor_a_[{row, stored}] = value;
      }
      if (!s_.is_sparse) continue;
      for (int c = 0; c < s_.k / chunk; ++c) {
        const uint32_t first = random_() % 3, second = first + 1 + random_() % (3 - first);
        uint32_t entry = first | second << 2;
        if (chunk == 2) entry = random_() % 2 == 0 ? 0b0100 : 0b1110;
        for (int i = 0; i < per_chunk; ++i) {
          const int column =
              chunk == 2 ? c * 2 + (entry == 0b1110) : c * 4 + static_cast<int>(i == 0 ? first : second);
          factor_a_[{row, column}] = stored_[{row, c * per_chunk + i}];
        }
        PutEntry(metadata, row, c, entry, bits);
      }
    }
    if (s_.a_in_registers) Append(fragments);
    if (s_.is_sparse) Append(metadata);
  }

  // 16 bits and up: threads 2 * selector and the next of a quad have 16 columns' worth (tf32: 8) each, of row
  // `row` in the low half and of row + 8 in the high one. 8 bits: all four, by row and half of K.
  void PutEntry(std::vector<std::vector<uint32_t>>& metadata, int row, int chunk, uint32_t entry, int bits) {
    int thread, shift;
    if (bits >= 16) {
      thread = s_.selector * 2 + chunk / 4;
      shift = row / 8 % 2 * 16 + chunk % 4 * 4;
    } else {
      thread = chunk / 8 * 2 + row / 8 % 2;
      shift = chunk % 8 * 4;
    }
    uint32_t& word = metadata[row / 16 * 32 + row % 8 * 4 + thread][0];
    word = (word & ~(15u << shift)) | entry << shift;
  }

  void Append(const std::vector<std::vector<uint32_t>>& words) {
    for (int t = 0; t < kThreads; ++t) words_[t].insert(words_[t].end(), words[t].begin(), words[t].end());
  }

  double PickSum() {
    if (s_.d_type != "s32") return SmallNumber(random_);
    const uint32_t kind = random_() % 4;
    if (kind < 2) return kind == 0 ? 2147483647.0 : -2147483648.0;
    return static_cast<double>(static_cast<int32_t>(random_()));
  }

  double Dot(int row, int column, double sum) {
    if (!s_.adds) sum = 0;
    for (int k = 0; k < s_.k; ++k) {
      const auto found = factor_a_.find({row, k});
      if (found == factor_a_.end()) continue;
      const double b = factor_b_[{k, column}];
      sum +=
          s_.a_type == "b1" ? (found->second != 0 && b != 0) : found->second * b * s_.scale[0] * s_.scale[1];
    }
    return s_.is_clamped ? std::min(2147483647.0, std::max(-2147483648.0, sum)) : sum;
  }

  // D: element i of a thread is in row lane / 4 + 8 * (i / 2 % 2) of its warp's 16, column 8 * (i / 4) + lane
  // % 4 * 2
  // + i % 2 (PTX ISA, "Register Fragments", accumulator).
  void PutSums() {
    const NumberFormat& format = *FindNumberFormat(s_.d_type);
    const int per_word = 32 / format.bits;
    for (int t = 0; t < kThreads; ++t) {
      std::vector<uint32_t> sums(s_.n / 2 / per_word), results(sums.size());
      for (int i = 0; i < s_.n / 2; ++i) {
        const int row = t / 32 * 16 + t % 32 / 4 + i / 2 % 2 * 8, column = i / 4 * 8 + t % 4 * 2 + i % 2;
        const double sum = PickSum();
        const int shift = i % per_word * format.bits;
        sums[i / per_word] |= static_cast<uint32_t>(EncodeNumber(format, sum)) << shift;
        results[i / per_word] |= static_cast<uint32_t>(EncodeNumber(format, Dot(row, column, sum))) << shift;
      }
      words_[t].insert(words_[t].end(), sums.begin(), sums.end());
      results_[t] = results;
    }
  }

  std::string List(const char* prefix, size_t count) const {
    std::string list = "{";
    for (size_t i = 0; i < count; ++i) absl::StrAppend(&list, i == 0 ? "" : ", ", prefix, i);
    return list + "}";
  }

  MatrixCase Finish(const std::string& name) {
    const size_t words = words_[0].size(), sums = results_[0].size();
    const std::string d_type = s_.d_type == "f32" ? "f32" : "b32";
    std::string body = absl::StrCat(
        "  .shared .align 1024 .b8 image[", image_.size(),
        "];\n  .reg .b64 %in, %out, %at, %base, %da, %db;\n",
        "  .reg .b32 %i, %j, %w, %s, %a<4>, %meta;\n  .reg .pred %p, %more;\n  .reg .", d_type, " %d<", sums,
        ">;\n",
        "  ld.param.u64 %out, [out];\n  ld.param.u64 %in, [in];\n  mov.u32 %i, %tid.x;\n  mov.u32 %s, "
        "image;\n",
        "  shl.b32 %j, %i, 2;\ncopy:\n  cvt.u64.u32 %at, %j;\n  add.u64 %at, %at, %in;\n  ld.global.b32 %w, "
        "[%at];\n",
        "  add.u32 %a0, %s, %j;\n  st.shared.b32 [%a0], %w;\n  add.u32 %j, %j, 512;\n  setp.lt.u32 %more, "
        "%j, ",
        image_.size(), ";\n  @%more bra copy;\n  fence.proxy.async.shared::cta;\n  bar.sync 0;\n",
        "  mad.wide.u32 %at, %i, ", words * 4, ", %in;\n  mad.wide.u32 %out, %i, ", sums * 4, ", %out;\n",
        "  cvt.u64.u32 %base, %s;\n  shr.u64 %base, %base, 4;\n  add.u64 %da, %base, ", a_.WgmmaDescriptor(),
        ";\n  add.u64 %db, %base, ", b_.WgmmaDescriptor(), ";\n  setp.eq.u32 %p, %s, ",
        s_.adds ? "%s" : "0xffffffff", ";\n");
    size_t next = image_.size() / 4;
    const auto load = [&](const std::string& type, const std::string& reg) {
      absl::StrAppend(&body, "  ld.global.", type, " ", reg, ", [%at+", next++ * 4, "];\n");
    };
    if (s_.a_in_registers) {
      for (int i = 0; i < 4; ++i) load("b32", absl::StrCat("%a", i));
    }
    if (s_.is_sparse) load("b32", "%meta");
    for (size_t i = 0; i < sums; ++i) load(d_type, absl::StrCat("%d", i));
    absl::StrAppend(&body, "  wgmma.fence.sync.aligned;\n  ", s_.mnemonic, " ", List("%d", sums), ", ",
                    s_.a_in_registers ? List("%a", 4) : "%da", ", %db");
    if (s_.is_sparse) absl::StrAppend(&body, ", %meta, ", s_.selector);
    absl::StrAppend(&body, ", %p");
    const int bits = FindNumberFormat(s_.a_type)->bits;
    const bool is_float = FindNumberFormat(s_.a_type)->exponent_bits != 0;
    if (is_float) absl::StrAppend(&body, ", ", s_.scale[0], ", ", s_.scale[1]);
    if (bits == 16 && !s_.a_in_registers) absl::StrAppend(&body, ", ", s_.trans[0]);
    if (bits == 16) absl::StrAppend(&body, ", ", s_.trans[1]);
    absl::StrAppend(&body, ";\n  wgmma.commit_group.sync.aligned;\n  wgmma.wait_group.sync.aligned 0;\n");
    for (size_t i = 0; i < sums; ++i)
      absl::StrAppend(&body, "  st.global.", d_type, " [%out+", i * 4, "], %d", i, ";\n");
    MatrixCase result;
    result.target = "sm_90a";
    result.kernel =
        absl::StrCat(".visible .entry ", name, "(.param .u64 out, .param .u64 in) {\n", body, "  ret;\n}\n");
    result.launch.kernel = name;
    result.launch.threads = kThreads;
    Argument input = {.is_buffer = true, .values = {}};
    for (size_t i = 0; i < image_.size(); i += 4) {
      const uint32_t word =
          image_[i] | image_[i + 1] << 8 | image_[i + 2] << 16 | uint32_t{image_[i + 3]} << 24;
      input.values.push_back({"b32", word});
    }
    for (const auto& thread : words_) {
      for (uint32_t word : thread) input.values.push_back({"b32", word});
    }
    result.launch.arguments.push_back(std::move(input));
    for (const auto& thread : results_) {
      for (uint32_t word : thread) result.launch.expected.push_back({"b32", word});
    }
    return result;
  }

  const Settings s_;
  std::mt19937 random_;
  SharedMatrix a_, b_;
  std::vector<uint8_t> image_;
  std::map<std::pair<int, int>, double> stored_, factor_a_, factor_b_;
  std::vector<std::vector<uint32_t>> words_, results_;
};

}  // namespace

absl::StatusOr<MatrixCase> BuildWgmmaCase(const std::string& text, const std::string& name, uint32_t seed) {
  absl::StatusOr<Settings> settings = Parse(text);
  if (!settings.ok()) return settings.status();
  return WgmmaBuilder(*settings, seed).Build(name);
}

}  // namespace tq::ptx_test
