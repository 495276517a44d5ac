#include "hal/cpu/semaphore.h"

#include <memory>
#include <new>
#include <vector>

#include "hal/cpu/clock.h"
#include "hal/cpu/device.h"
#include "hal/cpu/futex.h"
#include "hal/cpu/pool.h"

void hal_sem::Poison(hal_status reason) {
  uint32_t expected = HAL_OK;  // the first failure is the one that is told
  status.compare_exchange_strong(expected, reason, std::memory_order_seq_cst);
  NotifyWatches();
}

void hal_sem::NotifyWatches() {
  const std::lock_guard lock(mutex);
  const bool poisoned = Status() != HAL_OK;
  for (tq::hal::cpu::Watch* watch = watches; watch != nullptr;) {
    tq::hal::cpu::Watch* next = watch->next_;
    if (poisoned || IsReached(watch->value_)) {
      *watch->link_ = next;
      if (next != nullptr) next->link_ = watch->link_;
      watch->link_ = nullptr;
      watch_count.fetch_sub(1, std::memory_order_seq_cst);
      watch->OnReached();  // may be gone after this
    }
    watch = next;
  }
}

namespace tq::hal::cpu {

Watch::Arming Watch::Arm(hal_sem* sem, uint64_t value) {
  if (sem->Status() != HAL_OK) return Arming::kPoisoned;
  if (sem->IsReached(value)) return Arming::kReached;
  const std::lock_guard lock(sem->mutex);
  // Announce, then look again: a signaller changes the value, then looks for watches.
  sem->watch_count.fetch_add(1, std::memory_order_seq_cst);
  const bool poisoned = sem->Status() != HAL_OK;
  if (poisoned || sem->IsReached(value)) {
    sem->watch_count.fetch_sub(1, std::memory_order_seq_cst);
    return poisoned ? Arming::kPoisoned : Arming::kReached;
  }
  sem_ = sem;
  value_ = value;
  next_ = sem->watches;
  if (next_ != nullptr) next_->link_ = &next_;
  link_ = &sem->watches;
  sem->watches = this;
  return Arming::kArmed;
}

bool Watch::Disarm() {
  const std::lock_guard lock(sem_->mutex);
  if (link_ == nullptr) return false;
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  link_ = nullptr;
  sem_->watch_count.fetch_sub(1, std::memory_order_seq_cst);
  return true;
}

namespace {

class HostWatch final : public Watch {
 public:
  std::atomic<uint32_t>* word = nullptr;

 private:
  // Woken while the semaphore's lock is held: the waiter takes that lock in Disarm before the word goes away.
  void OnReached() override {
    word->store(1, std::memory_order_release);
    FutexWake(word, 1);
  }
};

// HAL_TIMEOUT: not yet.
hal_status Check(const hal_sem_point* points, size_t count, bool any) {
  size_t reached = 0;
  for (size_t i = 0; i < count; ++i) {
    const hal_sem& sem = *points[i].sem;
    if (const hal_status status = sem.Status(); status != HAL_OK) return status;
    if (sem.IsReached(points[i].value)) ++reached;
  }
  return reached == count || (any && reached > 0) ? HAL_OK : HAL_TIMEOUT;
}

// Sleeps until one of the points that are not reached may have been.
void Park(const hal_sem_point* points, size_t count, uint64_t deadline_ns) {
  std::atomic<uint32_t> word{0};
  std::vector<HostWatch> watches(count);
  size_t armed = 0;
  bool changed = false;
  for (; armed < count && !changed; ++armed) {
    if (points[armed].sem->IsReached(points[armed].value)) continue;
    watches[armed].word = &word;
    changed = watches[armed].Arm(points[armed].sem, points[armed].value) != Watch::Arming::kArmed;
  }
  while (!changed && word.load(std::memory_order_acquire) == 0 && NowNs() < deadline_ns) {
    FutexWait(&word, 0, deadline_ns);
  }
  for (HostWatch& watch : watches) {
    if (watch.sem() != nullptr) watch.Disarm();
  }
}

constexpr uint64_t kSpinNs = 50000;
constexpr uint64_t kHelpDeadlineNs =
    10000000;  // do not start a stranger's block when the caller wants to be back soon

}  // namespace

hal_status SemCreate(hal_device* device, uint64_t initial_value, hal_sem** out) {
  *out = new (std::nothrow) hal_sem(device, initial_value);
  return *out == nullptr ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

void SemDestroy(hal_sem* sem) { sem->Unref(); }

hal_status SemQuery(hal_sem* sem, uint64_t* value) {
  *value = sem->value.load(std::memory_order_acquire);
  return sem->Status();
}

hal_status SemSignal(hal_sem* sem, uint64_t value) {
  sem->Signal(value);
  return HAL_OK;
}

hal_status SemPoison(hal_sem* sem, hal_status status) {
  sem->Poison(status);
  return HAL_OK;
}

// A thread that waits first helps the pool with blocks that are sure to end, for as long as there are fewer
// threads at work than workers (waking a parked worker costs 27 us, so the waiter is often the first to be
// there); then spins; then sleeps.
hal_status SemWait(const hal_sem_point* points, size_t count, uint32_t any, uint64_t deadline_ns) {
  hal_status status = Check(points, count, any != 0);
  if (status != HAL_TIMEOUT || deadline_ns == 0) return status;
  hal_device* device = points[0].sem->device;
  uint64_t now = NowNs();
  uint64_t spin_end = now + kSpinNs;
  while (now < spin_end && now < deadline_ns) {
    if (deadline_ns - now > kHelpDeadlineNs && device->pool->Help()) {
      spin_end = NowNs() + kSpinNs;
    } else {
      for (int i = 0; i < 16; ++i) CpuRelax();
    }
    status = Check(points, count, any != 0);
    if (status != HAL_TIMEOUT) return status;
    if (device->is_orphaned()) return HAL_DEVICE_LOST;
    now = NowNs();
  }
  while ((status = Check(points, count, any != 0)) == HAL_TIMEOUT) {
    if (NowNs() >= deadline_ns) return HAL_TIMEOUT;
    Park(points, count, deadline_ns);
  }
  return status;
}

// A timeline that other processes wait on needs a word in shared memory and a thread that listens on behalf
// of queues.
hal_status SemExport(hal_sem* sem, hal_handle_kind kind, hal_shared_handle* out) { return HAL_UNSUPPORTED; }

hal_status SemImport(hal_device* device, const hal_shared_handle* handle, hal_sem** out) {
  return HAL_UNSUPPORTED;
}

}  // namespace tq::hal::cpu
