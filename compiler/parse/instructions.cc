// One instruction (PTX ISA, "Instruction Operands"): guard, name, operands, and the form that takes them.
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/ir/concat.h"
#include "compiler/parse/module_parser.h"

namespace tq::ptx {
namespace {

using Kind = Operand::Kind;

constexpr size_t kMaxOperands = 16;
constexpr size_t kMaxTensorElements = 4;

int8_t FindElement(std::string_view name) {
  constexpr std::string_view kElements = "xyzwrgba";
  const size_t at = name.size() == 1 ? kElements.find(name[0]) : std::string_view::npos;
  return at == std::string_view::npos ? -1 : static_cast<int8_t>(at % 4);
}

// `b0`, `h10`, `b7531`
bool FindSelector(std::string_view name, Selector& selector) {
  if (name.size() < 2 || name.size() > 5 || (name[0] != 'b' && name[0] != 'h')) return false;
  selector = {.unit = name[0]};
  for (const char c : name.substr(1)) {
    if (c < '0' || c > '7') return false;
    selector.lanes[selector.count++] = static_cast<uint8_t>(c - '0');
  }
  return true;
}

Type TypeOfSpec(const OperandSpec& spec, const Form& form, const SlotSuffixes& suffixes) {
  const int slot = spec.type_slot == Slot::kNone ? -1 : form.SlotIndex(spec.type_slot);
  return slot < 0 ? spec.type : TypeOf(suffixes[slot]);
}

// Whether an operand may stand where the form has `spec`, by its shape; predicates are told from values here
// because forms differ in that alone. Sizes are the verifier's.
bool Accepts(const OperandSpec& spec, Type type, const Operand& operand) {
  if (operand.negated && !spec.negatable) return false;
  const auto fits = [&](const Operand& value, Type expected) {
    if (value.kind == Kind::kRegister && expected != Type::kNone) {
      return (value.reg->type == Type::kPred) == (expected == Type::kPred);
    }
    if (value.kind == Kind::kSink) return spec.destination;
    if (spec.destination) return value.kind == Kind::kRegister;
    return value.kind == Kind::kRegister || value.kind == Kind::kSpecialRegister ||
           value.kind == Kind::kImmediate || value.kind == Kind::kAddressOf;
  };
  switch (spec.shape) {
    case OperandShape::kValue:
    case OperandShape::kAddress:
      if (operand.kind != Kind::kVector) return fits(operand, type);
      return spec.vector;
    case OperandShape::kPair:
      if (operand.kind == Kind::kPair) {
        const bool is_vector = operand.elements[0].kind == Kind::kVector;
        return (is_vector ? spec.vector : fits(operand.elements[0], type)) &&
               fits(operand.elements[1], Type::kPred);
      }
      if (operand.kind == Kind::kVector) return spec.vector && spec.pair_optional;
      return spec.pair_optional && fits(operand, type);
    case OperandShape::kMemory:
      return operand.kind == Kind::kMemory;
    case OperandShape::kTensor:
      return operand.kind == Kind::kTensor;
    case OperandShape::kImmediate:
      return operand.kind == Kind::kImmediate || operand.kind == Kind::kSpecialRegister;
    case OperandShape::kLabel:
    case OperandShape::kTargets:
      return operand.kind == Kind::kLabel;
  }
  return false;
}

// Which operand stands for each spec of a form; -1: left out.
struct Assignment {
  std::array<int8_t, kMaxOperands> operand;
};

bool Assign(const Form& form, const SlotSuffixes& suffixes, std::span<const Operand> operands,
            size_t spec_index, size_t operand_index, Assignment& assignment) {
  const size_t specs_left = form.operands.size() - spec_index;
  const size_t operands_left = operands.size() - operand_index;
  if (specs_left == 0) return operands_left == 0;
  if (operands_left > specs_left) return false;
  const OperandSpec& spec = form.operands[spec_index];
  if (operands_left != 0 && Accepts(spec, TypeOfSpec(spec, form, suffixes), operands[operand_index])) {
    assignment.operand[spec_index] = static_cast<int8_t>(operand_index);
    if (Assign(form, suffixes, operands, spec_index + 1, operand_index + 1, assignment)) return true;
  }
  if (!spec.optional) return false;
  assignment.operand[spec_index] = -1;
  return Assign(form, suffixes, operands, spec_index + 1, operand_index, assignment);
}

std::string_view Describe(Kind kind) {
  switch (kind) {
    case Kind::kRegister:
      return "a register";
    case Kind::kSpecialRegister:
      return "a special register";
    case Kind::kImmediate:
      return "a constant";
    case Kind::kAddressOf:
      return "the address of a symbol";
    case Kind::kMemory:
      return "a memory reference";
    case Kind::kVector:
      return "a vector";
    case Kind::kTensor:
      return "a tensor reference";
    case Kind::kPair:
      return "a pair";
    default:
      return "no value";
  }
}

std::string ExplainOperands(std::string_view name, const Candidate& candidate,
                            std::span<const Operand> operands) {
  const Form& form = GetForm(candidate.form);
  size_t required = 0;
  for (const OperandSpec& spec : form.operands) required += !spec.optional;
  if (operands.size() < required || operands.size() > form.operands.size()) {
    const std::string most =
        required == form.operands.size() ? std::string() : Concat(" to ", form.operands.size());
    return Concat("`", name, "` takes ", required, most, " operands (`", form.syntax, "`), not ",
                  operands.size(), ".");
  }
  size_t index = 0;
  for (const OperandSpec& spec : form.operands) {
    if (index == operands.size()) break;
    if (Accepts(spec, TypeOfSpec(spec, form, candidate.suffixes), operands[index])) {
      ++index;
      continue;
    }
    if (spec.optional) continue;
    const bool is_predicate =
        operands[index].kind == Kind::kRegister && operands[index].reg->type == Type::kPred;
    const std::string_view what = is_predicate ? "a predicate" : Describe(operands[index].kind);
    return Concat("operand ", index + 1, " of `", name, "` cannot be ",
                  operands[index].negated ? "negated " : "", what, " (`", form.syntax, "`).");
  }
  return Concat("`", name, "` does not take these operands (`", form.syntax, "`).");
}

}  // namespace

bool ModuleParser::ParseInstruction() {
  Instruction instruction;
  if (Accept('@')) {
    if (At('@')) return lexer_.SkipLine(), true;  // @@DWARF of PTX 1.x
    instruction.guard_negated = Accept('!');
    const Location location = Peek().location;
    std::string_view guard;
    if (!ExpectIdentifier("a predicate register", guard)) return false;
    const Symbol symbol = scope().Find(guard, function_);
    if (symbol.kind != Symbol::Kind::kRegister || symbol.reg->type != Type::kPred) {
      return Fail(location, Concat("guard `", guard, "` is not a predicate register."));
    }
    instruction.guard = symbol.reg;
  }
  std::string_view name;
  if (!ParseName(name, instruction.location)) return false;
  const NameMatch& match = names_.Find(name);
  if (match.candidates.empty()) return Fail(instruction.location, match.error);
  instruction.source = source_;
  pending_names_.clear();
  const Form& first = GetForm(match.candidates[0].form);
  instruction.opcode = first.opcode;
  instruction.operands.reserve(first.operands.size());
  if (first.Has(Trait::kCall)) {
    instruction.form = match.candidates[0].form;
    instruction.suffixes = match.candidates[0].suffixes;
    if (!ParseCall(instruction)) return false;
  } else if (!ParseOperands(instruction) || !ChooseForm(instruction, name, match)) {
    return false;
  }
  if (!Expect(';', "after an instruction")) return false;
  block_->instructions.push_back(std::move(instruction));
  const auto index = static_cast<uint32_t>(block_->instructions.size() - 1);
  for (const PendingName& pending : pending_names_) {
    references_.push_back({.block = block_,
                           .instruction = index,
                           .operand = pending.operand,
                           .name = pending.name,
                           .scope = scope_,
                           .location = pending.location});
  }
  return true;
}

// `add.s32`, and `add .s32` as some write it; `ld.const[2].b32`, whose bank says no more than the variable's
// name.
bool ModuleParser::ParseName(std::string_view& name, Location& location) {
  if (Peek().kind == TokenKind::kIdentifier && Peek().at_dot) lexer_.ExtendName();
  location = Peek().location;
  if (!ExpectIdentifier("an instruction", name)) return false;
  uint64_t bank = 0;
  if (name.ends_with(".const") && Accept('[') &&
      (!ExpectInteger("a constant bank", 10, bank) || !Expect(']', "after a constant bank"))) {
    return false;
  }
  if (Peek().kind != TokenKind::kDirective) return true;
  std::string joined(name);
  while (Peek().kind == TokenKind::kDirective) Append(joined, ".", lexer_.Next().text);
  name = joined_names_.emplace_back(std::move(joined));
  return true;
}

bool ModuleParser::ParseOperands(Instruction& instruction) {
  if (At(';')) return true;
  do {
    if (instruction.operands.size() == kMaxOperands)
      return FailAtToken("within the 16 operands that there may be");
    if (!ParseOperand(instruction.operands.emplace_back())) return false;
  } while (Accept(','));
  return At(';') || FailAtToken("the `;` after an instruction");
}

bool ModuleParser::ParseOperand(Operand& operand) {
  if (!ParseValue(operand)) return false;
  if (!At('|')) return true;
  lexer_.Next();
  Operand pair;
  pair.kind = Kind::kPair;
  pair.location = operand.location;
  pair.elements.resize(2);
  pair.elements[0] = std::move(operand);
  pair.elements[1].location = Peek().location;
  if (!ParseValue(pair.elements[1])) return false;
  operand = std::move(pair);
  return true;
}

bool ModuleParser::ParseValue(Operand& operand) {
  const Token& token = Peek();
  operand.location = token.location;
  if (token.kind == TokenKind::kIdentifier && token.text != "WARP_SZ") {
    if (!ParseNamed(operand)) return false;
    // `%r1+4`, as ptxas takes it wherever it takes a register.
    return operand.kind != Kind::kRegister || !At('+') || ParseAddend(operand.addend);
  }
  switch (token.punctuation) {
    case '[':
      return ParseMemory(operand);
    case '{':
      return ParseVector(operand);
    case '!':
      lexer_.Next();
      operand.negated = true;
      return ParseNamed(operand);
    case '-': {
      // vmad takes -a; all else with a minus is a constant.
      const Lexer before = lexer_;
      lexer_.Next();
      if (Peek().kind == TokenKind::kIdentifier && Peek().text != "WARP_SZ") {
        operand.negated = true;
        return ParseNamed(operand);
      }
      lexer_ = before;
      return ParseImmediate(operand);
    }
    default:
      return ParseImmediate(operand);
  }
}

bool ModuleParser::ParseImmediate(Operand& operand) {
  const Location location = Peek().location;
  const std::optional<Constant> constant = ParseConstant(lexer_, diagnostics_);
  if (!constant) return Fail(location, "an operand is missing or malformed.");
  operand.kind = Kind::kImmediate;
  operand.immediate_kind = constant->kind;
  operand.bits = constant->bits;
  return true;
}

// {+|- constant}, any number of them, as in `[%rd1+-8]` and `[a+4+4]`.
bool ModuleParser::ParseAddend(int64_t& addend) {
  while (At('+') || At('-')) {
    const bool is_negative = lexer_.Next().punctuation == '-';
    const Location location = Peek().location;
    const std::optional<Constant> constant = ParseConstant(lexer_, diagnostics_);
    if (!constant || constant->kind != Operand::ImmediateKind::kInteger) {
      return Fail(location, "the offset of an address is not an integer.");
    }
    const uint64_t value = is_negative ? -constant->bits : constant->bits;
    addend = static_cast<int64_t>(static_cast<uint64_t>(addend) + value);
  }
  return true;
}

bool ModuleParser::ParseNamed(Operand& operand) {
  const Token token = Peek();
  std::string_view name;
  if (!ExpectIdentifier("a register or symbol", name)) return false;
  if (name == "_") {
    operand.kind = Kind::kSink;
    return true;
  }
  const Symbol symbol = scope().Find(name, function_);
  switch (symbol.kind) {
    case Symbol::Kind::kRegister:
      operand.kind = Kind::kRegister;
      operand.reg = symbol.reg;
      return Peek().kind != TokenKind::kDirective || ParseSelector(operand);
    case Symbol::Kind::kVariable:
      operand.kind = Kind::kAddressOf;
      operand.variable = symbol.variable;
      return ParseAddend(operand.addend);
    case Symbol::Kind::kFunction:
      operand.kind = Kind::kAddressOf;
      operand.function = symbol.function;
      return true;
    default:
      break;
  }
  if (const SpecialRegister special = FindSpecialRegister(name); special != SpecialRegister::kNone) {
    operand.kind = Kind::kSpecialRegister;
    operand.special = special;
    return Peek().kind != TokenKind::kDirective || ParseSelector(operand);
  }
  if (Peek().kind == TokenKind::kDirective)
    return Fail(token.location, Concat("`", name, "` is not declared."));
  // A label, which may follow; or a mistake, which is found when a form wants no label here.
  operand.kind = Kind::kLabel;
  pending_names_.push_back({0, name, token.location});
  return true;
}

bool ModuleParser::ParseSelector(Operand& operand) {
  const uint8_t vector = operand.kind == Kind::kSpecialRegister ? GetSpecialRegister(operand.special).vector
                                                                : operand.reg->vector;
  operand.element = FindElement(Peek().text);
  const bool is_element = vector > 1 && operand.element >= 0 && operand.element < vector;
  if (!is_element) {
    operand.element = -1;
    if (operand.kind != Kind::kRegister || !FindSelector(Peek().text, operand.selector)) {
      return FailAtToken("an element or part of this register");
    }
  }
  lexer_.Next();
  return true;
}

// [base + offset], or [object, coordinates]
bool ModuleParser::ParseMemory(Operand& operand) {
  const Location location = Peek().location;
  lexer_.Next();
  operand.kind = Kind::kMemory;
  if (Peek().kind == TokenKind::kIdentifier) {
    Operand base;
    base.location = Peek().location;
    const size_t pending = pending_names_.size();
    if (!ParseNamed(base)) return false;
    if (pending_names_.size() != pending) {
      return Fail(base.location, Concat("`", pending_names_.back().name, "` is not declared."));
    }
    if (base.kind == Kind::kSink || (base.kind == Kind::kRegister && base.reg->type == Type::kPred)) {
      return Fail(base.location, "the base of an address is not a register or variable.");
    }
    operand.reg = base.reg;
    operand.special = base.special;
    operand.variable = base.variable;
    operand.function = base.function;
    operand.element = base.element;
    operand.addend = base.addend;
    if (!ParseAddend(operand.addend)) return false;
  } else {
    Operand base;
    if (!ParseImmediate(base)) return false;
    operand.addend = static_cast<int64_t>(base.bits);
  }
  if (At(',')) {
    Operand base = operand;
    base.location = location;
    base.kind = base.reg != nullptr        ? Kind::kRegister
                : base.variable != nullptr ? Kind::kAddressOf
                                           : Kind::kImmediate;
    if (base.kind == Kind::kImmediate) base.bits = static_cast<uint64_t>(base.addend);
    Operand tensor;
    tensor.kind = Kind::kTensor;
    tensor.location = location;
    tensor.elements.push_back(std::move(base));
    while (Accept(',')) {
      if (tensor.elements.size() == kMaxTensorElements) return FailAtToken("the end of a tensor reference");
      if (!ParseOperand(tensor.elements.emplace_back())) return false;
    }
    operand = std::move(tensor);
  }
  if (!Expect(']', "of an address")) return false;
  if (AtDirective("unified")) lexer_.Next();
  return true;
}

bool ModuleParser::ParseVector(Operand& operand) {
  constexpr size_t kMaxElements = 128;
  operand.kind = Kind::kVector;
  lexer_.Next();
  ++open_braces_;
  operand.elements.reserve(4);
  do {
    if (operand.elements.size() == kMaxElements) return FailAtToken("within the 128 elements of a vector");
    Operand& element = operand.elements.emplace_back();
    element.location = Peek().location;
    const size_t pending = pending_names_.size();
    const bool is_named = Peek().kind == TokenKind::kIdentifier && Peek().text != "WARP_SZ";
    if (!(is_named ? ParseNamed(element) : ParseImmediate(element))) return false;
    if (pending_names_.size() != pending) {
      return Fail(element.location, Concat("`", pending_names_.back().name, "` is not declared."));
    }
  } while (Accept(','));
  --open_braces_;
  return Expect('}', "of a vector");
}

// call {(results),} target {, (arguments)} {, prototype};
bool ModuleParser::ParseCall(Instruction& instruction) {
  std::vector<Operand>& operands = instruction.operands;
  operands.resize(kCallPrototype + 1);
  if (At('(') && (!ParseCallList(operands[kCallResults]) || !Expect(',', "after the results of a call")))
    return false;
  Operand& target = operands[kCallTarget];
  target.location = Peek().location;
  if (!ParseNamed(target)) return false;
  if (!pending_names_.empty()) {
    return Fail(target.location, Concat("function `", pending_names_.back().name, "` is not declared."));
  }
  const bool is_function = target.kind == Kind::kAddressOf && target.function != nullptr;
  if (!is_function && target.kind != Kind::kRegister) {
    return Fail(target.location, "the target of a call is neither a function nor a register.");
  }
  // PTX ISA, call: an indirect call names a prototype or a list of targets.
  const auto end = [&] {
    return is_function ||
           Fail(target.location, "a call through a register names no prototype and no targets.");
  };
  if (!Accept(',')) return end();
  if (At('(')) {
    if (!ParseCallList(operands[kCallArguments])) return false;
    if (!Accept(',')) return end();
  }
  Operand& prototype = operands[kCallPrototype];
  prototype.kind = Kind::kPrototype;
  prototype.location = Peek().location;
  std::string_view name;
  if (!ExpectIdentifier("the label of a prototype", name)) return false;
  pending_names_.push_back({kCallPrototype, name, prototype.location});
  return true;
}

bool ModuleParser::ParseCallList(Operand& list) {
  constexpr size_t kMaxArguments = 4096;
  list.kind = Kind::kVector;
  list.location = Peek().location;
  lexer_.Next();
  if (Accept(')')) return true;
  do {
    if (list.elements.size() == kMaxArguments) return FailAtToken("within the 4096 arguments of a call");
    Operand& element = list.elements.emplace_back();
    if (!ParseValue(element)) return false;
    if (!pending_names_.empty()) {
      return Fail(element.location, Concat("`", pending_names_.back().name, "` is not declared."));
    }
  } while (Accept(','));
  return Expect(')', "after the arguments of a call");
}

bool ModuleParser::ChooseForm(Instruction& instruction, std::string_view name, const NameMatch& match) {
  std::vector<Operand>& operands = instruction.operands;
  for (const Candidate& candidate : match.candidates) {
    const Form& form = GetForm(candidate.form);
    Assignment assignment;
    if (!Assign(form, candidate.suffixes, operands, 0, 0, assignment)) continue;
    instruction.form = candidate.form;
    instruction.suffixes = candidate.suffixes;
    if (operands.size() != form.operands.size()) {
      std::vector<Operand> placed(form.operands.size());
      for (size_t i = 0; i < placed.size(); ++i) {
        if (assignment.operand[i] >= 0) placed[i] = std::move(operands[assignment.operand[i]]);
      }
      operands = std::move(placed);
    }
    size_t pending = 0;
    for (size_t i = 0; i < operands.size(); ++i) {
      if (operands[i].kind != Kind::kLabel) continue;
      if (form.operands[i].shape == OperandShape::kTargets) operands[i].kind = Kind::kPrototype;
      pending_names_[pending++].operand = static_cast<uint32_t>(i);
    }
    return true;
  }
  for (const PendingName& pending : pending_names_) {
    bool may_be_label = false;
    for (const OperandSpec& spec : GetForm(match.candidates[0].form).operands) {
      may_be_label |= spec.shape == OperandShape::kLabel || spec.shape == OperandShape::kTargets;
    }
    if (!may_be_label) return Fail(pending.location, Concat("`", pending.name, "` is not declared."));
  }
  return Fail(instruction.location, ExplainOperands(name, match.candidates[0], operands));
}

}  // namespace tq::ptx
