// Group stress: many threads, many queues, everything at once.
#include <atomic>
#include <random>
#include <thread>

#include "hal/error.h"
#include "tests/hal/conformance.h"

namespace tq::hal {
namespace {

class HalStress : public HalKernelTest {};

TEST_F(HalStress, ThreadsWithQueuesOfTheirOwn) {
  constexpr int kThreads = 8;
  const auto rounds = static_cast<uint64_t>(Rounds(300));
  auto* count = Allocate<uint64_t>(1);
  *count = 0;
  std::atomic<uint64_t> expected{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      auto queue = Queue::Create(vm_, HAL_QUEUE_COMPUTE, static_cast<int32_t>(random() % 3));
      auto sem = Semaphore::Create(TestBackend(), device_.get(), 0);
      const KernelEntry entry = *executable_.Kernel("count");
      for (uint64_t i = 1; i <= rounds; ++i) {
        uint64_t* target = count;
        hal_dispatch dispatch = {};
        dispatch.size = sizeof dispatch;
        dispatch.kernel = entry.kernel;
        dispatch.grid = {static_cast<uint32_t>(1 + random() % (i % 50 == 0 ? 20000 : 20)), 1, 1};
        dispatch.block = {32, 1, 1};
        dispatch.params = &target;
        dispatch.params_size_bytes = sizeof target;
        expected += dispatch.grid.x;
        ASSERT_EQ(queue->Dispatch(dispatch, sem->get(), i), HAL_OK);
        if (random() % 10 == 0) {
          ASSERT_HAL_OK(sem->Wait(i, InMilliseconds(kPatienceMs)));
        }
      }
      ASSERT_HAL_OK(sem->Wait(rounds, InMilliseconds(kPatienceMs)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(*count, expected.load());
}

TEST_F(HalStress, AllocateAndFreeFromManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      std::vector<Memory> held;
      for (int i = 0; i < Rounds(2000); ++i) {
        auto memory = Memory::Create(device_, 1 + random() % 100000, HAL_MEM_HOST_VISIBLE);
        ASSERT_HAL_OK(memory);
        *static_cast<uint64_t*>(memory->host_ptr()) = Va(memory->host_ptr());
        held.push_back(*std::move(memory));
        if (held.size() > 30) {
          const size_t victim = random() % held.size();
          ASSERT_EQ(*static_cast<uint64_t*>(held[victim].host_ptr()), Va(held[victim].host_ptr()));
          held.erase(held.begin() + static_cast<long>(victim));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Memory that is destroyed while kernels may still use it is not handed out again before they end.
TEST_F(HalStress, FreedMemoryIsNotReusedUnderAKernel) {
  const struct {
    uint64_t nanoseconds;
    uint64_t* done;
  } params = {20000000, nullptr};
  auto freed = Memory::Create(device_, 4096, HAL_MEM_HOST_VISIBLE);
  ASSERT_HAL_OK(freed);
  hal_vm_op map = {.size = sizeof map,
                   .kind = HAL_VM_OP_MAP,
                   .access = HAL_VM_READ | HAL_VM_WRITE,
                   .size_bytes = 4096,
                   .mem = freed->get()};
  ASSERT_HAL_OK(vm_.Bind(&map, 1));
  auto mine = params;
  mine.done = static_cast<uint64_t*>(freed->host_ptr());
  const hal_va va = freed->va();
  ASSERT_EQ(queue_.Dispatch(Launch("busy", {4, 1, 1}, {1, 1, 1}, mine), done_.get(), ++done_value_), HAL_OK);
  *freed = Memory();
  std::vector<Memory> others;
  for (int i = 0; i < 200; ++i) {
    others.push_back(*Memory::Create(device_, 4096, HAL_MEM_HOST_VISIBLE));
    if (ToHalStatus(done_.Wait(done_value_, 0)) == HAL_TIMEOUT) {
      ASSERT_NE(others.back().va(), va);
    }
  }
  ASSERT_HAL_OK(done_.Wait(done_value_, InMilliseconds(kPatienceMs)));
}

TEST_F(HalStress, MixedCommands) {
  constexpr uint32_t kWords = 1 << 16;
  std::vector<Queue> queues;
  std::vector<Semaphore> sems;
  std::vector<uint32_t*> data;
  std::mt19937 random(11);
  for (int q = 0; q < 6; ++q) {
    queues.push_back(NewQueue());
    sems.push_back(NewSemaphore());
    data.push_back(Allocate<uint32_t>(kWords));
  }
  for (uint64_t round = 1; round <= 60; ++round) {
    for (size_t q = 0; q < queues.size(); ++q) {
      const size_t from = (q + queues.size() - 1) % queues.size();
      Commands commands = NewCommands();
      if (q == 0) {
        ASSERT_HAL_OK(commands.Fill({.size = sizeof(hal_fill),
                                     .dst = Va(data[0]),
                                     .row_elements = kWords,
                                     .rows = 1,
                                     .element_bytes = 4,
                                     .pattern = static_cast<uint32_t>(round)}));
      } else {
        ASSERT_HAL_OK(commands.CopyLinear(Va(data[q]), Va(data[from]), kWords * 4));
      }
      std::vector<hal_sem_point> waits;
      if (q > 0) waits.push_back({sems[from].get(), round});
      if (round > 1) waits.push_back({sems[(q + 1) % queues.size()].get(), round - 1});
      ASSERT_HAL_OK(SubmitTo(queues[q], commands, waits, {{sems[q].get(), round}}));
    }
  }
  ASSERT_HAL_OK(sems.back().Wait(60, InMilliseconds(kPatienceMs)));
  for (uint32_t i = 0; i < kWords; ++i) ASSERT_EQ(data.back()[i], 60u) << i;
}

}  // namespace
}  // namespace tq::hal
