#include "compiler/ir/module.h"

#include <memory>
#include <string>
#include <string_view>

#include "compiler/ir/concat.h"
#include "compiler/ir/diagnostics.h"
#include "compiler/ir/printer.h"
#include "compiler/parse/parser.h"
#include "gtest/gtest.h"

namespace tq::ptx {
namespace {

std::unique_ptr<Module> ParseLine(std::string_view line) {
  Diagnostics diagnostics;
  auto module = Parse(
      Concat(".version 9.0\n.target sm_120\n.entry k() { .reg .b32 %r<9>; .reg .b64 %rd<9>; .reg .f32 %f<9>; "
             ".reg .pred %p<9>;\n",
             line, "}"),
      diagnostics);
  EXPECT_FALSE(diagnostics.HasErrors()) << diagnostics.ToString();
  return module;
}

const Instruction& Only(const Module& module) { return module.functions[0].blocks[0].instructions.at(0); }

TEST(Instruction, GivesSuffixesAndTypesBySlot) {
  const auto module = ParseLine("setp.lt.and.ftz.f32 %p1|%p2, %f1, %f2, %p3;");
  const Instruction& setp = Only(*module);
  EXPECT_EQ(setp.Get(Slot::kCmp), Suffix::kLt);
  EXPECT_EQ(setp.Get(Slot::kBool), Suffix::kAnd);
  EXPECT_TRUE(setp.Has(Slot::kFtz));
  EXPECT_EQ(setp.GetType(Slot::kType), Type::kF32);
  EXPECT_EQ(setp.Get(Slot::kScope), Suffix::kNone);
  EXPECT_EQ(setp.GetType(Slot::kDtype), Type::kNone);
}

TEST(LowerName, FillsInSuffixesAndDropsEmptySlots) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"bmsk.wrap.b32 %r1, %r2, %r3;", "tq_bmsk_wrap_b32"},
      {"bfind.u64 %r1, %rd1;", "tq_bfind_u64"},
      {"bfind.shiftamt.s32 %r1, %r2;", "tq_bfind_shiftamt_s32"},
      {"min.f32 %f1, %f2, %f3;", "tq_min_f32"},
      {"min.NaN.f32 %f1, %f2, %f3;", "tq_min_NaN_f32"},
      {"min.ftz.NaN.xorsign.abs.f32 %f1, %f2, %f3;", "tq_min_NaN_xorsign_abs_f32"},
      {"add.f32 %f1, %f2, %f3;", "fadd"},
  };
  for (const auto& [line, name] : cases) EXPECT_EQ(LowerName(Only(*ParseLine(line))), name) << line;
}

TEST(Printer, WritesInstructionsInTheOrderOfTheTable) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"@!%p1 ex2.f32.ftz.approx %f1 , 0F3f800000;", "@!%p1 ex2.approx.ftz.f32 %f1, 0f3F800000;"},
      {"ld.v2.u32.global {%r1,_}, [%rd1 + -8];", "ld.global.v2.u32 {%r1, _}, [%rd1-8];"},
      {"mov.u32 %r1, %tid.y;", "mov.u32 %r1, %tid.y;"},
      {"add.s32 %r1, %r2, 0xffffffffffffffff;", "add.s32 %r1, %r2, -1;"},
      {"vadd.u32.u32.u32.sat %r1, %r2.b3, %r3.h1;", "vadd.u32.u32.u32.sat %r1, %r2.b3, %r3.h1;"},
      {"mov.f64 %rd1, 1.0;", "mov.f64 %rd1, 0d3FF0000000000000;"},
      {"ld.shared.u32 %r1, [16];", "ld.shared.u32 %r1, [16];"},
  };
  for (const auto& [line, printed] : cases) EXPECT_EQ(Print(Only(*ParseLine(line))), printed);
}

TEST(Diagnostics, KeepsNoMoreThanItMay) {
  Diagnostics diagnostics;
  for (size_t i = 0; i < 3 * Diagnostics::kMaxKept; ++i) diagnostics.Warning({1, 1}, "w");
  diagnostics.Error({2, 3}, "`x` is wrong.");
  EXPECT_EQ(diagnostics.list().size(), Diagnostics::kMaxKept + 1);
  EXPECT_EQ(diagnostics.error_count(), 1u);
  EXPECT_NE(diagnostics.ToString().find("ptx:2:3: error: `x` is wrong.\nptx: 400 more messages"),
            std::string::npos);
}

}  // namespace
}  // namespace tq::ptx
