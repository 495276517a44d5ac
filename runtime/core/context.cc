#include "runtime/core/context.h"

#include <cuda.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/checkpoint.h"
#include "runtime/core/coredump.h"
#include "runtime/core/coredump_pipe.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/green_context.h"
#include "runtime/core/hal_error.h"
#include "runtime/core/host_function.h"
#include "runtime/core/pool_table.h"
#include "runtime/core/process.h"
#include "runtime/core/stream.h"
#include "runtime/core/timestamp.h"
#include "runtime/core/usage_report.h"

namespace tq::core {
namespace {

// The stack of the calling thread's current contexts. The top lies apart: reading it is on the path of every
// call, and needs neither a constructor guard nor a call for the address.
__attribute__((tls_model("initial-exec"))) thread_local HandleSlot* current_slot = nullptr;
thread_local std::vector<HandleSlot*> slots_below;

struct ActiveContexts {
  std::mutex mutex;
  std::unordered_set<Context*> contexts;
};
ActiveContexts& AllActive() {
  static auto* const active = new ActiveContexts;  // as long as Process
  return *active;
}

struct ThreadStream {
  uint64_t context_id;
  Stream* stream;
};
thread_local std::vector<ThreadStream> thread_streams;

}  // namespace

absl::Status CheckContextFlags(unsigned flags) {
  constexpr unsigned kKnown = CU_CTX_FLAGS_MASK;
  const unsigned schedule = flags & CU_CTX_SCHED_MASK;
  if ((flags & ~kKnown) != 0 || (schedule & (schedule - 1)) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the context flags are invalid (0x", absl::Hex(flags), ")"));
  }
  return absl::OkStatus();
}

uint64_t Context::NextId() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

Context::Context(Device& device, Kind kind) : device_(device), table_(device.table()), kind_(kind) {}

Context::~Context() {
  if (active()) Deactivate();
}

absl::Status Context::Activate(unsigned flags) {
  Process::Get().MarkInUse();
  ReportUsage();
  Checkpoint::BeginToListen();
  WatchCoredumpPipe();
  absl::StatusOr<hal::AddressSpace> vm = hal::AddressSpace::Create(device_.hal());
  if (!vm.ok()) return tq::core::FromHal(vm.status());
  vm_ = std::make_unique<hal::AddressSpace>(*std::move(vm));
  host_functions_ = std::make_unique<HostFunctions>(*this);
  timestamps_ = std::make_unique<TimestampPool>(*this);
  absl::StatusOr<std::unique_ptr<Stream>> stream = Stream::Create(*this, Stream::Kind::kLegacy, 0);
  if (!stream.ok()) {
    vm_.reset();
    return stream.status();
  }
  legacy_stream_ = *std::move(stream);
  {
    std::lock_guard lock(limits_mutex_);
    limits_ = {};
    if (device_.info().heap_bytes != 0) limits_.heap_bytes = device_.info().heap_bytes;
  }
  {
    std::lock_guard lock(peers_mutex_);
    peers_.clear();
  }
  id_ = NextId();
  set_flags(flags);
  condition_.store(kSound, std::memory_order_release);
  const std::lock_guard lock(AllActive().mutex);
  AllActive().contexts.insert(this);
  return absl::OkStatus();
}

void Context::ForEachActive(absl::FunctionRef<void(Context&)> visit) {
  const std::lock_guard lock(AllActive().mutex);
  for (Context* const context : AllActive().contexts) visit(*context);
}

absl::StatusOr<Stream*> Context::stream_of_children() {
  std::unique_lock lock(streams_mutex_);
  if (stream_of_children_ == nullptr) {
    ASSIGN_OR_RETURN(stream_of_children_, Stream::Create(*this, Stream::Kind::kNonBlocking, 0));
  }
  return stream_of_children_.get();
}

void Context::Deactivate() {
  {
    const std::lock_guard lock(AllActive().mutex);
    AllActive().contexts.erase(this);
  }
  std::vector<std::function<void()>> hooks;
  {
    std::lock_guard lock(children_mutex_);
    hooks.swap(teardown_hooks_);
  }
  for (auto hook = hooks.rbegin(); hook != hooks.rend(); ++hook) (*hook)();
  // Streams first: what they still run uses everything else. They may wait for host functions, whose thread
  // must therefore outlive them.
  std::unordered_map<Stream*, std::unique_ptr<Stream>> streams;
  std::vector<std::unique_ptr<Stream>> retired;
  {
    std::unique_lock lock(streams_mutex_);
    streams.swap(streams_);
    retired.swap(retired_streams_);
    blocking_stream_count_ = 0;
  }
  streams.clear();
  retired.clear();
  legacy_stream_->Drain();
  host_functions_.reset();
  // Until here a callback still learns which error ended its stream's work.
  condition_.store(kInactive, std::memory_order_release);
  legacy_stream_.reset();
  stream_of_children_.reset();
  DestroyChildren();
  timestamps_.reset();
  vm_.reset();
}

void Context::DestroyChildren() {
  std::vector<std::unique_ptr<ContextChild>> children;
  {
    std::lock_guard lock(children_mutex_);
    children.reserve(children_.size());
    for (auto& entry : children_) children.push_back(std::move(entry.second));
    children_.clear();
  }
  std::sort(children.begin(), children.end(),
            [](const auto& a, const auto& b) { return a->birth_ > b->birth_; });
  for (auto& child : children) child.reset();
  std::lock_guard lock(retired_mutex_);
  retired_.clear();
}

// ---- condition

absl::Status Context::Refusal() const {
  const int condition = condition_.load(std::memory_order_acquire);
  if (condition == kSound) return absl::OkStatus();
  if (condition == kInactive) return CudaError(CUDA_ERROR_CONTEXT_IS_DESTROYED, "the context is not active");
  return CudaError(static_cast<CUresult>(condition), "an earlier kernel of this context has faulted");
}

absl::Status Context::CheckNow() {
  RETURN_IF_ERROR(Check());
  return FromHal(table_.vm_status(vm_->get()), "asking for the state of an address space");
}

CUresult Context::NoticedError() { return ToCuResult(CheckNow()); }

absl::Status Context::FromHal(const absl::Status& status) {
  if (status.ok()) return status;
  const hal_status code = hal::ToHalStatus(status);
  if (code == HAL_FAULTED || code == HAL_DEVICE_LOST) return TakeFault(code);
  return tq::core::FromHal(status);
}

absl::Status Context::TakeFault(int hal_code) {
  std::lock_guard lock(fault_mutex_);
  if (condition_.load(std::memory_order_acquire) == kSound) {
    int error = CUDA_ERROR_LAUNCH_FAILED;
    if (hal_code == HAL_DEVICE_LOST) {
      error = CUDA_ERROR_DEVICE_UNAVAILABLE;
    } else if (absl::StatusOr<hal_fault> fault = vm_->ReadFault(); fault.ok()) {
      error = StickyErrorOf(static_cast<hal_fault_kind>(fault->kind));
      LogFault(*fault, device_.ordinal());
      DumpCoreOnFault(*this, *fault, error);
    }
    condition_.store(error, std::memory_order_release);
  }
  return Refusal();
}

// ---- limits

namespace {

struct LimitRow {
  int limit;
  size_t ContextLimits::* member;
  bool settable;
  hal_limit device_limit = {};  // what the device is told; none for figures that only answer queries
};
constexpr LimitRow kLimits[] = {
    {CU_LIMIT_STACK_SIZE, &ContextLimits::stack_bytes, true, HAL_LIMIT_STACK},
    {CU_LIMIT_PRINTF_FIFO_SIZE, &ContextLimits::printf_fifo_bytes, true},
    {CU_LIMIT_MALLOC_HEAP_SIZE, &ContextLimits::heap_bytes, true, HAL_LIMIT_HEAP},
    {CU_LIMIT_DEV_RUNTIME_SYNC_DEPTH, &ContextLimits::sync_depth, true},
    {CU_LIMIT_DEV_RUNTIME_PENDING_LAUNCH_COUNT, &ContextLimits::pending_launch_count, true},
    {CU_LIMIT_MAX_L2_FETCH_GRANULARITY, &ContextLimits::l2_fetch_granularity_bytes, true},
    {CU_LIMIT_PERSISTING_L2_CACHE_SIZE, &ContextLimits::persisting_l2_bytes, false},
    {CU_LIMIT_CIG_ENABLED, &ContextLimits::cig_enabled, false},
};

const LimitRow* FindLimit(int limit) {
  for (const LimitRow& row : kLimits) {
    if (row.limit == limit) return &row;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<size_t> Context::Limit(int limit) const {
  const LimitRow* row = FindLimit(limit);
  if (row == nullptr)
    return CudaError(CUDA_ERROR_UNSUPPORTED_LIMIT, absl::StrCat("there is no limit ", limit));
  std::lock_guard lock(limits_mutex_);
  return limits_.*row->member;
}

absl::Status Context::SetLimit(int limit, size_t value) {
  const LimitRow* row = FindLimit(limit);
  if (row == nullptr || !row->settable) {
    return CudaError(CUDA_ERROR_UNSUPPORTED_LIMIT, absl::StrCat("limit ", limit, " cannot be set"));
  }
  if (row->device_limit != hal_limit{}) {
    // The heap is fixed once a kernel allocates from it (CUDA driver API, cuCtxSetLimit).
    const absl::Status status = vm().SetLimit(row->device_limit, value);
    if (!status.ok()) {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat("limit ", limit, " cannot become ", value, " now: ", status.message()));
    }
  }
  std::lock_guard lock(limits_mutex_);
  limits_.*row->member = value;
  return absl::OkStatus();
}

// ---- streams

absl::StatusOr<Stream*> Context::CreateStream(unsigned flags, int priority, GreenContext* green) {
  const auto kind =
      (flags & CU_STREAM_NON_BLOCKING) != 0 ? Stream::Kind::kNonBlocking : Stream::Kind::kBlocking;
  ASSIGN_OR_RETURN(std::unique_ptr<Stream> stream, Stream::Create(*this, kind, priority, green));
  ReapStreams();
  Stream* const raw = stream.get();
  std::unique_lock lock(streams_mutex_);
  streams_.emplace(raw, std::move(stream));
  if (kind == Stream::Kind::kBlocking) blocking_stream_count_.fetch_add(1, std::memory_order_acq_rel);
  return raw;
}

absl::StatusOr<Stream*> Context::CreateDefaultStream(GreenContext& green) {
  ASSIGN_OR_RETURN(std::unique_ptr<Stream> stream, Stream::Create(*this, Stream::Kind::kLegacy, 0, &green));
  stream->set_is_default();
  Stream* const raw = stream.get();
  std::unique_lock lock(streams_mutex_);
  streams_.emplace(raw, std::move(stream));
  return raw;
}

void Context::EndStreamsOf(const GreenContext& green) {
  std::vector<Stream*> orphans;
  std::unique_ptr<Stream> default_stream;
  {
    std::unique_lock lock(streams_mutex_);
    for (auto entry = streams_.begin(); entry != streams_.end();) {
      Stream* const stream = entry->first;
      if (stream->green() == &green && stream->is_default()) {
        default_stream = std::move(entry->second);
        entry = streams_.erase(entry);
        continue;
      }
      if (stream->green() == &green) orphans.push_back(stream);
      ++entry;
    }
  }
  for (Stream* const stream : orphans) stream->Orphan();
}

absl::Status Context::DestroyStream(Stream* stream) {
  std::unique_ptr<Stream> owned;
  {
    std::unique_lock lock(streams_mutex_);
    auto entry = streams_.find(stream);
    if (entry == streams_.end() || stream->is_default())
      return CudaError(CUDA_ERROR_INVALID_HANDLE, "the stream is not of this context");
    owned = std::move(entry->second);
    streams_.erase(entry);
    owned->Retire();
    retired_streams_.push_back(std::move(owned));
  }
  ReapStreams();
  return absl::OkStatus();
}

// Destroys the retired streams whose work has ended.
void Context::ReapStreams() {
  std::vector<std::unique_ptr<Stream>> ended;
  std::unique_lock lock(streams_mutex_);
  auto first_ended = std::partition(retired_streams_.begin(), retired_streams_.end(), [](const auto& stream) {
    return stream->timeline()->Query(stream->timeline()->submitted()) == HAL_TIMEOUT;
  });
  for (auto it = first_ended; it != retired_streams_.end(); ++it) {
    if ((*it)->kind() == Stream::Kind::kBlocking)
      blocking_stream_count_.fetch_sub(1, std::memory_order_acq_rel);
    ended.push_back(std::move(*it));
  }
  retired_streams_.erase(first_ended, retired_streams_.end());
  lock.unlock();
}

absl::StatusOr<Stream*> Context::PerThreadStream() {
  for (const ThreadStream& entry : thread_streams) {
    if (entry.context_id == id_) return entry.stream;
  }
  ASSIGN_OR_RETURN(Stream* const stream, CreateStream(CU_STREAM_DEFAULT, 0));
  stream->set_is_default();
  thread_streams.push_back({id_, stream});
  return stream;
}

absl::StatusOr<Stream*> Context::StreamFromHandle(const void* stream) {
  const auto value = reinterpret_cast<uintptr_t>(stream);
  if (value <= reinterpret_cast<uintptr_t>(CU_STREAM_LEGACY)) return &DefaultStreamOfThread(*this);
  if (value == reinterpret_cast<uintptr_t>(CU_STREAM_PER_THREAD)) return PerThreadStream();
  if (Stream* found = FromHandle<Stream>(stream)) return found;
  return CudaError(CUDA_ERROR_INVALID_HANDLE, absl::StrCat("there is no stream 0x", absl::Hex(value)));
}

void Context::ForEachStream(absl::FunctionRef<void(Stream&)> visit) const {
  std::shared_lock lock(streams_mutex_);
  for (const auto& entry : streams_) visit(*entry.second);
  for (const auto& stream : retired_streams_) visit(*stream);
}

std::vector<TimelinePoint> Context::PendingWork(const GreenContext* green) const {
  std::vector<TimelinePoint> points;
  if (green == nullptr)
    points.push_back({legacy_stream_->timeline(), legacy_stream_->timeline()->submitted()});
  ForEachStream([&](Stream& stream) {
    if (green != nullptr && stream.green() != green) return;
    const uint64_t value = stream.timeline()->submitted();
    if (stream.timeline()->Query(value) != HAL_OK) points.push_back({stream.timeline(), value});
  });
  return points;
}

absl::Status Context::WaitFor(const TimelinePoint& point) {
  std::vector<Stream*> streams = {legacy_stream_.get()};
  ForEachStream([&](Stream& stream) { streams.push_back(&stream); });
  for (Stream* stream : streams) RETURN_IF_ERROR(stream->WaitFor(point));
  return absl::OkStatus();
}

bool Context::EnablePeer(const Context& peer) {
  std::lock_guard lock(peers_mutex_);
  return peers_.insert(peer.id()).second;
}

bool Context::DisablePeer(const Context& peer) {
  std::lock_guard lock(peers_mutex_);
  return peers_.erase(peer.id()) != 0;
}

absl::Status Context::Synchronize() {
  const std::vector<TimelinePoint> points = PendingWork();
  absl::Status first;
  for (const TimelinePoint& point : points) {
    first.Update(FromHal(point.timeline->Wait(point.value, HAL_NO_DEADLINE), "waiting for a context"));
  }
  ReapStreams();
  ReapChildren();
  MemoryPool& pool = device_.default_pool();
  pool.TrimTo(pool.release_threshold_bytes);
  PoolTable::Get().Trim();
  RETURN_IF_ERROR(first);
  return CheckNow();
}

// ---- children

void Context::AdoptChild(std::unique_ptr<ContextChild> child) {
  ContextChild* const raw = child.get();
  std::lock_guard lock(children_mutex_);
  raw->birth_ = ++births_;
  children_.emplace(raw, std::move(child));
}

void Context::Retire(ContextChild* child) {
  if (std::unique_ptr<ContextChild> released = Release(child); released != nullptr) {
    Retire(std::move(released), PendingWork());
  }
}

void Context::Retire(std::unique_ptr<ContextChild> object, std::vector<TimelinePoint> work) {
  {
    std::lock_guard lock(retired_mutex_);
    retired_.push_back({std::move(object), std::move(work)});
  }
  ReapChildren();
}

void Context::ReapChildren() {
  std::lock_guard lock(retired_mutex_);
  // What failed does not run any more either.
  std::erase_if(retired_, [](const RetiredChild& retired) {
    return std::all_of(retired.work.begin(), retired.work.end(), [](const TimelinePoint& point) {
      return point.timeline->Query(point.value) != HAL_TIMEOUT;
    });
  });
}

std::unique_ptr<ContextChild> Context::Release(ContextChild* child) {
  std::lock_guard lock(children_mutex_);
  auto entry = children_.find(child);
  if (entry == children_.end()) return nullptr;
  std::unique_ptr<ContextChild> owned = std::move(entry->second);
  children_.erase(entry);
  return owned;
}

void Context::AddTeardownHook(std::function<void()> hook) {
  std::lock_guard lock(children_mutex_);
  teardown_hooks_.push_back(std::move(hook));
}

// ---- the thread's stack

HandleSlot* Context::CurrentSlot() { return current_slot; }

Context* Context::Current() { return FromHandle<Context>(current_slot); }

absl::StatusOr<Context*> Context::CurrentChecked() {
  Context* const context = Current();
  if (context != nullptr) {
    RETURN_IF_ERROR(context->CheckNow());
    return context;
  }
  if (current_slot == nullptr)
    return CudaError(CUDA_ERROR_INVALID_CONTEXT, "no context is current to this thread");
  return CudaError(CUDA_ERROR_CONTEXT_IS_DESTROYED, "the current context was destroyed");
}

void Context::PushSlot(HandleSlot* slot) {
  slots_below.push_back(current_slot);
  current_slot = slot;
}

absl::StatusOr<HandleSlot*> Context::Pop() {
  if (current_slot == nullptr)
    return CudaError(CUDA_ERROR_INVALID_CONTEXT, "no context is current to this thread");
  HandleSlot* const top = current_slot;
  current_slot = nullptr;
  if (!slots_below.empty()) {
    current_slot = slots_below.back();
    slots_below.pop_back();
  }
  return top;
}

void Context::SetCurrentSlot(HandleSlot* slot) {
  if (slot == nullptr) {
    if (current_slot != nullptr) Pop().status().IgnoreError();
    return;
  }
  current_slot = slot;
}

}  // namespace tq::core
