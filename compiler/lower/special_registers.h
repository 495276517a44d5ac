// Special registers of PTX as reads of the `tq.*` functions (PTX ISA, "Special Registers").
#pragma once

#include "compiler/lower/lowering.h"

namespace tq::lower {

// As an i64, zero-extended; nullptr for one that is not known. `element` as in ptx::Operand.
llvm::Value* ReadSpecialRegister(FunctionLowering& f, ptx::SpecialRegister special, int element);

}  // namespace tq::lower
