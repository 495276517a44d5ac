// What the HAL's paths cost on the CPU device, in CPU time of the process (wall clock depends on what else
// runs): minimum of many rounds. Prints one line per figure; exits 1 when an empty launch with its wait costs
// over 500 ns.
//   hal_launch [BACKEND]
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>

#include "base/code_object.h"
#include "base/must.h"
#include "base/status.h"
#include "hal/device.h"
#include "hal/executable.h"
#include "hal/loader.h"
#include "hal/memory.h"
#include "hal/queue.h"
#include "hal/semaphore.h"

namespace tq::hal {
namespace {

constexpr double kLaunchLimitNs = 500;

double ClockNs(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Minimum over rounds of the time per operation.
double Measure(int rounds, double operations, const std::function<void()>& body,
               clockid_t clock = CLOCK_PROCESS_CPUTIME_ID) {
  double best = 1e30;
  for (int i = 0; i < rounds; ++i) {
    const double begin = ClockNs(clock);
    body();
    best = std::min(best, (ClockNs(clock) - begin) / operations);
  }
  return best;
}

std::vector<uint8_t> CodeFor(const Device& device) {
  std::ifstream file(HAL_TEST_KERNELS, std::ios::binary);
  const hal_target target = device.Targets().at(0);
  CodeObject object;
  object.target = target.target;
  object.abi_version = target.abi_version;
  object.payload.assign(std::istreambuf_iterator<char>(file), {});
  for (const char* name :
       {"empty", "busy", "fiber_empty", "fiber_barriers", "fiber_yields", "fiber_collects"}) {
    KernelRecord record;
    record.name = record.entry = name;
    record.flags = std::strncmp(name, "fiber", 5) == 0 ? uint32_t{TQ_KERNEL_FIBERS} : 0;
    object.kernels.push_back(record);
  }
  return WriteCodeObject(object);
}

class Bench {
 public:
  explicit Bench(const char* name)
      : backend_(Must(LoadBackend(name, {.size = sizeof(hal_init), .options = "workers=2,memory=1G"}))),
        device_(Must(Device::Open(backend_, 0))),
        vm_(Must(AddressSpace::Create(device_))),
        queue_(Must(Queue::Create(vm_, HAL_QUEUE_COMPUTE))),
        done_(Must(Semaphore::Create(backend_, device_.get(), 0))) {
    const hal_import import = {"tq_counter", reinterpret_cast<hal_va>(&counter_)};
    executable_ = Must(Executable::Load(vm_, CodeFor(device_), {&import, 1}));
  }

  hal_dispatch Launch(const char* kernel, uint32_t blocks, uint32_t threads, const void* params,
                      size_t size) {
    hal_dispatch dispatch = {};
    dispatch.size = sizeof dispatch;
    dispatch.kernel = Must(executable_.Kernel(kernel)).kernel;
    dispatch.grid = {blocks, 1, 1};
    dispatch.block = {threads, 1, 1};
    dispatch.params = params;
    dispatch.params_size_bytes = size;
    return dispatch;
  }

  void RunAndWait(const hal_dispatch& dispatch) {
    backend_->queue_dispatch(queue_.get(), &dispatch, done_.get(), ++value_);
    const hal_sem_point point = {done_.get(), value_};
    backend_->sem_wait(&point, 1, 0, HAL_NO_DEADLINE);
  }

  double EmptyLaunch(const char* kernel, uint32_t threads) {
    const uint64_t nothing[2] = {};
    const hal_dispatch dispatch = Launch(kernel, 1, threads, nothing, sizeof nothing);
    for (int i = 0; i < 100; ++i) RunAndWait(dispatch);
    return Measure(200, 1000, [&] {
      for (int i = 0; i < 1000; ++i) RunAndWait(dispatch);
    });
  }

  // Per operation of one thread.
  double Rounds(const char* kernel, uint32_t threads) {
    const uint64_t rounds = 200, once = 1;
    const hal_dispatch few = Launch(kernel, 1, threads, &once, sizeof once);
    for (int i = 0; i < 20; ++i) RunAndWait(few);
    const hal_dispatch many = Launch(kernel, 1, threads, &rounds, sizeof rounds);
    return Measure(30, static_cast<double>(rounds) * threads, [&] { RunAndWait(many); });
  }

  double Allocate(uint64_t size) {
    return Measure(50, 1000, [&] {
      for (int i = 0; i < 1000; ++i) {
        const hal_mem_desc desc = {.size = sizeof desc, .size_bytes = size};
        hal_mem* mem;
        TQ_CHECK(backend_->mem_create(device_.get(), &desc, &mem) == HAL_OK);
        backend_->mem_destroy(mem);
      }
    });
  }

  // Wall clock of two queues with one long block each, over that of one.
  double Overlap() {
    uint64_t finished = 0;
    struct {
      uint64_t nanoseconds;
      uint64_t* done;
    } params = {30000000, &finished};
    const hal_dispatch dispatch = Launch("busy", 1, 1, &params, sizeof params);
    Queue other = Must(Queue::Create(vm_, HAL_QUEUE_COMPUTE));
    Semaphore other_done = Must(Semaphore::Create(backend_, device_.get(), 0));
    RunAndWait(dispatch);
    uint64_t round = 0;
    const double two = Measure(
        5, 1,
        [&] {
          backend_->queue_dispatch(other.get(), &dispatch, other_done.get(), ++round);
          RunAndWait(dispatch);
          const hal_sem_point point = {other_done.get(), round};
          backend_->sem_wait(&point, 1, 0, HAL_NO_DEADLINE);
        },
        CLOCK_MONOTONIC);
    return two / 30e6;
  }

  double CopyGbPerS(uint64_t size) {
    Memory a = Must(Memory::Create(device_, size, 0)), b = Must(Memory::Create(device_, size, 0));
    std::memset(a.host_ptr(), 1, size);
    std::memset(b.host_ptr(), 1, size);
    Commands commands = Must(Commands::Create(vm_));
    TQ_CHECK(commands.CopyLinear(b.va(), a.va(), size).ok());
    hal_cmd* cmd = commands.get();
    const double ns = Measure(
        20, 1,
        [&] {
          const hal_sem_point point = {done_.get(), ++value_};
          TQ_CHECK(queue_.Submit({}, {&cmd, 1}, {&point, 1}).ok());
          TQ_CHECK(done_.Wait(value_).ok());
        },
        CLOCK_MONOTONIC);
    return 2.0 * static_cast<double>(size) / ns;
  }

 private:
  const hal_backend* backend_;
  Device device_;
  AddressSpace vm_;
  Executable executable_;
  Queue queue_;
  Semaphore done_;
  uint64_t value_ = 0;
  int counter_ = 0;
};

int Main(const char* backend) {
  Bench bench(backend);
  const double launch = bench.EmptyLaunch("empty", 32);
  std::printf("empty launch and wait, block loop    %8.1f ns\n", launch);
  std::printf("empty launch and wait, 32 fibers     %8.1f ns\n", bench.EmptyLaunch("fiber_empty", 32));
  std::printf("yield of a fiber, 32 threads         %8.1f ns\n", bench.Rounds("fiber_yields", 32));
  std::printf("barrier per thread, 256 threads      %8.1f ns\n", bench.Rounds("fiber_barriers", 256));
  std::printf("collect per lane, full warp          %8.1f ns\n", bench.Rounds("fiber_collects", 32));
  std::printf("allocate and free, 4 KiB             %8.1f ns\n", bench.Allocate(4096));
  std::printf("allocate and free, 8 MiB             %8.1f ns\n", bench.Allocate(8 << 20));
  std::printf("two queues, time over that of one    %8.2f\n", bench.Overlap());
  std::printf("copy of 128 MiB, read and write      %8.1f GB/s\n", bench.CopyGbPerS(128 << 20));
  return launch <= kLaunchLimitNs ? 0 : 1;
}

}  // namespace
}  // namespace tq::hal

int main(int argc, char** argv) { return tq::hal::Main(argc > 1 ? argv[1] : "cpu"); }
