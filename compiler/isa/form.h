// What the instruction table says of one form. The data is generated (isa/isa.cc) from compiler/isa/*.td; the
// records' fields are explained in instruction.td. Everything here is constant and thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "compiler/ir/types.h"

namespace tq::ptx {

enum class Opcode : uint16_t;           // the mnemonic up to the first dot
enum class FormId : uint16_t;           // index in the table of forms
enum class Slot : uint16_t;             // name of a modifier slot; kNone
enum class Suffix : uint16_t;           // spelling of a modifier without its dot; kNone
enum class SpecialRegister : uint16_t;  // kNone
enum class Trait : uint32_t;            // bits

// A modifier of a form, in the order of the syntax.
struct Modifier {
  std::span<const Suffix> choices;  // one of these; a literal has one
  int8_t slot_index = -1;  // in Form::slots and Instruction::suffixes; -1: required literal, kept nowhere
  bool optional = false;
};

enum class OperandShape : uint8_t {
  kValue,   // register, constant, special register, address of a variable or function; destination: register
            // or `_`
  kPair,    // d|p; second half is a predicate
  kMemory,  // [base + offset]
  kTensor,  // [object, coordinates] or [texture, sampler, coordinates]
  kImmediate,  // integer constant
  kLabel,
  kTargets,  // .branchtargets, .calltargets or .callprototype label
  kAddress,  // address in a register or of a variable, 32 or 64 bits
};

struct OperandSpec {
  std::string_view name;
  OperandShape shape = OperandShape::kValue;
  bool destination = false;
  bool optional = false;       // Instruction::operands has kNone in its place
  bool negatable = false;      // {!}
  bool vector = false;         // { } of registers as well
  bool relaxed = false;        // register at least as wide as the type
  bool wide = false;           // twice as wide as type
  bool pair_optional = false;  // d{|p}
  uint8_t vector_size = 0;     // elements that the vector has; 0: as .vec says, or any number
  Slot count_slot = {};        // the vector has as many as the suffix there says: see VectorSize()
  uint8_t count_times = 1, count_over = 1;
  Slot type_slot = {};      // the suffix there is the operand's type; kNone: `type` is
  Type type = Type::kNone;  // kNone without a slot: not checked
  Slot space_slot = {};     // memory: as for types
  Space space = Space::kGeneric;
};

enum class LowerKind : uint8_t {
  kUnsupported,  // known, not supported yet
  kOp,           // LLVM instruction `lower`
  kIntrinsic,    // LLVM intrinsic `lower`
  kCall,         // devicelib function `lower`, with <slot> filled in (see LowerName in ir/module.h)
  kCustom,       // handler Lower<lower>, number `handler` in isa/lower_handlers.inc
};

struct Form {
  Opcode opcode = {};
  std::string_view syntax;                // as in the table
  std::span<const Slot> slots;            // of Instruction::suffixes, by index
  std::span<const Modifier> modifiers;    // slots and required literals
  std::span<const OperandSpec> operands;  // of Instruction::operands, by index
  uint32_t traits = 0;
  LowerKind lower_kind = LowerKind::kUnsupported;
  std::string_view lower;
  uint16_t handler = 0;
  uint16_t since = 10;  // PTX 8.6: 86
  uint16_t sm = 10;
  std::string_view section;
  std::string_view reference;  // C expression; may be empty

  bool Has(Trait trait) const { return (traits & static_cast<uint32_t>(trait)) != 0; }
  int SlotIndex(Slot slot) const;  // -1: none
};

// Elements of the operand's vector, with these suffixes of the form's slots; 0: not said.
uint32_t VectorSize(const Form& form, const OperandSpec& spec, std::span<const Suffix> suffixes);

const Form& GetForm(FormId id);
std::span<const Form> AllForms();  // index: FormId
std::span<const Form> FormsOf(Opcode opcode);
FormId IdOf(const Form& form);  // of a form of AllForms()

std::optional<Opcode> FindOpcode(std::string_view mnemonic);
std::string_view Spelling(Opcode opcode);

Suffix FindSuffix(std::string_view spelling);  // kNone: no form has it
std::string_view Spelling(Suffix suffix);      // "f32", "L2::128B"
Type TypeOf(Suffix suffix);                    // kNone when it names no type
Space SpaceOf(Suffix suffix);                  // kGeneric when it names no space
std::string_view Spelling(Slot slot);

struct SpecialRegisterInfo {
  std::string_view name;  // "%tid"
  Type type = Type::kU32;
  uint8_t vector = 1;
  uint16_t since = 10;
};
SpecialRegister FindSpecialRegister(std::string_view name);  // kNone: not one
const SpecialRegisterInfo& GetSpecialRegister(SpecialRegister special);

}  // namespace tq::ptx
