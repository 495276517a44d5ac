// Functions and what is in them but for instructions (PTX ISA, "Kernel and Function Directives", "Control
// Flow Directives", "Performance-Tuning Directives", "Cluster Dimension Directives").
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/ir/concat.h"
#include "compiler/parse/module_parser.h"

namespace tq::ptx {
namespace {

constexpr uint64_t kMax32 = std::numeric_limits<uint32_t>::max();
constexpr size_t kMaxScopeDepth = 256;
constexpr uint32_t kMaxErrorsPerFunction = 20;  // then its text is more likely not PTX at all

}  // namespace

// .func {(results)} name {(parameters)} {attributes} {body | ;}
bool ModuleParser::ParseFunction(Prefix prefix, bool is_kernel) {
  scopes_.clear();
  references_.clear();
  source_ = {};
  if (AtDirective("attribute")) {
    lexer_.Next();
    if (!ParseAttribute(prefix)) return false;
  }
  std::vector<Parameter> results, parameters;
  if (At('(') && !ParseParameterList(results)) return false;
  const Location location = Peek().location;
  std::string_view name;
  if (!ExpectIdentifier("the name of a function", name)) return false;
  Function* function = DeclareFunction(name, location);
  if (function == nullptr) return false;
  // A second definition is an error and the first one stands; a second declaration says nothing new.
  Function repeated;
  const bool is_repeated = function->has_body;
  function_ = is_repeated ? &repeated : function;
  *function_ = Function();
  function_->name = std::string(name);
  function_->is_kernel = is_kernel;
  function_->linkage = prefix.linkage;
  function_->location = location;
  scope_ = &scopes_.emplace_back(&module_scope_);
  if (At('(') && !ParseParameterList(parameters)) return false;
  if (!AdoptParameters(std::move(results), function_->results) ||
      !AdoptParameters(std::move(parameters), function_->parameters) ||
      !ParseFunctionAttributes(*function_)) {
    return false;
  }
  if (Accept(';')) return true;
  if (is_repeated && At('{')) {
    function_ = nullptr;
    return Fail(location, Concat("function `", name, "` is defined twice."));
  }
  if (!Expect('{', "of a function's body")) return false;
  ParseBody(*function);
  return true;
}

Function* ModuleParser::DeclareFunction(std::string_view name, Location location) {
  const Symbol known = module_scope_.Find(name, nullptr);
  if (known.kind == Symbol::Kind::kFunction) return known.function;
  if (known.kind != Symbol::Kind::kNone) {
    Fail(location, Concat("`", name, "` is declared as a variable and as a function."));
    return nullptr;
  }
  Function& function = module_.functions.emplace_back();
  module_scope_.Set(name, Symbol(&function));
  return &function;
}

bool ModuleParser::ParseParameterList(std::vector<Parameter>& list) {
  if (!Expect('(', "of a parameter list")) return false;
  if (Accept(')')) return true;
  do {
    if (!ParseParameter(list.emplace_back())) return false;
  } while (Accept(','));
  return Expect(')', "after a parameter list");
}

bool ModuleParser::AdoptParameters(std::vector<Parameter> list, std::vector<Variable*>& adopted) {
  for (Parameter& parameter : list) {
    if (parameter.variable.space == Space::kReg) {
      Register& reg = function_->registers.emplace_back();
      reg.name = parameter.variable.name;
      reg.type = parameter.variable.type;
      reg.vector = parameter.variable.vector;
      reg.index = static_cast<uint32_t>(function_->registers.size() - 1);
      if (parameter.name != "_" && !scope().Add(parameter.name, Symbol(&reg))) {
        return Fail(parameter.variable.location, Concat("`", parameter.name, "` is declared twice."));
      }
      parameter.name = "_";
      parameter.variable.scope = function_;
      adopted.push_back(&function_->variables.emplace_back(std::move(parameter.variable)));
      continue;
    }
    Variable* added = AddVariable(std::move(parameter.variable), parameter.name);
    if (added == nullptr) return false;
    adopted.push_back(added);
  }
  return true;
}

bool ModuleParser::ParseDim3(Dim3& dim) {
  uint32_t* const fields[] = {&dim.x, &dim.y, &dim.z};
  dim = {1, 1, 1};
  for (uint32_t* field : fields) {
    uint64_t value = 0;
    if (!ExpectInteger("a dimension", kMax32, value)) return false;
    *field = static_cast<uint32_t>(value);
    if (!Accept(',')) break;
  }
  return true;
}

bool ModuleParser::ParseFunctionAttributes(Function& function) {
  KernelAttributes& attributes = function.attributes;
  struct Dims {
    std::string_view name;
    Dim3* value;
  };
  struct Number {
    std::string_view name;
    uint32_t* value;
  };
  struct Flag {
    std::string_view name;
    bool* value;
  };
  uint32_t ignored = 0;
  const Dims dims[] = {{"maxntid", &attributes.max_threads},
                       {"reqntid", &attributes.required_threads},
                       {"reqnctapercluster", &attributes.required_cluster}};
  const Number numbers[] = {{"minnctapersm", &attributes.min_blocks_per_sm},
                            {"maxnctapersm", &ignored},
                            {"maxnreg", &attributes.max_registers},
                            {"maxclusterrank", &attributes.max_cluster_rank},
                            {"abi_preserve", &ignored},
                            {"abi_preserve_control", &ignored}};
  const Flag flags[] = {{"explicitcluster", &attributes.explicit_cluster},
                        {"blocksareclusters", &attributes.blocks_are_clusters},
                        {"noreturn", &function.noreturn}};
  while (Peek().kind == TokenKind::kDirective) {
    const Token token = Peek();
    bool found = false;
    if (token.text == "pragma") {
      lexer_.Next();
      if (!ParsePragma(function.pragmas)) return false;
      found = true;
    }
    for (const Dims& entry : dims) {
      if (entry.name != token.text) continue;
      lexer_.Next();
      if (!ParseDim3(*entry.value)) return false;
      found = true;
    }
    for (const Number& entry : numbers) {
      if (entry.name != token.text) continue;
      lexer_.Next();
      uint64_t value = 0;
      if (!ExpectInteger("a number", kMax32, value)) return false;
      *entry.value = static_cast<uint32_t>(value);
      found = true;
    }
    for (const Flag& entry : flags) {
      if (entry.name != token.text) continue;
      lexer_.Next();
      *entry.value = true;
      found = true;
    }
    if (!found) return FailAtToken("a directive of a function");
  }
  return true;
}

void ModuleParser::ParseBody(Function& function) {
  function.has_body = true;
  block_ = &function.blocks.emplace_back();
  const size_t first_error = diagnostics_.error_count();
  while (true) {
    if (Peek().kind == TokenKind::kEnd) {
      Fail(Peek().location, Concat("the text ends inside of function `", function.name, "`."));
      break;
    }
    if (Accept('}')) {
      scope_ = scope_->parent();
      if (scope_ == &module_scope_) break;
      continue;
    }
    open_braces_ = 0;
    if (ParseStatement()) continue;
    if (diagnostics_.error_count() - first_error >= kMaxErrorsPerFunction) {
      Fail(Peek().location,
           Concat("function `", function.name, "` has too many errors; the rest of it is skipped."));
      for (; scope_ != &module_scope_; scope_ = scope_->parent()) lexer_.SkipBraces();
      break;
    }
    SkipStatement();
  }
  ResolveReferences();
  scopes_.clear();
}

bool ModuleParser::ParseStatement() {
  const Token& token = Peek();
  if (token.kind == TokenKind::kIdentifier) {
    return !token.at_dot && lexer_.AtLabel() ? ParseLabel() : ParseInstruction();
  }
  if (token.kind == TokenKind::kDirective) return ParseDirectiveStatement();
  if (token.punctuation == '@') return ParseInstruction();
  if (token.punctuation == '{') {
    size_t depth = 0;
    for (const Scope* scope = scope_; scope != nullptr; scope = scope->parent()) ++depth;
    if (depth > kMaxScopeDepth) return FailAtToken("within the 256 scopes that may be open");
    lexer_.Next();
    scope_ = &scopes_.emplace_back(scope_, static_cast<uint32_t>(scopes_.size()));
    return true;
  }
  if (Accept(';')) return true;
  return FailAtToken("a statement");
}

bool ModuleParser::ParseDirectiveStatement() {
  if (AtDirective("loc")) {
    lexer_.Next();
    return ParseLoc();
  }
  if (AtDirective("reg")) return ParseRegisters();
  if (AtDirective("pragma")) {
    lexer_.Next();
    return ParsePragma(function_->pragmas);
  }
  if (AtDirective("file")) {
    lexer_.Next();
    return ParseFile();
  }
  if (AtDirective("section")) {
    lexer_.Next();
    return SkipSection();
  }
  Prefix prefix{.location = Peek().location};
  return ParsePrefix(prefix) && ParseVariables(prefix);
}

bool ModuleParser::ParseLabel() {
  const Token label = lexer_.Next();
  if (!Expect(':', "of a label")) return false;
  if (AtDirective("branchtargets") || AtDirective("calltargets")) return ParseTargetList(label.text);
  if (AtDirective("callprototype")) return ParsePrototype(label.text);
  block_ = &function_->blocks.emplace_back();
  block_->label = ScopedName(label.text, scope());
  block_->index = static_cast<uint32_t>(function_->blocks.size() - 1);
  if (scope().Add(label.text, Symbol(block_))) return true;
  return Fail(label.location, Concat("label `", label.text, "` is defined twice in its scope."));
}

bool ModuleParser::ParseTargetList(std::string_view label) {
  const bool is_branch = lexer_.Next().text == "branchtargets";
  TargetList& list = function_->target_lists.emplace_back();
  list.name = ScopedName(label, scope());
  const Location location = Peek().location;
  if (!scope().Add(label, Symbol(&list))) {
    return Fail(location, Concat("label `", label, "` is defined twice in its scope."));
  }
  do {
    const Location at = Peek().location;
    std::string_view name;
    if (!ExpectIdentifier("a target", name)) return false;
    if (is_branch) {
      references_.push_back({.operand = static_cast<uint32_t>(list.blocks.size()),
                             .list = &list,
                             .name = name,
                             .scope = scope_,
                             .location = at});
      list.blocks.push_back(nullptr);
      continue;
    }
    const Symbol symbol = module_scope_.Find(name, nullptr);
    if (symbol.kind != Symbol::Kind::kFunction) return Fail(at, Concat("`", name, "` is not a function."));
    list.functions.push_back(symbol.function);
  } while (Accept(','));
  return Expect(';', "after a list of targets");
}

// label: .callprototype (results) _ (parameters) {.noreturn} {.abi_preserve n};
bool ModuleParser::ParsePrototype(std::string_view label) {
  lexer_.Next();
  const Location location = Peek().location;
  std::vector<Parameter> results, parameters;
  if (At('(') && !ParseParameterList(results)) return false;
  std::string_view name;
  if (!ExpectIdentifier("the `_` of a prototype", name)) return false;
  if (At('(') && !ParseParameterList(parameters)) return false;
  Function attributes;
  if (!ParseFunctionAttributes(attributes)) return false;
  Prototype& prototype = function_->prototypes.emplace_back();
  prototype.name = ScopedName(label, scope());
  prototype.noreturn = attributes.noreturn;
  for (Parameter& result : results) prototype.results.push_back(std::move(result.variable));
  for (Parameter& parameter : parameters) prototype.parameters.push_back(std::move(parameter.variable));
  if (!scope().Add(label, Symbol(&prototype))) {
    return Fail(location, Concat("label `", label, "` is defined twice in its scope."));
  }
  return Expect(';', "after a prototype");
}

void ModuleParser::ResolveReferences() {
  for (const Reference& reference : references_) {
    const Symbol symbol = reference.scope->Find(reference.name, function_);
    if (reference.list != nullptr) {
      if (symbol.kind == Symbol::Kind::kBlock) {
        reference.list->blocks[reference.operand] = symbol.block;
        continue;
      }
    } else {
      Operand& operand = reference.block->instructions[reference.instruction].operands[reference.operand];
      const bool wants_block = operand.kind == Operand::Kind::kLabel;
      operand.block = symbol.kind == Symbol::Kind::kBlock ? symbol.block : nullptr;
      operand.prototype = symbol.kind == Symbol::Kind::kPrototype ? symbol.prototype : nullptr;
      operand.targets = symbol.kind == Symbol::Kind::kTargetList ? symbol.target_list : nullptr;
      if (wants_block ? operand.block != nullptr : operand.prototype != nullptr || operand.targets != nullptr)
        continue;
    }
    Fail(reference.location, Concat("label `", reference.name, "` is not defined."));
  }
}

}  // namespace tq::ptx
