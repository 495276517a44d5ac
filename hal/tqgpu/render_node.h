// The kernel driver's render node: its ioctls (driver/uapi/tqgpu_drm.h) and those of DRM that every driver
// has. Thread-safe. Functions return 0 or a negative errno; FromErrno says what that means to a caller of the
// HAL.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "driver/uapi/tqgpu_drm.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::hal::tqgpu {

hal_status FromErrno(int error);

// Where a device sits on its bus.
struct BusAddress {
  int domain = 0, bus = 0, device = 0, function = 0;
};

class RenderNode {
 public:
  // Paths of the nodes whose driver is tqgpu, in the order of their numbers.
  static std::vector<std::string> Find();
  static std::unique_ptr<RenderNode> Open(const std::string& path);
  ~RenderNode();
  RenderNode(const RenderNode&) = delete;
  RenderNode& operator=(const RenderNode&) = delete;

  BusAddress bus_address() const;
  int QueryInfo(drm_tqgpu_dev_info* info) const;
  int QueryMemory(drm_tqgpu_dev_memory* memory) const;
  int QueryUsage(drm_tqgpu_dev_usage* usage) const;

  // Buffers. *size_bytes is rounded up to pages. An object that comes in twice has one handle, which lives
  // until it was closed as often as it was given.
  int CreateBuffer(uint64_t* size_bytes, uint32_t placement, uint32_t* handle);
  int ImportBuffer(int fd, uint32_t* handle, uint64_t* size_bytes);
  int ExportBuffer(uint32_t handle, int* fd) const;
  void CloseBuffer(uint32_t handle);
  // Maps [offset, offset + size) of a buffer at `at`, which is the caller's to replace.
  int MapBuffer(uint32_t handle, uint64_t offset_bytes, uint64_t size_bytes, void* at) const;

  int CreateVm(uint32_t* vm) const;
  void DestroyVm(uint32_t vm) const;
  // Now: returns when the card sees it.
  int Bind(uint32_t vm, std::span<const drm_tqgpu_bind_op> ops) const;
  int VmState(uint32_t vm, drm_tqgpu_vm_get_state* state, std::span<drm_tqgpu_fault> faults) const;

  int CreateQueue(uint32_t vm, uint32_t queue_class, uint32_t priority, uint32_t flags,
                  uint32_t* queue) const;
  void DestroyQueue(uint32_t queue) const;
  int QueueState(uint32_t queue, uint32_t* flags) const;
  int Submit(uint32_t queue, std::span<const drm_tqgpu_job> jobs) const;

  int CreateSyncobj(uint32_t* syncobj) const;
  void DestroySyncobj(uint32_t syncobj) const;
  int SignalSyncobj(uint32_t syncobj, uint64_t point) const;
  int QuerySyncobj(uint32_t syncobj, uint64_t* point) const;
  // Also for points that nobody has submitted yet. -ETIME: the deadline, CLOCK_MONOTONIC, is over.
  int WaitSyncobjs(std::span<uint32_t> syncobjs, std::span<uint64_t> points, bool any,
                   uint64_t deadline_ns) const;
  // The point `from_point` of one becomes a point of another, submitted or not.
  int TransferSyncobj(uint32_t to, uint64_t to_point, uint32_t from, uint64_t from_point) const;
  int ExportSyncobj(uint32_t syncobj, int* fd) const;
  int ImportSyncobj(int fd, uint32_t* syncobj) const;

 private:
  explicit RenderNode(int fd) : fd_(fd) {}
  int Query(uint32_t type, void* answer, uint32_t size) const;

  const int fd_;
  std::mutex handles_mutex_;
  std::map<uint32_t, uint32_t> handles_;  // how often each was given
};

}  // namespace tq::hal::tqgpu
