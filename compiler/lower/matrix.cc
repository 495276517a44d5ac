// PTX ISA, "Warp Level Matrix Multiply-Accumulate Instructions". The fragments of wmma are those of mma;
// m8n32 is computed as the transpose of m32n8.
#include "compiler/lower/matrix.h"

#include <cstdio>
#include <string>

#include "compiler/devicelib/modes.h"
#include "isa/isa.h"

namespace tq::lower {

using llvm::Value;
using ptx::Operand;
using ptx::Slot;
using ptx::Suffix;
using ptx::Type;
using simt::Intrinsic;

MatrixShape ShapeOf(const ptx::Instruction& inst) {
  MatrixShape shape;
  const std::string text(ptx::Spelling(inst.Get(Slot::kShape)));
  std::sscanf(text.c_str(), "m%un%uk%u", &shape.m, &shape.n, &shape.k);
  return shape;
}

size_t RegistersOf(const ptx::Instruction& inst, size_t operand) {
  const ptx::Form& form = ptx::GetForm(inst.form);
  return ptx::VectorSize(form, form.operands[operand], inst.suffixes);
}

namespace {

constexpr MatrixElement kElements[] = {
    {Type::kF16, TQ_MATRIX_F16, 16, Intrinsic::kMmaFloat},
    {Type::kBF16, TQ_MATRIX_BF16, 16, Intrinsic::kMmaFloat},
    {Type::kTF32, TQ_MATRIX_TF32, 32, Intrinsic::kMmaFloat},
    {Type::kF64, TQ_MATRIX_F64, 64, Intrinsic::kMmaDouble},
    {Type::kU8, TQ_MATRIX_U8, 8, Intrinsic::kMmaInteger},
    {Type::kS8, TQ_MATRIX_S8, 8, Intrinsic::kMmaInteger},
    {Type::kU4, TQ_MATRIX_U4, 4, Intrinsic::kMmaInteger},
    {Type::kS4, TQ_MATRIX_S4, 4, Intrinsic::kMmaInteger},
    {Type::kB1, TQ_MATRIX_B1, 1, Intrinsic::kMmaBits},
    {Type::kE4M3, TQ_MATRIX_E4M3, 8, Intrinsic::kMmaFloat},
    {Type::kE5M2, TQ_MATRIX_E5M2, 8, Intrinsic::kMmaFloat},
    {Type::kE3M2, TQ_MATRIX_E3M2, 8, Intrinsic::kMmaFloat},
    {Type::kE2M3, TQ_MATRIX_E2M3, 8, Intrinsic::kMmaFloat},
    {Type::kE2M1, TQ_MATRIX_E2M1, 8, Intrinsic::kMmaFloat},
    {Type::kF32, TQ_MATRIX_F32, 32, Intrinsic::kMmaFloat},
    {Type::kS32, TQ_MATRIX_S32, 32, Intrinsic::kMmaFloat},
};

}  // namespace

const MatrixElement& ElementOf(Type type) {
  for (const MatrixElement& element : kElements) {
    if (element.type == type) return element;
  }
  return kElements[0];  // wmma of f16 does not name its type
}

void MatrixWords::Append(Value* value) {
  auto& ir = f_.ir();
  if (value->getType()->isIntegerTy(64)) {
    arguments_.push_back(ir.CreateTrunc(value, ir.getInt32Ty()));
    value = ir.CreateTrunc(ir.CreateLShr(value, 32), ir.getInt32Ty());
  }
  arguments_.push_back(value);
}

void MatrixWords::Append(const Operand& fragment, Type type, size_t count) {
  std::vector<Value*> values = f_.ReadVector(fragment, type);
  for (size_t i = 0; i < values.size() && i < count; ++i) Append(values[i]);
}

Value* MatrixWords::Result(unsigned index, Type type) {
  auto& ir = f_.ir();
  if (type != Type::kB64) return ir.CreateExtractValue(results_, index);
  Value* low = ir.CreateZExt(ir.CreateExtractValue(results_, index * 2), ir.getInt64Ty());
  Value* high = ir.CreateZExt(ir.CreateExtractValue(results_, index * 2 + 1), ir.getInt64Ty());
  return ir.CreateOr(low, ir.CreateShl(high, 32));
}

void MatrixWords::Write(const Operand& fragment, Type type, size_t registers) {
  std::vector<Value*> values;
  for (unsigned i = 0; i < registers; ++i) values.push_back(Result(i, type));
  f_.WriteVector(fragment, values, type);
}

namespace {

struct Rounding {
  Suffix suffix;
  tq_rounding mode;
};
constexpr Rounding kRoundings[] = {
    {Suffix::kRn, TQ_RN}, {Suffix::kRz, TQ_RZ}, {Suffix::kRm, TQ_RM}, {Suffix::kRp, TQ_RP}};

uint64_t RoundingOf(const ptx::Instruction& inst) {
  for (const Rounding& rounding : kRoundings) {
    if (rounding.suffix == inst.Get(Slot::kRnd)) return rounding.mode;
  }
  return TQ_RN;
}

// Fields that both multiplications have. `is_swapped`: what the instruction calls B is A.
uint64_t MultiplyOp(const ptx::Instruction& inst, const MatrixShape& shape, uint64_t a, uint64_t b) {
  return a << TQ_MMA_A | b << TQ_MMA_B | uint64_t{inst.GetType(Slot::kCtype) == Type::kF16} << TQ_MMA_C_F16 |
         uint64_t{inst.GetType(Slot::kDtype) == Type::kF16} << TQ_MMA_D_F16 |
         uint64_t{shape.m / 8} << TQ_MMA_ROWS | uint64_t{shape.n / 8} << TQ_MMA_COLUMNS |
         uint64_t{shape.k} << TQ_MMA_K | uint64_t{inst.Has(Slot::kSatfinite)} << TQ_MMA_SATFINITE |
         uint64_t{inst.Get(Slot::kOp) == Suffix::kAnd} << TQ_MMA_AND | RoundingOf(inst) << TQ_MMA_ROUNDING;
}

uint64_t ScalesOf(const ptx::Instruction& inst) {
  if (!inst.Has(Slot::kKind)) return 0;
  switch (inst.Get(Slot::kScale)) {
    case Suffix::kScaleVec_1X:
      return 1;
    case Suffix::kScaleVec_2X:
      return 2;
    case Suffix::kScaleVec_4X:
      return 4;
    default:  // left out: what the kind alone allows
      return inst.Get(Slot::kKind) == Suffix::kKindMxf4 ? 2 : 1;
  }
}

// {byte-id, thread-id} into their fields of the operation.
Value* WithSelectors(FunctionLowering& f, Value* op, const Operand& selectors, uint64_t byte_at,
                     uint64_t thread_at) {
  auto& ir = f.ir();
  std::vector<Value*> values = f.ReadVector(selectors, Type::kU16);
  const uint64_t places[] = {byte_at, thread_at};
  for (size_t i = 0; i < values.size() && i < std::size(places); ++i) {
    Value* wide = ir.CreateZExt(ir.CreateAnd(values[i], ir.getInt16(3)), ir.getInt64Ty());
    op = ir.CreateOr(op, ir.CreateShl(wide, places[i]));
  }
  return op;
}

}  // namespace

void LowerMatrixMultiply(FunctionLowering& f, const ptx::Instruction& inst) {
  const MatrixShape shape = ShapeOf(inst);
  MatrixElement a = ElementOf(inst.GetType(Slot::kAtype)), b = ElementOf(inst.GetType(Slot::kBtype));
  const Suffix kind = inst.Get(Slot::kKind);
  if (kind == Suffix::kKindMxf4 || kind == Suffix::kKindMxf4nvf4)
    a.element = b.element = TQ_MATRIX_E2M1_PACKED;
  const bool is_sparse = inst.Has(Slot::kSparse);
  const uint64_t scales = ScalesOf(inst);
  uint64_t op = MultiplyOp(inst, shape, a.element, b.element) | uint64_t{is_sparse} << TQ_MMA_SPARSE |
                scales << TQ_MMA_SCALES |
                uint64_t{inst.GetType(Slot::kStype) == Type::kUE4M3} << TQ_MMA_UE4M3 |
                uint64_t{inst.Get(Slot::kAlayout) == Suffix::kCol} << TQ_MMA_A_COLUMN |
                uint64_t{inst.Get(Slot::kBlayout) == Suffix::kRow} << TQ_MMA_B_ROW;
  const Type type = a.element == TQ_MATRIX_F64 ? Type::kB64 : Type::kB32;
  MatrixWords words(f);
  for (size_t i = 1; i < 4; ++i) words.Append(inst.operands[i], type, RegistersOf(inst, i));
  size_t next = 4;
  if (is_sparse) {
    words.Append(f.Read(inst.operands[next], Type::kB32));
    op |= (inst.operands[next + 1].bits & 3) << TQ_MMA_SELECTOR;
    next += 2;
  }
  Value* full_op = f.ir().getInt64(op);
  if (scales != 0) {
    words.Append(f.Read(inst.operands[next], Type::kB32));
    words.Append(f.Read(inst.operands[next + 2], Type::kB32));
    full_op = WithSelectors(f, full_op, inst.operands[next + 1], TQ_MMA_BYTE_A, TQ_MMA_THREAD_A);
    full_op = WithSelectors(f, full_op, inst.operands[next + 3], TQ_MMA_BYTE_B, TQ_MMA_THREAD_B);
  }
  const size_t results = RegistersOf(inst, 0);
  const bool is_quadpairs = shape.m == 8 && a.element == TQ_MATRIX_F16;
  words.Run(is_quadpairs ? Intrinsic::kMmaQuadpairs : a.multiply, full_op);
  words.Write(inst.operands[0], type, results);
}

void LowerWmmaMultiply(FunctionLowering& f, const ptx::Instruction& inst) {
  MatrixShape shape = ShapeOf(inst);
  const MatrixElement* a = &ElementOf(inst.GetType(Slot::kAtype));
  const MatrixElement* b = &ElementOf(inst.GetType(Slot::kBtype));
  const bool is_swapped = shape.n == 32;
  if (is_swapped) {
    std::swap(a, b);
    std::swap(shape.m, shape.n);
  }
  const Type type = a->element == TQ_MATRIX_F64 ? Type::kB64 : Type::kB32;
  MatrixWords words(f);
  const uint32_t word_bits = type == Type::kB64 ? 64 : 32;
  words.Append(inst.operands[is_swapped ? 2 : 1], type, shape.m * shape.k * a->bits / (32 * word_bits));
  words.Append(inst.operands[is_swapped ? 1 : 2], type, shape.n * shape.k * b->bits / (32 * word_bits));
  words.Append(inst.operands[3], type, RegistersOf(inst, 3));
  const size_t results = RegistersOf(inst, 0);
  words.Run(a->multiply, f.ir().getInt64(MultiplyOp(inst, shape, a->element, b->element)));
  words.Write(inst.operands[0], type, results);
}

}  // namespace tq::lower
