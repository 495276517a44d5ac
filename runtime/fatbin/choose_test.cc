#include "runtime/fatbin/choose.h"

#include <gtest/gtest.h>

namespace tq::fatbin {
namespace {

Image Ptx(Arch arch, uint16_t minor_version = 0) {
  Image image;
  image.kind = ImageKind::kPtx;
  image.arch = arch;
  image.minor_version = minor_version;
  return image;
}

Arch Chosen(const std::vector<Image>& images, uint32_t device) {
  const Unit unit{images};
  const auto image = Choose(unit, {device, 0});
  return image.ok() ? (*image)->arch : Arch{};
}

TEST(Choose, TheHighestArchitectureUpToTheDeviceWins) {
  const std::vector<Image> images = {Ptx({90}), Ptx({75}), Ptx({121}), Ptx({80})};
  EXPECT_EQ(Chosen(images, 121), (Arch{121}));
  EXPECT_EQ(Chosen(images, 120), (Arch{90}));
  EXPECT_EQ(Chosen(images, 89), (Arch{80}));
  EXPECT_EQ(Chosen(images, 70), (Arch{}));
}

TEST(Choose, AnArchSpecificImageNeedsExactlyItsDevice) {
  const std::vector<Image> images = {Ptx({80}), Ptx({90, 'a'})};
  EXPECT_EQ(Chosen(images, 90), (Arch{90, 'a'}));
  EXPECT_EQ(Chosen(images, 121), (Arch{80}));
}

TEST(Choose, AFamilyImageRunsOnItsMajorVersionFromItsMinorOn) {
  const std::vector<Image> images = {Ptx({90}), Ptx({120, 'f'})};
  EXPECT_EQ(Chosen(images, 121), (Arch{120, 'f'}));
  EXPECT_EQ(Chosen(images, 120), (Arch{120, 'f'}));
  EXPECT_EQ(Chosen(images, 130), (Arch{90}));
  EXPECT_EQ(Chosen({Ptx({103, 'f'})}, 100), (Arch{}));
}

TEST(Choose, AmongEqualsTheMostSpecificThenTheNewestIsaWins) {
  EXPECT_EQ(Chosen({Ptx({120}), Ptx({120, 'a'}), Ptx({120, 'f'})}, 120), (Arch{120, 'a'}));
  EXPECT_EQ(Chosen({Ptx({120}), Ptx({120, 'f'})}, 120), (Arch{120, 'f'}));
  const Unit unit{{Ptx({80}, 1), Ptx({80}, 3), Ptx({80}, 2)}};
  EXPECT_EQ(*Choose(unit, {80}), &unit.images[1]);
}

TEST(Choose, MachineCodeAloneIsNotFoundAndNamed) {
  Image cubin;
  cubin.kind = ImageKind::kCubin;
  cubin.arch = {90, 'a'};
  const auto status = Choose(Unit{{cubin}}, {121}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("machine code alone (sm_90a)"), absl::string_view::npos) << status;
  EXPECT_EQ(Choose(Unit{}, {121}).status().code(), absl::StatusCode::kNotFound);
}

TEST(Choose, TextOfUnstatedArchitectureAlwaysRuns) { EXPECT_TRUE(Choose(Unit{{Ptx({0})}}, {50}).ok()); }

}  // namespace
}  // namespace tq::fatbin
