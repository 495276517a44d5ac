#include "hal/tqgpu/shell/hart_report.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hal/tqgpu/shell/shell_abi.h"

namespace tq::hal::tqgpu {
namespace {

class Slice {
 public:
  Slice(std::span<const uint8_t> bytes, uint64_t va) : bytes_(bytes), va_(va) {}

  // The object at that device address; nothing when it does not lie in the slice.
  template <typename T>
  std::optional<T> Read(uint64_t address) const {
    const uint64_t offset = address - va_;
    if (offset > bytes_.size() || sizeof(T) > bytes_.size() - offset) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

 private:
  const std::span<const uint8_t> bytes_;
  const uint64_t va_;
};

// Where a kernel runs warp by warp it keeps no %tid, but the linear index of the first or the only thread of
// those it is at.
std::optional<tq_cpu_dim3> LoopThread(const Slice& memory, const tq_cpu_block& block) {
  if (block.thread == nullptr) return block.loop_tid;
  const auto named = memory.Read<tq_cpu_thread>(reinterpret_cast<uint64_t>(block.thread));
  const tq_cpu_dim3& size = block.ntid;
  if (!named.has_value() || size.x == 0 || size.y == 0) return std::nullopt;
  const uint32_t row = named->linear_tid / size.x;
  return tq_cpu_dim3{named->linear_tid % size.x, row % size.y, row / size.y};
}

template <size_t kSize>
std::string Text(const char (&from)[kSize]) {
  return std::string(from, strnlen(from, kSize));
}

// As CUDA prints it (CUDA C++ Programming Guide, "Assertion").
std::string AssertMessage(const tq_shell_hart& hart, const HartReport& report) {
  const tq_cpu_dim3 b = report.block.value_or(tq_cpu_dim3{}), t = report.thread.value_or(tq_cpu_dim3{});
  return absl::StrFormat("%s:%u: %s: block: [%u,%u,%u], thread: [%u,%u,%u] Assertion `%s` failed.\n",
                         Text(hart.assert_file), hart.assert_line, Text(hart.assert_function), b.x, b.y, b.z,
                         t.x, t.y, t.z, Text(hart.assert_message));
}

}  // namespace

HartReport ReadHartReport(std::span<const uint8_t> slice, uint64_t slice_va) {
  HartReport report;
  const Slice memory(slice, slice_va);
  const std::optional<tq_shell_hart> hart = memory.Read<tq_shell_hart>(slice_va);
  if (!hart.has_value()) return report;
  uint64_t block_address = hart->block;
  std::optional<tq_cpu_thread> thread;
  if (hart->thread > TQ_SHELL_LOOP_THREAD) {
    thread = memory.Read<tq_cpu_thread>(hart->thread);
    block_address = thread.has_value() ? reinterpret_cast<uint64_t>(thread->block) : 0;
  }
  if (const auto block = memory.Read<tq_cpu_block>(block_address); block.has_value()) {
    report.block = block->ctaid;
    if (hart->thread == TQ_SHELL_LOOP_THREAD) report.thread = LoopThread(memory, *block);
  }
  if (thread.has_value()) report.thread = thread->tid;
  if (hart->fault_kind != 0) {
    report.kind = hart->fault_kind;
    report.payload = hart->fault_payload;
    report.pc = hart->fault_pc;
  }
  if (report.kind == TQ_CPU_FAULT_ASSERT) report.message = AssertMessage(*hart, report);
  return report;
}

}  // namespace tq::hal::tqgpu
