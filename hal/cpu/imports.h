// Functions of the host that kernels may call besides the services: what LLVM calls on its own account.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tq::hal::cpu {

std::optional<uint64_t> FindHostFunction(const std::string& name);

}  // namespace tq::hal::cpu
