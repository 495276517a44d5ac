// Memory of an allocation node: its address is fixed when the node is made, so the memory is there from then
// on, for as long as a graph or executable has the node or the program has the memory (CUDA C++ Programming
// Guide, "Graph Memory Nodes"). Thread-safe.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"

namespace tq::core {

class Allocation;
class Context;
class Device;

class GraphMemory : public std::enable_shared_from_this<GraphMemory> {
 public:
  static absl::StatusOr<std::shared_ptr<GraphMemory>> Create(Context& context, uint64_t size_bytes);
  ~GraphMemory();

  CUdeviceptr address() const { return address_; }
  uint64_t size_bytes() const { return size_bytes_; }
  Context& context() const { return context_; }

  // A launch comes to the allocation: CUDA_ERROR_INVALID_VALUE when the memory is still in use, unless
  // `frees_first`.
  absl::Status Take(bool frees_first);
  // A launch, or the program, frees it: CUDA_ERROR_INVALID_VALUE when it is not in use.
  absl::Status Give();

  // The memory that begins at `address`, or null.
  static std::shared_ptr<GraphMemory> Find(CUdeviceptr address);

  struct Figures {
    uint64_t used_bytes = 0, used_high_bytes = 0, reserved_bytes = 0, reserved_high_bytes = 0;
  };
  static Figures FiguresOf(const Device& device);
  static void ResetHigh(const Device& device, bool used);

 private:
  GraphMemory(Context& context, Allocation* allocation);

  Context& context_;
  Device& device_;
  Allocation* const allocation_;  // the context's; gone when the context is
  const CUdeviceptr address_;
  const uint64_t size_bytes_;
  // Ourselves while the program has the memory, whatever becomes of the graph.
  std::shared_ptr<GraphMemory> in_use_;
};

}  // namespace tq::core
