// Nodes of any type by one description (CUDA Runtime API, cudaGraphAddNode), conditional nodes, and the
// runtime's view of a copy of the driver's.
#include <cstring>

#include "api/cudart_graph.h"
#include "runtime/cudart/channel_format.h"
#include "runtime/cudart/copy_description.h"
#include "runtime/cudart/entry.h"
#include "runtime/cudart/graph_parameters.h"

namespace tq::cudart::impl {
namespace {

// The types whose descriptions both APIs lay out alike, but for a context at the end.
template <typename To, typename From>
void CopyAlike(To& to, const From& from) {
  static_assert(sizeof(To) >= sizeof(From));
  std::memcpy(static_cast<void*>(&to), &from, sizeof(From));
}

cudaError_t ToDriver(const cudaGraphNodeParams& from, CUgraphNodeParams& to) {
  to = {};
  to.type = static_cast<CUgraphNodeType>(from.type);
  switch (from.type) {
    case cudaGraphNodeTypeKernel:
      return ToDriverKernel(from.kernel, to.kernel);
    case cudaGraphNodeTypeMemcpy:
      to.memcpy.flags = from.memcpy.flags;
      to.memcpy.copyCtx = CurrentContext();
      return Describe3D(to.memcpy.copyParams, from.memcpy.copyParams);
    case cudaGraphNodeTypeMemset:
      CopyAlike(to.memset, from.memset);
      to.memset.ctx = CurrentContext();
      return cudaSuccess;
    case cudaGraphNodeTypeHost:
      to.host.fn = from.host.fn;
      to.host.userData = from.host.userData;
      return cudaSuccess;
    case cudaGraphNodeTypeGraph:
      CopyAlike(to.graph, from.graph);
      return cudaSuccess;
    case cudaGraphNodeTypeWaitEvent:
      to.eventWait.event = from.eventWait.event;
      return cudaSuccess;
    case cudaGraphNodeTypeEventRecord:
      to.eventRecord.event = from.eventRecord.event;
      return cudaSuccess;
    case cudaGraphNodeTypeExtSemaphoreSignal:
      CopyAlike(to.extSemSignal, from.extSemSignal);
      return cudaSuccess;
    case cudaGraphNodeTypeExtSemaphoreWait:
      CopyAlike(to.extSemWait, from.extSemWait);
      return cudaSuccess;
    case cudaGraphNodeTypeMemAlloc:
      CopyAlike(to.alloc, from.alloc);
      return cudaSuccess;
    case cudaGraphNodeTypeMemFree:
      to.free.dptr = reinterpret_cast<CUdeviceptr>(from.free.dptr);
      return cudaSuccess;
    case cudaGraphNodeTypeConditional:
      CopyAlike(to.conditional, from.conditional);
      to.conditional.ctx = CurrentContext();
      return cudaSuccess;
    default:
      return cudaSuccess;  // empty ones; the driver judges the rest
  }
}

// What the driver writes back into a description.
void TakeResults(const CUgraphNodeParams& from, cudaGraphNodeParams& to) {
  if (to.type == cudaGraphNodeTypeMemAlloc) to.alloc.dptr = reinterpret_cast<void*>(from.alloc.dptr);
  if (to.type == cudaGraphNodeTypeConditional) {
    to.conditional.phGraph_out = from.conditional.phGraph_out;
  }
}

cudaError_t BytesOfTexel(CUarray array, size_t* bytes) {
  CUDA_ARRAY3D_DESCRIPTOR descriptor;
  TQ_CUDART_RETURN_IF_ERROR(cuArray3DGetDescriptor_v2(&descriptor, array));
  const cudaChannelFormatDesc desc = ToChannelDesc({descriptor.Format, descriptor.NumChannels});
  *bytes = static_cast<size_t>(desc.x + desc.y + desc.z + desc.w) / 8;
  return cudaSuccess;
}

cudaMemcpyKind KindOf(const CUDA_MEMCPY3D& copy) {
  if (copy.srcMemoryType == CU_MEMORYTYPE_UNIFIED || copy.dstMemoryType == CU_MEMORYTYPE_UNIFIED) {
    return cudaMemcpyDefault;
  }
  const bool from_host = copy.srcMemoryType == CU_MEMORYTYPE_HOST;
  const bool to_host = copy.dstMemoryType == CU_MEMORYTYPE_HOST;
  if (from_host) return to_host ? cudaMemcpyHostToHost : cudaMemcpyHostToDevice;
  return to_host ? cudaMemcpyDeviceToHost : cudaMemcpyDeviceToDevice;
}

void* AddressOf(CUmemorytype type, const void* host, CUdeviceptr device) {
  return type == CU_MEMORYTYPE_HOST ? const_cast<void*>(host) : reinterpret_cast<void*>(device);
}

}  // namespace

cudaError_t cudaGraphAddNode(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t* dependencies,
                             const cudaGraphEdgeData* data, size_t count, cudaGraphNodeParams* params) {
  CUgraphNodeParams driver_params;
  if (const cudaError_t error = ToDriver(*params, driver_params); error != cudaSuccess) return error;
  TQ_CUDART_RETURN_IF_ERROR(cuGraphAddNode_v2(
      node, graph, dependencies, reinterpret_cast<const CUgraphEdgeData*>(data), count, &driver_params));
  TakeResults(driver_params, *params);
  return cudaSuccess;
}

cudaError_t cudaGraphNodeSetParams(cudaGraphNode_t node, cudaGraphNodeParams* params) {
  CUgraphNodeParams driver_params;
  if (const cudaError_t error = ToDriver(*params, driver_params); error != cudaSuccess) return error;
  return ToRuntimeError(cuGraphNodeSetParams(node, &driver_params));
}

cudaError_t cudaGraphExecNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node,
                                       cudaGraphNodeParams* params) {
  CUgraphNodeParams driver_params;
  if (const cudaError_t error = ToDriver(*params, driver_params); error != cudaSuccess) return error;
  return ToRuntimeError(cuGraphExecNodeSetParams(exec, node, &driver_params));
}

cudaError_t cudaGraphConditionalHandleCreate(cudaGraphConditionalHandle* handle, cudaGraph_t graph,
                                             unsigned int default_value, unsigned int flags) {
  return ToRuntimeError(cuGraphConditionalHandleCreate(reinterpret_cast<CUgraphConditionalHandle*>(handle),
                                                       graph, CurrentContext(), default_value, flags));
}

cudaError_t cudaGraphMemcpyNodeGetParams(cudaGraphNode_t node, cudaMemcpy3DParms* params) {
  CUDA_MEMCPY3D copy;
  TQ_CUDART_RETURN_IF_ERROR(cuGraphMemcpyNodeGetParams(node, &copy));
  const bool from_array = copy.srcMemoryType == CU_MEMORYTYPE_ARRAY;
  const bool to_array = copy.dstMemoryType == CU_MEMORYTYPE_ARRAY;
  size_t src_bytes = 1, dst_bytes = 1;
  if (from_array) {
    if (const cudaError_t error = BytesOfTexel(copy.srcArray, &src_bytes); error != cudaSuccess) return error;
  }
  if (to_array) {
    if (const cudaError_t error = BytesOfTexel(copy.dstArray, &dst_bytes); error != cudaSuccess) return error;
  }
  *params = {};
  params->kind = KindOf(copy);
  const size_t width = copy.WidthInBytes / (from_array ? src_bytes : dst_bytes);
  if (from_array) {
    params->srcArray = reinterpret_cast<cudaArray_t>(copy.srcArray);
  } else {
    params->srcPtr = {AddressOf(copy.srcMemoryType, copy.srcHost, copy.srcDevice), copy.srcPitch, width,
                      copy.srcHeight};
  }
  if (to_array) {
    params->dstArray = reinterpret_cast<cudaArray_t>(copy.dstArray);
  } else {
    params->dstPtr = {AddressOf(copy.dstMemoryType, copy.dstHost, copy.dstDevice), copy.dstPitch, width,
                      copy.dstHeight};
  }
  params->srcPos = {copy.srcXInBytes / src_bytes, copy.srcY, copy.srcZ};
  params->dstPos = {copy.dstXInBytes / dst_bytes, copy.dstY, copy.dstZ};
  params->extent = {width, copy.Height, copy.Depth};
  return cudaSuccess;
}

}  // namespace tq::cudart::impl
