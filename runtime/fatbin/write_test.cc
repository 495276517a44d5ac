#include "runtime/fatbin/write.h"

#include <gtest/gtest.h>

#include "runtime/fatbin/test_images.h"

namespace tq::fatbin {
namespace {

TEST(Write, APtxImageTakesArchitectureAndVersionFromItsText) {
  const std::string text = PtxText("sm_90a, texmode_independent");
  const auto image = PtxImage(text, Codec::kZstd);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->arch, (Arch{90, 'a'}));
  EXPECT_EQ(image->major_version, 8);
  EXPECT_EQ(image->minor_version, 5);
}

TEST(Write, TextWithoutTargetOrVersionIsRefused) {
  for (const char* text :
       {"", "hello", ".version 8.5\n", ".version eight\n.target sm_80\n", ".version 8.5\n.target x\n"}) {
    EXPECT_FALSE(PtxImage(text, Codec::kStored).ok()) << text;
  }
}

TEST(Write, ArchitecturesAreParsedInBothSpellings) {
  EXPECT_EQ(*ParseArch("sm_121"), (Arch{121}));
  EXPECT_EQ(*ParseArch("compute_100f"), (Arch{100, 'f'}));
  for (const char* text : {"", "sm_", "sm_8", "sm_1000", "sm_8x", "90ab"})
    EXPECT_FALSE(ParseArch(text).ok()) << text;
}

}  // namespace
}  // namespace tq::fatbin
