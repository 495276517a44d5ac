// Group fault: what goes wrong in a kernel is recorded, poisons its address space and nothing else.
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "hal/error.h"
#include "tests/hal/conformance.h"

namespace tq::hal {
namespace {

struct StoreParams {
  const volatile void* address;
  uint32_t block;
};

class HalFault : public HalKernelTest {
 public:
  // Runs to a fault and returns the record. The device works on in another address space.
  hal_fault RunToFault(const hal_dispatch& dispatch) {
    EXPECT_EQ(ToHalStatus(Run(dispatch)), HAL_FAULTED);
    EXPECT_EQ(ToHalStatus(vm_.status()), HAL_FAULTED);
    auto fault = vm_.ReadFault();
    EXPECT_HAL_OK(fault);
    if (!fault.ok()) return {};
    EXPECT_EQ(ToHalStatus(vm_.ReadFault().status()), HAL_NOT_FOUND);
    EXPECT_EQ(fault->grid_id, dispatch.grid_id);
    return *fault;
  }

  // An address that no mapping covers.
  // Stays reserved: a page that was unmapped could be another thread's by the time of the access.
  void* BadAddress() {
    static void* const page = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return static_cast<char*>(page) + 0x124;
  }
};

// A second address space within a test.
class OtherSpace final : public HalFault {
  void TestBody() override {}
};

TEST_F(HalFault, StoreToNowhere) {
  void* address = BadAddress();
  const hal_fault fault = RunToFault(Launch("store", {8, 1, 1}, {32, 1, 1}, StoreParams{address, 5}));
  EXPECT_EQ(fault.kind, HAL_FAULT_ILLEGAL_ADDRESS);
  EXPECT_EQ(fault.address, Va(address));
  EXPECT_EQ(fault.access, HAL_VM_WRITE);
  EXPECT_STREQ(fault.kernel, "store");
  EXPECT_STREQ(fault.function, "a_function");
  EXPECT_STREQ(fault.source_file, "kernel.cu");
  EXPECT_EQ(fault.ptx_line, 123u);
  EXPECT_EQ(fault.source_line, 45u);
  EXPECT_EQ(fault.block.x, 5u);
  EXPECT_EQ(fault.thread.x, 7u);
}

TEST_F(HalFault, LoadFromNowhere) {
  void* address = BadAddress();
  const hal_fault fault = RunToFault(Launch("load", {1, 1, 1}, {32, 1, 1}, address));
  EXPECT_EQ(fault.kind, HAL_FAULT_ILLEGAL_ADDRESS);
  EXPECT_EQ(fault.access, HAL_VM_READ);
  EXPECT_EQ(fault.address, Va(address));
}

// Of several kernels in one submission, which one it was.
TEST_F(HalFault, LaterKernelIsNamed) {
  auto* word = Allocate<int32_t>(1);
  const hal_dispatch good = Launch("store", {4, 1, 1}, {32, 1, 1}, StoreParams{word, 0});
  const hal_dispatch bad = Launch("load", {4, 1, 1}, {32, 1, 1}, BadAddress());
  Commands commands = NewCommands();
  for (const hal_dispatch& dispatch : {good, bad, good}) ASSERT_HAL_OK(commands.Dispatch(dispatch).status());
  EXPECT_EQ(ToHalStatus(Run(commands)), HAL_FAULTED);
  const auto fault = vm_.ReadFault();
  ASSERT_HAL_OK(fault);
  EXPECT_STREQ(fault->kernel, "load");
  EXPECT_EQ(fault->grid_id, bad.grid_id);
}

TEST_F(HalFault, InAFunctionOfTheHost) {
  if (HAL_TEST_SANITIZED)
    GTEST_SKIP() << "a sanitizer's own memcpy reports the bad address before it is used";
  const hal_fault fault = RunToFault(Launch("copy_bad", {1, 1, 1}, {32, 1, 1}, BadAddress()));
  EXPECT_EQ(fault.kind, HAL_FAULT_ILLEGAL_ADDRESS);
  EXPECT_EQ(fault.ptx_line, 123u) << "the line is that of the call";
}

TEST_F(HalFault, FiberNamesItsThread) {
  const hal_fault fault =
      RunToFault(Launch("fiber_store", {4, 1, 1}, {16, 8, 1}, StoreParams{BadAddress(), 300}));
  EXPECT_EQ(fault.kind, HAL_FAULT_ILLEGAL_ADDRESS);
  EXPECT_EQ(fault.block.x, 2u);
  EXPECT_EQ(fault.thread.x, 44u % 16);
  EXPECT_EQ(fault.thread.y, 44u / 16);
}

TEST_F(HalFault, Instructions) {
  struct Row {
    const char* kernel;
    hal_fault_kind kind;
  };
  for (const Row& row : {Row{"bad_instruction", HAL_FAULT_ILLEGAL_INSTRUCTION},
                         Row{"breakpoint", HAL_FAULT_TRAP}, Row{"fiber_deadlock", HAL_FAULT_DEADLOCK}}) {
    OtherSpace fresh;  // each in an address space of its own
    const int nothing = 0;
    const hal_dispatch dispatch = fresh.Launch(row.kernel, {1, 1, 1}, {32, 1, 1}, nothing);
    EXPECT_EQ(fresh.RunToFault(dispatch).kind, row.kind) << row.kernel;
  }
}

TEST_F(HalFault, DivisionByZero) {
  auto* data = Allocate<int32_t>(3);
  data[0] = 1;
  data[1] = 0;
  EXPECT_EQ(RunToFault(Launch("divide", {1, 1, 1}, {1, 1, 1}, data)).kind, HAL_FAULT_ARITHMETIC);
}

TEST_F(HalFault, WildJump) {
  const uint64_t target = Va(BadAddress());
  const hal_fault fault = RunToFault(Launch("bad_jump", {1, 1, 1}, {1, 1, 1}, target));
  EXPECT_EQ(fault.kind, HAL_FAULT_INVALID_PC);
  EXPECT_EQ(fault.ptx_line, 123u);
}

TEST_F(HalFault, TrapByService) {
  const int nothing = 0;
  const hal_fault fault = RunToFault(Launch("fiber_trap", {2, 1, 1}, {32, 1, 1}, nothing));
  EXPECT_EQ(fault.kind, HAL_FAULT_TRAP);
  EXPECT_EQ(fault.block.x, 1u);
  EXPECT_EQ(fault.thread.x, 5u);
  EXPECT_EQ(fault.ptx_line, 123u);
}

TEST_F(HalFault, Assertion) {
  const int nothing = 0;
  const hal_fault fault = RunToFault(Launch("assertion", {1, 1, 1}, {4, 2, 1}, nothing));
  EXPECT_EQ(fault.kind, HAL_FAULT_ASSERT);
  EXPECT_NE(std::string(fault.message)
                .find("file.cu:17: kernel: block: [0,0,0], thread: [3,1,0] Assertion `x > 0`"),
            std::string::npos)
      << fault.message;
}

TEST_F(HalFault, StackOverflow) {
  for (const char* kernel : {"recurse", "fiber_recurse"}) {
    OtherSpace fresh;
    ASSERT_HAL_OK(fresh.vm_.SetLimit(HAL_LIMIT_STACK, 64 << 10));
    auto* data = fresh.Allocate<uint32_t>(2);
    data[0] = 100;  // deep, but not too deep
    data[1] = 0;
    ASSERT_HAL_OK(fresh.Run(fresh.Launch(kernel, {1, 1, 1}, {4, 1, 1}, data)));
    data[0] = 1 << 24;
    EXPECT_EQ(fresh.RunToFault(fresh.Launch(kernel, {1, 1, 1}, {4, 1, 1}, data)).kind,
              HAL_FAULT_STACK_OVERFLOW);
  }
}

TEST_F(HalFault, EndlessKernelsMeetTheWatchdog) {
  for (const char* kernel : {"forever", "fiber_spin"}) {
    OtherSpace fresh;
    const int nothing = 0;
    const uint64_t begin = MonotonicNs();
    EXPECT_EQ(fresh.RunToFault(fresh.Launch(kernel, {4, 1, 1}, {32, 1, 1}, nothing)).kind, HAL_FAULT_TIMEOUT);
    // At once on a quiet machine; here other tests and builds may have the cores.
    EXPECT_LT(MonotonicNs() - begin, (std::stoull(HAL_TEST_WATCHDOG_MS) + 8000) * 1000000);
  }
}

TEST_F(HalFault, CopiesFaultToo) {
  auto* data = Allocate<uint8_t>(4096);
  Commands commands = NewCommands();
  ASSERT_HAL_OK(commands.CopyLinear(Va(BadAddress()), Va(data), 4096));
  EXPECT_EQ(ToHalStatus(Run(commands)), HAL_FAULTED);
  const auto fault = vm_.ReadFault();
  ASSERT_HAL_OK(fault);
  EXPECT_EQ(fault->kind, HAL_FAULT_ILLEGAL_ADDRESS);
  EXPECT_EQ(fault->access, HAL_VM_WRITE);
}

TEST_F(HalFault, NotifiesAndPoisonsWhatFollows) {
  const int fd = *device_.NotifyFd();
  uint64_t drained;
  while (read(fd, &drained, sizeof drained) > 0) {
  }
  RunToFault(Launch("store", {1, 1, 1}, {1, 1, 1}, StoreParams{BadAddress(), 0}));
  pollfd poll_fd = {.fd = fd, .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&poll_fd, 1, 1000), 1);
  auto* count = Allocate<uint64_t>(1);
  *count = 0;
  Semaphore later = NewSemaphore();
  ASSERT_EQ(queue_.Dispatch(Launch("count", {1, 1, 1}, {1, 1, 1}, count), later.get(), 1), HAL_OK);
  EXPECT_EQ(ToHalStatus(later.Wait(1, InMilliseconds(kPatienceMs))), HAL_FAULTED);
  EXPECT_EQ(*count, 0u);
}

TEST_F(HalFault, OtherAddressSpacesGoOn) {
  OtherSpace other;
  auto* count = other.Allocate<uint64_t>(1);
  *count = 0;
  for (int i = 0; i < 20; ++i) {
    OtherSpace faulty;
    faulty.RunToFault(faulty.Launch("store", {64, 1, 1}, {1, 1, 1}, StoreParams{BadAddress(), 33}));
    ASSERT_HAL_OK(other.Run(other.Launch("count", {100, 1, 1}, {1, 1, 1}, count)));
  }
  EXPECT_EQ(*count, 2000u);
  EXPECT_FALSE(other.vm_.IsFaulted());
}

// A handler that the application installs later must not take a kernel's fault away from us.
TEST_F(HalFault, SurvivesAHandlerOfTheApplication) {
  struct sigaction mine = {}, old;
  mine.sa_handler = [](int) { _exit(3); };
  ASSERT_EQ(sigaction(SIGSEGV, &mine, &old), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(3));
  RunToFault(Launch("store", {4, 1, 1}, {1, 1, 1}, StoreParams{BadAddress(), 0}));
  sigaction(SIGSEGV, &old, nullptr);
}

using HalFaultDeathTest = HalFault;

TEST_F(HalFaultDeathTest, AFaultOfTheHostIsTheHosts) {
  volatile int* bad = static_cast<volatile int*>(BadAddress());
  const auto died = [](int status) {
    if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGSEGV;
    // A sanitizer's handler, if it was there before ours, ends the process in its own way.
    return HAL_TEST_SANITIZED != 0 && WEXITSTATUS(status) != 0;
  };
  EXPECT_EXIT(*bad = 1, died, "");
}

TEST_F(HalFault, ResetEndsEverything) {
  auto* data = Allocate<uint32_t>(2);
  data[0] = data[1] = 0;
  const uint64_t resets = device_.Telemetry()->reset_count;
  Semaphore spinning = NewSemaphore(), gate = NewSemaphore(), waiting = NewSemaphore(),
            polling = NewSemaphore();
  ASSERT_EQ(queue_.Dispatch(Launch("fiber_wait_flag", {4, 1, 1}, {64, 1, 1}, data), spinning.get(), 1),
            HAL_OK);
  Queue second = NewQueue(), third = NewQueue();
  const hal_sem_point wait = {gate.get(), 1}, signal = {waiting.get(), 1};
  ASSERT_HAL_OK(second.Submit({&wait, 1}, {}, {&signal, 1}));
  Commands commands = NewCommands();
  ASSERT_HAL_OK(commands.MemoryOp({.size = sizeof(hal_memop),
                                   .kind = HAL_MEMOP_WAIT_EQ,
                                   .va = Va(data + 1),
                                   .value = 9,
                                   .width_bytes = 4}));
  ASSERT_HAL_OK(SubmitTo(third, commands, {}, {{polling.get(), 1}}));
  ASSERT_HAL_OK(device_.Reset());
  for (Semaphore* sem : {&spinning, &waiting, &polling}) {
    EXPECT_EQ(ToHalStatus(sem->Wait(1, InMilliseconds(kPatienceMs))), HAL_DEVICE_LOST);
  }
  EXPECT_EQ(ToHalStatus(vm_.status()), HAL_DEVICE_LOST);
  EXPECT_EQ(device_.Telemetry()->reset_count, resets + 1);
  OtherSpace fresh;
  auto* count = fresh.Allocate<uint64_t>(1);
  *count = 0;
  ASSERT_HAL_OK(fresh.Run(fresh.Launch("count", {10, 1, 1}, {1, 1, 1}, count)));
  EXPECT_EQ(*count, 10u);
}

// A child of fork has no device, and does not hang.
TEST_F(HalFault, ForkedChildHasNoDevice) {
  auto* count = Allocate<uint64_t>(1);
  *count = 0;
  ASSERT_HAL_OK(Run(Launch("count", {100, 1, 1}, {1, 1, 1}, count)));
  const pid_t child = fork();
  if (child == 0) {
    Semaphore sem = NewSemaphore();
    const bool lost = ToHalStatus(sem.Wait(1, InMilliseconds(kPatienceMs))) == HAL_DEVICE_LOST &&
                      !Device::Open(TestBackend(), 0).ok();
    _exit(lost ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace tq::hal
