// Checks what the parser does not: sizes and types of operands, address spaces, vector lengths, signatures of
// calls. Errors are what has no meaning; what ptxas would refuse though its meaning is plain (an instruction
// newer than the module's .version, a register of another class but the right size) is a warning. Functions
// with errors get `invalid`. Thread-safe for different modules.
#pragma once

#include "compiler/ir/diagnostics.h"
#include "compiler/ir/module.h"

namespace tq::ptx {

void Verify(Module& module, Diagnostics& diagnostics);

}  // namespace tq::ptx
