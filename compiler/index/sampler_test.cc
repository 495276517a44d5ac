#include "compiler/index/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/texture_abi.h"

namespace tq::ptx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<SamplerState> Read(const std::string& initializer) {
  const std::string text =
      ".version 8.0\n.target sm_80, texmode_independent\n.global .samplerref s" + initializer + ";\n";
  const auto index = ModuleIndex::Build(text);
  if (!index.ok()) return index.status();
  return ReadSampler(*index, *index->Find("s"), text);
}

TEST(Sampler, ClampsToTheEdgeUnlessToldOtherwise) {
  const auto state = Read("");
  ASSERT_TRUE(state.ok());
  EXPECT_THAT(state->address_mode, ElementsAre(TQ_ADDRESS_CLAMP, TQ_ADDRESS_CLAMP, TQ_ADDRESS_CLAMP));
  EXPECT_EQ(state->filter, TQ_FILTER_NEAREST);
  EXPECT_FALSE(state->force_unnormalized);
}

TEST(Sampler, EveryFieldIsRead) {
  const auto state = Read(
      " = { addr_mode_0 = wrap, addr_mode_1 = mirror, addr_mode_2 = clamp_to_border,\n"
      "     filter_mode = linear, force_unnormalized_coords = 1 }");
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_THAT(state->address_mode, ElementsAre(TQ_ADDRESS_WRAP, TQ_ADDRESS_MIRROR, TQ_ADDRESS_BORDER));
  EXPECT_EQ(state->filter, TQ_FILTER_LINEAR);
  EXPECT_TRUE(state->force_unnormalized);
}

TEST(Sampler, UnknownWordsAreErrors) {
  for (const char* bad : {" = { addr_mode_3 = wrap }", " = { filter_mode = cubic }", " = { color = 1 }",
                          " = { addr_mode_0 }", " = { force_unnormalized_coords = 2 }"}) {
    const auto state = Read(bad);
    ASSERT_FALSE(state.ok()) << bad;
    EXPECT_THAT(state.status().message(), HasSubstr("ptx:3:")) << bad;
  }
}

}  // namespace
}  // namespace tq::ptx
