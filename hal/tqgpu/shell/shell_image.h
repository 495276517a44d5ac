// The shell as the host sees it: bytes to be placed on the card (shell_abi.h), and functions in them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tq::hal::tqgpu {

// Lives as long as the process.
std::span<const uint8_t> ShellImage();

// The offset in the image of a function that code objects may import: what the compiler calls on its own
// account (memcpy, 128-bit division ...). A resolver of RelocatableCode::Place asks here for what is no
// import.
std::optional<uint64_t> FindShellFunction(std::string_view name);

}  // namespace tq::hal::tqgpu
