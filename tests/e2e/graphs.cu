// Graphs through the runtime API: built by hand, captured, updated, with memory of their own.
#include <cstdio>
#include <vector>

#define CHECK(call)                                              \
  do {                                                           \
    const cudaError_t error = (call);                            \
    if (error != cudaSuccess) {                                  \
      std::printf("%s: %s\n", #call, cudaGetErrorString(error)); \
      return 1;                                                  \
    }                                                            \
  } while (false)

__device__ float bias = 0.5f;

__global__ void Scale(float* out, const float* in, float factor, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] * factor;
}

__global__ void AddBias(float* data, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) data[i] += bias;
}

constexpr int kCount = 10000, kThreads = 256, kBlocks = (kCount + kThreads - 1) / kThreads;

static float Sum(const std::vector<float>& values) {
  double sum = 0;
  for (float value : values) sum += value;
  return static_cast<float>(sum);
}

int main() {
  float *in, *out;
  CHECK(cudaMalloc(&in, kCount * sizeof(float)));
  CHECK(cudaMalloc(&out, kCount * sizeof(float)));
  std::vector<float> host(kCount, 2.0f), result(kCount);
  cudaStream_t stream, side;
  CHECK(cudaStreamCreate(&stream));
  CHECK(cudaStreamCreate(&side));

  // By hand: copy in, scale, add, copy out; a function of the host at the end.
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  cudaGraphNode_t copied, scaled, added, fetched, called;
  CHECK(cudaGraphCreate(&graph, 0));
  CHECK(cudaGraphAddMemcpyNode1D(&copied, graph, nullptr, 0, in, host.data(), kCount * sizeof(float),
                                 cudaMemcpyHostToDevice));
  float factor = 3.0f;
  int n = kCount;
  void* scale_arguments[] = {&out, &in, &factor, &n};
  cudaKernelNodeParams kernel = {};
  kernel.func = reinterpret_cast<void*>(Scale);
  kernel.gridDim = dim3(kBlocks);
  kernel.blockDim = dim3(kThreads);
  kernel.kernelParams = scale_arguments;
  CHECK(cudaGraphAddKernelNode(&scaled, graph, &copied, 1, &kernel));
  void* bias_arguments[] = {&out, &n};
  kernel.func = reinterpret_cast<void*>(AddBias);
  kernel.kernelParams = bias_arguments;
  CHECK(cudaGraphAddKernelNode(&added, graph, &scaled, 1, &kernel));
  CHECK(cudaGraphAddMemcpyNode1D(&fetched, graph, &added, 1, result.data(), out, kCount * sizeof(float),
                                 cudaMemcpyDeviceToHost));
  static int calls = 0;
  cudaHostNodeParams function = {[](void* counter) { ++*static_cast<int*>(counter); }, &calls};
  CHECK(cudaGraphAddHostNode(&called, graph, &fetched, 1, &function));
  CHECK(cudaGraphInstantiate(&exec, graph, 0));
  for (int i = 0; i < 3; ++i) CHECK(cudaGraphLaunch(exec, stream));
  CHECK(cudaStreamSynchronize(stream));
  std::printf("by hand: sum %.0f, host calls %d\n", Sum(result), calls);

  // The same graph with another factor, and with another value of the variable.
  factor = 5.0f;
  kernel.func = reinterpret_cast<void*>(Scale);
  kernel.kernelParams = scale_arguments;
  CHECK(cudaGraphExecKernelNodeSetParams(exec, scaled, &kernel));
  const float one = 1.0f;
  CHECK(cudaMemcpyToSymbol(bias, &one, sizeof(one)));
  CHECK(cudaGraphLaunch(exec, stream));
  CHECK(cudaStreamSynchronize(stream));
  std::printf("updated: sum %.0f\n", Sum(result));
  CHECK(cudaGraphExecDestroy(exec));
  CHECK(cudaGraphDestroy(graph));

  // Captured, with a second stream that joins, and memory of the stream.
  cudaEvent_t fork, join;
  CHECK(cudaEventCreateWithFlags(&fork, cudaEventDisableTiming));
  CHECK(cudaEventCreateWithFlags(&join, cudaEventDisableTiming));
  CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  float* scratch;
  CHECK(cudaMallocAsync(&scratch, kCount * sizeof(float), stream));
  CHECK(cudaEventRecord(fork, stream));
  CHECK(cudaStreamWaitEvent(side, fork, 0));
  Scale<<<kBlocks, kThreads, 0, stream>>>(out, in, 2.0f, kCount);
  Scale<<<kBlocks, kThreads, 0, side>>>(scratch, in, 4.0f, kCount);
  AddBias<<<kBlocks, kThreads, 0, side>>>(scratch, kCount);
  CHECK(cudaEventRecord(join, side));
  CHECK(cudaStreamWaitEvent(stream, join, 0));
  CHECK(cudaMemcpyAsync(result.data(), scratch, kCount * sizeof(float), cudaMemcpyDeviceToHost, stream));
  CHECK(cudaFreeAsync(scratch, stream));
  CHECK(cudaStreamEndCapture(stream, &graph));
  size_t nodes = 0;
  CHECK(cudaGraphGetNodes(graph, nullptr, &nodes));
  CHECK(cudaGraphInstantiate(&exec, graph, 0));
  for (int i = 0; i < 10; ++i) CHECK(cudaGraphLaunch(exec, stream));
  CHECK(cudaStreamSynchronize(stream));
  std::printf("captured: %zu nodes, sum %.0f\n", nodes, Sum(result));
  CHECK(cudaGraphExecDestroy(exec));
  CHECK(cudaGraphDestroy(graph));

  // What must not be captured says so, and the capture is over.
  CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  void* forbidden = nullptr;
  std::printf("allocating while capturing: %s\n", cudaGetErrorName(cudaMalloc(&forbidden, 64)));
  std::printf("ending that capture: %s\n", cudaGetErrorName(cudaStreamEndCapture(stream, &graph)));
  cudaGetLastError();
  CHECK(cudaMalloc(&forbidden, 64));
  return 0;
}
