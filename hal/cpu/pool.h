// The workers of a device and what they choose from: queues that can go on, and work with units left. Chunks
// go round robin over the runnable work of the highest priority, so that a long grid does not keep a short
// one waiting. A worker without work spins for a while, then parks. Threads of the application lend a hand
// while they wait (Help).
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "hal/cpu/work.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

class Pool {
 public:
  Pool(hal_device* device, uint32_t worker_count)
      : device_(device), worker_count_(worker_count), kept_(worker_count) {}

  // Thread-safe. The queue owns the work and hears of its end (hal_queue::OnWorkDone) on the thread that ends
  // it.
  void AddWork(Work* work);
  // The queue can go on: its driving continues on a pool thread.
  void AddReady(hal_queue* queue);
  // The queue waits for a word in memory: it is asked (hal_queue::PollMemop) now and then.
  void AddPoller(hal_queue* queue);

  // Runs something on the calling thread of the application if fewer than worker_count threads are at work.
  // True when it did.
  bool Help();
  // `count` more units of `work` have ended.
  void Complete(Runner& runner, Work* work, uint64_t count);

  uint32_t worker_count() const { return worker_count_; }
  bool has_spinning_worker() const { return spinning_.load(std::memory_order_relaxed) != 0; }
  // After a fork there are no workers.
  void ForgetWorkers();

 private:
  enum class Lender { kWorker, kApplication };
  struct Choice {
    hal_queue* queue = nullptr;
    Work* work = nullptr;
    uint64_t begin = 0, end = 0;
  };

  bool RunOne(Runner& runner, Lender lender);
  Choice Choose(const Runner& runner, Lender lender);
  // Whether there may be something for a worker to do.
  bool HasBacklogFor(uint32_t worker) const {
    return backlog_.load(std::memory_order_relaxed) != 0 ||
           kept_[worker].load(std::memory_order_relaxed) != 0;
  }
  void Count(const Work& work, int32_t change);
  void FitChunk(Work* work, uint64_t units, uint64_t elapsed_ns);
  bool StepResidents(Runner& runner);
  bool PollOne();
  void Wake(uint32_t count);
  void StartWorkers();
  void WorkerMain(uint32_t index);
  void Idle(Runner& runner);

  hal_device* const device_;
  const uint32_t worker_count_;
  std::mutex mutex_;
  std::deque<hal_queue*> ready_;
  std::deque<hal_queue*> pollers_;
  std::vector<Work*> runnable_;
  size_t cursor_ = 0;  // round robin
  bool started_ = false;
  std::atomic<uint32_t> epoch_{0};           // changes with every addition; workers sleep on it
  std::atomic<uint32_t> backlog_{0};         // ready queues, and runnable work for all workers
  std::vector<std::atomic<uint32_t>> kept_;  // by worker: runnable work that is for some workers alone
  std::atomic<uint32_t> poller_count_{0};
  std::atomic<uint32_t> sleeping_{0};
  std::atomic<uint32_t> spinning_{0};
  std::atomic<uint32_t> running_{0};  // threads that run something
};

}  // namespace tq::hal::cpu
