// Calls per second of the calls that programs make most, beside a call of a plain function: what the entry
// point, its checks and its locks cost. Where a call queues work, the work is done outside of the time.
#include <benchmark/benchmark.h>
#include <cuda.h>
#include <cuda_runtime_api.h>

#include <cstdlib>

namespace {

constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64
.visible .entry nothing() { ret; }
)";

// The queue is emptied after so many calls.
constexpr int64_t kBatch = 256;

void Check(CUresult result) {
  if (result != CUDA_SUCCESS) std::abort();
}

struct Device {
  Device() {
    Check(cuInit(0));
    Check(cuDevicePrimaryCtxRetain(&context, 0));
    Check(cuCtxSetCurrent(context));
    CUmodule module;
    Check(cuModuleLoadData(&module, kModule));
    Check(cuModuleGetFunction(&nothing, module, "nothing"));
    Check(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
    Check(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
    Check(cuMemAlloc(&memory, 4096));
    Check(cuMemAllocHost(&host, 4096));
  }
  static Device& Get() {
    static Device device;
    return device;
  }
  CUcontext context = nullptr;
  CUfunction nothing = nullptr;
  CUstream stream = nullptr;
  CUevent event = nullptr;
  CUdeviceptr memory = 0;
  void* host = nullptr;
};

__attribute__((noinline)) int Plain(void* argument) {
  benchmark::DoNotOptimize(argument);
  return 0;
}

// Calls `call` again and again. `queues`: it leaves work behind.
template <typename Call>
void Repeat(benchmark::State& state, bool queues, Call call) {
  Device& device = Device::Get();
  int64_t calls = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(call(device));
    if (queues && ++calls % kBatch == 0) {
      state.PauseTiming();
      Check(cuStreamSynchronize(device.stream));
      state.ResumeTiming();
    }
  }
  Check(cuStreamSynchronize(device.stream));
  state.SetItemsProcessed(state.iterations());
}

#define TQ_CALL(name, queues, expression) \
  BENCHMARK_CAPTURE(Repeat, name, queues, [](Device& device) { return (void)device, expression; })

TQ_CALL(plain_function, false, Plain(&device));
TQ_CALL(cuCtxGetCurrent, false, cuCtxGetCurrent(&device.context));
TQ_CALL(cuLaunchKernel, true,
        cuLaunchKernel(device.nothing, 1, 1, 1, 1, 1, 1, 0, device.stream, nullptr, nullptr));
TQ_CALL(cuMemcpyAsync_4, true, cuMemcpyHtoDAsync(device.memory, device.host, 4, device.stream));
TQ_CALL(cuMemsetD32Async_1, true, cuMemsetD32Async(device.memory, 0, 1, device.stream));
TQ_CALL(cuEventRecord, true, cuEventRecord(device.event, device.stream));
TQ_CALL(cuEventQuery, false, cuEventQuery(device.event));
TQ_CALL(cuStreamWaitEvent, true, cuStreamWaitEvent(device.stream, device.event, 0));
TQ_CALL(cuStreamQuery, false, cuStreamQuery(device.stream));
TQ_CALL(cuStreamSynchronize, false, cuStreamSynchronize(device.stream));

void AllocateAndFree(benchmark::State& state) {
  Device::Get();
  for (auto _ : state) {
    CUdeviceptr memory;
    Check(cuMemAlloc(&memory, 4096));
    Check(cuMemFree(memory));
  }
  state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(AllocateAndFree);

void AllocateAndFreeInTurn(benchmark::State& state) {
  Device& device = Device::Get();
  for (auto _ : state) {
    CUdeviceptr memory;
    Check(cuMemAllocAsync(&memory, 4096, device.stream));
    Check(cuMemFreeAsync(memory, device.stream));
  }
  Check(cuStreamSynchronize(device.stream));
  state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(AllocateAndFreeInTurn);

// By way of our libcudart.
TQ_CALL(cudaGetDevice, false, [] {
  int ordinal;
  return cudaGetDevice(&ordinal);
}());
TQ_CALL(cudaGetLastError, false, cudaGetLastError());
TQ_CALL(cudaMemsetAsync_4, true,
        cudaMemsetAsync(reinterpret_cast<void*>(device.memory), 0, 4, device.stream));

}  // namespace

BENCHMARK_MAIN();
