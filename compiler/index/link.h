// Cuts out what a kernel needs from several modules that form one program: functions and variables that one
// module declares .extern are taken from the module that defines them (PTX ISA, "Linking Directives").
#pragma once

#include <deque>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/api/compiler.h"
#include "compiler/index/module_index.h"

namespace tq::ptx {

struct LinkUnit {
  const ModuleIndex* index = nullptr;
  std::string_view text;  // what the index was built from
};

// Looks a variable or function up as code in `unit` would: a definition that is the unit's own affair first,
// then of those that all units share the one that counts: a strong one, else the largest .common one, else
// the first .weak one (PTX ISA, "Linking Directives"). nullptr when nobody defines it.
struct LinkedSymbol {
  size_t unit = 0;
  const Statement* definition = nullptr;
};
LinkedSymbol ResolveSymbol(std::span<const LinkUnit> units, size_t unit, std::string_view name);

struct LinkedVariable {
  std::string import_name;  // what the code calls it
  LinkedSymbol symbol;      // without a definition: one of `outside`
};

// A kernel whose handle the code may want: imported as kKernelHandlePrefix and its name.
struct LinkedKernel {
  std::string name;  // what the code calls it
  LinkedSymbol symbol;
};

struct LinkedExtract {
  std::vector<tq_ptx_chunk> chunks;       // point into the units' texts and into `rewritten`
  std::vector<LinkedVariable> variables;  // imports of the code object
  std::vector<LinkedKernel> kernels;
  std::deque<std::string> rewritten;  // texts in which names were changed to be unique
};

// `roots` are kernels and functions with a body in `unit`: NotFound otherwise. A variable that nobody defines
// is an InvalidArgument, unless its name is in `outside`; an undefined function is left to the compiler,
// which knows vprintf, malloc and their like.
using NameSet = std::set<std::string, std::less<>>;
absl::StatusOr<LinkedExtract> LinkSymbols(std::span<const LinkUnit> units, size_t unit,
                                          std::span<const std::string_view> roots,
                                          const NameSet& outside = {});

}  // namespace tq::ptx
