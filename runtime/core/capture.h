// Stream capture: what is submitted to a stream becomes nodes of a graph instead (CUDA C++ Programming Guide,
// "Creating a Graph Using Stream Capture"). A capture begins in one stream; others join it by waiting for
// events that were recorded in it, and must have come back by the same way when it ends.
//
// Thread-safe: one lock for all captures of the process, since none is on the path of a launch that runs.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "runtime/core/copy.h"
#include "runtime/core/graph.h"

namespace tq::core {

class Event;
class Stream;

// Where an event was recorded that a capture recorded: in no time, but behind these nodes.
struct CapturedPoint {
  uint64_t capture = 0;  // 0: none
  std::vector<GraphEdge> after;
};

class Capture {
 public:
  // ---- of a stream
  static absl::Status Begin(Stream& stream, CUstreamCaptureMode mode);
  // Nodes are added to `graph`, which stays the program's, after `dependencies`.
  static absl::Status BeginInto(Stream& stream, Graph& graph, absl::Span<GraphNode* const> dependencies,
                                absl::Span<const CUgraphEdgeData> data, CUstreamCaptureMode mode);
  static absl::StatusOr<CUgraph> End(Stream& stream);

  struct State {
    CUstreamCaptureStatus status = CU_STREAM_CAPTURE_STATUS_NONE;
    uint64_t id = 0;
    CUgraph graph = nullptr;
    absl::Span<const CUgraphNode> dependencies;  // valid until the stream's next call
    absl::Span<const CUgraphEdgeData> data;
  };
  static State StateOf(Stream& stream);
  static absl::Status SetDependencies(Stream& stream, absl::Span<GraphNode* const> dependencies,
                                      absl::Span<const CUgraphEdgeData> data, bool replace);

  // ---- what would have been done in `stream`, which has a capture
  static absl::Status Add(Stream& stream, Operation operation);
  static absl::Status AddCopy(Stream& stream, const CopyOperand& dst, const CopyOperand& src,
                              const CopyExtent& extent, CallMode mode);
  static absl::Status AddFill(Stream& stream, const FillRequest& request, CallMode mode);
  static absl::StatusOr<CapturedPoint> Record(Stream& stream);
  // `stream` may have no capture yet: it joins the event's.
  static absl::Status WaitFor(Stream& stream, const CapturedPoint& point);
  // `what` cannot be captured: the capture is invalid from now on. CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED or
  // `code`.
  static absl::Status Refuse(Stream& stream, const char* what,
                             CUresult code = CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
  // The stream is being destroyed.
  static void Abandon(Stream& stream);

  // ---- calls that belong to no stream
  // For a call that might wait for captured work or look at it: CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED while a
  // capture forbids it to this thread (CUstreamCaptureMode). One load while nothing is captured.
  static absl::Status CheckUnsafeCall(const char* what);
  static CUstreamCaptureMode ExchangeThreadMode(CUstreamCaptureMode mode);
  // Before work in the legacy stream: CUDA_ERROR_STREAM_CAPTURE_IMPLICIT while a blocking stream of its
  // context captures.
  static absl::Status CheckLegacy(Stream& legacy);

 private:
  struct Branch {
    std::vector<GraphEdge> after;
    // What StateOf gives out.
    std::vector<CUgraphNode> handles;
    std::vector<CUgraphEdgeData> data;
  };

  Capture(Stream& origin, CUstreamCaptureMode mode);
  static absl::Status BeginLocked(Stream& stream, std::unique_ptr<Capture> capture);
  void Invalidate() { is_invalid_ = true; }
  absl::Status CheckJoined(const Stream& origin) const;

  const uint64_t id_;
  Stream& origin_;
  const CUstreamCaptureMode mode_;
  const std::thread::id thread_;
  std::unique_ptr<Graph> own_graph_;
  Graph* graph_ = nullptr;
  bool is_invalid_ = false;
  std::map<Stream*, Branch> branches_;
};

}  // namespace tq::core
