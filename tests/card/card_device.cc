#include "tests/card/card_device.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hal/tqgpu/shell/shell_image.h"

namespace tq::card_test {
namespace {

using hal::tqgpu::CodeImage;
using hal::tqgpu::RelocatableCode;

bool g_counts_instructions = false;

constexpr uint64_t RoundUp(uint64_t value, uint64_t align) { return (value + align - 1) / align * align; }

constexpr uint64_t kPage = 4096;
constexpr uint64_t kShellVa = 0x10000000, kCodeVa = 0x20000000, kWorkspaceVa = 0x4000000000,
                   kDataVa = 0x7f0000000000;
constexpr uint64_t kTableBytes = 2 << 20, kArenaBytes = 8 << 20, kHeapBytes = 1 << 20,
                   kRingBytes = 65536 + 4096;
constexpr uint64_t kRead = TQGPU_PTE_READ, kWrite = kRead | TQGPU_PTE_WRITE,
                   kExecute = kRead | TQGPU_PTE_EXECUTE;
constexpr uint64_t kParamsOffset = RoundUp(sizeof(tq_shell_dispatch), 64);  // tensor maps want it
constexpr uint64_t kPrintWaitTicks =
    50'000'000;  // of 100 ns: a busy machine may forget this process for a while
constexpr uint32_t kFirstComputeHart = 1;

}  // namespace

void CardDevice::CountInstructions() { g_counts_instructions = true; }

std::string CardDevice::Features() {
  const char* features = std::getenv("TIANQIAO_TEST_FEATURES");
  return features != nullptr ? features : "";
}

CardDevice& CardDevice::Get() {
  static CardDevice device;
  return device;
}

CardDevice::CardDevice() : card_(g_counts_instructions ? 2 : kHarts, g_counts_instructions) {
  if (!card_.ok() || !card_.BootFirmware(emulator::ReadFile(TQ_CARD_FIRMWARE))) {
    std::fputs("The emulated card does not start; is qemu-system-misc installed?\n", stderr);
    std::abort();
  }
  compute_harts_ = card_.control()->engine[TQGPU_ENGINE_COMPUTE].hart_count;
  next_table_ = TQGPU_HEAP_OFFSET;
  next_page_ = TQGPU_HEAP_OFFSET + kTableBytes;
  pt_ = {vram(), card_.control()->vram_address, TakePages(kPage)};
  std::memset(vram() + pt_.root, 0, kPage);
  PlaceShell();
  auto place = [&, va = kDataVa](uint64_t size_bytes) mutable {
    const uint64_t offset = TakePages(size_bytes);
    Map(va, offset, RoundUp(size_bytes, kPage), kWrite);
    const Buffer buffer = {va, vram() + offset};
    va += RoundUp(size_bytes, kPage);
    return buffer;
  };
  arena_ = place(kArenaBytes);
  heap_ = place(kHeapBytes);
  stream_ = place(kPage);
  const Buffer ring = place(kRingBytes);
  const absl::Status formatted = hal::tqgpu::PrintRing::Format(ring.host, kRingBytes, kPrintWaitTicks);
  if (!formatted.ok()) std::abort();
  ring_ = std::make_unique<hal::tqgpu::PrintRing>(ring.host);
  device_ = place(sizeof(tq_shell_device));
  const tq_shell_device device = {.size_bytes = sizeof(tq_shell_device),
                                  .abi_version = TQ_SHELL_ABI_VERSION,
                                  .timebase_hz = card_.control()->timebase_hz,
                                  .print_ring = ring.va,
                                  .heap = heap_.va,
                                  .heap_bytes = kHeapBytes};
  std::memcpy(device_.host, &device, sizeof device);
  first_page_ = next_page_;
}

uint64_t CardDevice::TakePages(uint64_t size_bytes) {
  const uint64_t offset = next_page_;
  next_page_ += RoundUp(size_bytes, kPage);
  if (next_page_ > emulator::EmulatedCard::kVramBytes) {
    std::fputs("The card has no memory left for the test.\n", stderr);
    std::abort();
  }
  return offset;
}

// Tables stay where they are from launch to launch.
void CardDevice::FillPool(uint32_t pages) {
  for (; pool_.count < pages; next_table_ += kPage) {
    if (next_table_ == TQGPU_HEAP_OFFSET + kTableBytes) {
      std::fputs("The card has no memory left for page tables.\n", stderr);
      std::abort();
    }
    tqgpu_pt_pool_push(&pt_, &pool_, next_table_);
  }
}

void CardDevice::Map(uint64_t va, uint64_t vram_offset, uint64_t size_bytes, uint64_t rights) {
  FillPool(tqgpu_pt_map_pages(va, size_bytes));
  tqgpu_pt_map(&pt_, &pool_, va, size_bytes, card_.control()->vram_address + vram_offset, rights);
}

void CardDevice::Unmap(uint64_t va, uint64_t size_bytes) {
  FillPool(TQGPU_PT_SPLIT_PAGES);
  tqgpu_pt_unmap(&pt_, &pool_, va, size_bytes);
}

void CardDevice::UnmapGuards(const tq_shell_dispatch& dispatch) {
  for (uint64_t slot = 0; slot < compute_harts_; ++slot) {
    const uint64_t slice = dispatch.workspace + slot * dispatch.slice_bytes;
    if ((dispatch.flags & TQ_SHELL_FIBERS) == 0) {
      Unmap(slice + dispatch.slice_bytes - RoundUp(dispatch.stack_bytes, kPage) - dispatch.stack_gap_bytes,
            dispatch.stack_gap_bytes);
      continue;
    }
    const tq_shell_unit_layout layout = tq_shell_layout_unit(&dispatch);
    const uint64_t fibers = tq_shell_volume(dispatch.cluster) * tq_shell_volume(dispatch.block);
    for (uint64_t i = 0; i < dispatch.resident_units * fibers; ++i) {
      Unmap(slice + TQ_SHELL_HART_BYTES + i / fibers * layout.size_bytes + layout.stacks +
                i % fibers * layout.stack_stride,
            dispatch.stack_gap_bytes);
    }
  }
}

uint32_t CardDevice::Control(tqgpu_ring_op op, uint64_t address, uint64_t size) {
  tqgpu_ring_entry entry = {};
  entry.op = op;
  entry.address = address;
  entry.size = size;
  return card_.Wait(TQGPU_ENGINE_CONTROL, card_.Submit(TQGPU_ENGINE_CONTROL, entry)).status;
}

void CardDevice::PlaceShell() {
  const std::span<const uint8_t> image = hal::tqgpu::ShellImage();
  const uint64_t offset = TakePages(image.size());
  std::memcpy(vram() + offset, image.data(), image.size());
  Map(kShellVa, offset, RoundUp(image.size(), kPage), kExecute);
  Control(TQGPU_RING_INVALIDATE_CODE, card_.control()->vram_address + offset, RoundUp(image.size(), kPage));
}

void CardDevice::Reset() {
  arena_used_ = 0;
  std::memset(heap_.host, 0, kPage);  // the shell's own structure
}

Buffer CardDevice::Allocate(uint64_t size_bytes) {
  const uint64_t at = arena_used_;
  arena_used_ += RoundUp(std::max<uint64_t>(size_bytes, 1), 256);
  if (arena_used_ > kArenaBytes) {
    std::fputs("The test wants more memory than there is on the card.\n", stderr);
    std::abort();
  }
  std::memset(arena_.host + at, 0, size_bytes);
  return {arena_.va + at, arena_.host + at};
}

absl::StatusOr<CodeImage> CardDevice::PlaceCode(
    const CodeObject& code, const std::vector<std::pair<std::string, uint64_t>>& imports) {
  ASSIGN_OR_RETURN(const RelocatableCode relocatable, RelocatableCode::Read(code.payload));
  ASSIGN_OR_RETURN(CodeImage image,
                   relocatable.Place(kCodeVa, [&](const std::string& name) -> std::optional<uint64_t> {
                     for (const auto& [import, address] : imports) {
                       if (import == name) return address;
                     }
                     const std::optional<uint64_t> offset = hal::tqgpu::FindShellFunction(name);
                     return offset.has_value() ? std::optional<uint64_t>(kShellVa + *offset) : std::nullopt;
                   }));
  code_bytes_ = image.bytes.size();
  const uint64_t offset = TakePages(code_bytes_);
  std::memcpy(vram() + offset, image.bytes.data(), image.bytes.size());
  Map(kCodeVa, offset, image.writable_offset, kExecute);
  if (image.bytes.size() > image.writable_offset) {
    Map(kCodeVa + image.writable_offset, offset + image.writable_offset,
        image.bytes.size() - image.writable_offset, kWrite);
  }
  const uint32_t status =
      Control(TQGPU_RING_INVALIDATE_CODE, card_.control()->vram_address + offset, image.bytes.size());
  if (status != TQGPU_COMPLETION_OK) return absl::InternalError("The card does not take the code.");
  return image;
}

uint32_t CardDevice::SubmitDispatch(uint64_t argument_va, uint64_t units, uint64_t workspace_va,
                                    uint64_t slice_bytes) {
  tqgpu_packet_dispatch packet = {};
  packet.header = {TQGPU_PACKET_DISPATCH, sizeof packet};
  packet.entry = kShellVa + TQ_SHELL_ENTRY;
  packet.argument = argument_va;
  packet.block_count = units;
  packet.stack = workspace_va;
  packet.stack_stride = slice_bytes;
  std::memcpy(stream_.host, &packet, sizeof packet);
  tqgpu_ring_entry entry = {};
  entry.op = TQGPU_RING_EXECUTE;
  entry.satp = tqgpu_pt_satp(&pt_, 1);
  entry.address = stream_.va;
  entry.size = sizeof packet;
  return card_.Submit(TQGPU_ENGINE_COMPUTE, entry);
}

absl::StatusOr<LaunchResult> CardDevice::Run(const CodeObject& code, const std::string& kernel,
                                             const std::vector<std::pair<std::string, uint64_t>>& imports,
                                             const LaunchOptions& options) {
  // Code, page tables and workspace are of one launch alone.
  if (code_bytes_ != 0) Unmap(kCodeVa, code_bytes_);
  if (workspace_bytes_ != 0) Unmap(kWorkspaceVa, workspace_bytes_);
  code_bytes_ = workspace_bytes_ = 0;
  next_page_ = first_page_;
  const auto record = std::find_if(code.kernels.begin(), code.kernels.end(),
                                   [&](const KernelRecord& candidate) { return candidate.name == kernel; });
  if (record == code.kernels.end())
    return absl::NotFoundError(absl::StrCat("There is no kernel ", kernel, "."));
  ASSIGN_OR_RETURN(const CodeImage image, PlaceCode(code, imports));

  const Buffer argument = Allocate(kParamsOffset + options.params.size());
  std::memcpy(argument.host + kParamsOffset, options.params.data(), options.params.size());
  tq_shell_dispatch dispatch = {.size_bytes = sizeof(tq_shell_dispatch)};
  dispatch.flags = ((record->flags & TQ_KERNEL_FIBERS) != 0 ? TQ_SHELL_FIBERS : 0) |
                   (options.is_cooperative ? TQ_SHELL_COOPERATIVE : 0);
  dispatch.device = device_.va;
  dispatch.kernel = image.Symbol(record->entry);
  dispatch.params = argument.va + kParamsOffset;
  dispatch.grid_id = 1;
  dispatch.grid = options.grid;
  dispatch.block = options.block;
  dispatch.cluster = options.cluster;
  const uint32_t align = std::clamp<uint32_t>(record->shared_align_bytes, 16, 1024);
  dispatch.dynamic_shared_offset = static_cast<uint32_t>(RoundUp(record->static_shared_bytes, align));
  dispatch.shared_bytes = dispatch.dynamic_shared_offset + options.dynamic_shared_bytes;
  dispatch.stack_bytes = RoundUp(record->local_bytes + options.stack_bytes + TQ_SHELL_STACK_RESERVE, 16);
  dispatch.stack_gap_bytes = options.has_guards ? kPage : 0;
  dispatch.resident_units = 1;
  const uint64_t units = tq_shell_units(&dispatch);
  if (options.is_cooperative)
    dispatch.resident_units = static_cast<uint32_t>((units + compute_harts_ - 1) / compute_harts_);
  dispatch.grid_workspace[0] = 8;
  dispatch.workspace = kWorkspaceVa;
  dispatch.slice_bytes = RoundUp(tq_shell_slice_bytes(&dispatch), kPage);
  std::memcpy(argument.host, &dispatch, sizeof dispatch);
  workspace_bytes_ = dispatch.slice_bytes * compute_harts_;
  const uint64_t workspace = TakePages(workspace_bytes_);
  Map(kWorkspaceVa, workspace, workspace_bytes_, kWrite);
  if (options.has_guards) UnmapGuards(dispatch);
  Control(TQGPU_RING_INVALIDATE_TLB, 0, 0);

  const uint32_t faults = card_.control()->fault_tail;
  const uint32_t seqno = SubmitDispatch(argument.va, units, kWorkspaceVa, dispatch.slice_bytes);
  LaunchResult result;
  // The ring is emptied meanwhile: kernels wait for that.
  tqgpu_completion completion = {};
  for (int waited = 0; waited < 600; ++waited) {
    completion = card_.Wait(TQGPU_ENGINE_COMPUTE, seqno, 100);
    const absl::Status drained = ring_->Drain(&result.printed);
    if (!drained.ok()) return drained;
    if (completion.status != 0xffffffff) break;
  }
  result.status = completion.status;
  result.instructions = completion.instructions;
  if (result.status != TQGPU_COMPLETION_FAULT) return result;
  card_.WaitUntil([&] { return card_.control()->fault_tail != faults; }, 5000);
  result.fault = card_.LastFault();
  const uint64_t slice = (result.fault.hart - kFirstComputeHart) * dispatch.slice_bytes;
  result.report =
      hal::tqgpu::ReadHartReport({vram() + workspace + slice, dispatch.slice_bytes}, kWorkspaceVa + slice);
  const uint64_t pc = result.fault.cause == TQGPU_FAULT_CAUSE_ECALL ? result.report.pc : result.fault.pc;
  for (const LineRecord& line : code.lines) {
    if (image.ContainsCode(pc) && line.pc_offset <= pc - image.text_begin) result.ptx_line = line.ptx_line;
  }
  return result;
}

}  // namespace tq::card_test
