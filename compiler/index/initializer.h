// The initial contents of a module's variable (PTX ISA, "Initializers"), read when the variable is first
// needed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/index/module_index.h"

namespace tq::ptx {

// An address of a variable or function that goes into the contents.
struct SymbolReference {
  uint64_t offset_bytes = 0;
  uint32_t size_bytes = 8;
  std::string name;
  int64_t addend = 0;
  bool is_generic = false;  // generic(name): an address in the generic space
  // `0xFF00(name)`: the address and-ed with this and shifted down by its trailing zeros.
  uint64_t mask = ~uint64_t{0};
};

struct Initializer {
  std::vector<uint8_t> bytes;  // no longer than the variable; zeros follow
  std::vector<SymbolReference> references;
};

// `text` is what the index was built from. A variable without initialiser gives no bytes. InvalidArgument, in
// the form of the compiler's log, when the initialiser is wrong; Unimplemented for one in a statement of
// several variables.
absl::StatusOr<Initializer> ReadInitializer(const ModuleIndex& index, const Statement& variable,
                                            std::string_view text);

}  // namespace tq::ptx
