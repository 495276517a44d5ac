#include "compiler/index/extract.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "compiler/index/host_calls.h"
#include "compiler/index/names.h"

namespace tq::ptx {
namespace {

class Extractor {
 public:
  Extractor(const ModuleIndex& index, std::string_view text)
      : index_(index), text_(text), is_wanted_(index.statements().size()) {}

  void Want(const Statement& statement) {
    const size_t position = &statement - index_.statements().data();
    if (is_wanted_[position]) return;
    is_wanted_[position] = true;
    pending_.push_back(&statement);
  }

  void AddRoot(std::string_view name) { roots_.insert(name); }

  void Close() {
    while (!pending_.empty()) {
      const Statement& statement = *pending_.back();
      pending_.pop_back();
      ForEachName(Text(statement), [&](std::string_view name) {
        for (const Statement* other = index_.Find(name); other != nullptr; other = index_.Next(*other))
          Want(*other);
      });
    }
  }

  Extract Take() {
    Extract extract;
    const auto statements = index_.statements();
    for (size_t i = 0; i < statements.size(); ++i) {
      const Statement& statement = statements[i];
      if (statement.kind != StatementKind::kHeader && !is_wanted_[i]) continue;
      AddChunks(statement, extract.chunks);
      extract.statements.resize(extract.chunks.size(), &statement);
      if (statement.kind == StatementKind::kVariable) {
        const Space space = index_.Variable(statement).space;
        if ((space == Space::kGlobal || space == Space::kConst) && IsRepresentative(statement)) {
          extract.variables.push_back(&statement);
        }
      } else if (statement.kind == StatementKind::kKernel) {
        if (index_.Find(statement.name) == &statement) extract.kernels.push_back(&statement);
      } else if (statement.kind == StatementKind::kFunction && index_.Find(statement.name) == &statement &&
                 index_.FindDefinition(statement.name) == nullptr) {
        extract.undefined_functions.push_back(&statement);
      }
    }
    return extract;
  }

 private:
  std::string_view Text(const Statement& statement) const {
    const bool is_whole = KeepsInitializer(statement) && NeedsBody(statement);
    return text_.substr(statement.range.offset,
                        is_whole ? statement.range.size_bytes : statement.head_size_bytes);
  }

  // A kernel that is only named is launched by its handle; what the host carries out has no use for a body.
  bool NeedsBody(const Statement& statement) const {
    if (!statement.is_definition) return true;
    if (statement.kind == StatementKind::kKernel) return roots_.contains(statement.name);
    return statement.kind != StatementKind::kFunction || !FindHostCall(statement.name).has_value();
  }

  // Whether the compiler sees what follows the head. An initialiser is data; but it sizes an array without a
  // first dimension, and .shared or several variables in a statement are rare enough to be passed as they
  // are.
  bool KeepsInitializer(const Statement& statement) const {
    if (statement.kind != StatementKind::kVariable) return true;
    const IndexedVariable& variable = index_.Variable(statement);
    return !variable.has_initializer || variable.is_unsized || variable.shares_statement ||
           (variable.space != Space::kGlobal && variable.space != Space::kConst);
  }

  // One statement per name: the definition, else the first.
  bool IsRepresentative(const Statement& statement) const {
    const Statement* definition = index_.FindDefinition(statement.name);
    return &statement == (definition != nullptr ? definition : index_.Find(statement.name));
  }

  void AddChunks(const Statement& statement, std::vector<tq_ptx_chunk>& chunks) const {
    const std::string_view text = Text(statement);
    if (!chunks.empty() && chunks.back().text == text.data())
      return;  // a second variable of the same statement
    chunks.push_back({text.data(), text.size(), statement.range.line});
    if (text.size() != statement.range.size_bytes) {
      const auto lines = static_cast<uint32_t>(std::count(text.begin(), text.end(), '\n'));
      chunks.push_back({";", 1, statement.range.line + lines});
    }
  }

  const ModuleIndex& index_;
  const std::string_view text_;
  std::vector<bool> is_wanted_;
  std::vector<const Statement*> pending_;
  std::set<std::string_view> roots_;
};

}  // namespace

absl::StatusOr<Extract> ExtractSymbols(const ModuleIndex& index, std::string_view text,
                                       std::span<const std::string_view> roots) {
  if (text.size() != index.text_size_bytes())
    return absl::InternalError("the text is not the one that was indexed");
  Extractor extractor(index, text);
  for (const std::string_view root : roots) {
    const Statement* const first = index.Find(root);
    const Statement* const definition = index.FindDefinition(root);
    if (definition == nullptr || definition->kind == StatementKind::kVariable) {
      return absl::NotFoundError(
          absl::StrCat("the module defines no function named ", absl::string_view(root.data(), root.size())));
    }
    extractor.AddRoot(root);
    for (const Statement* other = first; other != nullptr; other = index.Next(*other)) extractor.Want(*other);
  }
  extractor.Close();
  return extractor.Take();
}

}  // namespace tq::ptx
