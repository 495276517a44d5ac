// The recursive-descent parser behind Parse(). One class, its parts by subject: directives.cc (module level),
// variables.cc, functions.cc, instructions.cc. A method that returns false has reported why; the caller skips
// to where it can go on.
#pragma once

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compiler/ir/diagnostics.h"
#include "compiler/ir/module.h"
#include "compiler/parse/expression.h"
#include "compiler/parse/form_match.h"
#include "compiler/parse/lexer.h"
#include "compiler/parse/scope.h"

namespace tq::ptx {

class ModuleParser {
 public:
  ModuleParser(std::span<const Chunk> chunks, Module& module, Diagnostics& diagnostics)
      : lexer_(chunks), module_(module), diagnostics_(diagnostics) {}

  void ParseModule();

 private:
  // What may stand before a variable or a function.
  struct Prefix {
    Linkage linkage = Linkage::kInternal;
    bool managed = false;
    Location location;
  };

  // directives.cc
  void ParseDirective();
  bool ParsePrefix(Prefix& prefix);
  bool ParseVersion();
  bool ParseTarget();
  bool ParseFile();
  bool ParseLoc();
  bool ParseAlias();
  bool ParseAttribute(Prefix& prefix);
  bool ParsePragma(std::vector<std::string>& pragmas);
  bool SkipSection();

  // variables.cc. `owner` is where a declaration goes: the module's variables or the current function's.
  struct Declaration {
    Space space = Space::kNone;
    Type type = Type::kNone;
    uint8_t vector = 1;
    uint32_t align_bytes = 0;
    std::optional<Space> pointee_space;
    uint32_t pointee_align_bytes = 0;
  };
  bool ParseDeclaration(Declaration& declaration, Prefix* prefix);
  bool ParseVariables(Prefix prefix);
  bool ParseRegisters();
  bool ParseDims(Variable& variable);
  bool ParseInitializer(Variable& variable);
  bool ParseInitializerList(Variable& variable, std::span<const uint64_t> dims, uint64_t first, int depth,
                            uint64_t& element_count);
  bool ParseInitializerElement(Variable& variable, uint64_t index);
  bool ParseAddress(Variable& variable, uint64_t offset_bytes, uint64_t mask, uint8_t size_bytes);
  bool SkipSamplerInitializer();
  Variable* AddVariable(Variable variable, std::string_view name);
  bool SetSize(Variable& variable);
  // A result or parameter before it has an owner.
  struct Parameter {
    Variable variable;
    std::string_view name;
  };
  bool ParseParameter(Parameter& parameter);

  // functions.cc
  bool ParseFunction(Prefix prefix, bool is_kernel);
  Function* DeclareFunction(std::string_view name, Location location);
  bool ParseParameterList(std::vector<Parameter>& list);
  bool AdoptParameters(std::vector<Parameter> list, std::vector<Variable*>& adopted);
  bool ParseFunctionAttributes(Function& function);
  bool ParseDim3(Dim3& dim);
  void ParseBody(Function& function);
  bool ParseStatement();
  bool ParseDirectiveStatement();
  bool ParseLabel();
  bool ParseTargetList(std::string_view label);
  bool ParsePrototype(std::string_view label);
  void ResolveReferences();

  // instructions.cc
  bool ParseInstruction();
  bool ParseName(std::string_view& name, Location& location);
  bool ParseOperands(Instruction& instruction);
  bool ParseCall(Instruction& instruction);
  bool ParseCallList(Operand& list);
  bool ParseOperand(Operand& operand);
  bool ParseValue(Operand& operand);
  bool ParseNamed(Operand& operand);
  bool ParseSelector(Operand& operand);
  bool ParseMemory(Operand& operand);
  bool ParseVector(Operand& operand);
  bool ParseImmediate(Operand& operand);
  bool ParseAddend(int64_t& addend);
  bool ChooseForm(Instruction& instruction, std::string_view name, const NameMatch& match);

  // parser.cc
  const Token& Peek() const { return lexer_.Peek(); }
  bool At(char punctuation) const { return Peek().punctuation == punctuation; }
  bool AtDirective(std::string_view name) const {
    return Peek().kind == TokenKind::kDirective && Peek().text == name;
  }
  bool Accept(char punctuation);
  bool Expect(char punctuation, std::string_view where);
  bool ExpectIdentifier(std::string_view what, std::string_view& name);
  bool ExpectInteger(std::string_view what, uint64_t max, uint64_t& value);
  bool Fail(Location location, std::string text);
  // "`TOKEN` is not EXPECTED." at the current token.
  bool FailAtToken(std::string_view expected);
  void SkipStatement();
  Scope& scope() { return *scope_; }

  // A name that is known only at the end of the function.
  struct Reference {
    Block* block = nullptr;  // of an instruction's operand ...
    uint32_t instruction = 0;
    uint32_t operand = 0;
    TargetList* list = nullptr;  // ... or of an entry of a target list
    std::string_view name;
    Scope* scope = nullptr;
    Location location;
  };

  Lexer lexer_;
  Module& module_;
  Diagnostics& diagnostics_;
  NameMatcher names_;
  // Names that the text does not have as such, for scopes and names_ to point to: of `s<4>`, of `add .s32`.
  std::deque<std::string> parameterized_names_, joined_names_;
  Scope module_scope_{nullptr};
  Scope* scope_ = &module_scope_;

  // Of the function being parsed.
  Function* function_ = nullptr;
  Block* block_ = nullptr;
  std::deque<Scope> scopes_;
  std::vector<Reference> references_;
  SourceLocation source_;
  int open_braces_ = 0;  // of the statement being parsed, for SkipStatement
  struct PendingName {
    uint32_t operand;
    std::string_view name;
    Location location;
  };
  std::vector<PendingName>
      pending_names_;  // unknown names among the operands of the instruction being parsed
};

}  // namespace tq::ptx
