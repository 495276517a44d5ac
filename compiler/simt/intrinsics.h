// The vocabulary of SIMT IR: LLVM IR of one thread plus the `tq.*` functions of intrinsics.def. README.md of
// this directory describes the whole form. compiler/lower emits it, every target consumes it.
#pragma once

#include <cstdint>
#include <optional>

#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Module.h"

namespace tq::simt {

enum class Intrinsic : uint8_t {
#define TQ_INTRINSIC(id, name, signature, effect) id,
#include "compiler/simt/intrinsics.def"
#undef TQ_INTRINSIC
};

// Words of the results of kMatrix and kMatrixMove.
inline constexpr unsigned kMatrixResultWords = 8;

enum class Effect : uint8_t { kConstant, kVaries, kWarp, kMatrix, kMatrixMove, kBarrier, kService, kEnd };

// LLVM address spaces of pointers in SIMT IR; the numbers that LLVM's own GPU targets use. All pointers are
// made by inttoptr at the access: a PTX register holds an integer.
enum AddressSpace : unsigned {
  kGenericAddress = 0,
  kGlobalAddress = 1,
  kSharedAddress = 3,  // an offset from tq.shared.base
  kConstAddress = 4,
  kLocalAddress = 5,  // an offset from tq.local.base
};

// Name of a synchronisation scope of SIMT IR (LLVM's syncscope): PTX's own word, "" for .sys.
inline constexpr const char* kBlockScope = "cta";
inline constexpr const char* kClusterScope = "cluster";
inline constexpr const char* kDeviceScope = "gpu";
inline constexpr const char* kSystemScope = "";

// Function attributes of SIMT IR. Every function takes one leading `ptr`, the context that the target's tq.*
// expansions work with; a kernel takes nothing else.
inline constexpr const char* kKernelAttribute = "tq.kernel";  // its value: bytes of parameters
inline constexpr const char* kSpinAttribute = "tq.spins";     // set by YieldInSpinLoops
bool IsKernel(const llvm::Function& function);

const char* Name(Intrinsic intrinsic);
Effect EffectOf(Intrinsic intrinsic);
llvm::FunctionType* Signature(Intrinsic intrinsic, llvm::LLVMContext& context);

// The declaration in `module`, made with its attributes when absent.
llvm::Function* Declare(Intrinsic intrinsic, llvm::Module& module);

// Which intrinsic a function declares, if any.
std::optional<Intrinsic> Identify(const llvm::Function& function);

}  // namespace tq::simt
