// What handlers of texture and surface instructions share.
#pragma once

#include "compiler/lower/lowering.h"

namespace tq::lower {

// The handle of a descriptor (base/texture_abi.h), checked: TQ_CPU_FAULT_ILLEGAL_ADDRESS unless it is alive
// and of one of the kinds (a mask of bits 1 << tq_texture_kind).
llvm::Value* ReadHandle(FunctionLowering& f, llvm::Value* handle, uint32_t kinds);

}  // namespace tq::lower
