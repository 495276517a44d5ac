// Facts that the generated tables must hold for those who index them.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "isa/isa.h"

namespace tq::ptx {
namespace {

#define HANDLER(name) #name,
constexpr std::string_view kHandlers[] = {
#include "isa/lower_handlers.inc"
};
#undef HANDLER

#define DEVICELIB_CALL(name, ...) #name,
constexpr std::string_view kCalls[] = {
#include "isa/devicelib_calls.inc"
};
#undef DEVICELIB_CALL

TEST(Table, FormsAreIndexedByIdAndGroupedByOpcode) {
  ASSERT_EQ(AllForms().size(), static_cast<size_t>(kFormCount));
  for (const Form& form : AllForms()) {
    EXPECT_EQ(&GetForm(IdOf(form)), &form);
    const auto own = FormsOf(form.opcode);
    EXPECT_TRUE(&form >= own.data() && &form < own.data() + own.size()) << form.syntax;
    EXPECT_EQ(form.syntax.substr(0, form.syntax.find_first_of(".{ ")), Spelling(form.opcode));
    EXPECT_EQ(FindOpcode(Spelling(form.opcode)), form.opcode);
  }
  EXPECT_EQ(FindOpcode("nop"), std::nullopt);
}

TEST(Table, SlotsAreDistinctAndEachHasItsModifier) {
  for (const Form& form : AllForms()) {
    EXPECT_LE(form.slots.size(), static_cast<size_t>(kMaxSlots));
    const std::set<Slot> slots(form.slots.begin(), form.slots.end());
    EXPECT_EQ(slots.size(), form.slots.size()) << form.syntax;
    int next = 0;
    for (const Modifier& modifier : form.modifiers) {
      EXPECT_FALSE(modifier.choices.empty());
      if (modifier.slot_index < 0) {
        EXPECT_EQ(modifier.choices.size(), 1u) << form.syntax;
      } else {
        EXPECT_EQ(modifier.slot_index, next++) << form.syntax;
      }
    }
    EXPECT_EQ(static_cast<size_t>(next), form.slots.size()) << form.syntax;
  }
}

TEST(Table, DestinationsComeFirst) {
  for (const Form& form : AllForms()) {
    bool has_source = false;
    for (const OperandSpec& operand : form.operands) {
      has_source |= !operand.destination;
      EXPECT_FALSE(has_source && operand.destination) << form.syntax;
    }
  }
}

TEST(Table, HandlersAndCallsAreListed) {
  for (const Form& form : AllForms()) {
    if (form.lower_kind == LowerKind::kCustom) {
      EXPECT_EQ(kHandlers[form.handler], form.lower);
    }
    if (form.lower_kind == LowerKind::kCall && form.lower.find('<') == std::string_view::npos) {
      EXPECT_NE(std::ranges::find(kCalls, form.lower), std::end(kCalls)) << form.lower;
    }
  }
  EXPECT_NE(std::ranges::find(kCalls, "tq_bfind_shiftamt_u64"), std::end(kCalls));
}

TEST(Suffix, IsFoundByItsSpellingAndNamesATypeOrSpace) {
  EXPECT_EQ(FindSuffix("L2::128B"), Suffix::kL2_128B);
  EXPECT_EQ(Spelling(Suffix::kL2_128B), "L2::128B");
  EXPECT_EQ(FindSuffix("NaN"), Suffix::kNaN);
  EXPECT_EQ(FindSuffix("nan"), Suffix::kNan);
  EXPECT_EQ(FindSuffix("Nan"), Suffix::kNone);
  EXPECT_EQ(FindSuffix(""), Suffix::kNone);
  EXPECT_EQ(TypeOf(Suffix::kF16x2), Type::kF16x2);
  EXPECT_EQ(TypeOf(Suffix::kRn), Type::kNone);
  EXPECT_EQ(SpaceOf(Suffix::kSharedCluster), Space::kShared);
  EXPECT_EQ(SpaceOf(Suffix::kF32), Space::kGeneric);
}

TEST(Suffix, TypesAreSpeltAsTheirSuffixes) {
  for (const Form& form : AllForms()) {
    for (const Modifier& modifier : form.modifiers) {
      for (const Suffix suffix : modifier.choices) {
        const Type type = TypeOf(suffix);
        if (type == Type::kNone || type == Type::kB4x16 || type == Type::kB6x16) continue;
        EXPECT_EQ(Spelling(type), Spelling(suffix));
      }
    }
  }
}

TEST(SpecialRegister, IsFoundByName) {
  EXPECT_EQ(FindSpecialRegister("%tid"), SpecialRegister::kTid);
  EXPECT_EQ(GetSpecialRegister(SpecialRegister::kTid).vector, 4);
  EXPECT_EQ(FindSpecialRegister("%envreg31"), SpecialRegister::kEnvreg31);
  EXPECT_EQ(GetSpecialRegister(SpecialRegister::kClock64).type, Type::kU64);
  EXPECT_EQ(FindSpecialRegister("%envreg32"), SpecialRegister::kNone);
}

TEST(Type, KnowsSizesAndClasses) {
  EXPECT_EQ(SizeBytes(Type::kB128), 16u);
  EXPECT_EQ(SizeBytes(Type::kBF16x2), 4u);
  EXPECT_EQ(SizeBits(Type::kPred), 0u);
  EXPECT_EQ(SizeBytes(Type::kTexref), 8u);
  EXPECT_TRUE(IsFloat(Type::kTF32));
  EXPECT_TRUE(IsSigned(Type::kS16x2));
  EXPECT_TRUE(IsPacked(Type::kS16x2));
  EXPECT_FALSE(IsBits(Type::kU8));
  EXPECT_EQ(Spelling(Space::kGeneric), "");
}

}  // namespace
}  // namespace tq::ptx
