// Layout of a kernel's parameters in memory (PTX ISA, "Kernel Function Parameters"): in order, each at its
// alignment.
#pragma once

#include <cstdint>
#include <optional>

#include "compiler/ir/module.h"

namespace tq::lower {

// Where the parameter begins; nothing when `variable` is not one of the kernel's parameters.
std::optional<uint64_t> ParameterOffset(const ptx::Function& kernel, const ptx::Variable& variable);

uint64_t ParameterBytes(const ptx::Function& kernel);

}  // namespace tq::lower
