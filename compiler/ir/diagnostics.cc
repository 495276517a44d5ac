#include "compiler/ir/diagnostics.h"

#include <string>
#include <utility>

#include "compiler/ir/concat.h"

namespace tq::ptx {

void Diagnostics::Add(Severity severity, Location location, std::string text) {
  size_t& count = severity == Severity::kError ? error_count_ : warning_count_;
  if (++count > kMaxKept) return;
  list_.push_back({severity, location, std::move(text)});
}

std::string Diagnostics::ToString() const {
  std::string out;
  for (const Diagnostic& d : list_) {
    Append(out, "ptx:", d.location.line, ":", d.location.column,
           d.severity == Severity::kError ? ": error: " : ": warning: ", d.text, "\n");
  }
  const size_t dropped = error_count_ + warning_count_ - list_.size();
  if (dropped != 0) Append(out, "ptx: ", dropped, " more messages are not shown.\n");
  return out;
}

}  // namespace tq::ptx
