#include "compiler/parse/form_match.h"

#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tq::ptx {
namespace {

using testing::HasSubstr;

Suffix Chosen(std::string_view name, Slot slot) {
  const NameMatch match = MatchName(name);
  if (match.candidates.empty()) return Suffix::kNone;
  const int index = GetForm(match.candidates[0].form).SlotIndex(slot);
  return index < 0 ? Suffix::kNone : match.candidates[0].suffixes[index];
}

TEST(FormMatch, FillsSlotsInAnyOrder) {
  for (const std::string_view name :
       {"ld.global.cs.nc.v2.s32", "ld.v2.nc.cs.global.s32", "ld.s32.nc.v2.cs.global"}) {
    EXPECT_EQ(Chosen(name, Slot::kSpace), Suffix::kGlobal) << name;
    EXPECT_EQ(Chosen(name, Slot::kCop), Suffix::kCs) << name;
    EXPECT_EQ(Chosen(name, Slot::kVec), Suffix::kV2) << name;
    EXPECT_EQ(Chosen(name, Slot::kType), Suffix::kS32) << name;
  }
}

TEST(FormMatch, KeepsTheOrderOfTypes) {
  EXPECT_EQ(Chosen("cvt.f64.s32.rn", Slot::kDtype), Suffix::kF64);
  EXPECT_EQ(Chosen("cvt.f64.s32.rn", Slot::kAtype), Suffix::kS32);
  EXPECT_EQ(Chosen("cvt.rzi.s32.f64", Slot::kDtype), Suffix::kS32);
  EXPECT_EQ(Chosen("set.eq.u32.f32", Slot::kDtype), Suffix::kU32);
  EXPECT_EQ(Chosen("slct.f32.s32", Slot::kCtype), Suffix::kS32);
}

TEST(FormMatch, TakesALiteralTypeAsTheTypeSlot) {
  EXPECT_EQ(Chosen("add.rn.ftz.f32", Slot::kType), Suffix::kF32);
  EXPECT_EQ(Chosen("add.rn.ftz.f32", Slot::kFtz), Suffix::kFtz);
  EXPECT_EQ(Chosen("add.f32", Slot::kFtz), Suffix::kNone);
}

TEST(FormMatch, GivesAllFormsThatOperandsTellApart) {
  EXPECT_EQ(MatchName("cp.async.ca.shared.global").candidates.size(), 2u);
  EXPECT_EQ(MatchName("min.NaN.f32").candidates.size(), 2u);  // two and three sources
}

TEST(FormMatch, SaysWhyANameIsWrong) {
  const auto error = [](std::string_view name) { return MatchName(name).error; };
  EXPECT_EQ(error("frobnicate.u32"), "`frobnicate` is not a PTX instruction.");
  EXPECT_EQ(error("add.fast.f32"), "`.fast` is not a PTX modifier (`add.fast.f32`).");
  EXPECT_EQ(error("add.global.u32"), "`.global` is not a modifier of `add` (`add.global.u32`).");
  EXPECT_THAT(error("add.sat.u64"),
              HasSubstr("no form of `add` has the modifiers of `add.sat.u64`; the nearest is `add"));
  EXPECT_THAT(error("mul.u32"), HasSubstr("`mul."));
  EXPECT_THAT(error("add"), HasSubstr("no form of `add`"));
  EXPECT_THAT(error(""), HasSubstr("is not a PTX instruction"));
  EXPECT_THAT(error("add..u32"), HasSubstr("is not a PTX modifier"));
}

TEST(NameMatcher, RemembersNames) {
  NameMatcher matcher;
  const NameMatch& first = matcher.Find("add.s32");
  ASSERT_EQ(first.candidates.size(), 1u);
  const FormId form = first.candidates[0].form;
  matcher.Find("add.f32");
  EXPECT_EQ(matcher.Find("add.s32").candidates[0].form, form);
}

}  // namespace
}  // namespace tq::ptx
