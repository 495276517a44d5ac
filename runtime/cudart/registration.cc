// What compilers call from constructors and destructors of a program (cuda-abi: generated host code of nvcc
// and of clang). Nothing here touches the driver, so that a program that never uses the GPU never pays for
// one.
#include "api/cudart_registration.h"
#include "runtime/cudart/entry.h"
#include "runtime/cudart/registry.h"

namespace tq::cudart::impl {
namespace {

FatBinary* FromHandle(void** handle) { return reinterpret_cast<FatBinary*>(handle); }

}  // namespace

void** __cudaRegisterFatBinary(void* image) {
  return reinterpret_cast<void**>(Registry::Get().AddBinary(image));
}

void __cudaRegisterFatBinaryEnd(void**) {}

void __cudaUnregisterFatBinary(void** handle) { Registry::Get().RemoveBinary(FromHandle(handle)); }

void __cudaRegisterFunction(void** handle, const char* host_function, char*, const char* name, int, uint3*,
                            uint3*, dim3*, dim3*, int*) {
  Registry::Get().AddKernel(FromHandle(handle), host_function, name);
}

void __cudaRegisterVar(void** handle, char* host_variable, char*, const char* name, int, size_t size_bytes,
                       int, int) {
  Registry::Get().AddVariable(FromHandle(handle), host_variable, name, size_bytes, /*is_managed=*/false);
}

void __cudaRegisterManagedVar(void** handle, void** host_pointer, char*, const char* name, int,
                              size_t size_bytes, int, int) {
  FromHandle(handle)->AddManaged(host_pointer, name);
  Registry::Get().AddVariable(FromHandle(handle), host_pointer, name, size_bytes, /*is_managed=*/true);
}

// Called before the program's own code touches a __managed__ variable.
char __cudaInitModule(void** handle) {
  CUlibrary library;
  if (Record(EnsureContext()) != cudaSuccess) return 0;
  return Record(FromHandle(handle)->Load(&library)) == cudaSuccess ? 1 : 0;
}

}  // namespace tq::cudart::impl
