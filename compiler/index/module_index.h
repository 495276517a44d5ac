// Where everything stands in a PTX module, found in one pass over the text without looking into bodies: a
// module of hundreds of megabytes is indexed at memory speed, and a kernel is parsed when it is launched
// (decision 5).
//
// The index keeps names and positions, not the text: the caller may give the text back and get it again (see
// runtime/fatbin/text.h). Immutable once built, so thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "compiler/ir/types.h"

namespace tq::ptx {

// A statement's text. Begins at the start of its line where only blanks stand in front of it.
struct TextRange {
  uint32_t offset = 0;
  uint32_t size_bytes = 0;
  uint32_t line = 0;  // of the first byte, from 1
  uint32_t end() const { return offset + size_bytes; }
};

// One kernel parameter in the argument block of a launch.
struct IndexedParameter {
  uint32_t offset_bytes = 0;
  uint32_t size_bytes = 0;
  uint32_t align_bytes = 0;
};

// Directives between a kernel's parameters and its body (PTX ISA, "Performance-Tuning Directives"). 0: not
// given.
struct LaunchDirectives {
  uint32_t max_threads[3] = {0, 0, 0};
  uint32_t required_threads[3] = {0, 0, 0};
  uint32_t required_cluster[3] = {0, 0, 0};
  uint32_t min_blocks_per_unit = 0;
  uint32_t max_registers = 0;
  uint32_t max_cluster_rank = 0;
};

enum class StatementKind : uint8_t {
  kHeader,  // .version .target .address_size .file .pragma: part of every extract
  kKernel,
  kFunction,
  kVariable,
  kAlias,
};

// A named thing of the module. Declarations and definitions of one name are separate statements.
struct Statement {
  std::string_view name;  // owned by the index; "" for kHeader
  StatementKind kind = StatementKind::kHeader;
  Linkage linkage = Linkage::kInternal;
  bool is_definition = false;  // has a body; for variables: is not .extern
  TextRange range;
  uint32_t head_size_bytes = 0;  // of range: up to the body or the initialiser
  uint32_t detail = 0;           // index into the kernel or variable table
  uint32_t next_of_name = kNone;

  static constexpr uint32_t kNone = ~uint32_t{0};
};

struct IndexedKernel {
  uint32_t first_parameter = 0, parameter_count = 0;
  uint32_t param_size_bytes = 0;
  LaunchDirectives directives;
};

struct IndexedVariable {
  Space space = Space::kGlobal;
  Type type = Type::kNone;
  bool is_managed = false;
  bool has_initializer = false;
  bool is_unsized = false;        // first dimension left out
  bool shares_statement = false;  // `.global .u32 a, b;`
  uint32_t align_bytes = 0;
  uint32_t element_size_bytes = 0;  // of one scalar; a vector's component
  uint64_t size_bytes = 0;          // 0 when unsized; an initialiser then gives the size
};

class ModuleIndex {
 public:
  ModuleIndex(ModuleIndex&&) noexcept;
  ModuleIndex& operator=(ModuleIndex&&) noexcept;
  ~ModuleIndex();

  // InvalidArgument: "ptx:LINE:COLUMN: error: ..." when the module's own structure is wrong: no .version or
  // .target, a body without end, something that is no statement. What stands inside bodies is not looked at.
  // A directive that PTX of today does not have is skipped.
  static absl::StatusOr<ModuleIndex> Build(std::string_view text);

  std::string_view version() const { return version_; }  // "8.5"
  std::string_view target() const { return target_; }    // "sm_90a"
  uint64_t text_size_bytes() const { return text_size_bytes_; }

  std::span<const Statement> statements() const { return statements_; }  // in the order of the text
  // First statement of that name, the others follow by next_of_name; nullptr when there is none.
  const Statement* Find(std::string_view name) const;
  // The statement that defines the name, or nullptr.
  const Statement* FindDefinition(std::string_view name) const;
  const Statement* Next(const Statement& statement) const;

  const IndexedKernel& Kernel(const Statement& statement) const { return kernels_[statement.detail]; }
  const IndexedVariable& Variable(const Statement& statement) const { return variables_[statement.detail]; }
  std::span<const IndexedParameter> Parameters(const IndexedKernel& kernel) const {
    return std::span(parameters_).subspan(kernel.first_parameter, kernel.parameter_count);
  }
  std::vector<const Statement*> Kernels() const;  // that have a body

 private:
  friend class IndexBuilder;
  ModuleIndex() = default;
  std::string_view Keep(std::string_view name);
  void Add(Statement statement);

  std::vector<std::unique_ptr<char[]>> names_;  // blocks that hold the names
  char* name_block_next_ = nullptr;
  size_t name_block_left_ = 0;
  std::string version_, target_;
  uint64_t text_size_bytes_ = 0;
  std::vector<Statement> statements_;
  std::vector<IndexedKernel> kernels_;
  std::vector<IndexedVariable> variables_;
  std::vector<IndexedParameter> parameters_;
  struct Chain {
    uint32_t first, last;
  };
  absl::flat_hash_map<std::string_view, Chain> by_name_;
};

}  // namespace tq::ptx
