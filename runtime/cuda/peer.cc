#include "api/peer.h"

#include <cuda.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"

namespace tq::cuda::impl {

using core::Context;
using core::CudaError;
using core::Device;

absl::Status cuDeviceCanAccessPeer(int* canAccessPeer, Device& dev, Device& peerDev) {
  *canAccessPeer = dev.CanAccess(peerDev);
  return absl::OkStatus();
}

absl::Status cuCtxEnablePeerAccess(Context& peerContext, unsigned int Flags) {
  if (Flags != 0)
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are not 0 (", Flags, ")"));
  Context& context = *Context::Current();
  if (&context == &peerContext) {
    return CudaError(CUDA_ERROR_INVALID_CONTEXT, "a context cannot be its own peer");
  }
  if (!context.device().CanAccess(peerContext.device())) {
    return CudaError(CUDA_ERROR_PEER_ACCESS_UNSUPPORTED,
                     absl::StrCat("device ", context.device().ordinal(), " cannot use memory of device ",
                                  peerContext.device().ordinal()));
  }
  if (!context.EnablePeer(peerContext)) {
    return CudaError(CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED, "access to the peer is enabled already");
  }
  return absl::OkStatus();
}

absl::Status cuCtxDisablePeerAccess(Context& peerContext) {
  if (!Context::Current()->DisablePeer(peerContext)) {
    return CudaError(CUDA_ERROR_PEER_ACCESS_NOT_ENABLED, "access to the peer is not enabled");
  }
  return absl::OkStatus();
}

absl::Status cuDeviceGetP2PAttribute(int* value, CUdevice_P2PAttribute attrib, Device& srcDevice,
                                     Device& dstDevice) {
  if (&srcDevice == &dstDevice) {
    return CudaError(CUDA_ERROR_INVALID_DEVICE,
                     absl::StrCat("both devices are device ", srcDevice.ordinal()));
  }
  const bool can_access = srcDevice.CanAccess(dstDevice);
  switch (attrib) {
    case CU_DEVICE_P2P_ATTRIBUTE_PERFORMANCE_RANK:
      *value = 0;
      return absl::OkStatus();
    case CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED:
    case CU_DEVICE_P2P_ATTRIBUTE_CUDA_ARRAY_ACCESS_SUPPORTED:
      *value = can_access;
      return absl::OkStatus();
    case CU_DEVICE_P2P_ATTRIBUTE_NATIVE_ATOMIC_SUPPORTED: {
      const absl::StatusOr<hal_link_info> link = srcDevice.hal().Link(dstDevice.hal());
      *value = can_access && link.ok() && link->atomics != 0;
      return absl::OkStatus();
    }
    default:
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no peer attribute ", attrib));
  }
}

}  // namespace tq::cuda::impl
