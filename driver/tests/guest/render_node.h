// The driver's render node for tests: one file, one address space, and command streams for it.
#ifndef TIANQIAO_DRIVER_TESTS_GUEST_RENDER_NODE_H_
#define TIANQIAO_DRIVER_TESTS_GUEST_RENDER_NODE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "driver/abi/tqgpu_card.h"
#include "driver/uapi/tqgpu_drm.h"

namespace tq::driver {

struct Buffer {
  uint32_t handle = 0;
  uint64_t size = 0;
  uint8_t* data = nullptr;  // mapped
};

// A command stream being written.
class Stream {
 public:
  template <typename Packet>
  Stream& Add(Packet packet, tqgpu_packet_op op) {
    packet.header = {op, sizeof packet};
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(&packet);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof packet);
    return *this;
  }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

// Opens the first render node of the driver. Calls return 0 or -errno.
class RenderNode {
 public:
  RenderNode();
  ~RenderNode();
  RenderNode(const RenderNode&) = delete;
  RenderNode& operator=(const RenderNode&) = delete;

  bool ok() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  int Ioctl(unsigned long request, void* argument) const;

  Buffer Create(uint64_t size, uint32_t placement = DRM_TQGPU_PLACE_VRAM);
  void Destroy(Buffer& buffer);
  uint32_t CreateVm();
  uint32_t CreateQueue(uint32_t vm, uint32_t queue_class = DRM_TQGPU_QUEUE_COMPUTE);
  int Bind(uint32_t vm, const drm_tqgpu_bind_op& op);
  int Map(uint32_t vm, const Buffer& buffer, uint64_t va, uint32_t flags = 0);
  int Unmap(uint32_t vm, uint64_t va, uint64_t size);

  // Runs the stream that lies at stream_va and waits for its end. 0: it ended, well or not; -ETIME.
  int Submit(uint32_t queue, uint64_t stream_va, uint64_t size, uint64_t* point);
  int Wait(uint64_t point, int timeout_ms = 60000);
  drm_tqgpu_vm_get_state VmState(uint32_t vm, std::vector<drm_tqgpu_fault>* faults = nullptr);
  uint32_t QueueState(uint32_t queue);
  drm_tqgpu_dev_info Info();
  drm_tqgpu_dev_memory Memory();
  uint32_t syncobj() const { return syncobj_; }

 private:
  int fd_ = -1;
  uint32_t syncobj_ = 0;
  uint64_t last_point_ = 0;
};

}  // namespace tq::driver

#endif  // TIANQIAO_DRIVER_TESTS_GUEST_RENDER_NODE_H_
