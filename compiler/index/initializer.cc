#include "compiler/index/initializer.h"

#include <bit>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "compiler/index/cursor.h"
#include "compiler/index/number.h"

namespace tq::ptx {
namespace {

constexpr uint64_t kMaxInitializerBytes = uint64_t{1} << 32;
constexpr int kMaxNesting = 32;

// A constant, or an address plus a constant.
struct Value {
  bool is_float = false;
  double number = 0;
  uint32_t raw_size_bytes = 0;  // 4 or 8: a float whose bits are given in `bits`
  uint64_t bits = 0;
  std::string_view symbol;  // "" for a constant
  bool is_generic = false;
  uint64_t mask = ~uint64_t{0};
};

struct Operator {
  std::string_view text;
  int precedence;
};
// As in C. The lexer gives single characters: the second of `<<`, `==` and so on is read with the first.
constexpr Operator kOperators[] = {{"||", 1}, {"&&", 2}, {"|", 3},  {"^", 4},  {"&", 5},  {"==", 6},
                                   {"!=", 6}, {"<=", 7}, {">=", 7}, {"<<", 8}, {">>", 8}, {"<", 7},
                                   {">", 7},  {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10}};

class InitializerReader {
 public:
  // `text` is the statement's, whose first line is `line`; the initialiser stands behind its first
  // `head_bytes`.
  InitializerReader(const IndexedVariable& variable, std::vector<uint64_t> dims, std::string_view text,
                    size_t head_bytes, uint32_t line)
      : variable_(variable), dims_(std::move(dims)), cursor_(text, line) {
    while (cursor_.offset() < head_bytes) cursor_.Next();
  }

  absl::StatusOr<Initializer> Read() {
    if (cursor_.Peek().Is("{")) {
      cursor_.Next();
      RETURN_IF_ERROR(Group(0, 0, variable_.is_unsized ? kMaxInitializerBytes : variable_.size_bytes));
    } else {
      RETURN_IF_ERROR(Scalar(0));
    }
    if (!cursor_.Peek().Is(";")) return Error(cursor_.Peek(), "`;` should follow the initialiser");
    return std::move(out_);
  }

 private:
  absl::Status Error(const Token& token, std::string_view what) {
    const size_t offset =
        token.kind == TokenKind::kEnd ? cursor_.offset() : token.text.data() - cursor_.text().data();
    return cursor_.ErrorAt(offset, token.line, what);
  }

  // Bytes of one element of the array's dimension `level`: a row, or at the innermost level a scalar.
  uint64_t ElementBytes(size_t level) const {
    uint64_t size = variable_.element_size_bytes;
    for (size_t i = level + 1; i < dims_.size(); ++i) size *= dims_[i];
    return size;
  }

  absl::Status Group(size_t level, uint64_t at, uint64_t limit) {
    if (level > kMaxNesting) return Error(cursor_.Peek(), "the initialiser is nested too deeply");
    if (cursor_.Peek().Is("}")) {
      cursor_.Next();
      return absl::OkStatus();
    }
    const uint64_t row = ElementBytes(level);
    while (true) {
      const Token token = cursor_.Peek();
      if (token.Is("{")) {
        cursor_.Next();
        if (row > limit || at > limit - row) return Error(token, "the initialiser has too many elements");
        RETURN_IF_ERROR(Group(level + 1, at, at + row));
        at += row;
      } else {
        const uint32_t size = variable_.element_size_bytes;
        if (size > limit || at > limit - size) return Error(token, "the initialiser has too many elements");
        RETURN_IF_ERROR(Scalar(at));
        at += size;
      }
      const Token separator = cursor_.Next();
      if (separator.Is("}")) return absl::OkStatus();
      if (!separator.Is(","))
        return Error(separator, "`,` or `}` should follow an element of the initialiser");
    }
  }

  absl::Status Scalar(uint64_t at) {
    const Token token = cursor_.Peek();
    ASSIGN_OR_RETURN(const Value value, Expression(0, 0));
    const uint32_t size = variable_.element_size_bytes;
    if (out_.bytes.size() < at + size) out_.bytes.resize(at + size);
    if (!value.symbol.empty()) {
      // A masked address is one byte of it; otherwise the element must hold it.
      if (value.mask == ~uint64_t{0} && size != 4 && size != 8) {
        return Error(token, absl::StrCat("an address does not fit an element of ", size, " bytes"));
      }
      out_.references.push_back({at, size, std::string(value.symbol), static_cast<int64_t>(value.bits),
                                 value.is_generic, value.mask});
      return absl::OkStatus();
    }
    uint64_t bits = value.bits;
    if (value.raw_size_bytes != 0 && value.raw_size_bytes == size) {
      // as written
    } else if (variable_.type == Type::kF32) {
      bits = std::bit_cast<uint32_t>(static_cast<float>(AsFloat(value)));
    } else if (variable_.type == Type::kF64) {
      bits = std::bit_cast<uint64_t>(AsFloat(value));
    } else if (value.is_float) {
      // 0f... in an untyped variable keeps its bits (nvcc writes .b32 arrays so).
      bits = size == 8 ? std::bit_cast<uint64_t>(value.number)
                       : std::bit_cast<uint32_t>(static_cast<float>(value.number));
    }
    for (uint32_t i = 0; i < size && i < 8; ++i) out_.bytes[at + i] = static_cast<uint8_t>(bits >> (8 * i));
    return absl::OkStatus();
  }

  static double AsFloat(const Value& value) {
    return value.is_float ? value.number : static_cast<double>(static_cast<int64_t>(value.bits));
  }

  absl::StatusOr<Value> Primary(int depth) {
    const Token token = cursor_.Next();
    if (depth > kMaxNesting) return Error(token, "the expression is nested too deeply");
    Value value;
    if (token.Is("-") || token.Is("~") || token.Is("!") || token.Is("+")) {
      ASSIGN_OR_RETURN(value, Primary(depth + 1));
      if (!value.symbol.empty()) return Error(token, "an address takes only + and - of a constant");
      value.raw_size_bytes = 0;
      if (token.Is("-")) {
        value.bits = -value.bits;
        value.number = -value.number;
      } else if (token.Is("~")) {
        value.bits = ~value.bits;
      } else if (token.Is("!")) {
        value.bits = value.bits == 0;
      }
      return value;
    }
    if (token.Is("(")) {
      if (cursor_.Peek().kind == TokenKind::kDirective) {  // (.u64) casts change nothing that fits
        cursor_.Next();
        if (!cursor_.Next().Is(")")) return Error(token, "the cast has no closing `)`");
        return Primary(depth + 1);
      }
      ASSIGN_OR_RETURN(value, Expression(0, depth + 1));
      if (!cursor_.Next().Is(")")) return Error(token, "the `(` has no closing `)`");
      return value;
    }
    if (token.kind == TokenKind::kNumber) {
      if (ParseUnsigned(token.text, value.bits)) {
        if (!cursor_.Peek().Is("(")) return value;
        const uint64_t mask = value.bits;  // 0xFF00(symbol)
        ASSIGN_OR_RETURN(value, Primary(depth + 1));
        if (value.symbol.empty() || mask == 0) return Error(token, "a mask wants the address of a symbol");
        value.mask = mask;
        return value;
      }
      FloatConstant constant;
      if (!ParseFloat(token.text, constant)) {
        return Error(token, absl::StrCat("`", absl::string_view(token.text.data(), token.text.size()),
                                         "` is no number"));
      }
      value.is_float = true;
      value.number = constant.value;
      value.raw_size_bytes = constant.raw_size_bytes;
      value.bits = constant.raw_bits;
      return value;
    }
    if (token.Is("generic")) {
      if (!cursor_.Next().Is("(")) return Error(token, "generic wants a symbol in parentheses");
      ASSIGN_OR_RETURN(value, Expression(0, depth + 1));
      if (value.symbol.empty()) return Error(token, "generic wants the address of a symbol");
      if (!cursor_.Next().Is(")")) return Error(token, "generic has no closing `)`");
      value.is_generic = true;
      return value;
    }
    if (token.kind == TokenKind::kIdentifier && token.text[0] != '%') {
      value.symbol = token.text;
      return value;
    }
    return Error(token, "a constant or the name of a symbol should stand here");
  }

  const Operator* PeekOperator() {
    Cursor ahead = cursor_;
    const Token first = ahead.Next();
    const Token second = ahead.Next();
    for (const Operator& candidate : kOperators) {
      if (candidate.text.size() == 1
              ? first.Is(candidate.text)
              : first.Is(candidate.text.substr(0, 1)) && second.Is(candidate.text.substr(1)) &&
                    second.text.data() == first.text.data() + 1) {
        return &candidate;
      }
    }
    return nullptr;
  }

  absl::StatusOr<Value> Expression(int min_precedence, int depth) {
    ASSIGN_OR_RETURN(Value left, Primary(depth));
    while (const Operator* op = PeekOperator()) {
      if (op->precedence <= min_precedence) break;
      const Token token = cursor_.Next();
      if (op->text.size() == 2) cursor_.Next();
      ASSIGN_OR_RETURN(const Value right, Expression(op->precedence, depth + 1));
      ASSIGN_OR_RETURN(left, Apply(*op, left, right, token));
    }
    return left;
  }

  absl::StatusOr<Value> Apply(const Operator& op, Value left, Value right, const Token& token) {
    const bool is_sum = op.text == "+" || op.text == "-";
    if (!left.symbol.empty() || !right.symbol.empty()) {
      const bool is_offset = is_sum && right.symbol.empty() && !right.is_float;
      const bool is_reversed = op.text == "+" && left.symbol.empty() && !left.is_float;
      if (!is_offset && !is_reversed) return Error(token, "an address takes only + and - of a constant");
      if (is_reversed) std::swap(left, right);
      left.bits += op.text == "-" ? -right.bits : right.bits;
      return left;
    }
    if (left.is_float || right.is_float) {
      const double a = AsFloat(left), b = AsFloat(right);
      left.is_float = true;
      left.raw_size_bytes = 0;
      if (op.text == "+")
        left.number = a + b;
      else if (op.text == "-")
        left.number = a - b;
      else if (op.text == "*")
        left.number = a * b;
      else if (op.text == "/")
        left.number = a / b;
      else
        return Error(token, "a floating-point constant takes only + - * and /");
      return left;
    }
    const uint64_t a = left.bits, b = right.bits;
    if ((op.text == "/" || op.text == "%") && b == 0) return Error(token, "the expression divides by zero");
    const auto sa = static_cast<int64_t>(a), sb = static_cast<int64_t>(b);
    const bool overflows = sa == INT64_MIN && sb == -1;
    left.bits = op.text == "+"    ? a + b
                : op.text == "-"  ? a - b
                : op.text == "*"  ? a * b
                : op.text == "/"  ? (overflows ? a : static_cast<uint64_t>(sa / sb))
                : op.text == "%"  ? (overflows ? 0 : static_cast<uint64_t>(sa % sb))
                : op.text == "<<" ? (b < 64 ? a << b : 0)
                : op.text == ">>" ? static_cast<uint64_t>(sa >> (b < 64 ? b : 63))
                : op.text == "&"  ? a & b
                : op.text == "|"  ? a | b
                : op.text == "^"  ? a ^ b
                : op.text == "&&" ? uint64_t{a != 0 && b != 0}
                : op.text == "||" ? uint64_t{a != 0 || b != 0}
                : op.text == "==" ? uint64_t{a == b}
                : op.text == "!=" ? uint64_t{a != b}
                : op.text == "<=" ? uint64_t{sa <= sb}
                : op.text == ">=" ? uint64_t{sa >= sb}
                : op.text == "<"  ? uint64_t{sa < sb}
                                  : uint64_t{sa > sb};
    return left;
  }

  const IndexedVariable& variable_;
  const std::vector<uint64_t> dims_;
  Cursor cursor_;
  Initializer out_;
};

// The numbers in brackets behind the name. An empty first dimension is 0. A vector is one more dimension.
std::vector<uint64_t> Dimensions(const Statement& statement, std::string_view head, uint32_t& vector) {
  std::vector<uint64_t> dims;
  Cursor cursor(head);
  Token token = cursor.Next();
  for (; token.kind != TokenKind::kEnd; token = cursor.Next()) {
    if (token.Is(".v2")) vector = 2;
    if (token.Is(".v4")) vector = 4;
    if (token.Is(".v8")) vector = 8;
    if (token.kind == TokenKind::kIdentifier && token.text == statement.name) break;
  }
  while (cursor.Next().Is("[")) {
    uint64_t count = 0;
    if (const Token number = cursor.Next(); !number.Is("]")) {
      ParseUnsigned(number.text, count);
      cursor.Next();
    }
    dims.push_back(count);
  }
  return dims;
}

}  // namespace

absl::StatusOr<Initializer> ReadInitializer(const ModuleIndex& index, const Statement& statement,
                                            std::string_view text) {
  const IndexedVariable& variable = index.Variable(statement);
  if (!variable.has_initializer) return Initializer();
  if (text.size() != index.text_size_bytes())
    return absl::InternalError("the text is not the one that was indexed");
  if (variable.shares_statement)
    return Unsupported("the initialiser of one of several variables in a statement");
  if (variable.element_size_bytes > 8 || variable.type == Type::kTexref ||
      variable.type == Type::kSamplerref || variable.type == Type::kSurfref) {
    return Initializer();  // sampler state: `{ addr_mode_0 = ... }` is texture policy, not memory
  }
  const std::string_view range = text.substr(statement.range.offset, statement.range.size_bytes);
  uint32_t vector = 1;
  std::vector<uint64_t> dims = Dimensions(statement, range.substr(0, statement.head_size_bytes), vector);
  if (vector != 1) dims.push_back(vector);
  return InitializerReader(variable, std::move(dims), range, statement.head_size_bytes + 1,
                           statement.range.line)
      .Read();
}

}  // namespace tq::ptx
