#include "hal/tqgpu/shell/print_ring.h"

#include <bit>
#include <cstddef>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hal/format_printf.h"
#include "hal/tqgpu/shell/shell_abi.h"

namespace tq::hal::tqgpu {
namespace {

constexpr uint64_t kAlign = 16;
constexpr uint64_t kPadBytes = offsetof(tq_shell_record, format_bytes);  // all that a pad has

uint64_t* Field(uint8_t* ring, size_t offset) { return reinterpret_cast<uint64_t*>(ring + offset); }

uint64_t LoadAcquire(const uint64_t* field) { return __atomic_load_n(field, __ATOMIC_ACQUIRE); }

template <typename... Parts>
absl::Status Damaged(const Parts&... parts) {
  return absl::DataLossError(absl::StrCat("The ring of printf is damaged: ", parts...));
}

// Whether [offset, offset + size) lies in a record of `record_bytes`.
bool Lies(uint64_t offset, uint64_t size, uint64_t record_bytes) {
  return offset <= record_bytes && size <= record_bytes - offset;
}

// The text of a record, which is a private copy with a NUL behind it.
absl::Status AppendText(std::vector<uint8_t>& record, std::string* text) {
  tq_shell_record header;
  std::memcpy(&header, record.data(), sizeof header);
  const uint64_t size = record.size() - 1;
  const uint64_t arguments = sizeof header + uint64_t{header.format_bytes};
  if (header.format_bytes == 0 || header.format_bytes % 8 != 0 || header.argument_bytes % 8 != 0 ||
      !Lies(sizeof header, header.format_bytes, size) || !Lies(arguments, header.argument_bytes, size)) {
    return Damaged("the parts of a record do not fit into it (", header.format_bytes, ", ",
                   header.argument_bytes, ").");
  }
  record[arguments - 1] = 0;
  const auto* format = reinterpret_cast<const char*>(record.data() + sizeof header);
  char buffer[kMaxPrintBytes];
  size_t length = 0;
  FormatPrintf(format,
               {.bytes = record.data() + arguments,
                .size_bytes = header.argument_bytes,
                .texts = reinterpret_cast<const char*>(record.data()),
                .texts_size_bytes = size},
               buffer, sizeof buffer, &length);
  text->append(buffer, length);
  return absl::OkStatus();
}

}  // namespace

absl::Status PrintRing::Format(void* ring, uint64_t size_bytes, uint64_t wait_ticks) {
  if (size_bytes < sizeof(tq_shell_ring) + kMinCapacityBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("The memory for the ring of printf is too small (", size_bytes, " bytes)."));
  }
  std::memset(ring, 0, size_bytes);
  auto* bytes = static_cast<uint8_t*>(ring);
  *Field(bytes, offsetof(tq_shell_ring, capacity_bytes)) = std::bit_floor(size_bytes - sizeof(tq_shell_ring));
  *Field(bytes, offsetof(tq_shell_ring, wait_ticks)) = wait_ticks;
  return absl::OkStatus();
}

PrintRing::PrintRing(void* ring)
    : ring_(static_cast<uint8_t*>(ring)),
      capacity_bytes_(*Field(ring_, offsetof(tq_shell_ring, capacity_bytes))),
      head_(*Field(ring_, offsetof(tq_shell_ring, head))),
      seen_lost_(*Field(ring_, offsetof(tq_shell_ring, lost))) {}

absl::Status PrintRing::TakeRecord(std::string* text, bool* is_empty) {
  uint8_t* const data = ring_ + sizeof(tq_shell_ring);
  const uint64_t at = head_ & (capacity_bytes_ - 1), to_end = capacity_bytes_ - at;
  auto* size_word = reinterpret_cast<uint32_t*>(data + at);
  const uint32_t size = __atomic_load_n(size_word, __ATOMIC_ACQUIRE);
  *is_empty = size == 0;
  if (*is_empty) return absl::OkStatus();
  if (size % kAlign != 0 || size > to_end) return Damaged("a record has an impossible size (", size, ").");
  uint32_t kind;
  std::memcpy(&kind, data + at + offsetof(tq_shell_record, kind), sizeof kind);
  absl::Status status = absl::OkStatus();
  if (kind == TQ_SHELL_RECORD_PRINT && size >= sizeof(tq_shell_record)) {
    std::vector<uint8_t> record(data + at, data + at + size);
    record.push_back(0);
    status = AppendText(record, text);
  } else if (kind != TQ_SHELL_RECORD_PAD) {
    status = Damaged("a record is of an unknown kind (", kind, ").");
  }
  // The next record here must not seem to be complete before it is.
  std::memset(data + at, 0, kind == TQ_SHELL_RECORD_PAD ? kPadBytes : size);
  head_ += size;
  __atomic_store_n(Field(ring_, offsetof(tq_shell_ring, head)), head_, __ATOMIC_RELEASE);
  return status;
}

absl::Status PrintRing::Drain(std::string* text) {
  // One round at most: a kernel that prints without end must not hold the reader for ever.
  const uint64_t end = LoadAcquire(Field(ring_, offsetof(tq_shell_ring, tail)));
  bool is_empty = false;
  while (!is_empty && head_ != end) {
    absl::Status status = end - head_ > capacity_bytes_ ? Damaged("its tail is ahead (", end, ").")
                                                        : TakeRecord(text, &is_empty);
    if (status.ok()) continue;
    std::memset(ring_ + sizeof(tq_shell_ring), 0, capacity_bytes_);
    head_ = end;
    __atomic_store_n(Field(ring_, offsetof(tq_shell_ring, head)), head_, __ATOMIC_RELEASE);
    return status;
  }
  return absl::OkStatus();
}

uint64_t PrintRing::TakeLost() {
  const uint64_t lost = LoadAcquire(Field(ring_, offsetof(tq_shell_ring, lost)));
  const uint64_t more = lost - seen_lost_;
  seen_lost_ = lost;
  return more;
}

}  // namespace tq::hal::tqgpu
