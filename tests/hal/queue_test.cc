// Groups queue (submissions complete and carry poison) and order (waits are honoured, queues are
// independent).
#include <thread>

#include "hal/error.h"
#include "tests/hal/conformance.h"

namespace tq::hal {
namespace {

class HalQueue : public HalTest {};

TEST_F(HalQueue, EmptySubmissionSignals) {
  Semaphore a = NewSemaphore(), b = NewSemaphore();
  const hal_sem_point signals[] = {{a.get(), 5}, {b.get(), 9}};
  ASSERT_HAL_OK(queue_.Submit({}, {}, signals));
  EXPECT_HAL_OK(a.Wait(5, InMilliseconds(kPatienceMs)));
  EXPECT_HAL_OK(b.Wait(9, InMilliseconds(kPatienceMs)));
}

TEST_F(HalQueue, PoisonedWaitPoisonsSignals) {
  Semaphore gate = NewSemaphore(), out = NewSemaphore();
  ASSERT_HAL_OK(gate.Poison(HAL_FAULTED));
  const hal_sem_point wait = {gate.get(), 1}, signal = {out.get(), 1};
  ASSERT_HAL_OK(queue_.Submit({&wait, 1}, {}, {&signal, 1}));
  EXPECT_EQ(ToHalStatus(out.Wait(1, InMilliseconds(kPatienceMs))), HAL_FAULTED);
}

TEST_F(HalQueue, SubmittedSemaphoresMayBeDestroyed) {
  for (int i = 0; i < 100; ++i) {
    Semaphore out = NewSemaphore();
    Commands commands = NewCommands();
    uint8_t* data = Allocate<uint8_t>(1 << 16);
    ASSERT_HAL_OK(commands.Fill({.size = sizeof(hal_fill),
                                 .dst = Va(data),
                                 .row_elements = 1 << 16,
                                 .rows = 1,
                                 .element_bytes = 1,
                                 .pattern = 1}));
    ASSERT_HAL_OK(SubmitTo(queue_, commands, {}, {{out.get(), 1}}));
  }
}

class HalOrder : public HalTest {};

TEST_F(HalOrder, WaitsForAHostSignal) {
  Semaphore gate = NewSemaphore(), out = NewSemaphore();
  const hal_sem_point wait = {gate.get(), 3}, signal = {out.get(), 1};
  ASSERT_HAL_OK(queue_.Submit({&wait, 1}, {}, {&signal, 1}));
  EXPECT_EQ(ToHalStatus(out.Wait(1, InMilliseconds(5))), HAL_TIMEOUT);
  ASSERT_HAL_OK(gate.Signal(2));
  EXPECT_EQ(ToHalStatus(out.Wait(1, InMilliseconds(5))), HAL_TIMEOUT);
  ASSERT_HAL_OK(gate.Signal(3));
  EXPECT_HAL_OK(out.Wait(1, InMilliseconds(kPatienceMs)));
}

TEST_F(HalOrder, ABlockedQueueDoesNotStopAnother) {
  Semaphore gate = NewSemaphore(), blocked = NewSemaphore(), free = NewSemaphore();
  std::vector<Queue> queues;  // more than there can be workers
  for (int i = 0; i < 32; ++i) {
    queues.push_back(NewQueue());
    const hal_sem_point wait = {gate.get(), 1}, signal = {blocked.get(), static_cast<uint64_t>(i) + 1};
    ASSERT_HAL_OK(queues.back().Submit({&wait, 1}, {}, {&signal, 1}));
  }
  const hal_sem_point signal = {free.get(), 1};
  ASSERT_HAL_OK(queue_.Submit({}, {}, {&signal, 1}));
  EXPECT_HAL_OK(free.Wait(1, InMilliseconds(kPatienceMs)));
  ASSERT_HAL_OK(gate.Signal(1));
  EXPECT_HAL_OK(blocked.Wait(32, InMilliseconds(kPatienceMs)));
}

TEST_F(HalOrder, ChainsAcrossQueues) {
  constexpr int kQueues = 8, kRounds = 100;
  std::vector<Queue> queues;
  std::vector<Semaphore> sems;
  for (int i = 0; i < kQueues; ++i) {
    queues.push_back(NewQueue());
    sems.push_back(NewSemaphore());
  }
  uint32_t* data = Allocate<uint32_t>(kQueues * kRounds + 1);
  std::memset(data, 0, (kQueues * kRounds + 1) * 4);
  data[0] = 77;
  for (int step = 0; step < kQueues * kRounds; ++step) {
    const int queue = step % kQueues;
    Commands commands = NewCommands();
    ASSERT_HAL_OK(commands.CopyLinear(Va(data + step + 1), Va(data + step), 4));
    std::vector<hal_sem_point> waits;
    if (step > 0) waits.push_back({sems[(step - 1) % kQueues].get(), static_cast<uint64_t>(step)});
    ASSERT_HAL_OK(
        SubmitTo(queues[queue], commands, waits, {{sems[queue].get(), static_cast<uint64_t>(step) + 1}}));
  }
  ASSERT_HAL_OK(sems[(kQueues * kRounds - 1) % kQueues].Wait(kQueues * kRounds, InMilliseconds(kPatienceMs)));
  for (int i = 0; i <= kQueues * kRounds; ++i) ASSERT_EQ(data[i], 77u) << i;
}

TEST_F(HalOrder, ReverseSubmissionOfAChain) {
  constexpr int kLinks = 16;
  std::vector<Queue> queues;
  std::vector<Semaphore> sems;
  for (int i = 0; i <= kLinks; ++i) {
    queues.push_back(NewQueue());
    sems.push_back(NewSemaphore());
  }
  uint32_t* data = Allocate<uint32_t>(kLinks + 1);
  std::memset(data, 0, (kLinks + 1) * 4);
  data[0] = 5;
  for (int i = kLinks - 1; i >= 0; --i) {
    Commands commands = NewCommands();
    ASSERT_HAL_OK(commands.CopyLinear(Va(data + i + 1), Va(data + i), 4));
    ASSERT_HAL_OK(SubmitTo(queues[i], commands, {{sems[i].get(), 1}}, {{sems[i + 1].get(), 1}}));
  }
  EXPECT_EQ(data[kLinks], 0u);
  ASSERT_HAL_OK(sems[0].Signal(1));
  ASSERT_HAL_OK(sems[kLinks].Wait(1, InMilliseconds(kPatienceMs)));
  EXPECT_EQ(data[kLinks], 5u);
}

TEST_F(HalOrder, DestroyWaitsForWhatWasSubmitted) {
  uint8_t* a = Allocate<uint8_t>(16 << 20);
  uint8_t* b = Allocate<uint8_t>(16 << 20);
  std::memset(a, 3, 16 << 20);
  std::memset(b, 0, 16 << 20);
  Commands commands = NewCommands();
  ASSERT_HAL_OK(commands.CopyLinear(Va(b), Va(a), 16 << 20));
  {
    Queue queue = NewQueue();
    ASSERT_HAL_OK(SubmitTo(queue, commands, {}, {}));
  }
  EXPECT_EQ(std::memcmp(a, b, 16 << 20), 0);
}

}  // namespace
}  // namespace tq::hal
