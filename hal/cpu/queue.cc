#include "hal/cpu/queue.h"

#include <new>
#include <utility>

#include "hal/cpu/clock.h"
#include "hal/cpu/device.h"
#include "hal/cpu/fault.h"
#include "hal/cpu/grid.h"
#include "hal/cpu/pool.h"
#include "hal/cpu/runner.h"
#include "hal/cpu/vm.h"
#include "hal/sized.h"

using tq::hal::cpu::Command;
using tq::hal::cpu::GridWork;
using tq::hal::cpu::kInlineColdNs;
using tq::hal::cpu::kInlineHotNs;
using tq::hal::cpu::Runner;
using tq::hal::cpu::Submission;
using tq::hal::cpu::Transfer;
using tq::hal::cpu::TransferWork;
using tq::hal::cpu::Work;

namespace {

constexpr uint64_t kBytesPerNs = 8;

uint64_t NextQueueId() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

struct MemopCall {
  const hal_memop* memop;
  bool is_satisfied;
};

uint64_t LoadWord(const hal_memop& memop) {
  if (memop.width_bytes == 8) return __atomic_load_n(reinterpret_cast<uint64_t*>(memop.va), __ATOMIC_SEQ_CST);
  return __atomic_load_n(reinterpret_cast<uint32_t*>(memop.va), __ATOMIC_SEQ_CST);
}

bool IsSatisfied(const hal_memop& memop) {
  const uint64_t mask = memop.width_bytes == 8 ? ~uint64_t{0} : 0xffffffffu;
  const uint64_t word = LoadWord(memop);
  const uint64_t value = memop.value & mask;
  switch (memop.kind) {
    case HAL_MEMOP_WAIT_EQ:
      return word == value;
    case HAL_MEMOP_WAIT_GEQ:
      return memop.width_bytes == 8 ? static_cast<int64_t>(word - value) >= 0
                                    : static_cast<int32_t>(static_cast<uint32_t>(word - value)) >= 0;
    case HAL_MEMOP_WAIT_AND:
      return (word & value) != 0;
    case HAL_MEMOP_WAIT_NOR:
      return (~(word | value) & mask) != 0;
    default:
      return true;
  }
}

void CallMemop(void* context) {
  auto& call = *static_cast<MemopCall*>(context);
  const hal_memop& memop = *call.memop;
  if (memop.kind != HAL_MEMOP_WRITE) {
    call.is_satisfied = IsSatisfied(memop);
    return;
  }
  if (memop.width_bytes == 8) {
    __atomic_store_n(reinterpret_cast<uint64_t*>(memop.va), memop.value, __ATOMIC_SEQ_CST);
  } else {
    __atomic_store_n(reinterpret_cast<uint32_t*>(memop.va), static_cast<uint32_t>(memop.value),
                     __ATOMIC_SEQ_CST);
  }
  call.is_satisfied = true;
}

std::unique_ptr<Submission> SubmissionOf(const hal_dispatch& dispatch, hal_sem* sem, uint64_t value) {
  auto submission = std::make_unique<Submission>();
  auto list = std::make_shared<tq::hal::cpu::CommandList>();
  list->emplace_back(tq::hal::cpu::Dispatch(dispatch));
  submission->lists.push_back(std::move(list));
  if (sem != nullptr) submission->signals.push_back({tq::hal::cpu::Ref(sem), value});
  return submission;
}

}  // namespace

hal_queue::hal_queue(hal_vm* owner, int32_t queue_priority, tq::hal::cpu::WorkerSet queue_workers)
    : vm(owner),
      device(owner->device),
      priority(queue_priority),
      workers(std::move(queue_workers)),
      id(NextQueueId()) {
  device->AddQueue(this);
}

hal_queue::~hal_queue() {
  if (!device->is_orphaned()) {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return !active_.load(std::memory_order_relaxed); });
  }
  device->RemoveQueue(this);
}

hal_status hal_queue::Failure() const { return failure_ != HAL_OK ? failure_ : vm->Status(); }

hal_status hal_queue::Submit(std::unique_ptr<Submission> submission) {
  if (device->is_orphaned()) return HAL_DEVICE_LOST;
  for (const tq::hal::cpu::SemPoint& signal : submission->signals) signal.sem->Promise(signal.value);
  {
    const std::lock_guard lock(mutex_);
    pending_.push_back(std::move(submission));
    submitted_.fetch_add(1, std::memory_order_relaxed);
    if (active_.load(std::memory_order_relaxed)) return HAL_OK;
    active_.store(true, std::memory_order_relaxed);
  }
  Runner& runner = Runner::Current();
  if (runner.inline_depth != 0) {  // called from the print hook of a kernel that runs on this very thread
    device->pool->AddReady(this);
  } else {
    Drive(runner, Driver::kSubmitter);
  }
  return HAL_OK;
}

hal_status hal_queue::SubmitBind(std::vector<hal_vm_op> ops, std::span<const hal_sem_point> waits,
                                 std::span<const hal_sem_point> signals) {
  auto submission = std::make_unique<Submission>();
  for (const hal_sem_point& point : waits)
    submission->waits.push_back({tq::hal::cpu::Ref(point.sem), point.value});
  auto list = std::make_shared<tq::hal::cpu::CommandList>();
  list->emplace_back(tq::hal::cpu::Bind{std::move(ops)});
  submission->lists.push_back(std::move(list));
  for (const hal_sem_point& point : signals) {
    submission->signals.push_back({tq::hal::cpu::Ref(point.sem), point.value});
  }
  return Submit(std::move(submission));
}

// The launch path. An idle queue and a kernel known to be short: no lock, no allocation, no other thread;
// unless the queue's grids are some workers' alone.
hal_status hal_queue::Dispatch(const hal_dispatch& from, hal_sem* sem, uint64_t value) {
  const hal_dispatch dispatch = tq::hal::ReadSized(&from);
  if (!active_.load(std::memory_order_acquire) && workers.is_all()) {
    const uint64_t limit_ns = device->pool->has_spinning_worker() ? kInlineHotNs : kInlineColdNs;
    if (tq::hal::cpu::EstimateInlineNs(dispatch) <= limit_ns && vm->Status() == HAL_OK &&
        !device->is_orphaned()) {
      Runner& runner = Runner::Current();
      if (runner.inline_depth == 0) {
        active_.store(true, std::memory_order_relaxed);
        submitted_.store(submitted_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        const uint64_t ran = RunInline(runner, vm, dispatch);
        if (ran < tq::hal::cpu::UnitsOf(dispatch)) [[unlikely]] {
          HandOver(runner, dispatch, ran, sem, value);
          return HAL_OK;
        }
        retired_.store(retired_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
        active_.store(false, std::memory_order_release);
        if (sem != nullptr) {
          const hal_status status = vm->Status();
          if (status == HAL_OK) {
            sem->Signal(value);
          } else {
            sem->Poison(status);
          }
        }
        return HAL_OK;
      }
    }
  }
  return Submit(SubmissionOf(dispatch, sem, value));
}

// The queue is active, and driven by the calling thread.
void hal_queue::HandOver(Runner& runner, const hal_dispatch& dispatch, uint64_t ran, hal_sem* sem,
                         uint64_t value) {
  std::unique_ptr<Submission> submission = SubmissionOf(dispatch, sem, value);
  for (const tq::hal::cpu::SemPoint& signal : submission->signals) signal.sem->Promise(signal.value);
  {
    const std::lock_guard lock(mutex_);
    pending_.push_front(std::move(submission));
  }
  units_run_ = ran;
  Drive(runner, Driver::kPool);
}

void hal_queue::OnReached() { device->pool->AddReady(this); }

void hal_queue::Cancel() {
  const std::lock_guard lock(mutex_);
  if (work_ != nullptr) work_->Stop(HAL_FAULT_TIMEOUT);
  if (is_waiting_ && Disarm()) device->pool->AddReady(this);
}

bool hal_queue::NextSubmission() {
  const std::lock_guard lock(mutex_);
  if (pending_.empty()) {
    active_.store(false, std::memory_order_release);
    idle_.notify_all();
    return false;
  }
  current_ = std::move(pending_.front());
  pending_.pop_front();
  wait_index_ = list_index_ = command_index_ = 0;
  failure_ = HAL_OK;
  return true;
}

// False: the queue has been left to the semaphore; hands off.
bool hal_queue::WaitsAreReached() {
  for (; wait_index_ < current_->waits.size() && failure_ == HAL_OK; ++wait_index_) {
    const tq::hal::cpu::SemPoint& wait = current_->waits[wait_index_];
    if (vm->Status() == HAL_DEVICE_LOST) failure_ = HAL_DEVICE_LOST;
    const std::lock_guard lock(mutex_);
    is_waiting_ = false;
    switch (Arm(wait.sem.get(), wait.value)) {
      case Arming::kReached:
        break;
      case Arming::kPoisoned:
        failure_ = wait.sem->Status();
        break;
      case Arming::kArmed:
        is_waiting_ = true;
        return false;
    }
  }
  return true;
}

void hal_queue::FinishSubmission() {
  const hal_status failure = Failure();
  for (const tq::hal::cpu::SemPoint& signal : current_->signals) {
    if (failure == HAL_OK) {
      signal.sem->Signal(signal.value);
    } else {
      signal.sem->Poison(failure);
    }
  }
  current_.reset();
  retired_.fetch_add(1, std::memory_order_release);
}

hal_queue::Progress hal_queue::RunCommands(Runner& runner) {
  for (; list_index_ < current_->lists.size(); ++list_index_, command_index_ = 0) {
    tq::hal::cpu::CommandList& list = *current_->lists[list_index_];
    while (command_index_ < list.size() && Failure() == HAL_OK) {
      // Once something was handed over, this thread must not touch the cursor again.
      Command& command = list[command_index_++];
      const Progress progress = Execute(runner, command);
      if (progress == Progress::kPending) return progress;
    }
  }
  return Progress::kDone;
}

void hal_queue::Drive(Runner& runner, Driver driver) {
  const uint64_t begin_ns = driver == Driver::kSubmitter ? tq::hal::cpu::NowNs() : 0;
  for (;;) {
    if (current_ == nullptr && !NextSubmission()) return;
    if (!WaitsAreReached()) return;
    // A thread that only wanted to submit does not work off what others might.
    if (driver == Driver::kSubmitter && tq::hal::cpu::NowNs() - begin_ns > kInlineColdNs) {
      device->pool->AddReady(this);
      return;
    }
    if (RunCommands(runner) == Progress::kPending) return;
    FinishSubmission();
  }
}

hal_queue::Progress hal_queue::Publish(std::unique_ptr<Work> work) {
  work->priority = priority;
  Work* published = work.get();
  {
    const std::lock_guard lock(mutex_);
    work_ = std::move(work);
  }
  device->pool->AddWork(published);
  return Progress::kPending;
}

void hal_queue::OnWorkDone(Runner& runner) {
  device->grids_completed.fetch_add(1, std::memory_order_relaxed);
  std::unique_ptr<Work> ended;
  {
    const std::lock_guard lock(mutex_);
    ended = std::move(work_);
  }
  ended.reset();
  Drive(runner, Driver::kPool);
}

hal_queue::Progress hal_queue::Execute(Runner& runner, Command& command) {
  if (const auto* dispatch = std::get_if<tq::hal::cpu::Dispatch>(&command)) {
    return ExecuteDispatch(runner, *dispatch);
  }
  if (const auto* copy = std::get_if<hal_copy>(&command)) return ExecuteTransfer(runner, Transfer(*copy));
  if (const auto* fill = std::get_if<hal_fill>(&command)) return ExecuteTransfer(runner, Transfer(*fill));
  if (const auto* memop = std::get_if<hal_memop>(&command)) return ExecuteMemop(runner, *memop);
  if (const auto* timestamp = std::get_if<tq::hal::cpu::Timestamp>(&command)) {
    const hal_memop write = {.size = sizeof write,
                             .kind = HAL_MEMOP_WRITE,
                             .va = timestamp->va,
                             .value = tq::hal::cpu::NowNs(),
                             .width_bytes = 8};
    return ExecuteMemop(runner, write);
  }
  for (const hal_vm_op& op : std::get<tq::hal::cpu::Bind>(command).ops) {
    if (const hal_status status = vm->Apply(op); status != HAL_OK) failure_ = status;
  }
  return Progress::kDone;
}

hal_queue::Progress hal_queue::ExecuteTransfer(Runner& runner, const Transfer& transfer) {
  if (transfer.piece_count() == 0) return Progress::kDone;
  const uint64_t estimate_ns = transfer.total_bytes() / kBytesPerNs;
  const bool streaming = transfer.total_bytes() > device->info.cache_bytes / 2;
  if (estimate_ns > kInlineColdNs) {
    return Publish(std::make_unique<TransferWork>(this, vm, transfer, streaming));
  }
  TransferWork work(nullptr, vm, transfer, streaming);
  ++runner.inline_depth;
  work.Run(runner, 0, work.total);
  --runner.inline_depth;
  return Progress::kDone;
}

hal_queue::Progress hal_queue::ExecuteDispatch(Runner& runner, const tq::hal::cpu::Dispatch& dispatch) {
  const uint64_t estimate_ns = tq::hal::cpu::EstimateInlineNs(dispatch.desc);
  uint64_t ran = std::exchange(units_run_, 0);
  if (ran == 0 && estimate_ns <= kInlineColdNs && runner.inline_depth <= 1 && workers.is_all()) {
    ++runner.inline_depth;
    ran = RunInline(runner, vm, dispatch.desc);
    --runner.inline_depth;
    if (ran == tq::hal::cpu::UnitsOf(dispatch.desc)) return Progress::kDone;
  }
  auto grid = std::make_unique<GridWork>(this, vm, dispatch.desc, priority);
  grid->next = ran;
  grid->done.store(ran, std::memory_order_relaxed);
  const uint64_t worker_count = workers.Count(device->pool->worker_count());
  const double block_ns = dispatch.desc.kernel->ThreadNs() * grid->block_threads() * grid->cluster_size();
  const uint64_t fair = (grid->total + worker_count * 4 - 1) / (worker_count * 4);
  if (grid->is_cooperative()) {
    grid->chunk = (grid->total + worker_count - 1) / worker_count;
  } else {
    grid->most_units = std::max<uint64_t>(fair, 1);
    grid->chunk = block_ns == 0
                      ? 1
                      : std::clamp<uint64_t>(static_cast<uint64_t>(tq::hal::cpu::kChunkNs / block_ns), 1,
                                             grid->most_units);
  }
  if (!workers.is_all()) grid->workers = &workers;
  return Publish(std::move(grid));
}

hal_queue::Progress hal_queue::ExecuteMemop(Runner& runner, const hal_memop& memop) {
  MemopCall call = {&memop, false};
  if (!runner.Call(nullptr, CallMemop, &call)) {
    ReportFault(runner, vm, nullptr);
    return Progress::kDone;
  }
  if (call.is_satisfied) return Progress::kDone;
  polled_ = &memop;
  device->pool->AddPoller(this);
  return Progress::kPending;
}

bool hal_queue::PollMemop(Runner& runner) {
  MemopCall call = {polled_, false};
  if (vm->Status() != HAL_OK) return true;
  if (runner.Call(nullptr, CallMemop, &call)) return call.is_satisfied;
  ReportFault(runner, vm, nullptr);
  return true;
}

namespace tq::hal::cpu {

hal_status QueueCreate(hal_vm* vm, const hal_queue_desc* desc, hal_queue** out) {
  if (vm->device->is_orphaned()) return HAL_DEVICE_LOST;
  const hal_queue_desc in = ReadSized(desc);
  WorkerSet workers;
  if (in.units != nullptr) workers.words.assign(in.units, in.units + in.unit_word_count);
  *out = new (std::nothrow) hal_queue(vm, in.priority, std::move(workers));
  return *out == nullptr ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

void QueueDestroy(hal_queue* queue) { delete queue; }

hal_status QueueSubmit(hal_queue* queue, const hal_submission* from) {
  const hal_submission in = ReadSized(from);
  auto submission = std::make_unique<Submission>();
  for (size_t i = 0; i < in.wait_count; ++i) {
    submission->waits.push_back({Ref(in.waits[i].sem), in.waits[i].value});
  }
  for (size_t i = 0; i < in.cmd_count; ++i) submission->lists.push_back(in.cmds[i]->list);
  for (size_t i = 0; i < in.signal_count; ++i) {
    submission->signals.push_back({Ref(in.signals[i].sem), in.signals[i].value});
  }
  return queue->Submit(std::move(submission));
}

hal_status QueueDispatch(hal_queue* queue, const hal_dispatch* dispatch, hal_sem* sem, uint64_t value) {
  return queue->Dispatch(*dispatch, sem, value);
}

}  // namespace tq::hal::cpu
