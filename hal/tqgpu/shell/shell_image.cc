#include "hal/tqgpu/shell/shell_image.h"

#include <cstddef>

#include "hal/tqgpu/shell/shell_abi.h"

extern "C" const uint8_t tq_shell_image_begin[], tq_shell_image_end[];

namespace tq::hal::tqgpu {

std::span<const uint8_t> ShellImage() { return {tq_shell_image_begin, tq_shell_image_end}; }

std::optional<uint64_t> FindShellFunction(std::string_view name) {
  const auto* header = reinterpret_cast<const tq_shell_image_header*>(tq_shell_image_begin);
  for (uint32_t i = 0; i < header->export_count; ++i) {
    if (header->exports[i].name == name) return header->exports[i].offset;
  }
  return std::nullopt;
}

}  // namespace tq::hal::tqgpu
