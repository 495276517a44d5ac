// Module level (PTX ISA, "PTX Module Directives", "Linking Directives", "Debugging Directives").
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "compiler/ir/concat.h"
#include "compiler/parse/module_parser.h"

namespace tq::ptx {
namespace {

constexpr uint64_t kMaxFiles = 1 << 16;
constexpr uint64_t kMax32 = std::numeric_limits<uint32_t>::max();

bool ParseNumber(std::string_view text, uint32_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

void ModuleParser::ParseModule() {
  while (Peek().kind != TokenKind::kEnd) {
    function_ = nullptr;
    scope_ = &module_scope_;
    ParseDirective();
  }
}

void ModuleParser::ParseDirective() {
  struct Entry {
    std::string_view name;
    bool (ModuleParser::*parse)();
  };
  static constexpr Entry kDirectives[] = {
      {"version", &ModuleParser::ParseVersion}, {"target", &ModuleParser::ParseTarget},
      {"file", &ModuleParser::ParseFile},       {"loc", &ModuleParser::ParseLoc},
      {"alias", &ModuleParser::ParseAlias},     {"section", &ModuleParser::SkipSection},
  };
  if (Accept(';')) return;
  if (At('@')) return lexer_.SkipLine();  // @@DWARF of PTX 1.x
  for (const Entry& entry : kDirectives) {
    if (!AtDirective(entry.name)) continue;
    lexer_.Next();
    if (!(this->*entry.parse)()) SkipStatement();
    return;
  }
  if (AtDirective("address_size")) {
    lexer_.Next();
    uint64_t size = 0;
    if (!ExpectInteger("an address size (32 or 64)", 64, size)) return SkipStatement();
    module_.address_size = static_cast<uint32_t>(size);
    return;
  }
  if (AtDirective("pragma")) {
    std::vector<std::string> pragmas;
    lexer_.Next();
    if (!ParsePragma(pragmas)) SkipStatement();
    return;
  }
  Prefix prefix{.location = Peek().location};
  bool ok = ParsePrefix(prefix);
  if (ok && (AtDirective("entry") || AtDirective("func"))) {
    ok = ParseFunction(prefix, lexer_.Next().text == "entry");
  } else if (ok) {
    ok = ParseVariables(prefix);
  }
  if (ok) return;
  // The rest of what could not be read: a body or an initializer in braces, or up to a semicolon.
  while (Peek().kind != TokenKind::kEnd && !At(';') && !At('{')) lexer_.Next();
  if (Accept('{')) lexer_.SkipBraces();
  Accept(';');
}

bool ModuleParser::ParsePrefix(Prefix& prefix) {
  struct Entry {
    std::string_view name;
    Linkage linkage;
  };
  static constexpr Entry kLinkages[] = {{"extern", Linkage::kExtern},
                                        {"visible", Linkage::kVisible},
                                        {"weak", Linkage::kWeak},
                                        {"common", Linkage::kCommon}};
  for (;;) {
    bool found = false;
    for (const Entry& entry : kLinkages) {
      if (!AtDirective(entry.name)) continue;
      prefix.linkage = entry.linkage;
      lexer_.Next();
      found = true;
    }
    if (AtDirective("attribute")) {
      lexer_.Next();
      if (!ParseAttribute(prefix)) return false;
      found = true;
    }
    if (!found) return true;
  }
}

// .attribute(.managed), .attribute(.unified(uuid1, uuid2)); the second is of no consequence here.
bool ModuleParser::ParseAttribute(Prefix& prefix) {
  if (!Expect('(', "of .attribute")) return false;
  for (;;) {
    if (AtDirective("managed")) {
      prefix.managed = true;
      lexer_.Next();
    } else if (AtDirective("unified")) {
      lexer_.Next();
      if (Accept('(')) {
        while (!At(')') && Peek().kind != TokenKind::kEnd) lexer_.Next();
        if (!Expect(')', "of .unified")) return false;
      }
    } else {
      return FailAtToken("an attribute (.managed, .unified)");
    }
    if (!Accept(',')) return Expect(')', "of .attribute");
  }
}

// `8.5` has been read as a number: its text counts.
bool ModuleParser::ParseVersion() {
  const std::string_view text = Peek().text;
  const size_t dot = std::min(text.find('.'), text.size());
  if (!ParseNumber(text.substr(0, dot), module_.version_major) || dot == text.size() ||
      !ParseNumber(text.substr(dot + 1), module_.version_minor)) {
    return FailAtToken("a PTX version, as in `8.5`");
  }
  lexer_.Next();
  return true;
}

bool ModuleParser::ParseTarget() {
  do {
    const Token token = Peek();
    std::string_view name;
    if (!ExpectIdentifier("a target", name)) return false;
    if (name == "texmode_independent") {
      module_.texmode_independent = true;
    } else if (name == "debug") {
      module_.debug = true;
    } else if (name == "map_f64_to_f32") {
      module_.map_f64_to_f32 = true;
    } else if (name.starts_with("sm_") || name.starts_with("compute_")) {
      std::string_view number = name.substr(name.find('_') + 1);
      if (number.ends_with('a') || number.ends_with('f')) {
        module_.target_variant = number.back();
        number.remove_suffix(1);
      }
      if (!ParseNumber(number, module_.target_sm)) {
        return Fail(token.location, Concat("`", name, "` is not a target."));
      }
    } else if (name != "texmode_unified") {
      return Fail(token.location, Concat("`", name, "` is not a target."));
    }
  } while (Accept(','));
  return true;
}

// .file index "name" {, timestamp, size}
bool ModuleParser::ParseFile() {
  uint64_t index = 0;
  if (!ExpectInteger("a file index below 65536", kMaxFiles - 1, index)) return false;
  if (Peek().kind != TokenKind::kString) return FailAtToken("a file name in quotes");
  if (module_.files.size() <= index) module_.files.resize(index + 1);
  module_.files[index] = std::string(lexer_.Next().text);
  uint64_t ignored = 0;
  while (Accept(',')) {
    if (!ExpectInteger("a time stamp or size of a file", std::numeric_limits<uint64_t>::max(), ignored))
      return false;
  }
  return true;
}

// .loc file line column {, function_name label {+ offset}, inlined_at file line column}
bool ModuleParser::ParseLoc() {
  uint64_t values[3] = {};
  for (uint64_t& value : values) {
    if (!ExpectInteger("a number of .loc", kMax32, value)) return false;
  }
  source_ = {static_cast<uint32_t>(values[0]), static_cast<uint32_t>(values[1]),
             static_cast<uint32_t>(values[2])};
  while (Accept(',')) {
    std::string_view word;
    if (!ExpectIdentifier("function_name or inlined_at", word)) return false;
    if (word == "function_name") {
      if (!ExpectIdentifier("a label of .debug_str", word)) return false;
      uint64_t ignored = 0;
      if (Accept('+') && !ExpectInteger("an offset", kMax32, ignored)) return false;
    } else if (word == "inlined_at") {
      for (uint64_t& value : values) {
        if (!ExpectInteger("a number of .loc", kMax32, value)) return false;
      }
    } else {
      return FailAtToken("function_name or inlined_at");
    }
  }
  return true;
}

// .alias new_name, function; the alias is a function of its own here that shares nothing but the name's
// resolution.
bool ModuleParser::ParseAlias() {
  std::string_view alias, aliasee;
  const Location location = Peek().location;
  if (!ExpectIdentifier("the name of an alias", alias) || !Expect(',', "of .alias") ||
      !ExpectIdentifier("the function that an alias stands for", aliasee) || !Expect(';', "after .alias")) {
    return false;
  }
  const Symbol symbol = module_scope_.Find(aliasee, nullptr);
  if (symbol.kind != Symbol::Kind::kFunction) {
    return Fail(location, Concat("`", aliasee, "`, which .alias names, is not a function."));
  }
  const Symbol declared = module_scope_.Find(alias, nullptr);
  if (declared.kind == Symbol::Kind::kFunction) declared.function->alias = symbol.function;
  module_scope_.Set(alias, symbol);
  return true;
}

bool ModuleParser::ParsePragma(std::vector<std::string>& pragmas) {
  do {
    if (Peek().kind != TokenKind::kString) return FailAtToken("a pragma in quotes");
    pragmas.emplace_back(lexer_.Next().text);
  } while (Accept(','));
  return Expect(';', "after .pragma");
}

// DWARF; what .loc says is enough for us.
bool ModuleParser::SkipSection() {
  while (!At('{') && Peek().kind != TokenKind::kEnd) lexer_.Next();
  if (!Expect('{', "of .section")) return false;
  lexer_.SkipBraces();
  return true;
}

}  // namespace tq::ptx
