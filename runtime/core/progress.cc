#include "runtime/core/progress.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <mutex>

#include "base/knobs.h"

namespace tq::core {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPatience(500);  // shorter waits need no explanation
constexpr std::chrono::seconds kPause(2);            // after which a new count begins
constexpr int kLineWidth = 79;

struct State {
  std::mutex mutex;
  const bool is_on = Knobs().progress && isatty(STDERR_FILENO) != 0;
  int running = 0;
  int done = 0;
  bool is_shown = false;
  Clock::time_point start, last_end;
};

State& GetState() {
  static auto* const state = new State;
  return *state;
}

void Show(State& state, std::string_view kernel) {
  const auto elapsed = Clock::now() - state.start;
  if (elapsed < kPatience) return;
  char line[kLineWidth + 1];
  std::snprintf(line, sizeof(line), "tianqiao: compiling kernels, %d done in %.1f s: %.*s", state.done,
                std::chrono::duration<double>(elapsed).count(), static_cast<int>(kernel.size()),
                kernel.data());
  std::fprintf(stderr, "\r\033[K%s", line);
  std::fflush(stderr);
  state.is_shown = true;
}

}  // namespace

CompileProgress::CompileProgress(std::string_view kernel) {
  State& state = GetState();
  if (!state.is_on) return;
  const std::lock_guard lock(state.mutex);
  if (state.running++ == 0 && Clock::now() - state.last_end > kPause) {
    state.start = Clock::now();
    state.done = 0;
  }
  Show(state, kernel);
}

CompileProgress::~CompileProgress() {
  State& state = GetState();
  if (!state.is_on) return;
  const std::lock_guard lock(state.mutex);
  ++state.done;
  state.last_end = Clock::now();
  if (--state.running == 0 && state.is_shown) {
    std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
    state.is_shown = false;
  }
}

}  // namespace tq::core
