#include "compiler/ir/diagnostics.h"

#include <string>
#include <utility>

#include "compiler/ir/concat.h"

namespace tq::ptx {

void Diagnostics::Add(Severity severity, Location location, std::string text) {
  error_count_ += severity == Severity::kError;
  if (list_.size() == kMaxKept) {
    ++dropped_count_;
    return;
  }
  list_.push_back({severity, location, std::move(text)});
}

std::string Diagnostics::ToString() const {
  std::string out;
  for (const Diagnostic& d : list_) {
    Append(out, "ptx:", d.location.line, ":", d.location.column,
           d.severity == Severity::kError ? ": error: " : ": warning: ", d.text, "\n");
  }
  if (dropped_count_ != 0) Append(out, "ptx: ", dropped_count_, " more messages are not shown.\n");
  return out;
}

}  // namespace tq::ptx
