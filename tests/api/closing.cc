// A program that opens libcuda itself, as plug-ins do, uses it, closes it with threads of its pool alive, and
// goes on for a while.
#include <cuda.h>
#include <dlfcn.h>
#include <unistd.h>

namespace {
template <typename Function>
Function Find(void* library, const char* name) {
  return reinterpret_cast<Function>(dlsym(library, name));
}
}  // namespace

int main(int argc, char** argv) {
  for (int round = 0; round < 2; ++round) {
    void* const library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return 1;
    CUcontext context = nullptr;
    CUstream stream = nullptr;
    CUdeviceptr memory = 0;
    if (Find<decltype(&cuInit)>(library, "cuInit")(0) != CUDA_SUCCESS) return 2;
    if (Find<decltype(&cuDevicePrimaryCtxRetain)>(library, "cuDevicePrimaryCtxRetain")(&context, 0) !=
        CUDA_SUCCESS)
      return 3;
    if (Find<decltype(&cuCtxSetCurrent)>(library, "cuCtxSetCurrent")(context) != CUDA_SUCCESS) return 4;
    if (Find<decltype(&cuMemAlloc)>(library, "cuMemAlloc_v2")(&memory, 64 << 20) != CUDA_SUCCESS) return 5;
    if (Find<decltype(&cuStreamCreate)>(library, "cuStreamCreate")(&stream, 1) != CUDA_SUCCESS) return 6;
    // Large enough for the pool's threads.
    if (Find<decltype(&cuMemsetD8Async)>(library, "cuMemsetD8Async")(memory, 1, 64 << 20, stream) !=
        CUDA_SUCCESS)
      return 7;
    if (Find<decltype(&cuStreamSynchronize)>(library, "cuStreamSynchronize")(stream) != CUDA_SUCCESS)
      return 8;
    if (dlclose(library) != 0) return 9;
    usleep(50000);
  }
  return 0;
}
