#include "compiler/ir/verifier.h"

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "compiler/ir/concat.h"

namespace tq::ptx {
namespace {

using Kind = Operand::Kind;

constexpr uint64_t kMaxVectorBytes = 32;  // of one load or store (PTX ISA, "ld")

bool IsInteger(Type type) { return IsSigned(type) || IsUnsigned(type); }

// Whether the manual lets a register of type `reg` stand for `type` of the same size ("Operand Type
// Checking"). Types that no register can have travel in registers of bits.
bool SameClass(Type type, Type reg) {
  if (IsBits(type) || IsBits(reg) || type == reg) return true;
  if (IsInteger(type)) return IsInteger(reg) && !IsPacked(reg);
  return !IsFloat(type) || IsPacked(type);
}

class FunctionVerifier {
 public:
  FunctionVerifier(const Module& module, Function& function, Diagnostics& diagnostics,
                   std::bitset<kFormCount>& warned)
      : module_(module), function_(function), diagnostics_(diagnostics), warned_(warned) {}

  void Run() {
    if (function_.is_kernel && !function_.results.empty()) {
      Error(function_.location, Concat("kernel `", function_.name, "` has a result."));
    }
    for (const Block& block : function_.blocks) {
      for (const Instruction& instruction : block.instructions) VerifyInstruction(instruction);
    }
  }

 private:
  void Error(Location location, std::string text) {
    diagnostics_.Error(location, std::move(text));
    function_.invalid = true;
  }

  std::string Where(size_t index) const {
    return Concat("operand ", index + 1, " of `", Spelling(instruction_->opcode), "`");
  }

  void VerifyInstruction(const Instruction& instruction) {
    instruction_ = &instruction;
    form_ = &GetForm(instruction.form);
    VerifyVersion();
    if (form_->Has(Trait::kCall)) return VerifyCall();
    for (size_t i = 0; i < instruction.operands.size(); ++i) {
      const OperandSpec& spec = form_->operands[i];
      const Operand& operand = instruction.operands[i];
      switch (operand.kind) {
        case Kind::kRegister:
          VerifyRegister(spec, i, *operand.reg, operand);
          break;
        case Kind::kVector:
          VerifyVector(spec, i, operand);
          break;
        case Kind::kPair:
          if (operand.elements[0].kind == Kind::kRegister) {
            VerifyRegister(spec, i, *operand.elements[0].reg, operand.elements[0]);
          } else if (operand.elements[0].kind == Kind::kVector) {
            VerifyVector(spec, i, operand.elements[0]);
          }
          break;
        case Kind::kMemory:
          VerifyMemory(spec, i, operand);
          break;
        default:
          break;
      }
    }
  }

  // What ptxas would refuse, though we know what is meant; once for each form.
  void VerifyVersion() {
    const size_t id = static_cast<size_t>(instruction_->form);
    const uint32_t version = module_.version_major * 10 + module_.version_minor;
    if (warned_[id] || (form_->since <= version && form_->sm <= module_.target_sm)) return;
    warned_.set(id);
    diagnostics_.Warning(instruction_->location,
                         Concat("`", form_->syntax, "` is of PTX ", form_->since / 10, ".", form_->since % 10,
                                " and sm_", form_->sm, ", the module of PTX ", module_.version_major, ".",
                                module_.version_minor, " and sm_", module_.target_sm, "."));
  }

  Type TypeOf(const OperandSpec& spec) const {
    return spec.type_slot == Slot::kNone ? spec.type : instruction_->GetType(spec.type_slot);
  }

  uint32_t BitsOf(const OperandSpec& spec) const { return SizeBits(TypeOf(spec)) * (spec.wide ? 2 : 1); }

  void VerifyRegister(const OperandSpec& spec, size_t index, const Register& reg, const Operand& operand) {
    if (operand.addend != 0 &&
        (spec.destination || IsFloat(reg.type) || reg.type == Type::kPred || reg.vector > 1)) {
      return Error(operand.location,
                   Concat(Where(index), " (`", reg.name, "`) cannot have a constant added to it."));
    }
    if (spec.shape == OperandShape::kAddress) {
      if (SizeBits(reg.type) != 32 && SizeBits(reg.type) != 64) {
        Error(operand.location,
              Concat(Where(index), " (`", reg.name, "`) is no address: it is .", Spelling(reg.type), "."));
      }
      return;
    }
    if (reg.vector > 1 && operand.element < 0) {
      const Suffix vec = instruction_->Get(Slot::kVec);
      const bool is_packed = form_->opcode == Opcode::kMov && SizeBits(reg.type) * reg.vector == BitsOf(spec);
      const bool fits = is_packed || TypeOf(spec) == Type::kNone || reg.vector == spec.vector_size ||
                        Spelling(vec) == Concat("v", int{reg.vector});
      if (!fits) Error(operand.location, Concat(Where(index), " (`", reg.name, "`) is a vector."));
      return;
    }
    if (const uint32_t size = VectorSize(*form_, spec, instruction_->suffixes); size > 1) {
      return Error(operand.location,
                   Concat(Where(index), " (`", reg.name, "`) is no vector of ", size, " elements."));
    }
    VerifyType(spec, index, reg, operand.location);
  }

  void VerifyType(const OperandSpec& spec, size_t index, const Register& reg, Location location) {
    const Type type = TypeOf(spec);
    if (type == Type::kNone || type == Type::kPred || form_->Has(Trait::kSelectors)) return;
    const uint32_t want = BitsOf(spec), have = SizeBits(reg.type);
    if (spec.relaxed ? have < want : have != want) {
      return Error(location, Concat(Where(index), " (`", reg.name, "`) has ", have,
                                    " bits where the instruction has ", want, " (`", form_->syntax, "`)."));
    }
    if (!SameClass(type, reg.type)) {
      diagnostics_.Warning(location, Concat(Where(index), " (`", reg.name, "`) is .", Spelling(reg.type),
                                            " where the instruction has .", Spelling(type), "."));
    }
  }

  void VerifyVector(const OperandSpec& spec, size_t index, const Operand& operand) {
    const Type type = TypeOf(spec);
    if (type == Type::kNone) return;  // a fragment: its length is the instruction's matter
    const size_t count = operand.elements.size();
    const uint32_t size = VectorSize(*form_, spec, instruction_->suffixes);
    if (size != 0 && count != size) {
      return Error(operand.location,
                   Concat(Where(index), " has ", count, " elements where the instruction has ", size, "."));
    }
    const Suffix vec = instruction_->Get(Slot::kVec);
    if (form_->opcode == Opcode::kMov && vec == Suffix::kNone) {
      return VerifyPacking(index, operand, SizeBits(type));
    }
    // Elsewhere a vector may be of any length: `{1, 2}` as offsets of a texture.
    const bool has_slot =
        form_->SlotIndex(Slot::kVec) >= 0 &&
        (spec.destination || form_->Has(Trait::kWritesMemory) || form_->opcode == Opcode::kMov);
    if (has_slot && (vec == Suffix::kNone ? count != 1 : Spelling(vec) != Concat("v", count))) {
      const std::string want = vec == Suffix::kNone ? "one" : Concat(".", Spelling(vec));
      return Error(operand.location,
                   Concat(Where(index), " has ", count, " elements where the instruction has ", want, "."));
    }
    if (form_->Has(Trait::kRelaxed) && count * SizeBytes(type) > kMaxVectorBytes) {
      return Error(operand.location, Concat(Where(index), " has ", count * SizeBytes(type),
                                            " bytes; an access has no more than ", kMaxVectorBytes, "."));
    }
    for (const Operand& element : operand.elements) {
      if (element.kind == Kind::kRegister) VerifyType(spec, index, *element.reg, element.location);
    }
  }

  // mov.b64 {lo, hi}, x: elements of equal size that make up the whole.
  void VerifyPacking(size_t index, const Operand& operand, uint32_t bits) {
    const size_t count = operand.elements.size();
    for (const Operand& element : operand.elements) {
      if (element.kind != Kind::kRegister || SizeBits(element.reg->type) * count == bits) continue;
      return Error(element.location,
                   Concat(Where(index), ": ", count, " elements of ", SizeBits(element.reg->type),
                          " bits are not the instruction's ", bits, "."));
    }
  }

  void VerifyMemory(const OperandSpec& spec, size_t index, const Operand& operand) {
    if (operand.reg != nullptr && operand.element < 0) {
      const uint32_t bits = SizeBits(operand.reg->type);
      if ((bits != 32 && bits != 64) || IsFloat(operand.reg->type)) {
        Error(operand.location, Concat(Where(index), ": `", operand.reg->name, "` (.",
                                       Spelling(operand.reg->type), ") is no address."));
      }
    }
    if (operand.variable == nullptr) return;
    const Space have = operand.variable->space;
    const Space want =
        spec.space_slot == Slot::kNone ? spec.space : SpaceOf(instruction_->Get(spec.space_slot));
    if (want == Space::kGeneric || want == have) return;
    // A kernel's parameters are constants too; textures are named like variables.
    if (have == Space::kTex || SizeBits(operand.variable->type) == 0) return;
    Error(operand.location, Concat(Where(index), ": `", operand.variable->name, "` is in .", Spelling(have),
                                   " and the instruction is for .", Spelling(want), "."));
  }

  template <typename Parameters>
  void VerifyArguments(const Operand& list, const Parameters& parameters, std::string_view what) {
    const size_t have = list.kind == Kind::kNone ? 0 : list.elements.size();
    const auto at = [&](size_t i) -> const Variable& {
      if constexpr (std::is_pointer_v<typename Parameters::value_type>) {
        return *parameters[i];
      } else {
        return parameters[i];
      }
    };
    if (have != parameters.size()) {
      return Error(instruction_->location, Concat("the call has ", have, " ", what,
                                                  " where the function has ", parameters.size(), "."));
    }
    for (size_t i = 0; i < have; ++i) {
      const Operand& argument = list.elements[i];
      const uint64_t want = at(i).size_bytes;
      uint64_t size = want;
      if (argument.kind == Kind::kRegister)
        size = uint64_t{SizeBytes(argument.reg->type)} * argument.reg->vector;
      if (argument.kind == Kind::kAddressOf && argument.variable != nullptr) {
        if (argument.variable->space == Space::kParam) size = argument.variable->size_bytes;
      }
      if (want == 0 || size == want) continue;  // 0: unsized, takes the rest
      Error(argument.location, Concat(what.substr(0, what.size() - 1), " ", i + 1, " of the call has ", size,
                                      " bytes where the function has ", want, "."));
    }
  }

  void VerifyCall() {
    const std::vector<Operand>& operands = instruction_->operands;
    const Operand& results = operands[kCallResults];
    const Operand& arguments = operands[kCallArguments];
    const Operand& prototype = operands[kCallPrototype];
    if (const Function* callee = operands[kCallTarget].function) {
      if (callee->alias != nullptr) callee = callee->alias;
      VerifyArguments(results, callee->results, "results");
      return VerifyArguments(arguments, callee->parameters, "arguments");
    }
    const uint32_t bits = SizeBits(operands[kCallTarget].reg->type);
    if (bits != 32 && bits != 64) {
      Error(operands[kCallTarget].location,
            Concat("the call's target (`", operands[kCallTarget].reg->name, "`) is no address."));
    }
    if (prototype.prototype != nullptr) {
      VerifyArguments(results, prototype.prototype->results, "results");
      return VerifyArguments(arguments, prototype.prototype->parameters, "arguments");
    }
    if (prototype.targets != nullptr && !prototype.targets->functions.empty()) {
      const Function& callee = *prototype.targets->functions.front();
      VerifyArguments(results, callee.results, "results");
      return VerifyArguments(arguments, callee.parameters, "arguments");
    }
    Error(instruction_->location, "the call of a register has neither .callprototype nor .calltargets.");
  }

  const Module& module_;
  Function& function_;
  Diagnostics& diagnostics_;
  std::bitset<kFormCount>& warned_;
  const Instruction* instruction_ = nullptr;
  const Form* form_ = nullptr;
};

}  // namespace

void Verify(Module& module, Diagnostics& diagnostics) {
  std::bitset<kFormCount> warned;
  for (Function& function : module.functions) {
    if (!function.invalid) FunctionVerifier(module, function, diagnostics, warned).Run();
  }
}

}  // namespace tq::ptx
