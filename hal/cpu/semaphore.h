// 64-bit timelines. Reading and reaching a value cost no system call and no lock; a lock and a list serve
// those who wait: host threads (futex) and queues (handed to the pool again). An exported or imported one has
// a SharedTimeline besides, and, while somebody here waits, a thread that listens to the other processes.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "hal/cpu/shared_timeline.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

// Somebody who waits for one value of one semaphore. One-shot; re-armed for the next.
class Watch {
 public:
  enum class Arming { kReached, kPoisoned, kArmed };

  virtual ~Watch() = default;

  // kArmed: OnReached will be called once, from the thread that signals or poisons, perhaps before Arm
  // returns.
  Arming Arm(hal_sem* sem, uint64_t value);
  // True when it was armed and OnReached will not be called any more.
  bool Disarm();

  hal_sem* sem() const { return sem_; }

 protected:
  // The lock of the semaphore is held: do no more than hand over.
  virtual void OnReached() = 0;

 private:
  friend struct ::hal_sem;
  hal_sem* sem_ = nullptr;
  uint64_t value_ = 0;
  Watch* next_ = nullptr;
  Watch** link_ = nullptr;  // what points to this; null when not armed
};

}  // namespace tq::hal::cpu

struct hal_sem {
  hal_sem(hal_device* owner, uint64_t initial_value) : device(owner), value(initial_value) {}
  ~hal_sem();

  // Submissions keep what they signal and wait for.
  void Ref() { refs.fetch_add(1, std::memory_order_relaxed); }
  void Unref() {
    if (refs.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  bool IsReached(uint64_t wanted) const {
    return value.load(std::memory_order_seq_cst) >= wanted || IsReachedElsewhere(wanted);
  }
  uint64_t Value() const {
    const uint64_t here = value.load(std::memory_order_seq_cst);
    const tq::hal::cpu::SharedTimeline* timeline = shared.load(std::memory_order_seq_cst);
    return timeline == nullptr ? here : std::max(here, timeline->value());
  }
  hal_status Status() const {
    const auto here = static_cast<hal_status>(status.load(std::memory_order_seq_cst));
    const tq::hal::cpu::SharedTimeline* timeline = shared.load(std::memory_order_seq_cst);
    return here != HAL_OK || timeline == nullptr || !timeline->has_failed() ? here : HAL_PEER_FAILED;
  }

  void Signal(uint64_t new_value) {
    uint64_t old = value.load(std::memory_order_relaxed);
    while (old < new_value && !value.compare_exchange_weak(old, new_value, std::memory_order_seq_cst)) {
    }
    if (auto* timeline = shared.load(std::memory_order_seq_cst); timeline != nullptr) [[unlikely]]
      timeline->RaiseTo(new_value);
    if (watch_count.load(std::memory_order_seq_cst) != 0) NotifyWatches();
  }
  void Poison(hal_status reason);
  void NotifyWatches();

  // Makes it one that other processes can have; *fd is the caller's.
  hal_status Export(int* fd);
  // Work that will signal it has been submitted.
  void Promise(uint64_t wanted) {
    if (auto* timeline = shared.load(std::memory_order_acquire); timeline != nullptr) [[unlikely]]
      timeline->Promise(wanted);
  }

  hal_device* const device;
  std::atomic<uint64_t> value;  // as far as this process knows
  std::atomic<uint32_t> status{HAL_OK};
  std::atomic<uint32_t> watch_count{0};
  std::atomic<uint32_t> refs{1};
  std::mutex mutex;
  tq::hal::cpu::Watch* watches = nullptr;
  std::atomic<tq::hal::cpu::SharedTimeline*> shared{nullptr};  // null: of this process alone
  int shared_fd = -1;

 private:
  friend class tq::hal::cpu::Watch;
  static void* ListenerMain(void* sem);

  bool IsReachedElsewhere(uint64_t wanted) const {
    const tq::hal::cpu::SharedTimeline* timeline = shared.load(std::memory_order_seq_cst);
    return timeline != nullptr && timeline->value() >= wanted;
  }
  void NotifyLocked();
  // Starts the thread that notices, for the watches, what other processes do. Needs the mutex. False: there
  // is none, and the semaphore is poisoned.
  bool ListenLocked();

  bool is_listening = false;
};

namespace tq::hal::cpu {

hal_status SemCreate(hal_device* device, uint64_t initial_value, hal_sem** out);
void SemDestroy(hal_sem* sem);
hal_status SemQuery(hal_sem* sem, uint64_t* value);
hal_status SemSignal(hal_sem* sem, uint64_t value);
hal_status SemPoison(hal_sem* sem, hal_status status);
hal_status SemWait(const hal_sem_point* points, size_t count, uint32_t any, uint64_t deadline_ns);
hal_status SemExport(hal_sem* sem, hal_handle_kind kind, hal_shared_handle* out);
hal_status SemImport(hal_device* device, const hal_shared_handle* handle, hal_sem** out);

}  // namespace tq::hal::cpu
