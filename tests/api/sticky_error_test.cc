// What every call of the driver API returns after a kernel's fault, for each kind of fault that a device can
// report. Of the errors that the documentation calls lasting, CUDA_ERROR_EXTERNAL_DEVICE is another process's
// (ipc_test.cc); CUDA_ERROR_CONTAINED and CUDA_ERROR_TENSOR_MEMORY_LEAK are of memory that no device here
// has.
#include <cuda.h>
#include <gtest/gtest.h>

#include <string>

#include "hal/include/tianqiao/hal.h"
#include "tests/api/fake_compiler_environment.h"
#include "tests/api/wrong_handle.h"

#define ASSERT_OK(call) ASSERT_EQ(call, CUDA_SUCCESS)
#define EXPECT_OK(call) EXPECT_EQ(call, CUDA_SUCCESS)

namespace {

constexpr char kModule[] =
    ".version 7.0\n.target sm_70\n.address_size 64\n.visible .entry kernel() { ret; }\n";

struct Row {
  hal_fault_kind kind;
  CUresult error;
};

class StickyErrors : public testing::TestWithParam<Row> {
 protected:
  void SetUp() override {
    ASSERT_OK(cuInit(0));
    ASSERT_OK(cuDevicePrimaryCtxRetain(&context_, 0));
    ASSERT_OK(cuCtxSetCurrent(context_));
  }
  void TearDown() override {
    EXPECT_OK(cuCtxSetCurrent(nullptr));
    EXPECT_OK(cuDevicePrimaryCtxRelease_v2(0));
  }
  static CUresult Launch(unsigned width) {
    CUmodule module = nullptr;
    CUfunction kernel = nullptr;
    if (const CUresult result = cuModuleLoadData(&module, kModule); result != CUDA_SUCCESS) return result;
    if (const CUresult result = cuModuleGetFunction(&kernel, module, "kernel"); result != CUDA_SUCCESS)
      return result;
    if (const CUresult result = cuLaunchKernel(kernel, width, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr);
        result != CUDA_SUCCESS)
      return result;
    return cuCtxSynchronize();
  }
  CUcontext context_ = nullptr;
};

constexpr unsigned kWhole = 1000;  // blocks of a grid that faults not

TEST_P(StickyErrors, AreWhatEveryCallInTheContextReturnsUntilItIsReset) {
  const CUresult error = GetParam().error;
  CUcontext other = nullptr;
  ASSERT_OK(cuCtxCreate_v4(&other, nullptr, 0, 0));
  ASSERT_OK(cuCtxPopCurrent_v2(nullptr));
  ASSERT_OK(Launch(kWhole));
  EXPECT_EQ(Launch(GetParam().kind), error);

#define NOT_INITIALIZED_CASE(function, arguments)
#define NULL_CASE(function, parameter, arguments)
#define HANDLE_CASE(function, parameter, type, may_be_null, error, arguments)
#define NO_CONTEXT_CASE(function, arguments) ExpectResult(function arguments, error, #function);
#include "api/argument_cases.inc"
#undef NO_CONTEXT_CASE

  // What asks nothing of the context's work answers, and other contexts go on.
  CUcontext current = nullptr;
  CUdevice device = -1;
  unsigned flags = 0;
  int is_active = 0;
  EXPECT_OK(cuCtxGetCurrent(&current));
  EXPECT_EQ(current, context_);
  EXPECT_OK(cuDeviceGet(&device, 0));
  EXPECT_OK(cuDevicePrimaryCtxGetState(0, &flags, &is_active));
  EXPECT_EQ(is_active, 1);
  EXPECT_OK(cuCtxPushCurrent_v2(other));
  EXPECT_OK(Launch(kWhole));
  EXPECT_OK(cuCtxPopCurrent_v2(nullptr));
  EXPECT_OK(cuCtxDestroy_v2(other));

  ASSERT_OK(cuDevicePrimaryCtxReset_v2(0));
  ASSERT_OK(cuDevicePrimaryCtxRetain(&context_, 0));
  EXPECT_OK(Launch(kWhole));
  EXPECT_OK(cuDevicePrimaryCtxRelease_v2(0));
}

TEST_P(StickyErrors, OfAContextThatIsDestroyedGoWithIt) {
  CUcontext own = nullptr;
  ASSERT_OK(cuCtxCreate_v4(&own, nullptr, 0, 0));
  EXPECT_EQ(Launch(GetParam().kind), GetParam().error);
  EXPECT_OK(cuCtxDestroy_v2(own));
  ASSERT_OK(cuCtxSetCurrent(context_));
  EXPECT_OK(Launch(kWhole));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, StickyErrors,
    testing::Values(Row{HAL_FAULT_ILLEGAL_ADDRESS, CUDA_ERROR_ILLEGAL_ADDRESS},
                    Row{HAL_FAULT_MISALIGNED_ADDRESS, CUDA_ERROR_MISALIGNED_ADDRESS},
                    Row{HAL_FAULT_ILLEGAL_INSTRUCTION, CUDA_ERROR_ILLEGAL_INSTRUCTION},
                    Row{HAL_FAULT_INVALID_PC, CUDA_ERROR_INVALID_PC},
                    Row{HAL_FAULT_INVALID_ADDRESS_SPACE, CUDA_ERROR_INVALID_ADDRESS_SPACE},
                    Row{HAL_FAULT_TRAP, CUDA_ERROR_LAUNCH_FAILED}, Row{HAL_FAULT_ASSERT, CUDA_ERROR_ASSERT},
                    Row{HAL_FAULT_STACK_OVERFLOW, CUDA_ERROR_HARDWARE_STACK_ERROR},
                    Row{HAL_FAULT_TIMEOUT, CUDA_ERROR_LAUNCH_TIMEOUT},
                    Row{HAL_FAULT_DEADLOCK, CUDA_ERROR_LAUNCH_TIMEOUT},
                    Row{HAL_FAULT_ARITHMETIC, CUDA_ERROR_LAUNCH_FAILED}),
    [](const auto& info) {
      const char* name = nullptr;
      cuGetErrorName(info.param.error, &name);
      return std::to_string(info.param.kind) + "_" + (name == nullptr ? "unknown" : name);
    });

}  // namespace
