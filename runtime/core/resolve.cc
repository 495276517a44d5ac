// Handles of the entry points to objects; see api/resolve.h. Also what every entry point asks of the thread.
#include "api/resolve.h"

#include "runtime/core/admission.h"
#include "runtime/core/array.h"
#include "runtime/core/async_notification.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/error_log.h"
#include "runtime/core/event.h"
#include "runtime/core/external_memory.h"
#include "runtime/core/external_semaphore.h"
#include "runtime/core/graph.h"
#include "runtime/core/graph_exec.h"
#include "runtime/core/green_context.h"
#include "runtime/core/host_function.h"
#include "runtime/core/pool.h"
#include "runtime/core/process.h"
#include "runtime/core/stream.h"
#include "runtime/core/texture_reference.h"
#include "runtime/core/user_object.h"

namespace tq::core {

CUresult CheckCurrentContext() {
  Context* const context = Context::Current();
  if (context != nullptr) [[likely]]
    return context->CheckNowCode();
  if (HostFunctions::InHostFunction()) return CUDA_ERROR_NOT_PERMITTED;
  return Context::CurrentSlot() == nullptr ? CUDA_ERROR_INVALID_CONTEXT : CUDA_ERROR_CONTEXT_IS_DESTROYED;
}

Device* Resolve(CUdevice handle) {
  absl::StatusOr<Device*> device = Process::Get().DeviceAt(handle);
  return device.ok() ? *device : nullptr;
}

Context* Resolve(CUcontext handle) { return FromHandle<Context>(handle); }
Event* Resolve(CUevent handle) { return FromHandle<Event>(handle); }
Array* Resolve(CUarray handle) { return FromHandle<Array>(handle); }
MipmappedArray* Resolve(CUmipmappedArray handle) { return FromHandle<MipmappedArray>(handle); }
TextureReference* Resolve(CUtexref handle) { return FromHandle<TextureReference>(handle); }
SurfaceReference* Resolve(CUsurfref handle) { return FromHandle<SurfaceReference>(handle); }
AsyncCallback* Resolve(CUasyncCallbackHandle handle) { return FromHandle<AsyncCallback>(handle); }
// Graphics interfaces register them, and there is none.
GraphicsResource* Resolve(CUgraphicsResource) { return nullptr; }
LogsCallback* Resolve(CUlogsCallbackHandle handle) { return FromHandle<LogsCallback>(handle); }
Graph* Resolve(CUgraph handle) { return FromHandle<Graph>(handle); }
GraphNode* Resolve(CUgraphNode handle) { return FromHandle<GraphNode>(handle); }
GraphExec* Resolve(CUgraphExec handle) { return FromHandle<GraphExec>(handle); }
UserObject* Resolve(CUuserObject handle) { return FromHandle<UserObject>(handle); }
MemoryPool* Resolve(CUmemoryPool handle) { return FromHandle<MemoryPool>(handle); }
ExternalMemory* Resolve(CUexternalMemory handle) { return FromHandle<ExternalMemory>(handle); }
ExternalSemaphore* Resolve(CUexternalSemaphore handle) { return FromHandle<ExternalSemaphore>(handle); }

GreenContext* Resolve(CUgreenCtx handle) { return FromHandle<GreenContext>(handle); }
DeviceResourceDesc* Resolve(CUdevResourceDesc handle) { return FromHandle<DeviceResourceDesc>(handle); }

Stream* Resolve(CUstream handle, DefaultStream default_stream) {
  if (handle == nullptr && default_stream == DefaultStream::kPerThread) handle = CU_STREAM_PER_THREAD;
  // The default streams are those of the current context; others know theirs.
  if (handle != nullptr && handle != CU_STREAM_LEGACY && handle != CU_STREAM_PER_THREAD) {
    return FromHandle<Stream>(handle);
  }
  Context* const context = Context::Current();
  if (context == nullptr || !context->active()) return nullptr;
  if (handle != CU_STREAM_PER_THREAD) return &DefaultStreamOfThread(*context);
  // Threads have no default stream of their own in a green context (cuStreamGetCtx_v2).
  if (Context::CurrentSlot() != context->slot()) return nullptr;
  absl::StatusOr<Stream*> stream = context->PerThreadStream();
  return stream.ok() ? *stream : nullptr;
}

}  // namespace tq::core
