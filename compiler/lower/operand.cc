// Operands: registers, immediates, vectors, and PTX's rules for registers of another type than the
// instruction's.
#include <bit>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/module_lowering.h"
#include "compiler/lower/special_registers.h"

namespace tq::lower {
namespace {

using ptx::Operand;
using ptx::Type;

}  // namespace

llvm::IntegerType* FunctionLowering::BitsOf(Type type) {
  return type == Type::kPred ? ir_.getInt1Ty() : ir_.getIntNTy(std::max(8u, ptx::SizeBits(type)));
}

llvm::Type* FunctionLowering::TypeOf(Type type) {
  switch (type) {
    case Type::kF16:
      return ir_.getHalfTy();
    case Type::kBF16:
      return ir_.getBFloatTy();
    case Type::kF32:
      return ir_.getFloatTy();
    case Type::kF64:
      return ir_.getDoubleTy();
    case Type::kF16x2:
      return llvm::FixedVectorType::get(ir_.getHalfTy(), 2);
    case Type::kBF16x2:
      return llvm::FixedVectorType::get(ir_.getBFloatTy(), 2);
    case Type::kF32x2:
      return llvm::FixedVectorType::get(ir_.getFloatTy(), 2);
    case Type::kU16x2:
    case Type::kS16x2:
      return llvm::FixedVectorType::get(ir_.getInt16Ty(), 2);
    case Type::kU8x4:
    case Type::kS8x4:
      return llvm::FixedVectorType::get(ir_.getInt8Ty(), 4);
    default:
      return BitsOf(type);
  }
}

llvm::Value* FunctionLowering::ToBits(llvm::Value* value) {
  llvm::Type* type = value->getType();
  if (type->isIntegerTy()) return value;
  if (type->isPointerTy()) return ir_.CreatePtrToInt(value, ir_.getInt64Ty());
  return ir_.CreateBitCast(value, ir_.getIntNTy(type->getPrimitiveSizeInBits()));
}

llvm::Value* FunctionLowering::FromBits(llvm::Value* bits, Type type) {
  return ir_.CreateBitCast(bits, TypeOf(type));
}

// ---- Registers ----

llvm::AllocaInst* FunctionLowering::Slot(const ptx::Register& reg) {
  llvm::AllocaInst*& slot = registers_[reg.index];
  if (slot == nullptr) {
    // f32 and f64 live as such, everything else as an integer: most f16 registers are declared .b16 anyway.
    llvm::Type* type = reg.type == Type::kF32 || reg.type == Type::kF64 ? TypeOf(reg.type) : BitsOf(reg.type);
    if (reg.vector > 1) type = llvm::ArrayType::get(type, reg.vector);
    slot = NewSlot(type, 1, reg.name);
  }
  return slot;
}

llvm::Value* FunctionLowering::SlotElement(const Operand& operand) {
  llvm::AllocaInst* slot = Slot(*operand.reg);
  if (operand.reg->vector == 1) return slot;
  return ir_.CreateConstInBoundsGEP2_64(slot->getAllocatedType(), slot, 0, std::max<int>(0, operand.element));
}

namespace {
llvm::Type* ElementType(llvm::AllocaInst* slot) {
  llvm::Type* type = slot->getAllocatedType();
  return type->isArrayTy() ? type->getArrayElementType() : type;
}
}  // namespace

llvm::Value* FunctionLowering::Convert(llvm::Value* value, Type from, Type to) {
  if (value->getType() == TypeOf(to)) return value;
  llvm::Value* bits = ToBits(value);
  bits =
      ptx::IsSigned(from) ? ir_.CreateSExtOrTrunc(bits, BitsOf(to)) : ir_.CreateZExtOrTrunc(bits, BitsOf(to));
  return FromBits(bits, to);
}

llvm::Value* FunctionLowering::Read(const Operand& operand, Type type) {
  switch (operand.kind) {
    case Operand::Kind::kRegister: {
      llvm::Value* value = ir_.CreateLoad(ElementType(Slot(*operand.reg)), SlotElement(operand));
      if (operand.negated) value = ir_.CreateNot(value);
      if (operand.addend != 0) {
        value = ir_.CreateAdd(
            value, llvm::ConstantInt::get(value->getType(), static_cast<uint64_t>(operand.addend)));
      }
      return Convert(value, operand.reg->type, type);
    }
    case Operand::Kind::kSpecialRegister:
      return Convert(ReadSpecial(operand), Type::kB64, type);
    case Operand::Kind::kImmediate:
      return Immediate(operand, type);
    case Operand::Kind::kAddressOf: {
      llvm::Value* address;
      if (operand.function != nullptr) {
        llvm::GlobalValue* symbol =
            operand.function->is_kernel
                ? static_cast<llvm::GlobalValue*>(module_.HandleFor(*operand.function))
                : module_.FunctionFor(*operand.function);
        address = ir_.CreatePtrToInt(symbol, ir_.getInt64Ty());
      } else {
        address = VariableAddress(*operand.variable);
      }
      address = ir_.CreateAdd(address, ir_.getInt64(static_cast<uint64_t>(operand.addend)));
      return Convert(address, Type::kB64, type);
    }
    case Operand::Kind::kVector:
      return ReadPacked(operand, type);
    default:
      status_ =
          absl::InvalidArgumentError(absl::StrCat("ptx:", operand.location.line, ":", operand.location.column,
                                                  ": error: The operand is not a value."));
      return llvm::PoisonValue::get(TypeOf(type));
  }
}

llvm::Value* FunctionLowering::Immediate(const Operand& operand, Type type) {
  using Kind = Operand::ImmediateKind;
  if (type == Type::kPred) return ir_.getInt1(operand.bits != 0);
  if (type == Type::kF32 || type == Type::kF64) {
    double value;
    if (operand.immediate_kind == Kind::kFloat64Bits) {
      value = std::bit_cast<double>(operand.bits);
    } else if (operand.immediate_kind == Kind::kFloat32Bits) {
      if (type == Type::kF32) return FromBits(ir_.getInt32(static_cast<uint32_t>(operand.bits)), type);
      value = std::bit_cast<float>(static_cast<uint32_t>(operand.bits));
    } else {
      value = static_cast<double>(static_cast<int64_t>(operand.bits));
    }
    // Rounded on the bits: LLVM's APFloat would quieten a signalling NaN on the way.
    if (type == Type::kF32)
      return FromBits(ir_.getInt32(std::bit_cast<uint32_t>(static_cast<float>(value))), type);
    return FromBits(ir_.getInt64(std::bit_cast<uint64_t>(value)), type);
  }
  return FromBits(llvm::ConstantInt::get(
                      BitsOf(type), llvm::APInt(64, operand.bits).sextOrTrunc(BitsOf(type)->getBitWidth())),
                  type);
}

void FunctionLowering::Write(const Operand& operand, llvm::Value* value, Type type) {
  switch (operand.kind) {
    case Operand::Kind::kSink:
    case Operand::Kind::kNone:
      return;
    case Operand::Kind::kVector:
      WritePacked(operand, value, type);
      return;
    case Operand::Kind::kRegister: {
      checked_alignment_.erase(operand.reg);
      llvm::Type* slot_type = ElementType(Slot(*operand.reg));
      llvm::Value* pointer = SlotElement(operand);
      if (value->getType() != slot_type) {
        llvm::Value* bits = ToBits(value);
        llvm::IntegerType* wanted = BitsOf(operand.reg->type);
        bits =
            ptx::IsSigned(type) ? ir_.CreateSExtOrTrunc(bits, wanted) : ir_.CreateZExtOrTrunc(bits, wanted);
        value = ir_.CreateBitCast(bits, slot_type);
      }
      ir_.CreateStore(value, pointer);
      return;
    }
    default:
      status_ =
          absl::InvalidArgumentError(absl::StrCat("ptx:", operand.location.line, ":", operand.location.column,
                                                  ": error: The operand cannot be written to."));
  }
}

// ---- Vectors and pairs ----

namespace {

// One operand per element: of { } itself, of a vector register its elements.
std::vector<Operand> Elements(const Operand& operand) {
  if (operand.kind == Operand::Kind::kVector) return operand.elements;
  const bool is_vector =
      operand.kind == Operand::Kind::kRegister && operand.element < 0 && operand.reg->vector > 1;
  std::vector<Operand> elements(is_vector ? operand.reg->vector : 1, operand);
  if (is_vector) {
    for (size_t i = 0; i < elements.size(); ++i) elements[i].element = static_cast<int8_t>(i);
  }
  return elements;
}

}  // namespace

std::vector<llvm::Value*> FunctionLowering::ReadVector(const Operand& operand, Type type) {
  std::vector<llvm::Value*> values;
  for (const Operand& element : Elements(operand)) values.push_back(Read(element, type));
  return values;
}

void FunctionLowering::WriteVector(const Operand& operand, llvm::ArrayRef<llvm::Value*> values, Type type) {
  std::vector<Operand> elements = Elements(operand);
  if (elements.size() != values.size()) {
    status_ = absl::InvalidArgumentError(
        absl::StrCat("ptx:", operand.location.line, ":", operand.location.column, ": error: The vector has ",
                     elements.size(), " elements, the instruction makes ", values.size(), "."));
    return;
  }
  for (size_t i = 0; i < values.size(); ++i) Write(elements[i], values[i], type);
}

llvm::Value* FunctionLowering::ReadPacked(const Operand& operand, Type type) {
  std::vector<Operand> elements = Elements(operand);
  if (elements.size() == 1) return Read(elements[0], type);
  llvm::IntegerType* whole = BitsOf(type);
  const unsigned part_bits = whole->getBitWidth() / elements.size();
  llvm::Value* packed = llvm::ConstantInt::get(whole, 0);
  for (size_t i = 0; i < elements.size(); ++i) {
    // The elements have the width of their share, whatever their types: `mov.b32 %r, {%rs0, %rs1}`.
    Type part = part_bits == 8    ? Type::kB8
                : part_bits == 16 ? Type::kB16
                : part_bits == 32 ? Type::kB32
                                  : Type::kB64;
    llvm::Value* bits = ir_.CreateZExtOrTrunc(Read(elements[i], part), whole);
    packed = ir_.CreateOr(packed, ir_.CreateShl(bits, part_bits * i));
  }
  return FromBits(packed, type);
}

void FunctionLowering::WritePacked(const Operand& operand, llvm::Value* value, Type type) {
  std::vector<Operand> elements = Elements(operand);
  if (elements.size() == 1) {
    Write(elements[0], value, type);
    return;
  }
  llvm::Value* packed = ToBits(value);
  const unsigned part_bits = packed->getType()->getIntegerBitWidth() / elements.size();
  for (size_t i = 0; i < elements.size(); ++i) {
    llvm::Value* part = ir_.CreateTrunc(ir_.CreateLShr(packed, part_bits * i), ir_.getIntNTy(part_bits));
    Write(elements[i], part, Type::kB32);
  }
}

const Operand& FunctionLowering::First(const Operand& operand) {
  return operand.kind == Operand::Kind::kPair ? operand.elements[0] : operand;
}

const Operand& FunctionLowering::Second(const Operand& operand) {
  static const Operand sink = [] {
    Operand made;
    made.kind = Operand::Kind::kSink;
    return made;
  }();
  return operand.kind == Operand::Kind::kPair ? operand.elements[1] : sink;
}

llvm::Value* FunctionLowering::ReadSpecial(const Operand& operand) {
  llvm::Value* value = ReadSpecialRegister(*this, operand.special, operand.element);
  if (value != nullptr) return value;
  status_ = absl::UnimplementedError(absl::StrCat("ptx:", operand.location.line, ":", operand.location.column,
                                                  ": error: `", source_.name, "`: special register ",
                                                  std::string(ptx::GetSpecialRegister(operand.special).name),
                                                  " is not supported yet."));
  return ir_.getInt64(0);
}

// ---- CC.CF ----

llvm::Value* FunctionLowering::ReadCarry() {
  if (carry_ == nullptr) carry_ = NewSlot(ir_.getInt1Ty(), 1, "carry");
  return ir_.CreateLoad(ir_.getInt1Ty(), carry_);
}

void FunctionLowering::WriteCarry(llvm::Value* carry) {
  if (carry_ == nullptr) carry_ = NewSlot(ir_.getInt1Ty(), 1, "carry");
  ir_.CreateStore(carry, carry_);
}

// ---- Errors ----

namespace {
std::string Message(const ptx::Function& function, const ptx::Instruction& inst, std::string_view why) {
  return absl::StrCat("ptx:", inst.location.line, ":", inst.location.column, ": error: `", function.name,
                      "`: `", std::string(ptx::GetForm(inst.form).syntax), "` ", std::string(why));
}
}  // namespace

void FunctionLowering::Unsupported(const ptx::Instruction& inst, std::string_view why) {
  if (!failed()) status_ = absl::UnimplementedError(Message(source_, inst, why));
}

void FunctionLowering::Invalid(const ptx::Instruction& inst, std::string_view why) {
  if (!failed()) status_ = absl::InvalidArgumentError(Message(source_, inst, why));
}

}  // namespace tq::lower
