#include "tests/fuzz/differential/program.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace tq::fuzz {
namespace {

void PrintLines(const std::vector<std::string>& lines, std::string& out) {
  for (const std::string& line : lines) absl::StrAppend(&out, "\t", line, "\n");
}

void PrintStatements(const std::vector<Statement>& statements, std::string& out) {
  for (const Statement& statement : statements) {
    PrintLines(statement.head, out);
    PrintStatements(statement.body, out);
    PrintLines(statement.middle, out);
    PrintStatements(statement.other, out);
    PrintLines(statement.tail, out);
  }
}

}  // namespace

std::string Print(const Program& program, const std::string& suffix) {
  std::string text = absl::StrCat("// launch: k <<<", program.blocks, ", ", program.block.x, "x",
                                  program.block.y, "x", program.block.z, ">>>\n");
  for (const Function& function : program.functions) {
    text += function.begin;
    PrintStatements(function.body, text);
    text += function.end;
  }
  // Names that are the module's, not a function's, carry this mark.
  return absl::StrReplaceAll(text, {{"@@", suffix}});
}

}  // namespace tq::fuzz
