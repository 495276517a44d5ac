#include "hal/cpu/watchdog.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "hal/cpu/clock.h"
#include "hal/cpu/fault.h"
#include "hal/cpu/runner.h"

namespace tq::hal::cpu {
namespace {

struct Round {
  uint64_t now_ns, limit_ns;
};

// A runner between two grids may be told of the one before: it looks at the flag only while something runs on
// it.
void CheckRunner(Runner& runner, void* context) {
  const auto& round = *static_cast<const Round*>(context);
  const uint64_t start_ns = runner.grid_start_ns.load(std::memory_order_relaxed);
  if (start_ns == 0 || round.now_ns < start_ns + round.limit_ns) return;
  runner.overdue_start_ns.store(start_ns, std::memory_order_relaxed);
  InterruptRunner(runner);
}

}  // namespace

void StartWatchdog(uint64_t limit_ms) {
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  std::thread([limit_ms] {
    const std::chrono::milliseconds period(std::clamp<uint64_t>(limit_ms / 8, 1, 100));
    for (;;) {
      std::this_thread::sleep_for(period);
      Round round = {NowNs(), limit_ms * 1000000};
      ForEachRunner(CheckRunner, &round);
    }
  }).detach();
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

}  // namespace tq::hal::cpu
