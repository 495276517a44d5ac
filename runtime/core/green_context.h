// Green contexts: parts of a device's multiprocessors, with streams of their own (CUDA driver API, "Green
// Contexts"). Memory, modules and everything else is the primary context's, which a green one retains: its
// CUcontext is a second handle of the primary context, and a thread that has made that current gets the green
// context's streams.
#pragma once

#include <cuda.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "runtime/core/context.h"
#include "runtime/core/handle.h"
#include "runtime/core/timeline.h"

namespace tq::core {

class Device;
class Stream;

// Multiprocessors of a device, by number.
class UnitSet {
 public:
  static constexpr uint32_t kMost = 512;

  void Add(uint32_t unit) { words_[unit / 64] |= uint64_t{1} << (unit % 64); }
  bool Contains(uint32_t unit) const { return (words_[unit / 64] >> (unit % 64) & 1) != 0; }
  uint32_t Count() const;
  // False when they share a unit: then nothing is added.
  bool Merge(const UnitSet& other);
  absl::Span<const uint64_t> words() const { return words_; }
  bool operator==(const UnitSet&) const = default;

 private:
  std::array<uint64_t, kMost / 64> words_ = {};
};

// What a CUdevResource says besides what programs see. `split` is 0 for what was no result of one.
struct DeviceUnits {
  const Device* device = nullptr;
  uint64_t split = 0;
  UnitSet units;
};
CUdevResource ToResource(const DeviceUnits& units);
// CUDA_ERROR_INVALID_RESOURCE_TYPE for no multiprocessors, CUDA_ERROR_INVALID_VALUE for none that came from
// here.
absl::StatusOr<DeviceUnits> FromResource(const CUdevResource& resource);
// CUDA_ERROR_NOT_SUPPORTED where queues cannot be kept to some of them.
absl::StatusOr<DeviceUnits> AllUnits(const Device& device);

struct DeviceSplit {
  std::vector<DeviceUnits> groups;
  DeviceUnits remaining;
};
// Into at most `group_count` groups of `unit_count`.
absl::StatusOr<DeviceSplit> Split(const DeviceUnits& units, uint64_t group_count, uint32_t unit_count);

// A CUdevResourceDesc. The API has nothing to give one back: equal ones are one object, which stays.
class DeviceResourceDesc {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kResourceDescription;

  // CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION for what is of several devices or splits, or there twice.
  static absl::StatusOr<const DeviceResourceDesc*> Of(absl::Span<const CUdevResource> resources);
  explicit DeviceResourceDesc(const DeviceUnits& units) : units_(units) {}

  CUdevResourceDesc handle() const { return handle_.as<CUdevResourceDesc>(); }
  const DeviceUnits& units() const { return units_; }

 private:
  const DeviceUnits units_;
  Handle<DeviceResourceDesc> handle_{this};
};

class GreenContext {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kGreenContext;

  // Retains the primary context of the device.
  static absl::StatusOr<std::unique_ptr<GreenContext>> Create(Device& device, const UnitSet& units);
  ~GreenContext();  // waits for its work

  // Whose CUcontext the slot is, or null: that of no green one.
  static GreenContext* OfSlot(const HandleSlot* slot);
  // The one that is current to the thread, or null.
  static GreenContext* Current() { return OfSlot(Context::CurrentSlot()); }

  CUgreenCtx handle() const { return handle_.as<CUgreenCtx>(); }
  HandleSlot* view() const { return view_; }
  Device& device() const { return device_; }
  Context& context() const;
  const UnitSet& units() const { return units_; }
  uint64_t id() const { return id_; }

  // CUDA_ERROR_CONTEXT_IS_DESTROYED once the primary context was reset, or the error that it has.
  absl::Status Check() const;
  // Of a thread that has it current. While Check() is OK.
  Stream& default_stream() const { return *default_stream_; }
  absl::StatusOr<Stream*> CreateStream(unsigned flags, int priority);
  // Waits for its streams alone.
  absl::Status Synchronize();
  // Its work from now on, that of later streams too, waits for the point.
  absl::Status WaitFor(const TimelinePoint& point);

 private:
  GreenContext(Device& device, const UnitSet& units);

  Device& device_;
  const UnitSet units_;
  const uint64_t id_;
  uint64_t primary_id_ = 0;  // the number of the primary context at the time
  Stream* default_stream_ = nullptr;
  HandleSlot* view_;
  std::mutex mutex_;
  std::vector<TimelinePoint> waits_;  // of streams that are yet to come
  Handle<GreenContext> handle_{this};
};

// The default stream of a thread with the context current, or with a green one of it.
Stream& DefaultStreamOfGreen(Context& context);
inline Stream& DefaultStreamOfThread(Context& context) {
  const HandleSlot* const slot = Context::CurrentSlot();
  if (slot == nullptr || slot == context.slot()) [[likely]]
    return context.legacy_stream();
  return DefaultStreamOfGreen(context);
}

}  // namespace tq::core
