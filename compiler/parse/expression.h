// Constant expressions (PTX ISA, "Constant Expressions"): C operators over 64-bit integers and doubles.
#pragma once

#include <cstdint>
#include <optional>

#include "compiler/ir/diagnostics.h"
#include "compiler/parse/lexer.h"

namespace tq::ptx {

struct Constant {
  Operand::ImmediateKind kind = Operand::ImmediateKind::kInteger;
  bool is_unsigned = false;
  uint64_t bits = 0;

  double AsDouble() const;  // of any kind
};

// Parses from the current token. Reports and returns nothing when there is no constant expression.
std::optional<Constant> ParseConstant(Lexer& lexer, Diagnostics& diagnostics);

}  // namespace tq::ptx
