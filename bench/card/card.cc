// Instructions that kernels retire on the emulated card, beside those of the same written in C for it. The
// emulator counts them one by one (-icount), so that the figures are the same on every machine.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/card/card_compiler.h"
#include "tests/card/card_device.h"

namespace tq::bench {
namespace {

using card_test::Buffer;
using card_test::CardDevice;
using card_test::LaunchOptions;
using card_test::LaunchResult;

// Whatever else the card does meanwhile (its heartbeat) is counted with a kernel: the least of some runs is
// without.
constexpr int kRuns = 3;
constexpr double kMaxRatio = 1.3;

std::string ReadText(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

// Kernel arguments as both sides lay them out: each at a multiple of its size.
class Params {
 public:
  template <typename T>
  Params& Add(T value) {
    bytes_.resize((bytes_.size() + sizeof value - 1) / sizeof value * sizeof value);
    const auto* from = reinterpret_cast<const uint8_t*>(&value);
    bytes_.insert(bytes_.end(), from, from + sizeof value);
    return *this;
  }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

struct Case {
  const char* name;
  tq_cpu_dim3 grid, block;
  Params params;
  Buffer result;
  size_t result_bytes;
  uint32_t twin_shared_bytes = 0;
};

constexpr int kSide = 128, kCount = kSide * kSide, kMany = 4 * kCount, kBins = 256;

Buffer Floats(int count) {
  const Buffer buffer = CardDevice::Get().Allocate(4 * static_cast<uint64_t>(count));
  for (int i = 0; i < count; ++i) {
    const float value = static_cast<float>(i * 37 % 101) / 64;
    std::memcpy(buffer.host + 4 * i, &value, 4);
  }
  return buffer;
}

std::vector<Case> Cases() {
  const Buffer a = Floats(kMany), b = Floats(kCount), c = CardDevice::Get().Allocate(4 * kCount);
  const tq_cpu_dim3 threads = {256, 1, 1}, few_blocks = {2, 1, 1};
  return {
      {"triad",
       {kCount / 256, 1, 1},
       threads,
       Params().Add(a.va).Add(b.va).Add(c.va).Add(2.0f).Add(kCount),
       c,
       4 * kCount},
      {"stencil",
       {kSide / 32, kSide / 8, 1},
       {32, 8, 1},
       Params().Add(a.va).Add(c.va).Add(kSide),
       c,
       4 * kCount},
      {"reduction", few_blocks, threads, Params().Add(a.va).Add(c.va).Add(kMany), c, 4 * 2, 4 * 256},
      {"multiply",
       {kSide / 16, kSide / 16, 1},
       {16, 16, 1},
       Params().Add(a.va).Add(b.va).Add(c.va).Add(kSide),
       c,
       4 * kCount,
       2 * 4 * 16 * 16},
      {"histogram", few_blocks, threads, Params().Add(a.va).Add(c.va).Add(kMany), c, 4 * kBins, 4 * kBins},
  };
}

CodeObject Compile(const std::string& text, const char* kernel) {
  absl::StatusOr<CodeObject> object = card_test::CompileForCard(text, kernel);
  if (!object.ok()) Die(std::string(object.status().message()));
  return *std::move(object);
}

// The twin is a relocatable that clang has written.
CodeObject TwinOf(const std::string& object, const char* kernel, uint32_t shared_bytes) {
  CodeObject code;
  code.payload.assign(object.begin(), object.end());
  code.kernels.push_back(
      {.name = kernel, .entry = kernel, .static_shared_bytes = shared_bytes, .local_bytes = 4096});
  return code;
}

uint64_t Count(const Case& test, const char* kernel, const CodeObject& code, std::vector<uint8_t>* result) {
  uint64_t least = UINT64_MAX;
  for (int i = 0; i < kRuns; ++i) {
    std::memset(test.result.host, 0, test.result_bytes);
    LaunchOptions options = {.grid = test.grid, .block = test.block};
    options.params = test.params.bytes();
    const absl::StatusOr<LaunchResult> run = CardDevice::Get().Run(code, kernel, {}, options);
    if (!run.ok()) Die(run.status().ToString());
    if (run->status != TQGPU_COMPLETION_OK) Die(std::string(kernel) + " does not run on the card.");
    least = std::min(least, run->instructions);
  }
  result->assign(test.result.host, test.result.host + test.result_bytes);
  return least;
}

int Main() {
  CardDevice::CountInstructions();
  const std::string ptx = ReadText(TQ_CARD_BENCH_PTX), twins = ReadText(TQ_CARD_BENCH_TWINS);
  std::printf("%-12s %14s %14s %7s\n", "kernel", "from PTX", "C, clang -O3", "ratio");
  bool is_well = true;
  for (const Case& test : Cases()) {
    std::vector<uint8_t> ours, theirs, unchanged;
    const uint64_t empty = Count(test, "nothing", TwinOf(twins, "nothing", 0), &unchanged);
    const uint64_t count = Count(test, test.name, Compile(ptx, test.name), &ours) - empty;
    const uint64_t twin =
        Count(test, test.name, TwinOf(twins, test.name, test.twin_shared_bytes), &theirs) - empty;
    const double ratio = static_cast<double>(count) / static_cast<double>(twin);
    std::printf("%-12s %14lu %14lu %7.2f%s%s\n", test.name, count, twin, ratio,
                ours == theirs ? "" : "  results differ", ratio <= kMaxRatio ? "" : "  too many");
    std::fflush(stdout);
    is_well &= ours == theirs && ours != unchanged && ratio <= kMaxRatio;
  }
  return is_well ? 0 : 1;
}

}  // namespace
}  // namespace tq::bench

int main() { return tq::bench::Main(); }
