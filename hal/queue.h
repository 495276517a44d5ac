// An in-order queue and the command buffers that it takes. Queue and Commands are for one thread at a time.
#pragma once

#include <span>

#include "absl/status/statusor.h"
#include "hal/device.h"

namespace tq::hal {

class Commands {
 public:
  static absl::StatusOr<Commands> Create(const AddressSpace& vm);

  absl::Status Reset();
  absl::Status Copy(const hal_copy& copy);
  absl::Status CopyLinear(hal_va dst, hal_va src, uint64_t size_bytes);
  absl::Status Fill(const hal_fill& fill);
  // The slot is for Patch.
  absl::StatusOr<uint32_t> Dispatch(const hal_dispatch& dispatch);
  absl::Status Patch(uint32_t slot, const hal_dispatch& dispatch);
  absl::Status MemoryOp(const hal_memop& memop);
  absl::Status Timestamp(hal_va va);

  hal_cmd* get() const { return handle_.get(); }

 private:
  Handle<hal_cmd, &hal_backend::cmd_destroy> handle_;
};

class Queue {
 public:
  static absl::StatusOr<Queue> Create(const AddressSpace& vm, hal_queue_class queue_class,
                                      int32_t priority = 0, std::span<const uint64_t> units = {});

  absl::Status Submit(std::span<const hal_sem_point> waits, std::span<hal_cmd* const> cmds,
                      std::span<const hal_sem_point> signals);
  // The launch path: one dispatch, one signal (sem may be null).
  hal_status Dispatch(const hal_dispatch& dispatch, hal_sem* sem, uint64_t value) {
    return handle_.table().queue_dispatch(get(), &dispatch, sem, value);
  }

  hal_queue* get() const { return handle_.get(); }

 private:
  Handle<hal_queue, &hal_backend::queue_destroy> handle_;
};

}  // namespace tq::hal
