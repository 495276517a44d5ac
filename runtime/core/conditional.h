// Values that decide whether parts of a graph run (CUDA C++ Programming Guide, "Conditional Graph Nodes").
// Kernels set them by a number, the cudaGraphConditionalHandle, which belongs to the graph it was made for
// and to all its executables.
//
// Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace tq::core {

class Context;
class Graph;

class Conditional {
 public:
  // `default_value` is taken at each launch, if `is_reset`.
  static std::shared_ptr<Conditional> Create(const Graph& graph, Context& context, uint32_t default_value,
                                             bool is_reset);
  // null: no such number, or its graph and executables are gone.
  static std::shared_ptr<Conditional> Find(uint64_t handle);
  ~Conditional();

  Conditional(uint64_t handle, uint64_t graph_id, Context& context, uint32_t default_value, bool is_reset)
      : handle_(handle),
        graph_id_(graph_id),
        context_(context),
        default_value_(default_value),
        is_reset_(is_reset),
        value_(default_value) {}

  uint64_t handle() const { return handle_; }
  uint64_t graph_id() const { return graph_id_; }
  Context& context() const { return context_; }

  uint32_t value() const { return value_.load(std::memory_order_acquire); }
  void Set(uint32_t value) { value_.store(value, std::memory_order_release); }
  bool is_reset() const { return is_reset_; }
  void Reset() { Set(default_value_); }

  // One node has it: false the second time.
  bool Claim() { return !is_claimed_.exchange(true); }

 private:
  const uint64_t handle_, graph_id_;
  Context& context_;
  const uint32_t default_value_;
  const bool is_reset_;
  std::atomic<uint32_t> value_;
  std::atomic<bool> is_claimed_{false};
};

}  // namespace tq::core
