#include "runtime/core/function.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "api/resolve.h"
#include "base/log.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/kernel.h"
#include "runtime/core/module.h"

namespace tq::core {
namespace {

constexpr uint32_t kSharedWithoutOptIn = 48 << 10;  // CUDA Programming Guide, "Shared Memory"

// "sm_90a" -> 90.
int VersionOf(std::string_view target) {
  const size_t digits = target.find_first_of("0123456789");
  return digits == std::string_view::npos ? 0 : std::atoi(std::string(target.substr(digits)).c_str());
}

}  // namespace

uint8_t* ArgumentBlock::Reserve(size_t size_bytes) {
  uint8_t* data = small_;
  if (size_bytes > sizeof(small_)) {
    large_.resize(size_bytes);
    data = large_.data();
  }
  std::memset(data, 0, size_bytes);  // padding is part of what may be compared and traced
  data_ = data;
  size_bytes_ = size_bytes;
  return data;
}

Function::Function(Module& module, const Kernel* kernel, const KernelLocation& location,
                   const LaunchSettings& settings)
    : module_(module),
      kernel_(kernel),
      location_(location),
      name_(location.statement->name),
      parameters_(module.code().ParametersOf(location)),
      param_size_bytes_(module.code().KernelAt(location).param_size_bytes),
      directives_(module.code().KernelAt(location).directives),
      settings_(settings) {}

Context& Function::context() const { return module_.context(); }

absl::StatusOr<const hal::KernelEntry*> Function::Load() {
  if (const hal::KernelEntry* entry = ready()) return entry;
  const std::lock_guard lock(load_mutex_);
  if (loaded() != nullptr) {
    if (ready() == nullptr) TakeBetter();
    return loaded();
  }
  RETURN_IF_ERROR(failure_);
  auto entry = module_.program().LoadKernel(location_.unit, name_, better_);
  if (!entry.ok()) {
    // Memory may be there the next time; and a context that a fault has poisoned says so by itself.
    const CUresult code = ToCuResult(entry.status());
    if (code == CUDA_ERROR_INVALID_PTX || code == CUDA_ERROR_NOT_SUPPORTED) {
      failure_ = entry.status();
      Log(LogLevel::kError, "%s", std::string(failure_.message()).c_str());
    }
    return entry.status();
  }
  entry_ = *entry;
  awaited_.store(better_.get(), std::memory_order_relaxed);
  loaded_.store(&entry_, std::memory_order_release);
  return &entry_;
}

// Both codes compute the same. What cannot be loaded leaves the kernel as it was.
void Function::TakeBetter() {
  awaited_.store(nullptr, std::memory_order_relaxed);
  const KernelCache::Code code = better_->TakeCode();
  if (code == nullptr) return;
  const auto entry = module_.program().LoadKernelFrom(location_.unit, name_, code);
  if (!entry.ok()) {
    Log(LogLevel::kWarn, "kernel %s stays with its first code: %s", name_.c_str(),
        std::string(entry.status().message()).c_str());
    return;
  }
  better_entry_ = *entry;
  loaded_.store(&better_entry_, std::memory_order_release);
  Log(LogLevel::kInfo, "kernel %s goes over to the code compiled in the background", name_.c_str());
}

absl::Status Function::GatherArguments(void* const* kernel_params, void* const* extra,
                                       ArgumentBlock& block) const {
  if (kernel_params != nullptr) {
    if (extra != nullptr) {
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("kernel ", name_, " gets its arguments twice"));
    }
    uint8_t* const data = block.Reserve(param_size_bytes_);
    for (size_t i = 0; i < parameters_.size(); ++i) {
      if (kernel_params[i] == nullptr) {
        return CudaError(CUDA_ERROR_INVALID_VALUE,
                         absl::StrCat("argument ", i, " of kernel ", name_, " is null"));
      }
      std::memcpy(data + parameters_[i].offset_bytes, kernel_params[i], parameters_[i].size_bytes);
    }
    return absl::OkStatus();
  }
  const void* buffer = nullptr;
  const size_t* size_bytes = nullptr;
  for (; extra != nullptr && *extra != CU_LAUNCH_PARAM_END; extra += 2) {
    if (*extra == CU_LAUNCH_PARAM_BUFFER_POINTER) {
      buffer = extra[1];
    } else if (*extra == CU_LAUNCH_PARAM_BUFFER_SIZE) {
      size_bytes = static_cast<const size_t*>(extra[1]);
    } else {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat("the launch of ", name_, " has an option that does not exist"));
    }
  }
  const size_t given_bytes = buffer != nullptr && size_bytes != nullptr ? *size_bytes : 0;
  if (given_bytes < param_size_bytes_) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("kernel ", name_, " takes ", param_size_bytes_,
                                                            " bytes of arguments (", given_bytes, ")"));
  }
  block.data_ = buffer;
  block.size_bytes_ = param_size_bytes_;
  return absl::OkStatus();
}

uint32_t Function::MaxDynamicSharedBytes(const hal::KernelEntry& entry) const {
  const int chosen = settings().max_dynamic_shared_bytes;
  if (chosen >= 0) return static_cast<uint32_t>(chosen);
  return kSharedWithoutOptIn - std::min(kSharedWithoutOptIn, entry.info.static_shared_bytes);
}

absl::StatusOr<int> Function::BlocksPerUnit(uint64_t threads, size_t dynamic_bytes) {
  ASSIGN_OR_RETURN(const hal::KernelEntry* const entry, Load());
  const hal_device_info& device = context().device().info();
  const uint64_t shared = entry->info.static_shared_bytes + dynamic_bytes;
  if (threads > entry->info.max_threads_per_block || shared > device.max_shared_bytes_per_block) return 0;
  hal_occupancy occupancy = {};
  occupancy.size = sizeof(occupancy);
  RETURN_IF_ERROR(context().FromHal(
      context().table().kernel_occupancy(entry->kernel, {static_cast<uint32_t>(threads), 1, 1},
                                         static_cast<uint32_t>(dynamic_bytes), &occupancy),
      "asking for the occupancy of a kernel"));
  return static_cast<int>(occupancy.blocks_per_unit);
}

absl::StatusOr<int> Function::Attribute(CUfunction_attribute attribute) {
  const LaunchSettings set = settings();
  switch (attribute) {  // those that need no code
    case CU_FUNC_ATTRIBUTE_PTX_VERSION:
      return VersionOf(module_.code().units()[location_.unit].index.target());
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION:
      return static_cast<int>(DeviceArch().sm);
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES:
      return 0;  // no bank of its own: constants are variables in memory
    case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA:
      return 0;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
      return set.shared_carveout_percent;
    case CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET:
      return 0;
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH:
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT:
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH: {
      const int axis = attribute - CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH;
      const int of_ptx = static_cast<int>(directives_.required_cluster[axis]);
      return of_ptx != 0 ? of_ptx : set.cluster[axis];
    }
    case CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED:
      return set.non_portable_cluster_allowed;
    case CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE:
      return set.cluster_scheduling_policy;
    default:
      break;
  }
  if (attribute < 0 || attribute >= CU_FUNC_ATTRIBUTE_MAX) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no function attribute of that number (",
                                                            static_cast<int>(attribute), ")"));
  }
  ASSIGN_OR_RETURN(const hal::KernelEntry* const entry, Load());
  const hal_kernel_info& info = entry->info;
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      return static_cast<int>(info.max_threads_per_block);
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
      return static_cast<int>(info.static_shared_bytes);
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
      return static_cast<int>(info.local_bytes);
    case CU_FUNC_ATTRIBUTE_NUM_REGS:
      return static_cast<int>(info.register_count);
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      return static_cast<int>(MaxDynamicSharedBytes(*entry));
    default:
      break;
  }
  return Unsupported(absl::StrCat("function attribute ", static_cast<int>(attribute)));
}

absl::Status Function::SetAttribute(CUfunction_attribute attribute, int value) {
  const hal::KernelEntry* const entry = loaded();
  const Device& device = context().device();
  if (attribute == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES && entry != nullptr && value >= 0 &&
      uint64_t{entry->info.static_shared_bytes} + static_cast<uint64_t>(value) >
          device.info().max_shared_bytes_per_block) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("kernel ", name_, " has ", entry->info.static_shared_bytes,
                                  " bytes of static shared memory; ", value, " more do not fit"));
  }
  const std::lock_guard lock(settings_mutex_);
  return ApplyAttribute(attribute, value, device, settings_);
}

absl::Status Function::SetCacheConfig(CUfunc_cache config) {
  const std::lock_guard lock(settings_mutex_);
  return ApplyCacheConfig(config, settings_);
}

LaunchSettings Function::settings() const {
  const std::lock_guard lock(settings_mutex_);
  return settings_;
}

void Function::ChangeSettings(const LaunchSettings& settings) {
  const std::lock_guard lock(settings_mutex_);
  settings_ = settings;
}

// A CUkernel may stand wherever a CUfunction is wanted (CUDA driver API, "Library Management"): it is the
// function of the current context then.
Function* Resolve(CUfunction handle) {
  if (Function* const function = FromHandle<Function>(handle)) return function;
  Kernel* const kernel = FromHandle<Kernel>(handle);
  Context* const context = Context::Current();
  if (kernel == nullptr || context == nullptr || !context->active()) return nullptr;
  const auto function = kernel->In(*context);
  return function.ok() ? *function : nullptr;
}

}  // namespace tq::core
