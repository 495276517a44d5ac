#include "tools/tianqiao/info.h"

#include <cstdio>
#include <cstdlib>

#include "base/knobs.h"

namespace tq {

int PrintKnobs() {
  for (const KnobInfo& knob : ListKnobs()) {
    const char* now = std::getenv(knob.name);
    std::printf("%s\n  %s\n  default: %s%s%s\n", knob.name, knob.meaning,
                knob.default_value.empty() ? "(empty)" : knob.default_value.c_str(),
                now != nullptr ? "; now: " : "", now != nullptr ? now : "");
  }
  return 0;
}

}  // namespace tq
