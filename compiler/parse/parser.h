// PTX text to ptx::Module (see compiler/ir/module.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "compiler/ir/diagnostics.h"
#include "compiler/ir/module.h"

namespace tq::ptx {

// A run of whole lines of a module's text. Functions do not straddle chunks.
struct Chunk {
  std::string_view text;
  uint32_t first_line = 1;  // in the whole text
};

// Parses chunks in order as one module; never fails as a whole. What is wrong goes to `diagnostics`; a
// function with an error is kept with Function::invalid set, an error outside of functions sets
// Module::invalid. The module does not refer to the text. Types and sizes of operands are left to Verify
// (compiler/ir/verifier.h). Thread-safe for different modules.
std::unique_ptr<Module> Parse(std::span<const Chunk> chunks, Diagnostics& diagnostics);

// The same for a text in one piece.
std::unique_ptr<Module> Parse(std::string_view text, Diagnostics& diagnostics);

}  // namespace tq::ptx
