#include "runtime/cuda/entry.h"

#include <gtest/gtest.h>

#include "absl/status/status.h"
#include "runtime/core/error.h"

namespace tq::cuda {
namespace {

int calls = 0;

absl::Status Store(int* result, const char*, int value) {
  ++calls;
  if (value < 0) return core::CudaError(CUDA_ERROR_ILLEGAL_ADDRESS, "The value is negative.");
  *result = value;
  return absl::OkStatus();
}

CUresult CallStore(int* result, const char* name, int value) {
  return Enter<kNeedsInit>("cuStore", Store, OutArg{"result", result}, RequiredArg{"name", name},
                           InArg{"value", value});
}

class Entry : public testing::Test {
 protected:
  void SetUp() override {
    calls = 0;
    core::is_initialized.store(true);
  }
  void TearDown() override { core::is_initialized.store(false); }
};

TEST_F(Entry, PassesArgumentsAndTheResultThrough) {
  int result = 0;
  EXPECT_EQ(CallStore(&result, "n", 7), CUDA_SUCCESS);
  EXPECT_EQ(result, 7);
  EXPECT_EQ(calls, 1);
}

TEST_F(Entry, GivesTheExactCodeOfTheImplementation) {
  int result = 0;
  EXPECT_EQ(CallStore(&result, "n", -1), CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_F(Entry, NullPointersNeverReachTheImplementation) {
  int result = 0;
  EXPECT_EQ(CallStore(nullptr, "n", 7), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(CallStore(&result, nullptr, 7), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(calls, 0);
}

TEST_F(Entry, InitialisationIsCheckedBeforePointers) {
  core::is_initialized.store(false);
  EXPECT_EQ(CallStore(nullptr, nullptr, 7), CUDA_ERROR_NOT_INITIALIZED);
  EXPECT_EQ(calls, 0);
}

absl::Status Count(const int*, unsigned) {
  ++calls;
  return absl::OkStatus();
}

TEST_F(Entry, AnArrayMayBeNullWhenItIsEmpty) {
  const int* none = nullptr;
  const auto call = [&](unsigned count) {
    return Enter<kNeedsNothing>("cuCount", Count, ArrayArg{"array", none, count}, InArg{"count", count});
  };
  EXPECT_EQ(call(0), CUDA_SUCCESS);
  EXPECT_EQ(call(1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(calls, 1);
}

TEST_F(Entry, AStubSaysSoOnce) {
  std::atomic<bool> said{false};
  testing::internal::CaptureStderr();
  EXPECT_EQ(NotImplemented("cuStub", said), CUDA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(NotImplemented("cuStub", said), CUDA_ERROR_NOT_SUPPORTED);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("cuStub"), std::string::npos);
  EXPECT_EQ(text.find("cuStub"), text.rfind("cuStub"));
}

}  // namespace
}  // namespace tq::cuda
