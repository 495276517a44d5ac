// What the parser says about wrong texts, and that one wrong function leaves the others alone.
#include <memory>
#include <string>
#include <string_view>

#include "compiler/ir/concat.h"
#include "compiler/parse/parser.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tq::ptx {
namespace {

using testing::HasSubstr;

std::string Errors(std::string_view text) {
  Diagnostics diagnostics;
  Parse(text, diagnostics);
  return diagnostics.ToString();
}

// `line` stands on line 4, from column 1.
std::string ErrorsInBody(std::string_view line) {
  return Errors(
      Concat(".version 8.0\n.target sm_80\n.entry k(.param .u32 p) { .reg .b32 %r<9>; .reg .pred %p; .reg "
             ".f32 %f;\n",
             line, "\n}\n"));
}

struct Case {
  std::string_view line, message;
};

TEST(ParserDiagnostics, NameTheTokenTheInstructionAndWhatWasExpected) {
  const Case cases[] = {
      {"add.s32 %r1, %r2;", "ptx:4:1: error: `add.s32` takes 3 operands (`add.<type> d, a, b`), not 2.\n"},
      {"add.s32 %r1, %r2, [%r3];",
       "ptx:4:1: error: operand 3 of `add.s32` cannot be a memory reference (`add.<type> d, a, b`).\n"},
      {"add.s32 5, %r1, %r2;",
       "ptx:4:1: error: operand 1 of `add.s32` cannot be a constant (`add.<type> d, a, b`).\n"},
      {"add.s32 %r1, %r2, %p;",
       "ptx:4:1: error: operand 3 of `add.s32` cannot be a predicate (`add.<type> d, a, b`).\n"},
      {"add.s32 %r1, %r2, !%r3;",
       "ptx:4:1: error: operand 3 of `add.s32` cannot be negated a register (`add.<type> d, a, b`).\n"},
      {"add.s32 %r1, %r2, %r99;", "ptx:4:19: error: `%r99` is not declared.\n"},
      {"add.s32 %r1, %r2, %r3", "ptx:5:1: error: `}` is not the `;` after an instruction.\n"},
      {"add.s32 %r1 %r2, %r3;", "ptx:4:13: error: `%r2` is not the `;` after an instruction.\n"},
      {"ld.global.u32 %r1, [%p];",
       "ptx:4:21: error: the base of an address is not a register or variable.\n"},
      {"ld.global.u32 %r1, [nowhere];", "ptx:4:21: error: `nowhere` is not declared.\n"},
      {"ld.global.u32 %r1, [%r2;", "ptx:4:24: error: `;` is not the `]` of an address.\n"},
      {"ld.global.v2.u32 {%r1, %r2, [%r3];", "ptx:4:29: error: `[` is not a constant.\n"},
      {"@%r1 ret;", "ptx:4:2: error: guard `%r1` is not a predicate register.\n"},
      {"bra nowhere;", "ptx:4:5: error: label `nowhere` is not defined.\n"},
      {"brx.idx %r1, nowhere;", "ptx:4:14: error: label `nowhere` is not defined.\n"},
      {"call nowhere;", "ptx:4:6: error: function `nowhere` is not declared.\n"},
      {"L: L: ret;", "ptx:4:4: error: label `L` is defined twice in its scope.\n"},
      {".reg .b32 %r<2>;", "ptx:4:11: error: register `%r` is declared twice in its scope.\n"},
      {".reg .b33 %x;", "ptx:4:6: error: `.b33` is not a PTX directive, state space or type.\n"},
      {".shared .align 3 .b8 s[4];", "ptx:4:9: error: .align (3) is not a power of two.\n"},
      {".shared .b8 s[1 / 0];", "ptx:4:17: error: a constant expression divides by zero.\n"},
      {"mov.b32 %r1, v.x;", "ptx:4:14: error: `v` is not declared.\n"},
      {"mov.b32 %r1, %r2.x;", "ptx:4:17: error: `.x` is not an element or part of this register.\n"},
      {"mov.b32 %r1, `;", "ptx:4:14: error: ``` is not a constant.\n"},
      {"5;", "ptx:4:1: error: `5` is not a statement.\n"},
      {"mul.s32 %r1, %r2, %r3;",
       "ptx:4:1: error: no form of `mul` has the modifiers of `mul.s32`; the nearest is `mul.lo.<type> d, a, "
       "b`.\n"},
  };
  for (const Case& c : cases) EXPECT_THAT(ErrorsInBody(c.line), HasSubstr(c.message)) << c.line;
}

TEST(ParserDiagnostics, CoverTheModuleLevel) {
  const Case cases[] = {
      {".version eight", "ptx:1:10: error: `eight` is not a PTX version, as in `8.5`.\n"},
      {".target vs_2005", "ptx:1:9: error: `vs_2005` is not a target.\n"},
      {".target sm_x", "ptx:1:9: error: `sm_x` is not a target.\n"},
      {".bogus 1;", "ptx:1:1: error: `.bogus` is not a PTX directive, state space or type.\n"},
      {"ret;", "ptx:1:1: error: `ret` is not a directive.\n"},
      {".global .u32 x[2] = {1, 2, 3};", "ptx:1:28: error: `3` is not within the 2 elements of the array.\n"},
      {".global .u32 x[2] = {{1}};",
       "ptx:1:22: error: `{` is not a value: the array has no such dimension.\n"},
      {".global .u64 x = y;", "ptx:1:18: error: `y` is neither a variable nor a function.\n"},
      {".global .b8 x[99999999999999];", "error: variable `x` is larger than"},
      {".global .u32 x; .global .u32 x;", "ptx:1:30: error: `x` is declared twice.\n"},
      {".global .u32 x; .func x;", "ptx:1:23: error: `x` is declared as a variable and as a function.\n"},
      {".func f { ret; } .func f { ret; }", "ptx:1:24: error: function `f` is defined twice.\n"},
      {".alias a, b;", "ptx:1:8: error: `b`, which .alias names, is not a function.\n"},
      {".func f {", "ptx:1:10: error: the text ends inside of function `f`.\n"},
      {".func f (.global .u32 a);", "a parameter is neither .param nor .reg."},
      {".entry k() .bogus { ret; }", "ptx:1:12: error: `.bogus` is not a directive of a function.\n"},
  };
  for (const Case& c : cases) EXPECT_THAT(Errors(c.line), HasSubstr(c.message)) << c.line;
}

TEST(ParserDiagnostics, OneBadFunctionLeavesTheOthersAlone) {
  Diagnostics diagnostics;
  const auto module = Parse(
      ".version 8.0\n.target sm_80\n"
      ".entry a() { ret; }\n"
      ".entry b() { frob; { add.s32 x; } ld.v2.u32 {x, y; }\n"
      ".entry c() .bogus { ret; }\n"
      ".entry d() { .reg .b32 %r; mov.b32 %r, {%r; ret;\n}\n"
      ".global .bogus x;\n"
      ".entry e() { ret; }\n",
      diagnostics);
  const auto invalid = [&](std::string_view name) { return module->FindFunction(name)->invalid; };
  EXPECT_FALSE(invalid("a"));
  EXPECT_TRUE(invalid("b"));
  EXPECT_TRUE(invalid("c"));
  EXPECT_TRUE(invalid("d"));
  EXPECT_FALSE(invalid("e"));
  EXPECT_EQ(module->FindFunction("e")->blocks.at(0).instructions.size(), 1u);
  EXPECT_TRUE(module->invalid);
}

TEST(ParserDiagnostics, GoOnBehindABadInstruction) {
  const std::string errors = ErrorsInBody("frob;\nnop.x;\nadd.s32 %r1, %r2, %r3;\nfrob;");
  EXPECT_THAT(errors, HasSubstr("ptx:4:1: error: `frob` is not a PTX instruction.\n"));
  EXPECT_THAT(errors, HasSubstr("ptx:5:1: error: `nop` is not a PTX instruction.\n"));
  EXPECT_THAT(errors, HasSubstr("ptx:7:1: error: `frob` is not a PTX instruction.\n"));
}

TEST(ParserDiagnostics, GiveUpOnAFunctionThatIsNoPtx) {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += "frob;\n";
  Diagnostics diagnostics;
  const auto module = Parse(Concat(".entry a() { { ", body, " } }\n.entry b() { ret; }"), diagnostics);
  EXPECT_LT(diagnostics.error_count(), 30u);
  EXPECT_THAT(diagnostics.ToString(), HasSubstr("function `a` has too many errors"));
  EXPECT_FALSE(module->FindFunction("b")->invalid);
}

TEST(ParserDiagnostics, LimitNestingOfScopesAndInitializers) {
  EXPECT_THAT(ErrorsInBody(std::string(100000, '{')), HasSubstr("256 scopes"));
  EXPECT_THAT(Errors(Concat(".global .u32 x", std::string(64, '['), "1] = ", std::string(100000, '{'))),
              HasSubstr("error"));
}

}  // namespace
}  // namespace tq::ptx
