// `tianqiao smi`: devices, their memory and utilisation, and the processes that use them.
#pragma once

namespace tq {

struct SmiOptions {
  bool lists = false;     // names and UUIDs alone
  int interval_ms = 500;  // over which the utilisation is measured
};

// The exit code.
int PrintSmi(const SmiOptions& options);

}  // namespace tq
