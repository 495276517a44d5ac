#include "hal/loader.h"

#include <gtest/gtest.h>

namespace tq::hal {
namespace {

const hal_init kInit = {.size = sizeof(hal_init)};

TEST(HalLoader, LoadsABackendOnce) {
  const auto first = LoadBackend("null", kInit);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_STREQ((*first)->name, "null");
  EXPECT_EQ(*LoadBackend("null", kInit), *first);
}

TEST(HalLoader, MissingBackendSaysWhereItLooked) {
  const auto backend = LoadBackend("absent", kInit);
  EXPECT_EQ(backend.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(backend.status().message().find("libhal_absent.so"), std::string::npos);
  EXPECT_NE(backend.status().message().find(BackendSearchPath().back()), std::string::npos);
}

TEST(HalLoader, NamesCannotLeaveTheDirectory) {
  for (const char* name : {"", "../null", "a/b", "NULL", "x;y"}) {
    EXPECT_EQ(LoadBackend(name, kInit).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

}  // namespace
}  // namespace tq::hal
