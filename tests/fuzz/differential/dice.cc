#include "tests/fuzz/differential/dice.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "tests/fuzz/differential/operations.h"

namespace tq::fuzz {
namespace {

constexpr RegisterClass kClasses[] = {
    {'b', ".b32", 6, 4, nullptr},  {'l', ".b64", 3, 8, nullptr}, {'h', ".b16", 2, 2, nullptr},
    {'f', ".f32", 4, 4, "f32"},    {'d', ".f64", 2, 8, "f64"},   {'e', ".b16", 2, 2, "f16"},
    {'x', ".b32", 2, 4, nullptr},  {'z', ".b16", 2, 2, "bf16"},  {'y', ".b32", 2, 4, nullptr},
    {'p', ".pred", 4, 0, nullptr},
};

constexpr const char* kIntegers[] = {"0",  "1",   "-1",         "2",           "31",         "32",
                                     "33", "255", "0x7fffffff", "-2147483648", "0xffff0000", "12345"};
constexpr const char* kFloats[] = {"0f00000000", "0f80000000", "0f3F800000", "0fBF800000",
                                   "0f7F800000", "0f00000001", "0f7F7FFFFF", "0f3F000000",
                                   "0f40490FDB", "0f4B800000", "0f7FC00000", "0f80800000"};
constexpr const char* kDoubles[] = {"0d0000000000000000", "0d8000000000000000", "0d3FF0000000000000",
                                    "0dBFF0000000000000", "0d7FF0000000000000", "0d0000000000000001",
                                    "0d7FEFFFFFFFFFFFFF", "0d3FE0000000000000"};

constexpr MemoryForm kMemoryForms[] = {
    {"ld.S.<u8|s8> $b, [A]", "st.S.u8 [A], :b", 1},
    {"ld.S.<u16|s16> $b, [A]", "st.S.u16 [A], :b", 2},
    {"ld.S.<u32|s32|b32> $b, [A]", "st.S.b32 [A], :b", 4},
    {"ld.S.<u32|s32> $l, [A]", "st.S.b32 [A], :b", 4},
    {"ld.S.b64 $l, [A]", "st.S.b64 [A], :l", 8},
    {"ld.S.v2.b32 {$b, $b}, [A]", "st.S.v2.b32 [A], {:b, :b}", 8},
    {"ld.S.v2.u16 {$h, $h}, [A]", "st.S.v2.b16 [A], {:h, :h}", 4},
    {"ld.S.v4.b32 {$b, $b, $b, $b}, [A]", "st.S.v4.b32 [A], {:b, :b, :b, :b}", 16},
    {"ld.S.v2.b64 {$l, $l}, [A]", "st.S.v2.b64 [A], {:l, :l}", 16},
    {"ld.S.v4.u8 {$b, $b, $b, $b}, [A]", "st.S.v4.u8 [A], {:b, :b, :b, :b}", 4},
    {"ld.volatile.S.u32 $b, [A]", "st.volatile.S.u32 [A], :b", 4},
};

}  // namespace

std::span<const RegisterClass> RegisterClasses() { return kClasses; }
std::span<const MemoryForm> MemoryForms() { return kMemoryForms; }

const RegisterClass& ClassOf(char name) {
  for (const RegisterClass& c : kClasses) {
    if (c.name == name) return c;
  }
  return kClasses[0];
}

std::string Dice::Register(char name) {
  return absl::StrCat("%", std::string(1, name), Below(ClassOf(name).count));
}

std::string Dice::Source(char name) {
  if (!Chance(15)) return Register(name);
  switch (name) {
    case 'b':
    case 'l':
      return Pick(kIntegers);
    case 'f':
      return Pick(kFloats);
    case 'd':
      return Pick(kDoubles);
    default:
      return Register(name);
  }
}

std::string Dice::Expand(std::string_view pattern) {
  std::string out;
  std::set<std::string> written;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '<') {
      const size_t end = pattern.find('>', i);
      std::string_view choices = pattern.substr(i + 1, end - i - 1);
      size_t count = 1;
      for (char choice : choices) count += choice == '|';
      for (size_t skip = Below(static_cast<uint32_t>(count)); skip != 0; --skip)
        choices = choices.substr(choices.find('|') + 1);
      out += choices.substr(0, choices.find('|'));
      i = end;
    } else if (c == '$') {
      std::string destination = Register(pattern[++i]);
      while (!written.insert(destination).second) destination = Register(pattern[i]);
      out += destination;
    } else if (c == ':') {
      out += Source(pattern[++i]);
    } else if (c == '#') {
      uint32_t bound = 0;
      for (; i + 1 < pattern.size() && pattern[i + 1] >= '0' && pattern[i + 1] <= '9'; ++i)
        bound = bound * 10 + static_cast<uint32_t>(pattern[i + 1] - '0');
      absl::StrAppend(&out, Below(bound));
    } else {
      out += c;
    }
  }
  return out + ";";
}

std::string Dice::Guard() {
  return Chance(20) ? absl::StrCat("@", Chance(40) ? "!" : "", Register('p'), " ") : "";
}

std::string Dice::Access(std::string_view pattern, const std::string& space, const std::string& address) {
  std::string text(pattern);
  text.replace(text.find(".S"), 2, space);
  std::string line = Expand(text);
  line.replace(line.find("[A]"), 3, absl::StrCat("[", address, "]"));
  return line;
}

Statement Dice::Instruction() {
  const std::string guard = Guard();
  return Line(guard + Expand(Pick(ThreadOperations())));
}

}  // namespace tq::fuzz
