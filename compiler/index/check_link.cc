#include "compiler/index/check_link.h"

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "compiler/index/names.h"

namespace tq::ptx {
namespace {

absl::string_view Show(std::string_view text) { return {text.data(), text.size()}; }

// Symbols that the unit declares and does not define, and that something in it names. In the order of the
// text.
std::vector<const Statement*> Undefined(const LinkUnit& unit) {
  const ModuleIndex& index = *unit.index;
  absl::flat_hash_set<std::string_view> missing;
  for (const Statement& statement : index.statements()) {
    if (statement.kind == StatementKind::kHeader || index.FindDefinition(statement.name) != nullptr) continue;
    // Shared memory that is declared without a size is what the launch adds.
    if (statement.kind == StatementKind::kVariable && index.Variable(statement).space == Space::kShared)
      continue;
    missing.insert(statement.name);
  }
  absl::flat_hash_set<std::string_view> named;
  if (!missing.empty()) {
    for (const Statement& statement : index.statements()) {
      if (!statement.is_definition) continue;
      ForEachName(unit.text.substr(statement.range.offset, statement.range.size_bytes),
                  [&](std::string_view name) {
                    if (const auto found = missing.find(name); found != missing.end()) named.insert(*found);
                  });
    }
  }
  std::vector<const Statement*> undefined;
  for (const Statement& statement : index.statements()) {
    if (named.erase(statement.name) != 0) undefined.push_back(&statement);
  }
  return undefined;
}

bool Shows(const ModuleIndex& index, std::string_view name) {
  const Statement* const definition = index.FindDefinition(name);
  return definition != nullptr && definition->linkage != Linkage::kInternal;
}

std::vector<LinkUnit> WithoutNames(std::span<const NamedUnit> units) {
  std::vector<LinkUnit> bare;
  for (const NamedUnit& unit : units) bare.push_back(unit.unit);
  return bare;
}

}  // namespace

std::vector<size_t> ChooseUnits(std::span<const NamedUnit> units) {
  std::vector<bool> is_chosen(units.size());
  std::vector<size_t> pending;
  const auto choose = [&](size_t unit) {
    is_chosen[unit] = true;
    pending.push_back(unit);
  };
  for (size_t i = 0; i < units.size(); ++i) {
    if (!units[i].is_of_library) choose(i);
  }
  while (!pending.empty()) {
    const size_t current = pending.back();
    pending.pop_back();
    for (const Statement* missing : Undefined(units[current].unit)) {
      bool is_defined = false;
      for (size_t i = 0; i < units.size() && !is_defined; ++i) {
        is_defined = is_chosen[i] && Shows(*units[i].unit.index, missing->name);
      }
      for (size_t i = 0; i < units.size() && !is_defined; ++i) {
        if (is_chosen[i] || !Shows(*units[i].unit.index, missing->name)) continue;
        choose(i);
        is_defined = true;
      }
    }
  }
  std::vector<size_t> chosen;
  for (size_t i = 0; i < units.size(); ++i) {
    if (is_chosen[i]) chosen.push_back(i);
  }
  return chosen;
}

std::string CheckLink(std::span<const NamedUnit> units, const NameSet& outside,
                      const std::function<bool(std::string_view)>& is_provided) {
  std::string errors;
  absl::flat_hash_map<std::string_view, std::string_view> first;  // strong definition -> name of its unit
  for (const NamedUnit& unit : units) {
    for (const Statement& statement : unit.unit.index->statements()) {
      if (!statement.is_definition || statement.linkage != Linkage::kVisible) continue;
      const auto [earlier, is_new] = first.emplace(statement.name, unit.name);
      if (is_new) continue;
      absl::StrAppend(&errors, "error   : Multiple definition of '", Show(statement.name), "' in '",
                      Show(unit.name), "', first defined in '", Show(earlier->second), "'\n");
    }
  }
  const std::vector<LinkUnit> bare = WithoutNames(units);
  for (size_t i = 0; i < units.size(); ++i) {
    for (const Statement* missing : Undefined(bare[i])) {
      const bool is_known = missing->kind == StatementKind::kVariable ? outside.contains(missing->name)
                                                                      : is_provided(missing->name);
      if (is_known || ResolveSymbol(bare, i, missing->name).definition != nullptr) continue;
      absl::StrAppend(&errors, "error   : Undefined reference to '", Show(missing->name), "' in '",
                      Show(units[i].name), "'\n");
    }
  }
  return errors;
}

}  // namespace tq::ptx
