// Layout of NVIDIA's fat binaries, as nvcc 11 to 13 write them (cuda-abi.md, 2.5). All little-endian. Offsets
// inside an entry count from the start of its header.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace tq::fatbin {

inline constexpr uint32_t kWrapperMagic = 0x466243B1;
inline constexpr uint32_t kHeaderMagic = 0xBA55ED50;
inline constexpr uint32_t kOldHeaderMagic = 0x1EE55A01;  // CUDA 3 and before
inline constexpr uint16_t kHeaderVersion = 1;

// What `__cudaRegisterFatBinary` and cudart's cuLibraryLoadData get: a record in the program's own memory.
struct WrapperRecord {
  uint32_t magic;
  uint32_t version;   // 1, or 2: linked by nvlink
  const void* data;   // HeaderRecord; empty when version is 2 and there was only PTX to link
  const void* extra;  // version 2: NULL-terminated array of pointers to the HeaderRecords that were linked
};
static_assert(sizeof(WrapperRecord) == 24);

struct HeaderRecord {
  uint32_t magic;
  uint16_t version;
  uint16_t header_size_bytes;
  uint64_t files_size_bytes;  // entries, back to back behind the header
};
static_assert(sizeof(HeaderRecord) == 16);

enum EntryKind : uint16_t { kEntryPtx = 1, kEntryElf = 2, kEntryLtoIr = 8 };

enum EntryFlags : uint64_t {
  kFlag64Bit = 0x1,
  kFlagDebug = 0x2,
  kFlagLinux = 0x10,
  kFlagOldCompressed = 0x1000,
  kFlagLz4 = 0x2000,
  kFlagZstd = 0x8000,
  kFlagLtoIr = 0x10000,
  kFlagArchSpecific = 0x100000,  // sm_90a
  kFlagFamily = 0x200000,        // sm_120f
};

struct EntryRecord {
  uint16_t kind;
  uint16_t version;                // 0x0101
  uint32_t header_size_bytes;      // with name and options
  uint64_t payload_size_bytes;     // padded to 8: the next entry follows
  uint32_t compressed_size_bytes;  // exact; 0: stored
  uint32_t options_offset;         // 0: none
  uint16_t minor_version;          // of the PTX ISA, or of the cubin ABI
  uint16_t major_version;
  uint32_t sm;
  uint32_t name_offset;  // 0: none
  uint32_t name_size_bytes;
  uint64_t flags;
  uint64_t lto_id;
  uint64_t uncompressed_size_bytes;  // 0: stored
};
static_assert(sizeof(EntryRecord) == 64);

struct OptionsRecord {
  uint32_t text_offset;
  uint32_t text_size_bytes;
};

// Copies a record out of bytes of any alignment; false when it does not fit.
template <typename T>
bool LoadRecord(std::span<const uint8_t> bytes, uint64_t offset, T& record) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return false;
  std::memcpy(&record, bytes.data() + offset, sizeof(T));
  return true;
}

}  // namespace tq::fatbin
