// After a kernel's fault: each call that needs the device fails with the fault's error until the device is
// reset; cudaGetLastError gives it once for each call that failed, in the thread whose call it was.
#include <thread>

#include "tests/cudart/fixture.h"

namespace {

class StickyError : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(cudaSetDevice(0));
    ASSERT_OK(cudaDeviceReset());
    ASSERT_OK(cudaMalloc(reinterpret_cast<void**>(&cell_), sizeof(int)));
    ASSERT_OK(cudaStreamCreate(&stream_));
    ASSERT_OK(cudaEventCreate(&event_));
    EXPECT_OK(LaunchAffine(reinterpret_cast<int*>(uintptr_t{64}), 1, 1, stream_));
    EXPECT_EQ(cudaStreamSynchronize(stream_), kError);
    EXPECT_EQ(cudaGetLastError(), kError);
  }
  void TearDown() override {
    EXPECT_OK(cudaDeviceReset());
    cudaGetLastError();
  }

  static constexpr cudaError_t kError = cudaErrorIllegalAddress;
  int* cell_ = nullptr;
  cudaStream_t stream_ = nullptr;
  cudaEvent_t event_ = nullptr;
};

TEST_F(StickyError, IsGivenByEachCallAndOnceByGetLastError) {
  void* memory = nullptr;
  int word = 0;
  const auto fails = [](cudaError_t result, const char* call) {
    EXPECT_EQ(result, kError) << call;
    EXPECT_EQ(cudaPeekAtLastError(), kError) << call;
    EXPECT_EQ(cudaGetLastError(), kError) << call;
    EXPECT_EQ(cudaGetLastError(), cudaSuccess) << call;
  };
#define FAILS(call) fails(call, #call)
  EXPECT_EQ(cudaPeekAtLastError(), cudaSuccess);
  FAILS(cudaDeviceSynchronize());
  FAILS(cudaMalloc(&memory, 4));
  FAILS(cudaMallocHost(&memory, 4));
  FAILS(cudaFree(cell_));
  FAILS(cudaFree(nullptr));
  FAILS(cudaMemcpy(&word, cell_, 4, cudaMemcpyDeviceToHost));
  FAILS(cudaMemset(cell_, 0, 4));
  FAILS(cudaStreamQuery(stream_));
  FAILS(cudaStreamDestroy(stream_));
  FAILS(cudaEventRecord(event_, stream_));
  FAILS(cudaEventQuery(event_));
  FAILS(cudaEventSynchronize(event_));
#undef FAILS
  EXPECT_EQ(LaunchAffine(cell_, 1, 1, stream_), kError);  // by cudaGetLastError
  EXPECT_OK(cudaGetLastError());
}

TEST_F(StickyError, IsNoConcernOfQueries) {
  int value = 0;
  EXPECT_OK(cudaGetDeviceCount(&value));
  EXPECT_OK(cudaSetDevice(0));
  EXPECT_OK(cudaDeviceGetAttribute(&value, cudaDevAttrWarpSize, 0));
  EXPECT_OK(cudaDriverGetVersion(&value));
  EXPECT_OK(cudaGetLastError());
}

TEST_F(StickyError, ReachesOtherThreadsByTheirOwnCalls) {
  std::thread([] {
    void* memory = nullptr;
    EXPECT_OK(cudaPeekAtLastError());
    EXPECT_EQ(cudaMalloc(&memory, 4), kError);
    EXPECT_EQ(cudaGetLastError(), kError);
  }).join();
  EXPECT_OK(cudaPeekAtLastError());
}

TEST_F(StickyError, EndsWithAReset) {
  EXPECT_OK(cudaDeviceReset());
  EXPECT_OK(cudaMalloc(reinterpret_cast<void**>(&cell_), sizeof(int)));
  EXPECT_OK(cudaMemset(cell_, 1, sizeof(int)));
  EXPECT_OK(LaunchAffine(cell_, 0, 5, nullptr));
  int word = 0;
  EXPECT_OK(cudaMemcpy(&word, cell_, sizeof word, cudaMemcpyDeviceToHost));
  EXPECT_EQ(word, 5);
}

}  // namespace
