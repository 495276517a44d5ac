// For tests, benchmarks and tools of one purpose, which cannot go on without a value.
#pragma once

#include <cstdio>
#include <string>
#include <utility>

#include "base/status.h"

namespace tq {

// The value; without one, says why and aborts.
template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) std::fprintf(stderr, "%s\n", std::string(value.status().message()).c_str());
  TQ_CHECK(value.ok());
  return *std::move(value);
}

}  // namespace tq
