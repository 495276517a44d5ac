// Names of one { } scope of a PTX text, chained to the scope around it. Keys point into the text. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "compiler/ir/module.h"

namespace tq::ptx {

struct Symbol {
  enum class Kind : uint8_t { kNone, kRegister, kVariable, kFunction, kBlock, kPrototype, kTargetList };
  Kind kind = Kind::kNone;
  union {
    Register* reg;
    Variable* variable;
    Function* function;
    Block* block;
    Prototype* prototype;
    TargetList* target_list;
  };

  Symbol() : reg(nullptr) {}
  explicit Symbol(Register* r) : kind(Kind::kRegister), reg(r) {}
  explicit Symbol(Variable* v) : kind(Kind::kVariable), variable(v) {}
  explicit Symbol(Function* f) : kind(Kind::kFunction), function(f) {}
  explicit Symbol(Block* b) : kind(Kind::kBlock), block(b) {}
  explicit Symbol(Prototype* p) : kind(Kind::kPrototype), prototype(p) {}
  explicit Symbol(TargetList* t) : kind(Kind::kTargetList), target_list(t) {}
};

class Scope {
 public:
  // `number` tells nested scopes of a function apart; 0 for the module and for a function's outermost scope.
  explicit Scope(Scope* parent, uint32_t number = 0) : parent_(parent), number_(number) {}

  Scope* parent() const { return parent_; }
  uint32_t number() const { return number_; }

  // False when the name is taken in this scope.
  bool Add(std::string_view name, Symbol symbol) { return symbols_.try_emplace(name, symbol).second; }
  void Set(std::string_view name, Symbol symbol) { symbols_[name] = symbol; }

  // `.reg .f32 %f<10>`. The registers come into being at first use: a declaration of a million costs nothing.
  bool AddRange(std::string_view base, Type type, uint8_t vector, uint64_t count) {
    return ranges_.try_emplace(base, Range{type, vector, count}).second;
  }

  // In this scope and those around it; kNone when unknown. A register of a range is made in `function`.
  Symbol Find(std::string_view name, Function* function);

 private:
  struct Range {
    Type type;
    uint8_t vector;
    uint64_t count;
  };

  Symbol FindInRanges(std::string_view name, Function* function);

  Scope* parent_;
  uint32_t number_;
  absl::flat_hash_map<std::string_view, Symbol> symbols_;
  absl::flat_hash_map<std::string_view, Range> ranges_;
};

// `name` as the flat IR has it: unique per function, `name$3` for one declared in its third nested scope.
std::string ScopedName(std::string_view name, const Scope& scope);

}  // namespace tq::ptx
