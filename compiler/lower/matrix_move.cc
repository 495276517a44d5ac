// PTX ISA, "Warp-level matrix load instruction: wmma.load" and those behind it: what brings matrices to the
// lanes and back.
#include "compiler/lower/matrix.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Operand;
using ptx::Slot;
using ptx::Suffix;
using ptx::Type;
using simt::Intrinsic;

// ---- wmma.load and wmma.store ----

// Which elements a lane has is left to the implementation; ours are those of mma
// (compiler/devicelib/matrix.h). Of each word, `line` and `step` are numbers of a row and a column, or the
// other way round: the elements of a word are neighbours in the direction of steps, and quads of lanes follow
// each other from line to line.
class WmmaMatrix {
 public:
  WmmaMatrix(const ptx::Instruction& inst, Suffix role) {
    MatrixShape shape = ShapeOf(inst);
    const bool is_turned = shape.n == 32;
    const bool is_a = role == Suffix::kA, is_b = role == Suffix::kB;
    const uint32_t height = is_b ? shape.k : shape.m, width = is_a ? shape.k : shape.n;
    const bool is_column = inst.Get(Slot::kLayout) == Suffix::kCol;
    bits_ = ElementOf(inst.GetType(Slot::kType)).bits;
    count_ = bits_ < 32 ? 32 / bits_ : 1;
    stride_ = is_column ? height : width;
    words_ = height * width * bits_ / (32 * word_bits());
    if (is_turned) std::swap(shape.m, shape.n);
    const bool is_left = is_turned ? is_b : is_a, is_right = is_turned ? is_a : is_b;
    is_result_ = !is_left && !is_right;
    halves_ = shape.m == 8 ? 1 : 2;
    lines_ = is_right ? 1 : halves_;
    extent_ = is_result_ ? shape.n : shape.k;
    steps_in_line_ = (is_column != is_turned) == is_right;
  }

  uint32_t word_bits() const { return bits_ == 64 ? 64 : 32; }
  Type type() const { return bits_ == 64 ? Type::kB64 : Type::kB32; }
  uint32_t words() const { return words_; }
  uint32_t stride() const { return stride_; }  // when the instruction gives none

  // Whether a word of all lanes is eight rows of 16 bytes in memory, as ldmatrix has them.
  bool IsRows() const { return bits_ == 16 || (steps_in_line_ && !is_result_ && bits_ != 64); }
  bool IsTransposed() const { return !steps_in_line_; }

  // Of word 0 of quad 0.
  struct Place {
    uint32_t line, step;
  };
  Place PlaceOf(uint32_t word) const {
    const uint32_t per_row = is_result_ ? 2 / count_ : 1;  // words of a lane in 8 columns of a result
    const uint32_t width = is_result_ ? 8 : 4 * count_;    // steps of the words of a quad
    const uint32_t block_words = is_result_ ? lines_ * per_row : lines_ * extent_ / width;
    const uint32_t block = word / block_words, in_block = word % block_words;
    if (!is_result_) return {(block * lines_ + in_block % lines_) * 8, in_block / lines_ * width};
    const uint32_t columns = extent_ / 8;
    return {(block / columns * halves_ + in_block / per_row) * 8, block % columns * 8 + in_block % per_row};
  }

  uint32_t bits() const { return bits_; }
  uint32_t count() const { return count_; }
  uint32_t step_of_lane() const { return is_result_ ? 2 : count_; }
  bool steps_in_line() const { return steps_in_line_; }

 private:
  uint32_t bits_ = 0, count_ = 0, words_ = 0, stride_ = 0;
  uint32_t halves_ = 0, lines_ = 0, extent_ = 0;  // lines: quads of a block of words, one above the other
  bool is_result_ = false;
  bool steps_in_line_ = false;  // in memory
};

// Memory of an instruction: its base, and the distance of its lines or steps.
class WmmaMemory {
 public:
  WmmaMemory(FunctionLowering& f, const ptx::Instruction& inst, const WmmaMatrix& matrix, size_t memory,
             size_t stride)
      : ir_(f.ir()), matrix_(matrix) {
    const ptx::Space space = ptx::SpaceOf(inst.Get(Slot::kSpace));
    base_ = f.ToGeneric(f.Address(inst.operands[memory], space), space);
    const bool has_stride =
        inst.operands.size() > stride && inst.operands[stride].kind != Operand::Kind::kNone;
    Value* step = has_stride ? f.Read(inst.operands[stride], Type::kU32) : ir_.getInt32(matrix.stride());
    stride_ = ir_.CreateZExt(step, ir_.getInt64Ty());
    lane_ = f.Tq(Intrinsic::kLaneid);
  }

  // The address of element `index` of a word of this lane.
  Value* Element(uint32_t word, uint32_t index) {
    const WmmaMatrix::Place place = matrix_.PlaceOf(word);
    Value* quad = ir_.CreateLShr(lane_, 2);
    Value* in_quad = ir_.CreateMul(ir_.CreateAnd(lane_, 3), ir_.getInt32(matrix_.step_of_lane()));
    return Address(ir_.CreateAdd(quad, ir_.getInt32(place.line)),
                   ir_.CreateAdd(in_quad, ir_.getInt32(place.step + index)));
  }

  // The row that this lane names for ldmatrix of `count` words from `first` on. Where words begin is a sum of
  // what each bit of their number adds.
  Value* Row(uint32_t first, uint32_t count) {
    const WmmaMatrix::Place origin = matrix_.PlaceOf(first);
    Value* line = ir_.getInt32(origin.line);
    Value* step = ir_.getInt32(origin.step);
    for (uint32_t bit = 1; bit < count; bit *= 2) {
      const WmmaMatrix::Place place = matrix_.PlaceOf(first + bit);
      Value* has_bit = ir_.CreateAnd(ir_.CreateLShr(lane_, 3), bit);
      line = ir_.CreateAdd(line, ir_.CreateMul(has_bit, ir_.getInt32((place.line - origin.line) / bit)));
      step = ir_.CreateAdd(step, ir_.CreateMul(has_bit, ir_.getInt32((place.step - origin.step) / bit)));
    }
    Value* row = ir_.CreateAnd(lane_, 7);
    Value*& along = matrix_.IsTransposed() ? step : line;
    along = ir_.CreateAdd(along, row);
    return Address(line, step);
  }

 private:
  Value* Address(Value* line, Value* step) {
    llvm::Type* i64 = ir_.getInt64Ty();
    line = ir_.CreateZExt(line, i64);
    step = ir_.CreateZExt(step, i64);
    Value* index = matrix_.steps_in_line() ? ir_.CreateAdd(ir_.CreateMul(line, stride_), step)
                                           : ir_.CreateAdd(ir_.CreateMul(step, stride_), line);
    Value* offset = matrix_.bits() < 8 ? ir_.CreateLShr(index, matrix_.bits() == 4 ? 1 : 3)
                                       : ir_.CreateMul(index, ir_.getInt64(matrix_.bits() / 8));
    return ir_.CreateAdd(base_, offset);
  }

  llvm::IRBuilder<>& ir_;
  const WmmaMatrix& matrix_;
  Value *base_ = nullptr, *stride_ = nullptr, *lane_ = nullptr;
};

// Elements of less than a byte lie side by side in memory as in registers: the layouts that PTX allows for
// them are those. So do neighbours in a line.
Value* LoadWord(FunctionLowering& f, const WmmaMatrix& matrix, WmmaMemory& memory, uint32_t word) {
  auto& ir = f.ir();
  const llvm::Align align(std::max(1u, matrix.bits() / 8));
  llvm::Type* whole = ir.getIntNTy(matrix.word_bits());
  auto pointer = [&](uint32_t i) { return ir.CreateIntToPtr(memory.Element(word, i), ir.getPtrTy()); };
  if (matrix.count() == 1 || matrix.bits() < 8 || matrix.steps_in_line())
    return ir.CreateAlignedLoad(whole, pointer(0), align);
  Value* result = ir.getInt32(0);
  for (uint32_t i = 0; i < matrix.count(); ++i) {
    Value* element = ir.CreateAlignedLoad(ir.getIntNTy(matrix.bits()), pointer(i), align);
    result = ir.CreateOr(result, ir.CreateShl(ir.CreateZExt(element, whole), i * matrix.bits()));
  }
  return result;
}

void StoreWord(FunctionLowering& f, const WmmaMatrix& matrix, WmmaMemory& memory, uint32_t word,
               Value* value) {
  auto& ir = f.ir();
  const llvm::Align align(matrix.bits() / 8);
  auto pointer = [&](uint32_t i) { return ir.CreateIntToPtr(memory.Element(word, i), ir.getPtrTy()); };
  if (matrix.count() == 1 || matrix.steps_in_line()) {
    ir.CreateAlignedStore(value, pointer(0), align);
    return;
  }
  for (uint32_t i = 0; i < matrix.count(); ++i) {
    Value* element = ir.CreateTrunc(ir.CreateLShr(value, i * matrix.bits()), ir.getIntNTy(matrix.bits()));
    ir.CreateAlignedStore(element, pointer(i), align);
  }
}

uint64_t PlainRows(uint64_t count, bool is_transposed) {
  return count | uint64_t{is_transposed} << TQ_MATRIX_TRANS | uint64_t{TQ_M8N8} << TQ_MATRIX_SHAPE;
}

}  // namespace

void LowerWmmaLoad(FunctionLowering& f, const ptx::Instruction& inst) {
  auto& ir = f.ir();
  const WmmaMatrix matrix(inst, inst.Get(Slot::kMatrix));
  WmmaMemory memory(f, inst, matrix, 1, 2);
  f.Tq(Intrinsic::kWarpsync, {ir.getInt32(-1)});
  std::vector<Value*> values;
  while (values.size() < matrix.words()) {
    const auto first = static_cast<uint32_t>(values.size());
    if (!matrix.IsRows()) {
      values.push_back(LoadWord(f, matrix, memory, first));
      continue;
    }
    const uint32_t left = matrix.words() - first, count = left >= 4 ? 4 : left >= 2 ? 2 : 1;
    MatrixWords rows(f);
    rows.AppendAddress(memory.Row(first, count));
    rows.Run(Intrinsic::kLdmatrix, ir.getInt64(PlainRows(count, matrix.IsTransposed())));
    for (uint32_t i = 0; i < count; ++i) values.push_back(rows.Result(i, Type::kB32));
  }
  // Over and over where the fragment has more registers than elements of its own.
  for (size_t i = values.size(); i < RegistersOf(inst, 0); ++i) values.push_back(values[i % matrix.words()]);
  values.resize(RegistersOf(inst, 0));
  f.WriteVector(inst.operands[0], values, matrix.type());
}

void LowerWmmaStore(FunctionLowering& f, const ptx::Instruction& inst) {
  const WmmaMatrix matrix(inst, Suffix::kC);
  WmmaMemory memory(f, inst, matrix, 0, 2);
  f.Tq(Intrinsic::kWarpsync, {f.ir().getInt32(-1)});
  std::vector<Value*> values = f.ReadVector(inst.operands[1], matrix.type());
  for (uint32_t word = 0; word < matrix.words(); ++word) StoreWord(f, matrix, memory, word, values[word]);
}

// ---- ldmatrix, stmatrix, movmatrix ----

namespace {

struct NamedShape {
  Suffix suffix;
  tq_matrix_shape shape;
};
constexpr NamedShape kShapes[] = {{Suffix::kM8n8, TQ_M8N8},
                                  {Suffix::kM16n16, TQ_M16N16},
                                  {Suffix::kM8n16, TQ_M8N16},
                                  {Suffix::kM16n8, TQ_M16N8}};

uint64_t MoveOp(const ptx::Instruction& inst) {
  uint64_t op = inst.Get(Slot::kNum) == Suffix::kX4 ? 4 : inst.Get(Slot::kNum) == Suffix::kX2 ? 2 : 1;
  for (const NamedShape& named : kShapes) {
    if (named.suffix == inst.Get(Slot::kShape)) op |= uint64_t{named.shape} << TQ_MATRIX_SHAPE;
  }
  const Suffix format = inst.Get(Slot::kSrcfmt);
  if (format == Suffix::kB6x16P32) op |= uint64_t{TQ_B6X16_P32} << TQ_MATRIX_FORMAT;
  if (format == Suffix::kB4x16P64) op |= uint64_t{TQ_B4X16_P64} << TQ_MATRIX_FORMAT;
  return op | uint64_t{inst.Has(Slot::kTrans)} << TQ_MATRIX_TRANS;
}

void AppendAddress(FunctionLowering& f, const ptx::Instruction& inst, size_t memory, MatrixWords& words) {
  const ptx::Space space = ptx::SpaceOf(inst.Get(Slot::kSpace));
  words.AppendAddress(f.ToGeneric(f.Address(inst.operands[memory], space), space));
}

}  // namespace

void LowerLoadMatrix(FunctionLowering& f, const ptx::Instruction& inst) {
  MatrixWords words(f);
  AppendAddress(f, inst, 1, words);
  words.Run(Intrinsic::kLdmatrix, f.ir().getInt64(MoveOp(inst)));
  words.Write(inst.operands[0], Type::kB32, RegistersOf(inst, 0));
}

void LowerStoreMatrix(FunctionLowering& f, const ptx::Instruction& inst) {
  MatrixWords words(f);
  AppendAddress(f, inst, 0, words);
  words.Append(inst.operands[1], Type::kB32, RegistersOf(inst, 1));
  words.Run(Intrinsic::kStmatrix, f.ir().getInt64(MoveOp(inst)));
}

void LowerMoveMatrix(FunctionLowering& f, const ptx::Instruction& inst) {
  MatrixWords words(f);
  words.Append(f.Read(inst.operands[1], Type::kB32));
  words.Run(Intrinsic::kMovmatrix, f.ir().getInt64(0));
  f.Write(inst.operands[0], words.Result(0, Type::kB32), Type::kB32);
}

}  // namespace tq::lower
