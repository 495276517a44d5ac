#include "hal/tqgpu/address_space.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "hal/sized.h"
#include "hal/tqgpu/card/failure.h"
#include "hal/tqgpu/executable.h"
#include "hal/tqgpu/memory.h"
#include "hal/tqgpu/queue.h"
#include "hal/tqgpu/timeline.h"

namespace tq::hal::tqgpu {
namespace {

constexpr size_t kFaultsAsked = 8;

uint32_t BindFlags(uint32_t access) {
  if ((access & HAL_VM_EXECUTE) != 0) return DRM_TQGPU_BIND_EXECUTE;
  return (access & HAL_VM_WRITE) != 0 ? 0 : DRM_TQGPU_BIND_READONLY;
}

uint64_t PageBegin(uint64_t address) { return address & ~(kPageBytes - 1); }

}  // namespace

hal_status MappedBuffer::Create(AddressSpace& space, uint64_t size_bytes, uint32_t placement, uint32_t access,
                                std::shared_ptr<MappedBuffer>* out) {
  std::shared_ptr<Buffer> buffer;
  hal_status status = Buffer::Create(space.node(), size_bytes, 0, placement, &buffer);
  if (status == HAL_OK) status = space.Map(*buffer, access);
  if (status == HAL_OK) out->reset(new MappedBuffer(space, std::move(buffer)));
  return status;
}

MappedBuffer::~MappedBuffer() { space_.Unmap(buffer_->va(), buffer_->size_bytes()); }

hal_status AddressSpace::Create(Device& device, std::shared_ptr<AddressSpace>* out) {
  uint32_t id = 0;
  if (const int error = device.node().CreateVm(&id); error != 0) return FromErrno(error);
  out->reset(new AddressSpace(device, id));
  device.AddSpace(*out);  // first, so that what is placed from now on comes by itself
  device.placed().Join(**out);
  return HAL_OK;
}

AddressSpace::~AddressSpace() { node().DestroyVm(id_); }

hal_status AddressSpace::KernelBind(uint32_t op, uint32_t access, uint64_t va, uint64_t size_bytes,
                                    uint32_t handle, uint64_t offset) {
  drm_tqgpu_bind_op bind = {};
  bind.op = op;
  bind.flags = op == DRM_TQGPU_BIND_UNMAP ? 0 : BindFlags(access);
  bind.handle = handle;
  bind.offset = offset;
  bind.va = va;
  bind.size = size_bytes;
  return FromErrno(node().Bind(id_, {&bind, 1}));
}

hal_status AddressSpace::Map(const Buffer& buffer, uint32_t access) {
  return KernelBind(DRM_TQGPU_BIND_MAP, access, buffer.va(), buffer.size_bytes(), buffer.handle(), 0);
}

void AddressSpace::Unmap(uint64_t va, uint64_t size_bytes) {
  KernelBind(DRM_TQGPU_BIND_UNMAP, 0, va, size_bytes, 0, 0);
}

hal_status AddressSpace::Bind(std::span<hal_vm_op> ops) {
  const std::lock_guard lock(bind_mutex_);
  for (hal_vm_op& op : ops) {
    if (const hal_status status = BindOne(op); status != HAL_OK) return status;
  }
  return HAL_OK;
}

hal_status AddressSpace::BindOne(hal_vm_op& op) {
  const uint64_t size_bytes = RoundUp(op.size_bytes, kPageBytes);
  PlacedMemory& placed = device_.placed();
  switch (op.kind) {
    case HAL_VM_OP_MAP:
      return MapMemory(op);
    case HAL_VM_OP_MAP_HOST:
      return MapHost(op);
    case HAL_VM_OP_UNMAP: {
      hal_status status = HAL_OK;
      if (UnmapIfHost(op.va, op.size_bytes, &status)) return status;
      if (placed.Contains(op.va)) return placed.Unmap(op.va, size_bytes);
      return KernelBind(DRM_TQGPU_BIND_UNMAP, 0, op.va, size_bytes, 0, 0);
    }
    case HAL_VM_OP_PROTECT:
      if (placed.Contains(op.va)) return placed.Protect(op.va, size_bytes, op.access);
      if (op.access == 0) return KernelBind(DRM_TQGPU_BIND_UNMAP, 0, op.va, size_bytes, 0, 0);
      return KernelBind(DRM_TQGPU_BIND_PROTECT, op.access, op.va, size_bytes, 0, 0);
    case HAL_VM_OP_RESERVE:
      return placed.Reserve(op);
    case HAL_VM_OP_RELEASE:
      return placed.Release(op.va, size_bytes);
    default:
      return HAL_UNSUPPORTED;
  }
}

hal_status AddressSpace::MapMemory(hal_vm_op& op) {
  const Buffer& buffer = *op.mem->buffer;
  const uint64_t own = buffer.va() + op.mem_offset_bytes, size_bytes = RoundUp(op.size_bytes, kPageBytes);
  if (op.va == 0) op.va = own;
  if (op.va != own) {
    return device_.placed().Map(op.va, size_bytes, op.mem->buffer, op.mem_offset_bytes, op.access);
  }
  op.mem->NoteMapping(id_);
  return KernelBind(DRM_TQGPU_BIND_MAP, op.access, op.va, size_bytes, buffer.handle(), op.mem_offset_bytes);
}

// Two ranges may meet in a page: the page is mapped once, as long as one of them is there.
hal_status AddressSpace::MapHost(hal_vm_op& op) {
  const uint64_t address = reinterpret_cast<uintptr_t>(op.host_ptr);
  uint64_t begin = PageBegin(address), end = RoundUp(address + op.size_bytes, kPageBytes);
  op.va = address;
  uint64_t first = begin, last = end;
  if (host_pages_[begin]++ != 0) first += kPageBytes;
  if (end - begin > kPageBytes && host_pages_[end - kPageBytes]++ != 0) last -= kPageBytes;
  host_ranges_[address] = op.size_bytes;
  if (first >= last) return HAL_OK;
  const hal_status status = KernelBind(DRM_TQGPU_BIND_MAP_USERPTR, op.access, first, last - first, 0, first);
  if (status != HAL_OK) {
    host_ranges_.erase(address);
    for (const uint64_t page : {begin, end - kPageBytes}) {
      if (const auto it = host_pages_.find(page); it != host_pages_.end() && --it->second == 0)
        host_pages_.erase(it);
      if (end - begin == kPageBytes) break;
    }
  }
  return status;
}

bool AddressSpace::UnmapIfHost(uint64_t va, uint64_t size_bytes, hal_status* status) {
  const auto range = host_ranges_.find(va);
  if (range == host_ranges_.end() || range->second != size_bytes) return false;
  host_ranges_.erase(range);
  uint64_t begin = PageBegin(va), end = RoundUp(va + size_bytes, kPageBytes), first = begin, last = end;
  const auto release = [this](uint64_t page) {
    const auto it = host_pages_.find(page);
    if (--it->second != 0) return false;
    host_pages_.erase(it);
    return true;
  };
  if (!release(begin)) first += kPageBytes;
  if (end - begin > kPageBytes && !release(end - kPageBytes)) last -= kPageBytes;
  *status = first < last ? KernelBind(DRM_TQGPU_BIND_UNMAP, 0, first, last - first, 0, 0) : HAL_OK;
  return true;
}

void AddressSpace::Refresh() {
  if (status() != HAL_OK) return;
  const std::lock_guard lock(fault_mutex_);
  if (status() != HAL_OK) return;
  drm_tqgpu_vm_get_state state;
  drm_tqgpu_fault faults[kFaultsAsked] = {};
  const int error = node().VmState(id_, &state, faults);
  if (error == -ENODEV) {
    status_.store(HAL_DEVICE_LOST, std::memory_order_release);
  } else if (error != 0) {
    return;
  } else if ((state.flags & DRM_TQGPU_VM_BANNED) != 0) {
    KeepFaults({faults, std::min<size_t>(state.fault_count, kFaultsAsked)});
    status_.store(HAL_FAULTED, std::memory_order_release);
  } else if (state.reset_epoch != 0) {
    status_.store(HAL_DEVICE_LOST, std::memory_order_release);  // work of ours went with the card's restart
  } else {
    return;
  }
  device_.Notify();
  device_.Kick();
}

// The first fault is the one that is told: the others followed from it. Without a record the kernel driver
// has ended a job that ran for too long.
void AddressSpace::KeepFaults(std::span<const drm_tqgpu_fault> faults) {
  const drm_tqgpu_fault* const first = faults.empty() ? nullptr : &faults.back();
  hal_fault record = {};
  record.size = sizeof record;
  bool is_described = false;
  for (const std::shared_ptr<Queue>& queue : Queues()) {
    is_described = is_described || queue->DescribeIfFailed(first, &record);
  }
  if (!is_described) DescribeFailure(*this, first, {}, {}, &record);
  faults_.push_back(record);
}

void AddressSpace::Lose() {
  uint32_t ok = HAL_OK;
  status_.compare_exchange_strong(ok, HAL_DEVICE_LOST);
  for (const std::shared_ptr<Queue>& queue : Queues()) queue->Abandon();
}

std::vector<std::shared_ptr<Queue>> AddressSpace::Queues() {
  std::vector<std::shared_ptr<Queue>> live;
  const std::lock_guard lock(registry_mutex_);
  std::erase_if(queues_, [&](const std::weak_ptr<Queue>& queue) {
    live.push_back(queue.lock());
    if (live.back() != nullptr) return false;
    live.pop_back();
    return true;
  });
  return live;
}

bool AddressSpace::TakeFault(hal_fault* fault) {
  Refresh();
  const std::lock_guard lock(fault_mutex_);
  if (faults_.empty()) return false;
  *fault = faults_.front();
  faults_.pop_front();
  return true;
}

void AddressSpace::AddImage(const Image* image) {
  const std::lock_guard lock(registry_mutex_);
  images_.insert(image);
}

void AddressSpace::RemoveImage(const Image* image) {
  const std::lock_guard lock(registry_mutex_);
  images_.erase(image);
}

bool AddressSpace::DescribePc(uint64_t pc, hal_fault* fault) const {
  const std::lock_guard lock(registry_mutex_);
  return std::any_of(images_.begin(), images_.end(),
                     [&](const Image* image) { return image->DescribePc(pc, fault); });
}

void AddressSpace::AddQueue(const std::shared_ptr<Queue>& queue) {
  const std::lock_guard lock(registry_mutex_);
  queues_.push_back(queue);
}

namespace {

// A bind that waits for semaphores.
class WaitingBind : public Waiting {
 public:
  WaitingBind(std::shared_ptr<AddressSpace> space, std::vector<hal_vm_op> ops,
              std::vector<Queue::Point> waits, std::vector<Queue::Point> signals)
      : space_(std::move(space)),
        ops_(std::move(ops)),
        waits_(std::move(waits)),
        signals_(std::move(signals)) {
    // The memory may be destroyed before its turn comes.
    for (hal_vm_op& op : ops_) {
      if (op.mem == nullptr) continue;
      memories_.push_back(std::make_unique<hal_mem>(*op.mem));
      op.mem = memories_.back().get();
    }
  }

  State Advance() override {
    hal_status status = HAL_OK;
    for (const Queue::Point& wait : waits_) {
      if (!wait.timeline->HasReached(wait.value)) wait.timeline->Settle(true);
      if (wait.timeline->status() != HAL_OK) {
        status = wait.timeline->status();
      } else if (!wait.timeline->HasReached(wait.value)) {
        const bool runs =
            wait.timeline->ProducerOf(wait.value).queue != nullptr || wait.timeline->is_shared();
        return runs ? State::kNeedsPolling : State::kNeedsHost;
      }
    }
    if (status == HAL_OK) status = space_->Bind(ops_);
    for (const Queue::Point& signal : signals_) {
      if (status == HAL_OK) {
        signal.timeline->Signal(signal.value);
      } else {
        signal.timeline->Poison(status);
      }
    }
    return State::kFinished;
  }

 private:
  const std::shared_ptr<AddressSpace> space_;
  std::vector<hal_vm_op> ops_;
  std::vector<std::unique_ptr<hal_mem>> memories_;
  const std::vector<Queue::Point> waits_, signals_;
};

}  // namespace

hal_status VmCreate(hal_device* device, hal_vm** out) {
  std::shared_ptr<AddressSpace> space;
  const hal_status status = AddressSpace::Create(*device->device, &space);
  if (status == HAL_OK) *out = new hal_vm{std::move(space)};
  return status;
}

void VmDestroy(hal_vm* vm) { delete vm; }

// Kernel drivers have binds that wait for syncobjs; ours waits here, because poison travels past the kernel.
hal_status VmBind(hal_vm* vm, hal_vm_op* ops, size_t op_count, const hal_sem_point* waits, size_t wait_count,
                  const hal_sem_point* signals, size_t signal_count) {
  vm->space->device().ReleaseWhatIsIdle();
  if (wait_count == 0 && signal_count == 0) return vm->space->Bind({ops, op_count});
  for (size_t i = 0; i < op_count; ++i) {  // chosen at once
    hal_vm_op& op = ops[i];
    if (op.va != 0) continue;
    if (op.kind == HAL_VM_OP_MAP) op.va = op.mem->buffer->va() + op.mem_offset_bytes;
    if (op.kind == HAL_VM_OP_MAP_HOST) op.va = reinterpret_cast<uintptr_t>(op.host_ptr);
    if (op.kind == HAL_VM_OP_RESERVE) {
      if (const hal_status status = vm->space->Bind({&op, 1}); status != HAL_OK) return status;
      op.kind = 0;  // done
    }
  }
  std::vector<hal_vm_op> later;
  for (size_t i = 0; i < op_count; ++i) {
    if (ops[i].kind != 0) {
      later.push_back(ops[i]);
    } else {
      ops[i].kind = HAL_VM_OP_RESERVE;
    }
  }
  vm->space->device().Watch(std::make_shared<WaitingBind>(
      vm->space, std::move(later), PointsOf(waits, wait_count), PointsOf(signals, signal_count)));
  return HAL_OK;
}

hal_status VmAdvise(hal_vm* vm, hal_va va, uint64_t size_bytes, hal_advice advice) { return HAL_OK; }

hal_status VmStatus(hal_vm* vm) { return vm->space->status(); }

hal_status VmSetLimit(hal_vm* vm, hal_limit limit, uint64_t value) {
  return vm->space->shell().SetLimit(limit, value);
}

hal_status FaultRead(hal_vm* vm, hal_fault* fault) {
  hal_fault record;
  if (!vm->space->TakeFault(&record)) return HAL_NOT_FOUND;
  WriteSized(fault, record);
  return HAL_OK;
}

}  // namespace tq::hal::tqgpu
