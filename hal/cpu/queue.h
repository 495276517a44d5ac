// In-order queues. A queue is driven by one thread at a time: the one that submits while the work is short,
// else one of the pool. Whatever has to wait (a semaphore, a word in memory, the end of a grid) leaves the
// queue to whoever ends the wait; no thread is held.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "hal/cpu/command.h"
#include "hal/cpu/copy.h"
#include "hal/cpu/semaphore.h"
#include "hal/cpu/work.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

struct SemPoint {
  Ref<hal_sem> sem;
  uint64_t value;
};

struct Submission {
  std::vector<SemPoint> waits;
  std::vector<std::shared_ptr<CommandList>> lists;
  std::vector<SemPoint> signals;
};

}  // namespace tq::hal::cpu

struct hal_queue final : private tq::hal::cpu::Watch {
 public:
  enum class Driver { kSubmitter, kPool };

  hal_queue(hal_vm* owner, int32_t queue_priority, tq::hal::cpu::WorkerSet queue_workers = {});
  ~hal_queue() override;  // waits for what was submitted

  hal_status Submit(std::unique_ptr<tq::hal::cpu::Submission> submission);
  hal_status SubmitBind(std::vector<hal_vm_op> ops, std::span<const hal_sem_point> waits,
                        std::span<const hal_sem_point> signals);
  hal_status Dispatch(const hal_dispatch& dispatch, hal_sem* sem, uint64_t value);

  // Goes on with the submissions until there are none or something has to wait.
  void Drive(tq::hal::cpu::Runner& runner, Driver driver);
  // The work that this queue gave to the pool has ended.
  void OnWorkDone(tq::hal::cpu::Runner& runner);
  // True when the word in memory that the queue waits for has its value, or never will.
  bool PollMemop(tq::hal::cpu::Runner& runner);
  // The device was reset: stops the work in flight, ends a wait for a semaphore.
  void Cancel();

  bool IsBusy() const { return active_.load(std::memory_order_acquire); }
  uint64_t submitted() const { return submitted_.load(std::memory_order_relaxed); }
  uint64_t retired() const { return retired_.load(std::memory_order_acquire); }

  hal_vm* const vm;
  hal_device* const device;
  const int32_t priority;
  const tq::hal::cpu::WorkerSet workers;
  const uint64_t id;  // unlike the address, never used again

 private:
  enum class Progress { kDone, kPending };

  void OnReached() override;
  Progress Execute(tq::hal::cpu::Runner& runner, tq::hal::cpu::Command& command);
  Progress ExecuteTransfer(tq::hal::cpu::Runner& runner, const tq::hal::cpu::Transfer& transfer);
  Progress ExecuteDispatch(tq::hal::cpu::Runner& runner, const tq::hal::cpu::Dispatch& dispatch);
  Progress ExecuteMemop(tq::hal::cpu::Runner& runner, const hal_memop& memop);
  // The submitting thread has run so many units of a dispatch, and leaves the others to the pool.
  void HandOver(tq::hal::cpu::Runner& runner, const hal_dispatch& dispatch, uint64_t ran, hal_sem* sem,
                uint64_t value);
  Progress Publish(std::unique_ptr<tq::hal::cpu::Work> work);
  bool NextSubmission();
  void FinishSubmission();
  // The status that the signals get: of the vm, or of a wait.
  hal_status Failure() const;
  bool WaitsAreReached();
  Progress RunCommands(tq::hal::cpu::Runner& runner);

  std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<std::unique_ptr<tq::hal::cpu::Submission>> pending_;
  bool is_waiting_ = false;          // the watch is armed
  std::atomic<bool> active_{false};  // there is a driver, or something that will call one
  std::atomic<uint64_t> submitted_{0}, retired_{0};

  // Of the driver.
  std::unique_ptr<tq::hal::cpu::Submission> current_;
  size_t wait_index_ = 0, list_index_ = 0, command_index_ = 0;
  uint64_t units_run_ = 0;  // of the next dispatch, before it was handed over
  hal_status failure_ = HAL_OK;
  std::unique_ptr<tq::hal::cpu::Work> work_;
  const hal_memop* polled_ = nullptr;
};

namespace tq::hal::cpu {

hal_status QueueCreate(hal_vm* vm, const hal_queue_desc* desc, hal_queue** out);
void QueueDestroy(hal_queue* queue);
hal_status QueueSubmit(hal_queue* queue, const hal_submission* submission);
hal_status QueueDispatch(hal_queue* queue, const hal_dispatch* dispatch, hal_sem* sem, uint64_t value);

}  // namespace tq::hal::cpu
