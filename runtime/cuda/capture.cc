// Stream capture.
#include "runtime/core/capture.h"

#include <cuda.h>

#include "absl/strings/str_cat.h"
#include "api/stream.h"
#include "base/status.h"
#include "runtime/core/error.h"
#include "runtime/core/stream.h"
#include "runtime/cuda/graph_node.h"

namespace tq::cuda::impl {

using core::Capture;
using core::CudaError;
using core::Stream;

namespace {

absl::Status CheckMode(CUstreamCaptureMode mode) {
  if (mode >= CU_STREAM_CAPTURE_MODE_GLOBAL && mode <= CU_STREAM_CAPTURE_MODE_RELAXED)
    return absl::OkStatus();
  return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no capture mode ", mode));
}

}  // namespace

absl::Status cuStreamBeginCapture_v2(Stream& stream, CUstreamCaptureMode mode) {
  RETURN_IF_ERROR(CheckMode(mode));
  return Capture::Begin(stream, mode);
}
absl::Status cuStreamBeginCapture(Stream& stream) {
  return Capture::Begin(stream, CU_STREAM_CAPTURE_MODE_GLOBAL);
}

absl::Status cuStreamBeginCaptureToGraph(Stream& stream, core::Graph& graph, const CUgraphNode* dependencies,
                                         const CUgraphEdgeData* data, size_t count,
                                         CUstreamCaptureMode mode) {
  RETURN_IF_ERROR(CheckMode(mode));
  ASSIGN_OR_RETURN(const std::vector<core::GraphNode*> nodes, NodesAt(dependencies, count));
  return Capture::BeginInto(stream, graph, nodes, {data, data == nullptr ? 0 : count}, mode);
}

absl::Status cuStreamEndCapture(Stream& stream, CUgraph* graph) {
  *graph = nullptr;
  ASSIGN_OR_RETURN(*graph, Capture::End(stream));
  return absl::OkStatus();
}

absl::Status cuStreamGetCaptureInfo_v3(Stream& stream, CUstreamCaptureStatus* status, cuuint64_t* id,
                                       CUgraph* graph, const CUgraphNode** dependencies,
                                       const CUgraphEdgeData** data, size_t* count) {
  if (stream.kind() == Stream::Kind::kLegacy) RETURN_IF_ERROR(Capture::CheckLegacy(stream));
  const Capture::State state = Capture::StateOf(stream);
  *status = state.status;
  if (state.status != CU_STREAM_CAPTURE_STATUS_ACTIVE) return absl::OkStatus();
  if (id != nullptr) *id = state.id;
  if (graph != nullptr) *graph = state.graph;
  if (dependencies != nullptr) *dependencies = state.dependencies.data();
  if (data != nullptr) *data = state.data.data();
  if (count != nullptr) *count = state.dependencies.size();
  return absl::OkStatus();
}
absl::Status cuStreamGetCaptureInfo_v2(Stream& stream, CUstreamCaptureStatus* status, cuuint64_t* id,
                                       CUgraph* graph, const CUgraphNode** dependencies, size_t* count) {
  return impl::cuStreamGetCaptureInfo_v3(stream, status, id, graph, dependencies, nullptr, count);
}
absl::Status cuStreamGetCaptureInfo(Stream& stream, CUstreamCaptureStatus* status, cuuint64_t* id) {
  return impl::cuStreamGetCaptureInfo_v3(stream, status, id, nullptr, nullptr, nullptr, nullptr);
}
absl::Status cuStreamIsCapturing(Stream& stream, CUstreamCaptureStatus* status) {
  return impl::cuStreamGetCaptureInfo_v3(stream, status, nullptr, nullptr, nullptr, nullptr, nullptr);
}

absl::Status cuStreamUpdateCaptureDependencies_v2(Stream& stream, CUgraphNode* dependencies,
                                                  const CUgraphEdgeData* data, size_t count,
                                                  unsigned int flags) {
  if (flags != CU_STREAM_ADD_CAPTURE_DEPENDENCIES && flags != CU_STREAM_SET_CAPTURE_DEPENDENCIES) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the flags are invalid (", flags, ")"));
  }
  ASSIGN_OR_RETURN(const std::vector<core::GraphNode*> nodes, NodesAt(dependencies, count));
  return Capture::SetDependencies(stream, nodes, {data, data == nullptr ? 0 : count},
                                  flags == CU_STREAM_SET_CAPTURE_DEPENDENCIES);
}
absl::Status cuStreamUpdateCaptureDependencies(Stream& stream, CUgraphNode* dependencies, size_t count,
                                               unsigned int flags) {
  return impl::cuStreamUpdateCaptureDependencies_v2(stream, dependencies, nullptr, count, flags);
}

absl::Status cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode* mode) {
  RETURN_IF_ERROR(CheckMode(*mode));
  *mode = Capture::ExchangeThreadMode(*mode);
  return absl::OkStatus();
}

}  // namespace tq::cuda::impl
