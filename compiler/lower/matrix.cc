// PTX ISA, "Warp Level Matrix Instructions". A handler puts this lane's fragments into
// FunctionLowering::Words(), one behind the other, and takes the results from there; the device library
// computes on those of the whole warp (compiler/devicelib/matrix.h). The fragments of wmma are those of mma;
// m8n32 is computed as the transpose of m32n8.
#include <cstdio>
#include <string>

#include "compiler/devicelib/matrix_op.h"
#include "compiler/devicelib/modes.h"
#include "compiler/lower/lowering.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Operand;
using ptx::Slot;
using ptx::Suffix;
using ptx::Type;
using simt::Intrinsic;

struct Shape {
  uint32_t m = 0, n = 0, k = 0;
};

Shape ShapeOf(const ptx::Instruction& inst) {
  Shape shape;
  const std::string text(ptx::Spelling(inst.Get(Slot::kShape)));
  std::sscanf(text.c_str(), "m%un%uk%u", &shape.m, &shape.n, &shape.k);
  return shape;
}

struct Element {
  Type type;
  tq_matrix_element element;
  uint32_t bits;
  Intrinsic multiply;
};
constexpr Element kElements[] = {
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

const Element& ElementOf(Type type) {
  for (const Element& element : kElements) {
    if (element.type == type) return element;
  }
  return kElements[0];  // wmma of f16 does not name its type
}

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

// This lane's words on their way to the device library and back.
class LaneWords {
 public:
  explicit LaneWords(FunctionLowering& f) : f_(f), words_(f.Words()) {}

  void Append(Value* value) {
    f_.ir().CreateAlignedStore(value, At(size_bytes_), llvm::Align(4));
    size_bytes_ += value->getType()->getPrimitiveSizeInBits() / 8;
  }
  // The first `count` registers of a fragment.
  void Append(const Operand& fragment, Type type, size_t count) {
    std::vector<Value*> values = f_.ReadVector(fragment, type);
    for (size_t i = 0; i < values.size() && i < count; ++i) Append(values[i]);
  }
  // The words take at least so much.
  void Reserve(uint32_t size_bytes) { size_bytes_ = std::max(size_bytes_, size_bytes); }

  void Run(Intrinsic intrinsic, Value* op) { f_.Tq(intrinsic, {op, words_, f_.ir().getInt32(size_bytes_)}); }

  Value* Load(uint32_t index, Type type) {
    llvm::Type* bits = f_.BitsOf(type);
    return f_.ir().CreateAlignedLoad(bits, At(index * bits->getPrimitiveSizeInBits() / 8), llvm::Align(4));
  }
  // The results, over and over where the fragment has more registers than there are `distinct` ones.
  void Write(const Operand& fragment, Type type, size_t registers, size_t distinct) {
    std::vector<Value*> values;
    for (size_t i = 0; i < registers; ++i) {
      values.push_back(i < distinct ? Load(static_cast<uint32_t>(i), type) : values[i % distinct]);
    }
    f_.WriteVector(fragment, values, type);
  }

  Value* pointer() const { return words_; }

 private:
  Value* At(uint64_t offset) {
    return f_.ir().CreateConstInBoundsGEP1_64(f_.ir().getInt8Ty(), words_, offset);
  }

  FunctionLowering& f_;
  Value* const words_;
  uint32_t size_bytes_ = 0;
};

size_t RegistersOf(const ptx::Instruction& inst, size_t operand) {
  return ptx::GetForm(inst.form).operands[operand].vector_size;
}

// Fields that both multiplications have. `is_swapped`: what the instruction calls B is A.
uint64_t MultiplyOp(const ptx::Instruction& inst, const Shape& shape, uint64_t a, uint64_t b) {
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
  const Shape shape = ShapeOf(inst);
  Element a = ElementOf(inst.GetType(Slot::kAtype)), b = ElementOf(inst.GetType(Slot::kBtype));
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
  LaneWords words(f);
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
  words.Reserve(static_cast<uint32_t>(results * (type == Type::kB64 ? 8 : 4)));
  const bool is_quadpairs = shape.m == 8 && a.element == TQ_MATRIX_F16;
  words.Run(is_quadpairs ? Intrinsic::kMmaQuadpairs : a.multiply, full_op);
  words.Write(inst.operands[0], type, results, results);
}

void LowerWmmaMultiply(FunctionLowering& f, const ptx::Instruction& inst) {
  Shape shape = ShapeOf(inst);
  const Element* a = &ElementOf(inst.GetType(Slot::kAtype));
  const Element* b = &ElementOf(inst.GetType(Slot::kBtype));
  const bool is_swapped = shape.n == 32;
  if (is_swapped) {
    std::swap(a, b);
    std::swap(shape.m, shape.n);
  }
  const Type type = a->element == TQ_MATRIX_F64 ? Type::kB64 : Type::kB32;
  LaneWords words(f);
  const uint32_t word_bits = type == Type::kB64 ? 64 : 32;
  words.Append(inst.operands[is_swapped ? 2 : 1], type, shape.m * shape.k * a->bits / (32 * word_bits));
  words.Append(inst.operands[is_swapped ? 1 : 2], type, shape.n * shape.k * b->bits / (32 * word_bits));
  words.Append(inst.operands[3], type, RegistersOf(inst, 3));
  const size_t results = RegistersOf(inst, 0);
  words.Reserve(static_cast<uint32_t>(results * word_bits / 8));
  words.Run(a->multiply, f.ir().getInt64(MultiplyOp(inst, shape, a->element, b->element)));
  words.Write(inst.operands[0], type, results, results);
}

namespace {

// wmma.load and wmma.store: which elements a lane has, and where they lie.
struct WmmaMatrix {
  WmmaMatrix(const ptx::Instruction& inst, Suffix role) {
    Shape shape = ShapeOf(inst);
    const bool is_transposed = shape.n == 32;
    const bool is_a = role == Suffix::kA, is_b = role == Suffix::kB;
    const uint32_t height = is_b ? shape.k : shape.m, width = is_a ? shape.k : shape.n;
    const bool is_column = inst.Get(Slot::kLayout) == Suffix::kCol;
    const Element& element = ElementOf(inst.GetType(Slot::kType));
    stride = is_column ? height : width;
    word_bits = element.bits == 64 ? 64 : 32;
    distinct = height * width * element.bits / (32 * word_bits);
    if (is_transposed) std::swap(shape.m, shape.n);
    const bool is_rows = is_transposed ? is_b : is_a, is_columns = is_transposed ? is_a : is_b;
    const uint64_t matrix = is_rows ? TQ_WMMA_A : is_columns ? TQ_WMMA_B : TQ_WMMA_C;
    const uint64_t columns = matrix == TQ_WMMA_C ? shape.n / 8 : shape.k;
    op = uint64_t{element.element} << TQ_WMMA_ELEMENT | uint64_t{shape.m / 8} << TQ_WMMA_ROWS |
         columns << TQ_WMMA_COLUMNS | matrix << TQ_WMMA_MATRIX |
         uint64_t{is_column != is_transposed} << TQ_WMMA_SWAPPED;
  }

  Type type() const { return word_bits == 64 ? Type::kB64 : Type::kB32; }

  uint64_t op = 0;
  uint32_t stride = 0;  // when the instruction gives none
  uint32_t word_bits = 0;
  uint32_t distinct = 0;  // registers that hold elements of their own
};

void CallWmma(FunctionLowering& f, const ptx::Instruction& inst, const WmmaMatrix& matrix,
              const char* function, size_t memory, size_t stride, LaneWords& words) {
  auto& ir = f.ir();
  const ptx::Space space = ptx::SpaceOf(inst.Get(Slot::kSpace));
  Value* address = f.ToGeneric(f.Address(inst.operands[memory], space), space);
  const bool has_stride = inst.operands.size() > stride && inst.operands[stride].kind != Operand::Kind::kNone;
  Value* step = has_stride ? f.Read(inst.operands[stride], Type::kU32) : ir.getInt32(matrix.stride);
  f.Tq(Intrinsic::kWarpsync, {ir.getInt32(-1)});
  f.DevicelibWithMemory(function, ir.getVoidTy(),
                        {ir.getInt64(matrix.op), ir.CreateIntToPtr(address, ir.getPtrTy()), step,
                         f.Tq(Intrinsic::kLaneid), words.pointer(), ir.getInt32(matrix.distinct)});
}

}  // namespace

void LowerWmmaLoad(FunctionLowering& f, const ptx::Instruction& inst) {
  const WmmaMatrix matrix(inst, inst.Get(Slot::kMatrix));
  LaneWords words(f);
  CallWmma(f, inst, matrix, "tq_wmma_load", 1, 2, words);
  words.Write(inst.operands[0], matrix.type(), RegistersOf(inst, 0), matrix.distinct);
}

void LowerWmmaStore(FunctionLowering& f, const ptx::Instruction& inst) {
  const WmmaMatrix matrix(inst, Suffix::kC);
  LaneWords words(f);
  words.Append(inst.operands[1], matrix.type(), matrix.distinct);
  CallWmma(f, inst, matrix, "tq_wmma_store", 0, 2, words);
}

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

void AppendAddress(FunctionLowering& f, const ptx::Instruction& inst, size_t memory, LaneWords& words) {
  const ptx::Space space = ptx::SpaceOf(inst.Get(Slot::kSpace));
  words.Append(f.ToGeneric(f.Address(inst.operands[memory], space), space));
}

}  // namespace

void LowerLoadMatrix(FunctionLowering& f, const ptx::Instruction& inst) {
  const size_t registers = RegistersOf(inst, 0);
  LaneWords words(f);
  AppendAddress(f, inst, 1, words);
  words.Reserve(static_cast<uint32_t>(registers * 4));
  words.Run(Intrinsic::kLdmatrix, f.ir().getInt64(MoveOp(inst)));
  words.Write(inst.operands[0], Type::kB32, registers, registers);
}

void LowerStoreMatrix(FunctionLowering& f, const ptx::Instruction& inst) {
  LaneWords words(f);
  AppendAddress(f, inst, 0, words);
  words.Append(inst.operands[1], Type::kB32, RegistersOf(inst, 1));
  words.Run(Intrinsic::kStmatrix, f.ir().getInt64(MoveOp(inst)));
}

void LowerMoveMatrix(FunctionLowering& f, const ptx::Instruction& inst) {
  LaneWords words(f);
  words.Append(f.Read(inst.operands[1], Type::kB32));
  words.Run(Intrinsic::kMovmatrix, f.ir().getInt64(0));
  f.Write(inst.operands[0], words.Load(0, Type::kB32), Type::kB32);
}

}  // namespace tq::lower
