// Group fiber: threads that wait for each other, in a warp, a block, a cluster and a grid.
#include <numeric>
#include <thread>

#include "hal/error.h"
#include "tests/hal/conformance.h"

namespace tq::hal {
namespace {

class HalFiber : public HalKernelTest {};

TEST_F(HalFiber, BlockSum) {
  for (const uint32_t threads : {1u, 2u, 32u, 64u, 256u, 1024u}) {
    constexpr uint32_t kBlocks = 20;
    auto* in = Allocate<uint32_t>(kBlocks * threads);
    auto* out = Allocate<uint32_t>(kBlocks);
    std::iota(in, in + kBlocks * threads, 1u);
    const struct {
      uint32_t *out, *in;
    } params = {out, in};
    for (int run = 0; run < 3; ++run) {
      std::memset(out, 0, kBlocks * 4);
      ASSERT_HAL_OK(Run(Launch("fiber_sum", {kBlocks, 1, 1}, {threads, 1, 1}, params, threads * 4)));
      for (uint32_t b = 0; b < kBlocks; ++b) {
        ASSERT_EQ(out[b], std::accumulate(in + b * threads, in + (b + 1) * threads, 0u)) << threads;
      }
    }
  }
}

TEST_F(HalFiber, Butterfly) {
  auto* data = Allocate<uint32_t>(512);
  std::iota(data, data + 512, 0u);
  ASSERT_HAL_OK(Run(Launch("fiber_butterfly", {2, 1, 1}, {256, 1, 1}, data)));
  for (uint32_t i = 0; i < 512; ++i) {
    const uint32_t first = i / 32 * 32;
    ASSERT_EQ(data[i], 32 * first + 31 * 16) << i;
  }
}

TEST_F(HalFiber, DisjointMasksInterleave) {
  auto* data = Allocate<uint32_t>(64);
  ASSERT_HAL_OK(Run(Launch("fiber_masks", {1, 1, 1}, {64, 1, 1}, data)));
  const auto sum = [](uint32_t first, uint32_t rounds) {
    uint32_t total = 0;
    for (uint32_t i = 0; i < rounds; ++i) {
      for (uint32_t lane = first; lane < first + 16; ++lane) total += lane + i;
    }
    return total;
  };
  for (uint32_t t = 0; t < 64; ++t) {
    ASSERT_EQ(data[t], 31 - t % 32 < 16 ? sum(0, 3) : sum(16, 7)) << t;
  }
}

TEST_F(HalFiber, ExitedLanesAreNotWaitedFor) {
  auto* data = Allocate<uint32_t>(96);
  ASSERT_HAL_OK(Run(Launch("fiber_exited", {1, 1, 1}, {96, 1, 1}, data)));
  for (uint32_t t = 0; t < 96; ++t) ASSERT_EQ(data[t], t % 2 == 1 ? 1u : 0x55555555u) << t;
}

TEST_F(HalFiber, BarrierReductions) {
  constexpr uint32_t kThreads = 100;
  auto* out = Allocate<uint32_t>(3 * kThreads);
  ASSERT_HAL_OK(Run(Launch("fiber_reduce", {1, 1, 1}, {kThreads, 1, 1}, out)));
  for (uint32_t t = 0; t < kThreads; ++t) {
    ASSERT_EQ(out[3 * t], 34u);
    ASSERT_EQ(out[3 * t + 1], 1u);
    ASSERT_EQ(out[3 * t + 2], 1u);
  }
}

TEST_F(HalFiber, NamedBarriersMakeAPipeline) {
  auto* out = Allocate<uint32_t>(320);
  ASSERT_HAL_OK(Run(Launch("fiber_pipeline", {1, 1, 1}, {64, 1, 1}, out, 128)));
  for (uint32_t i = 0; i < 320; ++i) ASSERT_EQ(out[i], i / 32 * 100 + 31 - i % 32);
}

TEST_F(HalFiber, LanesTakeALockInTurn) {
  auto* data = Allocate<uint32_t>(2);
  data[0] = data[1] = 0;
  ASSERT_HAL_OK(Run(Launch("fiber_lock", {16, 1, 1}, {128, 1, 1}, data)));
  EXPECT_EQ(data[1], 16u * 128u);
}

TEST_F(HalFiber, CooperativeGridsMeet) {
  const KernelEntry entry = Kernel("fiber_grid_sync");
  const uint32_t resident = executable_.Occupancy(entry, {256, 1, 1}, 0)->resident_blocks;
  for (const uint32_t blocks : {1u, 2u, 7u, resident}) {
    auto* data = Allocate<uint32_t>(3);
    std::memset(data, 0, 12);
    hal_dispatch dispatch = Launch("fiber_grid_sync", {blocks, 1, 1}, {256, 1, 1}, data);
    dispatch.flags = HAL_DISPATCH_COOPERATIVE;
    ASSERT_HAL_OK(Run(dispatch));
    EXPECT_EQ(data[0], 2 * blocks);
    EXPECT_EQ(data[1], 0u) << "a thread passed before all had arrived";
    EXPECT_EQ(data[2], blocks);
  }
}

TEST_F(HalFiber, WaitsForTheHost) {
  auto* data = Allocate<uint32_t>(2);
  data[0] = data[1] = 0;
  Semaphore sem = NewSemaphore();
  ASSERT_EQ(queue_.Dispatch(Launch("fiber_wait_flag", {4, 1, 1}, {64, 1, 1}, data), sem.get(), 1), HAL_OK);
  EXPECT_EQ(ToHalStatus(sem.Wait(1, InMilliseconds(20))), HAL_TIMEOUT);
  __atomic_store_n(&data[0], 1, __ATOMIC_RELEASE);
  ASSERT_HAL_OK(sem.Wait(1, InMilliseconds(kPatienceMs)));
  EXPECT_EQ(data[1], 256u);
}

// More waiting blocks than workers, and what they wait for is in another queue.
TEST_F(HalFiber, SpinningBlocksLetOtherGridsRun) {
  auto* data = Allocate<uint32_t>(2);
  data[0] = data[1] = 0;
  Semaphore sem = NewSemaphore();
  ASSERT_EQ(queue_.Dispatch(Launch("fiber_wait_flag", {16, 1, 1}, {32, 1, 1}, data), sem.get(), 1), HAL_OK);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  Queue other = NewQueue();
  Semaphore set = NewSemaphore();
  ASSERT_EQ(other.Dispatch(Launch("set_flag", {1, 1, 1}, {1, 1, 1}, data), set.get(), 1), HAL_OK);
  ASSERT_HAL_OK(set.Wait(1, InMilliseconds(kPatienceMs)));
  ASSERT_HAL_OK(sem.Wait(1, InMilliseconds(kPatienceMs)));
  EXPECT_EQ(data[1], 16u * 32u);
}

TEST_F(HalFiber, ClustersShareMemory) {
  auto* out = Allocate<uint32_t>(16);
  hal_dispatch dispatch = Launch("fiber_cluster", {16, 1, 1}, {64, 1, 1}, out);
  dispatch.cluster = {4, 1, 1};
  ASSERT_HAL_OK(Run(dispatch));
  for (uint32_t block = 0; block < 16; ++block) {
    const uint32_t before = (block + 3) % 4;
    ASSERT_EQ(out[block], 64 * (before + 1)) << block;
  }
}

}  // namespace
}  // namespace tq::hal
