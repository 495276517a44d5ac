#include "base/status.h"

#include <gtest/gtest.h>

#include "absl/strings/cord.h"

namespace tq {
namespace {

absl::StatusOr<int> Half(int n) {
  if (n % 2 != 0) return absl::InvalidArgumentError("odd");
  return n / 2;
}

absl::StatusOr<int> Quarter(int n) {
  ASSIGN_OR_RETURN(const int half, Half(n));
  RETURN_IF_ERROR(Half(half));
  return half / 2;
}

TEST(Status, MacrosPassValuesAndErrorsOn) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
  EXPECT_EQ(Quarter(3).status().message(), "odd");
}

TEST(Status, ContextKeepsCodeAndPayload) {
  absl::Status status = absl::NotFoundError("no kernel foo");
  status.SetPayload("code", absl::Cord("500"));
  status = WithContext(status, "module bar");
  EXPECT_EQ(status.message(), "module bar: no kernel foo");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(*status.GetPayload("code"), "500");
  EXPECT_TRUE(WithContext(absl::OkStatus(), "x").ok());
}

}  // namespace
}  // namespace tq
