// Address spaces of the device. A device address is the host's address of the same memory: the host's own
// page tables are the allocator of addresses, and what the program maps where it likes is mapped there on
// both sides. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <vector>

#include "hal/tqgpu/buffer.h"
#include "hal/tqgpu/card/shell_space.h"
#include "hal/tqgpu/device.h"

namespace tq::hal::tqgpu {

class Image;
class Queue;

class AddressSpace;

// Memory of the backend's own, mapped into an address space that outlives it.
class MappedBuffer {
 public:
  static hal_status Create(AddressSpace& space, uint64_t size_bytes, uint32_t placement, uint32_t access,
                           std::shared_ptr<MappedBuffer>* out);
  ~MappedBuffer();

  const Buffer& operator*() const { return *buffer_; }
  const Buffer* operator->() const { return buffer_.get(); }

 private:
  MappedBuffer(AddressSpace& space, std::shared_ptr<Buffer> buffer)
      : space_(space), buffer_(std::move(buffer)) {}

  AddressSpace& space_;
  const std::shared_ptr<Buffer> buffer_;
};

class AddressSpace {
 public:
  static hal_status Create(Device& device, std::shared_ptr<AddressSpace>* out);
  ~AddressSpace();
  AddressSpace(const AddressSpace&) = delete;
  AddressSpace& operator=(const AddressSpace&) = delete;

  // All ops or, at the first that fails, those before it.
  hal_status Bind(std::span<hal_vm_op> ops);
  // A buffer at its own address.
  hal_status Map(const Buffer& buffer, uint32_t access);
  void Unmap(uint64_t va, uint64_t size_bytes);
  // One operation of the kernel driver's.
  hal_status KernelBind(uint32_t op, uint32_t access, uint64_t va, uint64_t size_bytes, uint32_t handle,
                        uint64_t offset);

  hal_status status() const { return static_cast<hal_status>(status_.load(std::memory_order_acquire)); }
  // Asks the kernel driver whether the address space is banned, and keeps what it says about why.
  void Refresh();
  void Lose();  // the device was reset
  bool TakeFault(hal_fault* fault);

  void AddImage(const Image* image);
  void RemoveImage(const Image* image);
  // Says where a program counter is; false when it is in no image.
  bool DescribePc(uint64_t pc, hal_fault* fault) const;

  void AddQueue(const std::shared_ptr<Queue>& queue);

  Device& device() const { return device_; }
  RenderNode& node() const { return device_.node(); }
  uint32_t id() const { return id_; }
  ShellSpace& shell() { return shell_; }

 private:
  AddressSpace(Device& device, uint32_t id) : device_(device), id_(id), shell_(*this) {}
  hal_status BindOne(hal_vm_op& op);
  hal_status MapMemory(hal_vm_op& op);
  hal_status MapHost(hal_vm_op& op);
  bool UnmapIfHost(uint64_t va, uint64_t size_bytes, hal_status* status);
  void KeepFaults(std::span<const drm_tqgpu_fault> faults);
  std::vector<std::shared_ptr<Queue>> Queues();

  Device& device_;
  const uint32_t id_;
  std::atomic<uint32_t> status_{HAL_OK};

  std::mutex bind_mutex_;
  // Memory of the process: registered ranges, and how many of them each page at their ends belongs to.
  std::map<uint64_t, uint64_t> host_ranges_;  // address -> size
  std::map<uint64_t, uint32_t> host_pages_;

  std::mutex fault_mutex_;
  std::deque<hal_fault> faults_;

  mutable std::mutex registry_mutex_;
  std::set<const Image*> images_;
  std::vector<std::weak_ptr<Queue>> queues_;

  ShellSpace shell_;
};

}  // namespace tq::hal::tqgpu

struct hal_vm {
  std::shared_ptr<tq::hal::tqgpu::AddressSpace> space;
};

namespace tq::hal::tqgpu {

hal_status VmCreate(hal_device* device, hal_vm** out);
void VmDestroy(hal_vm* vm);
hal_status VmBind(hal_vm* vm, hal_vm_op* ops, size_t op_count, const hal_sem_point* waits, size_t wait_count,
                  const hal_sem_point* signals, size_t signal_count);
hal_status VmAdvise(hal_vm* vm, hal_va va, uint64_t size_bytes, hal_advice advice);
hal_status VmStatus(hal_vm* vm);
hal_status VmSetLimit(hal_vm* vm, hal_limit limit, uint64_t value);
hal_status FaultRead(hal_vm* vm, hal_fault* fault);

}  // namespace tq::hal::tqgpu
