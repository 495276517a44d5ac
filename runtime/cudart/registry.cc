#include "runtime/cudart/registry.h"

#include "runtime/cudart/entry.h"

namespace tq::cudart {

cudaError_t FatBinary::Load(CUlibrary* library) {
  *library = library_.load(std::memory_order_acquire);
  if (*library != nullptr) return cudaSuccess;
  absl::MutexLock lock(&mutex_);
  *library = library_.load(std::memory_order_acquire);
  if (*library != nullptr) return cudaSuccess;
  // The program's image outlives the library, so that nothing has to be copied.
  CUlibraryOption option = CU_LIBRARY_BINARY_IS_PRESERVED;
  void* value = reinterpret_cast<void*>(1);
  TQ_CUDART_RETURN_IF_ERROR(cuLibraryLoadData(library, image_, nullptr, nullptr, 0, &option, &value, 1));
  for (const ManagedVariable& variable : managed_) {
    CUdeviceptr pointer;
    TQ_CUDART_RETURN_IF_ERROR(cuLibraryGetManaged(&pointer, nullptr, *library, variable.name.c_str()));
    *variable.host_pointer = reinterpret_cast<void*>(pointer);
  }
  library_.store(*library, std::memory_order_release);
  return cudaSuccess;
}

cudaError_t FatBinary::Module(CUmodule* module) {
  CUlibrary library;
  if (const cudaError_t error = Load(&library); error != cudaSuccess) return error;
  return ToRuntimeError(cuLibraryGetModule(module, library));
}

void FatBinary::Unload() {
  absl::MutexLock lock(&mutex_);
  const CUlibrary library = library_.exchange(nullptr, std::memory_order_acq_rel);
  if (library != nullptr) cuLibraryUnload(library);
}

Registry& Registry::Get() {
  static auto* const registry = new Registry();  // programs unregister from their own destructors
  return *registry;
}

FatBinary* Registry::AddBinary(const void* image) {
  auto binary = std::make_unique<FatBinary>(image);
  FatBinary* const handle = binary.get();
  absl::MutexLock lock(&mutex_);
  binaries_.emplace(handle, std::move(binary));
  return handle;
}

void Registry::RemoveBinary(FatBinary* binary) {
  std::unique_ptr<FatBinary> removed;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = binaries_.find(binary);
    if (found == binaries_.end()) return;
    removed = std::move(found->second);
    binaries_.erase(found);
    absl::erase_if(kernels_, [&](const auto& entry) { return entry.second->binary == binary; });
    absl::erase_if(variables_, [&](const auto& entry) { return entry.second.binary == binary; });
    absl::erase_if(references_, [&](const auto& entry) { return entry.second.binary == binary; });
  }
  removed->Unload();
}

void Registry::AddKernel(FatBinary* binary, const void* host_function, const char* name) {
  auto kernel = std::make_unique<RegisteredKernel>();
  kernel->binary = binary;
  kernel->name = name;
  absl::MutexLock lock(&mutex_);
  kernels_.insert_or_assign(host_function, std::move(kernel));
}

void Registry::AddVariable(FatBinary* binary, const void* host_variable, const char* name, size_t size_bytes,
                           bool is_managed) {
  absl::MutexLock lock(&mutex_);
  variables_.insert_or_assign(host_variable, RegisteredVariable{binary, name, size_bytes, is_managed});
}

void Registry::AddReference(FatBinary* binary, const void* host_variable, const char* name,
                            bool is_normalized) {
  absl::MutexLock lock(&mutex_);
  references_.insert_or_assign(host_variable, RegisteredReference{binary, name, is_normalized});
}

bool Registry::FindReference(const void* host_variable, RegisteredReference* reference) {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = references_.find(host_variable);
  if (found == references_.end()) return false;
  *reference = found->second;
  return true;
}

cudaError_t Registry::FindKernel(const void* host_function, CUkernel* kernel) {
  RegisteredKernel* entry;
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = kernels_.find(host_function);
    if (found == kernels_.end()) return cudaErrorInvalidDeviceFunction;
    entry = found->second.get();
    *kernel = entry->kernel.load(std::memory_order_acquire);
    if (*kernel != nullptr) return cudaSuccess;
  }
  CUlibrary library;
  if (const cudaError_t error = entry->binary->Load(&library); error != cudaSuccess) return error;
  const CUresult result = cuLibraryGetKernel(kernel, library, entry->name.c_str());
  if (result == CUDA_ERROR_NOT_FOUND) return cudaErrorInvalidDeviceFunction;
  TQ_CUDART_RETURN_IF_ERROR(result);
  entry->kernel.store(*kernel, std::memory_order_release);
  return cudaSuccess;
}

const void* Registry::FindHostFunction(CUkernel kernel) {
  if (kernel == nullptr) return nullptr;
  absl::ReaderMutexLock lock(&mutex_);
  for (const auto& [host_function, entry] : kernels_) {
    if (entry->kernel.load(std::memory_order_acquire) == kernel) return host_function;
  }
  return nullptr;
}

cudaError_t Registry::FindVariable(const void* host_variable, CUdeviceptr* pointer, size_t* size_bytes) {
  RegisteredVariable variable;
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = variables_.find(host_variable);
    if (found == variables_.end()) return cudaErrorInvalidSymbol;
    variable = found->second;
  }
  CUlibrary library;
  if (const cudaError_t error = variable.binary->Load(&library); error != cudaSuccess) return error;
  const CUresult result = variable.is_managed
                              ? cuLibraryGetManaged(pointer, size_bytes, library, variable.name.c_str())
                              : cuLibraryGetGlobal(pointer, size_bytes, library, variable.name.c_str());
  if (result == CUDA_ERROR_NOT_FOUND) return cudaErrorInvalidSymbol;
  return ToRuntimeError(result);
}

}  // namespace tq::cudart
