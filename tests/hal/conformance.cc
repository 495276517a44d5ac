#include "tests/hal/conformance.h"

#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>

#include "base/code_object.h"
#include "base/cpu_abi.h"
#include "base/must.h"
#include "base/status.h"
#include "hal/loader.h"

namespace tq::hal {
namespace {

std::mutex g_print_mutex;
std::string g_printed;
std::string g_backend = "cpu";

void Print(const char* text, size_t size_bytes) {
  const std::lock_guard lock(g_print_mutex);
  g_printed.append(text, size_bytes);
}

void Log(int level, const char* message) {
  if (level == 0 && std::getenv("TIANQIAO_HAL_TEST_LOG") != nullptr)
    std::fprintf(stderr, "hal: %s\n", message);
}

// What a backend claims: its groups, as a GoogleTest filter, and the options that the suite starts it with.
struct Profile {
  const char* backend;
  const char* groups;
  const char* options;
  int slowness = 1;
};
constexpr Profile kProfiles[] = {
    {"null", "HalDevice.*:HalMemory.*:HalSemaphore.*:HalQueue.*:HalTelemetry.*", ""},
    // The card's compute engine runs one grid after the other, RISC-V divides by zero, and memory comes in as
    // DMA buffers alone.
    {"tqgpu",
     "*-HalExecutable.QueuesOverlap:HalExecutable.ALongGrid*:HalExecutable.AGridOfUnknownCost*:"
     "HalExecutable.TwoGridsShare*:HalExecutable.PrioritiesAreHonoured:HalExecutable.AGridThatIsLong*:"
     "HalExecutable.ARowBefore*:"
     "HalFiber.SpinningBlocksLetOtherGridsRun:HalFault.DivisionByZero:"
     "HalSharing.AFileNeedNotEndWithAPage",
     "", 10},
    {"cpu", "*", "devices=2,workers=2,memory=512M,heap=8M,watchdog_ms=" HAL_TEST_WATCHDOG_MS},
};

const Profile& ProfileOf(const std::string& backend) {
  for (const Profile& profile : kProfiles) {
    if (backend == profile.backend) return profile;
  }
  static const Profile all = {nullptr, "*", ""};  // a new backend is held to everything
  return all;
}

// Flags of the kernels in kernels/device_kernels.c whose name alone does not tell.
struct KernelRow {
  const char* name;
  uint32_t flags;
  uint32_t static_shared_bytes;
  uint32_t local_bytes;
};
constexpr KernelRow kKernels[] = {
    {"empty", 0, 0, 0},
    {"add", 0, 0, 0},
    {"coordinates", 0, 0, 0},
    {"count", 0, 0, 0},
    {"count_import", 0, 0, 0},
    {"busy", 0, 0, 0},
    {"store", 0, 0, 0},
    {"load", 0, 0, 0},
    {"copy_bad", 0, 0, 0},
    {"divide", 0, 0, 0},
    {"bad_instruction", 0, 0, 0},
    {"breakpoint", 0, 0, 0},
    {"bad_jump", 0, 0, 0},
    {"recurse", 0, 0, 0},
    {"forever", 0, 0, 0},
    {"heap", TQ_KERNEL_DEVICE_HEAP, 0, 0},
    {"print", TQ_KERNEL_PRINTF, 0, 0},
    {"assertion", 0, 0, 0},
    {"shared_window", 0, 1000, 0},
    {"look_back", TQ_KERNEL_SPINS, 0, 0},
    {"set_flag", 0, 0, 0},
    {"fiber_empty", TQ_KERNEL_FIBERS, 0, 0},
    {"fiber_sum", TQ_KERNEL_FIBERS, 0, 0},
    {"fiber_butterfly", TQ_KERNEL_FIBERS, 0, 0},
    {"fiber_masks", TQ_KERNEL_FIBERS, 0, 0},
    {"fiber_exited", TQ_KERNEL_FIBERS, 0, 0},
    {"fiber_reduce", TQ_KERNEL_FIBERS, 0, 0},
    {"fiber_pipeline", TQ_KERNEL_FIBERS, 0, 0},
    {"fiber_lock", TQ_KERNEL_FIBERS | TQ_KERNEL_SPINS, 0, 0},
    {"fiber_grid_sync", TQ_KERNEL_FIBERS | TQ_KERNEL_SPINS | TQ_KERNEL_GRID_SYNC, 0, 0},
    {"fiber_wait_flag", TQ_KERNEL_FIBERS | TQ_KERNEL_SPINS, 0, 0},
    {"fiber_cluster", TQ_KERNEL_FIBERS, 16, 0},
    {"fiber_deadlock", TQ_KERNEL_FIBERS, 0, 0},
    {"fiber_store", TQ_KERNEL_FIBERS, 0, 0},
    {"fiber_trap", TQ_KERNEL_FIBERS, 0, 0},
    {"fiber_recurse", TQ_KERNEL_FIBERS, 0, 0},
    {"fiber_spin", TQ_KERNEL_FIBERS | TQ_KERNEL_SPINS, 0, 0},
    {"fiber_barriers", TQ_KERNEL_FIBERS, 0, 0},
    {"fiber_yields", TQ_KERNEL_FIBERS, 0, 0},
    {"fiber_collects", TQ_KERNEL_FIBERS, 0, 0},
};

}  // namespace

std::string TakePrintedText() {
  const std::lock_guard lock(g_print_mutex);
  return std::exchange(g_printed, "");
}

const hal_backend* TestBackend() {
  static const hal_backend* backend = [] {
    const hal_init init = {
        .size = sizeof init, .log = Log, .print = Print, .options = ProfileOf(g_backend).options};
    return Must(LoadBackend(g_backend, init));
  }();
  return backend;
}

int Rounds(int count) { return count / ProfileOf(g_backend).slowness; }

uint64_t MonotonicNs() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return uint64_t(time.tv_sec) * 1000000000 + uint64_t(time.tv_nsec);
}

HalTest::HalTest()
    : device_(Must(Device::Open(TestBackend(), 0))),
      vm_(Must(AddressSpace::Create(device_))),
      queue_(Must(Queue::Create(vm_, HAL_QUEUE_COMPUTE))),
      done_(Must(Semaphore::Create(TestBackend(), device_.get(), 0))) {}

void* HalTest::AllocateBytes(uint64_t size_bytes, uint32_t flags) {
  memories_.push_back(Must(Memory::Create(device_, size_bytes, flags)));
  hal_vm_op op = {.size = sizeof op,
                  .kind = HAL_VM_OP_MAP,
                  .access = HAL_VM_READ | HAL_VM_WRITE,
                  .size_bytes = size_bytes,
                  .mem = memories_.back().get()};
  TQ_CHECK(vm_.Bind(&op, 1).ok());
  return memories_.back().host_ptr();
}

Semaphore HalTest::NewSemaphore(uint64_t value) {
  return Must(Semaphore::Create(TestBackend(), device_.get(), value));
}

Queue HalTest::NewQueue(int32_t priority) { return Must(Queue::Create(vm_, HAL_QUEUE_COMPUTE, priority)); }

Commands HalTest::NewCommands() { return Must(Commands::Create(vm_)); }

absl::Status HalTest::SubmitTo(Queue& queue, Commands& commands, std::vector<hal_sem_point> waits,
                               std::vector<hal_sem_point> signals) {
  hal_cmd* cmd = commands.get();
  return queue.Submit(waits, {&cmd, 1}, signals);
}

absl::Status HalTest::Run(Commands& commands) {
  const absl::Status status = SubmitTo(queue_, commands, {}, {{done_.get(), ++done_value_}});
  return status.ok() ? done_.Wait(done_value_, InMilliseconds(kPatienceMs)) : status;
}

absl::Status HalTest::Run(const hal_dispatch& dispatch) {
  const hal_status status = queue_.Dispatch(dispatch, done_.get(), ++done_value_);
  if (status != HAL_OK) return absl::InternalError("queue_dispatch");
  return done_.Wait(done_value_, InMilliseconds(kPatienceMs));
}

std::vector<uint8_t> TestCodeObject(const Device& device) {
  const std::vector<hal_target> targets = device.Targets();
  TQ_CHECK(!targets.empty());
  const bool is_riscv = std::string_view(targets[0].target).starts_with("riscv64");
  std::ifstream file(is_riscv ? HAL_TEST_RISCV_KERNELS : HAL_TEST_KERNELS, std::ios::binary);
  CodeObject object;
  object.target = targets[0].target;
  object.abi_version = targets[0].abi_version;
  object.payload.assign(std::istreambuf_iterator<char>(file), {});
  TQ_CHECK(!object.payload.empty());
  for (const KernelRow& row : kKernels) {
    KernelRecord record;
    record.name = record.entry = row.name;
    record.flags = row.flags;
    record.static_shared_bytes = row.static_shared_bytes;
    record.local_bytes = row.local_bytes;
    record.shared_align_bytes = 16;
    object.kernels.push_back(record);
  }
  object.symbols = {{"device_function_ptx", "device_function"}};
  object.imports = {"tq_counter"};
  object.files = {"", "kernel.cu"};
  object.functions = {"a_function"};
  object.lines = {{.pc_offset = 0, .ptx_line = 123, .file = 1, .source_line = 45, .function = 0}};
  return WriteCodeObject(object);
}

HalKernelTest::HalKernelTest() {
  counter_ = Allocate<int>(1);
  *counter_ = 0;
  const hal_import import = {"tq_counter", Va(counter_)};
  executable_ = Must(Executable::Load(vm_, TestCodeObject(device_), {&import, 1}));
}

KernelEntry HalKernelTest::Kernel(const std::string& name) { return Must(executable_.Kernel(name)); }

}  // namespace tq::hal

int main(int argc, char** argv) {
  if (const char* name = std::getenv("TIANQIAO_HAL_BACKEND"); name != nullptr) tq::hal::g_backend = name;
  const std::string flag = "--backend=";
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]).rfind(flag, 0) == 0)
      tq::hal::g_backend = std::string(argv[i]).substr(flag.size());
  }
  ::testing::GTEST_FLAG(filter) = tq::hal::ProfileOf(tq::hal::g_backend).groups;
  ::testing::InitGoogleTest(&argc, argv);  // a filter of the caller replaces the group list
  return RUN_ALL_TESTS();
}
