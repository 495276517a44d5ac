// Environment variables, declared once in knobs.def. Values are read at the first call of Knobs() and fixed
// from then on, so that a hot path pays a load and not a getenv. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tq {

struct KnobValues {
#define TQ_KNOB_TYPE_STRING std::string
#define TQ_KNOB_TYPE_INT int64_t
#define TQ_KNOB_TYPE_BOOL bool
#define KNOB(kind, member, name, def, meaning) TQ_KNOB_TYPE_##kind member = def;
#include "base/knobs.def"
#undef KNOB
};

const KnobValues& Knobs();

// What the environment holds right now, for tests and for `tianqiao info`.
KnobValues ReadKnobs();

struct KnobInfo {
  const char* name;
  std::string default_value;
  const char* meaning;
};
std::vector<KnobInfo> ListKnobs();

// "512", "64K", "8M", "4G", "1T" in bytes; `fallback` when the text is empty or malformed.
uint64_t ParseSizeBytes(const std::string& text, uint64_t fallback);

}  // namespace tq
