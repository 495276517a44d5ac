// The one path from an exported symbol to its implementation. A generated thunk calls Enter with a function
// of tq::cuda::impl and one wrapper per parameter; the wrapper's class comes from the parameter's kind in
// runtime/api. In this order and nothing else: trace, initialisation, current context and its sticky error,
// null pointers, handles, implementation, record of the error, end of trace. Untraced, a call costs its
// checks: a few nanoseconds.
#pragma once

#include <cuda.h>

#include <atomic>
#include <type_traits>

#include "absl/status/status.h"
#include "api/resolve.h"
#include "runtime/core/admission.h"
#include "runtime/core/error.h"
#include "runtime/core/handle.h"
#include "runtime/cuda/trace.h"

namespace tq::cuda {

// What an entry point needs of the state of process and thread.
inline constexpr int kNeedsNothing = 0;
inline constexpr int kNeedsInit = 1;
inline constexpr int kNeedsContext = 2;

// A value, or a pointer that the implementation judges.
template <typename T>
struct InArg {
  const char* name;
  T value;
  bool IsNull() const { return false; }
  bool Resolve() { return true; }
  T Get() const { return value; }
};

// A pointer that must not be null. Results are printed after the call.
template <typename T, bool kIsResult>
struct PointerArg {
  const char* name;
  T* value;
  bool IsNull() const { return value == nullptr; }
  bool Resolve() { return true; }
  T* Get() const { return value; }
};
template <typename T>
struct RequiredArg : PointerArg<T, false> {};
template <typename T>
RequiredArg(const char*, T*) -> RequiredArg<T>;
template <typename T>
struct OutArg : PointerArg<T, true> {};
template <typename T>
OutArg(const char*, T*) -> OutArg<T>;

// `count` elements.
template <typename T, typename Count>
struct ArrayArg {
  const char* name;
  T* value;
  Count count;
  bool IsNull() const { return value == nullptr && count != 0; }
  bool Resolve() { return true; }
  T* Get() const { return value; }
};
template <typename T, typename Count>
ArrayArg(const char*, T*, Count) -> ArrayArg<T, Count>;

// A live object. The default stream only matters to CUstream.
template <typename H>
struct HandleArg {
  using Object = typename HandleTraits<H>::Object;
  static constexpr CUresult kError = HandleTraits<H>::kError;
  const char* name;
  H value;
  core::DefaultStream default_stream = core::DefaultStream::kLegacy;
  Object* object = nullptr;

  bool IsNull() const { return false; }
  // Of a stream whose green context is gone, in a call that found no object.
  CUresult Error() const {
    if constexpr (std::is_same_v<H, CUstream>) {
      if (core::KindOf(value) == core::HandleKind::kOrphanedStream) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
    }
    return kError;
  }
  bool Resolve() {
    if constexpr (std::is_same_v<H, CUstream>) {
      object = core::Resolve(value, default_stream);
    } else {
      object = core::Resolve(value);
    }
    return object != nullptr;
  }
  Object& Get() const { return *object; }
};
template <typename H>
HandleArg(const char*, H) -> HandleArg<H>;
template <typename H>
HandleArg(const char*, H, core::DefaultStream) -> HandleArg<H>;

// A live object, or none.
template <typename H>
struct OptHandleArg {
  using Object = typename HandleTraits<H>::Object;
  static constexpr CUresult kError = HandleTraits<H>::kError;
  const char* name;
  H value;
  Object* object = nullptr;

  bool IsNull() const { return false; }
  bool Resolve() {
    if (value == H{}) return true;
    object = core::Resolve(value);
    return object != nullptr;
  }
  Object* Get() const { return object; }
};
template <typename H>
OptHandleArg(const char*, H) -> OptHandleArg<H>;

// The stream of a call that has no stream parameter, such as cuMemcpy: legacy, or this thread's for the _ptds
// twin.
struct DefaultStreamArg {
  static constexpr CUresult kError = CUDA_ERROR_INVALID_CONTEXT;
  core::DefaultStream which;
  const char* name = "default stream";
  core::Stream* object = nullptr;

  bool IsNull() const { return false; }
  bool Resolve() {
    object = core::Resolve(CUstream{nullptr}, which);
    return object != nullptr;
  }
  core::Stream& Get() const { return *object; }
};

// Where the call came from, for the few that answer some callers differently.
struct CallerArg {
  const void* value;
  const char* name = "caller";
  bool IsNull() const { return false; }
  bool Resolve() { return true; }
  const void* Get() const { return value; }
};

// How a call failed before its implementation ran.
CUresult RejectState(const char* api, CUresult code);
CUresult RejectNull(const char* api, const char* argument);
CUresult RejectHandle(const char* api, const char* argument, CUresult code);
// Keeps the message for the log and for cuLogs*, and gives the code.
CUresult RecordError(const char* api, const absl::Status& status);

namespace entry_internal {

template <typename Arg>
CUresult ErrorOf(const Arg& arg) {
  if constexpr (requires { arg.Error(); }) {
    return arg.Error();
  } else if constexpr (requires { Arg::kError; }) {
    return Arg::kError;
  } else {
    return CUDA_ERROR_INVALID_VALUE;
  }
}

// Calls that need no initialisation are not locked either.
struct NoScope {};
template <bool kIsLocked>
using CallScopeFor = std::conditional_t<kIsLocked, core::CallScope, NoScope>;

template <int kNeeds, typename Implementation, typename... Args>
inline CUresult Call(const char* api, Implementation implementation, Args&... args) {
  [[maybe_unused]] const CallScopeFor<(kNeeds & kNeedsInit) != 0> scope;
  if constexpr ((kNeeds & kNeedsInit) != 0) {
    if (!core::is_initialized.load(std::memory_order_acquire)) [[unlikely]] {
      return RejectState(api, CUDA_ERROR_NOT_INITIALIZED);
    }
  }
  if constexpr ((kNeeds & kNeedsContext) != 0) {
    if (const CUresult code = core::CheckCurrentContext(); code != CUDA_SUCCESS) [[unlikely]] {
      return RejectState(api, code);
    }
  }
  const char* wrong = nullptr;
  if (((args.IsNull() ? (wrong = args.name, true) : false) || ...)) [[unlikely]]
    return RejectNull(api, wrong);
  CUresult code = CUDA_SUCCESS;
  if (((args.Resolve() ? false : (wrong = args.name, code = ErrorOf(args), true)) || ...)) [[unlikely]] {
    return RejectHandle(api, wrong, code);
  }
  const absl::Status status = implementation(args.Get()...);
  if (status.ok()) [[likely]]
    return CUDA_SUCCESS;
  return RecordError(api, status);
}

template <typename T>
void TraceInput(Trace& trace, const InArg<T>& arg) {
  trace.Argument(arg.name, arg.value);
}
template <typename T, bool kIsResult>
void TraceInput(Trace& trace, const PointerArg<T, kIsResult>& arg) {
  if constexpr (!kIsResult) trace.Argument(arg.name, arg.value);
}
template <typename T, typename Count>
void TraceInput(Trace& trace, const ArrayArg<T, Count>& arg) {
  trace.Array(arg.name, arg.value, static_cast<size_t>(arg.count));
}
template <typename H>
void TraceInput(Trace& trace, const HandleArg<H>& arg) {
  trace.Argument(arg.name, arg.value);
}
template <typename H>
void TraceInput(Trace& trace, const OptHandleArg<H>& arg) {
  trace.Argument(arg.name, arg.value);
}
inline void TraceInput(Trace&, const DefaultStreamArg&) {}
inline void TraceInput(Trace&, const CallerArg&) {}

template <typename Arg>
void TraceOutput(Trace&, const Arg&) {}
template <typename T>
void TraceOutput(Trace& trace, const OutArg<T>& arg) {
  trace.Result(arg.name, arg.value);
}

template <int kNeeds, typename Implementation, typename... Args>
[[gnu::noinline, gnu::cold]] CUresult CallTraced(const char* api, Implementation implementation,
                                                 Args... args) {
  Trace trace(api);
  (TraceInput(trace, args), ...);
  const CUresult code = Call<kNeeds>(api, implementation, args...);
  if (code == CUDA_SUCCESS) (TraceOutput(trace, args), ...);
  return trace.End(code);
}

}  // namespace entry_internal

template <int kNeeds, typename Implementation, typename... Args>
inline CUresult Enter(const char* api, Implementation implementation, Args... args) {
  if (Trace::IsOn()) [[unlikely]]
    return entry_internal::CallTraced<kNeeds>(api, implementation, args...);
  return entry_internal::Call<kNeeds>(api, implementation, args...);
}

// Stands for the implementation of what can only fail here: the error that the manual has for the case.
struct Refuse {
  CUresult code;
  const char* why;
  template <typename... Args>
  absl::Status operator()(const Args&...) const {
    return core::CudaError(code, why);
  }
};

// Names the symbol once in the log; `said` is its own.
void ReportNotImplemented(const char* api, std::atomic<bool>& said);

// All that a symbol does that nothing stands behind yet.
template <typename... Args>
CUresult NotImplemented(const char* api, std::atomic<bool>& said, const Args&... args) {
  ReportNotImplemented(api, said);
  if (Trace::IsOn()) [[unlikely]] {
    Trace trace(api);
    (entry_internal::TraceInput(trace, args), ...);
    return trace.End(CUDA_ERROR_NOT_SUPPORTED);
  }
  return CUDA_ERROR_NOT_SUPPORTED;
}

}  // namespace tq::cuda
