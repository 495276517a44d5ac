// Memory of the device or of the host that the device reaches, mapped into the process. Its address on the
// device is that of the host mapping. Thread-safe; the last owner frees it.
#pragma once

#include <cstdint>
#include <memory>

#include "hal/tqgpu/render_node.h"

namespace tq::hal::tqgpu {

inline constexpr uint64_t kPageBytes = 4096;
inline uint64_t RoundUp(uint64_t value, uint64_t align) { return (value + align - 1) / align * align; }

// Address space of the host that nothing else takes: where device memory will be mapped.
class HostRange {
 public:
  HostRange() = default;
  // At `at` exactly, or anywhere with 0. Empty when there is no room.
  HostRange(uint64_t size_bytes, uint64_t align_bytes, uint64_t at = 0);
  HostRange(HostRange&& other) noexcept;
  HostRange& operator=(HostRange&& other) noexcept;
  ~HostRange();

  explicit operator bool() const { return size_bytes_ != 0; }
  uint64_t address() const { return address_; }
  uint64_t size_bytes() const { return size_bytes_; }
  // Takes whatever is mapped in a part of it away; the part stays reserved.
  static void Clear(uint64_t address, uint64_t size_bytes);

 private:
  uint64_t address_ = 0, size_bytes_ = 0;
};

class Buffer {
 public:
  // `align_bytes` is a power of two. The memory is cleared.
  static hal_status Create(RenderNode& node, uint64_t size_bytes, uint64_t align_bytes, uint32_t placement,
                           std::shared_ptr<Buffer>* out);
  // HAL_INVALID when the object behind `fd` is no DMA buffer, or has not size_bytes.
  static hal_status Import(RenderNode& node, int fd, uint64_t size_bytes, std::shared_ptr<Buffer>* out);
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  template <typename T>
  T* as(uint64_t offset_bytes = 0) const {
    return reinterpret_cast<T*>(range_.address() + offset_bytes);
  }
  uint64_t va() const { return range_.address(); }
  uint64_t size_bytes() const { return size_bytes_; }  // whole pages
  uint32_t handle() const { return handle_; }
  RenderNode& node() const { return node_; }

 private:
  Buffer(RenderNode& node, uint32_t handle, uint64_t size_bytes)
      : node_(node), handle_(handle), size_bytes_(size_bytes) {}
  hal_status Map(uint64_t align_bytes);

  RenderNode& node_;
  const uint32_t handle_;
  const uint64_t size_bytes_;
  HostRange range_;
};

}  // namespace tq::hal::tqgpu
