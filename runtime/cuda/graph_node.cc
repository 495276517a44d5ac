#include "runtime/cuda/graph_node.h"

#include <cuda.h>

#include <cstddef>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/graph.h"
#include "base/status.h"
#include "runtime/core/conditional.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/event.h"
#include "runtime/core/function.h"
#include "runtime/core/graph_exec.h"
#include "runtime/core/graph_memory.h"
#include "runtime/core/kernel.h"
#include "runtime/core/process.h"
#include "runtime/cuda/launch_attribute.h"

namespace tq::cuda::impl {

using core::Context;
using core::CudaError;
using core::Graph;
using core::GraphNode;
using core::Operation;

absl::StatusOr<std::vector<GraphNode*>> NodesAt(const CUgraphNode* nodes, size_t count) {
  if (nodes == nullptr && count != 0)
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the nodes are at no address");
  std::vector<GraphNode*> result;
  result.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    result.push_back(core::Resolve(nodes[i]));
    if (result.back() == nullptr) {
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("node ", i, " of the list is not alive"));
    }
  }
  return result;
}

namespace {

template <typename T>
absl::StatusOr<T*> OperationOf(GraphNode& node) {
  if (T* const operation = std::get_if<T>(&node.operation)) return operation;
  return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the node is of another type (", node.type(), ")"));
}

absl::StatusOr<Context*> CurrentOr(Context* context) {
  if (context == nullptr) context = Context::Current();
  if (context == nullptr) return CudaError(CUDA_ERROR_INVALID_CONTEXT, "no context is current");
  return context;
}

absl::StatusOr<Operation> MakeKernel(const CUDA_KERNEL_NODE_PARAMS& params) {
  const CUfunction handle = params.func != nullptr ? params.func : reinterpret_cast<CUfunction>(params.kern);
  core::Function* const function = core::Resolve(handle);
  if (function == nullptr) return CudaError(CUDA_ERROR_INVALID_HANDLE, "the kernel of the node is not alive");
  core::LaunchRequest request;
  request.grid = {params.gridDimX, params.gridDimY, params.gridDimZ};
  request.block = {params.blockDimX, params.blockDimY, params.blockDimZ};
  request.dynamic_shared_bytes = params.sharedMemBytes;
  ASSIGN_OR_RETURN(core::KernelOperation kernel,
                   core::KernelOperation::Make(*function, request, params.kernelParams, params.extra));
  return kernel;
}

absl::StatusOr<Operation> MakeFill(const CUDA_MEMSET_NODE_PARAMS& params, Context* context) {
  core::FillOperation fill;
  fill.given = params;
  ASSIGN_OR_RETURN(fill.context, CurrentOr(context));
  if (params.elementSize != 1 && params.elementSize != 2 && params.elementSize != 4) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("elements are of 1, 2 or 4 bytes (", params.elementSize, ")"));
  }
  if (params.dst == 0 || params.width == 0 || params.height == 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the fill has no memory");
  }
  return fill;
}

absl::StatusOr<Operation> MakeHost(CUhostFn function, void* data) {
  if (function == nullptr) return CudaError(CUDA_ERROR_INVALID_VALUE, "the function of the node is null");
  return core::HostOperation{function, data};
}

absl::StatusOr<Operation> MakeChild(const Graph& graph) {
  ASSIGN_OR_RETURN(std::shared_ptr<Graph> child, graph.Clone());
  child->set_is_child();
  return core::ChildOperation{std::move(child)};
}

absl::StatusOr<Operation> MakeMemoryOps(CUcontext context_handle, unsigned count,
                                        const CUstreamBatchMemOpParams* ops, unsigned flags) {
  if (flags != 0)
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are not 0 (", flags, ")"));
  if (count == 0 || count > 256 || ops == nullptr) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("a batch has 1 to 256 operations (", count, ")"));
  }
  Context* const given = context_handle == nullptr ? nullptr : core::Resolve(context_handle);
  if (context_handle != nullptr && given == nullptr) {
    return CudaError(CUDA_ERROR_INVALID_CONTEXT, "the context of the node is not alive");
  }
  core::MemoryOpsOperation operation;
  ASSIGN_OR_RETURN(operation.context, CurrentOr(given));
  operation.operations.assign(ops, ops + count);
  return operation;
}

absl::Status CheckBodies(CUgraphConditionalNodeType kind, unsigned count) {
  switch (kind) {
    case CU_GRAPH_COND_TYPE_IF:
      if (count == 1 || count == 2) return absl::OkStatus();
      break;
    case CU_GRAPH_COND_TYPE_WHILE:
      if (count == 1) return absl::OkStatus();
      break;
    case CU_GRAPH_COND_TYPE_SWITCH:
      if (count != 0) return absl::OkStatus();
      break;
    default:
      return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no conditional node of type ", kind));
  }
  return CudaError(CUDA_ERROR_INVALID_VALUE,
                   absl::StrCat("a conditional node of type ", kind, " has not ", count, " bodies"));
}

absl::StatusOr<Operation> MakeConditional(CUDA_CONDITIONAL_NODE_PARAMS& params) {
  RETURN_IF_ERROR(CheckBodies(params.type, params.size));
  core::ConditionalOperation operation;
  operation.conditional = core::Conditional::Find(params.handle);
  if (operation.conditional == nullptr)
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no conditional ", params.handle));
  if (!operation.conditional->Claim())
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("conditional ", params.handle, " has its node"));
  operation.kind = params.type;
  operation.handles = std::make_shared<std::vector<CUgraph>>();
  for (unsigned i = 0; i < params.size; ++i) {
    operation.bodies.push_back(std::make_shared<Graph>());
    operation.bodies.back()->set_is_child();
    operation.handles->push_back(operation.bodies.back()->handle());
  }
  params.phGraph_out = operation.handles->data();
  return operation;
}

// They stay as they were made.
absl::Status RefuseConditional(const CUgraphNodeParams& params) {
  if (params.type != CU_GRAPH_NODE_TYPE_CONDITIONAL) return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_VALUE, "conditional nodes have no parameters that can be set");
}

template <typename Params>
absl::StatusOr<Operation> MakeAllocate(Params& params) {
  if (params.bytesize == 0) return CudaError(CUDA_ERROR_INVALID_VALUE, "the size of the allocation is 0");
  if (params.poolProps.allocType != CU_MEM_ALLOCATION_TYPE_PINNED ||
      params.poolProps.location.type != CU_MEM_LOCATION_TYPE_DEVICE) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "graphs allocate pinned memory on devices");
  }
  ASSIGN_OR_RETURN(Context* const context, CurrentOr(nullptr));
  if (params.poolProps.location.id != context->device().ordinal()) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED,
                     "the memory of a graph is on the device of the current context");
  }
  core::AllocateOperation allocate;
  ASSIGN_OR_RETURN(allocate.memory, core::GraphMemory::Create(*context, params.bytesize));
  params.dptr = allocate.memory->address();
  allocate.given = {params.poolProps, params.accessDescs, params.accessDescCount, params.bytesize,
                    params.dptr};
  return allocate;
}

absl::StatusOr<Operation> MakeFree(CUdeviceptr address) {
  std::shared_ptr<core::GraphMemory> memory = core::GraphMemory::Find(address);
  if (memory == nullptr) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("no graph has allocated 0x", absl::Hex(address)));
  }
  return core::FreeOperation{address, std::move(memory)};
}

absl::StatusOr<core::Event*> EventAt(CUevent handle) {
  core::Event* const event = core::Resolve(handle);
  if (event == nullptr) return CudaError(CUDA_ERROR_INVALID_HANDLE, "the event of the node is not alive");
  return event;
}

absl::Status GetKernel(GraphNode& node, CUDA_KERNEL_NODE_PARAMS& params) {
  ASSIGN_OR_RETURN(core::KernelOperation* const kernel, OperationOf<core::KernelOperation>(node));
  node.parameter_pointers.clear();
  for (const auto& parameter : kernel->function->parameters()) {
    node.parameter_pointers.push_back(kernel->arguments.data() + parameter.offset_bytes);
  }
  const core::LaunchRequest& request = kernel->request;
  params = {};
  params.func = kernel->function->handle();
  if (kernel->function->kernel() != nullptr) params.kern = kernel->function->kernel()->handle();
  params.ctx = kernel->function->context().handle<CUcontext>();
  params.gridDimX = request.grid.x;
  params.gridDimY = request.grid.y;
  params.gridDimZ = request.grid.z;
  params.blockDimX = request.block.x;
  params.blockDimY = request.block.y;
  params.blockDimZ = request.block.z;
  params.sharedMemBytes = request.dynamic_shared_bytes;
  params.kernelParams = node.parameter_pointers.data();
  return absl::OkStatus();
}

CUDA_KERNEL_NODE_PARAMS Widen(const CUDA_KERNEL_NODE_PARAMS_v1& old) {
  CUDA_KERNEL_NODE_PARAMS params = {};
  static_assert(offsetof(CUDA_KERNEL_NODE_PARAMS, kern) == sizeof(old));
  std::memcpy(&params, &old, sizeof(old));
  return params;
}

CUDA_KERNEL_NODE_PARAMS OfGeneric(const CUDA_KERNEL_NODE_PARAMS_v3& generic) {
  CUDA_KERNEL_NODE_PARAMS params;
  static_assert(sizeof(params) == sizeof(generic));
  std::memcpy(&params, &generic, sizeof(params));
  return params;
}

absl::StatusOr<Operation> MakeCopyIn(const CUDA_MEMCPY3D& copy, Context* context) {
  ASSIGN_OR_RETURN(Context* const in, CurrentOr(context));
  ASSIGN_OR_RETURN(core::CopyOperation operation, MakeCopyOperation(copy, *in));
  return operation;
}

absl::StatusOr<Context*> Optional(CUcontext handle) {
  if (handle == nullptr) return nullptr;
  Context* const context = core::Resolve(handle);
  if (context == nullptr)
    return CudaError(CUDA_ERROR_INVALID_CONTEXT, "the context of the node is not alive");
  return context;
}

}  // namespace

absl::Status AddNode(CUgraphNode* out, Graph& graph, const CUgraphNode* dependencies, size_t count,
                     absl::StatusOr<Operation> operation, const CUgraphEdgeData* data) {
  if (!operation.ok()) return operation.status();
  ASSIGN_OR_RETURN(const std::vector<GraphNode*> before, NodesAt(dependencies, count));
  const absl::Span<const CUgraphEdgeData> edges(data, data == nullptr ? 0 : count);
  ASSIGN_OR_RETURN(GraphNode* const node, graph.Add(*std::move(operation), before, edges));
  *out = node->handle();
  return absl::OkStatus();
}

absl::Status SetNode(GraphNode& node, absl::StatusOr<Operation> operation) {
  if (!operation.ok()) return operation.status();
  if (TypeOf(*operation) != node.type()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the node is of another type (", node.type(), ")"));
  }
  node.operation = *std::move(operation);
  return absl::OkStatus();
}

absl::StatusOr<Operation> MakeOperation(CUgraphNodeParams& params) {
  switch (params.type) {
    case CU_GRAPH_NODE_TYPE_KERNEL:
      return MakeKernel(OfGeneric(params.kernel));
    case CU_GRAPH_NODE_TYPE_MEMCPY: {
      ASSIGN_OR_RETURN(Context* const context, Optional(params.memcpy.copyCtx));
      return MakeCopyIn(params.memcpy.copyParams, context);
    }
    case CU_GRAPH_NODE_TYPE_MEMSET: {
      const CUDA_MEMSET_NODE_PARAMS_v2& fill = params.memset;
      ASSIGN_OR_RETURN(Context* const context, Optional(fill.ctx));
      return MakeFill({fill.dst, fill.pitch, fill.value, fill.elementSize, fill.width, fill.height}, context);
    }
    case CU_GRAPH_NODE_TYPE_HOST:
      return MakeHost(params.host.fn, params.host.userData);
    case CU_GRAPH_NODE_TYPE_GRAPH: {
      const Graph* const graph = core::Resolve(params.graph.graph);
      if (graph == nullptr) return CudaError(CUDA_ERROR_INVALID_HANDLE, "the child graph is not alive");
      return MakeChild(*graph);
    }
    case CU_GRAPH_NODE_TYPE_EMPTY:
      return core::EmptyOperation{};
    case CU_GRAPH_NODE_TYPE_WAIT_EVENT: {
      ASSIGN_OR_RETURN(core::Event* const event, EventAt(params.eventWait.event));
      return core::EventWaitOperation{event};
    }
    case CU_GRAPH_NODE_TYPE_EVENT_RECORD: {
      ASSIGN_OR_RETURN(core::Event* const event, EventAt(params.eventRecord.event));
      return core::EventRecordOperation{event};
    }
    case CU_GRAPH_NODE_TYPE_MEM_ALLOC:
      return MakeAllocate(params.alloc);
    case CU_GRAPH_NODE_TYPE_MEM_FREE:
      return MakeFree(params.free.dptr);
    case CU_GRAPH_NODE_TYPE_BATCH_MEM_OP:
      return MakeMemoryOps(params.memOp.ctx, params.memOp.count, params.memOp.paramArray, params.memOp.flags);
    case CU_GRAPH_NODE_TYPE_CONDITIONAL:
      return MakeConditional(params.conditional);
    case CU_GRAPH_NODE_TYPE_EXT_SEMAS_SIGNAL:
      return MakeSignalOperation(params.extSemSignal);
    case CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT:
      return MakeWaitOperation(params.extSemWait);
  }
  return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no node type ", params.type));
}

absl::Status cuGraphConditionalHandleCreate(CUgraphConditionalHandle* handle, Graph& graph, Context* context,
                                            unsigned int default_value, unsigned int flags) {
  if ((flags & ~static_cast<unsigned>(CU_GRAPH_COND_ASSIGN_DEFAULT)) != 0)
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are invalid (", flags, ")"));
  ASSIGN_OR_RETURN(Context* const owner, CurrentOr(context));
  auto conditional =
      core::Conditional::Create(graph, *owner, default_value, (flags & CU_GRAPH_COND_ASSIGN_DEFAULT) != 0);
  *handle = conditional->handle();
  graph.AddConditional(std::move(conditional));
  return absl::OkStatus();
}

// ---- adding

absl::Status cuGraphAddKernelNode_v2(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies,
                                     size_t count, const CUDA_KERNEL_NODE_PARAMS* params) {
  return AddNode(node, graph, dependencies, count, MakeKernel(*params));
}
absl::Status cuGraphAddKernelNode(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies,
                                  size_t count, const CUDA_KERNEL_NODE_PARAMS_v1* params) {
  return AddNode(node, graph, dependencies, count, MakeKernel(Widen(*params)));
}
absl::Status cuGraphAddMemcpyNode(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies,
                                  size_t count, const CUDA_MEMCPY3D* params, Context* context) {
  return AddNode(node, graph, dependencies, count, MakeCopyIn(*params, context));
}
absl::Status cuGraphAddMemsetNode(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies,
                                  size_t count, const CUDA_MEMSET_NODE_PARAMS* params, Context* context) {
  return AddNode(node, graph, dependencies, count, MakeFill(*params, context));
}
absl::Status cuGraphAddHostNode(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies,
                                size_t count, const CUDA_HOST_NODE_PARAMS* params) {
  return AddNode(node, graph, dependencies, count, MakeHost(params->fn, params->userData));
}
absl::Status cuGraphAddChildGraphNode(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies,
                                      size_t count, Graph& child) {
  if (child.HasMemoryNodes()) {
    return CudaError(CUDA_ERROR_NOT_SUPPORTED, "a graph with memory nodes cannot be cloned into another");
  }
  return AddNode(node, graph, dependencies, count, MakeChild(child));
}
absl::Status cuGraphAddEmptyNode(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies,
                                 size_t count) {
  return AddNode(node, graph, dependencies, count, core::EmptyOperation{});
}
absl::Status cuGraphAddEventRecordNode(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies,
                                       size_t count, core::Event& event) {
  return AddNode(node, graph, dependencies, count, core::EventRecordOperation{&event});
}
absl::Status cuGraphAddEventWaitNode(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies,
                                     size_t count, core::Event& event) {
  return AddNode(node, graph, dependencies, count, core::EventWaitOperation{&event});
}
absl::Status cuGraphAddBatchMemOpNode(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies,
                                      size_t count, const CUDA_BATCH_MEM_OP_NODE_PARAMS* params) {
  return AddNode(node, graph, dependencies, count,
                 MakeMemoryOps(params->ctx, params->count, params->paramArray, params->flags));
}
absl::Status cuGraphAddMemAllocNode(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies,
                                    size_t count, CUDA_MEM_ALLOC_NODE_PARAMS* params) {
  return AddNode(node, graph, dependencies, count, MakeAllocate(*params));
}
absl::Status cuGraphAddMemFreeNode(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies,
                                   size_t count, CUdeviceptr address) {
  return AddNode(node, graph, dependencies, count, MakeFree(address));
}
absl::Status cuGraphAddNode_v2(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies,
                               const CUgraphEdgeData* data, size_t count, CUgraphNodeParams* params) {
  return AddNode(node, graph, dependencies, count, MakeOperation(*params), data);
}
absl::Status cuGraphAddNode(CUgraphNode* node, Graph& graph, const CUgraphNode* dependencies, size_t count,
                            CUgraphNodeParams* params) {
  return impl::cuGraphAddNode_v2(node, graph, dependencies, nullptr, count, params);
}

// ---- reading

absl::Status cuGraphKernelNodeGetParams_v2(GraphNode& node, CUDA_KERNEL_NODE_PARAMS* params) {
  return GetKernel(node, *params);
}
absl::Status cuGraphKernelNodeGetParams(GraphNode& node, CUDA_KERNEL_NODE_PARAMS_v1* params) {
  CUDA_KERNEL_NODE_PARAMS wide;
  RETURN_IF_ERROR(GetKernel(node, wide));
  std::memcpy(params, &wide, sizeof(*params));
  return absl::OkStatus();
}
absl::Status cuGraphMemcpyNodeGetParams(GraphNode& node, CUDA_MEMCPY3D* params) {
  ASSIGN_OR_RETURN(const core::CopyOperation* const copy, OperationOf<core::CopyOperation>(node));
  *params = copy->given;
  return absl::OkStatus();
}
absl::Status cuGraphMemsetNodeGetParams(GraphNode& node, CUDA_MEMSET_NODE_PARAMS* params) {
  ASSIGN_OR_RETURN(const core::FillOperation* const fill, OperationOf<core::FillOperation>(node));
  *params = fill->given;
  return absl::OkStatus();
}
absl::Status cuGraphHostNodeGetParams(GraphNode& node, CUDA_HOST_NODE_PARAMS* params) {
  ASSIGN_OR_RETURN(const core::HostOperation* const host, OperationOf<core::HostOperation>(node));
  *params = {host->function, host->data};
  return absl::OkStatus();
}
absl::Status cuGraphChildGraphNodeGetGraph(GraphNode& node, CUgraph* graph) {
  ASSIGN_OR_RETURN(const core::ChildOperation* const child, OperationOf<core::ChildOperation>(node));
  *graph = child->graph->handle();
  return absl::OkStatus();
}
absl::Status cuGraphEventRecordNodeGetEvent(GraphNode& node, CUevent* event) {
  ASSIGN_OR_RETURN(const core::EventRecordOperation* const record,
                   OperationOf<core::EventRecordOperation>(node));
  *event = record->event->handle<CUevent>();
  return absl::OkStatus();
}
absl::Status cuGraphEventWaitNodeGetEvent(GraphNode& node, CUevent* event) {
  ASSIGN_OR_RETURN(const core::EventWaitOperation* const wait, OperationOf<core::EventWaitOperation>(node));
  *event = wait->event->handle<CUevent>();
  return absl::OkStatus();
}
absl::Status cuGraphBatchMemOpNodeGetParams(GraphNode& node, CUDA_BATCH_MEM_OP_NODE_PARAMS* params) {
  ASSIGN_OR_RETURN(core::MemoryOpsOperation* const operation, OperationOf<core::MemoryOpsOperation>(node));
  *params = {operation->context->handle<CUcontext>(), static_cast<unsigned>(operation->operations.size()),
             operation->operations.data(), 0};
  return absl::OkStatus();
}
absl::Status cuGraphMemAllocNodeGetParams(GraphNode& node, CUDA_MEM_ALLOC_NODE_PARAMS* params) {
  ASSIGN_OR_RETURN(const core::AllocateOperation* const allocate, OperationOf<core::AllocateOperation>(node));
  *params = allocate->given;
  return absl::OkStatus();
}
absl::Status cuGraphMemFreeNodeGetParams(GraphNode& node, CUdeviceptr* address) {
  ASSIGN_OR_RETURN(const core::FreeOperation* const free, OperationOf<core::FreeOperation>(node));
  *address = free->address;
  return absl::OkStatus();
}

// ---- changing

absl::Status cuGraphKernelNodeSetParams_v2(GraphNode& node, const CUDA_KERNEL_NODE_PARAMS* params) {
  return SetNode(node, MakeKernel(*params));
}
absl::Status cuGraphKernelNodeSetParams(GraphNode& node, const CUDA_KERNEL_NODE_PARAMS_v1* params) {
  return SetNode(node, MakeKernel(Widen(*params)));
}
absl::Status cuGraphMemcpyNodeSetParams(GraphNode& node, const CUDA_MEMCPY3D* params) {
  return SetNode(node, MakeCopyIn(*params, ContextOf(node.operation)));
}
absl::Status cuGraphMemsetNodeSetParams(GraphNode& node, const CUDA_MEMSET_NODE_PARAMS* params) {
  return SetNode(node, MakeFill(*params, ContextOf(node.operation)));
}
absl::Status cuGraphHostNodeSetParams(GraphNode& node, const CUDA_HOST_NODE_PARAMS* params) {
  return SetNode(node, MakeHost(params->fn, params->userData));
}
absl::Status cuGraphEventRecordNodeSetEvent(GraphNode& node, core::Event& event) {
  return SetNode(node, core::EventRecordOperation{&event});
}
absl::Status cuGraphEventWaitNodeSetEvent(GraphNode& node, core::Event& event) {
  return SetNode(node, core::EventWaitOperation{&event});
}
absl::Status cuGraphBatchMemOpNodeSetParams(GraphNode& node, const CUDA_BATCH_MEM_OP_NODE_PARAMS* params) {
  return SetNode(node, MakeMemoryOps(params->ctx, params->count, params->paramArray, params->flags));
}
absl::Status cuGraphNodeSetParams(GraphNode& node, CUgraphNodeParams* params) {
  RETURN_IF_ERROR(RefuseConditional(*params));
  return SetNode(node, MakeOperation(*params));
}

// ---- of executables

absl::Status cuGraphExecKernelNodeSetParams_v2(core::GraphExec& exec, GraphNode& node,
                                               const CUDA_KERNEL_NODE_PARAMS* params) {
  ASSIGN_OR_RETURN(Operation operation, MakeKernel(*params));
  return exec.SetOperation(node, std::move(operation));
}
absl::Status cuGraphExecKernelNodeSetParams(core::GraphExec& exec, GraphNode& node,
                                            const CUDA_KERNEL_NODE_PARAMS_v1* params) {
  ASSIGN_OR_RETURN(Operation operation, MakeKernel(Widen(*params)));
  return exec.SetOperation(node, std::move(operation));
}
absl::Status cuGraphExecMemcpyNodeSetParams(core::GraphExec& exec, GraphNode& node,
                                            const CUDA_MEMCPY3D* params, Context* context) {
  ASSIGN_OR_RETURN(Operation operation, MakeCopyIn(*params, context));
  return exec.SetOperation(node, std::move(operation));
}
absl::Status cuGraphExecMemsetNodeSetParams(core::GraphExec& exec, GraphNode& node,
                                            const CUDA_MEMSET_NODE_PARAMS* params, Context* context) {
  ASSIGN_OR_RETURN(Operation operation, MakeFill(*params, context));
  return exec.SetOperation(node, std::move(operation));
}
absl::Status cuGraphExecHostNodeSetParams(core::GraphExec& exec, GraphNode& node,
                                          const CUDA_HOST_NODE_PARAMS* params) {
  ASSIGN_OR_RETURN(Operation operation, MakeHost(params->fn, params->userData));
  return exec.SetOperation(node, std::move(operation));
}
absl::Status cuGraphExecEventRecordNodeSetEvent(core::GraphExec& exec, GraphNode& node, core::Event& event) {
  return exec.SetOperation(node, core::EventRecordOperation{&event});
}
absl::Status cuGraphExecEventWaitNodeSetEvent(core::GraphExec& exec, GraphNode& node, core::Event& event) {
  return exec.SetOperation(node, core::EventWaitOperation{&event});
}
absl::Status cuGraphExecBatchMemOpNodeSetParams(core::GraphExec& exec, GraphNode& node,
                                                const CUDA_BATCH_MEM_OP_NODE_PARAMS* params) {
  ASSIGN_OR_RETURN(Operation operation,
                   MakeMemoryOps(params->ctx, params->count, params->paramArray, params->flags));
  return exec.SetOperation(node, std::move(operation));
}
absl::Status cuGraphExecNodeSetParams(core::GraphExec& exec, GraphNode& node, CUgraphNodeParams* params) {
  RETURN_IF_ERROR(RefuseConditional(*params));
  ASSIGN_OR_RETURN(Operation operation, MakeOperation(*params));
  return exec.SetOperation(node, std::move(operation));
}

// ---- attributes of kernel nodes

absl::Status cuGraphKernelNodeSetAttribute(GraphNode& node, CUkernelNodeAttrID attribute,
                                           const CUkernelNodeAttrValue* value) {
  ASSIGN_OR_RETURN(core::KernelOperation* const kernel, OperationOf<core::KernelOperation>(node));
  core::LaunchRequest request = kernel->request;
  LaunchEvents events;
  RETURN_IF_ERROR(ApplyLaunchAttribute({attribute, {}, *value}, request, events));
  if (events.record != nullptr) return CudaError(CUDA_ERROR_INVALID_VALUE, "nodes have no launch events");
  kernel->request = request;
  kernel->attributes[attribute] = *value;
  return absl::OkStatus();
}
absl::Status cuGraphKernelNodeGetAttribute(GraphNode& node, CUkernelNodeAttrID attribute,
                                           CUkernelNodeAttrValue* value) {
  ASSIGN_OR_RETURN(const core::KernelOperation* const kernel, OperationOf<core::KernelOperation>(node));
  const auto entry = kernel->attributes.find(attribute);
  *value = entry == kernel->attributes.end() ? CUkernelNodeAttrValue{} : entry->second;
  return absl::OkStatus();
}
absl::Status cuGraphKernelNodeCopyAttributes(GraphNode& dst, GraphNode& src) {
  ASSIGN_OR_RETURN(const core::KernelOperation* const from, OperationOf<core::KernelOperation>(src));
  for (const auto& [attribute, value] : from->attributes) {
    RETURN_IF_ERROR(
        impl::cuGraphKernelNodeSetAttribute(dst, static_cast<CUkernelNodeAttrID>(attribute), &value));
  }
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
