#include "compiler/index/module_index.h"

#include <algorithm>
#include <cstring>

namespace tq::ptx {
namespace {

constexpr size_t kNameBlockBytes = 32 << 10;

}  // namespace

ModuleIndex::ModuleIndex(ModuleIndex&&) noexcept = default;
ModuleIndex& ModuleIndex::operator=(ModuleIndex&&) noexcept = default;
ModuleIndex::~ModuleIndex() = default;

std::string_view ModuleIndex::Keep(std::string_view name) {
  if (name.empty()) return {};
  if (name.size() > name_block_left_) {
    const size_t size = std::max(names_.empty() ? kNameBlockBytes / 16 : kNameBlockBytes, name.size());
    names_.push_back(std::make_unique<char[]>(size));
    name_block_left_ = size;
    name_block_next_ = names_.back().get();
  }
  char* const copy = name_block_next_;
  std::memcpy(copy, name.data(), name.size());
  name_block_next_ += name.size();
  name_block_left_ -= name.size();
  return {copy, name.size()};
}

void ModuleIndex::Add(Statement statement) {
  const uint32_t position = static_cast<uint32_t>(statements_.size());
  if (!statement.name.empty()) {
    const auto found = by_name_.find(statement.name);
    if (found != by_name_.end()) {
      statement.name = found->first;
      statements_[found->second.last].next_of_name = position;
      found->second.last = position;
    } else {
      statement.name = Keep(statement.name);
      by_name_.emplace(statement.name, Chain{position, position});
    }
  }
  statements_.push_back(statement);
}

const Statement* ModuleIndex::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found != by_name_.end() ? &statements_[found->second.first] : nullptr;
}

const Statement* ModuleIndex::Next(const Statement& statement) const {
  return statement.next_of_name != Statement::kNone ? &statements_[statement.next_of_name] : nullptr;
}

const Statement* ModuleIndex::FindDefinition(std::string_view name) const {
  const Statement* statement = Find(name);
  while (statement != nullptr && !statement->is_definition) statement = Next(*statement);
  return statement;
}

std::vector<const Statement*> ModuleIndex::Kernels() const {
  std::vector<const Statement*> kernels;
  for (const Statement& statement : statements_) {
    if (statement.kind == StatementKind::kKernel && statement.is_definition) kernels.push_back(&statement);
  }
  return kernels;
}

}  // namespace tq::ptx
