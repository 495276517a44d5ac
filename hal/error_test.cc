#include "hal/error.h"

#include <gtest/gtest.h>

#include "base/status.h"

namespace tq::hal {
namespace {

TEST(HalError, EveryStatusSurvivesTheRoundTrip) {
  for (int code = HAL_OK; code <= HAL_PEER_FAILED; ++code) {
    const auto status = static_cast<hal_status>(code);
    EXPECT_EQ(ToHalStatus(ToStatus(status, "op")), status) << code;
  }
}

TEST(HalError, UnknownStatusOfANewerBackendIsKept) {
  const absl::Status status = ToStatus(static_cast<hal_status>(77), "op");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(ToHalStatus(status), static_cast<hal_status>(77));
}

TEST(HalError, ContextKeepsTheExactCode) {
  const absl::Status status = WithContext(ToStatus(HAL_FAULTED, "op"), "outer");
  EXPECT_EQ(ToHalStatus(status), HAL_FAULTED);
}

TEST(HalError, ForeignStatusMapsToTheNearest) {
  EXPECT_EQ(ToHalStatus(absl::InvalidArgumentError("x")), HAL_INVALID);
  EXPECT_EQ(ToHalStatus(absl::ResourceExhaustedError("x")), HAL_OUT_OF_MEMORY);
  EXPECT_EQ(ToHalStatus(absl::DataLossError("x")), HAL_INTERNAL);
}

TEST(HalError, MessageNamesOperationAndCode) {
  const absl::Status status = ToStatus(HAL_OUT_OF_MEMORY, "mem_create of 5 bytes");
  EXPECT_NE(status.message().find("mem_create of 5 bytes"), std::string::npos);
  EXPECT_NE(status.message().find("HAL_OUT_OF_MEMORY"), std::string::npos);
}

}  // namespace
}  // namespace tq::hal
