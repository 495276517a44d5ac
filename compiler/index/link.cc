#include "compiler/index/link.h"

#include <map>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "compiler/index/extract.h"
#include "compiler/index/host_calls.h"
#include "compiler/index/names.h"

namespace tq::ptx {
namespace {

absl::string_view Show(std::string_view text) { return {text.data(), text.size()}; }

class Linker {
 public:
  Linker(std::span<const LinkUnit> units, const NameSet& outside)
      : units_(units), outside_(outside), parts_(units.size()) {}

  // Extracts `roots` of `unit`, and of the others what that leaves undefined, until nothing more is found.
  absl::Status Collect(size_t unit, std::span<const std::string_view> roots) {
    parts_[unit].roots.insert(roots.begin(), roots.end());
    std::vector<size_t> pending = {unit};
    while (!pending.empty()) {
      const size_t current = pending.back();
      pending.pop_back();
      Part& part = parts_[current];
      const std::vector<std::string_view> names(part.roots.begin(), part.roots.end());
      ASSIGN_OR_RETURN(part.extract, ExtractSymbols(*units_[current].index, units_[current].text, names));
      for (const Statement* function : part.extract.undefined_functions) Want(current, *function, pending);
      for (const Statement* statement : part.extract.statements) {
        if (statement->kind == StatementKind::kFunction && statement->is_definition &&
            statement->linkage != Linkage::kInternal) {
          Want(current, *statement, pending);
        }
      }
    }
    return absl::OkStatus();
  }

  // The unit of the roots comes first, with its header; the others follow without theirs.
  absl::StatusOr<LinkedExtract> Join(size_t unit) {
    RETURN_IF_ERROR(Append(unit, true));
    for (size_t other = 0; other < units_.size(); ++other) {
      if (other != unit && !parts_[other].roots.empty()) RETURN_IF_ERROR(Append(other, false));
    }
    return std::move(out_);
  }

 private:
  struct Part {
    std::set<std::string_view> roots;
    Extract extract;
  };
  // Another unit's function that counts for code in `unit`.
  void Want(size_t unit, const Statement& function, std::vector<size_t>& pending) {
    if (FindHostCall(function.name).has_value()) return;
    const LinkedSymbol symbol = ResolveSymbol(units_, unit, function.name);
    if (symbol.definition == nullptr || symbol.unit == unit ||
        symbol.definition->kind != StatementKind::kFunction) {
      return;
    }
    if (parts_[symbol.unit].roots.insert(symbol.definition->name).second) pending.push_back(symbol.unit);
  }

  // A definition that gives way to another unit's: what is left of it is a declaration.
  bool IsOverridden(size_t unit, const Statement& statement) const {
    return statement.kind == StatementKind::kFunction && statement.is_definition &&
           statement.linkage != Linkage::kInternal && !FindHostCall(statement.name).has_value() &&
           ResolveSymbol(units_, unit, statement.name).unit != unit;
  }

  using Renames = absl::flat_hash_map<std::string_view, std::string>;

  // Names of the unit's own that an earlier unit uses for something else.
  Renames FindRenames(size_t unit) const {
    Renames renames;
    for (const Statement* statement : parts_[unit].extract.statements) {
      if (statement->name.empty() || statement->linkage != Linkage::kInternal ||
          !emitted_.contains(statement->name)) {
        continue;
      }
      renames.emplace(statement->name, absl::StrCat(Show(statement->name), "$unit", unit));
    }
    return renames;
  }

  absl::Status Append(size_t unit, bool is_first) {
    const Extract& extract = parts_[unit].extract;
    const Renames renames = is_first ? Renames() : FindRenames(unit);
    std::set<const Statement*> skipped;
    for (size_t i = 0; i < extract.chunks.size(); ++i) {
      const Statement* const statement = extract.statements[i];
      const bool is_continuation = i > 0 && extract.statements[i - 1] == statement;
      if (is_continuation ? skipped.contains(statement) : !is_first && IsSuperfluous(*statement)) {
        skipped.insert(statement);
        continue;
      }
      if (!is_continuation && IsOverridden(unit, *statement)) {
        const std::string_view head(extract.chunks[i].text, statement->head_size_bytes);
        out_.rewritten.push_back(std::string(head) + ";");
        const std::string& text = out_.rewritten.back();
        out_.chunks.push_back({text.data(), text.size(), extract.chunks[i].first_line});
        continue;
      }
      if (!is_continuation) MarkEmitted(*statement, renames);
      out_.chunks.push_back(Rewrite(extract.chunks[i], renames));
    }
    for (const Statement* variable : extract.variables) RETURN_IF_ERROR(Import(unit, *variable, renames));
    for (const Statement* kernel : extract.kernels) {
      const LinkedSymbol symbol = ResolveSymbol(units_, unit, kernel->name);
      if (symbol.definition == nullptr || symbol.definition->kind != StatementKind::kKernel) continue;
      const auto renamed = renames.find(kernel->name);
      std::string name = renamed != renames.end() ? renamed->second : std::string(kernel->name);
      if (named_kernels_.insert(name).second) out_.kernels.push_back({std::move(name), symbol});
    }
    return absl::OkStatus();
  }

  // A header, or something shared by name that an earlier unit brought already: a second definition of a weak
  // function, a second declaration of a variable.
  bool IsSuperfluous(const Statement& statement) const {
    if (statement.kind == StatementKind::kHeader) return true;
    if (statement.linkage == Linkage::kInternal) return false;
    const auto earlier = emitted_.find(statement.name);
    if (earlier == emitted_.end()) return false;
    return statement.kind == StatementKind::kVariable || !statement.is_definition || earlier->second;
  }

  void MarkEmitted(const Statement& statement, const Renames& renames) {
    if (statement.name.empty()) return;
    const auto renamed = renames.find(statement.name);
    bool& is_defined = emitted_[renamed != renames.end() ? renamed->second : std::string(statement.name)];
    is_defined = is_defined || statement.is_definition;
  }

  tq_ptx_chunk Rewrite(const tq_ptx_chunk& chunk, const Renames& renames) {
    if (renames.empty()) return chunk;
    std::string text;
    const std::string_view old(chunk.text, chunk.size_bytes);
    const char* copied = old.data();
    ForEachName(old, [&](std::string_view name) {
      const auto renamed = renames.find(name);
      if (renamed == renames.end()) return;
      text.append(copied, name.data()).append(renamed->second);
      copied = name.data() + name.size();
    });
    if (copied == old.data()) return chunk;
    text.append(copied, old.data() + old.size());
    out_.rewritten.push_back(std::move(text));
    return {out_.rewritten.back().data(), out_.rewritten.back().size(), chunk.first_line};
  }

  absl::Status Import(size_t unit, const Statement& variable, const Renames& renames) {
    const LinkedSymbol symbol = ResolveSymbol(units_, unit, variable.name);
    const bool is_outside = symbol.definition == nullptr && outside_.contains(variable.name);
    if (!is_outside &&
        (symbol.definition == nullptr || symbol.definition->kind != StatementKind::kVariable)) {
      return absl::InvalidArgumentError(absl::StrCat("ptx:", variable.range.line, ":1: error: the variable ",
                                                     Show(variable.name),
                                                     " is declared .extern and defined nowhere"));
    }
    const auto renamed = renames.find(variable.name);
    std::string name = renamed != renames.end() ? renamed->second : std::string(variable.name);
    if (imported_.insert(name).second) out_.variables.push_back({std::move(name), symbol});
    return absl::OkStatus();
  }

  const std::span<const LinkUnit> units_;
  const NameSet& outside_;
  std::vector<Part> parts_;
  std::map<std::string, bool, std::less<>> emitted_;  // name in the output: whether its definition is there
  std::set<std::string> imported_, named_kernels_;
  LinkedExtract out_;
};

// Among definitions of one name that units share, the heaviest counts.
uint64_t WeightOf(const ModuleIndex& index, const Statement& definition) {
  if (definition.linkage == Linkage::kWeak) return 1;
  if (definition.linkage != Linkage::kCommon) return ~uint64_t{0};
  const bool is_variable = definition.kind == StatementKind::kVariable;
  return 2 + (is_variable ? index.Variable(definition).size_bytes : 0);
}

}  // namespace

LinkedSymbol ResolveSymbol(std::span<const LinkUnit> units, size_t unit, std::string_view name) {
  const Statement* const own = units[unit].index->FindDefinition(name);
  if (own != nullptr && own->linkage == Linkage::kInternal) return {unit, own};
  LinkedSymbol best = {unit, nullptr};
  uint64_t best_weight = 0;
  for (size_t other = 0; other < units.size(); ++other) {
    const Statement* const definition = units[other].index->FindDefinition(name);
    if (definition == nullptr || definition->linkage == Linkage::kInternal) continue;
    const uint64_t weight = WeightOf(*units[other].index, *definition);
    if (weight <= best_weight) continue;
    best = {other, definition};
    best_weight = weight;
  }
  return best;
}

absl::StatusOr<LinkedExtract> LinkSymbols(std::span<const LinkUnit> units, size_t unit,
                                          std::span<const std::string_view> roots, const NameSet& outside) {
  Linker linker(units, outside);
  RETURN_IF_ERROR(linker.Collect(unit, roots));
  return linker.Join(unit);
}

}  // namespace tq::ptx
