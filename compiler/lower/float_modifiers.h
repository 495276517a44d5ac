// What the modifiers .ftz and .sat of a floating-point instruction do to its operands and result, and the
// types that its operands have.
#pragma once

#include "compiler/lower/lowering.h"

namespace tq::lower {

// The type of an operand as the form says, with the instruction's suffixes.
ptx::Type OperandType(const ptx::Instruction& inst, size_t index);
ptx::Type Widened(ptx::Type type);  // u16 -> u32 and the like, for .wide
// The space of a memory operand.
ptx::Space MemorySpace(const ptx::Instruction& inst, size_t index);

// A subnormal f16, f32 or packed operand of an instruction with .ftz becomes zero of its sign.
llvm::Value* FlushSource(FunctionLowering& f, const ptx::Instruction& inst, llvm::Value* value,
                         ptx::Type type);

// .ftz, .sat, and PTX's one NaN of single precision (PTX ISA, "Floating-Point Instructions").
llvm::Value* FinishResult(FunctionLowering& f, const ptx::Instruction& inst, llvm::Value* value,
                          ptx::Type type);

}  // namespace tq::lower
