#include "hal/cpu/semaphore.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "hal/cpu/clock.h"
#include "hal/cpu/device.h"
#include "hal/cpu/futex.h"
#include "hal/cpu/pool.h"
#include "hal/sized.h"

namespace {

// How often a listener looks whether the processes that it waits for are still there.
constexpr uint64_t kPulseNs = 50000000;

}  // namespace

hal_sem::~hal_sem() {
  if (shared_fd < 0) return;
  tq::hal::cpu::SharedTimeline::Unmap(shared.load(std::memory_order_relaxed));
  close(shared_fd);
}

void hal_sem::Poison(hal_status reason) {
  uint32_t expected = HAL_OK;  // the first failure is the one that is told
  status.compare_exchange_strong(expected, reason, std::memory_order_seq_cst);
  if (auto* timeline = shared.load(std::memory_order_seq_cst); timeline != nullptr) timeline->Fail();
  NotifyWatches();
}

void hal_sem::NotifyWatches() {
  const std::lock_guard lock(mutex);
  NotifyLocked();
}

void hal_sem::NotifyLocked() {
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

hal_status hal_sem::Export(int* fd) {
  const std::lock_guard lock(mutex);
  if (shared_fd < 0) {
    tq::hal::cpu::SharedTimeline* timeline = nullptr;
    const hal_status created = tq::hal::cpu::SharedTimeline::Create(0, &timeline, &shared_fd);
    if (created != HAL_OK) return created;
    // A thread that signals raises the value, then looks for the timeline: one of us two passes it on.
    shared.store(timeline, std::memory_order_seq_cst);
    timeline->RaiseTo(value.load(std::memory_order_seq_cst));
    if (status.load(std::memory_order_seq_cst) != HAL_OK) timeline->Fail();
    if (watches != nullptr && !ListenLocked()) return HAL_OUT_OF_HOST_MEMORY;
  }
  *fd = fcntl(shared_fd, F_DUPFD_CLOEXEC, 0);
  return *fd < 0 ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

bool hal_sem::ListenLocked() {
  if (is_listening) return true;
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  pthread_t thread;
  Ref();
  is_listening = pthread_create(&thread, nullptr, ListenerMain, this) == 0;
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  if (is_listening) {
    pthread_detach(thread);
    return true;
  }
  refs.fetch_sub(1, std::memory_order_relaxed);  // not the last: somebody asked us to listen
  uint32_t expected = HAL_OK;
  status.compare_exchange_strong(expected, HAL_OUT_OF_HOST_MEMORY, std::memory_order_seq_cst);
  NotifyLocked();
  return false;
}

void* hal_sem::ListenerMain(void* opaque) {
  auto* sem = static_cast<hal_sem*>(opaque);
  pthread_setname_np(pthread_self(), "tq-listener");
  tq::hal::cpu::SharedTimeline& timeline = *sem->shared.load(std::memory_order_acquire);
  for (;;) {
    const uint32_t seen = timeline.changes();
    {
      const std::lock_guard lock(sem->mutex);
      sem->NotifyLocked();
      bool broken = false;
      for (const tq::hal::cpu::Watch* watch = sem->watches; watch != nullptr; watch = watch->next_) {
        broken |= timeline.IsBroken(watch->value_);
      }
      if (broken) {
        timeline.Fail();
        sem->NotifyLocked();
      }
      if (sem->watches == nullptr) {
        sem->is_listening = false;
        break;
      }
    }
    timeline.WaitForChange(seen, tq::hal::cpu::NowNs() + kPulseNs);
  }
  sem->Unref();
  return nullptr;
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
  if (sem->shared_fd >= 0 && !sem->ListenLocked()) {
    sem->watch_count.fetch_sub(1, std::memory_order_seq_cst);
    return Arming::kPoisoned;
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

// Sleeps until one of the points that are not reached may have been. Some may have come to be reached since
// the caller looked: nobody wakes a thread for these.
void Park(const hal_sem_point* points, size_t count, bool any, uint64_t deadline_ns) {
  std::atomic<uint32_t> word{0};
  std::vector<HostWatch> watches(count);
  bool armed = false, changed = false;
  for (size_t i = 0; i < count && !changed; ++i) {
    if (points[i].sem->IsReached(points[i].value)) {
      changed = any;
      continue;
    }
    watches[i].word = &word;
    changed = watches[i].Arm(points[i].sem, points[i].value) != Watch::Arming::kArmed;
    armed = true;
  }
  changed |= !armed;
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
  *value = sem->Value();
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
    Park(points, count, any != 0, deadline_ns);
  }
  return status;
}

hal_status SemExport(hal_sem* sem, hal_handle_kind kind, hal_shared_handle* out) {
  if (kind != HAL_HANDLE_FD) return HAL_UNSUPPORTED;
  hal_shared_handle handle = {};
  handle.kind = HAL_HANDLE_FD;
  if (const hal_status status = sem->Export(&handle.fd); status != HAL_OK) return status;
  std::memcpy(handle.uuid, sem->device->info.uuid, sizeof handle.uuid);
  WriteSized(out, handle);
  return HAL_OK;
}

hal_status SemImport(hal_device* device, const hal_shared_handle* in, hal_sem** out) {
  const hal_shared_handle handle = ReadSized(in);
  if (handle.kind != HAL_HANDLE_FD) return HAL_UNSUPPORTED;
  std::unique_ptr<hal_sem> sem(new (std::nothrow) hal_sem(device, 0));
  if (sem == nullptr) return HAL_OUT_OF_HOST_MEMORY;
  SharedTimeline* timeline = nullptr;
  if (const hal_status status = SharedTimeline::Map(handle.fd, &timeline); status != HAL_OK) return status;
  sem->shared_fd = fcntl(handle.fd, F_DUPFD_CLOEXEC, 0);
  if (sem->shared_fd < 0) {
    SharedTimeline::Unmap(timeline);
    return HAL_OUT_OF_HOST_MEMORY;
  }
  sem->shared.store(timeline, std::memory_order_release);
  *out = sem.release();
  return HAL_OK;
}

}  // namespace tq::hal::cpu
