#include "hal/cpu/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "hal/cpu/clock.h"
#include "hal/cpu/device.h"
#include "hal/cpu/futex.h"
#include "hal/cpu/grid.h"
#include "hal/cpu/queue.h"
#include "hal/cpu/runner.h"
#include "hal/cpu/team.h"

namespace tq::hal::cpu {
namespace {

constexpr uint64_t kSpinNs = 60000;       // about twice what a wake costs
constexpr uint64_t kPollMinNs = 50000;    // how often a parked worker looks at words in memory ...
constexpr uint64_t kPollMaxNs = 1000000;  // ... after a while
constexpr size_t kMaxWaitingTeams =
    64;  // blocks that wait for others, per worker, before it stops taking more

}  // namespace

void Pool::AddWork(Work* work) {
  uint64_t wanted;
  {
    const std::lock_guard lock(mutex_);
    StartWorkers();
    // Nobody knows which of those that sleep wakes up.
    wanted = work->workers == nullptr ? (work->total + work->chunk - 1) / work->chunk : worker_count_;
    runnable_.push_back(work);
    Count(*work, 1);
  }  // from here on a worker may have ended it
  Wake(static_cast<uint32_t>(std::min<uint64_t>(wanted, worker_count_)));
}

void Pool::Count(const Work& work, int32_t change) {
  const auto step = static_cast<uint32_t>(change);
  if (work.workers == nullptr) {
    backlog_.fetch_add(step, std::memory_order_relaxed);
    return;
  }
  for (uint32_t i = 0; i < worker_count_; ++i) {
    if (work.workers->Contains(i)) kept_[i].fetch_add(step, std::memory_order_relaxed);
  }
}

void Pool::AddReady(hal_queue* queue) {
  {
    const std::lock_guard lock(mutex_);
    StartWorkers();
    ready_.push_back(queue);
    backlog_.fetch_add(1, std::memory_order_relaxed);
  }
  Wake(1);
}

void Pool::AddPoller(hal_queue* queue) {
  {
    const std::lock_guard lock(mutex_);
    StartWorkers();
    pollers_.push_back(queue);
    poller_count_.fetch_add(1, std::memory_order_relaxed);
  }
  Wake(1);
}

void Pool::Wake(uint32_t count) {
  epoch_.fetch_add(1, std::memory_order_seq_cst);
  if (sleeping_.load(std::memory_order_seq_cst) != 0) FutexWake(&epoch_, static_cast<int>(count));
}

Pool::Choice Pool::Choose(const Runner& runner, Lender lender) {
  Choice choice;
  const bool is_worker = lender == Lender::kWorker;
  if (is_worker ? !HasBacklogFor(runner.worker_index) : backlog_.load(std::memory_order_relaxed) == 0)
    return choice;
  const std::lock_guard lock(mutex_);
  if (!ready_.empty()) {
    choice.queue = ready_.front();
    ready_.pop_front();
    backlog_.fetch_sub(1, std::memory_order_relaxed);
    return choice;
  }
  Work* best = nullptr;
  size_t best_index = 0;
  for (size_t i = 0; i < runnable_.size(); ++i) {
    const size_t index = (cursor_ + i) % runnable_.size();
    Work* work = runnable_[index];
    if (work->waits_on_others && !is_worker) continue;
    if (work->workers != nullptr && !(is_worker && work->workers->Contains(runner.worker_index))) continue;
    if (best == nullptr || work->priority > best->priority) {
      best = work;
      best_index = index;
    }
  }
  if (best == nullptr) return choice;
  choice.work = best;
  choice.begin = best->next;
  const uint64_t left = best->total - best->next;
  uint64_t units = best->chunk;
  // Towards the end chunks shrink, so that the threads come to it together.
  if (best->most_units != 0) units = std::min(units, std::max<uint64_t>(left / (2 * worker_count_), 1));
  best->next += best->is_stopped() ? left : std::min(left, units);
  choice.end = best->next;
  if (best->next == best->total) {
    runnable_.erase(runnable_.begin() + static_cast<ptrdiff_t>(best_index));
    Count(*best, -1);
    cursor_ = best_index;
  } else {
    cursor_ = best_index + 1;
  }
  return choice;
}

bool Pool::RunOne(Runner& runner, Lender lender) {
  const Choice choice = Choose(runner, lender);
  if (choice.queue == nullptr && choice.work == nullptr) return false;
  if (choice.queue != nullptr) {
    choice.queue->Drive(runner, hal_queue::Driver::kPool);
    return true;
  }
  uint64_t unset = 0;
  const uint64_t begin_ns = NowNs();
  choice.work->start_ns.compare_exchange_strong(unset, begin_ns, std::memory_order_relaxed);
  const uint64_t ended = choice.work->Run(runner, choice.begin, choice.end);
  const uint64_t elapsed_ns = NowNs() - begin_ns;
  device_->busy_ns.fetch_add(elapsed_ns, std::memory_order_relaxed);
  if (ended != 0 && choice.work->most_units != 0) FitChunk(choice.work, ended, elapsed_ns);
  if (ended != 0) Complete(runner, choice.work, ended);
  return true;
}

// A grid that nobody has measured begins with chunks of one, whatever it turns out to be; one that takes
// longer than last time does not keep others waiting for the rest of it. Before Complete: the work may be
// gone after it.
void Pool::FitChunk(Work* work, uint64_t units, uint64_t elapsed_ns) {
  const double unit_ns = static_cast<double>(std::max<uint64_t>(elapsed_ns, 1)) / static_cast<double>(units);
  const uint64_t chunk = std::clamp<uint64_t>(static_cast<uint64_t>(kChunkNs / unit_ns), 1, work->most_units);
  const std::lock_guard lock(mutex_);
  work->chunk = chunk;
}

void Pool::Complete(Runner& runner, Work* work, uint64_t count) {
  const uint64_t total = work->total;
  if (work->done.fetch_add(count, std::memory_order_acq_rel) + count == total)
    work->queue->OnWorkDone(runner);
}

bool Pool::Help() {
  if (backlog_.load(std::memory_order_relaxed) == 0) return false;
  if (running_.load(std::memory_order_relaxed) >= worker_count_) return false;
  Runner& runner = Runner::Current();
  if (runner.inline_depth != 0) return false;
  running_.fetch_add(1, std::memory_order_relaxed);
  ++runner.inline_depth;
  const bool ran = RunOne(runner, Lender::kApplication);
  --runner.inline_depth;
  running_.fetch_sub(1, std::memory_order_relaxed);
  return ran;
}

// One round over the blocks that wait on this worker. True when one of them got on.
bool Pool::StepResidents(Runner& runner) {
  bool progress = false;
  for (size_t i = 0; i < runner.residents.size();) {
    Team& team = *runner.residents[i];
    const Team::State state = team.Step(runner);
    progress |= state != Team::State::kStalled;
    if (state != Team::State::kFinished) {
      ++i;
      continue;
    }
    Work* work = team.work();
    runner.idle_teams.push_back(std::move(runner.residents[i]));
    runner.residents.erase(runner.residents.begin() + static_cast<ptrdiff_t>(i));
    Complete(runner, work, 1);
  }
  return progress;
}

bool Pool::PollOne() {
  hal_queue* queue;
  {
    const std::lock_guard lock(mutex_);
    if (pollers_.empty()) return false;
    queue = pollers_.front();
    pollers_.pop_front();
    poller_count_.fetch_sub(1, std::memory_order_relaxed);
  }
  if (queue->PollMemop(Runner::Current())) {
    AddReady(queue);
    return true;
  }
  const std::lock_guard lock(mutex_);
  pollers_.push_back(queue);
  poller_count_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void Pool::StartWorkers() {
  if (started_) return;
  started_ = true;
  // Signals of the application are its threads' business.
  sigset_t all, old;
  sigfillset(&all);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&all, signal);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  for (uint32_t i = 0; i < worker_count_; ++i) std::thread([this, i] { WorkerMain(i); }).detach();
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

void Pool::ForgetWorkers() {
  started_ = true;  // nothing starts them again
}

void Pool::WorkerMain(uint32_t index) {
  char name[16];
  std::snprintf(name, sizeof name, "tq-cpu%u.%u", device_->index % 100, index % 1000);
  pthread_setname_np(pthread_self(), name);
  Runner& runner = Runner::Current();
  runner.is_worker = true;
  runner.worker_index = index;
  uint32_t stalled_rounds = 0;
  for (;;) {
    if (poller_count_.load(std::memory_order_relaxed) != 0) PollOne();
    running_.fetch_add(1, std::memory_order_relaxed);
    bool progress = !runner.residents.empty() && StepResidents(runner);
    if (!progress && runner.residents.size() < kMaxWaitingTeams) progress = RunOne(runner, Lender::kWorker);
    running_.fetch_sub(1, std::memory_order_relaxed);
    if (progress) {
      stalled_rounds = 0;
    } else if (runner.residents.empty()) {
      Idle(runner);
    } else if (++stalled_rounds % 64 == 0) {
      sched_yield();  // whoever can release these blocks may need this core
    } else {
      CpuRelax();
    }
  }
}

void Pool::Idle(Runner& runner) {
  const uint32_t seen = epoch_.load(std::memory_order_seq_cst);
  const uint64_t begin_ns = NowNs();
  spinning_.fetch_add(1, std::memory_order_relaxed);
  bool found = false;
  for (uint64_t now = begin_ns; !found && now - begin_ns < kSpinNs; now = NowNs()) {
    for (int i = 0; i < 32 && !found; ++i) {
      CpuRelax();
      found = HasBacklogFor(runner.worker_index) || epoch_.load(std::memory_order_relaxed) != seen;
    }
    if (!found && poller_count_.load(std::memory_order_relaxed) != 0) found = PollOne();
  }
  spinning_.fetch_sub(1, std::memory_order_relaxed);
  uint64_t pause_ns = kPollMinNs;
  sleeping_.fetch_add(1, std::memory_order_seq_cst);
  while (!found && epoch_.load(std::memory_order_seq_cst) == seen && !HasBacklogFor(runner.worker_index)) {
    if (poller_count_.load(std::memory_order_relaxed) == 0) {
      FutexWait(&epoch_, seen, UINT64_MAX);
    } else {
      FutexWait(&epoch_, seen, NowNs() + pause_ns);
      pause_ns = std::min(pause_ns + pause_ns / 4, kPollMaxNs);
      found = PollOne();
    }
  }
  sleeping_.fetch_sub(1, std::memory_order_seq_cst);
}

}  // namespace tq::hal::cpu
