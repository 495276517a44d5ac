#include "runtime/core/error.h"

#include <gtest/gtest.h>

#include "base/status.h"

namespace tq::core {
namespace {

TEST(Error, EveryCodeSurvivesTheTripThroughAStatus) {
  for (int number = 1; number <= 999; ++number) {
    const auto code = static_cast<CUresult>(number);
    const absl::Status status = CudaError(code, "the reason (7)");
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(ToCuResult(status), code);
    EXPECT_EQ(status.message(), "the reason (7)");
  }
}

TEST(Error, SuccessIsOk) {
  EXPECT_TRUE(CudaError(CUDA_SUCCESS, "ignored").ok());
  EXPECT_EQ(ToCuResult(absl::OkStatus()), CUDA_SUCCESS);
}

TEST(Error, ContextKeepsTheCode) {
  const absl::Status status = CudaError(CUDA_ERROR_NO_BINARY_FOR_GPU, "no image");
  EXPECT_EQ(ToCuResult(WithContext(status, "while loading module m")), CUDA_ERROR_NO_BINARY_FOR_GPU);
}

TEST(Error, CanonicalCodesWithoutPayloadHaveAMeaning) {
  EXPECT_EQ(ToCuResult(Unsupported("textures of 3 channels")), CUDA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(ToCuResult(absl::InvalidArgumentError("x")), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(ToCuResult(absl::ResourceExhaustedError("x")), CUDA_ERROR_OUT_OF_MEMORY);
  EXPECT_EQ(ToCuResult(absl::NotFoundError("x")), CUDA_ERROR_NOT_FOUND);
  EXPECT_EQ(ToCuResult(absl::InternalError("x")), CUDA_ERROR_UNKNOWN);
}

TEST(Error, NotReadyIsSharedAndKeepsItsCode) { EXPECT_EQ(ToCuResult(NotReady()), CUDA_ERROR_NOT_READY); }

}  // namespace
}  // namespace tq::core
