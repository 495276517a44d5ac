// What a kernel needs of its device so that each thread makes progress: may threads of a block run one after
// another, or does one wait for another?
#pragma once

#include <cstdint>
#include <map>

#include "llvm/IR/Function.h"
#include "llvm/IR/Module.h"

namespace tq::simt {

struct Progress {
  bool waits = false;            // barrier, warp collective, spin loop, nanosleep; or calls that may
  bool waits_for_block = false;  // of these, not the collectives of a warp
  bool waits_for_warp = false;   // the collectives of a warp
  bool spins = false;            // has a loop whose exit depends on what another thread writes
  bool exits_deep = false;       // `exit` in a function that is not inlined into the kernel
  bool grid_sync =
      false;  // reads the environment registers in which CUDA passes the grid barrier's workspace
  bool heap = false;
  bool printf = false;
  bool host_calls = false;
  bool indirect = false;  // calls through a pointer
};

// Of every defined function, callees included. Indirect calls count as able to do anything. Run behind
// Simplify().
std::map<const llvm::Function*, Progress> AnalyzeProgress(llvm::Module& module);

// Puts a tq.yield on the back edges of spin loops, taken once a loop has turned a few times. Call before
// AnalyzeProgress: it is the yield that makes a spin loop visible there.
void YieldInSpinLoops(llvm::Module& module);

}  // namespace tq::simt
