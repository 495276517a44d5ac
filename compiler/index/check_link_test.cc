#include "compiler/index/check_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "compiler/index/system_calls.h"

namespace tq::ptx {
namespace {

using ::testing::ElementsAre;

class CheckLinkTest : public ::testing::Test {
 protected:
  void Add(std::string_view name, std::string body, bool is_of_library = false) {
    texts_.push_back(".version 8.0\n.target sm_80\n.address_size 64\n" + std::move(body));
    indexes_.push_back(*ModuleIndex::Build(texts_.back()));
    units_.push_back({{&indexes_.back(), texts_.back()}, name, is_of_library});
  }
  std::string Check(const NameSet& outside = {}) { return CheckLink(units_, outside, IsSystemCall); }

  std::deque<std::string> texts_;
  std::deque<ModuleIndex> indexes_;
  std::vector<NamedUnit> units_;
};

TEST_F(CheckLinkTest, NamesWhatNobodyDefines) {
  Add("a",
      ".extern .func f();\n.extern .global .u32 x;\n.extern .func unused();\n"
      ".entry k() { call f; ld.global.u32 %r1, [x]; }\n");
  EXPECT_EQ(Check(),
            "error   : Undefined reference to 'f' in 'a'\nerror   : Undefined reference to 'x' in 'a'\n");
  EXPECT_EQ(Check({"x"}), "error   : Undefined reference to 'f' in 'a'\n");
  Add("b", ".visible .func f() { ret; }\n.visible .global .u32 x;\n");
  EXPECT_EQ(Check(), "");
}

TEST_F(CheckLinkTest, WhatAUnitKeepsToItselfDefinesNothingForOthers) {
  Add("a", ".extern .func f();\n.entry k() { call f; }\n");
  Add("b", ".func f() { ret; }\n");
  EXPECT_EQ(Check(), "error   : Undefined reference to 'f' in 'a'\n");
}

TEST_F(CheckLinkTest, TheDeviceProvidesItsOwnFunctionsAndSharedMemory) {
  Add("a",
      ".extern .func vprintf();\n.extern .shared .b8 buffer[];\n"
      ".entry k() { call vprintf; ld.shared.u32 %r1, [buffer]; }\n");
  EXPECT_EQ(Check(), "");
}

TEST_F(CheckLinkTest, NamesWhatIsDefinedTwice) {
  Add("a",
      ".visible .func f() { ret; }\n.visible .global .u32 x;\n.weak .func w() { ret; }\n.common .global .u32 "
      "c;\n");
  Add("b",
      ".visible .func f() { ret; }\n.global .u32 x;\n.visible .func w() { ret; }\n.common .global .u32 c;\n");
  EXPECT_EQ(Check(), "error   : Multiple definition of 'f' in 'b', first defined in 'a'\n");
}

TEST_F(CheckLinkTest, LibrariesGiveWhatIsNeeded) {
  Add("other", ".visible .func f() { ret; }\n", true);
  Add("main", ".extern .func f();\n.entry k() { call f; }\n");
  Add("second", ".visible .func f() { ret; }\n", true);
  Add("chain", ".visible .func g() { ret; }\n", true);
  EXPECT_THAT(ChooseUnits(units_), ElementsAre(0, 1));
  Add("more", ".extern .func g();\n.entry m() { call g; }\n");
  EXPECT_THAT(ChooseUnits(units_), ElementsAre(0, 1, 3, 4));
}

}  // namespace
}  // namespace tq::ptx
