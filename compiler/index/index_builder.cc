// ModuleIndex::Build: a parser of module-level statements (PTX ISA, "Directives") that jumps over bodies.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "compiler/index/cursor.h"
#include "compiler/index/module_index.h"
#include "compiler/index/number.h"

namespace tq::ptx {
namespace {

absl::string_view Show(std::string_view text) { return {text.data(), std::min<size_t>(text.size(), 80)}; }

struct TypeSpelling {
  std::string_view text;
  Type type;
  uint32_t size_bytes;
};
constexpr TypeSpelling kTypes[] = {
    {".b8", Type::kB8, 1},           {".u8", Type::kU8, 1},         {".s8", Type::kS8, 1},
    {".b16", Type::kB16, 2},         {".u16", Type::kU16, 2},       {".s16", Type::kS16, 2},
    {".f16", Type::kF16, 2},         {".bf16", Type::kBF16, 2},     {".b32", Type::kB32, 4},
    {".u32", Type::kU32, 4},         {".s32", Type::kS32, 4},       {".f32", Type::kF32, 4},
    {".f16x2", Type::kF16x2, 4},     {".bf16x2", Type::kBF16x2, 4}, {".b64", Type::kB64, 8},
    {".u64", Type::kU64, 8},         {".s64", Type::kS64, 8},       {".f64", Type::kF64, 8},
    {".b128", Type::kB128, 16},      {".texref", Type::kTexref, 8}, {".samplerref", Type::kSamplerref, 8},
    {".surfref", Type::kSurfref, 8},
};

struct VectorSpelling {
  std::string_view text;
  uint32_t count;
};
constexpr VectorSpelling kVectors[] = {{".v2", 2}, {".v4", 4}, {".v8", 8}};

struct LinkageSpelling {
  std::string_view text;
  Linkage linkage;
};
constexpr LinkageSpelling kLinkages[] = {{".visible", Linkage::kVisible},
                                         {".extern", Linkage::kExtern},
                                         {".weak", Linkage::kWeak},
                                         {".common", Linkage::kCommon}};

struct SpaceSpelling {
  std::string_view text;
  Space space;
};
constexpr SpaceSpelling kSpaces[] = {{".global", Space::kGlobal},
                                     {".const", Space::kConst},
                                     {".shared", Space::kShared},
                                     {".local", Space::kLocal},
                                     {".tex", Space::kTex}};

template <typename Spelling, size_t kSize>
const Spelling* Lookup(const Spelling (&table)[kSize], std::string_view text) {
  for (const Spelling& spelling : table) {
    if (spelling.text == text) return &spelling;
  }
  return nullptr;
}

// Type, alignment, shape and name of a variable or parameter: what stands between the space and `=`, `,` or
// `;`.
struct Declarator {
  std::string_view name;
  Type type = Type::kNone;
  uint32_t element_size_bytes = 0;
  uint32_t vector = 1;
  uint32_t align_bytes = 0;
  bool is_managed = false;
  bool is_unsized = false;
  uint64_t count = 1;

  uint64_t size_bytes() const { return is_unsized ? 0 : uint64_t{element_size_bytes} * vector * count; }
  uint32_t effective_align_bytes() const {
    return align_bytes != 0 ? align_bytes : std::max<uint32_t>(1, element_size_bytes * vector);
  }
};

constexpr uint64_t kMaxVariableBytes = uint64_t{1}
                                       << 46;      // far above any device; keeps sums from overflowing
constexpr uint64_t kMaxParameterBytes = 64 << 10;  // above every limit that NVIDIA ever had (32764)

}  // namespace

class IndexBuilder {
 public:
  explicit IndexBuilder(std::string_view text) : cursor_(text) { index_.text_size_bytes_ = text.size(); }

  absl::StatusOr<ModuleIndex> Run() {
    for (Token token = cursor_.Peek(); token.kind != TokenKind::kEnd; token = cursor_.Peek()) {
      RETURN_IF_ERROR(Statements());
    }
    if (index_.version_.empty()) return Error("the module has no .version directive");
    if (index_.target_.empty()) return Error("the module has no .target directive");
    return std::move(index_);
  }

 private:
  using Handler = absl::Status (IndexBuilder::*)();
  struct Directive {
    std::string_view text;
    Handler handler;
  };
  static const Directive kDirectives[];

  absl::Status Error(std::string_view what) { return ErrorAt(cursor_.offset(), cursor_.line(), what); }
  absl::Status Unexpected(const Token& token, std::string_view wanted) {
    if (token.kind == TokenKind::kEnd) {
      return ErrorAt(cursor_.offset(), token.line,
                     absl::StrCat("the text ends where ", Show(wanted), " should stand"));
    }
    return ErrorAt(OffsetOf(token), token.line,
                   absl::StrCat("`", Show(token.text), "` stands where ", Show(wanted), " should"));
  }
  absl::Status ErrorAt(size_t offset, uint32_t line, std::string_view what) {
    return cursor_.ErrorAt(offset, line, what);
  }

  size_t OffsetOf(const Token& token) const { return token.text.data() - cursor_.text().data(); }

  absl::Status Expect(std::string_view punctuation) {
    const Token token = cursor_.Next();
    if (token.Is(punctuation)) return absl::OkStatus();
    return Unexpected(token, absl::StrCat("`", Show(punctuation), "`"));
  }
  bool Accept(std::string_view spelling) {
    if (!cursor_.Peek().Is(spelling)) return false;
    cursor_.Next();
    return true;
  }

  absl::Status Statements();
  absl::Status Version();
  absl::Status Target();
  absl::Status HeaderLine();
  absl::Status Pragma();
  absl::Status Section();
  absl::Status Kernel();
  absl::Status DeviceFunction();
  absl::Status Alias();
  absl::Status Variables(Space space);
  absl::Status SkipUnknown();

  absl::Status Body(Statement statement);
  absl::Status Declare(Declarator& declarator);
  absl::Status Shape(Declarator& declarator);
  absl::Status Attribute(Declarator& declarator);
  absl::Status ParameterList(bool is_kernel, IndexedKernel& kernel);
  absl::Status SkipParentheses();
  absl::Status Directives(LaunchDirectives& directives);
  absl::StatusOr<uint64_t> Number();
  absl::StatusOr<std::string_view> Identifier(std::string_view wanted);

  // A statement begins with the token that the cursor is at.
  void Begin() {
    const Token token = cursor_.Peek();
    size_t offset = OffsetOf(token);
    const std::string_view text = cursor_.text();
    const size_t start = offset;
    while (offset > previous_end_ && (text[offset - 1] == ' ' || text[offset - 1] == '\t')) --offset;
    if (offset != 0 && text[offset - 1] != '\n') offset = start;
    statement_ = {};
    statement_.range.offset = static_cast<uint32_t>(offset);
    statement_.range.line = token.line;
  }
  // Ends the statement where the cursor is, and adds what it names.
  void Finish(const Statement& statement) { Finish(std::span(&statement, 1)); }
  void Finish(std::span<const Statement> named) {
    cursor_.FinishLine();
    previous_end_ = cursor_.offset();
    for (Statement statement : named) {
      statement.range.size_bytes = cursor_.offset() - statement.range.offset;
      if (statement.head_size_bytes == 0) statement.head_size_bytes = statement.range.size_bytes;
      index_.Add(statement);
    }
  }

  Cursor cursor_;
  ModuleIndex index_;
  Statement statement_;  // the one being read: position and linkage
  size_t previous_end_ = 0;
};

const IndexBuilder::Directive IndexBuilder::kDirectives[] = {
    {".entry", &IndexBuilder::Kernel},
    {".func", &IndexBuilder::DeviceFunction},
    {".version", &IndexBuilder::Version},
    {".target", &IndexBuilder::Target},
    {".address_size", &IndexBuilder::HeaderLine},
    {".file", &IndexBuilder::HeaderLine},
    {".pragma", &IndexBuilder::Pragma},
    {".section", &IndexBuilder::Section},
    {".alias", &IndexBuilder::Alias},
};

absl::Status IndexBuilder::Statements() {
  if (Accept(";")) return absl::OkStatus();
  Begin();
  Token token = cursor_.Peek();
  // Lines of DWARF as CUDA 4 wrote them.
  if (token.Is("@")) {
    cursor_.Next();  // blanks in front of it may hold the end of another line
    cursor_.SkipLine();
    return absl::OkStatus();
  }
  if (token.kind != TokenKind::kDirective) return Unexpected(token, "a directive");
  while (const LinkageSpelling* linkage = Lookup(kLinkages, token.text)) {
    statement_.linkage = linkage->linkage;
    cursor_.Next();
    token = cursor_.Peek();
  }
  if (const SpaceSpelling* space = Lookup(kSpaces, token.text)) {
    cursor_.Next();
    return Variables(space->space);
  }
  if (const Directive* directive = Lookup(kDirectives, token.text)) {
    cursor_.Next();
    return (this->*directive->handler)();
  }
  return SkipUnknown();
}

absl::Status IndexBuilder::Version() {
  const Token number = cursor_.Next();
  if (number.kind != TokenKind::kNumber) return Unexpected(number, "a version such as 8.5");
  index_.version_ = std::string(number.text);
  Finish(statement_);
  return absl::OkStatus();
}

absl::Status IndexBuilder::Target() {
  if (index_.version_.empty()) return Error("the module does not begin with a .version directive");
  ASSIGN_OR_RETURN(const std::string_view target, Identifier("a target such as sm_80"));
  if (index_.target_.empty()) index_.target_ = std::string(target);
  while (Accept(",")) RETURN_IF_ERROR(Identifier("a target option"));
  Finish(statement_);
  return absl::OkStatus();
}

absl::Status IndexBuilder::HeaderLine() {
  if (cursor_.Peek().kind == TokenKind::kEnd) return Unexpected(cursor_.Peek(), "a number");
  RETURN_IF_ERROR(Number());
  if (cursor_.Peek().kind == TokenKind::kString) cursor_.Next();
  while (Accept(",")) RETURN_IF_ERROR(Number());
  Finish(statement_);
  return absl::OkStatus();
}

absl::Status IndexBuilder::Pragma() {
  do {
    const Token text = cursor_.Next();
    if (text.kind != TokenKind::kString) return Unexpected(text, "a string");
  } while (Accept(","));
  RETURN_IF_ERROR(Expect(";"));
  Finish(statement_);
  return absl::OkStatus();
}

// Debug information: nobody needs it to run a kernel.
absl::Status IndexBuilder::Section() {
  const Token name = cursor_.Next();
  if (name.kind != TokenKind::kDirective && name.kind != TokenKind::kIdentifier)
    return Unexpected(name, "a section");
  if (!cursor_.Peek().Is("{")) return Unexpected(cursor_.Next(), "`{`");
  const uint32_t line = cursor_.line();
  if (!cursor_.SkipBraces()) return ErrorAt(cursor_.offset(), line, "the section has no closing `}`");
  previous_end_ = cursor_.offset();
  return absl::OkStatus();
}

absl::Status IndexBuilder::Alias() {
  ASSIGN_OR_RETURN(statement_.name, Identifier("the name of a function"));
  RETURN_IF_ERROR(Expect(","));
  RETURN_IF_ERROR(Identifier("the name of a function"));
  RETURN_IF_ERROR(Expect(";"));
  statement_.kind = StatementKind::kAlias;
  statement_.is_definition = true;
  Finish(statement_);
  return absl::OkStatus();
}

// A directive of a later PTX ISA: up to `;`, the end of its braces or of its line, whatever comes first.
absl::Status IndexBuilder::SkipUnknown() {
  const Token first = cursor_.Next();
  while (true) {
    const Token token = cursor_.Peek();
    if (token.kind == TokenKind::kEnd || token.line != first.line) break;
    if (token.Is("{")) {
      if (!cursor_.SkipBraces())
        return ErrorAt(cursor_.offset(), token.line, "the statement has no closing `}`");
      break;
    }
    cursor_.Next();
    if (token.Is(";")) break;
  }
  previous_end_ = cursor_.offset();
  return absl::OkStatus();
}

absl::Status IndexBuilder::Kernel() {
  statement_.kind = StatementKind::kKernel;
  ASSIGN_OR_RETURN(statement_.name, Identifier("the name of a kernel"));
  IndexedKernel kernel;
  kernel.first_parameter = static_cast<uint32_t>(index_.parameters_.size());
  if (cursor_.Peek().Is("(")) RETURN_IF_ERROR(ParameterList(true, kernel));
  RETURN_IF_ERROR(Directives(kernel.directives));
  statement_.detail = static_cast<uint32_t>(index_.kernels_.size());
  index_.kernels_.push_back(kernel);
  return Body(statement_);
}

absl::Status IndexBuilder::DeviceFunction() {
  statement_.kind = StatementKind::kFunction;
  if (cursor_.Peek().Is("(")) RETURN_IF_ERROR(SkipParentheses());
  ASSIGN_OR_RETURN(statement_.name, Identifier("the name of a function"));
  if (cursor_.Peek().Is("(")) RETURN_IF_ERROR(SkipParentheses());
  LaunchDirectives ignored;
  RETURN_IF_ERROR(Directives(ignored));
  return Body(statement_);
}

absl::Status IndexBuilder::Body(Statement statement) {
  const Token token = cursor_.Peek();
  if (token.Is(";")) {
    cursor_.Next();
  } else if (token.Is("{")) {
    statement.is_definition = true;
    statement.head_size_bytes = static_cast<uint32_t>(OffsetOf(token)) - statement.range.offset;
    if (!cursor_.SkipBraces()) {
      return ErrorAt(OffsetOf(token), token.line,
                     absl::StrCat("the body of ", Show(statement.name), " has no closing `}`"));
    }
  } else {
    return Unexpected(token, "`{` or `;`");
  }
  Finish(statement);
  return absl::OkStatus();
}

absl::Status IndexBuilder::SkipParentheses() {
  const Token open = cursor_.Next();
  for (int depth = 1; depth != 0;) {
    const Token token = cursor_.Next();
    if (token.Is("(")) ++depth;
    if (token.Is(")")) --depth;
    if (token.kind == TokenKind::kEnd || token.Is("{") || token.Is(";")) {
      return ErrorAt(OffsetOf(open), open.line, "the `(` has no closing `)`");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> IndexBuilder::Number() {
  const Token token = cursor_.Next();
  uint64_t value = 0;
  if (token.kind != TokenKind::kNumber || !ParseUnsigned(token.text, value))
    return Unexpected(token, "a number");
  return value;
}

absl::StatusOr<std::string_view> IndexBuilder::Identifier(std::string_view wanted) {
  const Token token = cursor_.Next();
  if (token.kind != TokenKind::kIdentifier) return Unexpected(token, wanted);
  return token.text;
}

absl::Status IndexBuilder::Directives(LaunchDirectives& directives) {
  const struct {
    std::string_view text;
    uint32_t* values;
    int count;
  } kTable[] = {
      {".maxntid", directives.max_threads, 3},
      {".reqntid", directives.required_threads, 3},
      {".reqnctapercluster", directives.required_cluster, 3},
      {".minnctapersm", &directives.min_blocks_per_unit, 1},
      {".maxnctapersm", nullptr, 1},
      {".maxnreg", &directives.max_registers, 1},
      {".maxclusterrank", &directives.max_cluster_rank, 1},
  };
  while (cursor_.Peek().kind == TokenKind::kDirective) {
    const Token directive = cursor_.Next();
    if (directive.Is(".pragma")) {
      while (cursor_.Peek().kind == TokenKind::kString || cursor_.Peek().Is(",")) cursor_.Next();
      Accept(";");
      continue;
    }
    const auto entry = std::find_if(std::begin(kTable), std::end(kTable),
                                    [&](const auto& row) { return row.text == directive.text; });
    if (entry != std::end(kTable)) {
      uint32_t values[3] = {1, 1, 1};
      for (int i = 0; i < 3; ++i) {
        ASSIGN_OR_RETURN(const uint64_t value, Number());
        values[i] = static_cast<uint32_t>(std::min<uint64_t>(value, UINT32_MAX));
        if (!Accept(",")) break;
      }
      if (entry->values != nullptr) std::copy_n(values, entry->count, entry->values);
      continue;
    }
    // .noreturn, .explicitcluster, .attribute(...), and what later versions add: arguments do not begin with
    // a dot.
    while (true) {
      const Token token = cursor_.Peek();
      if (token.Is("(")) {
        RETURN_IF_ERROR(SkipParentheses());
      } else if (token.kind == TokenKind::kNumber || token.Is(",")) {
        cursor_.Next();
      } else {
        break;
      }
    }
  }
  return absl::OkStatus();
}

absl::Status IndexBuilder::ParameterList(bool is_kernel, IndexedKernel& kernel) {
  RETURN_IF_ERROR(Expect("("));
  if (Accept(")")) return absl::OkStatus();
  uint64_t offset = 0;
  do {
    const Token space = cursor_.Next();
    if (!space.Is(".param")) return Unexpected(space, "`.param`");
    Declarator declarator;
    RETURN_IF_ERROR(Declare(declarator));
    const uint64_t align = declarator.effective_align_bytes();
    offset = (offset + align - 1) & ~(align - 1);
    if (declarator.size_bytes() > kMaxParameterBytes ||
        offset > kMaxParameterBytes - declarator.size_bytes()) {
      return Error(absl::StrCat("the parameters of ", Show(statement_.name), " take more than ",
                                kMaxParameterBytes, " bytes"));
    }
    index_.parameters_.push_back({static_cast<uint32_t>(offset),
                                  static_cast<uint32_t>(declarator.size_bytes()),
                                  static_cast<uint32_t>(align)});
    offset += declarator.size_bytes();
    ++kernel.parameter_count;
  } while (Accept(","));
  kernel.param_size_bytes = static_cast<uint32_t>(offset);
  return Expect(")");
}

absl::Status IndexBuilder::Attribute(Declarator& declarator) {
  RETURN_IF_ERROR(Expect("("));
  if (cursor_.Peek().Is(".managed")) declarator.is_managed = true;
  for (int depth = 1; depth != 0;) {
    const Token token = cursor_.Next();
    if (token.Is("(")) ++depth;
    if (token.Is(")")) --depth;
    if (token.kind == TokenKind::kEnd || token.Is(";")) return Unexpected(token, "`)`");
  }
  return absl::OkStatus();
}

absl::Status IndexBuilder::Declare(Declarator& declarator) {
  while (cursor_.Peek().kind == TokenKind::kDirective) {
    const Token token = cursor_.Next();
    if (const TypeSpelling* type = Lookup(kTypes, token.text)) {
      declarator.type = type->type;
      declarator.element_size_bytes = type->size_bytes;
    } else if (const VectorSpelling* vector = Lookup(kVectors, token.text)) {
      declarator.vector = vector->count;
    } else if (token.Is(".align")) {
      ASSIGN_OR_RETURN(const uint64_t align, Number());
      // `.ptr .align 16` describes the memory behind a pointer, not the parameter, and stands behind the
      // type.
      if (declarator.type != Type::kNone) continue;
      if (align == 0 || (align & (align - 1)) != 0 || align > 4096) {
        return Error(absl::StrCat("an alignment is a power of two up to 4096 (", align, ")"));
      }
      declarator.align_bytes = static_cast<uint32_t>(align);
    } else if (token.Is(".attribute")) {
      RETURN_IF_ERROR(Attribute(declarator));
    }
    // .ptr, .global and so on behind it say nothing about the layout.
  }
  ASSIGN_OR_RETURN(declarator.name, Identifier("the name of a variable"));
  return Shape(declarator);
}

absl::Status IndexBuilder::Shape(Declarator& declarator) {
  bool is_first = true;
  while (Accept("[")) {
    if (Accept("]")) {
      if (!is_first) return Error("only the first dimension of an array can be left out");
      declarator.is_unsized = true;
    } else {
      ASSIGN_OR_RETURN(const uint64_t count, Number());
      RETURN_IF_ERROR(Expect("]"));
      if (__builtin_mul_overflow(declarator.count, count, &declarator.count) ||
          declarator.count > kMaxVariableBytes / 64) {
        return Error(absl::StrCat("the variable ", Show(declarator.name), " is absurdly large"));
      }
      // `.extern .shared .b8 s[0];` is how older toolkits wrote s[].
      if (count == 0 && is_first) declarator.is_unsized = true;
    }
    is_first = false;
  }
  if (declarator.type == Type::kNone)
    return Error(absl::StrCat("the variable ", Show(declarator.name), " has no type"));
  return absl::OkStatus();
}

absl::Status IndexBuilder::Variables(Space space) {
  Declarator declarator;
  RETURN_IF_ERROR(Declare(declarator));
  if (space == Space::kTex) {  // `.tex .u32 t;` is the old spelling of `.global .texref t;`
    declarator.type = Type::kTexref;
    declarator.element_size_bytes = 8;
  }
  std::vector<Statement> found;
  while (true) {
    IndexedVariable variable;
    variable.space = space == Space::kTex ? Space::kGlobal : space;
    variable.type = declarator.type;
    variable.is_managed = declarator.is_managed;
    variable.is_unsized = declarator.is_unsized;
    variable.align_bytes = declarator.effective_align_bytes();
    variable.element_size_bytes = declarator.element_size_bytes;
    variable.size_bytes = declarator.size_bytes();
    Statement statement = statement_;
    statement.kind = StatementKind::kVariable;
    statement.name = declarator.name;
    statement.is_definition = statement.linkage != Linkage::kExtern;
    if (Token token = cursor_.Peek(); token.Is("=")) {
      variable.has_initializer = true;
      statement.head_size_bytes = static_cast<uint32_t>(OffsetOf(token)) - statement.range.offset;
      cursor_.Next();
      token = cursor_.Peek();
      if (token.Is("{")) {
        if (!cursor_.SkipBraces()) {
          return ErrorAt(OffsetOf(token), token.line,
                         absl::StrCat("the initialiser of ", Show(declarator.name), " has no closing `}`"));
        }
      } else {
        for (int depth = 0; token.kind != TokenKind::kEnd; token = cursor_.Peek()) {
          if (depth == 0 && (token.Is(",") || token.Is(";"))) break;
          if (token.Is("(")) ++depth;
          if (token.Is(")")) --depth;
          cursor_.Next();
        }
      }
    }
    statement.detail = static_cast<uint32_t>(index_.variables_.size());
    index_.variables_.push_back(variable);
    found.push_back(statement);
    if (!Accept(",")) break;
    ASSIGN_OR_RETURN(declarator.name, Identifier("the name of a variable"));
    declarator.count = 1;
    declarator.is_unsized = false;
    RETURN_IF_ERROR(Shape(declarator));
  }
  RETURN_IF_ERROR(Expect(";"));
  for (const Statement& statement : found)
    index_.variables_[statement.detail].shares_statement = found.size() > 1;
  Finish(found);
  return absl::OkStatus();
}

absl::StatusOr<ModuleIndex> ModuleIndex::Build(std::string_view text) {
  if (text.size() >= UINT32_MAX)
    return absl::InvalidArgumentError("ptx:1:1: error: the module has 4 GiB or more");
  return IndexBuilder(text).Run();
}

}  // namespace tq::ptx
