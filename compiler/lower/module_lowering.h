// PTX module to SIMT IR: which functions and variables one compile needs, and the convention of calls between
// them.
//
// Calling convention of SIMT IR. Every function takes the context first (compiler/simt/intrinsics.h). A
// `.param` or
// `.reg` scalar is an iN argument, whatever its type; an array is a pointer to the caller's copy. One scalar
// result is an iN return value; an array, or several results, go through pointers behind the context.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "compiler/ir/module.h"
#include "llvm/IR/DIBuilder.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Module.h"

namespace tq::lower {

// LLVM's name of a PTX function; a dot never stands in PTX's own names, so none collides with the C
// library's.
std::string SymbolOf(const ptx::Function& function);

class ModuleLowering {
 public:
  // `target` has its data layout. Both outlive this object.
  ModuleLowering(const ptx::Module& source, llvm::Module& target);

  // Lowers `roots`, which become visible, and all that they reach. Unimplemented, InvalidArgument, or
  // FailedPrecondition for an extern function that nothing defines; each names function and line.
  absl::Status Run(std::span<const ptx::Function* const> roots);

  llvm::Module& target() { return target_; }
  const ptx::Module& source() const { return source_; }

  // GCC's code for OpenMP, where all lanes of a warp do the same, counts on all having read what one of them
  // then overwrites: as on machines whose warps run in lockstep, or nearly so. It is known by a variable of
  // its own.
  bool CountsOnLockstep() const { return counts_on_lockstep_; }

  // The function declared in the target; its body is lowered later.
  llvm::Function* FunctionFor(const ptx::Function& function);
  // What stands for a kernel's address: launches from the device name kernels by it (kKernelHandlePrefix).
  llvm::GlobalVariable* HandleFor(const ptx::Function& kernel);
  // .global .const .shared and opaque variables, in their address spaces.
  llvm::GlobalVariable* VariableFor(const ptx::Variable& variable);

  llvm::DISubprogram* SubprogramOf(const llvm::Function& function) const { return function.getSubprogram(); }

 private:
  llvm::DISubprogram* Describe(const ptx::Function& function, llvm::StringRef symbol);

  const ptx::Module& source_;
  bool counts_on_lockstep_ = false;
  llvm::Module& target_;
  llvm::DIBuilder debug_;
  llvm::DIFile* file_;
  std::map<const ptx::Function*, llvm::Function*> functions_;
  std::map<const ptx::Variable*, llvm::GlobalVariable*> variables_;
  std::deque<const ptx::Function*> pending_;
};

// ---- Calling convention ----

bool IsScalar(const ptx::Variable& variable);
llvm::IntegerType* ScalarType(llvm::LLVMContext& context, const ptx::Variable& variable);

// A function's or prototype's type; the views hold their results and parameters.
struct Signature {
  std::vector<const ptx::Variable*> results;
  std::vector<const ptx::Variable*> parameters;

  static Signature Of(const ptx::Function& function);
  static Signature Of(const ptx::Prototype& prototype);
  bool ReturnsThroughPointers() const {
    return results.size() > 1 || (!results.empty() && !IsScalar(*results[0]));
  }
  llvm::FunctionType* Type(llvm::LLVMContext& context) const;
};

}  // namespace tq::lower
