// A function of the device library as machine code that can be copied anywhere.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tq::targets {

inline constexpr uint64_t kLibraryCodeAlign = 64;

struct LibraryImage {
  std::vector<uint8_t> bytes;  // instructions and constants; position-independent
  uint64_t entry = 0;
  uint64_t frame_bytes = 0;  // of stack
};

// For x86 with these features. Null: the function needs something from outside.
std::unique_ptr<LibraryImage> BuildLibraryImage(const std::string& name, std::string_view features);

}  // namespace tq::targets
