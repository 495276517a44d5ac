// A kernel for warps of one shape: what is known of its code, and the function that runs one such warp.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "compiler/simt/progress.h"
#include "compiler/simt/vector/lane_pattern.h"
#include "compiler/simt/vector/schedule.h"
#include "compiler/simt/vector/warp_entry.h"
#include "compiler/simt/vector/widener.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Function.h"

namespace tq::simt::vector {

inline constexpr char kWarpAttribute[] = "tq.warp";  // of functions that run a warp

class WarpVersion {
 public:
  // Works on a copy of `kernel`, which is gone with this.
  WarpVersion(llvm::Function& kernel, WarpShape shape);
  ~WarpVersion();
  WarpVersion(const WarpVersion&) = delete;
  WarpVersion& operator=(const WarpVersion&) = delete;

  // Empty, or why the kernel cannot be widened. Call it before what follows.
  std::string Analyze(const std::map<const llvm::Function*, Progress>& progress);

  const llvm::Function& code() const { return *code_; }
  // None where loops have several entries.
  const LaneValues& lanes() const { return *lanes_; }
  const Schedule* schedule() const { return schedule_.get(); }

  // The function, in the kernel's module. Once.
  llvm::Function* Emit(const Machine& machine, Turns turns);

 private:
  void MakeSchedule();

  llvm::Function& kernel_;
  const WarpShape shape_;
  llvm::Function* code_ = nullptr;
  llvm::DominatorTree dominators_;
  llvm::LoopInfo loops_;
  std::unique_ptr<LaneValues> lanes_;
  std::unique_ptr<Schedule> schedule_;
};

}  // namespace tq::simt::vector
