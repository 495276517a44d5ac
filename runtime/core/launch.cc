#include "runtime/core/launch.h"

#include <cuda.h>

#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/code_object.h"
#include "base/status.h"
#include "runtime/core/capture.h"
#include "runtime/core/child_grids.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/function.h"
#include "runtime/core/green_context.h"
#include "runtime/core/module.h"
#include "runtime/core/stream.h"

namespace tq::core {
namespace {

// The largest cluster that every device with clusters can run, and the largest that a kernel may opt in to
// (CUDA C++ Programming Guide, "Thread Block Clusters").
constexpr uint64_t kPortableCluster = 8;
constexpr uint64_t kMostCluster = 16;

uint64_t Volume(const hal_dim3& d) { return uint64_t{d.x} * d.y * d.z; }

bool Within(const hal_dim3& d, const hal_dim3& most) {
  return d.x != 0 && d.y != 0 && d.z != 0 && d.x <= most.x && d.y <= most.y && d.z <= most.z;
}

std::string Text(const hal_dim3& d) { return absl::StrFormat("%u x %u x %u", d.x, d.y, d.z); }

// The driver API documents CUDA_ERROR_INVALID_VALUE for a grid or block of impossible shape, the runtime API
// cudaErrorInvalidConfiguration (9), which has no name in the driver's. NVIDIA's runtime, which alone
// launches kernels of libraries in this way, hands the driver's number on.
CUresult BadShape(const Function& function) {
  return function.module().is_of_library() ? static_cast<CUresult>(9) : CUDA_ERROR_INVALID_VALUE;
}

absl::Status CheckShape(const Function& function, const hal_device_info& device,
                        const hal::KernelEntry& entry, const LaunchRequest& request) {
  if (!Within(request.grid, device.max_grid)) [[unlikely]] {
    return CudaError(BadShape(function),
                     absl::StrCat("the grid is empty or too large (", Text(request.grid), ")"));
  }
  const uint64_t threads = Volume(request.block);
  if (!Within(request.block, device.max_block) || threads > device.max_threads_per_block) [[unlikely]] {
    return CudaError(BadShape(function),
                     absl::StrCat("the block is empty or too large (", Text(request.block), ")"));
  }
  if (threads > entry.info.max_threads_per_block) [[unlikely]] {
    return CudaError(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES,
                     absl::StrCat("kernel ", function.name(), " takes at most ",
                                  entry.info.max_threads_per_block, " threads per block (", threads, ")"));
  }
  const uint32_t (&required)[3] = function.directives().required_threads;
  if (required[0] != 0 && (request.block.x != required[0] || request.block.y != required[1] ||
                           request.block.z != required[2])) [[unlikely]] {
    return CudaError(
        CUDA_ERROR_INVALID_VALUE,
        absl::StrCat("kernel ", function.name(), " requires blocks of ",
                     Text({required[0], required[1], required[2]}), " (", Text(request.block), ")"));
  }
  return absl::OkStatus();
}

absl::Status CheckShared(const Function& function, const hal_device_info& device,
                         const hal::KernelEntry& entry, uint32_t dynamic_bytes) {
  const uint64_t static_bytes = entry.info.static_shared_bytes;
  const uint64_t most = function.MaxDynamicSharedBytes(entry);
  if (dynamic_bytes > most || static_bytes + dynamic_bytes > device.max_shared_bytes_per_block) [[unlikely]] {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("kernel ", function.name(), " may have ", most,
                                  " bytes of dynamic shared memory beside ", static_bytes, " static ones (",
                                  dynamic_bytes, ")"));
  }
  return absl::OkStatus();
}

// The cluster that the launch is to have: the directive's, the attribute's or the launch's, which must agree.
absl::StatusOr<hal_dim3> ChooseCluster(const Function& function, const LaunchSettings& settings,
                                       const LaunchRequest& request, const Device& device) {
  const uint32_t (&required)[3] = function.directives().required_cluster;
  hal_dim3 cluster = request.cluster;
  hal_dim3 wanted = {required[0], required[1], required[2]};
  if (Volume(wanted) == 0) {
    wanted = {static_cast<uint32_t>(settings.cluster[0]), static_cast<uint32_t>(settings.cluster[1]),
              static_cast<uint32_t>(settings.cluster[2])};
  }
  if (Volume(cluster) == 0) cluster = wanted;
  if (Volume(cluster) == 0) return hal_dim3{0, 0, 0};
  if (Volume(wanted) != 0 && (cluster.x != wanted.x || cluster.y != wanted.y || cluster.z != wanted.z)) {
    return CudaError(CUDA_ERROR_INVALID_CLUSTER_SIZE,
                     absl::StrCat("kernel ", function.name(), " requires clusters of ", Text(wanted), " (",
                                  Text(cluster), ")"));
  }
  const uint64_t most = settings.non_portable_cluster_allowed != 0 ? kMostCluster : kPortableCluster;
  if (Volume(cluster) > most || request.grid.x % cluster.x != 0 || request.grid.y % cluster.y != 0 ||
      request.grid.z % cluster.z != 0) {
    return CudaError(CUDA_ERROR_INVALID_CLUSTER_SIZE,
                     absl::StrCat("clusters of ", Text(cluster), " do not divide the grid or are above ",
                                  most, " blocks (", Text(request.grid), ")"));
  }
  if (Volume(cluster) > 1 && !device.hal().Has(HAL_DEVICE_CLUSTERS)) {
    return CudaError(CUDA_ERROR_INVALID_CLUSTER_SIZE, "the device has no clusters");
  }
  return cluster;
}

// The blocks of a cooperative launch run at once, on the multiprocessors of the stream.
absl::Status CheckPartition(const Stream& stream, const Function& function, const LaunchRequest& request) {
  const GreenContext* const green = stream.green();
  if (green == nullptr || !request.is_cooperative) return absl::OkStatus();
  const hal::KernelEntry* const entry = function.loaded();
  hal_occupancy occupancy = {};
  occupancy.size = sizeof(occupancy);
  if (stream.context().table().kernel_occupancy(entry->kernel, request.block, request.dynamic_shared_bytes,
                                                &occupancy) != HAL_OK) {
    return absl::OkStatus();
  }
  const uint64_t most = uint64_t{occupancy.blocks_per_unit} * green->units().Count();
  if (Volume(request.grid) <= most) return absl::OkStatus();
  return CudaError(CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE,
                   absl::StrCat("at most ", most, " blocks of ", Text(request.block),
                                " run at once in the green context (", Text(request.grid), ")"));
}

absl::Status CheckCooperative(const Context& context, const hal::KernelEntry& entry,
                              const LaunchRequest& request) {
  if (!context.device().hal().Has(HAL_DEVICE_COOPERATIVE)) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED, "the device has no cooperative launches");
  }
  hal_occupancy occupancy = {};
  occupancy.size = sizeof(occupancy);
  const hal_status status =
      context.table().kernel_occupancy(entry.kernel, request.block, request.dynamic_shared_bytes, &occupancy);
  if (status == HAL_OK && Volume(request.grid) > occupancy.resident_blocks) {
    return CudaError(CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE,
                     absl::StrCat("at most ", occupancy.resident_blocks, " blocks of ", Text(request.block),
                                  " run at once (", Text(request.grid), ")"));
  }
  return absl::OkStatus();
}

}  // namespace

uint64_t NextGridId() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

absl::StatusOr<hal_dispatch> DescribeDispatch(Function& function, const LaunchRequest& request) {
  Context& context = function.context();
  const hal::KernelEntry* entry = function.ready();
  if (entry == nullptr) [[unlikely]] {
    ASSIGN_OR_RETURN(entry, function.Load());
  }
  const hal_device_info& device = context.device().info();
  RETURN_IF_ERROR(CheckShape(function, device, *entry, request));
  const LaunchSettings settings = function.settings();
  RETURN_IF_ERROR(CheckShared(function, device, *entry, request.dynamic_shared_bytes));
  ASSIGN_OR_RETURN(const hal_dim3 cluster, ChooseCluster(function, settings, request, context.device()));
  if (request.is_cooperative) RETURN_IF_ERROR(CheckCooperative(context, *entry, request));
  hal_dispatch dispatch = {};
  dispatch.size = sizeof(dispatch);
  dispatch.flags = request.is_cooperative ? HAL_DISPATCH_COOPERATIVE : 0;
  dispatch.kernel = entry->kernel;
  dispatch.grid = request.grid;
  dispatch.block = request.block;
  dispatch.cluster = cluster;
  dispatch.dynamic_shared_bytes = request.dynamic_shared_bytes;
  return dispatch;
}

bool MayHaveChildren(const Function& function) {
  const hal::KernelEntry* const entry = function.loaded();
  return entry != nullptr && (entry->info.flags & TQ_KERNEL_HOST_CALLS) != 0;
}

namespace {

// Checks a launch and hands the dispatch to `submit`.
template <typename Submit>
absl::Status Prepare(Function& function, const Stream& stream, const LaunchRequest& request,
                     void* const* kernel_params, void* const* extra, Submit submit) {
  if (&function.context() != &stream.context()) [[unlikely]] {
    return CudaError(CUDA_ERROR_INVALID_HANDLE, absl::StrCat("kernel ", function.name(),
                                                             " and the stream belong to "
                                                             "different contexts"));
  }
  ASSIGN_OR_RETURN(hal_dispatch dispatch, DescribeDispatch(function, request));
  RETURN_IF_ERROR(CheckPartition(stream, function, request));
  ArgumentBlock arguments;
  RETURN_IF_ERROR(function.GatherArguments(kernel_params, extra, arguments));
  dispatch.params = arguments.data();
  dispatch.params_size_bytes = arguments.size_bytes();
  dispatch.grid_id = NextGridId();
  return submit(dispatch, MayHaveChildren(function));
}

}  // namespace

absl::Status Launch(Function& function, Stream& stream, const LaunchRequest& request,
                    void* const* kernel_params, void* const* extra) {
  if (stream.capture() != nullptr) [[unlikely]] {
    ASSIGN_OR_RETURN(KernelOperation operation,
                     KernelOperation::Make(function, request, kernel_params, extra));
    return Capture::Add(stream, std::move(operation));
  }
  return Prepare(function, stream, request, kernel_params, extra,
                 [&](const hal_dispatch& dispatch, bool may_have_children) {
                   if (!may_have_children) [[likely]]
                     return stream.Dispatch(dispatch);
                   return stream.DispatchWithChildren(dispatch);
                 });
}

absl::Status LaunchChild(Function& function, Stream& stream, const LaunchRequest& request, void* const* extra,
                         uint64_t* grid_id) {
  return Prepare(function, stream, request, nullptr, extra,
                 [&](const hal_dispatch& dispatch, bool may_have_children) {
                   if (may_have_children) {
                     *grid_id = dispatch.grid_id;
                     ExpectChildren(stream.context(), dispatch.grid_id);
                   }
                   const absl::Status status = stream.Dispatch(dispatch);
                   if (!status.ok() && may_have_children) ForgetChildren(dispatch.grid_id);
                   return status;
                 });
}

}  // namespace tq::core
