#include "runtime/core/green_context.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/capture.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/process.h"
#include "runtime/core/stream.h"

namespace tq::core {
namespace {

// What lies in CUdevResource._internal_padding. Programs copy it as they like; what they change is found out.
struct Record {
  static constexpr uint64_t kMagic = 0x74715f756e697473;
  uint64_t magic;
  uint64_t split;
  int32_t device;
  uint64_t words[UnitSet::kMost / 64];
};
static_assert(sizeof(Record) <= sizeof(CUdevResource::_internal_padding));

// Any number of units, down to one, makes a partition.
constexpr unsigned kLeastUnits = 1;

struct Views {
  std::mutex mutex;
  std::unordered_map<const HandleSlot*, GreenContext*> by_slot;
};
Views& AllViews() {
  static auto* const views = new Views;  // as long as Process
  return *views;
}

absl::Status NoSuchConfiguration(std::string_view why) {
  return CudaError(CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION, why);
}

}  // namespace

uint32_t UnitSet::Count() const {
  uint32_t count = 0;
  for (const uint64_t word : words_) count += static_cast<uint32_t>(std::popcount(word));
  return count;
}

bool UnitSet::Merge(const UnitSet& other) {
  for (size_t i = 0; i < words_.size(); ++i) {
    if ((words_[i] & other.words_[i]) != 0) return false;
  }
  for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  return true;
}

CUdevResource ToResource(const DeviceUnits& units) {
  CUdevResource resource = {};
  if (units.units.Count() == 0) return resource;  // CU_DEV_RESOURCE_TYPE_INVALID
  resource.type = CU_DEV_RESOURCE_TYPE_SM;
  resource.sm = {units.units.Count(), kLeastUnits, kLeastUnits};
  Record record = {Record::kMagic, units.split, units.device->ordinal(), {}};
  std::copy(units.units.words().begin(), units.units.words().end(), record.words);
  std::memcpy(resource._internal_padding, &record, sizeof record);
  return resource;
}

absl::StatusOr<DeviceUnits> FromResource(const CUdevResource& resource) {
  if (resource.type != CU_DEV_RESOURCE_TYPE_SM) {
    return CudaError(CUDA_ERROR_INVALID_RESOURCE_TYPE,
                     absl::StrCat("the resource is no multiprocessors (type ", resource.type, ")"));
  }
  Record record;
  std::memcpy(&record, resource._internal_padding, sizeof record);
  DeviceUnits units;
  const absl::StatusOr<Device*> device = Process::Get().DeviceAt(record.device);
  if (record.magic == Record::kMagic && device.ok()) {
    units.device = *device;
    units.split = record.split;
    const uint32_t most = std::min(UnitSet::kMost, (*device)->info().compute_units);
    for (uint32_t i = 0; i < most; ++i) {
      if ((record.words[i / 64] >> (i % 64) & 1) != 0) units.units.Add(i);
    }
  }
  if (units.units.Count() == 0 || units.units.Count() != resource.sm.smCount) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the resource is none that a query or a split gave");
  }
  return units;
}

absl::StatusOr<DeviceUnits> AllUnits(const Device& device) {
  if (!device.hal().Has(HAL_DEVICE_PARTITIONS)) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED, "the device cannot be divided");
  }
  DeviceUnits units;
  units.device = &device;
  const uint32_t most = std::min(UnitSet::kMost, device.info().compute_units);
  for (uint32_t i = 0; i < most; ++i) units.units.Add(i);
  return units;
}

absl::StatusOr<DeviceSplit> Split(const DeviceUnits& units, uint64_t group_count, uint32_t unit_count) {
  const uint32_t count = units.units.Count();
  if (unit_count > count) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("there are ", count, " multiprocessors to split (", unit_count, ")"));
  }
  if (units.split != 0) {
    return NoSuchConfiguration("the result of a split becomes a green context's before it is split again");
  }
  static std::atomic<uint64_t> next{1};
  const uint64_t split = next.fetch_add(1, std::memory_order_relaxed);
  const uint32_t each = std::max(unit_count, kLeastUnits);
  DeviceSplit result;
  result.groups.resize(std::min<uint64_t>(group_count, count / each), {units.device, split, {}});
  result.remaining = {units.device, split, {}};
  uint32_t taken = 0;
  for (uint32_t i = 0; i < UnitSet::kMost; ++i) {
    if (!units.units.Contains(i)) continue;
    const uint32_t group = taken++ / each;
    (group < result.groups.size() ? result.groups[group] : result.remaining).units.Add(i);
  }
  return result;
}

absl::StatusOr<const DeviceResourceDesc*> DeviceResourceDesc::Of(absl::Span<const CUdevResource> resources) {
  if (resources.empty()) return CudaError(CUDA_ERROR_INVALID_VALUE, "there are no resources");
  DeviceUnits all;
  for (const CUdevResource& resource : resources) {
    ASSIGN_OR_RETURN(const DeviceUnits units, FromResource(resource));
    if (all.device == nullptr) {
      all = units;
      continue;
    }
    if (units.device != all.device) return NoSuchConfiguration("the resources are of several devices");
    if (units.split == 0 || units.split != all.split)
      return NoSuchConfiguration("the resources are not of one split");
    if (!all.units.Merge(units.units)) return NoSuchConfiguration("a multiprocessor is there twice");
  }
  static std::mutex mutex;
  static auto* const known = new std::deque<DeviceResourceDesc>;
  const std::lock_guard lock(mutex);
  for (const DeviceResourceDesc& each : *known) {
    if (each.units().device == all.device && each.units().units == all.units) return &each;
  }
  return &known->emplace_back(all);
}

GreenContext::GreenContext(Device& device, const UnitSet& units)
    : device_(device),
      units_(units),
      id_(Context::NextId()),
      view_(AcquireHandle(HandleKind::kContext, &device.primary())) {
  const std::lock_guard lock(AllViews().mutex);
  AllViews().by_slot.emplace(view_, this);
}

absl::StatusOr<std::unique_ptr<GreenContext>> GreenContext::Create(Device& device, const UnitSet& units) {
  RETURN_IF_ERROR(device.RetainPrimary());
  std::unique_ptr<GreenContext> green(new GreenContext(device, units));  // releases it
  green->primary_id_ = device.primary().id();
  ASSIGN_OR_RETURN(green->default_stream_, device.primary().CreateDefaultStream(*green));
  return green;
}

GreenContext::~GreenContext() {
  {
    const std::lock_guard lock(AllViews().mutex);
    AllViews().by_slot.erase(view_);
  }
  ReleaseHandle(view_);
  if (context().active() && context().id() == primary_id_) context().EndStreamsOf(*this);
  device_.ReleasePrimary().IgnoreError();
}

GreenContext* GreenContext::OfSlot(const HandleSlot* slot) {
  const std::lock_guard lock(AllViews().mutex);
  const auto view = AllViews().by_slot.find(slot);
  return view == AllViews().by_slot.end() ? nullptr : view->second;
}

Context& GreenContext::context() const { return device_.primary(); }

absl::Status GreenContext::Check() const {
  if (context().active() && context().id() == primary_id_) return context().CheckNow();
  return CudaError(CUDA_ERROR_CONTEXT_IS_DESTROYED, "the primary context of the green one was reset");
}

absl::StatusOr<Stream*> GreenContext::CreateStream(unsigned flags, int priority) {
  RETURN_IF_ERROR(Check());
  ASSIGN_OR_RETURN(Stream* const stream, context().CreateStream(flags, priority, this));
  const std::lock_guard lock(mutex_);
  std::erase_if(waits_, [](const TimelinePoint& point) { return point.Reached(); });
  for (const TimelinePoint& point : waits_) RETURN_IF_ERROR(stream->WaitFor(point));
  return stream;
}

absl::Status GreenContext::Synchronize() {
  RETURN_IF_ERROR(Check());
  absl::Status first;
  for (const TimelinePoint& point : context().PendingWork(this)) {
    first.Update(
        context().FromHal(point.timeline->Wait(point.value, HAL_NO_DEADLINE), "waiting for a green context"));
  }
  RETURN_IF_ERROR(first);
  return context().CheckNow();
}

absl::Status GreenContext::WaitFor(const TimelinePoint& point) {
  std::vector<Stream*> streams;
  context().ForEachStream([&](Stream& stream) {
    if (stream.green() == this) streams.push_back(&stream);
  });
  for (Stream* const stream : streams) RETURN_IF_ERROR(stream->WaitFor(point));
  if (!point.timeline) return absl::OkStatus();
  const std::lock_guard lock(mutex_);
  waits_.push_back(point);
  return absl::OkStatus();
}

Stream& DefaultStreamOfGreen(Context& context) {
  const GreenContext* const green = GreenContext::Current();
  const bool is_ours = green != nullptr && &green->context() == &context && green->Check().ok();
  return is_ours ? green->default_stream() : context.legacy_stream();
}

}  // namespace tq::core
