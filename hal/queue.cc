#include "hal/queue.h"

#include "hal/error.h"

namespace tq::hal {

absl::StatusOr<Commands> Commands::Create(const AddressSpace& vm) {
  hal_cmd* cmd = nullptr;
  const hal_status status = vm.backend()->cmd_create(vm.get(), &cmd);
  if (status != HAL_OK) return ToStatus(status, "cmd_create");
  Commands commands;
  commands.handle_ = {vm.backend(), cmd};
  return commands;
}

absl::Status Commands::Reset() { return ToStatus(handle_.table().cmd_reset(get()), "cmd_reset"); }

absl::Status Commands::Copy(const hal_copy& copy) {
  return ToStatus(handle_.table().cmd_copy(get(), &copy), "cmd_copy");
}

absl::Status Commands::CopyLinear(hal_va dst, hal_va src, uint64_t size_bytes) {
  const hal_copy copy = {
      .size = sizeof copy, .dst = dst, .src = src, .row_bytes = size_bytes, .rows = 1, .slices = 1};
  return Copy(copy);
}

absl::Status Commands::Fill(const hal_fill& fill) {
  return ToStatus(handle_.table().cmd_fill(get(), &fill), "cmd_fill");
}

absl::StatusOr<uint32_t> Commands::Dispatch(const hal_dispatch& dispatch) {
  uint32_t slot = 0;
  const hal_status status = handle_.table().cmd_dispatch(get(), &dispatch, &slot);
  if (status != HAL_OK) return ToStatus(status, "cmd_dispatch");
  return slot;
}

absl::Status Commands::Patch(uint32_t slot, const hal_dispatch& dispatch) {
  return ToStatus(handle_.table().cmd_patch(get(), slot, &dispatch), "cmd_patch");
}

absl::Status Commands::MemoryOp(const hal_memop& memop) {
  return ToStatus(handle_.table().cmd_memop(get(), &memop), "cmd_memop");
}

absl::Status Commands::Timestamp(hal_va va) {
  return ToStatus(handle_.table().cmd_timestamp(get(), va), "cmd_timestamp");
}

absl::StatusOr<Queue> Queue::Create(const AddressSpace& vm, hal_queue_class queue_class, int32_t priority,
                                    std::span<const uint64_t> units) {
  const hal_queue_desc desc = {.size = sizeof desc,
                               .queue_class = static_cast<uint32_t>(queue_class),
                               .priority = priority,
                               .units = units.empty() ? nullptr : units.data(),
                               .unit_word_count = units.size()};
  hal_queue* queue = nullptr;
  const hal_status status = vm.backend()->queue_create(vm.get(), &desc, &queue);
  if (status != HAL_OK) return ToStatus(status, "queue_create");
  Queue result;
  result.handle_ = {vm.backend(), queue};
  return result;
}

absl::Status Queue::Submit(std::span<const hal_sem_point> waits, std::span<hal_cmd* const> cmds,
                           std::span<const hal_sem_point> signals) {
  const hal_submission submission = {.size = sizeof submission,
                                     .waits = waits.data(),
                                     .wait_count = waits.size(),
                                     .cmds = cmds.data(),
                                     .cmd_count = cmds.size(),
                                     .signals = signals.data(),
                                     .signal_count = signals.size()};
  return ToStatus(handle_.table().queue_submit(get(), &submission), "queue_submit");
}

}  // namespace tq::hal
