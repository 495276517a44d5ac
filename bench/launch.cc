// What one empty launch and its synchronization cost through libcuda.so.1, and what cuInit costs. CPU and
// wall time; the first iteration, which compiles, is not counted.
#include <benchmark/benchmark.h>
#include <cuda.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr char kEmpty[] = R"(
.version 7.8
.target sm_80
.address_size 64
.visible .entry empty() { ret; }
.visible .entry taker(.param .u64 a, .param .u64 b, .param .u64 c, .param .u32 n) { ret; }
)";

void Check(CUresult result, const char* what) {
  if (result == CUDA_SUCCESS) return;
  std::fprintf(stderr, "%s fails (%d)\n", what, result);
  std::exit(1);
}
#define CHECK_OK(call) Check(call, #call)

CUfunction Load(const char* name) {
  static CUmodule module = nullptr;
  if (module == nullptr) {
    CUcontext context;
    CHECK_OK(cuDevicePrimaryCtxRetain(&context, 0));
    CHECK_OK(cuCtxSetCurrent(context));
    CHECK_OK(cuModuleLoadData(&module, kEmpty));
  }
  CUfunction function;
  CHECK_OK(cuModuleGetFunction(&function, module, name));
  CHECK_OK(cuFuncLoad(function));
  return function;
}

void EmptyLaunchAndSync(benchmark::State& state) {
  CUfunction function = Load("empty");
  CUstream stream;
  CHECK_OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  for (auto _ : state) {
    CHECK_OK(cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, stream, nullptr, nullptr));
    CHECK_OK(cuStreamSynchronize(stream));
  }
  CHECK_OK(cuStreamDestroy(stream));
}
BENCHMARK(EmptyLaunchAndSync);

void LaunchWithArgumentsInTheDefaultStream(benchmark::State& state) {
  CUfunction function = Load("taker");
  CUdeviceptr a = 0, b = 0, c = 0;
  unsigned n = 0;
  void* parameters[] = {&a, &b, &c, &n};
  for (auto _ : state) {
    CHECK_OK(cuLaunchKernel(function, 1, 1, 1, 32, 1, 1, 0, nullptr, parameters, nullptr));
  }
  CHECK_OK(cuStreamSynchronize(nullptr));
}
BENCHMARK(LaunchWithArgumentsInTheDefaultStream);

void RecordAndQueryEvent(benchmark::State& state) {
  Load("empty");
  CUevent event;
  CHECK_OK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
  for (auto _ : state) {
    CHECK_OK(cuEventRecord(event, nullptr));
    CHECK_OK(cuEventQuery(event));
  }
  CHECK_OK(cuEventDestroy(event));
}
BENCHMARK(RecordAndQueryEvent);

void CopySixtyFourBytes(benchmark::State& state) {
  Load("empty");
  CUdeviceptr memory;
  CHECK_OK(cuMemAlloc(&memory, 64));
  char host[64] = {};
  for (auto _ : state) CHECK_OK(cuMemcpyHtoD(memory, host, sizeof(host)));
  CHECK_OK(cuMemFree(memory));
}
BENCHMARK(CopySixtyFourBytes);

}  // namespace

int main(int argc, char** argv) {
  const auto start = std::chrono::steady_clock::now();
  CHECK_OK(cuInit(0));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  std::printf("cuInit: %.3f ms\n", took.count());
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
