#include "runtime/core/device.h"

#include <cuda.h>
#include <dlfcn.h>

#include <cstdio>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/knobs.h"
#include "base/log.h"
#include "base/status.h"
#include "runtime/core/context.h"
#include "runtime/core/error.h"
#include "runtime/core/hal_error.h"
#include "runtime/core/pool.h"

namespace tq::core {
namespace {

constexpr ComputeCapability kDefaultCapability = {12, 1};

ComputeCapability ConfiguredCapability() {
  ComputeCapability value = {};
  const std::string& text = Knobs().compute_capability;
  if (std::sscanf(text.c_str(), "%d.%d", &value.major, &value.minor) == 2) return value;
  Log(LogLevel::kError, "TIANQIAO_COMPUTE_CAPABILITY is no MAJOR.MINOR (%s); 12.1 is reported", text.c_str());
  return kDefaultCapability;
}

// Libraries that prefer kernels which they hold as machine code alone to those that they hold as PTX, and
// what makes them take the PTX: a capability that none of their machine code is for (docs/decisions/0014).
struct ReportedTo {
  const char* library;  // how its file name begins
  ComputeCapability capability;
};
constexpr ReportedTo kReportedTo[] = {
    {"libcublas.so", {13, 0}},
    {"libcublasLt.so", {13, 0}},
};

}  // namespace

Device::Device(hal::Device device, int ordinal)
    : device_(std::move(device)),
      ordinal_(ordinal),
      name_(device_.info().name),
      compute_capability_(ConfiguredCapability()),
      attributes_(DeviceAttributes(*this)),
      default_pool_(MakeRef<MemoryPool>(*this, MemoryPool::DeviceProperties(*this))),
      pool_(default_pool_),
      primary_(std::make_unique<Context>(*this, Context::Kind::kPrimary)) {}

absl::StatusOr<std::unique_ptr<Device>> Device::Open(const hal_backend* backend, uint32_t index,
                                                     int ordinal) {
  absl::StatusOr<hal::Device> device = hal::Device::Open(backend, index);
  if (!device.ok()) return FromHal(device.status());
  return std::unique_ptr<Device>(new Device(*std::move(device), ordinal));
}

Device::~Device() = default;

ComputeCapability Device::CapabilityFor(const void* caller) const {
  Dl_info library;
  if (compute_capability_ != kDefaultCapability || dladdr(caller, &library) == 0 ||
      library.dli_fname == nullptr) {
    return compute_capability_;
  }
  const std::string_view path = library.dli_fname;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (const ReportedTo& row : kReportedTo) {
    if (name.starts_with(row.library)) return row.capability;
  }
  return compute_capability_;
}

absl::StatusOr<int> Device::Attribute(int attribute) const {
  if (attribute < 0 || attribute >= static_cast<int>(attributes_.size()) || !attributes_[attribute].known) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no device attribute ", attribute));
  }
  return attributes_[attribute].value;
}

absl::StatusOr<uint64_t> Device::FreeBytes() const {
  absl::StatusOr<hal_device_telemetry> telemetry = device_.Telemetry();
  if (!telemetry.ok()) return FromHal(telemetry.status());
  const uint64_t total = info().memory_bytes;
  return telemetry->memory_used_bytes < total ? total - telemetry->memory_used_bytes : 0;
}

bool Device::CanAccess(const Device& peer) const {
  if (&peer == this || peer.device_.backend() != device_.backend()) return false;
  const absl::StatusOr<hal_link_info> link = device_.Link(peer.device_);
  return link.ok() && link->can_access != 0;
}

absl::Status Device::RetainPrimary() {
  std::lock_guard lock(primary_mutex_);
  if (!primary_->active()) RETURN_IF_ERROR(primary_->Activate(primary_flags_));
  ++primary_retained_;
  return absl::OkStatus();
}

absl::Status Device::ReleasePrimary() {
  std::lock_guard lock(primary_mutex_);
  if (primary_retained_ == 0) {
    return CudaError(CUDA_ERROR_INVALID_CONTEXT,
                     "the primary context is released more often than it was retained");
  }
  if (--primary_retained_ == 0 && primary_->active()) primary_->Deactivate();
  return absl::OkStatus();
}

absl::Status Device::ResetPrimary() {
  std::lock_guard lock(primary_mutex_);
  if (primary_->active()) primary_->Deactivate();
  return absl::OkStatus();
}

absl::Status Device::SetPrimaryFlags(unsigned flags) {
  RETURN_IF_ERROR(CheckContextFlags(flags));
  std::lock_guard lock(primary_mutex_);
  primary_flags_ = flags;
  if (primary_->active()) primary_->set_flags(flags);
  return absl::OkStatus();
}

Ref<MemoryPool> Device::pool() const {
  std::lock_guard lock(pool_mutex_);
  return pool_;
}

void Device::set_pool(Ref<MemoryPool> pool) {
  std::lock_guard lock(pool_mutex_);
  pool_ = std::move(pool);
}

unsigned Device::primary_flags() const {
  std::lock_guard lock(primary_mutex_);
  return primary_flags_;
}

}  // namespace tq::core
