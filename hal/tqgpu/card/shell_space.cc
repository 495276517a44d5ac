#include "hal/tqgpu/card/shell_space.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/code_object.h"
#include "hal/tqgpu/address_space.h"
#include "hal/tqgpu/shell/shell_image.h"

namespace tq::hal::tqgpu {
namespace {

constexpr uint64_t kDefaultStackBytes = 1024;  // for recursion, of each thread: CUDA's default
constexpr uint64_t kRingBytes = 1 << 20;
constexpr uint64_t kRingPatienceMs = 2000;
constexpr uint32_t kFirstComputeHart = 1;  // hart 0 is the command processor

}  // namespace

ShellSpace::ShellSpace(AddressSpace& space)
    : space_(space), stack_bytes_(kDefaultStackBytes), heap_bytes_(space.device().info().heap_bytes) {}

ShellSpace::~ShellSpace() = default;

hal_status ShellSpace::Prepare(uint32_t kernel_flags) {
  const bool prints = (kernel_flags & TQ_KERNEL_PRINTF) != 0,
             allocates = (kernel_flags & TQ_KERNEL_DEVICE_HEAP) != 0;
  const std::lock_guard lock(mutex_);
  hal_status status = code_ == nullptr ? LoadShell() : HAL_OK;
  if (status == HAL_OK && prints && ring_memory_ == nullptr) status = MakeRing();
  if (status == HAL_OK && allocates && heap_ == nullptr) status = MakeHeap();
  return status;
}

// The code is written through a mapping of the host's before the device maps it.
hal_status ShellSpace::LoadShell() {
  const std::span<const uint8_t> image = ShellImage();
  std::shared_ptr<MappedBuffer> code, device;
  hal_status status =
      MappedBuffer::Create(space_, image.size(), DRM_TQGPU_PLACE_VRAM, HAL_VM_READ | HAL_VM_WRITE, &code);
  if (status == HAL_OK) {
    std::memcpy((*code)->as<uint8_t>(), image.data(), image.size());
    status = space_.Map(**code, HAL_VM_READ | HAL_VM_EXECUTE);
  }
  if (status == HAL_OK) {
    status = MappedBuffer::Create(space_, sizeof(tq_shell_device), DRM_TQGPU_PLACE_SYSTEM,
                                  HAL_VM_READ | HAL_VM_WRITE, &device);
  }
  if (status != HAL_OK) return status;
  auto* const fields = (*device)->as<tq_shell_device>();
  fields->size_bytes = sizeof *fields;
  fields->abi_version = TQ_SHELL_ABI_VERSION;
  fields->timebase_hz = space_.device().card().timebase_hz;
  code_ = std::move(code);
  device_ = std::move(device);
  entry_ = (*code_)->va() + TQ_SHELL_ENTRY;
  device_va_ = (*device_)->va();
  return HAL_OK;
}

hal_status ShellSpace::MakeRing() {
  const hal_status status = MappedBuffer::Create(space_, kRingBytes, DRM_TQGPU_PLACE_SYSTEM,
                                                 HAL_VM_READ | HAL_VM_WRITE, &ring_memory_);
  if (status != HAL_OK) return status;
  auto* const memory = (*ring_memory_)->as<tq_shell_ring>();
  const uint64_t wait_ticks = space_.device().card().timebase_hz / 1000 * kRingPatienceMs;
  if (!PrintRing::Format(memory, (*ring_memory_)->size_bytes(), wait_ticks).ok()) return HAL_INTERNAL;
  ring_ = std::make_unique<PrintRing>(memory);
  (*device_)->as<tq_shell_device>()->print_ring = (*ring_memory_)->va();
  ring_header_.store(memory, std::memory_order_release);
  return HAL_OK;
}

hal_status ShellSpace::MakeHeap() {
  const hal_status status =
      MappedBuffer::Create(space_, heap_bytes_, DRM_TQGPU_PLACE_VRAM, HAL_VM_READ | HAL_VM_WRITE, &heap_);
  if (status != HAL_OK) return status;
  auto* const fields = (*device_)->as<tq_shell_device>();
  fields->heap_bytes = heap_bytes_;
  fields->heap = (*heap_)->va();
  return HAL_OK;
}

// The heap comes into being with the first launch of a kernel that allocates.
hal_status ShellSpace::SetLimit(hal_limit limit, uint64_t value) {
  const std::lock_guard lock(mutex_);
  switch (limit) {
    case HAL_LIMIT_STACK:
      stack_bytes_ = RoundUp(std::max(value, kDefaultStackBytes), 16);
      return HAL_OK;
    case HAL_LIMIT_HEAP:
      if (heap_ != nullptr) return HAL_BUSY;
      heap_bytes_ = RoundUp(std::max<uint64_t>(value, 1), kPageBytes);
      return HAL_OK;
    default:
      return HAL_UNSUPPORTED;
  }
}

uint64_t ShellSpace::FindExport(std::string_view name) const {
  const std::optional<uint64_t> offset = FindShellFunction(name);
  const std::lock_guard lock(mutex_);
  return offset.has_value() && code_ != nullptr ? (*code_)->va() + *offset : 0;
}

// Below a hart's one stack is a page that is not there. The layout of a slice, and with it the page's place,
// follows from its two sizes.
hal_status ShellSpace::LoopWorkspace(uint64_t slice_bytes, uint64_t stack_bytes, Workspaces& of,
                                     Workspace* out) {
  const std::lock_guard lock(mutex_);
  if (of.loop.memory == nullptr || of.loop.slice_bytes < slice_bytes || of.loop.stack_bytes < stack_bytes) {
    Workspace grown = {.slice_bytes = std::max(of.loop.slice_bytes, slice_bytes),
                       .stack_bytes = std::max(of.loop.stack_bytes, stack_bytes)};
    // A deeper stack must not take the place of what was in front of it.
    grown.slice_bytes = std::max(grown.slice_bytes, slice_bytes - stack_bytes + grown.stack_bytes);
    if (const hal_status status = Make(&grown); status != HAL_OK) return status;
    of.loop = std::move(grown);
  }
  *out = of.loop;
  return HAL_OK;
}

// Stacks of fibers lie side by side, too many for a gap below each. A gap between slices keeps a stack that
// runs away within its own hart's.
hal_status ShellSpace::FiberWorkspace(uint64_t slice_bytes, Workspaces& of, Workspace* out) {
  const std::lock_guard lock(mutex_);
  if (of.fiber.memory == nullptr || of.fiber.slice_bytes < slice_bytes + kStackGapBytes) {
    Workspace grown = {.slice_bytes = slice_bytes + kStackGapBytes};
    if (const hal_status status = Make(&grown); status != HAL_OK) return status;
    of.fiber = std::move(grown);
  }
  *out = of.fiber;
  return HAL_OK;
}

hal_status ShellSpace::Make(Workspace* workspace) {
  const uint64_t bytes = kStackGapBytes + workspace->slice_bytes * space_.device().info().compute_units;
  const hal_status status = MappedBuffer::Create(space_, bytes, DRM_TQGPU_PLACE_VRAM,
                                                 HAL_VM_READ | HAL_VM_WRITE, &workspace->memory);
  if (status != HAL_OK) return status;
  space_.Unmap((*workspace->memory)->va(), kStackGapBytes);
  for (uint64_t end = workspace->slice_bytes; end <= bytes - kStackGapBytes; end += workspace->slice_bytes) {
    space_.Unmap(workspace->va() + end - workspace->stack_bytes - kStackGapBytes, kStackGapBytes);
  }
  return HAL_OK;
}

uint64_t Workspace::va() const { return (*memory)->va() + kStackGapBytes; }

std::span<const uint8_t> Workspace::SliceOf(uint32_t hart) const {
  const uint64_t offset = (hart - kFirstComputeHart) * slice_bytes + kStackGapBytes;
  if (hart < kFirstComputeHart || offset + slice_bytes > (*memory)->size_bytes()) return {};
  return {(*memory)->as<const uint8_t>(offset), slice_bytes};
}

bool Workspace::Contains(uint64_t address, uint64_t size_bytes) const {
  return address >= (*memory)->va() && address - (*memory)->va() <= (*memory)->size_bytes() - size_bytes;
}

bool Workspace::IsInGap(uint64_t address) const {
  if (!Contains(address, 1)) return false;
  if (address < va()) return true;
  const uint64_t in_slice = (address - va()) % slice_bytes, gap_end = slice_bytes - stack_bytes;
  return in_slice < gap_end && in_slice >= gap_end - kStackGapBytes;
}

// Called at the end of every job: a load of each of two words tells that there is nothing.
void ShellSpace::DrainPrints() {
  const tq_shell_ring* const header = ring_header_.load(std::memory_order_acquire);
  if (header == nullptr ||
      (__atomic_load_n(&header->tail, __ATOMIC_ACQUIRE) == __atomic_load_n(&header->head, __ATOMIC_ACQUIRE) &&
       !printing_.load(std::memory_order_acquire))) {
    return;
  }
  const std::lock_guard lock(print_mutex_);
  // Set before the ring is emptied: who finds it empty must know whether its text is still on the way out.
  printing_.store(true, std::memory_order_release);
  std::string text;
  const absl::Status status = ring_->Drain(&text);
  if (!text.empty()) Print(text.data(), text.size());
  if (!status.ok()) Log(1, std::string(status.message()).c_str());
  if (const uint64_t lost = ring_->TakeLost(); lost != 0) {
    Log(1, ("Texts that kernels printed found no room (" + std::to_string(lost) + ").").c_str());
  }
  printing_.store(false, std::memory_order_release);
}

}  // namespace tq::hal::tqgpu
