#include "hal/cpu/copy.h"

#include <algorithm>
#include <cstring>

#include "hal/cpu/fault.h"
#include "hal/cpu/runner.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tq::hal::cpu {
namespace {

constexpr uint64_t kPieceBytes = 1 << 20;

uint8_t* Bytes(uint64_t address) { return reinterpret_cast<uint8_t*>(address); }

#if defined(__SSE2__)
void CopyStreaming(uint8_t* dst, const uint8_t* src, uint64_t size) {
  const uint64_t head = std::min<uint64_t>((16 - (reinterpret_cast<uint64_t>(dst) & 15)) & 15, size);
  std::memcpy(dst, src, head);
  dst += head, src += head, size -= head;
  for (; size >= 64; dst += 64, src += 64, size -= 64) {
    const auto* from = reinterpret_cast<const __m128i*>(src);
    auto* to = reinterpret_cast<__m128i*>(dst);
    const __m128i a = _mm_loadu_si128(from), b = _mm_loadu_si128(from + 1);
    const __m128i c = _mm_loadu_si128(from + 2), d = _mm_loadu_si128(from + 3);
    _mm_stream_si128(to, a);
    _mm_stream_si128(to + 1, b);
    _mm_stream_si128(to + 2, c);
    _mm_stream_si128(to + 3, d);
  }
  _mm_sfence();
  std::memcpy(dst, src, size);
}
#else
void CopyStreaming(uint8_t* dst, const uint8_t* src, uint64_t size) { std::memcpy(dst, src, size); }
#endif

// `phase`: where in the pattern the first byte is.
void Fill(uint8_t* dst, uint32_t pattern, uint32_t phase, uint64_t size, bool streaming) {
  if (pattern == (pattern & 0xff) * 0x01010101u && !streaming) {
    std::memset(dst, static_cast<int>(pattern & 0xff), size);
    return;
  }
  uint8_t tile[64 + 4];
  for (size_t i = 0; i < sizeof tile; i += 4) std::memcpy(tile + i, &pattern, 4);
  const uint8_t* source = tile + phase % 4;
#if defined(__SSE2__)
  if (streaming) {
    const uint64_t head = std::min<uint64_t>((16 - (reinterpret_cast<uint64_t>(dst) & 15)) & 15, size);
    std::memcpy(dst, source, head);
    dst += head, size -= head;
    source = tile + (phase + head) % 4;
    const __m128i value = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source));
    for (; size >= 64; dst += 64, size -= 64) {
      auto* to = reinterpret_cast<__m128i*>(dst);
      for (int i = 0; i < 4; ++i) _mm_stream_si128(to + i, value);
    }
    _mm_sfence();
  }
#endif
  for (; size >= 64; dst += 64, size -= 64) std::memcpy(dst, source, 64);
  std::memcpy(dst, source, size);
}

struct Pieces {
  const Transfer* transfer;
  uint64_t begin, end;
  bool streaming;
};

void MovePieces(void* context) {
  const auto& pieces = *static_cast<const Pieces*>(context);
  for (uint64_t i = pieces.begin; i < pieces.end; ++i) pieces.transfer->MovePiece(i, pieces.streaming);
}

}  // namespace

Transfer::Transfer(const hal_copy& copy)
    : dst_(copy.dst),
      src_(copy.src),
      row_bytes_(copy.row_bytes),
      row_count_(copy.rows),
      slice_count_(copy.slices),
      dst_row_pitch_(copy.dst_row_pitch),
      dst_slice_pitch_(copy.dst_slice_pitch),
      src_row_pitch_(copy.src_row_pitch),
      src_slice_pitch_(copy.src_slice_pitch) {
  CutPieces();
}

Transfer::Transfer(const hal_fill& fill)
    : is_fill_(true),
      dst_(fill.dst),
      row_bytes_(fill.row_elements * fill.element_bytes),
      row_count_(fill.rows),
      dst_row_pitch_(fill.row_pitch),
      pattern_(fill.element_bytes == 1   ? (fill.pattern & 0xff) * 0x01010101u
               : fill.element_bytes == 2 ? (fill.pattern & 0xffff) * 0x00010001u
                                         : fill.pattern) {
  CutPieces();
}

void Transfer::CutPieces() {
  if (total_bytes() == 0) return;
  if (row_count_ > 1 && dst_row_pitch_ == row_bytes_ && (is_fill_ || src_row_pitch_ == row_bytes_)) {
    row_bytes_ *= row_count_;
    row_count_ = 1;
  }
  if (row_count_ == 1 && slice_count_ > 1 && dst_slice_pitch_ == row_bytes_ &&
      src_slice_pitch_ == row_bytes_) {
    row_bytes_ *= slice_count_;
    slice_count_ = 1;
  }
  const uint64_t rows = row_count_ * slice_count_;
  if (row_bytes_ >= kPieceBytes) {
    pieces_per_row_ = (row_bytes_ + kPieceBytes - 1) / kPieceBytes;
    piece_count_ = rows * pieces_per_row_;
  } else {
    rows_per_piece_ = kPieceBytes / row_bytes_;
    piece_count_ = (rows + rows_per_piece_ - 1) / rows_per_piece_;
  }
}

void Transfer::MoveRow(uint64_t row, uint64_t offset, uint64_t size_bytes, bool streaming) const {
  const uint64_t slice = row / row_count_;
  const uint64_t row_in_slice = row % row_count_;
  uint8_t* dst = Bytes(dst_ + slice * dst_slice_pitch_ + row_in_slice * dst_row_pitch_ + offset);
  if (is_fill_) {
    Fill(dst, pattern_, static_cast<uint32_t>(offset & 3), size_bytes, streaming);
    return;
  }
  const uint8_t* src = Bytes(src_ + slice * src_slice_pitch_ + row_in_slice * src_row_pitch_ + offset);
  if (streaming) {
    CopyStreaming(dst, src, size_bytes);
  } else {
    std::memmove(dst, src, size_bytes);
  }
}

void Transfer::MovePiece(uint64_t piece, bool streaming) const {
  if (pieces_per_row_ > 1) {
    const uint64_t offset = piece % pieces_per_row_ * kPieceBytes;
    MoveRow(piece / pieces_per_row_, offset, std::min(kPieceBytes, row_bytes_ - offset), streaming);
    return;
  }
  const uint64_t begin = piece * rows_per_piece_;
  const uint64_t end = std::min(begin + rows_per_piece_, row_count_ * slice_count_);
  for (uint64_t row = begin; row < end; ++row) MoveRow(row, 0, row_bytes_, streaming);
}

uint64_t TransferWork::Run(Runner& runner, uint64_t begin, uint64_t end) {
  Pieces pieces = {&transfer_, begin, end, streaming_};
  if (!is_stopped() && !runner.Call(this, MovePieces, &pieces)) {
    if (Stop(HAL_FAULT_ILLEGAL_ADDRESS)) ReportFault(runner, vm_, nullptr);
  }
  return end - begin;
}

}  // namespace tq::hal::cpu
