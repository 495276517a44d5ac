// A CUcontext: an address space of a device, and everything made in it. The context owns its streams, events,
// modules, allocations; destroying or resetting it destroys them.
//
// A fault of a kernel poisons the address space. From then on Check() returns the documented error of that
// fault (sticky) until the context is reset or destroyed; other contexts go on.
//
// Thread-safe. A thread's current contexts are a stack of the thread's own.
#pragma once

#include <cuda.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "hal/device.h"
#include "hal/error.h"
#include "runtime/core/handle.h"
#include "runtime/core/timeline.h"

namespace tq::core {

class Device;
class GreenContext;
class HostFunctions;
class Stream;
class TimestampPool;

// What a context owns besides its streams: events, modules, allocations ... derive from it. Children are
// destroyed, last adopted first, when the context is, after its streams have come to rest.
class ContextChild {
 public:
  virtual ~ContextChild() = default;

 private:
  friend class Context;
  uint64_t birth_ = 0;  // order of adoption
};

// CUlimit values that mean something here, in the enum's order.
struct ContextLimits {
  size_t stack_bytes = 1024;
  size_t printf_fifo_bytes = size_t{1} << 20;
  size_t heap_bytes = size_t{8} << 20;
  size_t sync_depth = 2;
  size_t pending_launch_count = 2048;
  size_t l2_fetch_granularity_bytes = 128;
  size_t persisting_l2_bytes = 0;
  size_t cig_enabled = 0;  // CUDA in graphics: no context is
};

// CUDA_ERROR_INVALID_VALUE unless `flags` are CUctx_flags that go together.
absl::Status CheckContextFlags(unsigned flags);

class Context {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kContext;

  enum class Kind { kPrimary, kExplicit };
  Context(Device& device, Kind kind);
  ~Context();

  template <typename CudaHandle>
  CudaHandle handle() const {
    return handle_.as<CudaHandle>();
  }
  HandleSlot* slot() const { return handle_.slot(); }

  Device& device() const { return device_; }
  Kind kind() const { return kind_; }
  uint64_t id() const { return id_; }  // unique in the process; a reset primary context gets a new one
  // While the context is active. No wait and no lock.
  hal::AddressSpace& vm() const { return *vm_; }
  const hal_backend& table() const { return table_; }

  // Makes the address space and the default stream; takes everything down again. Active() in between.
  // Deactivate runs the teardown hooks first, while the context still works.
  absl::Status Activate(unsigned flags);
  void Deactivate();
  bool active() const { return condition_.load(std::memory_order_acquire) != kInactive; }

  // OK, the sticky error, or CUDA_ERROR_CONTEXT_IS_DESTROYED for an inactive one. One load while all is well;
  // CheckNow also asks the device for a fault that nobody has noticed yet.
  absl::Status Check() const {
    return condition_.load(std::memory_order_acquire) == kSound ? absl::OkStatus() : Refusal();
  }
  absl::Status CheckNow();
  CUresult CheckNowCode() {
    if (condition_.load(std::memory_order_acquire) == kSound && table_.vm_status(vm_->get()) == HAL_OK)
        [[likely]] {
      return CUDA_SUCCESS;
    }
    return NoticedError();
  }
  // Turns an answer of the HAL into a status; a fault becomes this context's sticky error and is logged.
  absl::Status FromHal(const absl::Status& status);
  absl::Status FromHal(hal_status status, const char* what) {
    return status == HAL_OK ? absl::OkStatus() : FromHal(hal::ToStatus(status, what));
  }

  unsigned flags() const { return flags_.load(std::memory_order_relaxed); }
  void set_flags(unsigned flags) { flags_.store(flags, std::memory_order_relaxed); }
  int cache_config() const { return cache_config_.load(std::memory_order_relaxed); }
  void set_cache_config(int config) { cache_config_.store(config, std::memory_order_relaxed); }
  // cuCtxAttach and cuCtxDetach of old: Detach reports whether that was the last.
  void Attach() { attached_.fetch_add(1, std::memory_order_relaxed); }
  bool Detach() { return attached_.fetch_sub(1, std::memory_order_acq_rel) == 1; }
  absl::StatusOr<size_t> Limit(int limit) const;
  absl::Status SetLimit(int limit, size_t value);

  // ---- streams. The legacy default stream exists while the context is active.
  Stream& legacy_stream() const { return *legacy_stream_; }
  // Where grids run that kernels launch (child_grids.h). Made when it is first asked for.
  absl::StatusOr<Stream*> stream_of_children();
  // The calling thread's default stream, made at first use.
  absl::StatusOr<Stream*> PerThreadStream();
  absl::StatusOr<Stream*> CreateStream(unsigned flags, int priority, GreenContext* green = nullptr);
  // A default stream for a green context of this one, until EndStreamsOf.
  absl::StatusOr<Stream*> CreateDefaultStream(GreenContext& green);
  // The default stream goes; the program's streams of the green context become orphans.
  void EndStreamsOf(const GreenContext& green);
  // The stream ends once its work has; the handle is dead at once.
  absl::Status DestroyStream(Stream* stream);
  // NULL, CU_STREAM_LEGACY, CU_STREAM_PER_THREAD, or a stream's handle; CUDA_ERROR_INVALID_HANDLE otherwise.
  absl::StatusOr<Stream*> StreamFromHandle(const void* stream);
  // How many streams the legacy default stream synchronizes with.
  int blocking_stream_count() const { return blocking_stream_count_.load(std::memory_order_acquire); }
  // Every stream with work, destroyed ones included, under a lock: `visit` takes no stream's lock.
  void ForEachStream(absl::FunctionRef<void(Stream&)> visit) const;
  // Waits until all work submitted before the call has ended.
  absl::Status Synchronize();
  // Later work of every stream waits for the point.
  absl::Status WaitFor(const TimelinePoint& point);
  // Points that together stand for all work submitted so far; of a green context's streams alone, if one is
  // given.
  std::vector<TimelinePoint> PendingWork(const GreenContext* green = nullptr) const;
  HostFunctions& host_functions() const { return *host_functions_; }
  TimestampPool& timestamps() const { return *timestamps_; }

  // ---- peers: contexts whose memory this one's kernels may use. False: it was so already.
  bool EnablePeer(const Context& peer);
  bool DisablePeer(const Context& peer);

  // ---- children
  template <typename T>
  T* Adopt(std::unique_ptr<T> child) {
    T* const raw = child.get();
    AdoptChild(std::move(child));
    return raw;
  }
  // Gives the child back, or null when it is not one of ours (any more).
  std::unique_ptr<ContextChild> Release(ContextChild* child);
  // The same for what kernels in flight may use: it ends once all work submitted so far has. Not waited for.
  void Retire(ContextChild* child);
  // Of what is no child any more, or never was: it ends once `work` has.
  void Retire(std::unique_ptr<ContextChild> object, std::vector<TimelinePoint> work);

  // Every active context of the process, under a lock: none comes or goes meanwhile.
  static void ForEachActive(absl::FunctionRef<void(Context&)> visit);

  // Runs when the context is deactivated, last added first.
  void AddTeardownHook(std::function<void()> hook);

  // ---- the calling thread's stack
  static Context* Current();         // null: none, or destroyed
  static HandleSlot* CurrentSlot();  // of a destroyed one too
  // The current context, checked: CUDA_ERROR_INVALID_CONTEXT without one, else what Check() says.
  static absl::StatusOr<Context*> CurrentChecked();
  static void Push(Context* context) { PushSlot(context->slot()); }
  static void PushSlot(HandleSlot* slot);
  static absl::StatusOr<HandleSlot*> Pop();      // the slot of a context that may be destroyed by now
  static void SetCurrentSlot(HandleSlot* slot);  // null pops
  static uint64_t NextId();                      // of contexts, green ones among them

 private:
  static constexpr int kSound = 0;
  static constexpr int kInactive = -1;

  absl::Status Refusal() const;
  CUresult NoticedError();
  absl::Status TakeFault(int hal_code);
  void AdoptChild(std::unique_ptr<ContextChild> child);
  void DestroyChildren();
  void ReapChildren();
  void ReapStreams();

  Device& device_;
  const hal_backend& table_;
  const Kind kind_;
  std::atomic<int> condition_{kInactive};  // kSound, kInactive or the sticky CUresult
  std::atomic<unsigned> flags_{0};
  std::atomic<int> cache_config_{0};
  std::atomic<int> attached_{1};
  uint64_t id_ = 0;
  std::unique_ptr<hal::AddressSpace> vm_;

  mutable std::mutex limits_mutex_;
  ContextLimits limits_;

  // Order of locks: a stream's own before streams_mutex_.
  mutable std::shared_mutex streams_mutex_;
  std::unique_ptr<Stream> legacy_stream_, stream_of_children_;
  std::unordered_map<Stream*, std::unique_ptr<Stream>> streams_;
  std::vector<std::unique_ptr<Stream>> retired_streams_;  // destroyed by the program, with work left
  std::atomic<int> blocking_stream_count_{0};
  std::unique_ptr<HostFunctions> host_functions_;
  std::unique_ptr<TimestampPool> timestamps_;

  std::mutex children_mutex_;
  uint64_t births_ = 0;
  std::unordered_map<ContextChild*, std::unique_ptr<ContextChild>> children_;
  std::vector<std::function<void()>> teardown_hooks_;

  struct RetiredChild {
    std::unique_ptr<ContextChild> child;
    std::vector<TimelinePoint> work;
  };
  std::mutex retired_mutex_;
  std::vector<RetiredChild> retired_;

  std::mutex peers_mutex_;
  std::unordered_set<uint64_t> peers_;  // by id

  std::mutex fault_mutex_;
  Handle<Context> handle_{this};
};

}  // namespace tq::core
