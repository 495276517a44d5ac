// Group executable: loading, hostile code, launches of block-loop kernels, services, occupancy.
#include <random>
#include <thread>

#include "base/code_object.h"
#include "hal/error.h"
#include "tests/hal/conformance.h"

namespace tq::hal {
namespace {

class HalExecutable : public HalKernelTest {};

TEST_F(HalExecutable, UnknownNamesAreNotFound) {
  EXPECT_EQ(ToHalStatus(executable_.Kernel("absent").status()), HAL_NOT_FOUND);
  EXPECT_EQ(ToHalStatus(executable_.Symbol("absent").status()), HAL_NOT_FOUND);
  EXPECT_HAL_OK(executable_.Symbol("device_function_ptx"));
}

TEST_F(HalExecutable, MissingImportIsNamed) {
  const auto executable = Executable::Load(vm_, TestCodeObject(device_), {});
  EXPECT_EQ(ToHalStatus(executable.status()), HAL_INCOMPATIBLE_CODE);
  EXPECT_NE(executable.status().message().find("tq_counter"), std::string::npos) << executable.status();
}

TEST_F(HalExecutable, OtherTargetsAreRefused) {
  CodeObject object = *ReadCodeObject(TestCodeObject(device_));
  object.abi_version += 1;
  EXPECT_EQ(ToHalStatus(Executable::Load(vm_, WriteCodeObject(object), {}).status()), HAL_INCOMPATIBLE_CODE);
  object.abi_version -= 1;
  object.target = "pdp11";
  EXPECT_EQ(ToHalStatus(Executable::Load(vm_, WriteCodeObject(object), {}).status()), HAL_INCOMPATIBLE_CODE);
  object.target = device_.Targets()[0].target;
  object.features = "+unobtainium";
  EXPECT_EQ(ToHalStatus(Executable::Load(vm_, WriteCodeObject(object), {}).status()), HAL_INCOMPATIBLE_CODE);
}

TEST_F(HalExecutable, TruncatedCodeIsRefused) {
  const std::vector<uint8_t> code = TestCodeObject(device_);
  for (size_t size = 0; size < code.size(); size += 1 + size / 64) {
    const auto executable = Executable::Load(vm_, {code.data(), size}, {});
    ASSERT_EQ(ToHalStatus(executable.status()), HAL_INCOMPATIBLE_CODE) << size;
  }
}

// The container's checksum is made right again, so that the damage reaches the loader of the payload.
TEST_F(HalExecutable, DamagedPayloadsNeverCrash) {
  CodeObject object = *ReadCodeObject(TestCodeObject(device_));
  const hal_import import = {"tq_counter", Va(counter_)};
  const std::vector<uint8_t> good = object.payload;
  std::mt19937 random(3);
  int refused = 0;
  for (int i = 0; i < Rounds(3000); ++i) {
    object.payload = good;
    if (i % 3 == 0) object.payload.resize(random() % good.size());
    for (uint32_t flips = 1 + random() % 8; flips > 0 && !object.payload.empty(); --flips) {
      // Headers and tables are at the ends.
      const size_t at = random() % 2 == 0 ? random() % std::min<size_t>(object.payload.size(), 64)
                                          : object.payload.size() - 1 -
                                                random() % std::min<size_t>(object.payload.size(), 6000);
      object.payload[at] = static_cast<uint8_t>(random());
    }
    refused += !Executable::Load(vm_, WriteCodeObject(object), {&import, 1}).ok();
  }
  EXPECT_GT(refused, Rounds(1000));
}

TEST_F(HalExecutable, AddsVectors) {
  for (const uint64_t n : {1, 1000, 100000}) {
    auto* out = Allocate<float>(n);
    auto* a = Allocate<float>(n);
    auto* b = Allocate<float>(n);
    for (uint64_t i = 0; i < n; ++i) {
      a[i] = static_cast<float>(i);
      b[i] = static_cast<float>(2 * i);
    }
    const struct {
      float *out, *a, *b;
      uint64_t n;
    } params = {out, a, b, n};
    for (int run = 0; run < 3; ++run) {  // by the pool first, then as measured
      std::memset(out, 0, n * sizeof(float));
      ASSERT_HAL_OK(Run(Launch("add", {static_cast<uint32_t>((n + 255) / 256), 1, 1}, {256, 1, 1}, params)));
      for (uint64_t i = 0; i < n; ++i) ASSERT_EQ(out[i], static_cast<float>(3 * i)) << i;
    }
  }
}

TEST_F(HalExecutable, BlocksKnowTheirPlace) {
  const hal_dim3 grid = {5, 7, 3};
  auto* out = Allocate<uint32_t>(5 * 7 * 3 * 4);
  ASSERT_HAL_OK(Run(Launch("coordinates", grid, {4, 3, 2}, out)));
  for (uint32_t z = 0; z < 3; ++z) {
    for (uint32_t y = 0; y < 7; ++y) {
      for (uint32_t x = 0; x < 5; ++x) {
        const uint32_t* record = out + 4 * (x + 5 * (y + 7 * z));
        ASSERT_EQ(record[0], x);
        ASSERT_EQ(record[1], y);
        ASSERT_EQ(record[2], z);
        ASSERT_EQ(record[3], 40302u);
      }
    }
  }
}

TEST_F(HalExecutable, EveryBlockRunsOnce) {
  auto* count = Allocate<uint64_t>(1);
  *count = 0;
  uint64_t expected = 0;
  for (const uint32_t blocks : {1u, 2u, 63u, 1000u, 100003u}) {
    ASSERT_HAL_OK(Run(Launch("count", {blocks, 1, 1}, {32, 1, 1}, count)));
    expected += blocks;
    ASSERT_EQ(*count, expected);
  }
}

TEST_F(HalExecutable, ImportsAreBound) {
  const int nothing = 0;
  ASSERT_HAL_OK(Run(Launch("count_import", {10, 1, 1}, {1, 1, 1}, nothing)));
  EXPECT_EQ(*counter_, 10);
}

TEST_F(HalExecutable, RecordedDispatchesKeepTheirArgumentsAndArePatched) {
  auto* count = Allocate<uint64_t>(2);
  count[0] = count[1] = 0;
  Commands commands = NewCommands();
  uint64_t* target = &count[0];
  const auto slot = commands.Dispatch(Launch("count", {3, 1, 1}, {1, 1, 1}, target));
  ASSERT_HAL_OK(slot);
  target = nullptr;
  params_.clear();
  for (int i = 0; i < 10; ++i) ASSERT_HAL_OK(Run(commands));
  EXPECT_EQ(count[0], 30u);
  target = &count[1];
  ASSERT_HAL_OK(commands.Patch(*slot, Launch("count", {5, 1, 1}, {1, 1, 1}, target)));
  ASSERT_HAL_OK(Run(commands));
  EXPECT_EQ(count[0], 30u);
  EXPECT_EQ(count[1], 5u);
}

TEST_F(HalExecutable, MayBeUnloadedWhileItRuns) {
  auto* done = Allocate<uint64_t>(1);
  *done = 0;
  const struct {
    uint64_t nanoseconds;
    uint64_t* done;
  } params = {2000000, done};
  Commands commands = NewCommands();
  ASSERT_HAL_OK(commands.Dispatch(Launch("busy", {8, 1, 1}, {1, 1, 1}, params)));
  Semaphore sem = NewSemaphore();
  ASSERT_HAL_OK(SubmitTo(queue_, commands, {}, {{sem.get(), 1}}));
  executable_ = {};
  commands = NewCommands();
  ASSERT_HAL_OK(sem.Wait(1, InMilliseconds(kPatienceMs)));
  EXPECT_EQ(*done, 8u);
}

TEST_F(HalExecutable, SharedMemoryIsAsLargeAsAsked) {
  auto* out = Allocate<uint64_t>(3);
  for (const uint32_t dynamic : {0u, 100u, 48u << 10}) {
    ASSERT_HAL_OK(Run(Launch("shared_window", {4, 1, 1}, {1, 1, 1}, out, dynamic)));
    EXPECT_GE(out[0], 1000 + dynamic);
    EXPECT_GE(out[1], 1000u);
    EXPECT_EQ(out[1] + dynamic, out[0]);
    EXPECT_EQ(out[2], 0u);
  }
}

TEST_F(HalExecutable, HeapHasALimit) {
  auto* out = Allocate<uint64_t>(3);
  ASSERT_HAL_OK(Run(Launch("heap", {1, 1, 1}, {1, 1, 1}, out)));
  EXPECT_EQ(out[0], 1u);
  EXPECT_EQ(out[1], 1u);
  EXPECT_GE(out[2], 1u);
  EXPECT_LE(out[2], device_.info().heap_bytes >> 20);
}

TEST_F(HalExecutable, HeapGrowsUntilItIsUsed) {
  const uint64_t wanted = 4 * device_.info().heap_bytes;
  ASSERT_HAL_OK(vm_.SetLimit(HAL_LIMIT_HEAP, wanted));
  auto* out = Allocate<uint64_t>(3);
  ASSERT_HAL_OK(Run(Launch("heap", {1, 1, 1}, {1, 1, 1}, out)));
  EXPECT_GT(out[2], device_.info().heap_bytes >> 20);
  EXPECT_LE(out[2], wanted >> 20);
  EXPECT_EQ(vm_.SetLimit(HAL_LIMIT_HEAP, 2 * wanted).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(HalExecutable, Prints) {
  TakePrintedText();
  auto* count = Allocate<int32_t>(1);
  ASSERT_HAL_OK(Run(Launch("print", {3, 1, 1}, {1, 1, 1}, count)));
  const std::string line = "-5 1.50 text 1099511627776 %\n";
  EXPECT_EQ(TakePrintedText(), line + line + line);
  EXPECT_EQ(*count, 4);
}

TEST_F(HalExecutable, LookBackOnLowerBlocksEnds) {
  constexpr uint32_t kBlocks = 3000;
  auto* out = Allocate<uint32_t>(kBlocks);
  std::memset(out, 0, kBlocks * 4);
  ASSERT_HAL_OK(Run(Launch("look_back", {kBlocks, 1, 1}, {1, 1, 1}, out)));
  for (uint32_t i = 0; i < kBlocks; ++i) ASSERT_EQ(out[i], i + 1);
}

TEST_F(HalExecutable, OccupancyFollowsTheLimits) {
  const KernelEntry empty = Kernel("empty");
  const hal_device_info& info = device_.info();
  const auto blocks = [&](uint32_t threads, uint32_t shared) {
    return executable_.Occupancy(empty, {threads, 1, 1}, shared)->blocks_per_unit;
  };
  EXPECT_EQ(blocks(1024, 0), info.max_threads_per_unit / 1024);
  EXPECT_EQ(blocks(32, 0), std::min(info.max_blocks_per_unit, info.max_threads_per_unit / 32));
  EXPECT_EQ(blocks(256, info.max_shared_bytes_per_block), 1u);
  EXPECT_EQ(blocks(256, info.max_shared_bytes_per_block + 1), 0u);
  EXPECT_EQ(blocks(1025, 0), 0u);
  EXPECT_EQ(executable_.Occupancy(empty, {1024, 1, 1}, 0)->resident_blocks,
            blocks(1024, 0) * info.compute_units);
}

// Two queues with work for one thread each take the time of one.
TEST_F(HalExecutable, QueuesOverlap) {
  auto* done = Allocate<uint64_t>(1);
  *done = 0;
  const struct {
    uint64_t nanoseconds;
    uint64_t* done;
  } params = {100000000, done};
  Queue other = NewQueue();
  Semaphore sem = NewSemaphore();
  const uint64_t begin = MonotonicNs();
  ASSERT_EQ(queue_.Dispatch(Launch("busy", {1, 1, 1}, {1, 1, 1}, params), done_.get(), ++done_value_),
            HAL_OK);
  ASSERT_EQ(other.Dispatch(Launch("busy", {1, 1, 1}, {1, 1, 1}, params), sem.get(), 1), HAL_OK);
  EXPECT_LT(MonotonicNs() - begin, 90000000u) << "a long launch must not block the caller";
  ASSERT_HAL_OK(done_.Wait(done_value_, InMilliseconds(kPatienceMs)));
  ASSERT_HAL_OK(sem.Wait(1, InMilliseconds(kPatienceMs)));
  EXPECT_LT(MonotonicNs() - begin, 190000000u);
}

TEST_F(HalExecutable, ALongGridDoesNotStarveAShortOne) {
  auto* done = Allocate<uint64_t>(2);
  done[0] = done[1] = 0;
  struct Params {
    uint64_t nanoseconds;
    uint64_t* done;
  };
  const Params long_params = {1000000, &done[0]}, short_params = {10000, &done[1]};
  ASSERT_EQ(queue_.Dispatch(Launch("busy", {1000, 1, 1}, {1, 1, 1}, long_params), done_.get(), ++done_value_),
            HAL_OK);
  Queue other = NewQueue();
  Semaphore sem = NewSemaphore();
  ASSERT_EQ(other.Dispatch(Launch("busy", {8, 1, 1}, {1, 1, 1}, short_params), sem.get(), 1), HAL_OK);
  ASSERT_HAL_OK(sem.Wait(1, InMilliseconds(kPatienceMs)));
  EXPECT_LT(__atomic_load_n(&done[0], __ATOMIC_SEQ_CST), 900u);
  ASSERT_HAL_OK(done_.Wait(done_value_, InMilliseconds(kPatienceMs)));
  EXPECT_EQ(done[0], 1000u);
}

// A kernel that was never measured: how long its blocks are is not known, and the short grid must not learn
// it the hard way. Counted in blocks, by copies in the short one's queue, so that a busy machine changes
// nothing.
TEST_F(HalExecutable, AGridOfUnknownCostDoesNotStarveAShortOne) {
  auto* done =
      Allocate<uint64_t>(4);  // blocks of the long one, of the short one; of the long one before and after
  std::memset(done, 0, 4 * sizeof *done);
  struct Params {
    uint64_t nanoseconds;
    uint64_t* done;
  };
  const Params long_params = {1000000, &done[0]}, short_params = {1000, &done[1]};
  ASSERT_EQ(queue_.Dispatch(Launch("busy", {1000, 1, 1}, {1, 1, 1}, long_params), done_.get(), ++done_value_),
            HAL_OK);
  // Not before every worker is in the long one.
  const uint32_t workers = device_.info().compute_units;
  while (__atomic_load_n(&done[0], __ATOMIC_SEQ_CST) < 2 * workers) std::this_thread::yield();
  Queue other = NewQueue();
  Semaphore sem = NewSemaphore();
  Commands commands = NewCommands();
  ASSERT_HAL_OK(commands.CopyLinear(Va(&done[2]), Va(&done[0]), 8));
  ASSERT_HAL_OK(commands.Dispatch(Launch("busy", {2, 1, 1}, {1, 1, 1}, short_params)));
  ASSERT_HAL_OK(commands.CopyLinear(Va(&done[3]), Va(&done[0]), 8));
  ASSERT_HAL_OK(SubmitTo(other, commands, {}, {{sem.get(), 1}}));
  ASSERT_HAL_OK(sem.Wait(1, InMilliseconds(kPatienceMs)));
  // Two turns of the short one, each behind a block of the long one on every worker, and as much again to
  // spare.
  EXPECT_LE(done[3] - done[2], 8 * workers);
  ASSERT_HAL_OK(done_.Wait(done_value_, InMilliseconds(kPatienceMs)));
  EXPECT_EQ(done[0], 1000u);
}

// Two long grids of equal priority: when one ends, the other has come about as far.
TEST_F(HalExecutable, TwoGridsShareTheWorkersFairly) {
  auto* done = Allocate<uint64_t>(3);
  std::memset(done, 0, 3 * sizeof *done);
  struct Params {
    uint64_t nanoseconds;
    uint64_t* done;
  };
  const Params first_params = {200000, &done[0]}, second_params = {200000, &done[1]};
  Queue other = NewQueue();
  Semaphore gate = NewSemaphore(), sem = NewSemaphore();
  Commands first = NewCommands(), second = NewCommands();
  ASSERT_HAL_OK(first.Dispatch(Launch("busy", {400, 1, 1}, {1, 1, 1}, first_params)));
  ASSERT_HAL_OK(first.CopyLinear(Va(&done[2]), Va(&done[1]), 8));
  ASSERT_HAL_OK(second.Dispatch(Launch("busy", {400, 1, 1}, {1, 1, 1}, second_params)));
  ASSERT_HAL_OK(SubmitTo(queue_, first, {{gate.get(), 1}}, {{done_.get(), ++done_value_}}));
  ASSERT_HAL_OK(SubmitTo(other, second, {{gate.get(), 1}}, {{sem.get(), 1}}));
  ASSERT_HAL_OK(gate.Signal(1));
  ASSERT_HAL_OK(done_.Wait(done_value_, InMilliseconds(kPatienceMs)));
  ASSERT_HAL_OK(sem.Wait(1, InMilliseconds(kPatienceMs)));
  EXPECT_GT(done[2], 300u) << "blocks of the second grid when the first had ended";
}

// Of two long grids the one of higher priority gets every worker.
TEST_F(HalExecutable, PrioritiesAreHonoured) {
  auto* done = Allocate<uint64_t>(3);
  std::memset(done, 0, 3 * sizeof *done);
  struct Params {
    uint64_t nanoseconds;
    uint64_t* done;
  };
  const Params low_params = {200000, &done[0]}, high_params = {200000, &done[1]};
  Queue high_queue = NewQueue(1);
  Semaphore gate = NewSemaphore(), sem = NewSemaphore();
  Commands low = NewCommands(), high = NewCommands();
  ASSERT_HAL_OK(low.Dispatch(Launch("busy", {300, 1, 1}, {1, 1, 1}, low_params)));
  ASSERT_HAL_OK(high.Dispatch(Launch("busy", {300, 1, 1}, {1, 1, 1}, high_params)));
  ASSERT_HAL_OK(high.CopyLinear(Va(&done[2]), Va(&done[0]), 8));
  ASSERT_HAL_OK(SubmitTo(queue_, low, {{gate.get(), 1}}, {{done_.get(), ++done_value_}}));
  ASSERT_HAL_OK(SubmitTo(high_queue, high, {{gate.get(), 1}}, {{sem.get(), 1}}));
  ASSERT_HAL_OK(gate.Signal(1));
  ASSERT_HAL_OK(sem.Wait(1, InMilliseconds(kPatienceMs)));
  ASSERT_HAL_OK(done_.Wait(done_value_, InMilliseconds(kPatienceMs)));
  EXPECT_EQ(done[0], 300u);
  EXPECT_EQ(done[1], 300u);
  // Next to none, unless the system takes its core from the thread that runs the last block of the high one.
  EXPECT_LE(done[2], 150u) << "blocks of the low grid when the high one had ended";
}

// A kernel that was short so far is launched in the caller's thread. When it is long this time, the caller
// gets its thread back, and what comes next in the queue still comes next.
TEST_F(HalExecutable, AGridThatIsLongForOnceIsHandedOver) {
  constexpr uint32_t kBlocks = 500;
  auto* done = Allocate<uint64_t>(4);
  std::memset(done, 0, 4 * sizeof *done);
  struct Params {
    uint64_t nanoseconds;
    uint64_t* done;
  };
  const Params short_params = {0, &done[3]};
  for (const bool is_recorded : {false, true}) {
    done[0] = done[1] = 0;
    for (int i = 0; i < 300; ++i) {
      ASSERT_HAL_OK(Run(Launch("busy", {1, 1, 1}, {32, 1, 1}, short_params)));
    }
    const Params long_params = {200000, &done[0]};
    const hal_dispatch dispatch = Launch("busy", {kBlocks, 1, 1}, {1, 1, 1}, long_params);
    Commands commands = NewCommands();
    if (is_recorded) {
      ASSERT_HAL_OK(commands.Dispatch(dispatch));
      ASSERT_HAL_OK(SubmitTo(queue_, commands, {}, {{done_.get(), ++done_value_}}));
    } else {
      ASSERT_EQ(queue_.Dispatch(dispatch, done_.get(), ++done_value_), HAL_OK);
    }
    EXPECT_LT(__atomic_load_n(&done[0], __ATOMIC_SEQ_CST), kBlocks / 2) << "the caller ran most of it";
    Commands copy = NewCommands();
    ASSERT_HAL_OK(copy.CopyLinear(Va(&done[1]), Va(&done[0]), 8));
    ASSERT_HAL_OK(Run(copy));
    EXPECT_EQ(done[0], kBlocks);
    EXPECT_EQ(done[1], kBlocks);
  }
}

// Stencils read the row before their array and do not use it. Meant for a process of its own, in which this
// is the device's first memory.
TEST_F(HalExecutable, ARowBeforeAnArrayIsReadable) {
  auto* array = Allocate<uint32_t>(1 << 20);
  const uint32_t* before = array - (4 << 10);
  EXPECT_HAL_OK(Run(Launch("load", {1, 1, 1}, {1, 1, 1}, before)));
}

}  // namespace
}  // namespace tq::hal
