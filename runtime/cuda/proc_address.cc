#include "runtime/cuda/proc_address.h"

#include <cstring>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "api/init.h"
#include "base/status.h"
#include "runtime/core/error.h"

namespace tq::cuda {
namespace {

struct ProcVariant {
  int since;
  void* legacy;
  int per_thread_since;
  void* per_thread;
};

struct ProcName {
  const char* name;
  uint16_t first;
  uint16_t count;
};

#define TQ_PROC(symbol) reinterpret_cast<void*>(&::symbol)
#include "api/proc_table.inc"
#undef TQ_PROC

uint64_t Hash(const char* name) {
  uint64_t value = 0xCBF29CE484222325;
  for (; *name != '\0'; ++name) value = (value ^ static_cast<unsigned char>(*name)) * 0x100000001B3;
  return value;
}

const ProcName* Find(const char* name) {
  const uint64_t hash = Hash(name);
  const uint64_t displacement = kDisplacements[hash % std::size(kDisplacements)];
  const ProcName& entry = kNames[((hash >> 16) + displacement * ((hash >> 40) | 1)) % std::size(kNames)];
  return entry.name != nullptr && std::strcmp(entry.name, name) == 0 ? &entry : nullptr;
}

constexpr uint64_t kKnownFlags =
    CU_GET_PROC_ADDRESS_LEGACY_STREAM | CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM;

}  // namespace

ProcQuery FindProc(const char* name, int version, uint64_t flags) {
  const ProcName* entry = Find(name);
  if (entry == nullptr) return {};
  const ProcVariant* newest = nullptr;
  for (int i = 0; i < entry->count; ++i) {
    const ProcVariant& variant = kVariants[entry->first + i];
    if (variant.since <= version) newest = &variant;
  }
  if (newest == nullptr) return {nullptr, CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT};
  void* address = newest->legacy;
  const bool wants_per_thread = (flags & CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM) != 0;
  if (wants_per_thread && newest->per_thread != nullptr && newest->per_thread_since <= version) {
    address = newest->per_thread;
  }
  if (address == nullptr) return {};
  return {address, CU_GET_PROC_ADDRESS_SUCCESS};
}

namespace impl {

// "CUDA Driver API", Driver Entry Point Access: a name that is not found is a success with a null address
// here ...
absl::Status cuGetProcAddress_v2(const char* symbol, void** pfn, int cudaVersion, cuuint64_t flags,
                                 CUdriverProcAddressQueryResult* symbolStatus) {
  *pfn = nullptr;
  if (symbolStatus != nullptr) *symbolStatus = CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
  if ((flags & ~kKnownFlags) != 0 || flags == kKnownFlags) {
    return core::CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("The flags (", flags, ") are not valid."));
  }
  const ProcQuery query = FindProc(symbol, cudaVersion, flags);
  *pfn = query.address;
  if (symbolStatus != nullptr) *symbolStatus = query.result;
  return absl::OkStatus();
}

// ... and an error in the function of CUDA 11, which has nothing else to say so with.
absl::Status cuGetProcAddress(const char* symbol, void** pfn, int cudaVersion, cuuint64_t flags) {
  RETURN_IF_ERROR(cuGetProcAddress_v2(symbol, pfn, cudaVersion, flags, nullptr));
  if (*pfn != nullptr) return absl::OkStatus();
  return core::CudaError(
      CUDA_ERROR_NOT_FOUND,
      absl::StrCat("The symbol ", symbol, " has no entry point for CUDA version (", cudaVersion, ")."));
}

}  // namespace impl
}  // namespace tq::cuda
