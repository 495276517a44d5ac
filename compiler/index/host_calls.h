// The numbers by which kernels call functions of the host (host_calls.def).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tq::ptx {

enum class HostCall : uint32_t {
#define TQ_HOST_CALL(enumerator, name) enumerator,
#include "compiler/index/host_calls.def"
#undef TQ_HOST_CALL
};

// The host's function of that name in PTX.
std::optional<HostCall> FindHostCall(std::string_view name);

// What a kernel's address is in code: a variable of this name, which whoever loads the code defines.
inline constexpr std::string_view kKernelHandlePrefix = "kernel:";

}  // namespace tq::ptx
