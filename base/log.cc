#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tq {
namespace {

struct Sink {
  int fd = STDERR_FILENO;
  LogLevel level = LogLevel::kWarn;
};

// Reads TIANQIAO_LOG itself: the knob reader logs, so it cannot be asked from here.
Sink OpenSink() {
  Sink sink;
  const char* text = std::getenv("TIANQIAO_LOG");
  while (text != nullptr && *text != '\0') {
    const char* end = std::strchr(text, ',');
    const size_t size = end != nullptr ? static_cast<size_t>(end - text) : std::strlen(text);
    const auto is = [&](const char* word) {
      return size == std::strlen(word) && !std::strncmp(text, word, size);
    };
    if (is("error")) sink.level = LogLevel::kError;
    if (is("warn")) sink.level = LogLevel::kWarn;
    if (is("info")) sink.level = LogLevel::kInfo;
    if (is("debug")) sink.level = LogLevel::kDebug;
    if (size > 5 && !std::strncmp(text, "file:", 5)) {
      char path[4096];
      std::snprintf(path, sizeof(path), "%.*s", static_cast<int>(size - 5), text + 5);
      const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
      if (fd >= 0) sink.fd = fd;
    }
    text = end != nullptr ? end + 1 : nullptr;
  }
  return sink;
}

const Sink& GetSink() {
  static const Sink sink = OpenSink();
  return sink;
}

void WriteLine(const char* prefix, const char* format, va_list args) {
  char line[4096];
  int size = std::snprintf(line, sizeof(line), "%s", prefix);
  size += std::vsnprintf(line + size, sizeof(line) - size - 1, format, args);
  size = std::min<int>(size, sizeof(line) - 2);
  line[size++] = '\n';
  [[maybe_unused]] const ssize_t written = write(GetSink().fd, line, size);
}

}  // namespace

bool LogEnabled(LogLevel level) { return level <= GetSink().level; }

void Log(LogLevel level, const char* format, ...) {
  if (!LogEnabled(level)) return;
  static const char* const kPrefix[] = {
      "tianqiao: error: ", "tianqiao: warning: ", "tianqiao: ", "tianqiao: debug: "};
  va_list args;
  va_start(args, format);
  WriteLine(kPrefix[static_cast<int>(level)], format, args);
  va_end(args);
}

void TraceLine(const char* format, ...) {
  va_list args;
  va_start(args, format);
  WriteLine("", format, args);
  va_end(args);
}

}  // namespace tq
