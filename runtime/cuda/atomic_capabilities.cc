// What atomic operations reach across a link (CUDA driver API, "Device Management" and "Peer Context Memory
// Access").
#include <cuda.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "api/device.h"
#include "api/peer.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"

namespace tq::cuda::impl {

using core::CudaError;
using core::Device;

namespace {

constexpr unsigned kScalar = CU_ATOMIC_CAPABILITY_SCALAR_32 | CU_ATOMIC_CAPABILITY_SCALAR_64;
constexpr unsigned kEitherSign = CU_ATOMIC_CAPABILITY_SIGNED | CU_ATOMIC_CAPABILITY_UNSIGNED;
constexpr unsigned kReduced = kEitherSign | CU_ATOMIC_CAPABILITY_REDUCTION | kScalar;
constexpr unsigned kStepped =
    CU_ATOMIC_CAPABILITY_UNSIGNED | CU_ATOMIC_CAPABILITY_REDUCTION | CU_ATOMIC_CAPABILITY_SCALAR_32;

// Forms that PTX has (PTX ISA, "atom" and "red"), all of which are atomic to everyone who shares the memory.
// There is no scalar minimum or maximum of floats; that of vectors is of 16-bit elements.
struct Row {
  CUatomicOperation operation;
  unsigned capabilities;
};
constexpr Row kRows[] = {
    {CU_ATOMIC_OPERATION_INTEGER_ADD, kReduced},
    {CU_ATOMIC_OPERATION_INTEGER_MIN, kReduced},
    {CU_ATOMIC_OPERATION_INTEGER_MAX, kReduced},
    {CU_ATOMIC_OPERATION_INTEGER_INCREMENT, kStepped},
    {CU_ATOMIC_OPERATION_INTEGER_DECREMENT, kStepped},
    {CU_ATOMIC_OPERATION_AND, kReduced},
    {CU_ATOMIC_OPERATION_OR, kReduced},
    {CU_ATOMIC_OPERATION_XOR, kReduced},
    {CU_ATOMIC_OPERATION_EXCHANGE, kEitherSign | kScalar | CU_ATOMIC_CAPABILITY_SCALAR_128},
    {CU_ATOMIC_OPERATION_CAS, kEitherSign | kScalar | CU_ATOMIC_CAPABILITY_SCALAR_128},
    {CU_ATOMIC_OPERATION_FLOAT_ADD, CU_ATOMIC_CAPABILITY_SIGNED | CU_ATOMIC_CAPABILITY_REDUCTION | kScalar |
                                        CU_ATOMIC_CAPABILITY_VECTOR_32x4},
    {CU_ATOMIC_OPERATION_FLOAT_MIN, 0},
    {CU_ATOMIC_OPERATION_FLOAT_MAX, 0},
};

absl::Status Describe(unsigned* capabilities, absl::Span<const CUatomicOperation> operations,
                      bool has_atomics) {
  if (operations.empty()) return CudaError(CUDA_ERROR_INVALID_VALUE, "count is 0");
  for (size_t i = 0; i < operations.size(); ++i) {
    const auto* const row = std::find_if(std::begin(kRows), std::end(kRows),
                                         [&](const Row& each) { return each.operation == operations[i]; });
    if (row == std::end(kRows)) {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat("there is no atomic operation ", operations[i]));
    }
    capabilities[i] = has_atomics ? row->capabilities : 0;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status cuDeviceGetHostAtomicCapabilities(unsigned int* capabilities,
                                               const CUatomicOperation* operations, unsigned int count,
                                               Device& dev) {
  const bool shares_memory = dev.hal().Has(HAL_DEVICE_UNIFIED_ADDRESSES | HAL_DEVICE_COHERENT);
  return Describe(capabilities, {operations, count}, shares_memory);
}

absl::Status cuDeviceGetP2PAtomicCapabilities(unsigned int* capabilities, const CUatomicOperation* operations,
                                              unsigned int count, Device& srcDevice, Device& dstDevice) {
  if (&srcDevice == &dstDevice) {
    return CudaError(CUDA_ERROR_INVALID_DEVICE,
                     absl::StrCat("both devices are device ", srcDevice.ordinal()));
  }
  const absl::StatusOr<hal_link_info> link = srcDevice.hal().Link(dstDevice.hal());
  return Describe(capabilities, {operations, count},
                  srcDevice.CanAccess(dstDevice) && link.ok() && link->atomics != 0);
}

}  // namespace tq::cuda::impl
