// How the values of a warp's lanes relate: lane i has base + offset[i], the base the same for all and the
// offsets known at compile time. `tid.x` is such a value where a row of the block holds whole warps; sums,
// shifts, masks and addresses made from it are too.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/cpu_abi.h"
#include "compiler/simt/vector/uniformity.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt::vector {

inline constexpr unsigned kLanes = TQ_CPU_WARP_SIZE;
using Offsets = std::array<int64_t, kLanes>;

struct Pattern {
  Offsets offsets = {};         // as signed numbers of the value's width; of pointers, in bytes
  unsigned zero_bits = 0;       // low bits of the base that are 0
  uint64_t limit = UINT64_MAX;  // no lane's value is above it, as an unsigned number; UINT64_MAX: not known
  // Holds only where an extension did not wrap around between lanes: a check at run time.
  bool is_conditional = false;

  bool IsUniform() const;
  int64_t Least() const;
  int64_t Greatest() const;
};

// How a warp's threads lie in the block.
enum class WarpShape : uint8_t {
  kRow,  // 32 lanes along x, y and z the same, tid.x of lane 0 a multiple of 32
  kAny,  // tid.x, tid.y, tid.z of each lane are given
};

enum class Kind : uint8_t {
  kUniform,
  kPattern,
  kVarying,
};

// Uniformity and patterns of one function, which settle each other: `tid.x / 32` is uniform because of its
// pattern.
class LaneValues {
 public:
  // Whether all lanes that run the second block in one turn come from the first, if one does (see Schedule).
  using EdgeTest = std::function<bool(const llvm::BasicBlock&, const llvm::BasicBlock&)>;

  // Without `carries_all`, joins of several edges have no pattern.
  LaneValues(llvm::Function& function, const llvm::DominatorTree& dominators, const llvm::LoopInfo& loops,
             WarpShape shape, EdgeTest carries_all = nullptr);

  Kind KindOf(const llvm::Value& value) const;
  // Of a value of kind kPattern, or of a uniform one that IsUniformByPattern().
  const Pattern& PatternOf(const llvm::Value& value) const;
  // Its operands are not uniform.
  bool IsUniformByPattern(const llvm::Value& value) const { return settled_.contains(&value); }
  bool Diverges(const llvm::BasicBlock& block) const { return uniformity_->Diverges(block); }
  bool HasIrreducibleCycles() const { return uniformity_->HasIrreducibleCycles(); }
  WarpShape shape() const { return shape_; }

 private:
  Uniform Known(const llvm::Value& value) const;
  void FindPatterns(llvm::Function& function);
  // Null: varying.
  std::unique_ptr<Pattern> Derive(const llvm::Instruction& instruction) const;
  std::unique_ptr<Pattern> OfOperand(const llvm::Value& value) const;
  std::unique_ptr<Pattern> DeriveBinary(const llvm::Instruction& instruction) const;
  std::unique_ptr<Pattern> DeriveCast(const llvm::Instruction& cast) const;
  std::unique_ptr<Pattern> DerivePhi(const llvm::PHINode& phi) const;
  std::unique_ptr<Pattern> DeriveCall(const llvm::CallInst& call) const;
  std::unique_ptr<Pattern> DeriveElement(const llvm::GetElementPtrInst& step) const;

  bool TakesOneEdge(const llvm::BasicBlock& block) const;

  const llvm::LoopInfo& loops_;
  const WarpShape shape_;
  const EdgeTest carries_all_;
  std::unique_ptr<Uniformity> uniformity_;
  llvm::DenseMap<const llvm::Value*, std::unique_ptr<Pattern>> patterns_;  // null: varying
  llvm::DenseSet<const llvm::Value*> settled_;
};

}  // namespace tq::simt::vector
