#include "api/context.h"

#include <cuda.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/green_context.h"
#include "base/status.h"
#include "runtime/core/capture.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/event.h"
#include "runtime/core/green_context.h"
#include "runtime/core/stream.h"

namespace tq::cuda::impl {

using core::Context;
using core::CudaError;
using core::Device;
using core::GreenContext;

namespace {

// The context named, or the current one when null; checked.
absl::StatusOr<Context*> Given(Context* context) {
  if (context == nullptr) return Context::CurrentChecked();
  RETURN_IF_ERROR(context->CheckNow());
  return context;
}

// A context and its slot, which a green one shares with nobody.
struct Named {
  Context* context;
  core::HandleSlot* slot;
  GreenContext* green;
};
absl::StatusOr<Named> Resolved(CUcontext handle) {
  Context* const context = core::Resolve(handle);
  if (context == nullptr) return CudaError(CUDA_ERROR_INVALID_CONTEXT, "ctx is no live context");
  core::HandleSlot* const slot = core::SlotOf(handle);
  return Named{context, slot, slot == context->slot() ? nullptr : GreenContext::OfSlot(slot)};
}

absl::Status Create(CUcontext* pctx, unsigned flags, Device& device) {
  RETURN_IF_ERROR(core::CheckContextFlags(flags));
  auto context = std::make_unique<Context>(device, Context::Kind::kExplicit);
  RETURN_IF_ERROR(context->Activate(flags));
  Context::Push(context.get());
  // Owned by its handle from here: cuCtxDestroy takes it back.
  *pctx = context.release()->handle<CUcontext>();
  return absl::OkStatus();
}

}  // namespace

absl::Status cuDevicePrimaryCtxRetain(CUcontext* pctx, Device& dev) {
  RETURN_IF_ERROR(dev.RetainPrimary());
  *pctx = dev.primary().handle<CUcontext>();
  return absl::OkStatus();
}

absl::Status cuDevicePrimaryCtxRelease_v2(Device& dev) { return dev.ReleasePrimary(); }

absl::Status cuDevicePrimaryCtxSetFlags_v2(Device& dev, unsigned int flags) {
  return dev.SetPrimaryFlags(flags);
}

absl::Status cuDevicePrimaryCtxGetState(Device& dev, unsigned int* flags, int* active) {
  *flags = dev.primary_flags();
  *active = dev.primary().active();
  return absl::OkStatus();
}

absl::Status cuDevicePrimaryCtxReset_v2(Device& dev) { return dev.ResetPrimary(); }

absl::Status cuCtxCreate(CUcontext* pctx, unsigned int flags, Device& dev) {
  return Create(pctx, flags, dev);
}

absl::Status cuCtxCreate_v2(CUcontext* pctx, unsigned int flags, Device& dev) {
  return Create(pctx, flags, dev);
}

absl::Status cuCtxCreate_v3(CUcontext* pctx, CUexecAffinityParam* paramsArray, int numParams,
                            unsigned int flags, Device& dev) {
  if (numParams != 0) {
    return CudaError(CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY,
                     "the device cannot restrict a context to some multiprocessors");
  }
  return Create(pctx, flags, dev);
}

absl::Status cuCtxCreate_v4(CUcontext* pctx, CUctxCreateParams* ctxCreateParams, unsigned int flags,
                            Device& dev) {
  if (ctxCreateParams != nullptr && ctxCreateParams->numExecAffinityParams != 0) {
    return CudaError(CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY,
                     "the device cannot restrict a context to some multiprocessors");
  }
  if (ctxCreateParams != nullptr && ctxCreateParams->cigParams != nullptr) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED, "the device cannot share a context with a graphics interface");
  }
  return Create(pctx, flags, dev);
}

absl::Status cuCtxDestroy_v2(Context& ctx) {
  if (ctx.kind() == Context::Kind::kPrimary) {
    return CudaError(CUDA_ERROR_INVALID_CONTEXT, "a primary context is released, not destroyed");
  }
  if (Context::Current() == &ctx) RETURN_IF_ERROR(Context::Pop());
  const std::unique_ptr<Context> owned(&ctx);
  return absl::OkStatus();
}

absl::Status cuCtxPushCurrent_v2(CUcontext ctx) {
  ASSIGN_OR_RETURN(const Named named, Resolved(ctx));
  Context::PushSlot(named.slot);
  return absl::OkStatus();
}

absl::Status cuCtxPopCurrent_v2(CUcontext* pctx) {
  ASSIGN_OR_RETURN(core::HandleSlot* const slot, Context::Pop());
  if (pctx != nullptr) *pctx = reinterpret_cast<CUcontext>(slot);
  return absl::OkStatus();
}

absl::Status cuCtxSetCurrent(CUcontext ctx) {
  if (ctx == nullptr) {
    Context::SetCurrentSlot(nullptr);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Named named, Resolved(ctx));
  Context::SetCurrentSlot(named.slot);
  return absl::OkStatus();
}

absl::Status cuCtxGetCurrent(CUcontext* pctx) {
  *pctx = reinterpret_cast<CUcontext>(Context::CurrentSlot());
  return absl::OkStatus();
}

absl::Status cuCtxGetDevice(CUdevice* device) {
  *device = Context::Current()->device().ordinal();
  return absl::OkStatus();
}

absl::Status cuCtxGetDevice_v2(CUdevice* device, Context* ctx) {
  ASSIGN_OR_RETURN(Context* const context, Given(ctx));
  *device = context->device().ordinal();
  return absl::OkStatus();
}

absl::Status cuCtxGetFlags(unsigned int* flags) {
  *flags = Context::Current()->flags();
  return absl::OkStatus();
}

absl::Status cuCtxSetFlags(unsigned int flags) {
  RETURN_IF_ERROR(core::CheckContextFlags(flags));
  Context::Current()->set_flags(flags);
  return absl::OkStatus();
}

absl::Status cuCtxGetId(Context* ctx, unsigned long long* ctxId) {
  ASSIGN_OR_RETURN(Context* const context, Given(ctx));
  *ctxId = context->id();
  return absl::OkStatus();
}

absl::Status cuCtxSynchronize() {
  RETURN_IF_ERROR(core::Capture::CheckUnsafeCall("waiting for the context"));
  Context* const context = Context::Current();
  if (Context::CurrentSlot() != context->slot()) [[unlikely]] {
    if (GreenContext* const green = GreenContext::Current()) return green->Synchronize();
  }
  return context->Synchronize();
}

absl::Status cuCtxSynchronize_v2(CUcontext ctx) {
  if (ctx == nullptr) {
    RETURN_IF_ERROR(Context::CurrentChecked().status());
    return impl::cuCtxSynchronize();
  }
  RETURN_IF_ERROR(core::Capture::CheckUnsafeCall("waiting for the context"));
  ASSIGN_OR_RETURN(const Named named, Resolved(ctx));
  if (named.green != nullptr) return named.green->Synchronize();
  RETURN_IF_ERROR(named.context->CheckNow());
  return named.context->Synchronize();
}

absl::Status cuCtxSetLimit(CUlimit limit, size_t value) { return Context::Current()->SetLimit(limit, value); }

absl::Status cuCtxGetLimit(size_t* pvalue, CUlimit limit) {
  ASSIGN_OR_RETURN(*pvalue, Context::Current()->Limit(limit));
  return absl::OkStatus();
}

absl::Status cuCtxGetCacheConfig(CUfunc_cache* pconfig) {
  *pconfig = static_cast<CUfunc_cache>(Context::Current()->cache_config());
  return absl::OkStatus();
}

absl::Status cuCtxSetCacheConfig(CUfunc_cache config) {
  if (config < CU_FUNC_CACHE_PREFER_NONE || config > CU_FUNC_CACHE_PREFER_EQUAL) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no cache configuration ", config));
  }
  Context::Current()->set_cache_config(config);
  return absl::OkStatus();
}

// The version of the interface that the context was made through: 3020 since cuCtxCreate_v2.
absl::Status cuCtxGetApiVersion(Context* ctx, unsigned int* version) {
  if (ctx == nullptr) RETURN_IF_ERROR(Context::CurrentChecked());
  *version = 3020;
  return absl::OkStatus();
}

absl::Status cuCtxGetStreamPriorityRange(int* leastPriority, int* greatestPriority) {
  if (leastPriority != nullptr) *leastPriority = core::kLeastPriority;
  if (greatestPriority != nullptr) *greatestPriority = core::kGreatestPriority;
  return absl::OkStatus();
}

// There are no persisting lines: the device reports a persisting L2 cache of 0 bytes.
absl::Status cuCtxResetPersistingL2Cache() { return absl::OkStatus(); }

absl::Status cuCtxGetExecAffinity(CUexecAffinityParam* pExecAffinity, CUexecAffinityType type) {
  if (type != CU_EXEC_AFFINITY_TYPE_SM_COUNT) {
    return CudaError(CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY,
                     absl::StrCat("there is no execution affinity ", type));
  }
  pExecAffinity->type = type;
  const GreenContext* const green = GreenContext::Current();
  pExecAffinity->param.smCount.val =
      green == nullptr ? Context::Current()->device().info().compute_units : green->units().Count();
  return absl::OkStatus();
}

absl::Status cuCtxRecordEvent(CUcontext hCtx, core::Event& hEvent) {
  ASSIGN_OR_RETURN(const Named named, Resolved(hCtx));
  if (named.green != nullptr) return impl::cuGreenCtxRecordEvent(*named.green, hEvent);
  if (&hEvent.context() != named.context)
    return CudaError(CUDA_ERROR_INVALID_HANDLE, "the event is of another context");
  RETURN_IF_ERROR(named.context->CheckNow());
  return hEvent.RecordAll(*named.context);
}

absl::Status cuCtxWaitEvent(CUcontext hCtx, core::Event& hEvent) {
  ASSIGN_OR_RETURN(const Named named, Resolved(hCtx));
  if (named.green != nullptr) return impl::cuGreenCtxWaitEvent(*named.green, hEvent);
  RETURN_IF_ERROR(named.context->CheckNow());
  return named.context->WaitFor(hEvent.point());
}

absl::Status cuCtxAttach(CUcontext* pctx, unsigned int flags) {
  if (flags != 0)
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are not 0 (", flags, ")"));
  Context::Current()->Attach();
  *pctx = Context::Current()->handle<CUcontext>();
  return absl::OkStatus();
}

absl::Status cuCtxDetach(Context& ctx) {
  if (ctx.kind() == Context::Kind::kPrimary) {
    return CudaError(CUDA_ERROR_INVALID_CONTEXT, "a primary context is released, not detached from");
  }
  return ctx.Detach() ? cuCtxDestroy_v2(ctx) : absl::OkStatus();
}

// Banks are fixed: any configuration is accepted and the default one answered, as on devices of compute
// capability 5 and above.
absl::Status cuCtxGetSharedMemConfig(CUsharedconfig* pConfig) {
  *pConfig = CU_SHARED_MEM_CONFIG_FOUR_BYTE_BANK_SIZE;
  return absl::OkStatus();
}

absl::Status cuCtxSetSharedMemConfig(CUsharedconfig config) {
  if (config < CU_SHARED_MEM_CONFIG_DEFAULT_BANK_SIZE || config > CU_SHARED_MEM_CONFIG_EIGHT_BYTE_BANK_SIZE) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("there is no shared memory configuration ", config));
  }
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
