#include "compiler/parse/parser.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "compiler/ir/concat.h"
#include "compiler/parse/module_parser.h"

namespace tq::ptx {

std::unique_ptr<Module> Parse(std::span<const Chunk> chunks, Diagnostics& diagnostics) {
  auto module = std::make_unique<Module>();
  ModuleParser(chunks, *module, diagnostics).ParseModule();
  return module;
}

std::unique_ptr<Module> Parse(std::string_view text, Diagnostics& diagnostics) {
  const Chunk chunk{.text = text};
  return Parse(std::span(&chunk, 1), diagnostics);
}

bool ModuleParser::Accept(char punctuation) {
  if (!At(punctuation)) return false;
  lexer_.Next();
  return true;
}

bool ModuleParser::Expect(char punctuation, std::string_view where) {
  if (Accept(punctuation)) return true;
  return FailAtToken(Concat("the `", std::string_view(&punctuation, 1), "` ", where));
}

bool ModuleParser::ExpectIdentifier(std::string_view what, std::string_view& name) {
  if (Peek().kind != TokenKind::kIdentifier) return FailAtToken(what);
  name = lexer_.Next().text;
  return true;
}

bool ModuleParser::ExpectInteger(std::string_view what, uint64_t max, uint64_t& value) {
  if (Peek().kind != TokenKind::kInteger || Peek().bits > max) return FailAtToken(what);
  value = lexer_.Next().bits;
  return true;
}

bool ModuleParser::Fail(Location location, std::string text) {
  diagnostics_.Error(location, std::move(text));
  (function_ != nullptr ? function_->invalid : module_.invalid) = true;
  return false;
}

bool ModuleParser::FailAtToken(std::string_view expected) {
  const Token& token = Peek();
  if (token.kind == TokenKind::kEnd) {
    return Fail(token.location, Concat("the text ends where ", expected, " should be."));
  }
  const std::string_view dot = token.kind == TokenKind::kDirective ? "." : "";
  return Fail(token.location, Concat("`", dot, token.text, "` is not ", expected, "."));
}

// To behind the statement's semicolon, or before the brace that closes the scope around it. A brace at the
// begin of a line closes a scope whatever is open: an instruction with a lost brace must not swallow the
// function's end.
void ModuleParser::SkipStatement() {
  int depth = open_braces_;
  open_braces_ = 0;
  for (;; lexer_.Next()) {
    const Token& token = Peek();
    if (token.kind == TokenKind::kEnd) return;
    if (token.punctuation == ';') {
      lexer_.Next();
      return;
    }
    if (token.punctuation == '{') ++depth;
    if (token.punctuation == '}' && (depth-- == 0 || token.location.column == 1)) return;
  }
}

}  // namespace tq::ptx
