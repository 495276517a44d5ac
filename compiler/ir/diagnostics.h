// What the parser and the verifier have to say about a PTX text: a list, in the order of discovery.
// Messages are full sentences with the offending token in back quotes. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/ir/module.h"

namespace tq::ptx {

enum class Severity : uint8_t { kError, kWarning };

struct Diagnostic {
  Severity severity = Severity::kError;
  Location location;
  std::string text;
};

class Diagnostics {
 public:
  // Beyond this many of each severity the rest is counted and not kept: hostile texts must not cost memory.
  static constexpr size_t kMaxKept = 200;

  void Error(Location location, std::string text) { Add(Severity::kError, location, std::move(text)); }
  void Warning(Location location, std::string text) { Add(Severity::kWarning, location, std::move(text)); }

  bool HasErrors() const { return error_count_ != 0; }
  size_t error_count() const { return error_count_; }
  const std::vector<Diagnostic>& list() const { return list_; }

  // "ptx:LINE:COLUMN: error: text", one per line.
  std::string ToString() const;

 private:
  void Add(Severity severity, Location location, std::string text);

  std::vector<Diagnostic> list_;
  size_t error_count_ = 0;
  size_t warning_count_ = 0;
};

}  // namespace tq::ptx
