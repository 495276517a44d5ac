// What libcudart keeps per thread, and which primary contexts the process holds.
#pragma once

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <cstdint>
#include <vector>

namespace tq::cudart {

struct CallConfiguration {
  dim3 grid;
  dim3 block;
  size_t shared_bytes = 0;
  cudaStream_t stream = nullptr;
};

struct ThreadState {
  int device = 0;  // cudaSetDevice
  cudaError_t last_error = cudaSuccess;
  uint64_t primary_epoch = 0;            // PrimaryEpoch() when the current context was last found good
  std::vector<CallConfiguration> calls;  // <<< >>> not yet launched
};

ThreadState& GetThreadState();

// Rises with each cudaDeviceReset: from then on every thread asks again whether its context still stands.
uint64_t PrimaryEpoch();

// Whether `context` is a primary context that a cudaDeviceReset of ours has emptied.
bool IsResetPrimary(CUcontext context);

// The primary context of `device`, retained once per process.
cudaError_t PrimaryContext(int device, CUcontext* context);

// Makes it current.
cudaError_t UseDevice(int device);

// Resets it; the next call that needs it retains it again.
cudaError_t ResetDevice(int device);

}  // namespace tq::cudart
