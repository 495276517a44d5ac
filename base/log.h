// Leveled log and the sink that API traces go to. Lines are written whole with one write(2), so that threads
// and processes do not mix within a line. Never allocates after the first line; safe before main and at exit.
#pragma once

namespace tq {

enum class LogLevel { kError, kWarn, kInfo, kDebug };

bool LogEnabled(LogLevel level);
void Log(LogLevel level, const char* format, ...) __attribute__((format(printf, 2, 3)));

// Writes a line that is part of a trace the user asked for: no level filter, no prefix.
void TraceLine(const char* format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace tq

// At most once per place, for warnings that would otherwise repeat per call.
#define TQ_LOG_ONCE(level, ...)                                                                  \
  do {                                                                                           \
    static bool tq_logged = false;                                                               \
    if (!__atomic_exchange_n(&tq_logged, true, __ATOMIC_RELAXED)) ::tq::Log(level, __VA_ARGS__); \
  } while (false)
