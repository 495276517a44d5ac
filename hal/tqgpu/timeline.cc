#include "hal/tqgpu/timeline.h"

#include <algorithm>

#include "hal/sized.h"
#include "hal/tqgpu/device.h"
#include "hal/tqgpu/queue.h"

namespace tq::hal::tqgpu {
namespace {

// Sleeps are cut into slices: poison, and a job that ends without its signal, wake nobody in the kernel.
constexpr uint64_t kSliceNs = 20'000'000;
constexpr uint64_t kTurnNs = 500'000;

}  // namespace

hal_status Timeline::Create(Device& device, uint64_t initial_value, std::shared_ptr<Timeline>* out) {
  out->reset(new Timeline(device, initial_value));
  return HAL_OK;
}

hal_status Timeline::Import(Device& device, int fd, std::shared_ptr<Timeline>* out) {
  uint32_t syncobj = 0;
  if (const int error = device.node().ImportSyncobj(fd, &syncobj); error != 0) return FromErrno(error);
  out->reset(new Timeline(device, 0));
  (*out)->syncobj_ = syncobj;
  (*out)->Settle(true);
  return HAL_OK;
}

Timeline::~Timeline() {
  if (is_shared()) device_.node().DestroySyncobj(syncobj());
}

void Timeline::Signal(uint64_t value) {
  {
    const std::lock_guard lock(mutex_);
    if (value <= value_.load(std::memory_order_relaxed)) return;
    value_.store(value, std::memory_order_release);
    if (is_shared()) device_.node().SignalSyncobj(syncobj(), value);
  }
  device_.Kick();
}

void Timeline::Poison(hal_status status) {
  uint32_t expected = HAL_OK;  // the first failure is the one that is told
  if (!status_.compare_exchange_strong(expected, status)) return;
  if (is_shared())
    device_.node().SignalSyncobj(syncobj(), UINT64_MAX);  // what other processes take for poison
  device_.Kick();
}

void Timeline::Expect(uint64_t value, std::shared_ptr<Queue> queue, uint64_t seqno) {
  {
    const std::lock_guard lock(mutex_);
    SettleLocked();  // so that the list stays short when nobody asks
    expected_.push_back({value, {std::move(queue), seqno}});
  }
  device_.Kick();
}

void Timeline::SettleLocked() {
  std::erase_if(expected_, [this](const Expected& expected) {
    switch (expected.producer.queue->OutcomeOf(expected.producer.seqno)) {
      case Outcome::kRunning:
        return false;
      case Outcome::kDone:
        if (expected.value > value_.load(std::memory_order_relaxed)) {
          value_.store(expected.value, std::memory_order_release);
        }
        return true;
      case Outcome::kFailed: {
        uint32_t ok = HAL_OK;
        status_.compare_exchange_strong(ok, expected.producer.queue->space().status());
        return true;
      }
    }
    return false;
  });
}

void Timeline::Settle(bool ask) {
  std::vector<Producer> running;
  {
    const std::lock_guard lock(mutex_);
    SettleLocked();
    if (!ask) return;
    for (const Expected& expected : expected_) running.push_back(expected.producer);
  }
  for (const Producer& producer : running) producer.queue->AskForEnd(producer.seqno);
  const std::lock_guard lock(mutex_);
  if (!running.empty()) SettleLocked();
  if (!is_shared()) return;
  uint64_t point = 0;
  if (device_.node().QuerySyncobj(syncobj(), &point) != 0) return;
  if (point == UINT64_MAX) {
    uint32_t ok = HAL_OK;  // the process that failed knows more
    status_.compare_exchange_strong(ok, HAL_PEER_FAILED);
  } else if (point > value_.load(std::memory_order_relaxed)) {
    value_.store(point, std::memory_order_release);
  }
}

Timeline::Producer Timeline::ProducerOf(uint64_t value) const {
  const std::lock_guard lock(mutex_);
  const Expected* best = nullptr;
  for (const Expected& expected : expected_) {
    if (expected.value >= value && (best == nullptr || expected.value < best->value)) best = &expected;
  }
  return best == nullptr ? Producer() : best->producer;
}

hal_status Timeline::Export(int* fd) {
  const std::lock_guard lock(mutex_);
  const RenderNode& node = device_.node();
  if (!is_shared()) {
    uint32_t syncobj = 0;
    if (const int error = node.CreateSyncobj(&syncobj); error != 0) return FromErrno(error);
    if (value() != 0) node.SignalSyncobj(syncobj, value());
    for (const Expected& expected : expected_) {
      node.TransferSyncobj(syncobj, expected.value, expected.producer.queue->syncobj(),
                           expected.producer.seqno);
    }
    syncobj_.store(syncobj, std::memory_order_release);
  }
  return FromErrno(node.ExportSyncobj(syncobj(), fd));
}

hal_status SemCreate(hal_device* device, uint64_t initial_value, hal_sem** out) {
  std::shared_ptr<Timeline> timeline;
  const hal_status status = Timeline::Create(*device->device, initial_value, &timeline);
  if (status == HAL_OK) *out = new hal_sem{std::move(timeline)};
  return status;
}

void SemDestroy(hal_sem* sem) { delete sem; }

hal_status SemQuery(hal_sem* sem, uint64_t* value) {
  sem->timeline->Settle(true);
  *value = sem->timeline->value();
  return sem->timeline->status();
}

hal_status SemSignal(hal_sem* sem, uint64_t value) {
  sem->timeline->Signal(value);
  return HAL_OK;
}

hal_status SemPoison(hal_sem* sem, hal_status status) {
  sem->timeline->Poison(status);
  return HAL_OK;
}

namespace {

// One look at all points: HAL_OK, HAL_TIMEOUT for "not yet", or poison.
hal_status Look(const hal_sem_point* points, size_t count, bool any, bool ask) {
  size_t reached = 0;
  for (size_t i = 0; i < count; ++i) {
    Timeline& timeline = *points[i].sem->timeline;
    if (!timeline.HasReached(points[i].value)) timeline.Settle(ask);
    if (timeline.status() != HAL_OK) return timeline.status();
    if (timeline.HasReached(points[i].value)) ++reached;
  }
  return reached == count || (any && reached > 0) ? HAL_OK : HAL_TIMEOUT;
}

// Until something may have changed. Values that jobs will bring are waited for in the kernel, those of the
// host on the device's condition; where both count, in turns.
void Sleep(Device& device, const hal_sem_point* points, size_t count, bool any, uint64_t changes,
           uint64_t deadline_ns) {
  std::vector<Timeline::Producer> producers;  // their queues must live while they are waited for
  std::vector<uint32_t> syncobjs;
  std::vector<uint64_t> values;
  bool needs_host = false;
  for (size_t i = 0; i < count; ++i) {
    const Timeline& timeline = *points[i].sem->timeline;
    if (timeline.HasReached(points[i].value)) continue;
    producers.push_back(timeline.ProducerOf(points[i].value));
    const Timeline::Producer& producer = producers.back();
    if (producer.queue == nullptr && !timeline.is_shared()) {
      needs_host = true;
      continue;
    }
    syncobjs.push_back(producer.queue != nullptr ? producer.queue->syncobj() : timeline.syncobj());
    values.push_back(producer.queue != nullptr ? producer.seqno : points[i].value);
  }
  if (syncobjs.empty()) {
    device.WaitForChange(changes, deadline_ns);
    return;
  }
  if (any && needs_host) deadline_ns = std::min(deadline_ns, MonotonicNs() + kTurnNs);
  device.node().WaitSyncobjs(syncobjs, values, any, deadline_ns);
}

}  // namespace

hal_status SemWait(const hal_sem_point* points, size_t count, uint32_t any, uint64_t deadline_ns) {
  if (count == 0) return HAL_OK;
  Device& device = points[0].sem->timeline->device();
  for (bool ask = false;; ask = true) {
    if (IsForked()) return HAL_DEVICE_LOST;
    const uint64_t changes = device.changes();
    const hal_status status = Look(points, count, any != 0, ask || deadline_ns == 0);
    if (status != HAL_TIMEOUT) return status;
    const uint64_t now = MonotonicNs();
    if (now >= deadline_ns) return HAL_TIMEOUT;
    Sleep(device, points, count, any != 0, changes, std::min(deadline_ns, now + kSliceNs));
  }
}

hal_status SemExport(hal_sem* sem, hal_handle_kind kind, hal_shared_handle* out) {
  if (kind == HAL_HANDLE_DMABUF) return HAL_UNSUPPORTED;
  hal_shared_handle value = {};
  value.kind = kind;
  const hal_status status = sem->timeline->Export(&value.fd);
  if (status == HAL_OK) WriteSized(out, value);
  return status;
}

hal_status SemImport(hal_device* device, const hal_shared_handle* handle, hal_sem** out) {
  std::shared_ptr<Timeline> timeline;
  const hal_status status = Timeline::Import(*device->device, handle->fd, &timeline);
  if (status == HAL_OK) *out = new hal_sem{std::move(timeline)};
  return status;
}

}  // namespace tq::hal::tqgpu
