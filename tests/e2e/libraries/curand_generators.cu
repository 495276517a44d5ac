// Every generator of cuRAND's host interface and every distribution: the sequence against a reference of our
// own where the algorithm is published (Philox, Sobol), against the library's generators on the host
// elsewhere, and moments.
#include <curand.h>

#include <algorithm>
#include <functional>

#include "check.h"

namespace {

struct Generator {
  const char* name;
  curandRngType_t type;
  bool wide;  // 64-bit integers
  bool quasi;
  bool single = false;  // the library's own generator on the host computes normal numbers in single precision
};
const Generator kGenerators[] = {
    {"xorwow", CURAND_RNG_PSEUDO_XORWOW, false, false},
    {"mrg32k3a", CURAND_RNG_PSEUDO_MRG32K3A, false, false},
    {"mtgp32", CURAND_RNG_PSEUDO_MTGP32, false, false, true},
    {"mt19937", CURAND_RNG_PSEUDO_MT19937, false, false},
    {"philox", CURAND_RNG_PSEUDO_PHILOX4_32_10, false, false},
    {"sobol32", CURAND_RNG_QUASI_SOBOL32, false, true},
    {"scrambled sobol32", CURAND_RNG_QUASI_SCRAMBLED_SOBOL32, false, true},
    {"sobol64", CURAND_RNG_QUASI_SOBOL64, true, true},
    {"scrambled sobol64", CURAND_RNG_QUASI_SCRAMBLED_SOBOL64, true, true},
};
constexpr size_t kCount = 12000;
constexpr int kDimensions = 3;

template <typename T>
using Draw = std::function<curandStatus_t(curandGenerator_t, T*)>;

// A generator on the device and one on the host; both go on from one distribution to the next, because
// seeding is the most expensive part of some.
struct Pair {
  explicit Pair(const Generator& kind) : kind(kind) {
    status = curandCreateGenerator(&device, kind.type);
    if (status == 0) status = curandCreateGeneratorHost(&host, kind.type);
    for (curandGenerator_t generator : {device, host}) {
      if (status != 0) return;
      status = kind.quasi ? curandSetQuasiRandomGeneratorDimensions(generator, kDimensions)
                          : curandSetPseudoRandomGeneratorSeed(generator, 20240607ULL);
    }
  }
  ~Pair() {
    curandDestroyGenerator(device);
    curandDestroyGenerator(host);
  }

  const Generator& kind;
  int status = 0;
  curandGenerator_t device = nullptr, host = nullptr;
};

// Mean and variance within five standard errors; `tolerance` is for results against those on the host, whose
// logarithms and sines are of the host's library. A quasi-random sequence is no sample, but its moments are
// the better for it.
template <typename T>
void Run(Pair& pair, const char* distribution, const Draw<T>& draw, double tolerance, double mean,
         double variance) {
  check::Buffer<T> device(2 * kCount);
  std::vector<T> host(2 * kCount);
  int status = pair.status;
  for (const size_t start : {size_t{0}, kCount}) {  // the second call goes on where the first one stopped
    if (status == 0) status = draw(pair.device, device.device + start);
    if (status == 0) status = draw(pair.host, host.data() + start);
  }
  device.Download();
  double worst = 0, sum = 0, squares = 0;
  for (size_t i = 0; i < host.size(); ++i) {
    const double value = static_cast<double>(device.host[i]);
    const double error = std::fabs(value - static_cast<double>(host[i])) / (1 + std::fabs(value));
    if (!(error <= worst)) worst = error;
    sum += value;
    squares += value * value;
  }
  const std::string name = std::string(pair.kind.name) + " " + distribution;
  check::Report(name, status, worst, tolerance);
  const double n = static_cast<double>(host.size());
  const double actual_mean = sum / n, actual_variance = squares / n - actual_mean * actual_mean;
  check::Report(name + " moments", status,
                std::max(std::fabs(actual_mean - mean) / std::sqrt(variance / n),
                         std::fabs(actual_variance / variance - 1) * std::sqrt(n) / 8),
                5);
}

void RunAll(const Generator& kind) {
  Pair pair(kind);
  if (kind.wide) {
    Run<unsigned long long>(
        pair, "bits", [](auto g, auto* out) { return curandGenerateLongLong(g, out, kCount); }, 0,
        0.5 * 0x1p64, 0x1p128 / 12);
  } else {
    Run<unsigned>(
        pair, "bits", [](auto g, auto* out) { return curandGenerate(g, out, kCount); }, 0, 0.5 * 0x1p32,
        0x1p64 / 12);
  }
  Run<float>(
      pair, "uniform", [](auto g, auto* out) { return curandGenerateUniform(g, out, kCount); }, 0, 0.5,
      1.0 / 12);
  Run<double>(
      pair, "uniform f64", [](auto g, auto* out) { return curandGenerateUniformDouble(g, out, kCount); }, 0,
      0.5, 1.0 / 12);
  Run<float>(
      pair, "normal", [](auto g, auto* out) { return curandGenerateNormal(g, out, kCount, 3, 2); }, 2e-6, 3,
      4);
  Run<double>(
      pair, "normal f64", [](auto g, auto* out) { return curandGenerateNormalDouble(g, out, kCount, 3, 2); },
      kind.single ? 1e-6 : 1e-12, 3, 4);
  const double s = 0.25;  // of the logarithm
  const double mean = std::exp(s * s / 2), variance = (std::exp(s * s) - 1) * std::exp(s * s);
  Run<float>(
      pair, "lognormal", [](auto g, auto* out) { return curandGenerateLogNormal(g, out, kCount, 0, 0.25f); },
      2e-6, mean, variance);
  Run<double>(
      pair, "lognormal f64",
      [](auto g, auto* out) { return curandGenerateLogNormalDouble(g, out, kCount, 0, 0.25); }, 1e-12, mean,
      variance);
  Run<unsigned>(
      pair, "poisson", [](auto g, auto* out) { return curandGeneratePoisson(g, out, kCount, 6.5); }, 0, 6.5,
      6.5);
}

// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011: ten rounds of two multiplications.
void Philox(uint32_t counter[4], uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * counter[0], b = uint64_t{0xCD9E8D57} * counter[2];
    const uint32_t next[4] = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key0, static_cast<uint32_t>(b),
                              static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key1, static_cast<uint32_t>(a)};
    std::copy(next, next + 4, counter);
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
}
// The legacy order is documented ("Pseudorandom Sequences"): 4096 x 16 ... threads interleaved; the numbers,
// in any order, are the first outputs of each thread's sequence. Thread t of a grid holds subsequence t,
// which is the upper half of the counter.
void PhiloxSet() {
  const size_t n = 65536;
  check::Buffer<unsigned> out(n);
  curandGenerator_t generator;
  int status = curandCreateGenerator(&generator, CURAND_RNG_PSEUDO_PHILOX4_32_10);
  const uint64_t seed = 0x123456789ABCDEFULL;
  if (status == 0) status = curandSetPseudoRandomGeneratorSeed(generator, seed);
  if (status == 0) status = curandGenerate(generator, out.device, n);
  curandDestroyGenerator(generator);
  out.Download();
  std::vector<uint32_t> expected;
  for (uint32_t thread = 0; thread < n / 4; ++thread) {
    uint32_t counter[4] = {0, 0, thread, 0};
    Philox(counter, static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32));
    expected.insert(expected.end(), counter, counter + 4);
  }
  std::vector<uint32_t> actual(out.host.begin(), out.host.end());
  std::sort(actual.begin(), actual.end());
  std::sort(expected.begin(), expected.end());
  check::Report("philox, by the paper", status, actual == expected ? 0 : 1, 0);
}

// Sobol' points in Gray code order (Antonov and Saleev, 1979): the next differs by one direction vector.
void Sobol() {
  curandDirectionVectors32_t* directions;
  int status = curandGetDirectionVectors32(&directions, CURAND_DIRECTION_VECTORS_32_JOEKUO6);
  const int dimensions = 5;
  const uint32_t points = 1000;
  check::Buffer<unsigned> out(dimensions * points);
  curandGenerator_t generator;
  if (status == 0) status = curandCreateGenerator(&generator, CURAND_RNG_QUASI_SOBOL32);
  if (status == 0) status = curandSetQuasiRandomGeneratorDimensions(generator, dimensions);
  if (status == 0) status = curandGenerate(generator, out.device, out.host.size());
  curandDestroyGenerator(generator);
  out.Download();
  int wrong = 0;
  for (int dimension = 0; dimension < dimensions; ++dimension) {
    uint32_t x = 0;
    for (uint32_t i = 0; i < points; ++i) {
      if (out.host[dimension * points + i] != x) ++wrong;
      x ^= directions[dimension][__builtin_ctz(~i)];
    }
  }
  check::Report("sobol32, by the paper", status, wrong, 0);
}

}  // namespace

// Arguments: the generators to try, all but the Mersenne Twister when there is none.
int main(int argc, char** argv) {
  for (const Generator& kind : kGenerators) {
    const std::string name = kind.name;
    if (argc == 1 ? name != "mt19937" : std::count(argv + 1, argv + argc, name) != 0) RunAll(kind);
  }
  if (argc == 1) {
    PhiloxSet();
    Sobol();
  }
  return check::ExitCode();
}
