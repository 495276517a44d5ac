// Writes the function that runs one warp, from the code of one thread (prepare.h), what is known of its
// values (lane_pattern.h) and the order of its blocks (schedule.h).
//
//   void warp(ptr thread, x, y, z, i32 first, i32 mask)
//
// `thread` is the context that services are called with, stepped to a lane before each call for one. x, y and
// z are tid of lane 0 where the warp is a row, vectors of every lane's otherwise. `first` is the linear
// number of lane 0's thread, `mask` the lanes that exist.
//
// A value is a scalar where it is uniform; scalar base and pattern where it has one; else vectors, one for
// each scalar that its type is made of. Values that cross blocks pass through slots on the stack, which
// become registers at the end (mem2reg); so blocks may run in any order.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compiler/simt/intrinsics.h"
#include "compiler/simt/vector/lane_pattern.h"
#include "compiler/simt/vector/schedule.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"

namespace tq::simt::vector {

// A factor of matrix products: the library function that unpacks it, and its words.
using Factor = std::pair<std::string, std::vector<const llvm::Value*>>;
using Leaves = llvm::SmallVector<llvm::Value*, 2>;

struct Machine {
  bool avx2 = false;
  bool avx512 = false;  // F, BW, DQ and VL
  bool fused = false;   // FMA, and F16C
};

class Widener {
 public:
  Widener(llvm::Function& from, llvm::Function& to, const LaneValues& lanes, const Schedule& schedule,
          const Machine& machine);
  void Run();

 private:
  // ---- widener.cc: blocks, edges, slots ----
  struct Slots {
    llvm::AllocaInst* scalar = nullptr;
    llvm::AllocaInst* valid = nullptr;
    llvm::SmallVector<llvm::AllocaInst*, 2> leaves;
  };
  void CreateBlocks();
  void FindCrossings();
  void EmitPlace(unsigned place);
  void EmitBody(const llvm::BasicBlock& block);
  void EmitInstructions(const llvm::BasicBlock& block);
  bool PaysForAllLanes(const llvm::BasicBlock& block) const;
  void EmitForAllLanes(const llvm::BasicBlock& block);
  void EmitTerminator(const llvm::BasicBlock& block);
  void EmitStep(unsigned from, llvm::ArrayRef<unsigned> targets);
  llvm::BasicBlock* EntryOf(const Step& step);
  void AddLanes(const llvm::BasicBlock& from, const llvm::BasicBlock& to, llvm::Value* lanes);
  void PassPhis(const llvm::BasicBlock& from, const llvm::BasicBlock& to, llvm::Value* lanes);
  llvm::Value* EdgeLanes(const llvm::Instruction& terminator, unsigned successor);
  bool HasWaitSlot(const llvm::BasicBlock& block) const;
  llvm::AllocaInst* NewSlot(llvm::Type* type, const llvm::Twine& name, llvm::Align align = llvm::Align(64));
  Slots& SlotsOf(const llvm::Value& value);
  llvm::Value* LoadAtHead(llvm::AllocaInst* slot);
  void Keep(const llvm::Instruction& instruction);
  void Promote();

  // ---- values.cc: what is there in which form ----
  llvm::Value* Scalar(const llvm::Value* value);  // of a uniform value; the base of one with a pattern
  llvm::Value* Valid(const llvm::Value* value);   // of a conditional pattern; null: always
  Leaves Vector(const llvm::Value* value);
  llvm::Value* Vector1(const llvm::Value* value) { return Vector(value)[0]; }
  llvm::Value* Splat(llvm::Value* scalar);
  Leaves SplitScalar(llvm::Value* scalar);
  llvm::Value* JoinScalar(llvm::Type* type, llvm::ArrayRef<llvm::Value*> leaves);
  void LeafTypes(llvm::Type* type, llvm::SmallVectorImpl<llvm::Type*>& types) const;
  llvm::Type* WideType(llvm::Type* leaf) const { return llvm::FixedVectorType::get(leaf, kLanes); }
  llvm::Constant* OffsetVector(const Pattern& pattern, llvm::Type* type) const;
  void SetScalar(const llvm::Value* value, llvm::Value* scalar) { scalars_[value] = scalar; }
  void SetLeaves(const llvm::Value* value, Leaves leaves);
  bool IsUniform(const llvm::Value* value) const { return lanes_.KindOf(*value) == Kind::kUniform; }
  bool HasPattern(const llvm::Value* value) const { return lanes_.KindOf(*value) == Kind::kPattern; }
  // Vectors made while one of these lives are forgotten at its end: code that does not always run.
  class Detour;

  // ---- arithmetic.cc ----
  void Emit(const llvm::Instruction& instruction);
  void EmitUniform(const llvm::Instruction& instruction);
  void EmitBase(const llvm::Instruction& instruction);
  Leaves Widen(const llvm::Instruction& instruction);
  Leaves WidenBinary(const llvm::BinaryOperator& operation);
  Leaves WidenCast(const llvm::CastInst& cast);
  Leaves WidenBitCast(const llvm::CastInst& cast);
  Leaves WidenSelect(const llvm::SelectInst& select);
  Leaves WidenCompare(const llvm::CmpInst& compare);
  Leaves WidenStep(const llvm::GetElementPtrInst& step);
  Leaves WidenAggregate(const llvm::Instruction& instruction);
  Leaves WidenIntrinsic(const llvm::CallInst& call);

  // ---- memory.cc ----
  void EmitLoad(const llvm::LoadInst& load);
  void EmitStore(const llvm::StoreInst& store);
  Leaves LoadRun(const llvm::LoadInst& load, const Pattern& pattern);
  void StoreRun(const llvm::StoreInst& store, const Pattern& pattern);
  llvm::Value* ForAllOrSome(llvm::function_ref<llvm::Value*()> unmasked,
                            llvm::function_ref<llvm::Value*()> masked);
  static llvm::Value* CopyAliases(const llvm::Instruction& from, llvm::Value* to);
  void ScatterLanes(const llvm::StoreInst& store);
  Leaves GatherLanes(const llvm::LoadInst& load);  // none: this machine has no gather for it
  void EmitAlloca(const llvm::AllocaInst& slot);
  bool EmitFill(const llvm::MemSetInst& fill);  // false: one lane after the other
  bool MayBeRun(const llvm::Value* pointer, uint64_t lane_bytes) const;
  llvm::Value* FirstAddress(const llvm::Value* pointer, const Pattern& pattern);
  llvm::Value* LeafPointers(const llvm::Value* pointer, uint64_t offset);
  bool EmitUniformAtomic(const llvm::AtomicRMWInst& atomic);
  bool EmitSharedAtomic(const llvm::AtomicRMWInst& atomic);
  llvm::MDNode* Likely();

  // ---- pieces.cc ----
  static constexpr uint64_t kSpareBytes = 128;
  llvm::Value* Join(llvm::SmallVector<llvm::Value*, kLanes> parts);
  unsigned LanesOfPiece(const llvm::Value* pointer, uint64_t lane_bytes) const;
  llvm::SmallVector<llvm::Value*, kLanes> PiecePointers(const llvm::Value* pointer, unsigned piece_lanes);
  llvm::AllocaInst* Spare();
  Leaves LoadPieces(const llvm::LoadInst& load, llvm::ArrayRef<llvm::Type*> types, unsigned piece_lanes);
  void StorePieces(const llvm::StoreInst& store, unsigned piece_lanes);

  // ---- shuffled_memory.cc ----
  bool CanLoadShuffled(const Pattern& pattern, uint64_t size) const;
  llvm::Value* LoadShuffled(const llvm::LoadInst& load, const Pattern& pattern, uint64_t size);
  bool CanStoreRuns(const Pattern& pattern, uint64_t size) const;
  void StoreRuns(const llvm::StoreInst& store, const Pattern& pattern, uint64_t size);

  // ---- lane_loop.cc ----
  // Runs the instruction for one active lane after the other.
  void LoopOverLanes(const llvm::Instruction& instruction);
  // The same for the lowest active lane alone, which does not come back.
  void EmitEnd(const llvm::CallInst& call);
  void StepThread(llvm::Value* lane);
  void NameThread(llvm::Value* linear);
  llvm::Value* LaneOf(llvm::Value* spilled, llvm::Type* leaf, llvm::Value* lane);
  llvm::AllocaInst* Spill(llvm::Value* vector);

  // ---- collectives.cc ----
  bool EmitIntrinsic(const llvm::CallInst& call, Intrinsic intrinsic);
  void EmitCollective(const llvm::CallInst& call, Intrinsic intrinsic);
  Leaves Collect(const llvm::CallInst& call, Intrinsic intrinsic, llvm::Value* present);
  Leaves Shuffle(const llvm::CallInst& call, Intrinsic intrinsic, llvm::Value* present);
  llvm::Value* Permute(llvm::Value* vector, llvm::Value* index);
  llvm::Value* Reduce(Intrinsic intrinsic, const llvm::CallInst& call, llvm::Value* present);
  llvm::Value* MatchAny(llvm::Value* values, llvm::Value* present);
  void EmitBarrier(const llvm::CallInst& call, Intrinsic intrinsic);
  void EmitSplit(const llvm::CallInst& call, Intrinsic intrinsic);

  // ---- matrix.cc ----
  void EmitMatrix(const llvm::CallInst& call, Intrinsic intrinsic);
  void EmitMatrixLoad(const llvm::CallInst& call, uint64_t op);
  void EmitMatrixStore(const llvm::CallInst& call, uint64_t op);
  void CallMatrixRoutine(const llvm::CallInst& call, Intrinsic intrinsic);
  bool EmitTiles(const llvm::CallInst& call, uint64_t op);
  llvm::Value* RowAddresses(const llvm::Value* address);
  llvm::Value* TransposeHalves(llvm::Value* words);
  llvm::AllocaInst* StoreWords(llvm::ArrayRef<const llvm::Value*> words, const llvm::Twine& name);
  llvm::AllocaInst* UnpackFactor(const std::string& function, llvm::ArrayRef<const llvm::Value*> words,
                                 unsigned steps, unsigned numbers);

  // ---- lanes ----
  llvm::Value* Mask() { return mask_; }   // <32 x i1>, the active lanes
  llvm::Value* Bits(llvm::Value* lanes);  // as an i32
  llvm::Value* Any(llvm::Value* lanes);
  llvm::Value* And(llvm::Value* lanes, llvm::Value* condition);  // poison of lanes that are off stays off
  bool IsFull() const;                                           // statically
  llvm::Constant* AllLanes() const;
  llvm::Constant* LaneNumbers(unsigned width = 32) const;

  llvm::Function& from_;
  llvm::Function& to_;
  llvm::Module& module_;
  const LaneValues& lanes_;
  const Schedule& schedule_;
  const Machine machine_;
  const bool splits_;  // at barriers (split_at_barriers.h)
  llvm::IRBuilder<> ir_;
  llvm::BasicBlock* entry_ = nullptr;  // slots
  llvm::Value* entry_mask_ = nullptr;

  std::vector<llvm::BasicBlock*> guards_, bodies_;  // by place; a guard only where one is needed
  llvm::DenseMap<const llvm::BasicBlock*, llvm::AllocaInst*> waiting_;  // lanes that have come to a block
  llvm::DenseMap<unsigned, llvm::AllocaInst*> masks_;                   // of the last run of a place
  std::unordered_map<const llvm::Value*, Slots> slots_;                 // of phis: what the edges bring
  std::unordered_map<const llvm::Value*, Slots> copies_;  // of phis: their values, for other blocks
  llvm::DenseSet<const llvm::Value*> crosses_;

  // Of the block that is being written.
  const llvm::BasicBlock* block_ = nullptr;
  llvm::BasicBlock* head_ = nullptr;
  llvm::Value* mask_ = nullptr;
  llvm::DenseMap<const llvm::Value*, llvm::Value*> scalars_, valid_;
  llvm::DenseMap<const llvm::Value*, Leaves> leaves_;
  llvm::SmallVector<llvm::SmallVector<const llvm::Value*, 8>*, 2> detours_;
  std::map<Factor, llvm::AllocaInst*> factors_;                                    // unpacked
  std::map<std::pair<const llvm::Value*, unsigned>, llvm::AllocaInst*> products_;  // tiles in memory

  llvm::AllocaInst* matrix_words_ = nullptr;
  llvm::AllocaInst* spare_ = nullptr;
};

class Widener::Detour {
 public:
  explicit Detour(Widener& widener) : widener_(widener) { widener_.detours_.push_back(&made_); }
  ~Detour() {
    widener_.detours_.pop_back();
    for (const llvm::Value* value : made_) widener_.leaves_.erase(value);
  }
  Detour(const Detour&) = delete;
  Detour& operator=(const Detour&) = delete;

 private:
  Widener& widener_;
  llvm::SmallVector<const llvm::Value*, 8> made_;
};

}  // namespace tq::simt::vector
