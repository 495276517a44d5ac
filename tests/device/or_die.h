// For programs of tests, which have nothing to do after an error but say it.
#pragma once

#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace tq::test {

[[noreturn]] void Die(std::string_view why);

template <typename T>
T OrDie(absl::StatusOr<T> result) {
  if (!result.ok()) Die(result.status().ToString());
  return *std::move(result);
}

}  // namespace tq::test
