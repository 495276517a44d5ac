// Graphs whose copies are of the program's own memory, which the card does not reach: the host moves it at
// its turn.
#include <cstdio>
#include <vector>

namespace {

constexpr int kCount = 100000;

__global__ void AddOne(int* values, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) ++values[i];
}

bool Check(const char* what, cudaError_t error) {
  if (error == cudaSuccess) return true;
  std::printf("%s: %s\n", what, cudaGetErrorName(error));
  return false;
}

}  // namespace

int main() {
  std::vector<int> in(kCount), out(kCount), copy(kCount);
  int* on_device = nullptr;
  const size_t bytes = kCount * sizeof(int);
  if (!Check("malloc", cudaMalloc(reinterpret_cast<void**>(&on_device), bytes))) return 1;
  cudaStream_t stream;
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  Check("stream", cudaStreamCreate(&stream));
  Check("capture", cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed));
  Check("to the device", cudaMemcpyAsync(on_device, in.data(), bytes, cudaMemcpyHostToDevice, stream));
  AddOne<<<(kCount + 255) / 256, 256, 0, stream>>>(on_device, kCount);
  Check("from the device", cudaMemcpyAsync(out.data(), on_device, bytes, cudaMemcpyDeviceToHost, stream));
  Check("on the host", cudaMemcpyAsync(copy.data(), out.data(), bytes, cudaMemcpyHostToHost, stream));
  Check("end of capture", cudaStreamEndCapture(stream, &graph));
  if (!Check("instantiate", cudaGraphInstantiate(&exec, graph, 0))) return 1;
  for (int round = 0; round < 3; ++round) {
    // What the graph reads is what is there when it runs.
    for (int i = 0; i < kCount; ++i) in[i] = round * i;
    Check("launch", cudaGraphLaunch(exec, stream));
    Check("synchronize", cudaStreamSynchronize(stream));
    int wrong = 0;
    for (int i = 0; i < kCount; ++i) wrong += out[i] != round * i + 1 || copy[i] != out[i];
    std::printf("round %d: %d of %d wrong\n", round, wrong, kCount);
  }
  Check("destroy", cudaGraphExecDestroy(exec));
  Check("destroy", cudaGraphDestroy(graph));
}
