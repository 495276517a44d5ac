// Group semaphore: the timeline, waits for any and all, poison.
#include <atomic>
#include <thread>

#include "hal/error.h"
#include "tests/hal/conformance.h"

namespace tq::hal {
namespace {

class HalSemaphore : public HalTest {};

TEST_F(HalSemaphore, StartsWhereTold) {
  Semaphore sem = NewSemaphore(41);
  EXPECT_EQ(*sem.Query(), 41u);
  EXPECT_HAL_OK(sem.Wait(41, 0));
  EXPECT_EQ(ToHalStatus(sem.Wait(42, 0)), HAL_TIMEOUT);
}

TEST_F(HalSemaphore, NeverGoesBack) {
  Semaphore sem = NewSemaphore(0);
  ASSERT_HAL_OK(sem.Signal(7));
  ASSERT_HAL_OK(sem.Signal(5));
  EXPECT_EQ(*sem.Query(), 7u);
}

TEST_F(HalSemaphore, DeadlineIsKept) {
  Semaphore sem = NewSemaphore(0);
  const uint64_t begin = MonotonicNs();
  EXPECT_EQ(ToHalStatus(sem.Wait(1, begin + 5000000)), HAL_TIMEOUT);
  EXPECT_GE(MonotonicNs(), begin + 5000000);
  EXPECT_EQ(ToHalStatus(sem.Wait(1, begin)), HAL_TIMEOUT);
}

TEST_F(HalSemaphore, WaitsForAnotherThread) {
  for (const int delay_us : {0, 20, 3000}) {  // spinning and sleeping waiters
    Semaphore sem = NewSemaphore(0);
    std::thread signaller([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(delay_us));
      EXPECT_HAL_OK(sem.Signal(1));
    });
    EXPECT_HAL_OK(sem.Wait(1, InMilliseconds(kPatienceMs)));
    signaller.join();
  }
}

TEST_F(HalSemaphore, AnyAndAll) {
  Semaphore a = NewSemaphore(0), b = NewSemaphore(0);
  const hal_sem_point points[] = {{a.get(), 1}, {b.get(), 1}};
  const auto wait = [&](WaitMode mode, uint64_t deadline) {
    return ToHalStatus(WaitSemaphores(TestBackend(), points, mode, deadline));
  };
  EXPECT_EQ(wait(WaitMode::kAny, 0), HAL_TIMEOUT);
  ASSERT_HAL_OK(b.Signal(1));
  EXPECT_EQ(wait(WaitMode::kAny, 0), HAL_OK);
  EXPECT_EQ(wait(WaitMode::kAll, 0), HAL_TIMEOUT);
  EXPECT_EQ(wait(WaitMode::kAll, InMilliseconds(2)), HAL_TIMEOUT);
  std::thread signaller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_HAL_OK(a.Signal(1));
  });
  EXPECT_EQ(wait(WaitMode::kAll, InMilliseconds(kPatienceMs)), HAL_OK);
  signaller.join();
}

TEST_F(HalSemaphore, PoisonReachesQueriesAndWaiters) {
  Semaphore sem = NewSemaphore(3);
  std::thread poisoner([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_HAL_OK(sem.Poison(HAL_FAULTED));
  });
  EXPECT_EQ(ToHalStatus(sem.Wait(4, InMilliseconds(kPatienceMs))), HAL_FAULTED);
  poisoner.join();
  EXPECT_EQ(ToHalStatus(sem.Query().status()), HAL_FAULTED);
  EXPECT_EQ(ToHalStatus(sem.Wait(1, 0)), HAL_FAULTED);
  ASSERT_HAL_OK(sem.Poison(HAL_DEVICE_LOST));
  EXPECT_EQ(ToHalStatus(sem.Query().status()), HAL_FAULTED) << "the first failure stays";
}

TEST_F(HalSemaphore, ManyWaitersOfOneValue) {
  Semaphore sem = NewSemaphore(0);
  std::vector<std::thread> waiters;
  for (int i = 0; i < 16; ++i) {
    waiters.emplace_back([&, i] { EXPECT_HAL_OK(sem.Wait(i % 4 + 1, InMilliseconds(kPatienceMs))); });
  }
  for (uint64_t value = 1; value <= 4; ++value) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ASSERT_HAL_OK(sem.Signal(value));
  }
  for (std::thread& waiter : waiters) waiter.join();
}

// The signal comes at about the time when a waiter stops looking and lies down.
TEST_F(HalSemaphore, ASignalIsNotMissedByOneWhoIsGoingToSleep) {
  Semaphore sem = NewSemaphore(0), never = NewSemaphore(0);
  for (const WaitMode mode : {WaitMode::kAny, WaitMode::kAll}) {
    const uint64_t first = *sem.Query() + 1, rounds = 500;
    std::atomic<uint64_t> waiting{0};
    std::thread signaller([&] {
      for (uint64_t i = 0; i < rounds; ++i) {
        while (waiting.load() != first + i) std::this_thread::yield();
        const uint64_t until = MonotonicNs() + 40000 + i * 37 % 30000;
        while (MonotonicNs() < until) {
        }
        EXPECT_HAL_OK(sem.Signal(first + i));
      }
    });
    hal_status status = HAL_OK;
    for (uint64_t i = 0; i < rounds; ++i) {
      const hal_sem_point points[] = {{sem.get(), first + i},
                                      {never.get(), mode == WaitMode::kAny ? 1u : 0u}};
      waiting = first + i;
      status = ToHalStatus(WaitSemaphores(TestBackend(), points, mode, InMilliseconds(kPatienceMs)));
      EXPECT_EQ(status, HAL_OK) << "round " << i;
    }
    signaller.join();
  }
}

TEST_F(HalSemaphore, PingPong) {
  Semaphore a = NewSemaphore(0), b = NewSemaphore(0);
  constexpr uint64_t kRounds = 2000;
  std::thread peer([&] {
    for (uint64_t i = 1; i <= kRounds; ++i) {
      EXPECT_HAL_OK(a.Wait(i, InMilliseconds(kPatienceMs)));
      EXPECT_HAL_OK(b.Signal(i));
    }
  });
  for (uint64_t i = 1; i <= kRounds; ++i) {
    ASSERT_HAL_OK(a.Signal(i));
    ASSERT_HAL_OK(b.Wait(i, InMilliseconds(kPatienceMs)));
  }
  peer.join();
}

}  // namespace
}  // namespace tq::hal
