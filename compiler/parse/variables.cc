// Variables, registers and parameters (PTX ISA, "Variables").
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
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

constexpr uint64_t kMaxVariableBytes = uint64_t{1} << 40;
constexpr uint64_t kMaxInitializerBytes = uint64_t{1} << 28;  // what one text may make us allocate
constexpr uint64_t kMaxAlign = uint64_t{1} << 31;
constexpr uint64_t kMaxRegisters = std::numeric_limits<uint32_t>::max();
constexpr size_t kMaxDims = 16;

std::optional<Space> FindSpace(std::string_view name) {
  if (name == "reg") return Space::kReg;
  if (name == "tex") return Space::kTex;
  const Space space = SpaceOf(FindSuffix(name));
  return space == Space::kGeneric ? std::nullopt : std::optional(space);
}

uint8_t FindVector(std::string_view name) {
  return name == "v2" ? 2 : name == "v4" ? 4 : name == "v8" ? 8 : 0;
}

// Number of elements below each index of the first dimension.
uint64_t Stride(std::span<const uint64_t> dims) {
  uint64_t stride = 1;
  for (const uint64_t dim : dims) stride *= dim;  // SetSize has checked the product
  return stride;
}

// A constant as a value of `type`, in the low bytes.
uint64_t Encode(Type type, const Constant& constant) {
  using Kind = Operand::ImmediateKind;
  if (type == Type::kF32 && constant.kind != Kind::kFloat32Bits) {
    return std::bit_cast<uint32_t>(static_cast<float>(constant.AsDouble()));
  }
  if (type == Type::kF64 && constant.kind != Kind::kFloat64Bits) {
    return std::bit_cast<uint64_t>(constant.AsDouble());
  }
  return constant.bits;
}

}  // namespace

// .space {.align n} {.v4} .type {.ptr {.space} {.align n}}, in any order, up to the name.
bool ModuleParser::ParseDeclaration(Declaration& declaration, Prefix* prefix) {
  bool is_pointer = false;
  while (Peek().kind == TokenKind::kDirective) {
    const Token token = lexer_.Next();
    const std::string_view word = token.text;
    if (word == "align") {
      uint64_t align = 0;
      if (!ExpectInteger("an alignment", kMaxAlign, align)) return false;
      if (!std::has_single_bit(align)) {
        return Fail(token.location, Concat(".align (", align, ") is not a power of two."));
      }
      (is_pointer ? declaration.pointee_align_bytes : declaration.align_bytes) = static_cast<uint32_t>(align);
    } else if (word == "ptr") {
      is_pointer = true;
      declaration.pointee_space = Space::kGeneric;
    } else if (word == "attribute" && prefix != nullptr) {
      if (!ParseAttribute(*prefix)) return false;
    } else if (const uint8_t vector = FindVector(word)) {
      declaration.vector = vector;
    } else if (const Type type = TypeOf(FindSuffix(word)); type != Type::kNone) {
      declaration.type = type;
    } else if (const std::optional<Space> space = FindSpace(word)) {
      (is_pointer ? declaration.pointee_space.emplace() : declaration.space) = *space;
      if (Accept('[')) {  // a constant bank of PTX 1.x: .const[2]
        uint64_t bank = 0;
        if (!ExpectInteger("a constant bank", 10, bank) || !Expect(']', "after a constant bank"))
          return false;
      }
    } else {
      return Fail(token.location, Concat("`.", word, "` is not a PTX directive, state space or type."));
    }
  }
  if (declaration.space == Space::kTex && declaration.type != Type::kTexref) declaration.type = Type::kTexref;
  if (declaration.type == Type::kNone) return FailAtToken("a type (as in `.u32`)");
  return true;
}

bool ModuleParser::SetSize(Variable& variable) {
  uint64_t size = SizeBytes(variable.type) * uint64_t{variable.vector};
  for (const uint64_t dim : variable.dims) {
    if (dim != 0 && size > kMaxVariableBytes / dim) {
      return Fail(variable.location,
                  Concat("variable `", variable.name, "` is larger than ", kMaxVariableBytes, " bytes."));
    }
    size *= dim;
  }
  variable.size_bytes = size;
  return true;
}

bool ModuleParser::ParseDims(Variable& variable) {
  while (Accept('[')) {
    uint64_t dim = 0;
    if (!At(']')) {
      const Location location = Peek().location;
      const std::optional<Constant> constant = ParseConstant(lexer_, diagnostics_);
      if (!constant || constant->kind != Operand::ImmediateKind::kInteger) {
        return Fail(location, "the size of an array is not an integer.");
      }
      dim = constant->bits;
    }
    if (variable.dims.size() == kMaxDims)
      return FailAtToken("within the 16 dimensions that an array may have");
    variable.dims.push_back(dim);
    if (!Expect(']', "after the size of an array")) return false;
  }
  return SetSize(variable);
}

Variable* ModuleParser::AddVariable(Variable variable, std::string_view name) {
  const Location location = variable.location;
  if (function_ == nullptr) {
    const Symbol known = module_scope_.Find(name, nullptr);
    if (known.kind == Symbol::Kind::kVariable) {
      // A declaration and its definition, in either order; a text may also say the same thing twice.
      Variable& old = *known.variable;
      if (old.linkage == Linkage::kExtern || old.linkage == Linkage::kCommon) {
        old = std::move(variable);
        return &old;
      }
      if (variable.linkage == Linkage::kExtern || variable.linkage == Linkage::kWeak) return &old;
    }
    if (known.kind != Symbol::Kind::kNone) {
      Fail(location, Concat("`", name, "` is declared twice."));
      return nullptr;
    }
    Variable& added = module_.variables.emplace_back(std::move(variable));
    module_scope_.Set(name, Symbol(&added));
    return &added;
  }
  variable.scope = function_;
  variable.name = ScopedName(name, scope());
  Variable& added = function_->variables.emplace_back(std::move(variable));
  if (name != "_" && !scope().Add(name, Symbol(&added))) {
    Fail(location, Concat("`", name, "` is declared twice in its scope."));
    return nullptr;
  }
  return &added;
}

bool ModuleParser::ParseVariables(Prefix prefix) {
  if (Peek().kind != TokenKind::kDirective) return FailAtToken("a directive");
  if (AtDirective("reg")) {
    if (function_ == nullptr) return FailAtToken("allowed outside of functions");
    return ParseRegisters();
  }
  Declaration declaration;
  if (!ParseDeclaration(declaration, &prefix)) return false;
  if (declaration.space == Space::kNone) return FailAtToken("preceded by a state space");
  do {
    Variable variable;
    variable.location = Peek().location;
    std::string_view name;
    if (!ExpectIdentifier("the name of a variable", name)) return false;
    variable.name = std::string(name);
    variable.space = declaration.space;
    variable.type = declaration.type;
    variable.vector = declaration.vector;
    variable.align_bytes = declaration.align_bytes;
    variable.linkage = prefix.linkage;
    variable.managed = prefix.managed;
    if (Accept('<')) {  // .shared .u32 s<4>; four variables
      uint64_t count = 0;
      if (!ExpectInteger("a number of variables", 1 << 16, count) ||
          !Expect('>', "after a number of variables") || !SetSize(variable)) {
        return false;
      }
      for (uint64_t i = 0; i < count; ++i) {
        const std::string& numbered = parameterized_names_.emplace_back(Concat(name, i));
        variable.name = numbered;
        if (AddVariable(variable, numbered) == nullptr) return false;
      }
      continue;
    }
    if (!ParseDims(variable)) return false;
    Variable* added = AddVariable(std::move(variable), name);
    if (added == nullptr) return false;
    // The initializer may take the variable's own address.
    if (Accept('=') && !ParseInitializer(*added)) return false;
  } while (Accept(','));
  return Expect(';', "after a declaration");
}

bool ModuleParser::ParseRegisters() {
  Declaration declaration;
  if (!ParseDeclaration(declaration, nullptr)) return false;
  do {
    const Location location = Peek().location;
    std::string_view name;
    if (!ExpectIdentifier("the name of a register", name)) return false;
    bool is_new = true;
    if (Accept('<')) {
      uint64_t count = 0;
      if (!ExpectInteger("a number of registers", kMaxRegisters, count)) return false;
      if (!Expect('>', "after a number of registers")) return false;
      is_new = scope().AddRange(name, declaration.type, declaration.vector, count);
    } else {
      Register& reg = function_->registers.emplace_back();
      reg.name = ScopedName(name, scope());
      reg.type = declaration.type;
      reg.vector = declaration.vector;
      reg.index = static_cast<uint32_t>(function_->registers.size() - 1);
      is_new = scope().Add(name, Symbol(&reg));
    }
    if (!is_new) return Fail(location, Concat("register `", name, "` is declared twice in its scope."));
  } while (Accept(','));
  return Expect(';', "after a declaration");
}

bool ModuleParser::ParseParameter(Parameter& parameter) {
  Declaration declaration;
  Variable& variable = parameter.variable;
  variable.location = Peek().location;
  if (!ParseDeclaration(declaration, nullptr)) return false;
  if (declaration.space != Space::kParam && declaration.space != Space::kReg) {
    return Fail(variable.location, "a parameter is neither .param nor .reg.");
  }
  variable.location = Peek().location;
  if (!ExpectIdentifier("the name of a parameter", parameter.name)) return false;
  variable.name = std::string(parameter.name);
  variable.space = declaration.space;
  variable.type = declaration.type;
  variable.vector = declaration.vector;
  variable.align_bytes = declaration.align_bytes;
  variable.pointee_space = declaration.pointee_space;
  variable.pointee_align_bytes = declaration.pointee_align_bytes;
  return ParseDims(variable);
}

bool ModuleParser::ParseInitializer(Variable& variable) {
  if (variable.type == Type::kSamplerref || variable.type == Type::kTexref ||
      variable.type == Type::kSurfref) {
    return SkipSamplerInitializer();
  }
  if (Peek().kind == TokenKind::kString && SizeBytes(variable.type) == 1) {
    const std::string_view text = lexer_.Next().text;
    variable.init.assign(text.begin(), text.end());
    if (variable.size_bytes == 0 && variable.dims.size() == 1) variable.dims[0] = text.size();
    return SetSize(variable) && (variable.init.size() <= variable.size_bytes ||
                                 Fail(variable.location, "a string is longer than its array."));
  }
  if (!At('{')) return ParseInitializerElement(variable, 0);
  std::vector<uint64_t> dims = variable.dims;
  if (variable.vector > 1) dims.push_back(variable.vector);
  if (dims.empty()) dims.push_back(1);
  uint64_t count = 0;
  if (!ParseInitializerList(variable, dims, 0, 0, count)) return false;
  if (variable.dims.empty() || variable.dims[0] != 0) return true;
  const uint64_t stride = std::max<uint64_t>(Stride(std::span(dims).subspan(1)), 1);
  variable.dims[0] = (count + stride - 1) / stride;
  return SetSize(variable);
}

// An inner list fills its part of the array; what it leaves out is zero. `element_count`: elements up to the
// end.
bool ModuleParser::ParseInitializerList(Variable& variable, std::span<const uint64_t> dims, uint64_t first,
                                        int depth, uint64_t& element_count) {
  if (!Expect('{', "of an initializer")) return false;
  ++open_braces_;
  const uint64_t stride = std::max<uint64_t>(Stride(dims.subspan(1)), 1);
  const uint64_t capacity = dims[0] == 0 ? kMaxVariableBytes : dims[0] * stride;
  uint64_t index = 0;
  while (!At('}')) {
    if (index >= capacity) return FailAtToken(Concat("within the ", capacity, " elements of the array"));
    if (At('{')) {
      uint64_t ignored = 0;
      if (dims.size() == 1) return FailAtToken("a value: the array has no such dimension");
      if (!ParseInitializerList(variable, dims.subspan(1), first + index, depth + 1, ignored)) return false;
      index += stride;
    } else {
      if (!ParseInitializerElement(variable, first + index)) return false;
      ++index;
    }
    if (!Accept(',')) break;
  }
  element_count = index;
  --open_braces_;
  return Expect('}', "after an initializer");
}

// A constant, the address of a symbol, generic(symbol), or mask(address).
bool ModuleParser::ParseInitializerElement(Variable& variable, uint64_t index) {
  const uint32_t size = SizeBytes(variable.type);
  const Token token = Peek();
  const uint64_t offset = index * size;
  if (size == 0 || offset + size > kMaxInitializerBytes) {
    return Fail(token.location, Concat("`", variable.name, "` cannot have an initializer here."));
  }
  if (token.kind == TokenKind::kIdentifier && token.text != "WARP_SZ") {
    return ParseAddress(variable, offset, ~uint64_t{0}, static_cast<uint8_t>(size));
  }
  const std::optional<Constant> constant = ParseConstant(lexer_, diagnostics_);
  if (!constant)
    return Fail(token.location, Concat("the initializer of `", variable.name, "` is no constant."));
  if (Accept('(')) {
    return ParseAddress(variable, offset, constant->bits, static_cast<uint8_t>(size)) &&
           Expect(')', "after mask(");
  }
  const uint64_t bits = Encode(variable.type, *constant);
  if (variable.init.size() < offset + size) variable.init.resize(offset + size);
  std::memcpy(variable.init.data() + offset, &bits, std::min<uint32_t>(size, sizeof bits));
  return true;
}

bool ModuleParser::ParseAddress(Variable& variable, uint64_t offset_bytes, uint64_t mask,
                                uint8_t size_bytes) {
  Relocation relocation{.offset_bytes = offset_bytes, .size_bytes = size_bytes, .mask = mask};
  const Location location = Peek().location;
  std::string_view name;
  if (!ExpectIdentifier("a symbol", name)) return false;
  if (name == "generic" && Accept('(')) {
    relocation.generic = true;
    if (!ExpectIdentifier("a symbol", name)) return false;
  }
  const Symbol symbol = scope().Find(name, function_);
  if (symbol.kind == Symbol::Kind::kVariable) {
    relocation.variable = symbol.variable;
  } else if (symbol.kind == Symbol::Kind::kFunction) {
    relocation.function = symbol.function;
  } else {
    return Fail(location, Concat("`", name, "` is neither a variable nor a function."));
  }
  if (!ParseAddend(relocation.addend)) return false;
  if (relocation.generic && !Expect(')', "after generic(")) return false;
  if (!ParseAddend(relocation.addend)) return false;
  if (variable.init.size() < offset_bytes + size_bytes) variable.init.resize(offset_bytes + size_bytes);
  variable.relocations.push_back(relocation);
  return true;
}

// { filter_mode = nearest, ... }: the properties of texture objects come from the runtime.
bool ModuleParser::SkipSamplerInitializer() {
  diagnostics_.Warning(Peek().location, "the initializer of a sampler or texture reference has no effect.");
  if (!Expect('{', "of an initializer")) return false;
  lexer_.SkipBraces();
  return true;
}

}  // namespace tq::ptx
