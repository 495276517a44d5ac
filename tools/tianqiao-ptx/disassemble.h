// A code object as text.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/code_object.h"

namespace tq::tools {

// Kernels with their records, symbols, imports, sizes.
std::string Summary(const CodeObject& object);

// Section .text with function names and the PTX line each run of instructions comes from. x86-64 payloads
// only.
absl::StatusOr<std::string> Disassemble(const CodeObject& object);

}  // namespace tq::tools
