#include "hal/cpu/executable.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>
#include <set>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "hal/cpu/device.h"
#include "hal/cpu/features.h"
#include "hal/cpu/imports.h"
#include "hal/cpu/vm.h"
#include "hal/sized.h"

namespace {

struct Registry {
  std::mutex mutex;
  std::set<hal_exec*> executables;
};

Registry& GetRegistry() {
  static auto* registry = new Registry;
  return *registry;
}

template <size_t kSize>
void CopyText(char (&to)[kSize], const std::string& from) {
  std::strncpy(to, from.c_str(), kSize - 1);
  to[kSize - 1] = 0;
}

}  // namespace

uint32_t hal_kernel::DynamicSharedOffset() const {
  const uint32_t align = std::clamp<uint32_t>(record.shared_align_bytes, 16, 1024);
  return (record.static_shared_bytes + align - 1) / align * align;
}

// The last run counts a quarter: a kernel whose cost depends on its arguments settles on an average.
void hal_kernel::AddMeasurement(double ns_per_thread) {
  const double old = thread_ns.load(std::memory_order_relaxed);
  thread_ns.store(old == 0 ? ns_per_thread : old + (ns_per_thread - old) / 4, std::memory_order_relaxed);
}

hal_exec::~hal_exec() {
  Registry& registry = GetRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.executables.erase(this);
}

namespace tq::hal::cpu {
namespace {

constexpr char kTarget[] =
#if defined(__x86_64__)
    "x86_64-cpu";
#else
    "aarch64-cpu";
#endif

absl::Status CheckCompatible(const CodeObject& code) {
  if (code.target != kTarget) {
    return absl::InvalidArgumentError(absl::StrCat("The code is for another target (", code.target, ")."));
  }
  if (code.abi_version != TQ_CPU_ABI_VERSION) {
    return absl::InvalidArgumentError(
        absl::StrCat("The code is for another version of the kernel interface (", code.abi_version, ")."));
  }
  for (const absl::string_view feature : absl::StrSplit(code.features, ',', absl::SkipEmpty())) {
    if (feature[0] == '+' && !HostHasFeature(std::string(feature.substr(1)))) {
      return absl::InvalidArgumentError(
          absl::StrCat("The code needs instructions that this processor lacks (", feature, ")."));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<hal_exec*> Load(hal_vm* vm, std::span<const uint8_t> bytes,
                               std::span<const hal_import> imports) {
  auto code = ReadCodeObject(bytes);
  if (!code.ok()) return code.status();
  if (const absl::Status status = CheckCompatible(*code); !status.ok()) return status;
  std::unordered_map<std::string, uint64_t> addresses;
  for (const hal_import& import : imports) addresses.emplace(import.name, import.address);
  auto image = CodeImage::Load(code->payload, [&](const std::string& name) -> std::optional<uint64_t> {
    const auto it = addresses.find(name);
    return it != addresses.end() ? it->second : FindHostFunction(name);
  });
  if (!image.ok()) return image.status();
  auto exec = std::make_unique<hal_exec>();
  exec->device = vm->device;
  exec->image = *std::move(image);
  for (const KernelRecord& record : code->kernels) {
    const uint64_t entry = exec->image->Symbol(record.entry);
    if (!exec->image->ContainsCode(entry)) {
      return absl::InvalidArgumentError(
          absl::StrCat("The entry of kernel ", record.name, " is not in the code (", record.entry, ")."));
    }
    auto kernel = std::make_unique<hal_kernel>();
    kernel->exec = exec.get();
    kernel->entry = reinterpret_cast<const void*>(entry);
    kernel->record = record;
    exec->kernels.push_back(std::move(kernel));
  }
  exec->code = *std::move(code);
  exec->code.payload = {};
  Registry& registry = GetRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.executables.insert(exec.get());
  return exec.release();
}

}  // namespace

bool DescribePc(uint64_t pc, hal_fault* fault) {
  Registry& registry = GetRegistry();
  const std::lock_guard lock(registry.mutex);
  for (const hal_exec* exec : registry.executables) {
    const CodeImage& image = *exec->image;
    if (!image.ContainsCode(pc)) continue;
    fault->pc_offset = pc - image.text_begin();
    const std::vector<LineRecord>& lines = exec->code.lines;
    auto it =
        std::upper_bound(lines.begin(), lines.end(), fault->pc_offset,
                         [](uint64_t offset, const LineRecord& line) { return offset < line.pc_offset; });
    if (it == lines.begin() || fault->pc_offset >= image.text_size_bytes()) return true;
    --it;
    fault->ptx_line = it->ptx_line;
    fault->source_line = it->source_line;
    if (it->file < exec->code.files.size()) CopyText(fault->source_file, exec->code.files[it->file]);
    if (it->function < exec->code.functions.size())
      CopyText(fault->function, exec->code.functions[it->function]);
    return true;
  }
  return false;
}

hal_status ExecProbe(hal_device* device, uint32_t index, hal_target* target) {
  if (index != 0) return HAL_NOT_FOUND;
  hal_target value = {};
  CopyText(value.target, kTarget);
  CopyText(value.features, device->features);
  value.abi_version = TQ_CPU_ABI_VERSION;
  WriteSized(target, value);
  return HAL_OK;
}

hal_status ExecLoad(hal_vm* vm, const void* code, size_t code_size, const hal_import* imports,
                    size_t import_count, hal_exec** out, char* log, size_t log_size) {
  if (log_size > 0) log[0] = 0;
  const auto exec = Load(vm, {static_cast<const uint8_t*>(code), code_size}, {imports, import_count});
  if (exec.ok()) {
    *out = *exec;
    return HAL_OK;
  }
  if (log_size > 0) {
    const std::string text(exec.status().message());
    std::strncpy(log, text.c_str(), log_size - 1);
    log[log_size - 1] = 0;
  }
  return absl::IsResourceExhausted(exec.status()) ? HAL_OUT_OF_HOST_MEMORY : HAL_INCOMPATIBLE_CODE;
}

void ExecUnload(hal_exec* exec) { exec->Unref(); }

hal_status ExecKernel(hal_exec* exec, const char* name, hal_kernel** out, hal_kernel_info* info) {
  for (const auto& kernel : exec->kernels) {
    if (kernel->record.name != name) continue;
    *out = kernel.get();
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
  return HAL_NOT_FOUND;
}

hal_status ExecSymbol(hal_exec* exec, const char* name, hal_va* address) {
  for (const SymbolRecord& symbol : exec->code.symbols) {
    if (symbol.name != name) continue;
    *address = exec->image->Symbol(symbol.symbol);
    return *address == 0 ? HAL_NOT_FOUND : HAL_OK;
  }
  return HAL_NOT_FOUND;
}

// Threads and shared memory are what a worker can hold; registers are no limit here. Cooperative grids of
// this size are resident by construction: every worker keeps its share as fibers.
hal_status KernelOccupancy(hal_kernel* kernel, hal_dim3 block, uint32_t dynamic_shared_bytes,
                           hal_occupancy* out) {
  const hal_device_info& info = kernel->exec->device->info;
  const uint64_t threads = uint64_t{block.x} * block.y * block.z;
  const uint64_t shared = kernel->SharedBytes(dynamic_shared_bytes);
  uint64_t blocks = 0;
  if (threads != 0 && threads <= std::min(info.max_threads_per_block, kernel->record.max_threads) &&
      shared <= info.max_shared_bytes_per_block) {
    const uint64_t warp_threads = (threads + info.warp_size - 1) / info.warp_size * info.warp_size;
    blocks = std::min<uint64_t>(info.max_blocks_per_unit, info.max_threads_per_unit / warp_threads);
    if (shared != 0) blocks = std::min(blocks, info.shared_bytes_per_unit / shared);
  }
  WriteSized(out, {.blocks_per_unit = static_cast<uint32_t>(blocks),
                   .resident_blocks = static_cast<uint32_t>(blocks * info.compute_units)});
  return HAL_OK;
}

}  // namespace tq::hal::cpu
