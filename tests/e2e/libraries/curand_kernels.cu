// The device interface of cuRAND: Philox and Sobol against references of our own, and for every generator
// that skipping ahead leads to where drawing leads, that subsequences differ, and moments.
#include <curand_kernel.h>
#include <curand_mtgp32_host.h>
#include <curand_mtgp32dc_p_11213.h>

#include <algorithm>
#include <cstring>

#include "check.h"

namespace {

constexpr int kThreads = 64, kDraws = 64;

__global__ void PhiloxWords(uint4* out, unsigned long long seed, unsigned long long offset) {
  curandStatePhilox4_32_10_t state;
  curand_init(seed, threadIdx.x, offset, &state);
  out[threadIdx.x] = curand4(&state);
}

template <typename State>
__global__ void Draw(unsigned* words, float* uniform, float* normal, unsigned* skipped) {
  State state, ahead;
  curand_init(1234, threadIdx.x, 0, &state);
  ahead = state;
  for (int i = 0; i < kDraws; ++i) words[threadIdx.x * kDraws + i] = curand(&state);
  skipahead(kDraws, &ahead);
  skipped[threadIdx.x * 2] = curand(&state);
  skipped[threadIdx.x * 2 + 1] = curand(&ahead);
  for (int i = 0; i < kDraws; ++i) {
    uniform[threadIdx.x * kDraws + i] = curand_uniform(&state);
    normal[threadIdx.x * kDraws + i] = curand_normal(&state);
  }
}

__global__ void Mtgp32(curandStateMtgp32* state, unsigned* words) {
  for (int i = 0; i < 16; ++i) words[i * blockDim.x + threadIdx.x] = curand(state);
}

__global__ void Sobol(curandDirectionVectors32_t directions, unsigned offset, unsigned* out) {
  __shared__ curandStateSobol32_t states[kThreads];
  curandStateSobol32_t& state = states[threadIdx.x];
  curand_init(directions, offset + threadIdx.x * 4, &state);
  for (int i = 0; i < 4; ++i) out[threadIdx.x * 4 + i] = curand(&state);
}

__global__ void Poisson(unsigned* out, double mean) {
  curandStatePhilox4_32_10_t state;
  curand_init(99, threadIdx.x, 0, &state);
  for (int i = 0; i < kDraws; ++i) out[threadIdx.x * kDraws + i] = curand_poisson(&state, mean);
}

// How many standard errors mean and variance of the numbers are off.
template <typename T>
double Deviation(const std::vector<T>& values, double mean, double variance) {
  double sum = 0, squares = 0;
  for (const T value : values) {
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  const double n = values.size(), actual = sum / n;
  return std::max(std::fabs(actual - mean) / std::sqrt(variance / n),
                  std::fabs((squares / n - actual * actual) / variance - 1) * std::sqrt(n) / 8);
}

template <typename State>
void Run(const std::string& name) {
  check::Buffer<unsigned> words(kThreads * kDraws), skipped(kThreads * 2);
  check::Buffer<float> uniform(kThreads * kDraws), normal(kThreads * kDraws);
  Draw<State><<<1, kThreads>>>(words.device, uniform.device, normal.device, skipped.device);
  const int status = cudaDeviceSynchronize();
  words.Download();
  skipped.Download();
  int differences = 0;
  for (int i = 0; i < kThreads; ++i) differences += skipped.host[2 * i] != skipped.host[2 * i + 1];
  check::Report(name + " skipahead", status, differences, 0);
  check::Report(name + " bits", status, Deviation(words.host, 0.5 * 0x1p32, 0x1p64 / 12), 5);
  check::Report(name + " uniform", status, Deviation(uniform.Download(), 0.5, 1.0 / 12), 5);
  check::Report(name + " normal", status, Deviation(normal.Download(), 0, 1), 5);
  std::sort(words.host.begin(), words.host.end());
  const int distinct = std::unique(words.host.begin(), words.host.end()) - words.host.begin();
  check::Report(name + " subsequences differ", status, kThreads * kDraws - distinct, 2);
}

// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011.
uint4 Philox(uint64_t seed, uint32_t subsequence, uint32_t position) {
  uint32_t counter[4] = {position, 0, subsequence, 0};
  uint32_t key0 = static_cast<uint32_t>(seed), key1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * counter[0], b = uint64_t{0xCD9E8D57} * counter[2];
    const uint32_t next[4] = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key0, static_cast<uint32_t>(b),
                              static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key1, static_cast<uint32_t>(a)};
    std::copy(next, next + 4, counter);
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return {counter[0], counter[1], counter[2], counter[3]};
}

void PhiloxAgainstThePaper() {
  check::Buffer<uint4> words(kThreads);
  for (const uint64_t seed : {uint64_t{0}, uint64_t{0xFEDCBA9876543210}}) {
    PhiloxWords<<<1, kThreads>>>(words.device, seed, 40);
    const int status = cudaDeviceSynchronize();
    words.Download();
    int differences = 0;
    for (int i = 0; i < kThreads; ++i) {
      const uint4 expected = Philox(seed, i, 10);
      differences += memcmp(&expected, &words.host[i], sizeof(expected)) != 0;
    }
    check::Report("philox, by the paper", status, differences, 0);
  }
}

// The first dimension is van der Corput's sequence in Gray code order: the bits of the index, mirrored.
void SobolAgainstThePaper() {
  curandDirectionVectors32_t host;
  for (int i = 0; i < 32; ++i) host[i] = 1u << (31 - i);
  check::Buffer<unsigned> directions(std::vector<unsigned>(host, host + 32)), out(kThreads * 4);
  const unsigned offset = 1000;
  Sobol<<<1, kThreads>>>(directions.device, offset, out.device);
  const int status = cudaDeviceSynchronize();
  out.Download();
  int differences = 0;
  for (unsigned i = 0; i < kThreads * 4; ++i) {
    const unsigned index = offset + i, gray = index ^ index >> 1;
    unsigned mirrored = 0;
    for (int bit = 0; bit < 32; ++bit) mirrored |= (gray >> bit & 1) << (31 - bit);
    differences += out.host[i] != mirrored;
  }
  check::Report("sobol32, by the paper", status, differences, 0);
}

void RunMtgp32() {
  mtgp32_kernel_params_t* parameters;
  curandStateMtgp32_t* states;
  cudaMalloc(&parameters, sizeof(mtgp32_kernel_params_t));
  cudaMalloc(&states, sizeof(curandStateMtgp32_t));
  int status = curandMakeMTGP32Constants(mtgp32dc_params_fast_11213, parameters);
  if (status == 0)
    status = curandMakeMTGP32KernelState(states, mtgp32dc_params_fast_11213, parameters, 1, 1234);
  check::Buffer<unsigned> words(16 * 256);
  Mtgp32<<<1, 256>>>(states, words.device);
  if (status == 0) status = cudaDeviceSynchronize();
  check::Report("mtgp32 bits", status, Deviation(words.Download(), 0.5 * 0x1p32, 0x1p64 / 12), 5);
  cudaFree(parameters);
  cudaFree(states);
}

}  // namespace

int main() {
  PhiloxAgainstThePaper();
  SobolAgainstThePaper();
  Run<curandStateXORWOW_t>("xorwow");
  Run<curandStateMRG32k3a_t>("mrg32k3a");
  Run<curandStatePhilox4_32_10_t>("philox");
  RunMtgp32();
  check::Buffer<unsigned> counts(kThreads * kDraws);
  for (const double mean : {3.5, 70.0, 5000.0}) {
    Poisson<<<1, kThreads>>>(counts.device, mean);
    const int status = cudaDeviceSynchronize();
    check::Report("poisson " + std::to_string(static_cast<int>(mean)), status,
                  Deviation(counts.Download(), mean, mean), 5);
  }
  return check::ExitCode();
}
