// As cuda.cu, four bits at a time: each part of the keys counts its digits, the counts are summed up digit by
// digit, and each part puts its keys where they belong. A part is as long as a block's there.
#include "bench/sort/problem.h"

int main(int argc, char** argv) {
  using namespace tq::bench;
  const Options options(argc, argv);
  Problem problem(options);
  constexpr int kBits = 4, kDigits = 1 << kBits, kKeys = Problem::kPerBlock;
  const int blocks = problem.blocks;
  std::vector<uint32_t> other(problem.n), counts(size_t(blocks) * kDigits);
  const auto step = [&] {
    const uint32_t* from = problem.keys.data();
    for (int shift = 0; shift < 32; shift += kBits) {
      uint32_t* to = shift / kBits % 2 ? problem.sorted.data() : other.data();
#pragma omp parallel
      {
#pragma omp for schedule(static)
        for (int block = 0; block < blocks; ++block) {
          uint32_t bins[kDigits] = {};
          for (int i = block * kKeys; i < (block + 1) * kKeys; ++i) ++bins[from[i] >> shift & (kDigits - 1)];
          for (int digit = 0; digit < kDigits; ++digit) counts[digit * blocks + block] = bins[digit];
        }
#pragma omp single
        {
          uint32_t sum = 0;
          for (uint32_t& count : counts) {
            const uint32_t own = count;
            count = sum;
            sum += own;
          }
        }
#pragma omp for schedule(static)
        for (int block = 0; block < blocks; ++block) {
          uint32_t places[kDigits];
          for (int digit = 0; digit < kDigits; ++digit) places[digit] = counts[digit * blocks + block];
          for (int i = block * kKeys; i < (block + 1) * kKeys; ++i)
            to[places[from[i] >> shift & (kDigits - 1)]++] = from[i];
        }
      }
      from = to;
    }
  };
  return Measure(options, problem, step, [] {});
}
