#include <cuda.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/api/context_fixture.h"

namespace {

// In a process of its own: this one is initialised by other tests.
int InChild(int (*body)()) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Init, RefusesFlags) { EXPECT_EQ(cuInit(1), CUDA_ERROR_INVALID_VALUE); }

TEST(Init, MayBeRepeated) {
  EXPECT_OK(cuInit(0));
  EXPECT_OK(cuInit(0));
}

TEST(Init, DriverVersionNeedsNoInitialisation) {
  int version = 0;
  EXPECT_OK(cuDriverGetVersion(&version));
  EXPECT_GE(version, 13000);
  EXPECT_EQ(cuDriverGetVersion(nullptr), CUDA_ERROR_INVALID_VALUE);
}

// Runs `body` in the child of a process that has the primary context.
int InChildOfAUser(int (*body)()) {
  static int (*inner)();
  inner = body;
  return InChild([]() -> int {
    CUcontext context;
    if (cuInit(0) != CUDA_SUCCESS || cuDevicePrimaryCtxRetain(&context, 0) != CUDA_SUCCESS) return -1;
    return InChild(inner);
  });
}

TEST(Init, AForkedChildIsNotInitialised) {
  EXPECT_EQ(InChildOfAUser([]() -> int {
              int count = 0;
              return cuDeviceGetCount(&count);
            }),
            CUDA_ERROR_NOT_INITIALIZED);
  EXPECT_EQ(InChildOfAUser([]() -> int { return cuInit(0); }), CUDA_ERROR_NOT_INITIALIZED);
  EXPECT_EQ(InChildOfAUser([]() -> int {
              exit(0);  // destructors and exit handlers run in the child, too
            }),
            0);
}

// As monitors do: NVML looks at the devices, and the program forks before it uses them.
TEST(Init, AForkedChildOfAProcessThatOnlyLooksMayUseTheDevice) {
  EXPECT_EQ(InChild([]() -> int {
              int count = 0;
              if (cuInit(0) != CUDA_SUCCESS || cuDeviceGetCount(&count) != CUDA_SUCCESS) return -1;
              return InChild([]() -> int {
                CUcontext context;
                CUdeviceptr memory;
                unsigned word = 0;
                if (cuInit(0) != CUDA_SUCCESS) return 1;
                if (cuDevicePrimaryCtxRetain(&context, 0) != CUDA_SUCCESS) return 2;
                if (cuCtxSetCurrent(context) != CUDA_SUCCESS) return 3;
                if (cuMemAlloc(&memory, 4) != CUDA_SUCCESS) return 4;
                if (cuMemsetD32(memory, 0xABCD, 1) != CUDA_SUCCESS) return 5;
                if (cuMemcpyDtoH(&word, memory, 4) != CUDA_SUCCESS) return 6;
                return word == 0xABCD ? 0 : 7;
              });
            }),
            0);
}

class ForkWithContext : public ContextFixture {};

TEST_F(ForkWithContext, AChildOfAProcessAtWorkEndsCleanly) {
  CUstream stream;
  ASSERT_OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  Gate gate;
  ASSERT_OK(gate.Hold(stream));
  EXPECT_EQ(InChild([]() -> int { return cuCtxSynchronize(); }), CUDA_ERROR_NOT_INITIALIZED);
  gate.Open();
  EXPECT_OK(cuStreamSynchronize(stream));
}

}  // namespace
