#include "runtime/core/graph_operation.h"

#include "base/status.h"
#include "runtime/core/conditional.h"
#include "runtime/core/event.h"
#include "runtime/core/function.h"

namespace tq::core {

absl::StatusOr<KernelOperation> KernelOperation::Make(Function& function, const LaunchRequest& request,
                                                      void* const* kernel_params, void* const* extra) {
  RETURN_IF_ERROR(DescribeDispatch(function, request).status());
  ArgumentBlock block;
  RETURN_IF_ERROR(function.GatherArguments(kernel_params, extra, block));
  const auto* bytes = static_cast<const uint8_t*>(block.data());
  return KernelOperation{&function, request, {bytes, bytes + block.size_bytes()}, {}};
}

FillRequest FillOperation::request() const {
  return {given.dst, given.elementSize, given.value, given.width, given.height, given.pitch};
}

namespace {

CUmemorytype TypeOfSide(MemorySide side) {
  switch (side) {
    case MemorySide::kHost:
      return CU_MEMORYTYPE_HOST;
    case MemorySide::kDevice:
      return CU_MEMORYTYPE_DEVICE;
    case MemorySide::kUnified:
      break;
  }
  return CU_MEMORYTYPE_UNIFIED;
}

}  // namespace

CUDA_MEMCPY3D DescribeCopy(const CopyOperand& dst, const CopyOperand& src, const CopyExtent& extent) {
  CUDA_MEMCPY3D copy = {};
  copy.WidthInBytes = extent.row_bytes;
  copy.Height = extent.rows;
  copy.Depth = extent.slices;
  copy.dstMemoryType = TypeOfSide(dst.side);
  copy.dstDevice = dst.address;
  copy.dstHost = dst.side == MemorySide::kHost ? reinterpret_cast<void*>(dst.address) : nullptr;
  copy.dstPitch = dst.row_pitch;
  copy.dstHeight = dst.row_pitch == 0 ? 0 : dst.slice_pitch / dst.row_pitch;
  copy.srcMemoryType = TypeOfSide(src.side);
  copy.srcDevice = src.address;
  copy.srcHost = src.side == MemorySide::kHost ? reinterpret_cast<void*>(src.address) : nullptr;
  copy.srcPitch = src.row_pitch;
  copy.srcHeight = src.row_pitch == 0 ? 0 : src.slice_pitch / src.row_pitch;
  return copy;
}

CUgraphNodeType TypeOf(const Operation& operation) {
  return std::visit([](const auto& value) { return std::decay_t<decltype(value)>::kType; }, operation);
}

Context* ContextOf(const Operation& operation) {
  if (const auto* kernel = std::get_if<KernelOperation>(&operation)) return &kernel->function->context();
  if (const auto* copy = std::get_if<CopyOperation>(&operation)) return copy->context;
  if (const auto* fill = std::get_if<FillOperation>(&operation)) return fill->context;
  if (const auto* operations = std::get_if<MemoryOpsOperation>(&operation)) return operations->context;
  if (const auto* record = std::get_if<EventRecordOperation>(&operation)) return &record->event->context();
  if (const auto* part = std::get_if<ConditionalOperation>(&operation)) return &part->conditional->context();
  return nullptr;
}

}  // namespace tq::core
