#include "compiler/ir/verifier.h"

#include <string>
#include <string_view>

#include "compiler/ir/concat.h"
#include "compiler/parse/parser.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tq::ptx {
namespace {

using testing::HasSubstr;

std::string Messages(std::string_view text) {
  Diagnostics diagnostics;
  const auto module = Parse(text, diagnostics);
  EXPECT_FALSE(diagnostics.HasErrors()) << diagnostics.ToString();
  Verify(*module, diagnostics);
  return diagnostics.ToString();
}

// `line` stands on line 6.
std::string MessagesOf(std::string_view line) {
  return Messages(Concat(
      ".version 7.8\n.target sm_80\n.shared .u32 s; .const .u32 c; .func (.param .b32 r) f (.param .b64 a);\n"
      ".entry k() { .reg .pred %p; .reg .b16 %h<9>; .reg .b32 %r<9>; .reg .b64 %rd<9>; .reg .f32 %f<9>; .reg "
      ".v2 .f32 v;\n"
      ".reg .u32 %u; .reg .f64 %d; .param .b32 p32; .param .b64 p64;\n",
      line, "\n}\n"));
}

TEST(Verifier, AcceptsRegistersOfEqualSizeAndWiderOnesWhereTheManualDoes) {
  for (const std::string_view line : {
           "add.s32 %r1, %u, 5;",
           "add.s32 %r1, %r2+5, %u+-1;",
           "mov.b32 %f1, %r1;",
           "ld.shared.u8 %rd1, [s];",
           "ld.shared.u16 %r1, [s];",
           "st.shared.u8 [s], %r1;",
           "cvt.u32.u8 %rd1, %r1;",
           "mul.wide.s32 %rd1, %r1, %r2;",
           "fma.rn.f16 %h1, %h2, %h3, %h4;",
           "mov.b64 %rd1, {%r1, %r2};",
           "mov.b64 {%h1, %h2, %h3, %h4}, %rd1;",
           "ld.shared.v2.f32 v, [s];",
           "ld.shared.v4.b32 {%r1, %r2, _, %f1}, [s];",
           "cvta.shared.u64 %rd1, s;",
           "call (p32), f, (p64);",
           "call (%r1), f, (%rd1);",
           "selp.b32 %f1, %f2, %r1, %p;",
           "popc.b64 %r1, %rd1;",
           "mov.u64 %rd1, s;",
           "atom.shared.cas.b32 %r1, [s], %r2, %r3;",
       }) {
    EXPECT_EQ(MessagesOf(line), "") << line;
  }
}

struct Case {
  std::string_view line, message;
};

TEST(Verifier, RefusesWhatHasNoMeaning) {
  const Case cases[] = {
      {"add.s32 %r1, %r2, %rd1;",
       "ptx:6:19: error: operand 3 of `add` (`%rd1`) has 64 bits where the instruction has 32"},
      {"add.s32 %rd1, %r1, %r2;",
       "error: operand 1 of `add` (`%rd1`) has 64 bits where the instruction has 32"},
      {"ld.shared.u64 %r1, [s];",
       "error: operand 1 of `ld` (`%r1`) has 32 bits where the instruction has 64"},
      {"mul.wide.s32 %r1, %r2, %r3;",
       "error: operand 1 of `mul` (`%r1`) has 32 bits where the instruction has 64"},
      {"ld.shared.u32 %r1, [%h1];", "error: operand 2 of `ld`: `%h1` (.b16) is no address."},
      {"ld.shared.u32 %r1, [%f1];", "error: operand 2 of `ld`: `%f1` (.f32) is no address."},
      {"ld.global.u32 %r1, [s];",
       "error: operand 2 of `ld`: `s` is in .shared and the instruction is for .global."},
      {"st.shared.u32 [c], %r1;",
       "error: operand 1 of `st`: `c` is in .const and the instruction is for .shared."},
      {"ld.shared.v2.u32 {%r1, %r2, %r3}, [s];",
       "error: operand 1 of `ld` has 3 elements where the instruction has .v2."},
      {"ld.shared.u32 {%r1, %r2}, [s];",
       "error: operand 1 of `ld` has 2 elements where the instruction has one."},
      {"ld.shared.v8.b64 {%rd1, %rd1, %rd1, %rd1, %rd1, %rd1, %rd1, %rd1}, [s];",
       "error: operand 1 of `ld` has 64 bytes; an access has no more than 32."},
      {"mov.b64 %rd1, {%r1, %h1};",
       "error: operand 2 of `mov`: 2 elements of 16 bits are not the instruction's 64."},
      {"cvta.shared.u64 %h1, s;", "error: operand 1 of `cvta` (`%h1`) is no address: it is .b16."},
      {"mov.b32 %r1, v;", "error: operand 2 of `mov` (`v`) is a vector."},
      {"call f, (p64);", "error: the call has 0 results where the function has 1."},
      {"call (p32), f;", "error: the call has 0 arguments where the function has 1."},
      {"T: .branchtargets L; L: call %rd1, T;",
       "error: the call of a register has neither .callprototype nor .calltargets."},
      {"add.f32 %f1, %f2+1, %f3;", "error: operand 2 of `add` (`%f2`) cannot have a constant added to it."},
      {"add.s32 %r1+1, %r2, %r3;", "error: operand 1 of `add` (`%r1`) cannot have a constant added to it."},
      {"call (p32), f, (p32);", "error: argument 1 of the call has 4 bytes where the function has 8."},
  };
  for (const Case& c : cases) EXPECT_THAT(MessagesOf(c.line), HasSubstr(c.message)) << c.line;
}

TEST(Verifier, WarnsWherePtxasWouldRefuseThoughTheMeaningIsPlain) {
  EXPECT_THAT(
      MessagesOf("add.s32 %f1, %r1, %r2;"),
      HasSubstr("ptx:6:9: warning: operand 1 of `add` (`%f1`) is .f32 where the instruction has .s32."));
  const std::string newer = MessagesOf("elect.sync %r1|%p, %r2;\nelect.sync %r1|%p, %r2;");
  EXPECT_EQ(newer,
            "ptx:6:1: warning: `elect.sync d|p, membermask` is of PTX 8.0 and sm_90, the module of PTX 7.8 "
            "and sm_80.\n");
}

TEST(Verifier, MarksTheFunctionAndNoOther) {
  Diagnostics diagnostics;
  const auto module =
      Parse(".version 7.8\n.target sm_80\n.entry a() { .reg .b64 %x; not.b32 %x, %x; }\n.entry b() { ret; }",
            diagnostics);
  Verify(*module, diagnostics);
  EXPECT_TRUE(module->FindFunction("a")->invalid);
  EXPECT_FALSE(module->FindFunction("b")->invalid);
}

}  // namespace
}  // namespace tq::ptx
