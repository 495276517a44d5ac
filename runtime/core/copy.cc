#include "runtime/core/copy.h"

#include <cuda.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/capture.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/process.h"
#include "runtime/core/stream.h"
#include "runtime/core/virtual_memory.h"

namespace tq::core {
namespace {

// Up to here a copy by the calling thread is done before a device thread would have been woken.
constexpr uint64_t kDirectBytes = 256 << 10;
// A larger pageable source is copied by the device straight away, with the host waiting, instead of through a
// copy.
constexpr uint64_t kStagingBytes = 4 << 20;

struct Operand {
  uint64_t address;
  uint64_t row_pitch, slice_pitch;
  Allocation* allocation;  // null: pageable host memory

  bool is_host() const { return allocation == nullptr || allocation->is_host(); }
  bool is_pageable() const { return allocation == nullptr; }
};

// First byte to one past the last.
uint64_t Reach(const Operand& operand, const CopyExtent& extent) {
  return (extent.slices - 1) * operand.slice_pitch + (extent.rows - 1) * operand.row_pitch + extent.row_bytes;
}

enum class Role { kSource, kDestination };

// How many bytes from `offset` on may be copied: adjacent mappings of virtual memory are one range. Looks no
// further than `enough`.
uint64_t Room(const Allocation& allocation, uint64_t offset, uint64_t enough, Role role) {
  uint64_t room = allocation.size_bytes() - offset;
  if (allocation.kind() != Allocation::Kind::kVirtual) return room;
  while (room < enough) {
    const Allocation* const next =
        Process::Get().address_space().Find(allocation.device_ptr() + offset + room);
    if (next == nullptr || next->kind() != Allocation::Kind::kVirtual) break;
    if (role == Role::kDestination && !next->is_writable()) break;
    room += next->size_bytes();
  }
  return room;
}

absl::StatusOr<Operand> Locate(const CopyOperand& given, const CopyExtent& extent, Role use) {
  const char* const role = use == Role::kSource ? "source" : "destination";
  Operand operand = {given.address, given.row_pitch, given.slice_pitch, nullptr};
  if (given.address == 0) return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("the ", role, " is null"));
  operand.allocation = Process::Get().address_space().Find(given.address);
  if (operand.allocation == nullptr) {
    if (given.side == MemorySide::kDevice) {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat("the ", role, " is no device memory (0x", absl::Hex(given.address), ")"));
    }
    if (VirtualMemory::Get().IsReserved(given.address)) {
      return CudaError(CUDA_ERROR_INVALID_VALUE,
                       absl::StrCat("nobody may access the ", role, " (0x", absl::Hex(given.address), ")"));
    }
    return operand;
  }
  const Allocation& allocation = *operand.allocation;
  if (use == Role::kDestination && !allocation.is_writable()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the destination may only be read (0x", absl::Hex(given.address), ")"));
  }
  const bool by_device_address = given.address - allocation.device_ptr() < allocation.size_bytes();
  const uint64_t base =
      by_device_address ? allocation.device_ptr() : reinterpret_cast<uintptr_t>(allocation.host_ptr());
  const uint64_t offset = given.address - base;
  const uint64_t reach = Reach(operand, extent);
  if (const uint64_t room = Room(allocation, offset, reach, use); reach > room) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("the ", role, " runs ", reach - room, " bytes past its allocation of ",
                                  allocation.size_bytes()));
  }
  operand.address = allocation.device_ptr() + offset;
  return operand;
}

bool HostSeesDevice(const Context& context) {
  return context.device().hal().Has(HAL_DEVICE_UNIFIED_ADDRESSES | HAL_DEVICE_COHERENT);
}

uint8_t* Pointer(uint64_t address) { return reinterpret_cast<uint8_t*>(static_cast<uintptr_t>(address)); }

// By the host, of operands whose addresses it sees.
void CopyRows(const Operand& dst, const Operand& src, const CopyExtent& extent) {
  for (uint64_t z = 0; z < extent.slices; ++z) {
    for (uint64_t y = 0; y < extent.rows; ++y) {
      std::memmove(Pointer(dst.address + z * dst.slice_pitch + y * dst.row_pitch),
                   Pointer(src.address + z * src.slice_pitch + y * src.row_pitch), extent.row_bytes);
    }
  }
}

absl::Status SubmitCopy(Stream& stream, const Operand& dst, const Operand& src, const CopyExtent& extent,
                        std::shared_ptr<void> keep = nullptr) {
  hal_copy copy = {};
  copy.size = sizeof(copy);
  copy.dst = dst.address;
  copy.src = src.address;
  copy.row_bytes = extent.row_bytes;
  copy.rows = extent.rows;
  copy.slices = extent.slices;
  copy.dst_row_pitch = dst.row_pitch;
  copy.dst_slice_pitch = dst.slice_pitch;
  copy.src_row_pitch = src.row_pitch;
  copy.src_slice_pitch = src.slice_pitch;
  return stream.Submit([&](hal::Commands& commands) { return commands.Copy(copy); }, std::move(keep));
}

// A packed stand-in for pageable memory that the device can reach.
struct Staging {
  Operand operand;
  uint8_t* host_ptr;
  std::shared_ptr<void> keep;

  Operand AsHostSees() const {
    Operand host = operand;
    host.address = reinterpret_cast<uintptr_t>(host_ptr);
    return host;
  }
};

absl::StatusOr<Staging> MakeStaging(Context& context, const CopyExtent& extent) {
  const uint64_t bytes = extent.row_bytes * extent.rows * extent.slices;
  Staging staging = {{0, extent.row_bytes, extent.row_bytes * extent.rows, nullptr}, nullptr, nullptr};
  if (context.device().hal().Has(HAL_DEVICE_READS_HOST_MEMORY)) {
    std::shared_ptr<uint8_t[]> buffer(new (std::nothrow) uint8_t[bytes]);
    if (buffer == nullptr)
      return CudaError(CUDA_ERROR_OUT_OF_MEMORY, "the host has no memory for a staging buffer");
    staging.host_ptr = buffer.get();
    staging.operand.address = reinterpret_cast<uintptr_t>(buffer.get());
    staging.keep = std::move(buffer);
    return staging;
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Allocation> buffer,
                   Allocation::Create(context, Allocation::Kind::kRuntime, bytes));
  staging.host_ptr = static_cast<uint8_t*>(buffer->host_ptr());
  staging.operand.address = buffer->device_ptr();
  staging.keep = std::shared_ptr<Allocation>(std::move(buffer));
  return staging;
}

absl::Status CopyFromPageable(Stream& stream, const Operand& dst, const Operand& src,
                              const CopyExtent& extent) {
  const bool reachable = stream.context().device().hal().Has(HAL_DEVICE_READS_HOST_MEMORY);
  if (reachable && extent.row_bytes * extent.rows * extent.slices > kStagingBytes) {
    RETURN_IF_ERROR(SubmitCopy(stream, dst, src, extent));
    return stream.Synchronize();
  }
  ASSIGN_OR_RETURN(Staging staging, MakeStaging(stream.context(), extent));
  CopyRows(staging.AsHostSees(), src, extent);
  return SubmitCopy(stream, dst, staging.operand, extent, std::move(staging.keep));
}

absl::Status CopyToPageable(Stream& stream, const Operand& dst, const Operand& src,
                            const CopyExtent& extent) {
  if (stream.context().device().hal().Has(HAL_DEVICE_READS_HOST_MEMORY)) {
    RETURN_IF_ERROR(SubmitCopy(stream, dst, src, extent));
    return stream.Synchronize();
  }
  ASSIGN_OR_RETURN(const Staging staging, MakeStaging(stream.context(), extent));
  RETURN_IF_ERROR(SubmitCopy(stream, staging.operand, src, extent));
  RETURN_IF_ERROR(stream.Synchronize());
  CopyRows(dst, staging.AsHostSees(), extent);
  return absl::OkStatus();
}

// For a node of a graph, of pageable memory that the device does not reach: the host moves it when the turn
// comes.
absl::Status CopyPageableInTurn(Stream& stream, const Operand& dst, const Operand& src,
                                const CopyExtent& extent) {
  if (dst.is_pageable() && src.is_pageable()) {
    return stream.CallHost([=](int) { CopyRows(dst, src, extent); }, Stream::OnError::kSkip);
  }
  ASSIGN_OR_RETURN(const Staging staging, MakeStaging(stream.context(), extent));
  if (dst.is_pageable()) {
    RETURN_IF_ERROR(SubmitCopy(stream, staging.operand, src, extent));
    return stream.CallHost([=](int) { CopyRows(dst, staging.AsHostSees(), extent); }, Stream::OnError::kSkip);
  }
  RETURN_IF_ERROR(
      stream.CallHost([=](int) { CopyRows(staging.AsHostSees(), src, extent); }, Stream::OnError::kSkip));
  return SubmitCopy(stream, dst, staging.operand, extent, staging.keep);
}

bool Touches(const Operand& operand, const Context& context) {
  return operand.allocation == nullptr || &operand.allocation->context() == &context ||
         operand.allocation->context().device().hal().Has(HAL_DEVICE_UNIFIED_ADDRESSES);
}

}  // namespace

absl::Status CopyInTurn(Stream& stream, const CopyOperand& dst_given, const CopyOperand& src_given,
                        const CopyExtent& extent) {
  if (extent.row_bytes == 0 || extent.rows == 0 || extent.slices == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Operand dst, Locate(dst_given, extent, Role::kDestination));
  ASSIGN_OR_RETURN(const Operand src, Locate(src_given, extent, Role::kSource));
  Context& context = stream.context();
  if (!Touches(dst, context) || !Touches(src, context)) {
    return Unsupported("a copy in a graph of memory that the device does not reach");
  }
  if ((dst.is_pageable() || src.is_pageable()) && !context.device().hal().Has(HAL_DEVICE_READS_HOST_MEMORY)) {
    return CopyPageableInTurn(stream, dst, src, extent);
  }
  return SubmitCopy(stream, dst, src, extent);
}

absl::Status Copy(Stream& stream, const CopyOperand& dst_given, const CopyOperand& src_given,
                  const CopyExtent& extent, CallMode mode) {
  if (extent.row_bytes == 0 || extent.rows == 0 || extent.slices == 0) return absl::OkStatus();
  if (stream.capture() != nullptr) [[unlikely]] {
    return Capture::AddCopy(stream, dst_given, src_given, extent, mode);
  }
  ASSIGN_OR_RETURN(const Operand dst, Locate(dst_given, extent, Role::kDestination));
  ASSIGN_OR_RETURN(const Operand src, Locate(src_given, extent, Role::kSource));
  Context& context = stream.context();
  if (!Touches(dst, context) || !Touches(src, context)) {
    return Unsupported("a copy between address spaces that the device does not share");
  }
  const bool host_to_host = dst.is_host() && src.is_host();
  const bool wants_sync = (dst.allocation != nullptr && dst.allocation->sync_memops()) ||
                          (src.allocation != nullptr && src.allocation->sync_memops());
  const uint64_t bytes = extent.row_bytes * extent.rows * extent.slices;
  if (bytes <= kDirectBytes && HostSeesDevice(context) && stream.Idle()) {
    RETURN_IF_ERROR(context.CheckNow());
    CopyRows(dst, src, extent);
    return absl::OkStatus();
  }
  if (src.is_pageable() && dst.is_pageable()) {
    RETURN_IF_ERROR(stream.Synchronize());
    CopyRows(dst, src, extent);
    return absl::OkStatus();
  }
  if (dst.is_pageable()) return CopyToPageable(stream, dst, src, extent);
  if (src.is_pageable()) {
    RETURN_IF_ERROR(CopyFromPageable(stream, dst, src, extent));
  } else {
    RETURN_IF_ERROR(SubmitCopy(stream, dst, src, extent));
  }
  const bool device_to_device = !dst.is_host() && !src.is_host();
  const bool waits = host_to_host || wants_sync || (mode == CallMode::kSync && !device_to_device);
  return waits ? stream.Synchronize() : absl::OkStatus();
}

namespace {

template <typename Element>
void FillRows(const FillRequest& request) {
  for (uint64_t y = 0; y < request.rows; ++y) {
    auto* row = reinterpret_cast<Element*>(Pointer(request.address + y * request.row_pitch));
    std::fill_n(row, request.row_elements, static_cast<Element>(request.pattern));
  }
}

void FillDirectly(const FillRequest& request) {
  if (request.element_bytes == 1) return FillRows<uint8_t>(request);
  if (request.element_bytes == 2) return FillRows<uint16_t>(request);
  FillRows<uint32_t>(request);
}

}  // namespace

namespace {

// Checks a fill and finds its memory. Without rows or columns there is nothing to find.
absl::StatusOr<Operand> LocateFill(Context& context, const FillRequest& request) {
  const uint64_t row_bytes = request.row_elements * request.element_bytes;
  if (request.address % request.element_bytes != 0 ||
      (request.rows > 1 &&
       (request.row_pitch % request.element_bytes != 0 || request.row_pitch < row_bytes))) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("address 0x", absl::Hex(request.address), " or pitch ", request.row_pitch,
                                  " does not fit rows of ", request.row_elements, " elements of ",
                                  request.element_bytes, " bytes"));
  }
  CopyOperand operand = {MemorySide::kDevice, request.address, request.row_pitch, 0};
  // Memory of the process that CUDA was not told of: the device may write it where it shares the host's page
  // tables.
  if (context.device().hal().Has(HAL_DEVICE_READS_HOST_MEMORY)) operand.side = MemorySide::kUnified;
  ASSIGN_OR_RETURN(const Operand dst, Locate(operand, {row_bytes, request.rows, 1}, Role::kDestination));
  if (!Touches(dst, context)) return Unsupported("a fill of memory that the device does not share");
  return dst;
}

bool IsEmpty(const FillRequest& request) { return request.row_elements == 0 || request.rows == 0; }

absl::Status SubmitFill(Stream& stream, const Operand& dst, const FillRequest& request) {
  hal_fill fill = {};
  fill.size = sizeof(fill);
  fill.dst = dst.address;
  fill.row_elements = request.row_elements;
  fill.rows = request.rows;
  fill.row_pitch = request.row_pitch;
  fill.element_bytes = request.element_bytes;
  fill.pattern = request.pattern;
  return stream.Submit([&](hal::Commands& commands) { return commands.Fill(fill); });
}

}  // namespace

absl::Status FillInTurn(Stream& stream, const FillRequest& request) {
  if (IsEmpty(request)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Operand dst, LocateFill(stream.context(), request));
  return SubmitFill(stream, dst, request);
}

absl::Status Fill(Stream& stream, const FillRequest& request, CallMode mode) {
  if (IsEmpty(request)) return absl::OkStatus();
  if (stream.capture() != nullptr) [[unlikely]]
    return Capture::AddFill(stream, request, mode);
  Context& context = stream.context();
  ASSIGN_OR_RETURN(const Operand dst, LocateFill(context, request));
  FillRequest located = request;
  located.address = dst.address;
  if (request.row_elements * request.element_bytes * request.rows <= kDirectBytes &&
      HostSeesDevice(context) && stream.Idle()) {
    RETURN_IF_ERROR(context.CheckNow());
    FillDirectly(located);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(SubmitFill(stream, dst, request));
  const bool wants_sync = dst.allocation != nullptr && dst.allocation->sync_memops();
  return wants_sync || (mode == CallMode::kSync && dst.is_host()) ? stream.Synchronize() : absl::OkStatus();
}

}  // namespace tq::core
