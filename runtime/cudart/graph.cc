// Graphs, where the runtime's nodes differ from the driver's: kernels are host functions, copies have a
// direction, fills have no context (CUDA Runtime API, "Graph Management").
#include "api/cudart_graph.h"
#include "runtime/cudart/copy_description.h"
#include "runtime/cudart/entry.h"
#include "runtime/cudart/graph_parameters.h"
#include "runtime/cudart/registry.h"

namespace tq::cudart::impl {
namespace {

cudaError_t ToDriver(const cudaKernelNodeParams& params, CUDA_KERNEL_NODE_PARAMS& out) {
  out = {};
  return ToDriverKernel(params, out);
}

CUDA_MEMSET_NODE_PARAMS ToDriver(const cudaMemsetParams& params) {
  return {reinterpret_cast<CUdeviceptr>(params.dst),
          params.pitch,
          params.value,
          params.elementSize,
          params.width,
          params.height};
}

CUDA_MEMCPY3D Linear(void* dst, const void* src, size_t count) {
  CUDA_MEMCPY3D copy = {};
  copy.dstMemoryType = copy.srcMemoryType = CU_MEMORYTYPE_UNIFIED;
  copy.dstDevice = reinterpret_cast<CUdeviceptr>(dst);
  copy.srcDevice = reinterpret_cast<CUdeviceptr>(src);
  copy.WidthInBytes = count;
  copy.Height = copy.Depth = 1;
  return copy;
}

cudaError_t ToSymbol(const void* symbol, const void* src, size_t count, size_t offset, CUDA_MEMCPY3D& copy) {
  void* dst = nullptr;
  if (const cudaError_t error = SymbolRange(symbol, offset, count, &dst); error != cudaSuccess) return error;
  copy = Linear(dst, src, count);
  return cudaSuccess;
}
cudaError_t FromSymbol(void* dst, const void* symbol, size_t count, size_t offset, CUDA_MEMCPY3D& copy) {
  void* src = nullptr;
  if (const cudaError_t error = SymbolRange(symbol, offset, count, &src); error != cudaSuccess) return error;
  copy = Linear(dst, src, count);
  return cudaSuccess;
}

}  // namespace

// ---- kernels

cudaError_t cudaGraphAddKernelNode(cudaGraphNode_t* node, cudaGraph_t graph,
                                   const cudaGraphNode_t* dependencies, size_t count,
                                   const cudaKernelNodeParams* params) {
  CUDA_KERNEL_NODE_PARAMS kernel;
  if (const cudaError_t error = ToDriver(*params, kernel); error != cudaSuccess) return error;
  return ToRuntimeError(cuGraphAddKernelNode_v2(node, graph, dependencies, count, &kernel));
}
cudaError_t cudaGraphKernelNodeSetParams(cudaGraphNode_t node, const cudaKernelNodeParams* params) {
  CUDA_KERNEL_NODE_PARAMS kernel;
  if (const cudaError_t error = ToDriver(*params, kernel); error != cudaSuccess) return error;
  return ToRuntimeError(cuGraphKernelNodeSetParams_v2(node, &kernel));
}
cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                             const cudaKernelNodeParams* params) {
  CUDA_KERNEL_NODE_PARAMS kernel;
  if (const cudaError_t error = ToDriver(*params, kernel); error != cudaSuccess) return error;
  return ToRuntimeError(cuGraphExecKernelNodeSetParams_v2(exec, node, &kernel));
}
cudaError_t cudaGraphKernelNodeGetParams(cudaGraphNode_t node, cudaKernelNodeParams* params) {
  CUDA_KERNEL_NODE_PARAMS kernel;
  TQ_CUDART_RETURN_IF_ERROR(cuGraphKernelNodeGetParams_v2(node, &kernel));
  // What the runtime calls a kernel may be a function of the driver's as well (cudaGetFuncBySymbol).
  const void* const host_function = Registry::Get().FindHostFunction(kernel.kern);
  params->func = host_function != nullptr ? const_cast<void*>(host_function) : kernel.func;
  params->gridDim = {kernel.gridDimX, kernel.gridDimY, kernel.gridDimZ};
  params->blockDim = {kernel.blockDimX, kernel.blockDimY, kernel.blockDimZ};
  params->sharedMemBytes = kernel.sharedMemBytes;
  params->kernelParams = kernel.kernelParams;
  params->extra = kernel.extra;
  return cudaSuccess;
}

// ---- copies

cudaError_t cudaGraphAddMemcpyNode(cudaGraphNode_t* node, cudaGraph_t graph,
                                   const cudaGraphNode_t* dependencies, size_t count,
                                   const cudaMemcpy3DParms* params) {
  CUDA_MEMCPY3D copy;
  if (const cudaError_t error = Describe3D(copy, *params); error != cudaSuccess) return error;
  return ToRuntimeError(cuGraphAddMemcpyNode(node, graph, dependencies, count, &copy, CurrentContext()));
}
cudaError_t cudaGraphAddMemcpyNode1D(cudaGraphNode_t* node, cudaGraph_t graph,
                                     const cudaGraphNode_t* dependencies, size_t dependency_count, void* dst,
                                     const void* src, size_t count, cudaMemcpyKind kind) {
  const CUDA_MEMCPY3D copy = Linear(dst, src, count);
  return ToRuntimeError(
      cuGraphAddMemcpyNode(node, graph, dependencies, dependency_count, &copy, CurrentContext()));
}
cudaError_t cudaGraphAddMemcpyNodeToSymbol(cudaGraphNode_t* node, cudaGraph_t graph,
                                           const cudaGraphNode_t* dependencies, size_t dependency_count,
                                           const void* symbol, const void* src, size_t count, size_t offset,
                                           cudaMemcpyKind kind) {
  CUDA_MEMCPY3D copy;
  if (const cudaError_t error = ToSymbol(symbol, src, count, offset, copy); error != cudaSuccess)
    return error;
  return ToRuntimeError(
      cuGraphAddMemcpyNode(node, graph, dependencies, dependency_count, &copy, CurrentContext()));
}
cudaError_t cudaGraphAddMemcpyNodeFromSymbol(cudaGraphNode_t* node, cudaGraph_t graph,
                                             const cudaGraphNode_t* dependencies, size_t dependency_count,
                                             void* dst, const void* symbol, size_t count, size_t offset,
                                             cudaMemcpyKind kind) {
  CUDA_MEMCPY3D copy;
  if (const cudaError_t error = FromSymbol(dst, symbol, count, offset, copy); error != cudaSuccess)
    return error;
  return ToRuntimeError(
      cuGraphAddMemcpyNode(node, graph, dependencies, dependency_count, &copy, CurrentContext()));
}
cudaError_t cudaGraphMemcpyNodeSetParams(cudaGraphNode_t node, const cudaMemcpy3DParms* params) {
  CUDA_MEMCPY3D copy;
  if (const cudaError_t error = Describe3D(copy, *params); error != cudaSuccess) return error;
  return ToRuntimeError(cuGraphMemcpyNodeSetParams(node, &copy));
}
cudaError_t cudaGraphMemcpyNodeSetParams1D(cudaGraphNode_t node, void* dst, const void* src, size_t count,
                                           cudaMemcpyKind kind) {
  const CUDA_MEMCPY3D copy = Linear(dst, src, count);
  return ToRuntimeError(cuGraphMemcpyNodeSetParams(node, &copy));
}
cudaError_t cudaGraphMemcpyNodeSetParamsToSymbol(cudaGraphNode_t node, const void* symbol, const void* src,
                                                 size_t count, size_t offset, cudaMemcpyKind kind) {
  CUDA_MEMCPY3D copy;
  if (const cudaError_t error = ToSymbol(symbol, src, count, offset, copy); error != cudaSuccess)
    return error;
  return ToRuntimeError(cuGraphMemcpyNodeSetParams(node, &copy));
}
cudaError_t cudaGraphMemcpyNodeSetParamsFromSymbol(cudaGraphNode_t node, void* dst, const void* symbol,
                                                   size_t count, size_t offset, cudaMemcpyKind kind) {
  CUDA_MEMCPY3D copy;
  if (const cudaError_t error = FromSymbol(dst, symbol, count, offset, copy); error != cudaSuccess)
    return error;
  return ToRuntimeError(cuGraphMemcpyNodeSetParams(node, &copy));
}
cudaError_t cudaGraphExecMemcpyNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                             const cudaMemcpy3DParms* params) {
  CUDA_MEMCPY3D copy;
  if (const cudaError_t error = Describe3D(copy, *params); error != cudaSuccess) return error;
  return ToRuntimeError(cuGraphExecMemcpyNodeSetParams(exec, node, &copy, CurrentContext()));
}
cudaError_t cudaGraphExecMemcpyNodeSetParams1D(cudaGraphExec_t exec, cudaGraphNode_t node, void* dst,
                                               const void* src, size_t count, cudaMemcpyKind kind) {
  const CUDA_MEMCPY3D copy = Linear(dst, src, count);
  return ToRuntimeError(cuGraphExecMemcpyNodeSetParams(exec, node, &copy, CurrentContext()));
}
cudaError_t cudaGraphExecMemcpyNodeSetParamsToSymbol(cudaGraphExec_t exec, cudaGraphNode_t node,
                                                     const void* symbol, const void* src, size_t count,
                                                     size_t offset, cudaMemcpyKind kind) {
  CUDA_MEMCPY3D copy;
  if (const cudaError_t error = ToSymbol(symbol, src, count, offset, copy); error != cudaSuccess)
    return error;
  return ToRuntimeError(cuGraphExecMemcpyNodeSetParams(exec, node, &copy, CurrentContext()));
}
cudaError_t cudaGraphExecMemcpyNodeSetParamsFromSymbol(cudaGraphExec_t exec, cudaGraphNode_t node, void* dst,
                                                       const void* symbol, size_t count, size_t offset,
                                                       cudaMemcpyKind kind) {
  CUDA_MEMCPY3D copy;
  if (const cudaError_t error = FromSymbol(dst, symbol, count, offset, copy); error != cudaSuccess)
    return error;
  return ToRuntimeError(cuGraphExecMemcpyNodeSetParams(exec, node, &copy, CurrentContext()));
}

// ---- fills

cudaError_t cudaGraphAddMemsetNode(cudaGraphNode_t* node, cudaGraph_t graph,
                                   const cudaGraphNode_t* dependencies, size_t count,
                                   const cudaMemsetParams* params) {
  const CUDA_MEMSET_NODE_PARAMS fill = ToDriver(*params);
  return ToRuntimeError(cuGraphAddMemsetNode(node, graph, dependencies, count, &fill, CurrentContext()));
}
cudaError_t cudaGraphMemsetNodeSetParams(cudaGraphNode_t node, const cudaMemsetParams* params) {
  const CUDA_MEMSET_NODE_PARAMS fill = ToDriver(*params);
  return ToRuntimeError(cuGraphMemsetNodeSetParams(node, &fill));
}
cudaError_t cudaGraphExecMemsetNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                             const cudaMemsetParams* params) {
  const CUDA_MEMSET_NODE_PARAMS fill = ToDriver(*params);
  return ToRuntimeError(cuGraphExecMemsetNodeSetParams(exec, node, &fill, CurrentContext()));
}
cudaError_t cudaGraphMemsetNodeGetParams(cudaGraphNode_t node, cudaMemsetParams* params) {
  CUDA_MEMSET_NODE_PARAMS fill;
  TQ_CUDART_RETURN_IF_ERROR(cuGraphMemsetNodeGetParams(node, &fill));
  params->dst = reinterpret_cast<void*>(fill.dst);
  params->pitch = fill.pitch;
  params->value = fill.value;
  params->elementSize = fill.elementSize;
  params->width = fill.width;
  params->height = fill.height;
  return cudaSuccess;
}

}  // namespace tq::cudart::impl
