// What nvcc's and clang's host code registers before main: fat binaries, kernels, variables. Nothing is
// loaded then; a fat binary becomes a CUlibrary at the first use of something in it, and serves every device
// from then on.
//
// Thread-safe. Look-ups of kernels are on the launch path.
#pragma once

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace tq::cudart {

struct ManagedVariable {
  void** host_pointer;  // where the program keeps the variable's address
  std::string name;
};

class FatBinary {
 public:
  explicit FatBinary(const void* image) : image_(image) {}

  // The loaded library. An image that does not load gives the same error each time.
  cudaError_t Load(CUlibrary* library);
  // Its module in the current context.
  cudaError_t Module(CUmodule* module);
  void Unload();

  void AddManaged(void** host_pointer, const char* name) { managed_.push_back({host_pointer, name}); }

 private:
  const void* const image_;  // the program's; valid until it unregisters
  absl::Mutex mutex_;
  std::atomic<CUlibrary> library_{nullptr};
  std::vector<ManagedVariable> managed_;
};

struct RegisteredKernel {
  FatBinary* binary;
  std::string name;
  std::atomic<CUkernel> kernel{nullptr};
};

struct RegisteredVariable {
  FatBinary* binary;
  std::string name;
  size_t size_bytes;
  bool is_managed;
};

// A texture or surface reference.
struct RegisteredReference {
  FatBinary* binary;
  std::string name;
  bool is_normalized;  // integers are read as fractions
};

class Registry {
 public:
  static Registry& Get();

  FatBinary* AddBinary(const void* image);
  void RemoveBinary(FatBinary* binary);
  void AddKernel(FatBinary* binary, const void* host_function, const char* name);
  void AddVariable(FatBinary* binary, const void* host_variable, const char* name, size_t size_bytes,
                   bool is_managed);
  void AddReference(FatBinary* binary, const void* host_variable, const char* name, bool is_normalized);

  // cudaErrorInvalidDeviceFunction when nothing was registered under that address or the image lacks the
  // kernel.
  cudaError_t FindKernel(const void* host_function, CUkernel* kernel);
  // The other way round; null if none was registered for it.
  const void* FindHostFunction(CUkernel kernel);
  // The variable in the current context. cudaErrorInvalidSymbol when it is unknown.
  cudaError_t FindVariable(const void* host_variable, CUdeviceptr* pointer, size_t* size_bytes);
  bool FindReference(const void* host_variable, RegisteredReference* reference);

 private:
  absl::Mutex mutex_;
  absl::flat_hash_map<FatBinary*, std::unique_ptr<FatBinary>> binaries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<const void*, std::unique_ptr<RegisteredKernel>> kernels_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<const void*, RegisteredVariable> variables_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<const void*, RegisteredReference> references_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tq::cudart
