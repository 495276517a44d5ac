// Calls every implemented entry point wrongly, from a list that is generated from the registry.
#include <cuda.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "tests/api/wrong_handle.h"

namespace {

// Each test defines the rows that it reads; the rest are nothing.
#define NOT_INITIALIZED_CASE(function, arguments)
#define NO_CONTEXT_CASE(function, arguments)
#define NULL_CASE(function, parameter, arguments)
#define HANDLE_CASE(function, parameter, type, may_be_null, error, arguments)

// The tests of this file run in one process in this order: nothing initialises before the first is done.
TEST(GeneratedArgs, EveryCallBeforeCuInitIsRefused) {
#undef NOT_INITIALIZED_CASE
#define NOT_INITIALIZED_CASE(function, arguments) \
  ExpectResult(function arguments, CUDA_ERROR_NOT_INITIALIZED, #function);
#include "api/argument_cases.inc"
#undef NOT_INITIALIZED_CASE
#define NOT_INITIALIZED_CASE(function, arguments)
}

TEST(GeneratedArgs, EveryCallThatNeedsAContextIsRefusedWithoutOneAndInADestroyedOne) {
  ASSERT_EQ(cuInit(0), CUDA_SUCCESS);
#undef NO_CONTEXT_CASE
#define NO_CONTEXT_CASE(function, arguments) \
  ExpectResult(function arguments, CUDA_ERROR_INVALID_CONTEXT, #function);
#include "api/argument_cases.inc"
#undef NO_CONTEXT_CASE

  CUcontext context = nullptr;
  ASSERT_EQ(cuCtxCreate_v4(&context, nullptr, 0, 0), CUDA_SUCCESS);
  std::thread([context] { EXPECT_EQ(cuCtxDestroy_v2(context), CUDA_SUCCESS); }).join();
#define NO_CONTEXT_CASE(function, arguments) \
  ExpectResult(function arguments, CUDA_ERROR_CONTEXT_IS_DESTROYED, #function);
#include "api/argument_cases.inc"
#undef NO_CONTEXT_CASE
#define NO_CONTEXT_CASE(function, arguments)
  EXPECT_EQ(cuCtxPopCurrent_v2(&context), CUDA_SUCCESS);
}

// What must be as it was before a call that was refused.
struct State {
  static State Now() {
    State state;
    EXPECT_EQ(cuCtxGetCurrent(&state.current), CUDA_SUCCESS);
    EXPECT_EQ(cuMemGetInfo_v2(&state.free_bytes, &state.total_bytes), CUDA_SUCCESS);
    EXPECT_EQ(cuDevicePrimaryCtxGetState(0, &state.flags, &state.is_active), CUDA_SUCCESS);
    EXPECT_EQ(cuThreadExchangeStreamCaptureMode(&state.mode), CUDA_SUCCESS);
    EXPECT_EQ(cuThreadExchangeStreamCaptureMode(&state.mode), CUDA_SUCCESS);
    EXPECT_EQ(cuStreamQuery(Live<CUstream>()), CUDA_SUCCESS);
    EXPECT_EQ(cuEventQuery(Live<CUevent>()), CUDA_SUCCESS);
    EXPECT_EQ(cuGraphGetNodes(Live<CUgraph>(), nullptr, &state.node_count), CUDA_SUCCESS);
    return state;
  }
  bool operator==(const State&) const = default;

  CUcontext current = nullptr;
  size_t free_bytes = 0, total_bytes = 0, node_count = 0;
  unsigned flags = 0;
  int is_active = 0;
  CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
};

class GeneratedArgsWithObjects : public testing::Test {
 protected:
  void SetUp() override {
    LiveObjects::Get().Make();
    before_ = State::Now();
  }
  void TearDown() override {
    EXPECT_EQ(State::Now(), before_);
    LiveObjects::Get().Destroy();
  }
  State before_;
};

TEST_F(GeneratedArgsWithObjects, EveryNullPointerThatMustNotBeIsAnInvalidValue) {
#undef NULL_CASE
#define NULL_CASE(function, parameter, arguments) \
  ExpectResult(function arguments, CUDA_ERROR_INVALID_VALUE, #function, #parameter);
#include "api/argument_cases.inc"
#undef NULL_CASE
#define NULL_CASE(function, parameter, arguments)
}

// The range of managed memory, here none at all, is judged before the device that it is for.
bool JudgesMemoryFirst(const std::string& function) {
  return function.rfind("cuMemPrefetchAsync", 0) == 0 || function.rfind("cuMemAdvise", 0) == 0;
}

TEST_F(GeneratedArgsWithObjects, EveryHandleThatStandsForNothingIsItsTypesError) {
#undef HANDLE_CASE
#define HANDLE_CASE(function, parameter, type, may_be_null, error, arguments)                              \
  for (const Wrongness wrong : kAllWrongness) {                                                            \
    if (wrong == Wrongness::kNull && (may_be_null || std::is_same_v<type, CUstream>)) continue;            \
    ExpectResult(                                                                                          \
        function arguments,                                                                                \
        std::is_same_v<type, CUdevice> && JudgesMemoryFirst(#function) ? CUDA_ERROR_INVALID_VALUE : error, \
        #function, #parameter, static_cast<int>(wrong));                                                   \
  }
#include "api/argument_cases.inc"
}

}  // namespace
