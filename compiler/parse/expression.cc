#include "compiler/parse/expression.h"

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>

#include "compiler/ir/concat.h"

namespace tq::ptx {
namespace {

using Kind = Operand::ImmediateKind;

constexpr int kMaxDepth = 200;  // of nested parentheses and unary operators; the parser recurses
constexpr uint64_t kWarpSize = 32;

struct BinaryOperator {
  std::string_view spelling;
  int precedence;
};
constexpr BinaryOperator kBinary[] = {
    {"||", 1}, {"&&", 2}, {"|", 3},  {"^", 4},  {"&", 5}, {"==", 6}, {"!=", 6}, {"<", 7},  {">", 7},
    {"<=", 7}, {">=", 7}, {"<<", 8}, {">>", 8}, {"+", 9}, {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10},
};

int Precedence(const Token& token) {
  if (token.kind != TokenKind::kPunctuation) return 0;
  for (const BinaryOperator& op : kBinary) {
    if (op.spelling == token.text) return op.precedence;
  }
  return 0;
}

Constant Integer(uint64_t bits, bool is_unsigned = false) { return {Kind::kInteger, is_unsigned, bits}; }
Constant Double(double value) { return {Kind::kFloat64Bits, false, std::bit_cast<uint64_t>(value)}; }

class ExpressionParser {
 public:
  ExpressionParser(Lexer& lexer, Diagnostics& diagnostics) : lexer_(lexer), diagnostics_(diagnostics) {}

  std::optional<Constant> Conditional() {
    if (++depth_ > kMaxDepth) return Fail("within the nesting that a constant expression may have");
    const std::optional<Constant> value = ConditionalAtDepth();
    --depth_;
    return value;
  }

 private:
  std::optional<Constant> ConditionalAtDepth() {
    const std::optional<Constant> value = Binary(1);
    if (!value || lexer_.Peek().punctuation != '?') return value;
    lexer_.Next();
    const bool chosen = value->AsDouble() != 0;
    const std::optional<Constant> if_true = Conditional();
    if (!if_true || !Expect(':')) return std::nullopt;
    const std::optional<Constant> if_false = Conditional();
    if (!if_false) return std::nullopt;
    return chosen ? if_true : if_false;
  }

  std::nullopt_t Fail(std::string_view expected) {
    const Token& token = lexer_.Peek();
    diagnostics_.Error(token.location, Concat("`", token.text, "` is not ", expected, "."));
    return std::nullopt;
  }

  bool Expect(char punctuation) {
    if (lexer_.Peek().punctuation != punctuation) {
      Fail(Concat("the `", std::string_view(&punctuation, 1), "` of a constant expression"));
      return false;
    }
    lexer_.Next();
    return true;
  }

  std::optional<Constant> Binary(int min_precedence) {
    std::optional<Constant> left = Unary();
    while (left) {
      const int precedence = Precedence(lexer_.Peek());
      if (precedence == 0 || precedence < min_precedence) return left;
      const Token op = lexer_.Next();
      const std::optional<Constant> right = Binary(precedence + 1);
      if (!right) return std::nullopt;
      left = Apply(op, *left, *right);
    }
    return left;
  }

  std::optional<Constant> Unary() {
    if (++depth_ > kMaxDepth) return Fail("within the nesting that a constant expression may have");
    const std::optional<Constant> value = UnaryAtDepth();
    --depth_;
    return value;
  }

  std::optional<Constant> UnaryAtDepth() {
    const Token token = lexer_.Peek();
    switch (token.punctuation) {
      case '+':
        lexer_.Next();
        return Unary();
      case '-': {
        lexer_.Next();
        std::optional<Constant> value = Unary();
        if (value && value->kind == Kind::kInteger) return Integer(-value->bits, value->is_unsigned);
        if (value && value->kind == Kind::kFloat32Bits) value->bits ^= uint64_t{1} << 31;
        if (value && value->kind == Kind::kFloat64Bits) value->bits ^= uint64_t{1} << 63;
        return value;
      }
      case '!': {
        lexer_.Next();
        const std::optional<Constant> value = Unary();
        if (!value) return value;
        return Integer(value->AsDouble() == 0);
      }
      case '~': {
        lexer_.Next();
        const std::optional<Constant> value = Unary();
        if (value && value->kind != Kind::kInteger) return Fail("an operand of `~`, which is an integer");
        return value ? std::optional(Integer(~value->bits, value->is_unsigned)) : value;
      }
      case '(': {
        lexer_.Next();
        // A cast: (.s64) or (.u64).
        if (lexer_.Peek().kind == TokenKind::kDirective) {
          const std::string_view type = lexer_.Next().text;
          if (type != "s64" && type != "u64") return Fail("a cast to .s64 or .u64");
          if (!Expect(')')) return std::nullopt;
          const std::optional<Constant> value = Unary();
          if (value && value->kind != Kind::kInteger)
            return Fail("an operand of a cast, which is an integer");
          return value ? std::optional(Integer(value->bits, type == "u64")) : value;
        }
        const std::optional<Constant> value = Conditional();
        if (!value || !Expect(')')) return std::nullopt;
        return value;
      }
      default:
        break;
    }
    if (token.kind == TokenKind::kInteger) return lexer_.Next(), Integer(token.bits, token.is_unsigned);
    if (token.kind == TokenKind::kFloat32)
      return lexer_.Next(), Constant{Kind::kFloat32Bits, false, token.bits};
    if (token.kind == TokenKind::kFloat64)
      return lexer_.Next(), Constant{Kind::kFloat64Bits, false, token.bits};
    if (token.text == "WARP_SZ") return lexer_.Next(), Integer(kWarpSize);
    return Fail("a constant");
  }

  std::optional<Constant> Apply(const Token& op, const Constant& left, const Constant& right) {
    if (left.kind != Kind::kInteger || right.kind != Kind::kInteger) return ApplyDouble(op, left, right);
    const uint64_t a = left.bits, b = right.bits;
    const int64_t sa = static_cast<int64_t>(a), sb = static_cast<int64_t>(b);
    const bool is_unsigned = left.is_unsigned || right.is_unsigned;
    const bool less = is_unsigned ? a < b : sa < sb;
    const char c = op.text[0];
    if (op.text == "||") return Integer(a != 0 || b != 0);
    if (op.text == "&&") return Integer(a != 0 && b != 0);
    if (op.text == "==") return Integer(a == b);
    if (op.text == "!=") return Integer(a != b);
    if (op.text == "<=") return Integer(less || a == b);
    if (op.text == ">=") return Integer(!less);
    if (op.text == "<<") return Integer(b > 63 ? 0 : a << b, left.is_unsigned);
    if (op.text == ">>") {
      const uint64_t count = b > 63 ? 63 : b;
      if (!left.is_unsigned) return Integer(static_cast<uint64_t>(sa >> count));
      return Integer(b > 63 ? 0 : a >> b, true);
    }
    switch (c) {
      case '<':
        return Integer(less);
      case '>':
        return Integer(!less && a != b);
      case '|':
        return Integer(a | b, is_unsigned);
      case '^':
        return Integer(a ^ b, is_unsigned);
      case '&':
        return Integer(a & b, is_unsigned);
      case '+':
        return Integer(a + b, is_unsigned);
      case '-':
        return Integer(a - b, is_unsigned);
      case '*':
        return Integer(a * b, is_unsigned);
      default:
        break;
    }
    if (b == 0) {
      diagnostics_.Error(op.location, "a constant expression divides by zero.");
      return std::nullopt;
    }
    // INT64_MIN / -1 overflows; the quotient wraps and the remainder is zero, as in two's complement.
    if (!is_unsigned && sb == -1) return Integer(c == '/' ? -a : 0);
    if (c == '/') return Integer(is_unsigned ? a / b : static_cast<uint64_t>(sa / sb), is_unsigned);
    return Integer(is_unsigned ? a % b : static_cast<uint64_t>(sa % sb), is_unsigned);
  }

  std::optional<Constant> ApplyDouble(const Token& op, const Constant& left, const Constant& right) {
    const double a = left.AsDouble(), b = right.AsDouble();
    if (op.text == "+") return Double(a + b);
    if (op.text == "-") return Double(a - b);
    if (op.text == "*") return Double(a * b);
    if (op.text == "/") return Double(a / b);
    if (op.text == "<") return Integer(a < b);
    if (op.text == ">") return Integer(a > b);
    if (op.text == "<=") return Integer(a <= b);
    if (op.text == ">=") return Integer(a >= b);
    if (op.text == "==") return Integer(a == b);
    if (op.text == "!=") return Integer(a != b);
    diagnostics_.Error(op.location, Concat("`", op.text, "` does not take floating-point constants."));
    return std::nullopt;
  }

  Lexer& lexer_;
  Diagnostics& diagnostics_;
  int depth_ = 0;
};

}  // namespace

double Constant::AsDouble() const {
  switch (kind) {
    case Kind::kFloat32Bits:
      return std::bit_cast<float>(static_cast<uint32_t>(bits));
    case Kind::kFloat64Bits:
      return std::bit_cast<double>(bits);
    case Kind::kInteger:
      break;
  }
  return is_unsigned ? static_cast<double>(bits) : static_cast<double>(static_cast<int64_t>(bits));
}

std::optional<Constant> ParseConstant(Lexer& lexer, Diagnostics& diagnostics) {
  return ExpressionParser(lexer, diagnostics).Conditional();
}

}  // namespace tq::ptx
