// Cooperative groups: grid-wide synchronisation in a cooperative launch, tiles within a warp, coalesced
// groups.
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#define CHECK(call)                                                                                  \
  do {                                                                                               \
    const cudaError_t error = (call);                                                                \
    if (error != cudaSuccess) {                                                                      \
      std::fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, cudaGetErrorString(error)); \
      std::exit(1);                                                                                  \
    }                                                                                                \
  } while (false)

namespace cg = cooperative_groups;

// Heat spreading along a rod: every step needs everybody's values of the step before, with one launch for all
// steps.
__global__ void Diffuse(float* now, float* next, int count, int steps) {
  const cg::grid_group grid = cg::this_grid();
  for (int step = 0; step < steps; ++step) {
    for (int i = grid.thread_rank(); i < count; i += grid.size()) {
      const float left = i > 0 ? now[i - 1] : now[i];
      const float right = i < count - 1 ? now[i + 1] : now[i];
      next[i] = 0.25f * left + 0.5f * now[i] + 0.25f * right;
    }
    grid.sync();
    float* const swap = now;
    now = next;
    next = swap;
  }
}

void TestGridSync() {
  constexpr int kCount = 1000, kSteps = 40, kThreads = 64;
  int can = 0, per_unit = 0, units = 0;
  CHECK(cudaDeviceGetAttribute(&can, cudaDevAttrCooperativeLaunch, 0));
  CHECK(cudaDeviceGetAttribute(&units, cudaDevAttrMultiProcessorCount, 0));
  CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&per_unit, Diffuse, kThreads, 0));
  const int resident = units * per_unit;
  const int blocks = resident < 4 ? resident : 4;

  std::vector<float> host(kCount, 0.0f), next(kCount);
  host[kCount / 2] = 1024.0f;
  float *now, *then;
  CHECK(cudaMalloc(&now, kCount * sizeof(float)));
  CHECK(cudaMalloc(&then, kCount * sizeof(float)));
  CHECK(cudaMemcpy(now, host.data(), kCount * sizeof(float), cudaMemcpyHostToDevice));
  int count = kCount, steps = kSteps;
  void* arguments[] = {&now, &then, &count, &steps};
  CHECK(cudaLaunchCooperativeKernel(Diffuse, blocks, kThreads, arguments));
  std::vector<float> result(kCount);
  CHECK(cudaMemcpy(result.data(), now, kCount * sizeof(float), cudaMemcpyDeviceToHost));

  for (int step = 0; step < kSteps; ++step) {
    for (int i = 0; i < kCount; ++i) {
      next[i] = 0.25f * host[i > 0 ? i - 1 : i] + 0.5f * host[i] + 0.25f * host[i < kCount - 1 ? i + 1 : i];
    }
    host.swap(next);
  }
  std::printf("grid sync: cooperative launch %s, %s\n", can ? "offered" : "missing",
              result == host ? "right" : "wrong");

  // More blocks than can be resident at once would wait for each other forever; the launch must be refused.
  const cudaError_t too_large = cudaLaunchCooperativeKernel(Diffuse, resident + 1, kThreads, arguments);
  std::printf("too large a cooperative launch: %s\n", cudaGetErrorName(too_large));
  cudaGetLastError();
  CHECK(cudaFree(now));
  CHECK(cudaFree(then));
}

__global__ void ReduceTiles(int* sums, int* maxima, int* ranks) {
  const cg::thread_block block = cg::this_thread_block();
  const cg::thread_block_tile<8> tile = cg::tiled_partition<8>(block);
  const int value = static_cast<int>(block.thread_rank());
  sums[value] = cg::reduce(tile, value, cg::plus<int>());
  maxima[value] = cg::reduce(tile, value ^ 5, cg::greater<int>());
  ranks[value] = -1;
  if (value % 3 == 0) {
    const cg::coalesced_group active = cg::coalesced_threads();
    ranks[value] = static_cast<int>(active.thread_rank());
  }
}

void TestTiles() {
  constexpr int kThreads = 64;
  int *sums, *maxima, *ranks;
  CHECK(cudaMallocManaged(&sums, kThreads * sizeof(int)));
  CHECK(cudaMallocManaged(&maxima, kThreads * sizeof(int)));
  CHECK(cudaMallocManaged(&ranks, kThreads * sizeof(int)));
  ReduceTiles<<<1, kThreads>>>(sums, maxima, ranks);
  CHECK(cudaDeviceSynchronize());
  int wrong = 0;
  for (int i = 0; i < kThreads; ++i) {
    const int first = i / 8 * 8;
    wrong += sums[i] != 8 * first + 28;
    wrong += maxima[i] != first + 7;
    // Rank among the lanes of the warp that are multiples of three.
    int rank = -1;
    if (i % 3 == 0) {
      rank = 0;
      for (int other = i / 32 * 32; other < i; ++other) rank += other % 3 == 0;
    }
    wrong += ranks[i] != rank;
  }
  std::printf("tiles and coalesced groups: %d wrong\n", wrong);
  CHECK(cudaFree(sums));
  CHECK(cudaFree(maxima));
  CHECK(cudaFree(ranks));
}

int main() {
  TestGridSync();
  TestTiles();
  return 0;
}
