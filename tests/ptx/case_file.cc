#include "tests/ptx/case_file.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/ptx/handle_line.h"
#include "tests/ptx/matrix_case.h"

namespace tq::ptx_test {
namespace {

constexpr char kHeader[] = ".version 9.0\n.target sm_121\n.address_size 64\n";

std::string Trim(absl::string_view text) { return std::string(absl::StripAsciiWhitespace(text)); }

bool IsFloat(const std::string& type) { return type == "f32" || type == "f64"; }

template <typename To, typename From>
To BitCast(From from) {
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

uint64_t Mask(const std::string& type) {
  const uint32_t bits = 8 * SizeBytes(type);
  return bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
}

double AsDouble(const std::string& type, uint64_t bits) {
  return type == "f32" ? BitCast<float>(static_cast<uint32_t>(bits)) : BitCast<double>(bits);
}

// A number with an optional `:type`; hexadecimal ones are bit patterns.
absl::StatusOr<Value> ParseValue(std::string text, const std::string& default_type) {
  Value value;
  value.type = default_type;
  const size_t colon = text.rfind(':');
  if (colon != std::string::npos) {
    value.type = Trim(text.substr(colon + 1));
    text = Trim(text.substr(0, colon));
  }
  if (SizeBytes(value.type) == 0)
    return absl::InvalidArgumentError(absl::StrCat("no such type (", value.type, ")"));
  if (text == "true" || text == "false") {
    value.bits = text == "true";
    return value;
  }
  if (IsFloat(value.type) && !absl::StartsWith(text, "0x")) {
    double number;
    if (text == "nan") {
      value.any_nan = true;
      number = std::nan("");
    } else if (!absl::SimpleAtod(text, &number)) {
      return absl::InvalidArgumentError(absl::StrCat("not a number (", text, ")"));
    }
    value.bits =
        value.type == "f32" ? BitCast<uint32_t>(static_cast<float>(number)) : BitCast<uint64_t>(number);
    return value;
  }
  char* end = nullptr;
  const bool negative = absl::StartsWith(text, "-");
  value.bits = std::strtoull(text.c_str() + negative, &end, 0);
  if (end == text.c_str() + negative || *end != '\0') {
    return absl::InvalidArgumentError(absl::StrCat("not a number (", text, ")"));
  }
  if (negative) value.bits = 0 - value.bits;
  value.bits &= Mask(value.type);
  return value;
}

// `[1, 2, 7 x 3, 0..31]:type` or one value.
absl::StatusOr<Argument> ParseArgument(const std::string& text) {
  Argument argument;
  if (!absl::StartsWith(text, "[")) {
    absl::StatusOr<Value> value = ParseValue(text, "u32");
    if (!value.ok()) return value.status();
    argument.values.push_back(*value);
    return argument;
  }
  argument.is_buffer = true;
  const size_t close = text.rfind(']');
  if (close == std::string::npos) return absl::InvalidArgumentError("list without ]");
  std::string type = Trim(text.substr(close + 1));
  type = type.empty() ? "u32" : Trim(absl::StripPrefix(type, ":"));
  for (absl::string_view piece : absl::StrSplit(text.substr(1, close - 1), ',')) {
    std::string item = Trim(piece);
    if (item.empty()) continue;
    uint64_t repeat = 1, steps = 1;
    const size_t times = item.find(" x "), range = item.find("..");
    if (times != std::string::npos) {
      repeat = std::strtoull(item.c_str() + times + 3, nullptr, 0);
      item = Trim(item.substr(0, times));
    } else if (range != std::string::npos) {
      const uint64_t last = std::strtoull(item.c_str() + range + 2, nullptr, 0);
      item = Trim(item.substr(0, range));
      steps = last - std::strtoull(item.c_str(), nullptr, 0) + 1;
    }
    absl::StatusOr<Value> value = ParseValue(item, type);
    if (!value.ok()) return value.status();
    for (uint64_t i = 0; i < repeat; ++i) {
      for (uint64_t step = 0; step < steps; ++step) {
        argument.values.push_back(*value);
        if (steps > 1) argument.values.back().bits += step;
      }
    }
  }
  return argument;
}

// Splits at commas outside of [ ].
std::vector<std::string> SplitArguments(const std::string& text) {
  std::vector<std::string> pieces;
  std::string current;
  int depth = 0;
  for (char c : text) {
    depth += (c == '[') - (c == ']');
    if (c == ',' && depth == 0) {
      pieces.push_back(Trim(current));
      current.clear();
    } else {
      current += c;
    }
  }
  if (!Trim(current).empty()) pieces.push_back(Trim(current));
  return pieces;
}

// ---- `form:` lines: one instruction becomes a kernel whose thread i computes row i ----

struct FormLine {
  std::string result, mnemonic;
  std::vector<std::string> operands;  // types, or immediates as written
};

bool IsType(const std::string& text) { return SizeBytes(text) != 0; }

std::string RegisterType(const std::string& type) {
  if (type == "pred") return "pred";
  switch (SizeBytes(type)) {
    case 1:
    case 2:
      return "b16";
    case 4:
      return type == "f32" ? "f32" : "b32";
    default:
      return type == "f64" ? "f64" : "b64";
  }
}

std::string KernelOfForm(const FormLine& form, const std::string& name) {
  std::string declarations, loads, operands, body;
  size_t index = 0;
  for (const std::string& operand : form.operands) {
    if (!IsType(operand)) {
      absl::StrAppend(&operands, ", ", operand);
      continue;
    }
    const std::string reg = absl::StrCat("%a", index);
    const size_t offset = 8 * index++;
    absl::StrAppend(&declarations, "  .reg .", RegisterType(operand), " ", reg, ";\n");
    absl::StrAppend(&operands, ", ", reg);
    if (operand == "pred") {
      absl::StrAppend(&loads, "  ld.global.b32 %t, [%in+", offset, "];\n  setp.ne.b32 ", reg, ", %t, 0;\n");
    } else {
      absl::StrAppend(&loads, "  ld.global.b", 8 * SizeBytes(operand), " ", reg, ", [%in+", offset, "];\n");
    }
  }
  absl::StrAppend(&declarations, "  .reg .", RegisterType(form.result), " %d;\n");
  absl::StrAppend(&body, "  ", form.mnemonic, " %d", operands, ";\n");
  if (form.result == "pred") {
    absl::StrAppend(&body, "  selp.b32 %t, 1, 0, %d;\n  st.global.b32 [%out], %t;\n");
  } else {
    absl::StrAppend(&body, "  st.global.b", 8 * std::max(1u, SizeBytes(form.result)), " [%out], %d;\n");
  }
  return absl::StrCat(".visible .entry ", name,
                      "(.param .u64 out, .param .u64 in) {\n  .reg .b64 %in, %out;\n",
                      "  .reg .b32 %i, %t;\n", declarations,
                      "  ld.param.u64 %out, [out];\n  ld.param.u64 %in, [in];\n  mov.u32 %i, %tid.x;\n",
                      "  mad.wide.u32 %in, %i, ", 8 * std::max<size_t>(1, index), ", %in;\n",
                      "  mad.wide.u32 %out, %i, 8, %out;\n", loads, body, "  ret;\n}\n");
}

// `s32 = add.s32(s32, s32)`
absl::StatusOr<FormLine> ParseForm(const std::string& text) {
  const size_t equals = text.find('='), open = text.find('('), close = text.rfind(')');
  if (equals == std::string::npos || open == std::string::npos || close == std::string::npos ||
      open < equals) {
    return absl::InvalidArgumentError("expected `type = mnemonic(types)`");
  }
  FormLine form;
  form.result = Trim(text.substr(0, equals));
  form.mnemonic = Trim(text.substr(equals + 1, open - equals - 1));
  form.operands = SplitArguments(text.substr(open + 1, close - open - 1));
  if (!IsType(form.result))
    return absl::InvalidArgumentError(absl::StrCat("no such type (", form.result, ")"));
  return form;
}

// Rows of one form become one run: a thread for each.
class FormLaunch {
 public:
  explicit FormLaunch(FormLine form, std::string kernel)
      : form_(std::move(form)), kernel_(std::move(kernel)) {}

  // `(7, 3) == 10` or `(0.5) ~= 0.47943 @ 1e-6`
  absl::Status AddRow(const std::string& text) {
    const bool approximate = text.find("~=") != std::string::npos;
    const size_t at = text.find(approximate ? "~=" : "=="), close = text.rfind(')', at);
    if (!absl::StartsWith(text, "(") || at == std::string::npos || close == std::string::npos) {
      return absl::InvalidArgumentError("expected `(values) == value`");
    }
    const std::vector<std::string> values = SplitArguments(text.substr(1, close - 1));
    size_t next = 0;
    for (const std::string& operand : form_.operands) {
      if (!IsType(operand)) continue;
      if (next == values.size()) return absl::InvalidArgumentError("too few values");
      absl::StatusOr<Value> value = ParseValue(values[next++], operand);
      if (!value.ok()) return value.status();
      inputs_.push_back(*value);
      inputs_.back().type = "b64";
    }
    std::string expected = Trim(text.substr(at + 2));
    double tolerance = 0;
    if (const size_t mark = expected.find('@'); mark != std::string::npos) {
      if (!absl::SimpleAtod(Trim(expected.substr(mark + 1)), &tolerance)) {
        return absl::InvalidArgumentError("expected a tolerance");
      }
      expected = Trim(expected.substr(0, mark));
    }
    if (next != values.size()) return absl::InvalidArgumentError("too many values");
    absl::StatusOr<Value> value = ParseValue(expected, form_.result);
    if (!value.ok()) return value.status();
    value->tolerance = tolerance;
    expected_.push_back(*value);
    return absl::OkStatus();
  }

  Launch Finish(uint32_t line) const {
    Launch launch;
    launch.line = line;
    launch.kernel = kernel_;
    launch.threads = static_cast<uint32_t>(expected_.size());
    launch.arguments.push_back({true, inputs_});
    launch.expected = expected_;
    return launch;
  }

  bool empty() const { return expected_.empty(); }

 private:
  FormLine form_;
  std::string kernel_;
  std::vector<Value> inputs_, expected_;
};

// `kernel<<<2, 64>>>(arguments) == values`
absl::StatusOr<Launch> ParseLaunch(const std::string& text) {
  Launch launch;
  const size_t at = text.rfind("=="), open = text.find('('), close = text.rfind(')', at);
  if (at == std::string::npos || open == std::string::npos || close == std::string::npos || close < open) {
    return absl::InvalidArgumentError("expected `kernel(arguments) == values`");
  }
  launch.kernel = Trim(text.substr(0, open));
  if (const size_t chevrons = launch.kernel.find("<<<"); chevrons != std::string::npos) {
    const std::string shape = launch.kernel.substr(chevrons + 3);
    launch.blocks = static_cast<uint32_t>(std::strtoul(shape.c_str(), nullptr, 0));
    const size_t threads = shape.find(',') + 1, cluster = shape.find(',', threads);
    launch.threads = static_cast<uint32_t>(std::strtoul(shape.c_str() + threads, nullptr, 0));
    if (cluster != std::string::npos) {
      launch.cluster = static_cast<uint32_t>(std::strtoul(shape.c_str() + cluster + 1, nullptr, 0));
    }
    launch.kernel.resize(chevrons);
  }
  for (const std::string& argument : SplitArguments(text.substr(open + 1, close - open - 1))) {
    absl::StatusOr<Argument> parsed = ParseArgument(argument);
    if (!parsed.ok()) return parsed.status();
    launch.arguments.push_back(*std::move(parsed));
  }
  absl::StatusOr<Argument> expected = ParseArgument(Trim(text.substr(at + 2)));
  if (!expected.ok()) return expected.status();
  launch.expected = std::move(expected->values);
  return launch;
}

// The mnemonics of the instructions in the kernels' text.
std::vector<std::string> FormsIn(const std::string& ptx) {
  std::set<std::string> forms;
  for (absl::string_view line : absl::StrSplit(ptx, '\n')) {
    line = line.substr(0, line.find("//"));
    for (absl::string_view piece : absl::StrSplit(line, absl::ByAnyChar(";{}"))) {
      std::string statement = Trim(piece);
      if (absl::StartsWith(statement, "@"))
        statement = Trim(statement.substr(std::min(statement.find(' '), statement.size())));
      const std::string word = statement.substr(0, statement.find_first_of(" \t"));
      if (!word.empty() && std::islower(static_cast<unsigned char>(word[0])) && word.back() != ':')
        forms.insert(word);
    }
  }
  return {forms.begin(), forms.end()};
}

absl::StatusOr<std::vector<Value>> ParseValues(const std::string& text) {
  absl::StatusOr<Argument> argument = ParseArgument(Trim(text));
  if (!argument.ok()) return argument.status();
  return std::move(argument->values);
}

constexpr std::pair<const char*, tq_texture_kind> kHandleLines[] = {
    {"// texture:", TQ_TEXTURE_TEXTURE},
    {"// sampler:", TQ_TEXTURE_SAMPLER},
    {"// surface:", TQ_TEXTURE_SURFACE},
};

}  // namespace

uint32_t SizeBytes(const std::string& type) {
  static const std::map<std::string, uint32_t>& sizes = *new std::map<std::string, uint32_t>{
      {"b8", 1},   {"u8", 1},   {"s8", 1},  {"b16", 2}, {"u16", 2}, {"s16", 2},   {"f16", 2},
      {"bf16", 2}, {"b32", 4},  {"u32", 4}, {"s32", 4}, {"f32", 4}, {"f16x2", 4}, {"bf16x2", 4},
      {"tf32", 4}, {"pred", 4}, {"b64", 8}, {"u64", 8}, {"s64", 8}, {"f64", 8},   {"f32x2", 8},
  };
  const auto found = sizes.find(type);
  return found == sizes.end() ? 0 : found->second;
}

bool Matches(const Value& expected, uint64_t actual) {
  actual &= Mask(expected.type);
  if (!IsFloat(expected.type)) return actual == expected.bits;
  const double got = AsDouble(expected.type, actual), want = AsDouble(expected.type, expected.bits);
  if (expected.any_nan) return std::isnan(got);
  if (expected.tolerance == 0 || !std::isfinite(want)) return actual == expected.bits;
  return std::fabs(got - want) <= expected.tolerance * std::max(std::fabs(want), 1e-30);
}

std::string ToText(const Value& value) {
  std::string text = absl::StrFormat("0x%x:%s", value.bits & Mask(value.type), value.type);
  if (IsFloat(value.type)) absl::StrAppend(&text, " (", AsDouble(value.type, value.bits), ")");
  return text;
}

absl::StatusOr<CaseFile> ReadCaseFile(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  CaseFile file;
  std::string line, kernels, matrix_kernels;
  std::vector<FormLaunch> forms;
  uint32_t number = 0;
  auto fail = [&](const absl::Status& status) {
    return absl::InvalidArgumentError(absl::StrCat(path, ":", number, ": ", std::string(status.message())));
  };
  auto finish_form = [&] {
    if (!forms.empty() && !forms.back().empty()) file.launches.push_back(forms.back().Finish(number));
    forms.clear();
  };
  while (std::getline(stream, line)) {
    ++number;
    absl::StrAppend(&file.ptx, line, "\n");
    absl::string_view text = absl::StripAsciiWhitespace(line);
    for (const auto& [prefix, kind] : kHandleLines) {
      if (!absl::ConsumePrefix(&text, prefix)) continue;
      absl::StatusOr<HandleVariable> variable = ParseHandleLine(kind, std::string(text), ParseValues);
      if (!variable.ok()) return fail(variable.status());
      file.handles.push_back(*std::move(variable));
    }
    if (absl::ConsumePrefix(&text, "// form:")) {
      finish_form();
      absl::StatusOr<FormLine> form = ParseForm(Trim(text));
      if (!form.ok()) return fail(form.status());
      const std::string name = absl::StrCat("form_", number);
      absl::StrAppend(&kernels, KernelOfForm(*form, name));
      forms.emplace_back(*std::move(form), name);
    } else if (absl::StartsWith(text, "// matrix:") || absl::StartsWith(text, "// wmma:")) {
      const auto build = absl::ConsumePrefix(&text, "// matrix:") ? BuildMatrixCase : BuildWmmaCase;
      absl::ConsumePrefix(&text, "// wmma:");
      absl::StatusOr<MatrixCase> built = build(Trim(text), absl::StrCat("matrix_", number), number);
      if (!built.ok()) return fail(built.status());
      absl::StrAppend(&matrix_kernels, built->kernel);
      file.launches.push_back(std::move(built->launch));
      file.launches.back().line = number;
      file.launches.back().ptx =
          absl::StrCat(".version 9.0\n.target ", built->target, "\n.address_size 64\n", built->kernel);
    } else if (absl::ConsumePrefix(&text, "// variable:")) {
      const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
      absl::StatusOr<Argument> contents = ParseArgument(Trim(parts.second));
      if (!contents.ok()) return fail(contents.status());
      file.variables.emplace_back(Trim(parts.first), std::move(contents->values));
    } else if (absl::ConsumePrefix(&text, "// run:")) {
      const std::string rest = Trim(text);
      if (absl::StartsWith(rest, "(")) {
        if (forms.empty()) return fail(absl::InvalidArgumentError("row without a form"));
        const absl::Status added = forms.back().AddRow(rest);
        if (!added.ok()) return fail(added);
        continue;
      }
      absl::StatusOr<Launch> launch = ParseLaunch(rest);
      if (!launch.ok()) return fail(launch.status());
      launch->line = number;
      file.launches.push_back(*std::move(launch));
    }
  }
  finish_form();
  if (file.ptx.find(".version") == std::string::npos) file.ptx = kHeader + file.ptx;
  file.ptx += kernels;
  file.forms = FormsIn(file.ptx + matrix_kernels);
  return file;
}

}  // namespace tq::ptx_test
