#include "compiler/simt/progress.h"

#include <set>
#include <vector>

#include "compiler/simt/intrinsics.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt {
namespace {

struct Calls {
  Progress own;
  std::set<const llvm::Function*> callees;
};

void Note(Intrinsic intrinsic, const llvm::CallInst& call, bool in_kernel, Progress& progress) {
  switch (EffectOf(intrinsic)) {
    case Effect::kBarrier: {
      const bool is_of_warp = intrinsic == Intrinsic::kWarpsync;
      progress.waits = true;
      (is_of_warp ? progress.waits_for_warp : progress.waits_for_block) = true;
      return;
    }
    case Effect::kWarp:
    case Effect::kMatrix:
    case Effect::kMatrixMove:
      progress.waits = progress.waits_for_warp = true;
      return;
    case Effect::kConstant:
    case Effect::kVaries:
    case Effect::kService:
    case Effect::kEnd:
      break;
  }
  if (intrinsic == Intrinsic::kYield) progress.waits = progress.waits_for_block = true;
  if (intrinsic == Intrinsic::kExit && !in_kernel) progress.exits_deep = true;
  if (intrinsic == Intrinsic::kMalloc) progress.heap = true;
  if (intrinsic == Intrinsic::kVprintf) progress.printf = true;
  if (intrinsic == Intrinsic::kHostCall) progress.host_calls = true;
  if (intrinsic == Intrinsic::kEnvreg) {
    // Registers 1 and 2 hold the address of the workspace of cooperative groups' grid barrier.
    auto* index = llvm::dyn_cast<llvm::ConstantInt>(call.getArgOperand(0));
    progress.grid_sync |= index == nullptr || index->getZExtValue() == 1 || index->getZExtValue() == 2;
  }
}

Calls Scan(const llvm::Function& function) {
  Calls calls;
  const bool in_kernel = IsKernel(function);
  for (const llvm::Instruction& instruction : llvm::instructions(function)) {
    auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    if (call == nullptr) continue;
    const llvm::Function* callee = call->getCalledFunction();
    if (callee == nullptr) {
      calls.own.indirect = !call->isInlineAsm();
    } else if (std::optional<Intrinsic> intrinsic = Identify(*callee)) {
      Note(*intrinsic, *call, in_kernel, calls.own);
    } else if (!callee->isDeclaration()) {
      calls.callees.insert(callee);
    }
  }
  if (calls.own.indirect) calls.own.waits = calls.own.exits_deep = true;
  if (function.hasFnAttribute(kSpinAttribute)) calls.own.spins = calls.own.waits = true;
  return calls;
}

bool Merge(Progress& into, const Progress& from) {
  Progress before = into;
  into.waits |= from.waits;
  into.waits_for_block |= from.waits_for_block;
  into.waits_for_warp |= from.waits_for_warp;
  into.spins |= from.spins;
  into.exits_deep |= from.exits_deep;
  into.grid_sync |= from.grid_sync;
  into.heap |= from.heap;
  into.printf |= from.printf;
  into.host_calls |= from.host_calls;
  into.indirect |= from.indirect;
  return before.waits != into.waits || before.waits_for_block != into.waits_for_block ||
         before.waits_for_warp != into.waits_for_warp || before.spins != into.spins ||
         before.exits_deep != into.exits_deep || before.grid_sync != into.grid_sync ||
         before.heap != into.heap || before.printf != into.printf || before.host_calls != into.host_calls ||
         before.indirect != into.indirect;
}

}  // namespace

std::map<const llvm::Function*, Progress> AnalyzeProgress(llvm::Module& module) {
  std::map<const llvm::Function*, Calls> calls;
  std::map<const llvm::Function*, Progress> progress;
  for (const llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    calls[&function] = Scan(function);
    progress[&function] = calls[&function].own;
  }
  // Call graphs are small and shallow: iterate until nothing changes.
  for (bool changed = true; changed;) {
    changed = false;
    for (auto& [function, found] : calls) {
      for (const llvm::Function* callee : found.callees) {
        changed |= Merge(progress[function], progress[callee]);
      }
    }
  }
  return progress;
}

}  // namespace tq::simt
