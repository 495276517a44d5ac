// What the way to the domestic GPU and back costs, in the guest: an empty launch, and a copy of 4 MB beside
// memcpy's. Wall clock, least and median of many, because the machine below is shared. Prints one line per
// figure; exits 1 when an empty launch takes over 0.5 ms at best, or the copy over twice memcpy's time.
//   tianqiao vm run build/release/bin/card_round_trip
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <vector>

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

constexpr double kLaunchLimitMs = 0.5;
constexpr double kCopyLimit = 2;
constexpr uint64_t kCopyBytes = 4 << 20;

double NowMs() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

struct Times {
  double least, median;
};

Times Measure(int rounds, const std::function<void()>& body) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const double begin = NowMs();
    body();
    times.push_back(NowMs() - begin);
  }
  std::sort(times.begin(), times.end());
  return {times.front(), times[times.size() / 2]};
}

void Print(const char* what, const Times& times) {
  std::printf("%-36s %8.3f ms at best, %8.3f ms in the middle\n", what, times.least, times.median);
}

std::vector<uint8_t> CodeFor(const Device& device) {
  std::ifstream file(HAL_TEST_RISCV_KERNELS, std::ios::binary);
  const hal_target target = device.Targets().at(0);
  CodeObject object;
  object.target = target.target;
  object.abi_version = target.abi_version;
  object.payload.assign(std::istreambuf_iterator<char>(file), {});
  object.imports = {"tq_counter"};
  KernelRecord record;
  record.name = record.entry = "empty";
  object.kernels.push_back(record);
  return WriteCodeObject(object);
}

Memory MapNew(const Device& device, AddressSpace& vm, uint64_t size_bytes, uint32_t flags) {
  Memory memory = Must(Memory::Create(device, size_bytes, flags | HAL_MEM_HOST_VISIBLE));
  hal_vm_op op = {.size = sizeof op,
                  .kind = HAL_VM_OP_MAP,
                  .access = HAL_VM_READ | HAL_VM_WRITE,
                  .size_bytes = size_bytes,
                  .mem = memory.get()};
  TQ_CHECK(vm.Bind(&op, 1).ok());
  std::memset(memory.host_ptr(), 1, size_bytes);
  return memory;
}

int Main() {
  const hal_backend* const backend = Must(LoadBackend("tqgpu", {.size = sizeof(hal_init)}));
  const Device device = Must(Device::Open(backend, 0));
  AddressSpace vm = Must(AddressSpace::Create(device));
  Memory counter = MapNew(device, vm, 4096, 0);
  const hal_import import = {"tq_counter", counter.va()};
  const Executable executable = Must(Executable::Load(vm, CodeFor(device), {&import, 1}));
  Queue queue = Must(Queue::Create(vm, HAL_QUEUE_COMPUTE));
  Semaphore done = Must(Semaphore::Create(backend, device.get(), 0));
  uint64_t value = 0;

  hal_dispatch dispatch = {};
  dispatch.size = sizeof dispatch;
  dispatch.kernel = Must(executable.Kernel("empty")).kernel;
  dispatch.grid = dispatch.block = {1, 1, 1};
  const Times launch = Measure(500, [&] {
    TQ_CHECK(queue.Dispatch(dispatch, done.get(), ++value) == HAL_OK);
    TQ_CHECK(done.Wait(value).ok());
  });
  Print("empty launch and wait", launch);
  Print("the same, 16 launches in a row", Measure(30, [&] {
          for (int i = 0; i < 16; ++i) TQ_CHECK(queue.Dispatch(dispatch, done.get(), ++value) == HAL_OK);
          TQ_CHECK(done.Wait(value).ok());
        }));

  const Memory from = MapNew(device, vm, kCopyBytes, 0), to = MapNew(device, vm, kCopyBytes, 0);
  Commands commands = Must(Commands::Create(vm));
  TQ_CHECK(commands.CopyLinear(to.va(), from.va(), kCopyBytes).ok());
  hal_cmd* const cmd = commands.get();
  const Times copy = Measure(30, [&] {
    const hal_sem_point point = {done.get(), ++value};
    TQ_CHECK(queue.Submit({}, {&cmd, 1}, {&point, 1}).ok());
    TQ_CHECK(done.Wait(value).ok());
  });
  const std::vector<uint8_t> source(kCopyBytes, 2);
  std::vector<uint8_t> target(kCopyBytes);
  const Times host = Measure(30, [&] { std::memcpy(target.data(), source.data(), kCopyBytes); });
  Print("copy of 4 MB by the card", copy);
  Print("copy of 4 MB by memcpy in the guest", host);
  return launch.least <= kLaunchLimitMs && copy.least <= kCopyLimit * host.least ? 0 : 1;
}

}  // namespace
}  // namespace tq::hal

int main() { return tq::hal::Main(); }
