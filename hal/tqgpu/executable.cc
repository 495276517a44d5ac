#include "hal/tqgpu/executable.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/cpu_abi.h"
#include "base/status.h"
#include "hal/sized.h"
#include "hal/tqgpu/card/target.h"

hal_kernel* hal_exec::HandleOf(const tq::hal::tqgpu::Kernel* kernel) {
  const std::lock_guard lock(mutex);
  return &kernels.try_emplace(kernel, hal_kernel{kernel, image}).first->second;
}

namespace tq::hal::tqgpu {
namespace {

template <size_t kSize>
void CopyText(char (&to)[kSize], std::string_view from) {
  const size_t size = std::min(from.size(), kSize - 1);
  std::memcpy(to, from.data(), size);
  to[size] = 0;
}

}  // namespace

uint32_t Kernel::DynamicSharedOffset() const {
  const uint32_t align = std::clamp<uint32_t>(record.shared_align_bytes, 16, 1024);
  return (record.static_shared_bytes + align - 1) / align * align;
}

absl::Status Image::Read(std::span<const uint8_t> code) {
  ASSIGN_OR_RETURN(object_, ReadCodeObject(code));
  if (object_.target != kTarget) {
    return absl::InvalidArgumentError(absl::StrCat("The code is for another target (", object_.target, ")."));
  }
  if (object_.abi_version != TQ_CPU_ABI_VERSION) {
    return absl::InvalidArgumentError(
        absl::StrCat("The code is for another version of the kernel interface (", object_.abi_version, ")."));
  }
  if (!object_.features.empty() && object_.features != kTargetFeatures) {
    return absl::InvalidArgumentError(
        absl::StrCat("The code needs another instruction set (", object_.features, ")."));
  }
  return absl::OkStatus();
}

absl::Status Image::Place(std::span<const hal_import> imports) {
  std::unordered_map<std::string, uint64_t> addresses;
  for (const hal_import& import : imports) addresses.emplace(import.name, import.address);
  ASSIGN_OR_RETURN(const RelocatableCode relocatable, RelocatableCode::Read(object_.payload));
  const hal_status status =
      Buffer::Create(space_->node(), relocatable.size_bytes(), 0, DRM_TQGPU_PLACE_VRAM, &buffer_);
  if (status != HAL_OK) return absl::ResourceExhaustedError("The device has no memory for the code.");
  ASSIGN_OR_RETURN(placed_,
                   relocatable.Place(buffer_->va(), [&](const std::string& name) -> std::optional<uint64_t> {
                     if (const auto it = addresses.find(name); it != addresses.end()) return it->second;
                     const uint64_t address = space_->shell().FindExport(name);
                     return address != 0 ? std::optional<uint64_t>(address) : std::nullopt;
                   }));
  for (const KernelRecord& record : object_.kernels) {
    const uint64_t entry = placed_.Symbol(record.entry);
    if (!placed_.ContainsCode(entry)) {
      return absl::InvalidArgumentError(
          absl::StrCat("The entry of kernel ", record.name, " is not in the code (", record.entry, ")."));
    }
    kernels_.push_back({record, entry});
  }
  std::memcpy(buffer_->as<uint8_t>(), placed_.bytes.data(),
              std::min<uint64_t>(placed_.bytes.size(), buffer_->size_bytes()));
  placed_.bytes = {};
  object_.payload = {};
  return absl::OkStatus();
}

// Code after it was written: the device then forgets what its instruction caches had there.
hal_status Image::Map() {
  std::vector<drm_tqgpu_bind_op> ops;
  const auto add = [&](uint64_t begin, uint64_t end, uint32_t flags) {
    if (begin == end) return;
    drm_tqgpu_bind_op op = {};
    op.op = DRM_TQGPU_BIND_MAP;
    op.flags = flags;
    op.handle = buffer_->handle();
    op.offset = begin;
    op.va = buffer_->va() + begin;
    op.size = end - begin;
    ops.push_back(op);
  };
  add(0, placed_.writable_offset, DRM_TQGPU_BIND_EXECUTE);
  add(placed_.writable_offset, buffer_->size_bytes(), 0);
  return FromErrno(space_->node().Bind(space_->id(), ops));
}

hal_status Image::Load(std::shared_ptr<AddressSpace> space, std::span<const uint8_t> code,
                       std::span<const hal_import> imports, std::shared_ptr<Image>* out, std::string* log) {
  if (const hal_status status = space->shell().Prepare(0); status != HAL_OK) return status;
  std::shared_ptr<Image> image(new Image(std::move(space)));
  absl::Status status = image->Read(code);
  if (status.ok()) status = image->Place(imports);
  if (!status.ok()) {
    *log = std::string(status.message());
    return absl::IsResourceExhausted(status) ? HAL_OUT_OF_MEMORY : HAL_INCOMPATIBLE_CODE;
  }
  if (const hal_status result = image->Map(); result != HAL_OK) return result;
  image->space_->AddImage(image.get());
  *out = std::move(image);
  return HAL_OK;
}

Image::~Image() {
  space_->RemoveImage(this);
  if (buffer_ != nullptr) space_->Unmap(buffer_->va(), buffer_->size_bytes());
}

const Kernel* Image::FindKernel(const std::string& name) const {
  for (const Kernel& kernel : kernels_) {
    if (kernel.record.name == name) return &kernel;
  }
  return nullptr;
}

uint64_t Image::FindSymbol(const std::string& name) const {
  for (const SymbolRecord& symbol : object_.symbols) {
    if (symbol.name == name) return placed_.Symbol(symbol.symbol);
  }
  return 0;
}

bool Image::DescribePc(uint64_t pc, hal_fault* fault) const {
  if (!placed_.ContainsCode(pc)) return false;
  fault->pc_offset = pc - placed_.text_begin;
  const std::vector<LineRecord>& lines = object_.lines;
  auto it = std::upper_bound(lines.begin(), lines.end(), fault->pc_offset,
                             [](uint64_t offset, const LineRecord& line) { return offset < line.pc_offset; });
  if (it == lines.begin() || fault->pc_offset >= placed_.text_size_bytes) return true;
  --it;
  fault->ptx_line = it->ptx_line;
  fault->source_line = it->source_line;
  if (it->file < object_.files.size()) CopyText(fault->source_file, object_.files[it->file]);
  if (it->function < object_.functions.size()) CopyText(fault->function, object_.functions[it->function]);
  return true;
}

hal_status ExecProbe(hal_device* device, uint32_t index, hal_target* target) {
  if (index != 0) return HAL_NOT_FOUND;
  hal_target value = {};
  CopyText(value.target, kTarget);
  CopyText(value.features, kTargetFeatures);
  value.abi_version = TQ_CPU_ABI_VERSION;
  WriteSized(target, value);
  return HAL_OK;
}

hal_status ExecLoad(hal_vm* vm, const void* code, size_t code_size, const hal_import* imports,
                    size_t import_count, hal_exec** out, char* log, size_t log_size) {
  if (log_size > 0) log[0] = 0;
  std::shared_ptr<Image> image;
  std::string text;
  const hal_status status = Image::Load(vm->space, {static_cast<const uint8_t*>(code), code_size},
                                        {imports, import_count}, &image, &text);
  if (status == HAL_OK) {
    *out = new hal_exec;
    (*out)->image = std::move(image);
  } else if (log_size > 0) {
    const size_t size = std::min(text.size(), log_size - 1);
    std::memcpy(log, text.data(), size);
    log[size] = 0;
  }
  return status;
}

void ExecUnload(hal_exec* exec) { delete exec; }

hal_status ExecKernel(hal_exec* exec, const char* name, hal_kernel** out, hal_kernel_info* info) {
  const Kernel* const kernel = exec->image->FindKernel(name);
  if (kernel == nullptr) return HAL_NOT_FOUND;
  *out = exec->HandleOf(kernel);
  if (info != nullptr) {
    const KernelRecord& record = kernel->record;
    WriteSized(info, {.param_size_bytes = record.param_size_bytes,
                      .static_shared_bytes = record.static_shared_bytes,
                      .local_bytes = record.local_bytes,
                      .register_count = record.register_count,
                      .max_threads_per_block = std::min(record.max_threads, 1024u),
                      .code_size_bytes = static_cast<uint32_t>(exec->image->code_size_bytes()),
                      .flags = record.flags});
  }
  return HAL_OK;
}

hal_status ExecSymbol(hal_exec* exec, const char* name, hal_va* address) {
  *address = exec->image->FindSymbol(name);
  return *address == 0 ? HAL_NOT_FOUND : HAL_OK;
}

// Threads and shared memory are what a hart can hold; the blocks of a cooperative grid are resident as
// fibers.
hal_status KernelOccupancy(hal_kernel* kernel, hal_dim3 block, uint32_t dynamic_shared_bytes,
                           hal_occupancy* out) {
  const hal_device_info& info = kernel->image->space().device().info();
  const KernelRecord& record = kernel->kernel->record;
  const uint64_t threads = uint64_t{block.x} * block.y * block.z;
  const uint64_t shared = uint64_t{kernel->kernel->DynamicSharedOffset()} + dynamic_shared_bytes;
  uint64_t blocks = 0;
  if (threads != 0 && threads <= std::min(info.max_threads_per_block, record.max_threads) &&
      shared <= info.max_shared_bytes_per_block) {
    const uint64_t warp_threads = RoundUp(threads, info.warp_size);
    blocks = std::min<uint64_t>(info.max_blocks_per_unit, info.max_threads_per_unit / warp_threads);
    if (shared != 0) blocks = std::min(blocks, info.shared_bytes_per_unit / shared);
  }
  WriteSized(out, {.blocks_per_unit = static_cast<uint32_t>(blocks),
                   .resident_blocks = static_cast<uint32_t>(blocks * info.compute_units)});
  return HAL_OK;
}

}  // namespace tq::hal::tqgpu
