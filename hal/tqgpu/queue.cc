#include "hal/tqgpu/queue.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/knobs.h"
#include "hal/sized.h"
#include "hal/tqgpu/card/failure.h"
#include "hal/tqgpu/executable.h"

namespace tq::hal::tqgpu {
namespace {

constexpr uint64_t kRingOffset = kPageBytes;  // behind the progress
constexpr uint64_t kRingBytes = 64 << 10;
constexpr uint64_t kMaxRingStream = kRingBytes / 4;
constexpr uint64_t kSliceNs = 20'000'000;

// Shows what kernels print while they run, so that the ring does not fill.
class PrintPump : public Waiting {
 public:
  PrintPump(std::shared_ptr<Queue> queue, uint64_t seqno) : queue_(std::move(queue)), seqno_(seqno) {}

  State Advance() override {
    queue_->space().shell().DrainPrints();
    return queue_->OutcomeOf(seqno_) == Outcome::kRunning ? State::kNeedsPolling : State::kFinished;
  }

 private:
  const std::shared_ptr<Queue> queue_;
  const uint64_t seqno_;
};

}  // namespace

// Carries a long-running queue's TellEnds.
class EndTeller : public Waiting {
 public:
  explicit EndTeller(const std::shared_ptr<Queue>& queue) : queue_(queue) {}

  State Advance() override {
    const std::shared_ptr<Queue> queue = queue_.lock();
    return queue == nullptr ? State::kFinished : queue->TellEnds();
  }

 private:
  const std::weak_ptr<Queue> queue_;
};

std::vector<Queue::Point> PointsOf(const hal_sem_point* points, size_t count) {
  std::vector<Queue::Point> result;
  for (size_t i = 0; i < count; ++i) result.push_back({points[i].sem->timeline, points[i].value});
  return result;
}

Queue::Queue(std::shared_ptr<AddressSpace> space, uint32_t id, uint32_t syncobj,
             std::shared_ptr<MappedBuffer> memory)
    : space_(std::move(space)),
      id_(id),
      syncobj_(syncobj),
      memory_(std::move(memory)),
      progress_((*memory_)->as<QueueProgress>()) {}

hal_status Queue::Create(std::shared_ptr<AddressSpace> space, const hal_queue_desc& desc,
                         std::shared_ptr<Queue>* out) {
  const RenderNode& node = space->node();
  std::shared_ptr<MappedBuffer> memory;
  const hal_status status = MappedBuffer::Create(*space, kRingOffset + kRingBytes, DRM_TQGPU_PLACE_SYSTEM,
                                                 HAL_VM_READ | HAL_VM_WRITE, &memory);
  if (status != HAL_OK) return status;
  const bool is_copy = desc.queue_class == HAL_QUEUE_COPY && space->device().card().copy_harts != 0;
  const uint32_t queue_class = is_copy ? DRM_TQGPU_QUEUE_COPY : DRM_TQGPU_QUEUE_COMPUTE;
  const uint32_t priority = desc.priority > 0   ? DRM_TQGPU_PRIORITY_HIGH
                            : desc.priority < 0 ? DRM_TQGPU_PRIORITY_LOW
                                                : DRM_TQGPU_PRIORITY_NORMAL;
  const bool is_long = !is_copy && Knobs().tqgpu_long_running;
  const uint32_t flags = is_long ? DRM_TQGPU_QUEUE_LONG_RUNNING : 0;
  uint32_t id = 0, syncobj = 0;
  int error = node.CreateQueue(space->id(), queue_class, priority, flags, &id);
  if (error == -EACCES) {
    error = node.CreateQueue(space->id(), queue_class, DRM_TQGPU_PRIORITY_NORMAL, flags, &id);
  }
  if (error == 0) error = node.CreateSyncobj(&syncobj);
  if (error != 0) {
    if (id != 0) node.DestroyQueue(id);
    return FromErrno(error);
  }
  out->reset(new Queue(space, id, syncobj, std::move(memory)));
  if (is_long) (*out)->end_teller_ = std::make_shared<EndTeller>(*out);
  space->AddQueue(*out);
  space->device().AddQueue(*out);
  return HAL_OK;
}

Queue::~Queue() {
  space_->node().DestroyQueue(id_);
  space_->node().DestroySyncobj(syncobj_);
}

Outcome Queue::OutcomeOf(uint64_t seqno) const {
  if (__atomic_load_n(&progress_->seqno, __ATOMIC_ACQUIRE) >= seqno) {
    space_->shell().DrainPrints();  // what a kernel printed is seen before its end is
    return Outcome::kDone;
  }
  return space_->status() == HAL_OK ? Outcome::kRunning : Outcome::kFailed;
}

void Queue::AskForEnd(uint64_t seqno) {
  if (OutcomeOf(seqno) != Outcome::kRunning) return;
  uint64_t point = 0;
  if (space_->node().QuerySyncobj(syncobj_, &point) != 0 || point < seqno) return;
  if (OutcomeOf(seqno) == Outcome::kRunning) space_->Refresh();
  // Neither done nor banned: the job went with something that the kernel driver does not tell.
  if (OutcomeOf(seqno) == Outcome::kRunning) space_->Lose();
}

void Queue::Fail(const Submission& submission, hal_status status) {
  for (const Point& signal : submission.signals) signal.timeline->Poison(status);
}

void Queue::Submit(std::vector<Point> waits, Recording recording, std::vector<Point> signals) {
  const std::lock_guard lock(mutex_);
  Submission submission = {++serial_, std::move(waits), std::move(recording), std::move(signals)};
  State state = State::kFinished;
  const hal_status status = waiting_.empty() ? HandOver(submission, &state) : HAL_TIMEOUT;
  if (status == HAL_TIMEOUT) {
    waiting_.push_back(std::move(submission));
    space_->device().Watch(shared_from_this());
  } else if (status != HAL_OK) {
    Fail(submission, status);
  }
}

Waiting::State Queue::Advance() {
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty()) {
    State state = State::kFinished;
    const hal_status status = HandOver(waiting_.front(), &state);
    if (status == HAL_TIMEOUT) return state;
    if (status != HAL_OK) Fail(waiting_.front(), status);
    waiting_.pop_front();
  }
  return State::kFinished;
}

// What the kernel driver can wait for: jobs of the same address space, which a fault takes along. All else is
// settled here, so that nothing runs behind a wait that was poisoned.
hal_status Queue::CollectWaits(const Submission& submission, std::vector<drm_tqgpu_sync>* syncs,
                               State* state) {
  for (const Point& wait : submission.waits) {
    Timeline& timeline = *wait.timeline;
    if (!timeline.HasReached(wait.value)) timeline.Settle(timeline.is_shared());
    if (timeline.status() != HAL_OK) return timeline.status();
    if (timeline.HasReached(wait.value)) continue;
    const Timeline::Producer producer = timeline.ProducerOf(wait.value);
    if (producer.queue == nullptr) {
      *state = timeline.is_shared() ? State::kNeedsPolling : State::kNeedsHost;
      return HAL_TIMEOUT;
    }
    if (producer.queue.get() == this) continue;  // in order anyway
    if (&producer.queue->space() != space_.get() || producer.queue->is_long_running()) {
      producer.queue->AskForEnd(producer.seqno);
      *state = State::kNeedsPolling;
      return HAL_TIMEOUT;
    }
    syncs->push_back({.syncobj = producer.queue->syncobj(), .flags = 0, .point = producer.seqno});
  }
  return HAL_OK;
}

hal_status Queue::HandOver(Submission& submission, State* state) {
  if (space_->status() != HAL_OK) return space_->status();
  std::vector<drm_tqgpu_sync> syncs;
  const Recording& recording = submission.recording;
  if (!submission.has_begun) {
    if (const hal_status status = CollectWaits(submission, &syncs, state); status != HAL_OK) return status;
    submission.has_begun = true;
    if (recording.packets.size_bytes() == 0 && recording.waits.empty() && syncs.empty() && !IsAirborne()) {
      for (const Point& signal : submission.signals) signal.timeline->Signal(signal.value);
      return HAL_OK;
    }
    if (!recording.waits.empty()) {  // what stands in front of the first word of memory
      const hal_status status = Push(submission, 0, recording.waits[0].offset_bytes, false, std::move(syncs));
      if (status != HAL_OK) return status;
    }
  }
  while (submission.next_wait < recording.waits.size()) {
    if (IsAirborne()) {
      AskForEnd(seqno_);
      if (space_->status() != HAL_OK) return space_->status();
      *state = State::kNeedsPolling;
      if (IsAirborne()) return HAL_TIMEOUT;
    }
    const MemoryWait& wait = recording.waits[submission.next_wait];
    if (!IsMet(wait.memop)) {
      *state = State::kNeedsPolling;
      return HAL_TIMEOUT;
    }
    const bool is_last = ++submission.next_wait == recording.waits.size();
    const size_t end =
        is_last ? recording.packets.size_bytes() : recording.waits[submission.next_wait].offset_bytes;
    const hal_status status = Push(submission, wait.offset_bytes, end, is_last, {});
    if (status != HAL_OK || is_last) return status;
  }
  return Push(submission, 0, recording.packets.size_bytes(), true, std::move(syncs));
}

hal_status Queue::Push(const Submission& submission, size_t begin, size_t end, bool is_last,
                       std::vector<drm_tqgpu_sync> syncs) {
  Flight flight = {};
  drm_tqgpu_job job = {};
  flight.seqno = seqno_ + 1;
  flight.serial = submission.serial;
  if (const hal_status status = Place(submission.recording, begin, end, flight, job); status != HAL_OK)
    return status;
  const uint64_t seqno = flight.seqno;
  const bool prints = std::any_of(flight.launches.begin(), flight.launches.end(), Prints);
  if (!is_long_running()) {
    syncs.push_back({.syncobj = syncobj_, .flags = DRM_TQGPU_SYNC_SIGNAL, .point = seqno});
  }
  if (is_last && !is_long_running()) {
    for (const Point& signal : submission.signals) {
      if (const uint32_t syncobj = signal.timeline->syncobj(); syncobj != 0) {
        syncs.push_back({.syncobj = syncobj, .flags = DRM_TQGPU_SYNC_SIGNAL, .point = signal.value});
      }
    }
  }
  job.syncs = reinterpret_cast<uintptr_t>(syncs.data());
  job.sync_count = static_cast<uint32_t>(syncs.size());
  {
    const std::lock_guard lock(flights_mutex_);
    flights_.push_back(std::move(flight));
  }
  ++seqno_;
  const int error = space_->node().Submit(id_, {&job, 1});
  if (error == 0) {
    if (is_last) {
      for (const Point& signal : submission.signals)
        signal.timeline->Expect(signal.value, shared_from_this(), seqno);
    }
    if (is_long_running()) {
      {
        const std::lock_guard lock(ends_mutex_);
        long_seqno_ = seqno;
        if (is_last) ends_.push_back({seqno, submission.signals});
      }
      space_->device().Watch(end_teller_);
    }
    if (prints) space_->device().Watch(std::make_shared<PrintPump>(shared_from_this(), seqno));
    return HAL_OK;
  }
  {
    const std::lock_guard lock(flights_mutex_);
    flights_.pop_back();
  }
  --seqno_;
  space_->Refresh();
  const hal_status status = error == -ECANCELED ? space_->status() : FromErrno(error);
  return status == HAL_OK || status == HAL_TIMEOUT ? HAL_INTERNAL : status;
}

hal_status Queue::Place(const Recording& recording, size_t begin, size_t end, Flight& flight,
                        drm_tqgpu_job& job) {
  PacketStream epilogue;
  epilogue.Write(reinterpret_cast<uintptr_t>(&progress_->seqno), flight.seqno, 8);
  const uint64_t body_bytes = end - begin, size_bytes = body_bytes + epilogue.size_bytes();
  uint8_t* to = nullptr;
  if (size_bytes <= kMaxRingStream) {
    to = ReserveRing(size_bytes);
    if (to == nullptr) return space_->status() != HAL_OK ? space_->status() : HAL_INTERNAL;
  } else {
    const hal_status status = MappedBuffer::Create(*space_, size_bytes, DRM_TQGPU_PLACE_SYSTEM,
                                                   HAL_VM_READ | HAL_VM_WRITE, &flight.stream);
    if (status != HAL_OK) return status;
    to = (*flight.stream)->as<uint8_t>();
  }
  std::memcpy(to, recording.packets.data() + begin, body_bytes);
  std::memcpy(to + body_bytes, epilogue.data(), epilogue.size_bytes());
  for (const Launch& launch : recording.launches) {
    if (launch.offset_bytes < begin || launch.offset_bytes >= end) continue;
    flight.launches.push_back(launch);
    const hal_status status = PlaceLaunch(
        flight.launches.back(), to + (launch.offset_bytes - begin), space_->shell(),
        is_long_running() ? own_workspaces_ : space_->shell().ring_workspaces(), &flight.workspaces);
    if (status != HAL_OK) return status;
  }
  flight.ring_end = ring_head_;
  job.stream_va = reinterpret_cast<uintptr_t>(to);
  job.stream_size = size_bytes;
  return HAL_OK;
}

// In one piece. nullptr when the device was lost meanwhile.
uint8_t* Queue::ReserveRing(uint64_t size_bytes) {
  size_bytes = RoundUp(size_bytes, 16);
  uint64_t begin = ring_head_;
  if (begin % kRingBytes + size_bytes > kRingBytes) begin = RoundUp(begin, kRingBytes);
  for (;;) {
    Land();
    if (begin + size_bytes - ring_tail_ <= kRingBytes) break;
    uint64_t first = 0;
    {
      const std::lock_guard lock(flights_mutex_);
      if (flights_.empty()) return nullptr;
      first = flights_.front().seqno;
    }
    uint32_t syncobj = syncobj_;
    space_->node().WaitSyncobjs({&syncobj, 1}, {&first, 1}, false, MonotonicNs() + kSliceNs);
    AskForEnd(first);
  }
  ring_head_ = begin + size_bytes;
  return (*memory_)->as<uint8_t>(kRingOffset + begin % kRingBytes);
}

// The kernel driver signals nothing for a job that may take as long as it likes; the host does it when the
// job has said that it is done, so that whoever waits for a syncobj need not know.
Waiting::State Queue::TellEnds() {
  const std::lock_guard lock(ends_mutex_);
  if (OutcomeOf(long_seqno_) == Outcome::kRunning) space_->Refresh();
  const hal_status status = space_->status();
  const uint64_t done = status == HAL_OK ? __atomic_load_n(&progress_->seqno, __ATOMIC_ACQUIRE) : long_seqno_;
  while (!ends_.empty() && ends_.front().seqno <= done) {
    for (const Point& signal : ends_.front().signals) {
      if (OutcomeOf(ends_.front().seqno) == Outcome::kDone) {
        signal.timeline->Signal(signal.value);
      } else {
        signal.timeline->Poison(status);
      }
    }
    ends_.pop_front();
  }
  if (done > told_seqno_) {
    space_->node().SignalSyncobj(syncobj_, done);
    told_seqno_ = done;
  }
  return done < long_seqno_ ? State::kNeedsPolling : State::kFinished;
}

// Forgets the jobs that have ended.
void Queue::Land() {
  std::vector<Flight> landed;  // destroyed without the lock
  const std::lock_guard lock(flights_mutex_);
  while (!flights_.empty() && OutcomeOf(flights_.front().seqno) != Outcome::kRunning) {
    landed.push_back(std::move(flights_.front()));
    flights_.pop_front();
  }
  if (!landed.empty()) ring_tail_ = flights_.empty() ? ring_head_ : landed.back().ring_end;
}

bool Queue::IsAirborne() const { return seqno_ != 0 && OutcomeOf(seqno_) == Outcome::kRunning; }

bool Queue::IsIdleUpTo(uint64_t serial) {
  const std::lock_guard lock(mutex_);
  if (space_->status() == HAL_OK && seqno_ != 0) AskForEnd(seqno_);
  Land();
  if (!waiting_.empty() && waiting_.front().serial <= serial) return false;
  const std::lock_guard flights_lock(flights_mutex_);
  return flights_.empty() || flights_.front().serial > serial;
}

uint64_t Queue::last_serial() {
  const std::lock_guard lock(mutex_);
  return serial_;
}

void Queue::Drain() {
  while (!IsForked() && !IsIdleUpTo(UINT64_MAX)) {
    uint64_t last = 0;
    bool waits = false;
    {
      const std::lock_guard lock(mutex_);
      last = seqno_;
      waits = !waiting_.empty();
    }
    uint32_t syncobj = syncobj_;
    if (waits) ++last;  // of the job that will be submitted next
    space_->node().WaitSyncobjs({&syncobj, 1}, {&last, 1}, false,
                                MonotonicNs() + (waits ? kSliceNs / 20 : kSliceNs));
  }
}

void Queue::Abandon() {
  const std::lock_guard lock(mutex_);
  for (const Submission& submission : waiting_) Fail(submission, space_->status());
  waiting_.clear();
}

bool Queue::DescribeIfFailed(const drm_tqgpu_fault* fault, hal_fault* record) {
  if (fault != nullptr && fault->queue_id != id_) return false;
  if (fault == nullptr) {
    uint32_t flags = 0;
    if (space_->node().QueueState(id_, &flags) != 0 || (flags & DRM_TQGPU_QUEUE_TIMED_OUT) == 0) return false;
  }
  const std::lock_guard lock(flights_mutex_);
  const uint64_t done = __atomic_load_n(&progress_->seqno, __ATOMIC_ACQUIRE);
  for (const Flight& flight : flights_) {
    if (flight.seqno <= done) continue;
    DescribeFailure(*space_, fault, flight.launches, flight.workspaces, record);
    return true;
  }
  DescribeFailure(*space_, fault, {}, {}, record);
  return true;
}

hal_status QueueCreate(hal_vm* vm, const hal_queue_desc* desc, hal_queue** out) {
  std::shared_ptr<Queue> queue;
  const hal_status status = Queue::Create(vm->space, ReadSized(desc), &queue);
  if (status == HAL_OK) *out = new hal_queue{std::move(queue)};
  return status;
}

void QueueDestroy(hal_queue* queue) {
  queue->queue->Drain();
  queue->queue->space().device().ReleaseWhatIsIdle();
  delete queue;
}

hal_status QueueSubmit(hal_queue* queue, const hal_submission* submission) {
  const hal_submission s = ReadSized(submission);
  Recording recording;
  for (size_t i = 0; i < s.cmd_count; ++i) recording.Append(s.cmds[i]->recording);
  queue->queue->Submit(PointsOf(s.waits, s.wait_count), std::move(recording),
                       PointsOf(s.signals, s.signal_count));
  return HAL_OK;
}

hal_status QueueDispatch(hal_queue* queue, const hal_dispatch* dispatch, hal_sem* sem, uint64_t value) {
  Recording recording;
  recording.launches.push_back(RecordLaunch(recording.packets, *dispatch));
  std::vector<Queue::Point> signals;
  if (sem != nullptr) signals.push_back({sem->timeline, value});
  queue->queue->Submit({}, std::move(recording), std::move(signals));
  return HAL_OK;
}

}  // namespace tq::hal::tqgpu
