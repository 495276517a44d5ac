// Calls every implemented entry point wrongly, from a list that is generated from the registry.
#include <cuda.h>
#include <gtest/gtest.h>

#include <cstring>
#include <type_traits>

namespace {

template <typename T>
T Zero() {
  T value;
  std::memset(&value, 0, sizeof(value));
  return value;
}

template <typename T>
T One() {
  return static_cast<T>(1);
}

// Memory that a call may read as whatever it expects.
template <typename T>
T Scratch() {
  alignas(64) static char memory[65536];
  std::memset(memory, 0, sizeof(memory));
  return reinterpret_cast<T>(memory);
}

// The tests of this file run in one process in this order: nothing initialises before the first is done.
TEST(GeneratedArgs, EveryCallBeforeCuInitIsRefused) {
#define NOT_INITIALIZED_CASE(function, arguments) \
  EXPECT_EQ(function arguments, CUDA_ERROR_NOT_INITIALIZED) << #function;
#define NULL_CASE(function, parameter, needs_context, arguments)
#include "api/argument_cases.inc"
#undef NOT_INITIALIZED_CASE
#undef NULL_CASE
}

TEST(GeneratedArgs, CallsThatNeedAContextAreRefusedWithoutOne) {
  ASSERT_EQ(cuInit(0), CUDA_SUCCESS);
#define NOT_INITIALIZED_CASE(function, arguments)
#define NULL_CASE(function, parameter, needs_context, arguments)            \
  if (needs_context) {                                                      \
    EXPECT_EQ(function arguments, CUDA_ERROR_INVALID_CONTEXT) << #function; \
  }
#include "api/argument_cases.inc"
#undef NULL_CASE
}

TEST(GeneratedArgs, EveryNullPointerThatMustNotBeIsAnInvalidValue) {
  ASSERT_EQ(cuInit(0), CUDA_SUCCESS);
  CUcontext context;
  ASSERT_EQ(cuDevicePrimaryCtxRetain(&context, 0), CUDA_SUCCESS);
  ASSERT_EQ(cuCtxSetCurrent(context), CUDA_SUCCESS);
#define NULL_CASE(function, parameter, needs_context, arguments) \
  EXPECT_EQ(function arguments, CUDA_ERROR_INVALID_VALUE) << #function << ": " << #parameter;
#include "api/argument_cases.inc"
#undef NULL_CASE
  EXPECT_EQ(cuCtxSetCurrent(nullptr), CUDA_SUCCESS);
  EXPECT_EQ(cuDevicePrimaryCtxRelease_v2(0), CUDA_SUCCESS);
}

}  // namespace
