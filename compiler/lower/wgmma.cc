// PTX ISA, "Asynchronous Warpgroup Level Matrix Instructions". The product of m64nNkK is done where it is
// issued: each warp has 16 rows, and multiplies them by 8 columns after the other as mma does. Fragments in
// registers are those of mma; words of those in shared memory are picked by descriptor
// (compiler/devicelib/descriptor.h).
#include <algorithm>
#include <utility>

#include "compiler/lower/matrix.h"
#include "compiler/lower/named_operand.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Operand;
using ptx::Slot;
using ptx::Suffix;
using ptx::Type;
using simt::Intrinsic;

constexpr unsigned kColumns = 8;  // of one product
constexpr uint32_t kWarpRows = 16;

// Steps of 16 bytes in a row of `k` elements.
uint32_t StepsOf(uint32_t k, const MatrixElement& element) { return k * element.bits / 128; }

bool IsSet(const ptx::Instruction& inst, std::string_view name) {
  const size_t index = IndexOf(inst, name);
  return IsGiven(inst, index) && inst.operands[index].bits != 0;
}

// imm-scale-a, imm-scale-b: -1 negates the elements.
bool IsNegated(const ptx::Instruction& inst, std::string_view name) {
  const size_t index = IndexOf(inst, name);
  return IsGiven(inst, index) && static_cast<int64_t>(inst.operands[index].bits) < 0;
}

// The signs of the elements in a word.
uint32_t SignsOf(const MatrixElement& element) {
  switch (element.bits) {
    case 8:
      return 0x80808080;
    case 16:
      return 0x80008000;
    default:
      return 0x80000000;
  }
}

// A matrix in shared memory. A word of all lanes is a piece of 8 rows of 16 bytes, as ldmatrix loads it.
class SharedMatrix {
 public:
  SharedMatrix(FunctionLowering& f, const Operand& descriptor, bool is_transposed)
      : f_(f),
        is_transposed_(is_transposed),
        shared_(f.ir().CreatePtrToInt(f.Tq(Intrinsic::kSharedBase), f.ir().getInt64Ty())),
        descriptor_(f.Read(descriptor, Type::kB64)) {}

  // The words of `count` pieces. `place` says from a piece's index which row it begins at, and which 16 bytes
  // of K it covers.
  template <typename Place>
  std::vector<Value*> Load(uint32_t count, Place place) {
    auto& ir = f_.ir();
    Value* lane = f_.Tq(Intrinsic::kLaneid);
    std::vector<Value*> words;
    while (words.size() < count) {
      const uint32_t pieces = std::min<uint32_t>(count - static_cast<uint32_t>(words.size()), kMostPieces);
      Value* index = ir.CreateAdd(ir.CreateLShr(lane, 3), ir.getInt32(static_cast<uint32_t>(words.size())));
      const auto [row, step] = place(index);
      Value* within = ir.CreateAnd(lane, ir.getInt32(7));
      const uint64_t op = uint64_t{pieces} << TQ_MATRIX_COUNT | uint64_t{is_transposed_} << TQ_MATRIX_TRANS;
      Value* loaded = f_.Tq(Intrinsic::kLdmatrix, {ir.getInt64(op), Address(row, step, within)});
      for (uint32_t i = 0; i < pieces; ++i) words.push_back(ir.CreateExtractValue(loaded, i));
    }
    return words;
  }

 private:
  static constexpr uint32_t kMostPieces = 4;

  // Of line `within` of a piece.
  Value* Address(Value* row, Value* step, Value* within) {
    auto& ir = f_.ir();
    if (is_transposed_) {
      Value* k = ir.CreateAdd(ir.CreateShl(step, 3), within);
      return f_.Devicelib("tq_wgmma_column", ir.getInt64Ty(),
                          {shared_, descriptor_, ir.CreateShl(row, 1), k});
    }
    return f_.Devicelib("tq_wgmma_row", ir.getInt64Ty(),
                        {shared_, descriptor_, ir.CreateAdd(row, within), ir.CreateShl(step, 4)});
  }

  FunctionLowering& f_;
  const bool is_transposed_;
  Value* shared_;
  Value* descriptor_;
};

class Product {
 public:
  Product(FunctionLowering& f, const ptx::Instruction& inst)
      : f_(f),
        inst_(inst),
        shape_(ShapeOf(inst)),
        a_(ElementOf(inst.GetType(Slot::kAtype))),
        b_(ElementOf(inst.GetType(Slot::kBtype))),
        meta_(IndexOf(inst, "meta")),
        is_half_(inst.GetType(Slot::kDtype) == Type::kF16) {}

  void Run() {
    ReadFactorA();
    const size_t per_product = is_half_ ? 2 : 4;
    std::vector<Value*> sums = ReadSums(), results;
    const uint32_t steps = StepsOf(shape_.k, b_);
    const std::vector<Value*> b_words = ReadFactorB(steps);
    Value* meta = IsSparse() ? f_.Read(inst_.operands[meta_], Type::kB32) : nullptr;
    for (uint32_t column = 0; column < shape_.n; column += kColumns) {
      MatrixWords words(f_);
      for (Value* word : a_words_) words.Append(word);
      for (uint32_t step = 0; step < steps; ++step) words.Append(b_words[column / kColumns * steps + step]);
      const size_t first = column / kColumns * per_product;
      for (size_t i = 0; i < per_product; ++i) words.Append(sums[first + i]);
      if (IsSparse()) words.Append(meta);
      words.Run(a_.multiply, f_.ir().getInt64(Op()));
      for (unsigned i = 0; i < per_product; ++i) results.push_back(words.Result(i, Type::kB32));
    }
    f_.WriteVector(inst_.operands[0], results, Type::kB32);
  }

 private:
  bool IsSparse() const { return IsGiven(inst_, meta_); }

  uint64_t Op() const {
    uint64_t op = uint64_t{a_.element} << TQ_MMA_A | uint64_t{b_.element} << TQ_MMA_B |
                  uint64_t{is_half_} << TQ_MMA_C_F16 | uint64_t{is_half_} << TQ_MMA_D_F16 |
                  uint64_t{kWarpRows / 8} << TQ_MMA_ROWS | uint64_t{kColumns / 8} << TQ_MMA_COLUMNS |
                  uint64_t{shape_.k} << TQ_MMA_K | uint64_t{IsSparse()} << TQ_MMA_SPARSE |
                  uint64_t{inst_.Has(Slot::kSatfinite)} << TQ_MMA_SATFINITE |
                  uint64_t{inst_.Get(Slot::kOp) == Suffix::kAnd} << TQ_MMA_AND;
    if (IsSparse()) op |= (inst_.operands[meta_ + 1].bits & 3) << TQ_MMA_SELECTOR;
    return op;
  }

  Value* Negated(Value* word, std::string_view scale, const MatrixElement& element) {
    return IsNegated(inst_, scale) ? f_.ir().CreateXor(word, SignsOf(element)) : word;
  }

  // The warp's 16 rows of A; its rank in the warpgroup says which.
  void ReadFactorA() {
    auto& ir = f_.ir();
    const size_t index = IndexOf(inst_, "a");
    if (ptx::GetForm(inst_.form).operands[index].vector) {
      a_words_ = f_.ReadVector(inst_.operands[index], Type::kB32);
    } else {
      SharedMatrix a(f_, inst_.operands[index], IsSet(inst_, "transA"));
      Value* warp = ir.CreateAnd(f_.Tq(Intrinsic::kWarpid), ir.getInt32(3));
      const uint32_t steps = StepsOf(IsSparse() ? shape_.k / 2 : shape_.k, a_);
      a_words_ = a.Load(2 * steps, [&](Value* piece) {
        Value* eighth = ir.CreateOr(ir.CreateShl(warp, 1), ir.CreateAnd(piece, ir.getInt32(1)));
        return std::pair(ir.CreateShl(eighth, 3), ir.CreateLShr(piece, 1));
      });
    }
    for (Value*& word : a_words_) word = Negated(word, "scaleA", a_);
  }

  std::vector<Value*> ReadFactorB(uint32_t steps) {
    auto& ir = f_.ir();
    SharedMatrix b(f_, inst_.operands[IndexOf(inst_, "b")], IsSet(inst_, "transB"));
    std::vector<Value*> words = b.Load(shape_.n / kColumns * steps, [&](Value* piece) {
      Value* row = ir.CreateShl(ir.CreateUDiv(piece, ir.getInt32(steps)), 3);
      return std::pair(row, ir.CreateURem(piece, ir.getInt32(steps)));
    });
    for (Value*& word : words) word = Negated(word, "scaleB", b_);
    return words;
  }

  // D where scale-d is true, else zeros.
  std::vector<Value*> ReadSums() {
    auto& ir = f_.ir();
    std::vector<Value*> sums = f_.ReadVector(inst_.operands[0], Type::kB32);
    Value* adds = f_.Read(inst_.operands[IndexOf(inst_, "scaleD")], Type::kPred);
    for (Value*& sum : sums) sum = ir.CreateSelect(adds, sum, ir.getInt32(0));
    return sums;
  }

  FunctionLowering& f_;
  const ptx::Instruction& inst_;
  const MatrixShape shape_;
  const MatrixElement &a_, &b_;
  const size_t meta_;
  const bool is_half_;
  std::vector<Value*> a_words_;
};

}  // namespace

void LowerWgmmaMultiply(FunctionLowering& f, const ptx::Instruction& inst) { Product(f, inst).Run(); }

}  // namespace tq::lower
