#include "base/knobs.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/log.h"

namespace tq {
namespace {

void Read(const char* name, std::string& value) {
  if (const char* text = std::getenv(name)) value = text;
}

void Read(const char* name, int64_t& value) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return;
  char* end = nullptr;
  errno = 0;
  const long long parsed = std::strtoll(text, &end, 0);
  if (errno != 0 || *end != '\0') {
    Log(LogLevel::kWarn, "%s (%s) is not a whole number; %lld is used", name, text,
        static_cast<long long>(value));
    return;
  }
  value = parsed;
}

void Read(const char* name, bool& value) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return;
  value = std::strcmp(text, "0") != 0 && std::strcmp(text, "off") != 0 && std::strcmp(text, "false") != 0;
}

std::string Show(const char* text) { return text; }
std::string Show(int number) { return std::to_string(number); }
std::string Show(bool flag) { return flag ? "1" : "0"; }

}  // namespace

KnobValues ReadKnobs() {
  KnobValues values;
#define KNOB(kind, member, name, def, meaning) Read(name, values.member);
#include "base/knobs.def"
#undef KNOB
  return values;
}

const KnobValues& Knobs() {
  // Never destroyed: kernels and atexit handlers of the application may still ask during process exit.
  static const KnobValues* const values = new KnobValues(ReadKnobs());
  return *values;
}

std::vector<KnobInfo> ListKnobs() {
  std::vector<KnobInfo> list;
#define KNOB(kind, member, name, def, meaning) list.push_back({name, Show(def), meaning});
#include "base/knobs.def"
#undef KNOB
  return list;
}

uint64_t ParseSizeBytes(const std::string& text, uint64_t fallback) {
  if (text.empty()) return fallback;
  char* end = nullptr;
  errno = 0;
  const unsigned long long number = std::strtoull(text.c_str(), &end, 10);
  if (errno != 0 || end == text.c_str()) return fallback;
  unsigned shift = 0;
  switch (*end) {
    case '\0':
      return number;
    case 'K':
    case 'k':
      shift = 10;
      break;
    case 'M':
    case 'm':
      shift = 20;
      break;
    case 'G':
    case 'g':
      shift = 30;
      break;
    case 'T':
    case 't':
      shift = 40;
      break;
    default:
      return fallback;
  }
  if (end[1] != '\0' || number > (UINT64_MAX >> shift)) return fallback;
  return number << shift;
}

}  // namespace tq
