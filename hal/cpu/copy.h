// Copies and fills, cut into pieces that threads can share. Large ones write around the caches.
#pragma once

#include <cstdint>
#include <variant>

#include "hal/cpu/work.h"
#include "hal/include/tianqiao/hal.h"

namespace tq::hal::cpu {

// A copy or a fill as rows of bytes. Rows that follow each other without a gap have been joined.
class Transfer {
 public:
  explicit Transfer(const hal_copy& copy);
  explicit Transfer(const hal_fill& fill);

  uint64_t total_bytes() const { return row_bytes_ * row_count_ * slice_count_; }
  uint64_t piece_count() const { return piece_count_; }
  // Moves one piece. `streaming`: with stores that leave the caches alone.
  void MovePiece(uint64_t piece, bool streaming) const;

 private:
  void CutPieces();
  void MoveRow(uint64_t row, uint64_t offset, uint64_t size_bytes, bool streaming) const;

  bool is_fill_ = false;
  uint64_t dst_ = 0, src_ = 0;
  uint64_t row_bytes_ = 0, row_count_ = 1, slice_count_ = 1;
  uint64_t dst_row_pitch_ = 0, dst_slice_pitch_ = 0, src_row_pitch_ = 0, src_slice_pitch_ = 0;
  uint32_t pattern_ = 0;  // repeated to 32 bits
  uint64_t pieces_per_row_ = 1, rows_per_piece_ = 1, piece_count_ = 0;
};

// One unit per piece; a bad address is a fault of the queue's vm, as in a kernel.
class TransferWork final : public Work {
 public:
  TransferWork(hal_queue* owner, hal_vm* vm, const Transfer& transfer, bool streaming)
      : Work(owner, transfer.piece_count()), vm_(vm), transfer_(transfer), streaming_(streaming) {}

  uint64_t Run(Runner& runner, uint64_t begin, uint64_t end) override;

 private:
  hal_vm* const vm_;
  const Transfer transfer_;
  const bool streaming_;
};

}  // namespace tq::hal::cpu
