#include "hal/tqgpu/render_node.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tq::hal::tqgpu {
namespace {

constexpr char kDriver[] = "tqgpu";
constexpr int kFirstRenderMinor = 128, kLastRenderMinor = 191;

int Ioctl(int fd, unsigned long request, void* argument) {
  return drmIoctl(fd, request, argument) == 0 ? 0 : -errno;
}

// libdrm answers with -errno in some functions and with -1 and errno in others.
int ToErrno(int result) { return result == 0 ? 0 : result == -1 ? -errno : result; }

uint64_t AddressOf(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }

int OpenIfOurs(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return -1;
  const drmVersionPtr version = drmGetVersion(fd);
  const bool is_ours = version != nullptr && std::strcmp(version->name, kDriver) == 0;
  drmFreeVersion(version);
  if (is_ours) return fd;
  close(fd);
  return -1;
}

}  // namespace

hal_status FromErrno(int error) {
  switch (error) {
    case 0:
      return HAL_OK;
    case -ENOMEM:
    case -ENOSPC:
      return HAL_OUT_OF_MEMORY;
    case -ENODEV:
      return HAL_DEVICE_LOST;
    case -ECANCELED:
      return HAL_FAULTED;
    case -ETIME:
      return HAL_TIMEOUT;
    case -EFAULT:
    case -EINVAL:
    case -EBADF:
    case -ENOENT:
      return HAL_INVALID;
    default:
      return HAL_INTERNAL;
  }
}

std::vector<std::string> RenderNode::Find() {
  std::vector<std::string> paths;
  for (int minor = kFirstRenderMinor; minor <= kLastRenderMinor; ++minor) {
    const std::string path = "/dev/dri/renderD" + std::to_string(minor);
    const int fd = OpenIfOurs(path);
    if (fd < 0) continue;
    close(fd);
    paths.push_back(path);
  }
  return paths;
}

std::unique_ptr<RenderNode> RenderNode::Open(const std::string& path) {
  const int fd = OpenIfOurs(path);
  return fd < 0 ? nullptr : std::unique_ptr<RenderNode>(new RenderNode(fd));
}

RenderNode::~RenderNode() { close(fd_); }

BusAddress RenderNode::bus_address() const {
  drmDevicePtr device = nullptr;
  BusAddress address;
  if (drmGetDevice2(fd_, 0, &device) != 0) return address;
  if (device->bustype == DRM_BUS_PCI) {
    const drmPciBusInfo& pci = *device->businfo.pci;
    address = {pci.domain, pci.bus, pci.dev, pci.func};
  }
  drmFreeDevice(&device);
  return address;
}

int RenderNode::Query(uint32_t type, void* answer, uint32_t size) const {
  drm_tqgpu_dev_query query = {type, size, AddressOf(answer)};
  return Ioctl(fd_, DRM_IOCTL_TQGPU_DEV_QUERY, &query);
}

int RenderNode::QueryInfo(drm_tqgpu_dev_info* info) const {
  return Query(DRM_TQGPU_DEV_QUERY_INFO, info, sizeof *info);
}

int RenderNode::QueryMemory(drm_tqgpu_dev_memory* memory) const {
  return Query(DRM_TQGPU_DEV_QUERY_MEMORY, memory, sizeof *memory);
}

int RenderNode::QueryUsage(drm_tqgpu_dev_usage* usage) const {
  return Query(DRM_TQGPU_DEV_QUERY_USAGE, usage, sizeof *usage);
}

int RenderNode::CreateBuffer(uint64_t* size_bytes, uint32_t placement, uint32_t* handle) {
  drm_tqgpu_gem_create create = {};
  create.size = *size_bytes;
  create.placement = placement;
  create.flags = DRM_TQGPU_GEM_CPU_VISIBLE;
  const std::lock_guard lock(handles_mutex_);
  if (const int error = Ioctl(fd_, DRM_IOCTL_TQGPU_GEM_CREATE, &create); error != 0) return error;
  *size_bytes = create.size;
  *handle = create.handle;
  handles_[create.handle] = 1;
  return 0;
}

int RenderNode::ImportBuffer(int fd, uint32_t* handle, uint64_t* size_bytes) {
  const off_t size = lseek(fd, 0, SEEK_END);
  if (size <= 0) return -EBADF;
  const std::lock_guard lock(handles_mutex_);
  if (const int error = ToErrno(drmPrimeFDToHandle(fd_, fd, handle)); error != 0) return error;
  ++handles_[*handle];
  *size_bytes = static_cast<uint64_t>(size);
  return 0;
}

int RenderNode::ExportBuffer(uint32_t handle, int* fd) const {
  return ToErrno(drmPrimeHandleToFD(fd_, handle, DRM_CLOEXEC | DRM_RDWR, fd));
}

void RenderNode::CloseBuffer(uint32_t handle) {
  const std::lock_guard lock(handles_mutex_);
  const auto it = handles_.find(handle);
  if (it == handles_.end() || --it->second > 0) return;
  handles_.erase(it);
  drmCloseBufferHandle(fd_, handle);
}

int RenderNode::MapBuffer(uint32_t handle, uint64_t offset_bytes, uint64_t size_bytes, void* at) const {
  drm_tqgpu_gem_mmap_offset place = {};
  place.handle = handle;
  if (const int error = Ioctl(fd_, DRM_IOCTL_TQGPU_GEM_MMAP_OFFSET, &place); error != 0) return error;
  const int fixed = offset_bytes == 0 ? MAP_FIXED : 0;
  void* const mapped = mmap(fixed != 0 ? at : nullptr, offset_bytes + size_bytes, PROT_READ | PROT_WRITE,
                            MAP_SHARED | fixed, fd_, static_cast<off_t>(place.offset));
  if (mapped == MAP_FAILED) return -errno;
  if (offset_bytes == 0) return 0;
  // DRM maps objects from their beginning only: the part is moved to where it belongs.
  const bool moved = mremap(static_cast<char*>(mapped) + offset_bytes, size_bytes, size_bytes,
                            MREMAP_MAYMOVE | MREMAP_FIXED, at) != MAP_FAILED;
  const int error = moved ? 0 : -errno;
  munmap(mapped, moved ? offset_bytes : offset_bytes + size_bytes);
  return error;
}

int RenderNode::CreateVm(uint32_t* vm) const {
  drm_tqgpu_vm_create create = {};
  const int error = Ioctl(fd_, DRM_IOCTL_TQGPU_VM_CREATE, &create);
  *vm = create.vm_id;
  return error;
}

void RenderNode::DestroyVm(uint32_t vm) const {
  drm_tqgpu_vm_destroy destroy = {.vm_id = vm, .pad = 0};
  Ioctl(fd_, DRM_IOCTL_TQGPU_VM_DESTROY, &destroy);
}

int RenderNode::Bind(uint32_t vm, std::span<const drm_tqgpu_bind_op> ops) const {
  drm_tqgpu_vm_bind bind = {};
  bind.vm_id = vm;
  bind.op_count = static_cast<uint32_t>(ops.size());
  bind.ops = AddressOf(ops.data());
  return Ioctl(fd_, DRM_IOCTL_TQGPU_VM_BIND, &bind);
}

int RenderNode::VmState(uint32_t vm, drm_tqgpu_vm_get_state* state, std::span<drm_tqgpu_fault> faults) const {
  *state = {};
  state->vm_id = vm;
  state->fault_count = static_cast<uint32_t>(faults.size());
  state->fault_size = sizeof(drm_tqgpu_fault);
  state->faults = AddressOf(faults.data());
  return Ioctl(fd_, DRM_IOCTL_TQGPU_VM_GET_STATE, state);
}

int RenderNode::CreateQueue(uint32_t vm, uint32_t queue_class, uint32_t priority, uint32_t flags,
                            uint32_t* queue) const {
  drm_tqgpu_queue_create create = {};
  create.vm_id = vm;
  create.queue_class = queue_class;
  create.priority = priority;
  create.flags = flags;
  const int error = Ioctl(fd_, DRM_IOCTL_TQGPU_QUEUE_CREATE, &create);
  *queue = create.queue_id;
  return error;
}

void RenderNode::DestroyQueue(uint32_t queue) const {
  drm_tqgpu_queue_destroy destroy = {.queue_id = queue, .pad = 0};
  Ioctl(fd_, DRM_IOCTL_TQGPU_QUEUE_DESTROY, &destroy);
}

int RenderNode::QueueState(uint32_t queue, uint32_t* flags) const {
  drm_tqgpu_queue_get_state state = {.queue_id = queue, .flags = 0};
  const int error = Ioctl(fd_, DRM_IOCTL_TQGPU_QUEUE_GET_STATE, &state);
  *flags = state.flags;
  return error;
}

int RenderNode::Submit(uint32_t queue, std::span<const drm_tqgpu_job> jobs) const {
  drm_tqgpu_submit submit = {};
  submit.queue_id = queue;
  submit.job_count = static_cast<uint32_t>(jobs.size());
  submit.jobs = AddressOf(jobs.data());
  return Ioctl(fd_, DRM_IOCTL_TQGPU_SUBMIT, &submit);
}

int RenderNode::CreateSyncobj(uint32_t* syncobj) const { return ToErrno(drmSyncobjCreate(fd_, 0, syncobj)); }

void RenderNode::DestroySyncobj(uint32_t syncobj) const { drmSyncobjDestroy(fd_, syncobj); }

int RenderNode::SignalSyncobj(uint32_t syncobj, uint64_t point) const {
  return ToErrno(drmSyncobjTimelineSignal(fd_, &syncobj, &point, 1));
}

int RenderNode::QuerySyncobj(uint32_t syncobj, uint64_t* point) const {
  return ToErrno(drmSyncobjQuery(fd_, &syncobj, point, 1));
}

int RenderNode::WaitSyncobjs(std::span<uint32_t> syncobjs, std::span<uint64_t> points, bool any,
                             uint64_t deadline_ns) const {
  const unsigned flags = DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT | (any ? 0 : DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL);
  const auto deadline = static_cast<int64_t>(std::min<uint64_t>(deadline_ns, INT64_MAX));
  return ToErrno(drmSyncobjTimelineWait(fd_, syncobjs.data(), points.data(),
                                        static_cast<unsigned>(syncobjs.size()), deadline, flags, nullptr));
}

int RenderNode::TransferSyncobj(uint32_t to, uint64_t to_point, uint32_t from, uint64_t from_point) const {
  return ToErrno(drmSyncobjTransfer(fd_, to, to_point, from, from_point, 0));
}

int RenderNode::ExportSyncobj(uint32_t syncobj, int* fd) const {
  return ToErrno(drmSyncobjHandleToFD(fd_, syncobj, fd));
}

int RenderNode::ImportSyncobj(int fd, uint32_t* syncobj) const {
  return ToErrno(drmSyncobjFDToHandle(fd_, fd, syncobj));
}

}  // namespace tq::hal::tqgpu
