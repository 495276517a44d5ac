// Tells AddressSanitizer and ThreadSanitizer that a thread changes its stack. Nothing in other builds.
#pragma once

#include <cstddef>

#include "hal/cpu/fiber.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TQ_TRACE_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define TQ_TRACE_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define TQ_TRACE_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define TQ_TRACE_TSAN 1
#endif

#if defined(TQ_TRACE_ASAN) || defined(TQ_TRACE_TSAN)
#include <pthread.h>
#endif
#if defined(TQ_TRACE_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#elif defined(TQ_TRACE_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

// Of a function that leaves a stack for good: AddressSanitizer frees the frames that it keeps apart from the
// stack then, and this one's must not be among them.
#define TQ_LEAVES_STACK __attribute__((no_sanitize("address")))

namespace tq::hal::cpu {

// The stack that the calling thread came with.
inline Stack TraceOwnStack() {
  Stack stack;
#if defined(TQ_TRACE_ASAN) || defined(TQ_TRACE_TSAN)
  pthread_attr_t attributes;
  void* base = nullptr;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &base, &stack.size_bytes);
    pthread_attr_destroy(&attributes);
  }
  stack.base = static_cast<uint8_t*>(base);
#endif
#if defined(TQ_TRACE_TSAN)
  stack.trace = __tsan_get_current_fiber();
#endif
  return stack;
}

// The stack begins anew: whatever ran on it is forgotten.
inline void TraceReset(Stack& stack) {
#if defined(TQ_TRACE_ASAN)
  __asan_unpoison_memory_region(stack.base, stack.size_bytes);
#elif defined(TQ_TRACE_TSAN)
  if (stack.trace != nullptr) __tsan_destroy_fiber(stack.trace);
  stack.trace = __tsan_create_fiber(0);
#endif
}

// Before the switch. `resume`: null when this stack will not be come back to; otherwise for TraceArrive.
inline void TraceLeave(const Stack& to, void** resume) {
#if defined(TQ_TRACE_ASAN)
  __sanitizer_start_switch_fiber(resume, to.base, to.size_bytes);
#elif defined(TQ_TRACE_TSAN)
  __tsan_switch_to_fiber(to.trace, 0);
#endif
}

// After it, on the stack that was switched to.
inline void TraceArrive(void* resume) {
#if defined(TQ_TRACE_ASAN)
  __sanitizer_finish_switch_fiber(resume, nullptr, nullptr);
#endif
}

// A signal handler abandoned a stack for `to`.
inline void TraceAbandonFromSignal(const Stack& to) {
#if defined(TQ_TRACE_ASAN)
  __sanitizer_start_switch_fiber(nullptr, to.base, to.size_bytes);
#endif
}
inline void TraceBack(const Stack& own) {
#if defined(TQ_TRACE_TSAN)
  if (__tsan_get_current_fiber() != own.trace) __tsan_switch_to_fiber(own.trace, 0);
#endif
}

}  // namespace tq::hal::cpu
