// Matrices of the warp. Rows of ldmatrix and stmatrix are moved from here; products are computed by the
// device library, on words in memory: of the common shapes by matrix_tile.c, of all others by what the scalar
// tier calls.
#include <algorithm>

#include "compiler/devicelib/matrix_op.h"
#include "compiler/simt/vector/widener.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

namespace tq::simt::vector {
namespace {

using llvm::Value;

constexpr unsigned kWordBytes = kLanes * 4;  // a word of all lanes
constexpr unsigned kMaxWords = 32;
constexpr unsigned kRowLanes = 4, kRows = kLanes / kRowLanes;  // of a matrix of 8 rows of 16 bytes

uint64_t Field(uint64_t op, unsigned lowest, unsigned width) {
  return op >> lowest & ((uint64_t{1} << width) - 1);
}

// An element that matrix_tile.c multiplies: its names there, and how many elements a quad has in one word.
struct TileElement {
  tq_matrix_element element;
  const char* name;
  const char* group;
  unsigned quad_elements;
};
constexpr TileElement kTileElements[] = {
    {TQ_MATRIX_F16, "f16", "pairs", 8},
    {TQ_MATRIX_BF16, "bf16", "pairs", 8},
    {TQ_MATRIX_TF32, "tf32", "singles", 4},
};

const TileElement* FindTileElement(uint64_t op) {
  if (Field(op, TQ_MMA_A, 5) != Field(op, TQ_MMA_B, 5)) return nullptr;
  for (const TileElement& row : kTileElements) {
    if (row.element == Field(op, TQ_MMA_A, 5)) return &row;
  }
  return nullptr;
}

// What a register was before it was one of f32, say.
const Value* WithoutCasts(const Value* value) {
  while (auto* cast = llvm::dyn_cast<llvm::BitCastInst>(value)) value = cast->getOperand(0);
  return value;
}

// The instruction whose results, from `first` on, the words are.
const Value* SourceOf(llvm::ArrayRef<const Value*> words, unsigned first) {
  const Value* source = nullptr;
  for (unsigned i = 0; i < words.size(); ++i) {
    auto* part = llvm::dyn_cast<llvm::ExtractValueInst>(WithoutCasts(words[i]));
    if (part == nullptr || part->getNumIndices() != 1 || part->getIndices()[0] != first + i) return nullptr;
    if (source != nullptr && source != part->getAggregateOperand()) return nullptr;
    source = part->getAggregateOperand();
  }
  return source;
}

}  // namespace

void Widener::EmitMatrix(const llvm::CallInst& call, Intrinsic intrinsic) {
  if (auto* number = llvm::dyn_cast<llvm::ConstantInt>(call.getArgOperand(0))) {
    const uint64_t op = number->getZExtValue();
    const bool is_plain = Field(op, TQ_MATRIX_SHAPE, 2) == TQ_M8N8;
    if (intrinsic == Intrinsic::kLdmatrix && is_plain) return EmitMatrixLoad(call, op);
    if (intrinsic == Intrinsic::kStmatrix && is_plain) return EmitMatrixStore(call, op);
    if (intrinsic == Intrinsic::kMmaFloat && EmitTiles(call, op)) return;
  }
  if (intrinsic == Intrinsic::kMovmatrix) {
    Leaves leaves(kMatrixResultWords, llvm::PoisonValue::get(WideType(ir_.getInt32Ty())));
    leaves[0] = TransposeHalves(Vector1(call.getArgOperand(1)));
    return SetLeaves(&call, std::move(leaves));
  }
  CallMatrixRoutine(call, intrinsic);
}

// tq_<name>_warp of the device library: words of all lanes in memory, which the results replace.
void Widener::CallMatrixRoutine(const llvm::CallInst& call, Intrinsic intrinsic) {
  llvm::Type* i32 = ir_.getInt32Ty();
  if (matrix_words_ == nullptr)
    matrix_words_ = NewSlot(llvm::ArrayType::get(WideType(i32), kMaxWords), "matrix.words");
  auto at = [&](unsigned word) {
    return ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), matrix_words_, word * kWordBytes);
  };
  unsigned count = 0;
  auto append = [&](Value* word) { ir_.CreateAlignedStore(word, at(count++), llvm::Align(64)); };
  for (const Value* argument : llvm::drop_begin(call.args())) {
    Value* leaf = Vector1(argument);
    if (leaf->getType()->getScalarSizeInBits() == 64) {
      append(ir_.CreateTrunc(leaf, WideType(i32)));
      leaf = ir_.CreateTrunc(ir_.CreateLShr(leaf, Splat(ir_.getInt64(32))), WideType(i32));
    }
    append(leaf);
  }
  Value* op = IsUniform(call.getArgOperand(0))
                  ? Scalar(call.getArgOperand(0))
                  : ir_.CreateExtractElement(
                        Vector1(call.getArgOperand(0)),
                        ir_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, Bits(Mask()), ir_.getTrue()));
  std::string name = Name(intrinsic);
  std::replace(name.begin(), name.end(), '.', '_');
  llvm::FunctionCallee routine =
      module_.getOrInsertFunction(name + "_warp", ir_.getVoidTy(), ir_.getInt64Ty(), ir_.getPtrTy(),
                                  ir_.getInt64Ty(), ir_.getInt64Ty(), i32);
  ir_.CreateCall(routine, {op, matrix_words_, ir_.getInt64(4), ir_.getInt64(kWordBytes), Bits(Mask())})
      ->setDoesNotThrow();
  if (call.getType()->isVoidTy()) return;
  Leaves leaves;
  for (unsigned i = 0; i < kMatrixResultWords; ++i)
    leaves.push_back(ir_.CreateAlignedLoad(WideType(i32), at(i), llvm::Align(64)));
  SetLeaves(&call, std::move(leaves));
}

// ---- Rows of 16 bytes ----

// The addresses that the lanes name; lanes that are off name a row of their own.
Value* Widener::RowAddresses(const Value* address) {
  Value* addresses = Vector1(address);
  if (!IsFull()) {
    Value* nowhere = Splat(ir_.CreatePtrToInt(Spare(), ir_.getInt64Ty()));
    addresses = ir_.CreateSelect(Mask(), addresses, nowhere);
  }
  return addresses;
}

// Of a matrix of 8 x 8 halves, row by row. It is its own inverse.
Value* Widener::TransposeHalves(Value* words) {
  llvm::SmallVector<int, 2 * kLanes> mask;
  for (int i = 0; i < 64; ++i) mask.push_back(i % 8 * 8 + i / 8);
  Value* halves = ir_.CreateBitCast(words, llvm::FixedVectorType::get(ir_.getInt16Ty(), 2 * kLanes));
  return ir_.CreateBitCast(ir_.CreateShuffleVector(halves, mask), words->getType());
}

void Widener::EmitMatrixLoad(const llvm::CallInst& call, uint64_t op) {
  llvm::Type* row_type = llvm::FixedVectorType::get(ir_.getInt32Ty(), kRowLanes);
  Value* addresses = RowAddresses(call.getArgOperand(1));
  Leaves leaves;
  for (unsigned matrix = 0; matrix < Field(op, TQ_MATRIX_COUNT, 3); ++matrix) {
    llvm::SmallVector<Value*, kLanes> parts;
    for (unsigned row = 0; row < kRows; ++row) {
      Value* address = ir_.CreateExtractElement(addresses, uint64_t{matrix} * kRows + row);
      Value* pointer = ir_.CreateIntToPtr(address, ir_.getPtrTy());
      parts.push_back(ir_.CreateAlignedLoad(row_type, pointer, llvm::Align(1)));
    }
    Value* words = Join(parts);
    leaves.push_back(Field(op, TQ_MATRIX_TRANS, 1) != 0 ? TransposeHalves(words) : words);
  }
  leaves.resize(kMatrixResultWords, llvm::PoisonValue::get(WideType(ir_.getInt32Ty())));
  SetLeaves(&call, std::move(leaves));
}

void Widener::EmitMatrixStore(const llvm::CallInst& call, uint64_t op) {
  Value* addresses = RowAddresses(call.getArgOperand(1));
  for (unsigned matrix = 0; matrix < Field(op, TQ_MATRIX_COUNT, 3); ++matrix) {
    Value* words = Vector1(call.getArgOperand(2 + matrix));
    if (Field(op, TQ_MATRIX_TRANS, 1) != 0) words = TransposeHalves(words);
    for (int row = 0; row < static_cast<int>(kRows); ++row) {
      Value* address = ir_.CreateExtractElement(addresses, uint64_t{matrix} * kRows + row);
      Value* part = ir_.CreateShuffleVector(words, {row * 4, row * 4 + 1, row * 4 + 2, row * 4 + 3});
      ir_.CreateAlignedStore(part, ir_.CreateIntToPtr(address, ir_.getPtrTy()), llvm::Align(1));
    }
  }
}

// ---- Tiles ----

llvm::AllocaInst* Widener::StoreWords(llvm::ArrayRef<const Value*> words, const llvm::Twine& name) {
  llvm::Type* type = WideType(ir_.getInt32Ty());
  llvm::AllocaInst* slot = NewSlot(llvm::ArrayType::get(type, words.size()), name);
  for (unsigned i = 0; i < words.size(); ++i) {
    Value* place = ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), slot, i * kWordBytes);
    ir_.CreateAlignedStore(Vector1(words[i]), place, llvm::Align(64));
  }
  return slot;
}

// The factor, unpacked by tq_tile_<function>; once for all products of this block.
llvm::AllocaInst* Widener::UnpackFactor(const std::string& function, llvm::ArrayRef<const Value*> words,
                                        unsigned steps, unsigned numbers) {
  llvm::AllocaInst*& slot = factors_[{function, {words.begin(), words.end()}}];
  if (slot != nullptr) return slot;
  llvm::AllocaInst* packed = StoreWords(words, "packed");
  slot = NewSlot(llvm::ArrayType::get(ir_.getFloatTy(), numbers), function);
  llvm::FunctionCallee unpack = module_.getOrInsertFunction("tq_tile_" + function, ir_.getVoidTy(),
                                                            ir_.getPtrTy(), ir_.getInt64Ty(), ir_.getPtrTy());
  ir_.CreateCall(unpack, {packed, ir_.getInt64(steps), slot})->setDoesNotThrow();
  return slot;
}

// Products of 16 x 8 by matrix_tile.c. False: not of this shape, or not on this machine.
bool Widener::EmitTiles(const llvm::CallInst& call, uint64_t op) {
  const TileElement* element = FindTileElement(op);
  const unsigned k = static_cast<unsigned>(Field(op, TQ_MMA_K, 9));
  const bool is_half = Field(op, TQ_MMA_D_F16, 1) != 0;
  if (!machine_.fused || !machine_.avx2 || element == nullptr || k % element->quad_elements != 0)
    return false;
  const auto eighths = static_cast<unsigned>(Field(op, TQ_MMA_ROWS, 3));
  if (eighths == 1 || Field(op, TQ_MMA_SPARSE, 1) != 0 || Field(op, TQ_MMA_SCALES, 3) != 0) return false;
  if (is_half != (Field(op, TQ_MMA_C_F16, 1) != 0) || (is_half && element->element == TQ_MATRIX_TF32))
    return false;

  const unsigned steps = k / element->quad_elements, rows = eighths / 2,
                 columns = static_cast<unsigned>(Field(op, TQ_MMA_COLUMNS, 2)),
                 result_words = is_half ? 2 : 4;
  llvm::SmallVector<const Value*, kMaxWords> words;
  for (const Value* argument : llvm::drop_begin(call.args())) words.push_back(argument);
  const llvm::ArrayRef<const Value*> all(words);
  const unsigned b_at = rows * 2 * steps, c_at = b_at + columns * steps;
  const std::string name = element->name;
  llvm::FunctionCallee multiply = module_.getOrInsertFunction(
      std::string("tq_tile_") + element->group + (is_half ? "_f16_" : "_f32_") +
          (machine_.avx512 ? "512" : "256"),
      ir_.getVoidTy(), ir_.getPtrTy(), ir_.getPtrTy(), ir_.getInt64Ty(), ir_.getPtrTy(), ir_.getPtrTy());
  llvm::Type* type = WideType(ir_.getInt32Ty());
  Leaves leaves;
  for (unsigned tile = 0; tile < rows * columns; ++tile) {
    const unsigned row = tile / columns, column = tile % columns;
    llvm::AllocaInst* left =
        UnpackFactor("left_" + name, all.slice(row * 2 * steps, 2 * steps), steps, 16 * k);
    llvm::AllocaInst* right =
        UnpackFactor("right_" + name, all.slice(b_at + column * steps, steps), steps, 8 * k);
    // In place where this continues another product's sum.
    const auto sums = all.slice(c_at + tile * result_words, result_words);
    llvm::AllocaInst*& product = products_[{SourceOf(sums, tile * result_words), tile}];
    llvm::AllocaInst* slot = product != nullptr ? product : StoreWords(sums, "sums");
    product = nullptr;
    ir_.CreateCall(multiply, {left, right, ir_.getInt64(steps), slot, slot})->setDoesNotThrow();
    products_[{&call, tile}] = slot;
    for (unsigned i = 0; i < result_words; ++i) {
      Value* place = ir_.CreateConstInBoundsGEP1_64(ir_.getInt8Ty(), slot, i * kWordBytes);
      leaves.push_back(ir_.CreateAlignedLoad(type, place, llvm::Align(64)));
    }
  }
  leaves.resize(kMatrixResultWords, llvm::PoisonValue::get(type));
  SetLeaves(&call, std::move(leaves));
  return true;
}

}  // namespace tq::simt::vector
