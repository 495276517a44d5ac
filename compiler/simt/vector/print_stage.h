// The steps of the vector tier one by one, as text: what tests and people look at.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "compiler/simt/vector/lane_pattern.h"
#include "compiler/simt/vector/vector_tier.h"
#include "llvm/IR/Module.h"

namespace tq::simt::vector {

// What the tier knows or makes of the kernels of `module`, which is in the form that lowering leaves it in.
// It is changed.
//
//   inline       the IR once calls are inlined (prepare.h)
//   normalize    the IR in the form that the schedule asks for (prepare.h)
//   uniformity   of each value `uniform` or `varying`, of each block whether lanes part behind it
//   (uniformity.h), where
//                the thread's and the lane's number vary and nothing else is known
//   lanes        of each value `uniform`, `varying` or its pattern: offsets of the lanes from a common base
//   (lane_pattern.h) schedule     the blocks in their order, each with the block whose lanes it runs with
//   (`mask`), `looked at` where there
//                may be none, and the steps from it, `?` for one that looks first (schedule.h)
//   eligibility  of each kernel `warp by warp`, or why not (eligibility.h)
//   widen        the functions that run a warp (widener.h)
//   entry        those, and the kernel around them (warp_entry.h)
//
// `lanes`, `schedule` and `widen` are about warps of `shape`. InvalidArgument: there is no such stage.
absl::StatusOr<std::string> PrintStage(llvm::Module& module, std::string_view stage, WarpShape shape,
                                       const Options& options);

}  // namespace tq::simt::vector
