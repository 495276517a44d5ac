// What a node of a graph does. One class for each CUgraphNodeType; all are values, so that copying one clones
// the node.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <map>
#include <memory>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/core/copy.h"
#include "runtime/core/launch.h"

namespace tq::core {

class Conditional;
class Context;
class Event;
class Function;
class Graph;
class GraphMemory;

struct KernelOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_KERNEL;
  Function* function = nullptr;
  LaunchRequest request;
  std::vector<uint8_t> arguments;  // the block as the kernel wants it
  // Attributes that were set, by number; what they mean to the launch is in `request`.
  std::map<int, CUlaunchAttributeValue> attributes;

  // CUDA_ERROR_INVALID_VALUE and so on, as for a launch.
  static absl::StatusOr<KernelOperation> Make(Function& function, const LaunchRequest& request,
                                              void* const* kernel_params, void* const* extra);
};

struct CopyOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_MEMCPY;
  CUDA_MEMCPY3D given = {};  // as the program said it
  CopyOperand dst, src;
  CopyExtent extent;
  Context* context = nullptr;
};

struct FillOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_MEMSET;
  CUDA_MEMSET_NODE_PARAMS given = {};
  Context* context = nullptr;

  FillRequest request() const;
};

struct HostOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_HOST;
  CUhostFn function = nullptr;
  void* data = nullptr;
};

struct ChildOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_GRAPH;
  std::shared_ptr<Graph> graph;  // this node's alone; cloning a node clones it
};

struct EmptyOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_EMPTY;
};

struct EventWaitOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_WAIT_EVENT;
  Event* event = nullptr;
};

struct EventRecordOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_EVENT_RECORD;
  Event* event = nullptr;
};

struct AllocateOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_MEM_ALLOC;
  CUDA_MEM_ALLOC_NODE_PARAMS given = {};
  std::shared_ptr<GraphMemory> memory;
};

struct FreeOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_MEM_FREE;
  CUdeviceptr address = 0;
  std::shared_ptr<GraphMemory> memory;  // null: not of a graph, but of the program
};

struct MemoryOpsOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_BATCH_MEM_OP;
  Context* context = nullptr;
  std::vector<CUstreamBatchMemOpParams> operations;
};

// Of semaphores of other APIs (external_semaphore.h), by their handles: they may die before the node.
struct SemaphoreSignalOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_EXT_SEMAS_SIGNAL;
  std::vector<CUexternalSemaphore> semaphores;
  std::vector<CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS> params;
};

struct SemaphoreWaitOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT;
  std::vector<CUexternalSemaphore> semaphores;
  std::vector<CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS> params;
};

struct ConditionalOperation {
  static constexpr CUgraphNodeType kType = CU_GRAPH_NODE_TYPE_CONDITIONAL;
  std::shared_ptr<Conditional> conditional;
  CUgraphConditionalNodeType kind = CU_GRAPH_COND_TYPE_IF;
  std::vector<std::shared_ptr<Graph>> bodies;  // this node's alone
  // What the program was given to fill the bodies by; lives as long as the node.
  std::shared_ptr<std::vector<CUgraph>> handles;
};

using Operation =
    std::variant<KernelOperation, CopyOperation, FillOperation, HostOperation, ChildOperation, EmptyOperation,
                 EventWaitOperation, EventRecordOperation, AllocateOperation, FreeOperation,
                 MemoryOpsOperation, SemaphoreSignalOperation, SemaphoreWaitOperation, ConditionalOperation>;

// A copy as CUDA_MEMCPY3D says it.
CUDA_MEMCPY3D DescribeCopy(const CopyOperand& dst, const CopyOperand& src, const CopyExtent& extent);

CUgraphNodeType TypeOf(const Operation& operation);
// Null: it may run in any.
Context* ContextOf(const Operation& operation);

}  // namespace tq::core
