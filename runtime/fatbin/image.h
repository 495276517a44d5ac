// What a reader finds in a container of device code: images, and which of them belong together.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tq::fatbin {

enum class ImageKind : uint8_t {
  kPtx,
  kCubin,  // NVIDIA machine code; recognised so that its kernels can be named, never runnable here
  kLtoIr,  // NVVM bitcode for link-time optimisation; never runnable here
  kUnknown,
};

enum class Codec : uint8_t { kStored, kLz4, kZstd, kUnknown };

// sm_90 with variant 'a' runs on exactly 9.0, 'f' on its family (same major, minor at least), 0 on anything
// as new.
struct Arch {
  uint32_t sm = 0;  // 121 for compute capability 12.1; 0: not known
  char variant = 0;
  bool operator==(const Arch&) const = default;
};

// "sm_90a".
std::string ToString(Arch arch);

// One compiled form of a translation unit. Views point into the container, which outlives them.
struct Image {
  ImageKind kind = ImageKind::kUnknown;
  Codec codec = Codec::kStored;
  Arch arch;
  uint16_t major_version = 0, minor_version = 0;  // of the PTX ISA for kPtx
  uint64_t flags = 0;                             // EntryFlags
  std::string_view name;                          // of the object file; often empty
  std::string_view options;                       // ptxas options for its compilation, such as " -g "
  std::span<const uint8_t> payload;               // as stored; PTX without its NUL padding
  uint64_t size_bytes = 0;                        // once expanded
};

// The alternatives for one translation unit, one of which is chosen: see choose.h.
struct Unit {
  std::vector<Image> images;
};

// What one load call gets: units that make up one program and are linked with each other. Most often there is
// one.
struct Container {
  std::vector<Unit> units;
};

}  // namespace tq::fatbin
