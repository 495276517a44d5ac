// Cuts out of a module what the compiler needs for some of its symbols: the header, their statements, and
// whatever these name, transitively. The text of everything else never reaches the compiler, nor the key of
// the kernel cache.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/api/compiler.h"
#include "compiler/index/module_index.h"

namespace tq::ptx {

struct Extract {
  // In the order of the text, into which they point; lines are numbered as there. Variables of .global and
  // .const come without their initialiser: the code does not depend on it.
  std::vector<tq_ptx_chunk> chunks;
  std::vector<const Statement*> statements;  // that each chunk is of
  // Variables in .global and .const that the code names: the imports of the code object. Definitions, or
  // where there is none, declarations.
  std::vector<const Statement*> variables;
  // Kernels among the statements, whose handles the code may want: the first statement of each. Those that
  // are no roots come without their bodies.
  std::vector<const Statement*> kernels;
  // Functions that the code names and that have no body in this module.
  std::vector<const Statement*> undefined_functions;
};

// `text` is what the index was built from. NotFound when a root is no kernel or function with a body.
absl::StatusOr<Extract> ExtractSymbols(const ModuleIndex& index, std::string_view text,
                                       std::span<const std::string_view> roots);

}  // namespace tq::ptx
