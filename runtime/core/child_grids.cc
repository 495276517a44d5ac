#include "runtime/core/child_grids.h"

#include <cuda.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

#include "api/resolve.h"
#include "base/knobs.h"
#include "base/status.h"
#include "compiler/index/host_calls.h"
#include "runtime/core/conditional.h"
#include "runtime/core/context.h"
#include "runtime/core/copy.h"
#include "runtime/core/device.h"
#include "runtime/core/function.h"
#include "runtime/core/launch.h"
#include "runtime/core/process.h"
#include "runtime/core/stream.h"

namespace tq::core {
namespace {

// cudaError_t, which kernels see.
enum RuntimeError : int {
  kSuccess = 0,
  kInvalidValue = 1,
  kInvalidConfiguration = 9,
  kInvalidPitchValue = 12,
  kInvalidDeviceFunction = 98,
  kNotSupported = 801,
};

// CUDA C++ Programming Guide, "CUDA Dynamic Parallelism": streams that every grid has.
constexpr uint64_t kTailLaunchStream = 3;
// Handles of streams and events that a kernel makes count from here; nothing is kept for them, since all of a
// grid's work is in one order.
constexpr uint64_t kFirstHandle = 0x100;

struct ChildLaunch {
  CUfunction function = nullptr;
  LaunchRequest request;
  std::unique_ptr<uint8_t[]> parameters;
  size_t parameter_bytes = 0;
};
struct ChildCopy {
  CopyOperand dst, src;
  CopyExtent extent;
};
using ChildWork = std::variant<ChildLaunch, ChildCopy, FillRequest>;

// What one grid has asked for.
struct Family {
  Context* context = nullptr;
  std::mutex mutex;
  std::map<uint64_t, ChildLaunch> buffers;  // by address: not launched yet
  std::vector<ChildWork> children, tail;
  std::map<std::pair<uint64_t, uint64_t>, int> last_errors;  // by block and thread
  uint64_t next_handle = kFirstHandle;
};

class Families {
 public:
  static Families& Get() {
    static auto* const families = new Families;  // workers may ask until the process ends
    return *families;
  }
  void Add(Context& context, uint64_t grid_id) {
    auto family = std::make_shared<Family>();
    family->context = &context;
    const std::lock_guard lock(mutex_);
    families_[grid_id] = std::move(family);
  }
  std::shared_ptr<Family> Find(uint64_t grid_id) {
    const std::lock_guard lock(mutex_);
    const auto found = families_.find(grid_id);
    return found != families_.end() ? found->second : nullptr;
  }
  std::shared_ptr<Family> Take(uint64_t grid_id) {
    const std::lock_guard lock(mutex_);
    auto node = families_.extract(grid_id);
    return node.empty() ? nullptr : std::move(node.mapped());
  }

 private:
  std::mutex mutex_;
  std::map<uint64_t, std::shared_ptr<Family>> families_;
};

// The arguments of a call, in turn.
class Arguments {
 public:
  explicit Arguments(const hal_call& call) : next_(static_cast<const uint8_t*>(call.arguments)) {}
  uint64_t Word() { return Next<uint64_t>(); }
  uint32_t Int() { return static_cast<uint32_t>(Word()); }
  hal_dim3 Dim() {
    const auto words = Next<std::array<uint32_t, 4>>();  // three, and the rest of a slot
    return {words[0], words[1], words[2]};
  }
  // Writes a result through a pointer argument. The kernel's memory: no lock is held.
  template <typename T>
  static void Store(uint64_t address, T value) {
    std::memcpy(reinterpret_cast<void*>(address), &value, sizeof(value));
  }

 private:
  template <typename T>
  T Next() {
    T value;
    std::memcpy(&value, next_, sizeof(value));
    next_ += sizeof(value);
    return value;
  }
  const uint8_t* next_;
};

uint64_t Linear(const hal_dim3& index) { return uint64_t{index.z} << 42 | uint64_t{index.y} << 21 | index.x; }

int SetError(Family& family, const hal_call& call, int error) {
  if (error == kSuccess) return error;
  const std::lock_guard lock(family.mutex);
  family.last_errors[{Linear(call.block), Linear(call.thread)}] = error;
  return error;
}

int LastError(Family& family, const hal_call& call, bool clear) {
  const std::lock_guard lock(family.mutex);
  const auto found = family.last_errors.find({Linear(call.block), Linear(call.thread)});
  if (found == family.last_errors.end()) return kSuccess;
  const int error = found->second;
  if (clear) family.last_errors.erase(found);
  return error;
}

// What no launch may have, told at once. The rest (registers, attributes) is known when the kernel is loaded.
int CheckLaunch(const Family& family, CUfunction handle, const LaunchRequest& request) {
  const Function* const function = Resolve(handle);
  if (function == nullptr || &function->context() != family.context) return kInvalidDeviceFunction;
  const hal_device_info& device = family.context->device().info();
  const auto within = [](const hal_dim3& dim, const hal_dim3& most) {
    return dim.x != 0 && dim.y != 0 && dim.z != 0 && dim.x <= most.x && dim.y <= most.y && dim.z <= most.z;
  };
  const uint64_t threads = uint64_t{request.block.x} * request.block.y * request.block.z;
  if (!within(request.grid, device.max_grid) || !within(request.block, device.max_block) ||
      threads > device.max_threads_per_block ||
      request.dynamic_shared_bytes > device.max_shared_bytes_per_block) {
    return kInvalidConfiguration;
  }
  return kSuccess;
}

// A buffer for parameters; its address names the launch until LaunchDevice. 0: no launch.
uint64_t TakeBuffer(Family& family, ChildLaunch launch, size_t size_bytes) {
  launch.parameters = std::make_unique<uint8_t[]>(std::max<size_t>(size_bytes, 16));
  launch.parameter_bytes = size_bytes;
  const auto address = reinterpret_cast<uint64_t>(launch.parameters.get());
  const std::lock_guard lock(family.mutex);
  family.buffers.emplace(address, std::move(launch));
  return address;
}

void AddChild(Family& family, uint64_t stream, ChildWork work) {
  (stream == kTailLaunchStream ? family.tail : family.children).push_back(std::move(work));
}

int LaunchBuffer(Family& family, uint64_t buffer, uint64_t stream, CUfunction function,
                 const LaunchRequest* request) {
  const std::lock_guard lock(family.mutex);
  auto node = family.buffers.extract(buffer);
  if (node.empty()) return kInvalidValue;
  ChildLaunch launch = std::move(node.mapped());
  if (request != nullptr) {
    launch.function = function;
    launch.request = *request;
  }
  AddChild(family, stream, std::move(launch));
  return kSuccess;
}

// ---- The calls: each reads its arguments and answers with its result ----

uint64_t GetParameterBuffer(Family& family, const hal_call&, Arguments arguments) {
  arguments.Word();  // the alignment, which every buffer has
  return TakeBuffer(family, {}, arguments.Word());
}

uint64_t GetParameterBufferV2(Family& family, const hal_call& call, Arguments arguments) {
  ChildLaunch launch;
  launch.function = reinterpret_cast<CUfunction>(arguments.Word());
  launch.request.grid = arguments.Dim();
  launch.request.block = arguments.Dim();
  launch.request.dynamic_shared_bytes = arguments.Int();
  if (SetError(family, call, CheckLaunch(family, launch.function, launch.request)) != kSuccess) return 0;
  const size_t size_bytes = Resolve(launch.function)->param_size_bytes();
  return TakeBuffer(family, std::move(launch), size_bytes);
}

uint64_t LaunchDevice(Family& family, const hal_call& call, Arguments arguments) {
  const auto function = reinterpret_cast<CUfunction>(arguments.Word());
  const uint64_t buffer = arguments.Word();
  LaunchRequest request;
  request.grid = arguments.Dim();
  request.block = arguments.Dim();
  request.dynamic_shared_bytes = arguments.Int();
  int error = CheckLaunch(family, function, request);
  if (error == kSuccess) error = LaunchBuffer(family, buffer, arguments.Word(), function, &request);
  return static_cast<uint32_t>(SetError(family, call, error));
}

uint64_t LaunchDeviceV2(Family& family, const hal_call& call, Arguments arguments) {
  const uint64_t buffer = arguments.Word();
  return static_cast<uint32_t>(
      SetError(family, call, LaunchBuffer(family, buffer, arguments.Word(), nullptr, nullptr)));
}

uint64_t GetLastError(Family& family, const hal_call& call, Arguments) {
  return static_cast<uint32_t>(LastError(family, call, true));
}

uint64_t PeekAtLastError(Family& family, const hal_call& call, Arguments) {
  return static_cast<uint32_t>(LastError(family, call, false));
}

uint64_t SetLastError(Family& family, const hal_call& call, Arguments arguments) {
  return static_cast<uint32_t>(SetError(family, call, static_cast<int>(arguments.Int())));
}

uint64_t CreateHandle(Family& family, const hal_call&, Arguments arguments) {
  uint64_t handle;
  {
    const std::lock_guard lock(family.mutex);
    handle = family.next_handle++;
  }
  Arguments::Store(arguments.Word(), handle);
  return kSuccess;
}

// Ordering and ends of streams and events: all work is in one order already.
uint64_t Ordered(Family&, const hal_call&, Arguments) { return kSuccess; }

uint64_t MemcpyAsync(Family& family, const hal_call&, Arguments arguments) {
  ChildCopy copy;
  copy.dst.address = arguments.Word();
  copy.src.address = arguments.Word();
  copy.extent.row_bytes = arguments.Word();
  arguments.Word();  // the direction, which the addresses tell
  const std::lock_guard lock(family.mutex);
  AddChild(family, arguments.Word(), std::move(copy));
  return kSuccess;
}

uint64_t Memcpy2DAsync(Family& family, const hal_call& call, Arguments arguments) {
  ChildCopy copy;
  copy.dst.address = arguments.Word();
  copy.dst.row_pitch = arguments.Word();
  copy.src.address = arguments.Word();
  copy.src.row_pitch = arguments.Word();
  copy.extent.row_bytes = arguments.Word();
  copy.extent.rows = arguments.Word();
  if (copy.extent.row_bytes > std::min(copy.dst.row_pitch, copy.src.row_pitch)) {
    return static_cast<uint32_t>(SetError(family, call, kInvalidPitchValue));
  }
  arguments.Word();
  const std::lock_guard lock(family.mutex);
  AddChild(family, arguments.Word(), std::move(copy));
  return kSuccess;
}

uint64_t MemsetAsync(Family& family, const hal_call&, Arguments arguments) {
  FillRequest fill;
  fill.address = arguments.Word();
  fill.pattern = arguments.Int() & 0xff;
  fill.row_elements = arguments.Word();
  const std::lock_guard lock(family.mutex);
  AddChild(family, arguments.Word(), fill);
  return kSuccess;
}

uint64_t Memset2DAsync(Family& family, const hal_call&, Arguments arguments) {
  FillRequest fill;
  fill.address = arguments.Word();
  fill.row_pitch = arguments.Word();
  fill.pattern = arguments.Int() & 0xff;
  fill.row_elements = arguments.Word();
  fill.rows = arguments.Word();
  const std::lock_guard lock(family.mutex);
  AddChild(family, arguments.Word(), fill);
  return kSuccess;
}

uint64_t GetDevice(Family& family, const hal_call&, Arguments arguments) {
  Arguments::Store(arguments.Word(), static_cast<int>(family.context->device().ordinal()));
  return kSuccess;
}

uint64_t GetDeviceCount(Family&, const hal_call&, Arguments arguments) {
  Arguments::Store(arguments.Word(), static_cast<int>(Process::Get().device_count()));
  return kSuccess;
}

uint64_t DeviceGetAttribute(Family& family, const hal_call& call, Arguments arguments) {
  const uint64_t out = arguments.Word();
  const auto attribute = static_cast<CUdevice_attribute>(arguments.Int());
  const absl::StatusOr<int> value = family.context->device().Attribute(attribute);
  if (!value.ok()) return static_cast<uint32_t>(SetError(family, call, kInvalidValue));
  Arguments::Store(out, *value);
  return kSuccess;
}

// cudaMemcpy3DParms, of pitched pointers; a kernel has no arrays to name.
struct PitchedPointer {
  uint64_t address, pitch, row_bytes, rows;
};
struct Copy3D {
  uint64_t src_array, src_at[3];
  PitchedPointer src;
  uint64_t dst_array, dst_at[3];
  PitchedPointer dst;
  uint64_t extent[3];  // bytes, rows, slices
};

CopyOperand OperandAt(const PitchedPointer& pointer, const uint64_t (&at)[3]) {
  CopyOperand operand;
  operand.row_pitch = pointer.pitch;
  operand.slice_pitch = pointer.pitch * pointer.rows;
  operand.address = pointer.address + at[2] * operand.slice_pitch + at[1] * pointer.pitch + at[0];
  return operand;
}

uint64_t Memcpy3DAsync(Family& family, const hal_call& call, Arguments arguments) {
  Copy3D asked;
  std::memcpy(&asked, reinterpret_cast<const void*>(arguments.Word()), sizeof(asked));
  if (asked.src_array != 0 || asked.dst_array != 0) {
    return static_cast<uint32_t>(SetError(family, call, kInvalidValue));
  }
  if (asked.extent[0] > std::min(asked.src.pitch, asked.dst.pitch)) {
    return static_cast<uint32_t>(SetError(family, call, kInvalidPitchValue));
  }
  ChildCopy copy;
  copy.dst = OperandAt(asked.dst, asked.dst_at);
  copy.src = OperandAt(asked.src, asked.src_at);
  copy.extent = {asked.extent[0], asked.extent[1], asked.extent[2]};
  const std::lock_guard lock(family.mutex);
  AddChild(family, arguments.Word(), std::move(copy));
  return kSuccess;
}

uint64_t Memset3DAsync(Family& family, const hal_call& call, Arguments arguments) {
  FillRequest fill;
  fill.address = arguments.Word();
  fill.row_pitch = arguments.Word();
  arguments.Word();  // the width of the allocation
  const uint64_t slice_pitch = fill.row_pitch * arguments.Word();
  fill.pattern = arguments.Int() & 0xff;
  fill.row_elements = arguments.Word();
  fill.rows = arguments.Word();
  const uint64_t slices = arguments.Word(), stream = arguments.Word();
  // A slice takes a place in the list; an array of CUDA has 16,384 at most.
  constexpr uint64_t kMostSlices = 1 << 16;
  if (slices > kMostSlices) return static_cast<uint32_t>(SetError(family, call, kInvalidValue));
  const std::lock_guard lock(family.mutex);
  for (uint64_t slice = 0; slice < slices; ++slice, fill.address += slice_pitch)
    AddChild(family, stream, fill);
  return kSuccess;
}

uint64_t DeviceGetLimit(Family& family, const hal_call& call, Arguments arguments) {
  const uint64_t out = arguments.Word();
  const absl::StatusOr<size_t> value = family.context->Limit(static_cast<int>(arguments.Int()));
  if (!value.ok()) return static_cast<uint32_t>(SetError(family, call, kInvalidValue));
  Arguments::Store(out, *value);
  return kSuccess;
}

// No preference among caches, banks of the default width: cudaFuncCachePreferNone,
// cudaSharedMemBankSizeDefault.
uint64_t GetDefaultConfig(Family&, const hal_call&, Arguments arguments) {
  Arguments::Store(arguments.Word(), int{0});
  return kSuccess;
}

uint64_t RuntimeGetVersion(Family&, const hal_call&, Arguments arguments) {
  Arguments::Store(arguments.Word(), static_cast<int>(Knobs().driver_version));
  return kSuccess;
}

// cudaFuncAttributes as every version of the runtime begins it; what lies behind differs, and is left alone.
struct FunctionAttributes {
  uint64_t shared_bytes, const_bytes, local_bytes;
  int max_threads, registers, ptx_version, binary_version, cache_mode, max_dynamic_shared_bytes, carveout;
};

uint64_t FuncGetAttributes(Family& family, const hal_call& call, Arguments arguments) {
  const uint64_t out = arguments.Word();
  Function* const function = Resolve(reinterpret_cast<CUfunction>(arguments.Word()));
  bool known = function != nullptr;
  const auto get = [&](CUfunction_attribute attribute) {
    const absl::StatusOr<int> value = known ? function->Attribute(attribute) : 0;
    known = known && value.ok();
    return known ? *value : 0;
  };
  FunctionAttributes attributes = {};
  attributes.shared_bytes = static_cast<uint64_t>(get(CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES));
  attributes.const_bytes = static_cast<uint64_t>(get(CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES));
  attributes.local_bytes = static_cast<uint64_t>(get(CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES));
  attributes.max_threads = get(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
  attributes.registers = get(CU_FUNC_ATTRIBUTE_NUM_REGS);
  attributes.ptx_version = get(CU_FUNC_ATTRIBUTE_PTX_VERSION);
  attributes.binary_version = get(CU_FUNC_ATTRIBUTE_BINARY_VERSION);
  attributes.cache_mode = get(CU_FUNC_ATTRIBUTE_CACHE_MODE_CA);
  attributes.max_dynamic_shared_bytes = get(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
  attributes.carveout = get(CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT);
  if (!known) return static_cast<uint32_t>(SetError(family, call, kInvalidDeviceFunction));
  std::memcpy(reinterpret_cast<void*>(out), &attributes,
              offsetof(FunctionAttributes, carveout) + sizeof(int));
  return kSuccess;
}

// With flags or without: they are about caches.
uint64_t MaxActiveBlocks(Family& family, const hal_call& call, Arguments arguments) {
  const uint64_t out = arguments.Word();
  Function* const function = Resolve(reinterpret_cast<CUfunction>(arguments.Word()));
  if (function == nullptr) return static_cast<uint32_t>(SetError(family, call, kInvalidDeviceFunction));
  const auto threads = static_cast<int>(arguments.Int());
  const absl::StatusOr<int> blocks =
      threads > 0 ? function->BlocksPerUnit(static_cast<uint64_t>(threads), arguments.Word())
                  : absl::InvalidArgumentError("no threads");
  if (!blocks.ok()) return static_cast<uint32_t>(SetError(family, call, kInvalidValue));
  Arguments::Store(out, *blocks);
  return kSuccess;
}

uint64_t GraphSetConditional(Family&, const hal_call&, Arguments arguments) {
  const std::shared_ptr<Conditional> conditional = Conditional::Find(arguments.Word());
  if (conditional != nullptr) conditional->Set(arguments.Int());
  return kSuccess;
}

struct Row {
  ptx::HostCall call;
  uint64_t (*run)(Family& family, const hal_call& call, Arguments arguments);
};
constexpr Row kRows[] = {
    {ptx::HostCall::kGetParameterBuffer, GetParameterBuffer},
    {ptx::HostCall::kGetParameterBufferV2, GetParameterBufferV2},
    {ptx::HostCall::kLaunchDevice, LaunchDevice},
    {ptx::HostCall::kLaunchDeviceV2, LaunchDeviceV2},
    {ptx::HostCall::kGetLastError, GetLastError},
    {ptx::HostCall::kPeekAtLastError, PeekAtLastError},
    {ptx::HostCall::kSetLastError, SetLastError},
    {ptx::HostCall::kStreamCreateWithFlags, CreateHandle},
    {ptx::HostCall::kEventCreateWithFlags, CreateHandle},
    {ptx::HostCall::kStreamDestroy, Ordered},
    {ptx::HostCall::kStreamWaitEvent, Ordered},
    {ptx::HostCall::kEventRecord, Ordered},
    {ptx::HostCall::kEventRecordWithFlags, Ordered},
    {ptx::HostCall::kEventDestroy, Ordered},
    {ptx::HostCall::kMemcpyAsync, MemcpyAsync},
    {ptx::HostCall::kMemcpy2DAsync, Memcpy2DAsync},
    {ptx::HostCall::kMemsetAsync, MemsetAsync},
    {ptx::HostCall::kMemset2DAsync, Memset2DAsync},
    {ptx::HostCall::kGetDevice, GetDevice},
    {ptx::HostCall::kGetDeviceCount, GetDeviceCount},
    {ptx::HostCall::kDeviceGetAttribute, DeviceGetAttribute},
    {ptx::HostCall::kMemcpy3DAsync, Memcpy3DAsync},
    {ptx::HostCall::kMemset3DAsync, Memset3DAsync},
    {ptx::HostCall::kDeviceGetLimit, DeviceGetLimit},
    {ptx::HostCall::kDeviceGetCacheConfig, GetDefaultConfig},
    {ptx::HostCall::kDeviceGetSharedMemConfig, GetDefaultConfig},
    {ptx::HostCall::kRuntimeGetVersion, RuntimeGetVersion},
    {ptx::HostCall::kFuncGetAttributes, FuncGetAttributes},
    {ptx::HostCall::kMaxActiveBlocks, MaxActiveBlocks},
    {ptx::HostCall::kMaxActiveBlocksWithFlags, MaxActiveBlocks},
    {ptx::HostCall::kGraphSetConditional, GraphSetConditional},
};

// ---- Running what was asked for ----

// Work that waits for its turn; the children of what has just ended come first.
class Generations {
 public:
  explicit Generations(Stream& stream) : stream_(stream) {}

  absl::Status Run(uint64_t grid_id) {
    Inherit(grid_id);
    while (!pending_.empty()) {
      ChildWork work = std::move(pending_.front());
      pending_.pop_front();
      RETURN_IF_ERROR(std::visit([this](auto& child) { return Start(child); }, work));
    }
    return stream_.Synchronize();
  }

 private:
  void Inherit(uint64_t grid_id) {
    const std::shared_ptr<Family> family = Families::Get().Take(grid_id);
    if (family == nullptr) return;
    std::vector<ChildWork>& tail = family->tail;
    std::vector<ChildWork>& children = family->children;
    pending_.insert(pending_.begin(), std::make_move_iterator(tail.begin()),
                    std::make_move_iterator(tail.end()));
    pending_.insert(pending_.begin(), std::make_move_iterator(children.begin()),
                    std::make_move_iterator(children.end()));
  }

  absl::Status Start(ChildLaunch& child) {
    Function* const function = Resolve(child.function);
    if (function == nullptr) return absl::OkStatus();  // its module has been unloaded meanwhile
    size_t size_bytes = child.parameter_bytes;
    void* extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, child.parameters.get(), CU_LAUNCH_PARAM_BUFFER_SIZE,
                     &size_bytes, CU_LAUNCH_PARAM_END};
    uint64_t grid_id = 0;
    RETURN_IF_ERROR(LaunchChild(*function, stream_, child.request, extra, &grid_id));
    if (grid_id == 0) return absl::OkStatus();  // has no children of its own: the next one may follow at once
    RETURN_IF_ERROR(stream_.Synchronize());
    Inherit(grid_id);
    return absl::OkStatus();
  }
  absl::Status Start(const ChildCopy& copy) {
    return Copy(stream_, copy.dst, copy.src, copy.extent, CallMode::kAsync);
  }
  absl::Status Start(const FillRequest& fill) { return Fill(stream_, fill, CallMode::kAsync); }

  Stream& stream_;
  std::deque<ChildWork> pending_;
};

}  // namespace

uint64_t CallFromKernel(const hal_call* call) {
  const std::shared_ptr<Family> family = Families::Get().Find(call->grid_id);
  if (family == nullptr) return kNotSupported;
  for (const Row& row : kRows) {
    if (static_cast<uint32_t>(row.call) == call->function) return row.run(*family, *call, Arguments(*call));
  }
  return kNotSupported;
}

void ExpectChildren(Context& context, uint64_t grid_id) { Families::Get().Add(context, grid_id); }

absl::Status RunChildren(Stream& stream, uint64_t grid_id) { return Generations(stream).Run(grid_id); }

void ForgetChildren(uint64_t grid_id) { Families::Get().Take(grid_id); }

}  // namespace tq::core
