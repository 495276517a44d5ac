// PTX ISA, "Data Movement and Conversion Instructions": mov, ld, st, prefetch and cache hints.
#include "absl/strings/str_cat.h"
#include "compiler/lower/float_modifiers.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/parameters.h"
#include "isa/isa.h"

namespace tq::lower {
namespace {

using llvm::Value;
using ptx::Slot;
using ptx::Space;
using ptx::Suffix;
using ptx::Type;

unsigned VectorSize(const ptx::Instruction& inst) {
  switch (inst.Get(Slot::kVec)) {
    case Suffix::kV2:
      return 2;
    case Suffix::kV4:
      return 4;
    case Suffix::kV8:
      return 8;
    default:
      return 1;
  }
}

// PTX's orderings of one access (PTX ISA, "Memory Consistency Model"). Volatile is relaxed with system scope,
// and never merged. Wider than a register of the host cannot be atomic: PTX does not promise it either.
Access AccessOf(const ptx::Instruction& inst, Space space, uint64_t element_bytes) {
  Access access;
  access.space = space;
  const Suffix semantics = inst.Get(Slot::kSem);
  if (semantics == Suffix::kVolatile) access.is_volatile = true;
  if (semantics == Suffix::kVolatile || semantics == Suffix::kRelaxed) {
    access.ordering = llvm::AtomicOrdering::Monotonic;
  } else if (semantics == Suffix::kAcquire) {
    access.ordering = llvm::AtomicOrdering::Acquire;
  } else if (semantics == Suffix::kRelease) {
    access.ordering = llvm::AtomicOrdering::Release;
  }
  if (element_bytes > 8 && access.ordering != llvm::AtomicOrdering::NotAtomic) {
    access.ordering = llvm::AtomicOrdering::NotAtomic;
    access.is_volatile = true;
  }
  switch (inst.Get(Slot::kScope)) {
    case Suffix::kCta:
      access.scope = simt::kBlockScope;
      break;
    case Suffix::kCluster:
      access.scope = simt::kClusterScope;
      break;
    case Suffix::kGpu:
      access.scope = simt::kDeviceScope;
      break;
    default:
      break;
  }
  return access;
}

// What an access moves: `count` elements, each as an integer or a float of the instruction's type.
struct Shape {
  explicit Shape(FunctionLowering& f, const ptx::Instruction& inst)
      : type(inst.GetType(Slot::kType)), count(VectorSize(inst)), element(f.TypeOf(type)) {
    element_bytes = ptx::SizeBytes(type);
    bytes = element_bytes * count;
  }
  Type type;
  unsigned count;
  llvm::Type* element;
  uint64_t element_bytes, bytes;
};

bool IsKernelParameter(FunctionLowering& f, const ptx::Operand& memory, Space space) {
  // Not one of a call's, which are .param too.
  return space == Space::kParam && f.source().is_kernel && memory.variable != nullptr &&
         ParameterOffset(f.source(), *memory.variable).has_value();
}

}  // namespace

void LowerMove(FunctionLowering& f, const ptx::Instruction& inst) {
  Type type = inst.GetType(Slot::kType);
  const ptx::Operand& to = inst.operands[0];
  const ptx::Operand& from = inst.operands[1];
  if (inst.Has(Slot::kVec)) {
    f.WriteVector(to, f.ReadVector(from, type), type);
    return;
  }
  f.WritePacked(to, f.ReadPacked(from, type), type);
}

void LowerLoad(FunctionLowering& f, const ptx::Instruction& inst) {
  const Space space = MemorySpace(inst, 1);
  const ptx::Operand& memory = inst.operands[1];
  Shape shape(f, inst);
  Access access = AccessOf(inst, space, shape.element_bytes);
  access.is_invariant = IsKernelParameter(f, memory, space);
  Value* pointer = f.Pointer(memory, space, shape.bytes);
  access.align_bytes = shape.bytes;
  if (shape.count == 1) {
    f.Write(inst.operands[0], f.Load(pointer, shape.element, access), shape.type);
    return;
  }
  std::vector<Value*> values;
  if (access.ordering == llvm::AtomicOrdering::NotAtomic) {
    Value* whole = f.Load(pointer, llvm::FixedVectorType::get(shape.element, shape.count), access);
    for (unsigned i = 0; i < shape.count; ++i) values.push_back(f.ir().CreateExtractElement(whole, i));
  } else {
    // A vector access is one access per element, in no given order (PTX ISA, "Vector Data-types").
    access.align_bytes = shape.element_bytes;
    for (unsigned i = 0; i < shape.count; ++i) {
      Value* element = f.ir().CreatePtrAdd(pointer, f.ir().getInt64(i * shape.element_bytes));
      values.push_back(f.Load(element, shape.element, access));
    }
  }
  f.WriteVector(inst.operands[0], values, shape.type);
}

void LowerStore(FunctionLowering& f, const ptx::Instruction& inst) {
  const Space space = MemorySpace(inst, 0);
  Shape shape(f, inst);
  Access access = AccessOf(inst, space, shape.element_bytes);
  std::vector<Value*> values;
  if (shape.count == 1) {
    values.push_back(f.Read(inst.operands[1], shape.type));
  } else {
    values = f.ReadVector(inst.operands[1], shape.type);
  }
  if (values.size() != shape.count) {
    f.Invalid(inst, absl::StrCat("stores a vector of ", values.size(), " elements."));
    return;
  }
  Value* pointer = f.Pointer(inst.operands[0], space, shape.bytes);
  access.align_bytes = shape.bytes;
  if (shape.count == 1) {
    f.Store(pointer, values[0], access);
    return;
  }
  if (access.ordering == llvm::AtomicOrdering::NotAtomic) {
    Value* whole = llvm::PoisonValue::get(llvm::FixedVectorType::get(shape.element, shape.count));
    for (unsigned i = 0; i < shape.count; ++i) whole = f.ir().CreateInsertElement(whole, values[i], i);
    f.Store(pointer, whole, access);
    return;
  }
  access.align_bytes = shape.element_bytes;
  for (unsigned i = 0; i < shape.count; ++i) {
    Value* element = f.ir().CreatePtrAdd(pointer, f.ir().getInt64(i * shape.element_bytes));
    f.Store(element, values[i], access);
  }
}

// Prefetches, priorities and discards are hints; the caches of a CPU do as well without.
void LowerPrefetch(FunctionLowering&, const ptx::Instruction&) {}

// A cache policy is an opaque number that only hints take.
void LowerCreatePolicy(FunctionLowering& f, const ptx::Instruction& inst) {
  f.Write(inst.operands[0], f.ir().getInt64(0), Type::kB64);
}

}  // namespace tq::lower
