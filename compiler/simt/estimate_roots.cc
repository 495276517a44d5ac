#include "compiler/simt/estimate_roots.h"

#include "compiler/simt/canonical_floats.h"
#include "compiler/simt/intrinsics.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"

namespace tq::simt {
namespace {

constexpr char kReciprocalRoot[] = "tq_rsqrt_approx_f32";

constexpr float kMostError = 0x1p-12f;  // more than 1 - x y y can be

// y + y / 2 (1 - x y y). At zero and infinity, where the error is no number, any positive one leaves y what
// it is; one instruction, as it is x86's minimum.
llvm::Value* Estimate(llvm::IRBuilder<>& ir, llvm::Module& module, llvm::Value* x) {
  llvm::Value* estimate = ir.CreateCall(Declare(Intrinsic::kRsqrtEstimate, module), {x});
  llvm::Value* root = ir.CreateFMul(x, estimate);
  llvm::Type* type = x->getType();
  auto fma = [&](llvm::Value* a, llvm::Value* b, llvm::Value* c) {
    return ir.CreateIntrinsic(llvm::Intrinsic::fma, {type}, {a, b, c});
  };
  llvm::Value* error = fma(ir.CreateFNeg(root), estimate, llvm::ConstantFP::get(type, 1.0));
  llvm::Value* most = llvm::ConstantFP::get(type, kMostError);
  error = ir.CreateSelect(ir.CreateFCmpOLT(error, most), error, most);
  llvm::Value* half = ir.CreateFMul(estimate, llvm::ConstantFP::get(type, 0.5));
  return ir.CreateCall(Declare(Intrinsic::kCanonicalNan, module), {fma(half, error, estimate)});
}

}  // namespace

void EstimateRoots(llvm::Module& module) {
  llvm::Function* library = module.getFunction(kReciprocalRoot);
  if (library == nullptr) return;
  llvm::SmallSetVector<llvm::Function*, 4> changed;
  for (llvm::User* user : llvm::make_early_inc_range(library->users())) {
    auto* call = llvm::cast<llvm::CallInst>(user);
    changed.insert(call->getFunction());
    llvm::IRBuilder<> ir(call);
    call->replaceAllUsesWith(Estimate(ir, module, call->getArgOperand(0)));
    call->eraseFromParent();
  }
  library->eraseFromParent();
  for (llvm::Function* function : changed) ReduceFloatMarks(*function);
}

}  // namespace tq::simt
