// The bounds that the table compares with, for one thread: multiply-adds in single precision, and a triad in
// memory with the better kind of stores.
#include <immintrin.h>

#include "bench/harness/measure.h"

namespace tq::bench {
namespace {

constexpr int kSeconds = 1;

#if defined(__AVX512F__)
typedef float Vector __attribute__((vector_size(64)));
#elif defined(__AVX__)
typedef float Vector __attribute__((vector_size(32)));
#else
typedef float Vector __attribute__((vector_size(16)));
#endif

// GFLOP/s: twelve chains, more than latency times throughput.
double Arithmetic() {
  constexpr int kRounds = 1000000;
  Vector sums[12] = {};
  double best = 0;
  const double deadline = Now(CLOCK_MONOTONIC) + kSeconds;
  while (Now(CLOCK_MONOTONIC) < deadline) {
    Vector factor = Vector{} + 0.5f, term = Vector{} + 0.25f;
    const double begin = Now(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < kRounds; ++i) {
      for (Vector& sum : sums) sum = sum * factor + term;
      // Keeps the compiler from adding the series up.
      __asm__ volatile(""
                       : "+x"(sums[0]), "+x"(sums[1]), "+x"(sums[2]), "+x"(sums[3]), "+x"(sums[4]),
                         "+x"(sums[5]));
      __asm__ volatile(""
                       : "+x"(sums[6]), "+x"(sums[7]), "+x"(sums[8]), "+x"(sums[9]), "+x"(sums[10]),
                         "+x"(sums[11]));
    }
    const double flops = 2.0 * 12 * (sizeof(Vector) / 4) * kRounds;
    best = std::max(best, 1e-9 * flops / (Now(CLOCK_PROCESS_CPUTIME_ID) - begin));
  }
  return best;
}

template <class Body>
double Memory(Body body) {
  constexpr int kCount = 1 << 23;
  std::vector<float> a(kCount), b(kCount, 1.0f), c(kCount, 2.0f);
  double best = 0;
  const double deadline = Now(CLOCK_MONOTONIC) + kSeconds;
  while (Now(CLOCK_MONOTONIC) < deadline) {
    const double begin = Now(CLOCK_PROCESS_CPUTIME_ID);
    body(a.data(), b.data(), c.data(), kCount);
    best = std::max(best, 12e-9 * kCount / (Now(CLOCK_PROCESS_CPUTIME_ID) - begin));
  }
  return best;
}

void Triad(float* a, const float* b, const float* c, int count) {
  for (int i = 0; i < count; ++i) a[i] = b[i] + 3.0f * c[i];
  __asm__ volatile("" ::: "memory");
}

void StreamingTriad(float* a, const float* b, const float* c, int count) {
  int i = 0;
  for (; (reinterpret_cast<uintptr_t>(a + i) & 15) != 0; ++i) a[i] = b[i] + 3.0f * c[i];
  for (; i + 4 <= count; i += 4) {
    _mm_stream_ps(a + i, _mm_add_ps(_mm_loadu_ps(b + i), _mm_mul_ps(_mm_set1_ps(3.0f), _mm_loadu_ps(c + i))));
  }
  for (; i < count; ++i) a[i] = b[i] + 3.0f * c[i];
  _mm_sfence();
}

}  // namespace
}  // namespace tq::bench

int main() {
  using namespace tq::bench;
  std::printf("{\"arithmetic\": %.4g, \"memory\": %.4g, \"memory_streaming\": %.4g, \"ghz\": %.3f}\n",
              Arithmetic(), Memory(Triad), Memory(StreamingTriad), Frequency());
  return 0;
}
