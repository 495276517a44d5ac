#include "driver/tests/guest/render_node.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xf86drm.h>

#include <cerrno>
#include <cstring>

namespace tq::driver {
namespace {

constexpr int kFirstRenderMinor = 128, kLastRenderMinor = 135;

int64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000ll + now.tv_nsec;
}

}  // namespace

RenderNode::RenderNode() {
  for (int minor = kFirstRenderMinor; minor <= kLastRenderMinor && fd_ < 0; ++minor) {
    fd_ = open(("/dev/dri/renderD" + std::to_string(minor)).c_str(), O_RDWR | O_CLOEXEC);
    if (fd_ < 0) continue;
    drmVersionPtr version = drmGetVersion(fd_);
    if (!version || strcmp(version->name, "tqgpu") != 0) {
      close(fd_);
      fd_ = -1;
    }
    drmFreeVersion(version);
  }
  if (fd_ >= 0) drmSyncobjCreate(fd_, 0, &syncobj_);
}

RenderNode::~RenderNode() {
  if (fd_ >= 0) close(fd_);
}

int RenderNode::Ioctl(unsigned long request, void* argument) const {
  return drmIoctl(fd_, request, argument) == 0 ? 0 : -errno;
}

Buffer RenderNode::Create(uint64_t size, uint32_t placement) {
  drm_tqgpu_gem_create create{};
  create.size = size;
  create.placement = placement;
  create.flags = DRM_TQGPU_GEM_CPU_VISIBLE;
  if (Ioctl(DRM_IOCTL_TQGPU_GEM_CREATE, &create) != 0) return {};
  drm_tqgpu_gem_mmap_offset offset{};
  offset.handle = create.handle;
  if (Ioctl(DRM_IOCTL_TQGPU_GEM_MMAP_OFFSET, &offset) != 0) return {};
  void* data =
      mmap(nullptr, create.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, static_cast<off_t>(offset.offset));
  if (data == MAP_FAILED) return {};
  return {create.handle, create.size, static_cast<uint8_t*>(data)};
}

void RenderNode::Destroy(Buffer& buffer) {
  munmap(buffer.data, buffer.size);
  drmCloseBufferHandle(fd_, buffer.handle);
  buffer = {};
}

uint32_t RenderNode::CreateVm() {
  drm_tqgpu_vm_create create{};
  return Ioctl(DRM_IOCTL_TQGPU_VM_CREATE, &create) == 0 ? create.vm_id : 0;
}

uint32_t RenderNode::CreateQueue(uint32_t vm, uint32_t queue_class) {
  drm_tqgpu_queue_create create{};
  create.vm_id = vm;
  create.queue_class = queue_class;
  create.priority = DRM_TQGPU_PRIORITY_NORMAL;
  return Ioctl(DRM_IOCTL_TQGPU_QUEUE_CREATE, &create) == 0 ? create.queue_id : 0;
}

int RenderNode::Bind(uint32_t vm, const drm_tqgpu_bind_op& op) {
  drm_tqgpu_vm_bind bind{};
  bind.vm_id = vm;
  bind.op_count = 1;
  bind.ops = reinterpret_cast<uintptr_t>(&op);
  return Ioctl(DRM_IOCTL_TQGPU_VM_BIND, &bind);
}

int RenderNode::Map(uint32_t vm, const Buffer& buffer, uint64_t va, uint32_t flags) {
  drm_tqgpu_bind_op op{};
  op.op = DRM_TQGPU_BIND_MAP;
  op.flags = flags;
  op.handle = buffer.handle;
  op.va = va;
  op.size = buffer.size;
  return Bind(vm, op);
}

int RenderNode::Unmap(uint32_t vm, uint64_t va, uint64_t size) {
  drm_tqgpu_bind_op op{};
  op.op = DRM_TQGPU_BIND_UNMAP;
  op.va = va;
  op.size = size;
  return Bind(vm, op);
}

int RenderNode::Submit(uint32_t queue, uint64_t stream_va, uint64_t size, uint64_t* point) {
  drm_tqgpu_sync signal{};
  signal.syncobj = syncobj_;
  signal.flags = DRM_TQGPU_SYNC_SIGNAL;
  signal.point = last_point_ + 1;
  drm_tqgpu_job job{};
  job.stream_va = stream_va;
  job.stream_size = size;
  job.syncs = reinterpret_cast<uintptr_t>(&signal);
  job.sync_count = 1;
  drm_tqgpu_submit submit{};
  submit.queue_id = queue;
  submit.job_count = 1;
  submit.jobs = reinterpret_cast<uintptr_t>(&job);
  const int result = Ioctl(DRM_IOCTL_TQGPU_SUBMIT, &submit);
  if (result == 0) *point = ++last_point_;
  return result;
}

int RenderNode::Wait(uint64_t point, int timeout_ms) {
  uint32_t handle = syncobj_;
  return drmSyncobjTimelineWait(fd_, &handle, &point, 1, NowNs() + timeout_ms * 1000000ll,
                                DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL, nullptr);
}

drm_tqgpu_vm_get_state RenderNode::VmState(uint32_t vm, std::vector<drm_tqgpu_fault>* faults) {
  drm_tqgpu_vm_get_state state{};
  state.vm_id = vm;
  if (faults) {
    faults->assign(16, {});
    state.fault_count = 16;
    state.fault_size = sizeof(drm_tqgpu_fault);
    state.fault_size = sizeof(drm_tqgpu_fault);
    state.faults = reinterpret_cast<uintptr_t>(faults->data());
  }
  if (Ioctl(DRM_IOCTL_TQGPU_VM_GET_STATE, &state) != 0) state.flags = ~0u;
  if (faults) faults->resize(state.fault_count < 16 ? state.fault_count : 16);
  return state;
}

uint32_t RenderNode::QueueState(uint32_t queue) {
  drm_tqgpu_queue_get_state state{};
  state.queue_id = queue;
  return Ioctl(DRM_IOCTL_TQGPU_QUEUE_GET_STATE, &state) == 0 ? state.flags : ~0u;
}

drm_tqgpu_dev_info RenderNode::Info() {
  drm_tqgpu_dev_info info{};
  drm_tqgpu_dev_query query{DRM_TQGPU_DEV_QUERY_INFO, sizeof info, reinterpret_cast<uintptr_t>(&info)};
  Ioctl(DRM_IOCTL_TQGPU_DEV_QUERY, &query);
  return info;
}

drm_tqgpu_dev_memory RenderNode::Memory() {
  drm_tqgpu_dev_memory memory{};
  drm_tqgpu_dev_query query{DRM_TQGPU_DEV_QUERY_MEMORY, sizeof memory, reinterpret_cast<uintptr_t>(&memory)};
  Ioctl(DRM_IOCTL_TQGPU_DEV_QUERY, &query);
  return memory;
}

}  // namespace tq::driver
