// Loads and stores of lanes that are no single run in memory, but pieces of 16 bytes and more: rows of a
// tile, or a vector for each lane. A piece is one access; gathers and scatters take as long for each lane.
#include <numeric>

#include "compiler/simt/vector/widener.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt::vector {

using llvm::Value;

constexpr uint64_t kLeastPieceBytes = 16;

// Vectors of one type behind each other; a power of two of them.
Value* Widener::Join(llvm::SmallVector<Value*, kLanes> parts) {
  while (parts.size() > 1) {
    llvm::SmallVector<Value*, kLanes> halves;
    for (size_t i = 0; i < parts.size(); i += 2) {
      llvm::SmallVector<int, kLanes> mask(
          2 * llvm::cast<llvm::FixedVectorType>(parts[i]->getType())->getNumElements());
      std::iota(mask.begin(), mask.end(), 0);
      halves.push_back(ir_.CreateShuffleVector(parts[i], parts[i + 1], mask));
    }
    parts = halves;
  }
  return parts[0];
}

// Lanes of a piece, of `lane_bytes` each; 0: no pieces.
unsigned Widener::LanesOfPiece(const Value* pointer, uint64_t lane_bytes) const {
  if (HasPattern(pointer) && !lanes_.PatternOf(*pointer).is_conditional && IsFull()) {
    const Pattern& pattern = lanes_.PatternOf(*pointer);
    for (unsigned count = kLanes; count * lane_bytes >= kLeastPieceBytes && count > 0; count /= 2) {
      bool is_piece = true;
      for (unsigned i = 0; i < kLanes; ++i) {
        const auto in_piece = static_cast<int64_t>(i % count * lane_bytes);
        is_piece &= pattern.offsets[i] - pattern.offsets[i - i % count] == in_piece;
      }
      if (is_piece) return count;
    }
  }
  return lane_bytes >= kLeastPieceBytes ? 1 : 0;
}

// Where each piece begins. Lanes that are off have one of nobody's.
llvm::SmallVector<Value*, kLanes> Widener::PiecePointers(const Value* pointer, unsigned piece_lanes) {
  llvm::SmallVector<Value*, kLanes> places;
  const bool has_offsets = HasPattern(pointer) && !lanes_.PatternOf(*pointer).is_conditional;
  Value* pointers = nullptr;
  if (!has_offsets || !IsFull()) {
    pointers = Vector1(pointer);
    if (!IsFull()) pointers = ir_.CreateSelect(Mask(), pointers, Splat(Spare()));
  }
  for (unsigned lane = 0; lane < kLanes; lane += piece_lanes) {
    if (pointers != nullptr) {
      places.push_back(ir_.CreateExtractElement(pointers, uint64_t{lane}));
    } else {
      const auto offset = static_cast<uint64_t>(lanes_.PatternOf(*pointer).offsets[lane]);
      places.push_back(ir_.CreateGEP(ir_.getInt8Ty(), Scalar(pointer), ir_.getInt64(offset)));
    }
  }
  return places;
}

// Memory that lanes which are off may read and write.
llvm::AllocaInst* Widener::Spare() {
  if (spare_ == nullptr) spare_ = NewSlot(llvm::ArrayType::get(ir_.getInt8Ty(), kSpareBytes), "spare");
  return spare_;
}

Leaves Widener::LoadPieces(const llvm::LoadInst& load, llvm::ArrayRef<llvm::Type*> types,
                           unsigned piece_lanes) {
  const auto count = static_cast<unsigned>(types.size());
  llvm::Type* piece = llvm::FixedVectorType::get(types[0], piece_lanes * count);
  llvm::SmallVector<Value*, kLanes> parts;
  for (Value* pointer : PiecePointers(load.getPointerOperand(), piece_lanes)) {
    llvm::LoadInst* part = ir_.CreateAlignedLoad(piece, pointer, load.getAlign());
    if (IsFull())
      part->copyMetadata(load, {llvm::LLVMContext::MD_alias_scope, llvm::LLVMContext::MD_noalias});
    parts.push_back(part);
  }
  Value* all = Join(parts);
  if (count == 1) return {all};
  Leaves leaves;
  for (unsigned leaf = 0; leaf < count; ++leaf) {
    llvm::SmallVector<int, kLanes> mask;
    for (unsigned i = 0; i < kLanes; ++i) mask.push_back(static_cast<int>(i * count + leaf));
    leaves.push_back(ir_.CreateShuffleVector(all, mask));
  }
  return leaves;
}

// In the order of lanes: where two meet, the highest comes last.
void Widener::StorePieces(const llvm::StoreInst& store, unsigned piece_lanes) {
  const Leaves leaves = Vector(store.getValueOperand());
  const auto count = static_cast<unsigned>(leaves.size());
  llvm::SmallVector<Value*, kLanes> parts(leaves.begin(), leaves.end());
  while (!llvm::isPowerOf2_64(parts.size())) parts.push_back(llvm::PoisonValue::get(parts[0]->getType()));
  Value* all = Join(parts);
  unsigned lane = 0;
  for (Value* pointer : PiecePointers(store.getPointerOperand(), piece_lanes)) {
    llvm::SmallVector<int, kLanes> mask;
    for (unsigned i = 0; i < piece_lanes * count; ++i)
      mask.push_back(static_cast<int>(i % count * kLanes + lane + i / count));
    llvm::StoreInst* part =
        ir_.CreateAlignedStore(ir_.CreateShuffleVector(all, mask), pointer, store.getAlign());
    if (IsFull())
      part->copyMetadata(store, {llvm::LLVMContext::MD_alias_scope, llvm::LLVMContext::MD_noalias});
    lane += piece_lanes;
  }
}

}  // namespace tq::simt::vector
