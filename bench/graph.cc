// What a node of a graph costs beside a launch by hand: chains and fans of empty kernels, launched and waited
// for.
#include <benchmark/benchmark.h>
#include <cuda.h>

#include <cstdlib>
#include <vector>

namespace {

constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64
.visible .entry nothing() { ret; }
)";

void Check(CUresult result) {
  if (result != CUDA_SUCCESS) std::abort();
}

struct Device {
  Device() {
    Check(cuInit(0));
    CUcontext context;
    Check(cuDevicePrimaryCtxRetain(&context, 0));
    Check(cuCtxSetCurrent(context));
    CUmodule module;
    Check(cuModuleLoadData(&module, kModule));
    Check(cuModuleGetFunction(&nothing, module, "nothing"));
    Check(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  }
  static Device& Get() {
    static Device device;
    return device;
  }
  CUfunction nothing;
  CUstream stream;
};

void Launches(benchmark::State& state) {
  Device& device = Device::Get();
  for (auto _ : state) {
    for (int64_t i = 0; i < state.range(0); ++i) {
      Check(cuLaunchKernel(device.nothing, 1, 1, 1, 1, 1, 1, 0, device.stream, nullptr, nullptr));
    }
    Check(cuStreamSynchronize(device.stream));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Launches)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);

CUgraphNode AddKernel(CUgraph graph, const CUgraphNode* after, size_t count) {
  CUDA_KERNEL_NODE_PARAMS params = {};
  params.func = Device::Get().nothing;
  params.gridDimX = params.gridDimY = params.gridDimZ = 1;
  params.blockDimX = params.blockDimY = params.blockDimZ = 1;
  CUgraphNode node;
  Check(cuGraphAddKernelNode(&node, graph, after, count, &params));
  return node;
}

void Run(benchmark::State& state, CUgraph graph, int64_t nodes) {
  CUgraphExec exec;
  Check(cuGraphInstantiate(&exec, graph, 0));
  CUstream stream = Device::Get().stream;
  for (auto _ : state) {
    Check(cuGraphLaunch(exec, stream));
    Check(cuStreamSynchronize(stream));
  }
  state.SetItemsProcessed(state.iterations() * nodes);
  Check(cuGraphExecDestroy(exec));
  Check(cuGraphDestroy(graph));
}

void Chain(benchmark::State& state) {
  Device::Get();
  CUgraph graph;
  Check(cuGraphCreate(&graph, 0));
  CUgraphNode last = AddKernel(graph, nullptr, 0);
  for (int64_t i = 1; i < state.range(0); ++i) last = AddKernel(graph, &last, 1);
  Run(state, graph, state.range(0));
}
BENCHMARK(Chain)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);

// One node, many behind it, one behind these.
void Fan(benchmark::State& state) {
  Device::Get();
  CUgraph graph;
  Check(cuGraphCreate(&graph, 0));
  const CUgraphNode root = AddKernel(graph, nullptr, 0);
  std::vector<CUgraphNode> branches;
  for (int64_t i = 0; i < state.range(0); ++i) branches.push_back(AddKernel(graph, &root, 1));
  AddKernel(graph, branches.data(), branches.size());
  Run(state, graph, state.range(0) + 2);
}
BENCHMARK(Fan)->Arg(2)->Arg(8)->Arg(100);

void Instantiate(benchmark::State& state) {
  Device::Get();
  CUgraph graph;
  Check(cuGraphCreate(&graph, 0));
  CUgraphNode last = AddKernel(graph, nullptr, 0);
  for (int64_t i = 1; i < state.range(0); ++i) last = AddKernel(graph, &last, 1);
  for (auto _ : state) {
    CUgraphExec exec;
    Check(cuGraphInstantiate(&exec, graph, 0));
    Check(cuGraphExecDestroy(exec));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  Check(cuGraphDestroy(graph));
}
BENCHMARK(Instantiate)->Arg(100);

}  // namespace

BENCHMARK_MAIN();
