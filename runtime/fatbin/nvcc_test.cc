// Fat binaries as nvcc writes them, in each of its compression modes: made when the tests are built, from one
// source for one architecture, so that all must hold the same text.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "runtime/fatbin/choose.h"
#include "runtime/fatbin/read.h"
#include "runtime/fatbin/scan.h"
#include "runtime/fatbin/text.h"

namespace tq::fatbin {
namespace {

struct Found {
  Codec codec;
  std::string text;
};

std::optional<Found> PtxOf(const Unit& unit) {
  const auto image = Choose(unit, {.sm = 121});
  EXPECT_TRUE(image.ok()) << image.status();
  if (!image.ok()) return std::nullopt;
  EXPECT_EQ((*image)->kind, ImageKind::kPtx);
  EXPECT_EQ((*image)->arch, Arch{.sm = 80});
  const auto pages = Expand(**image);
  EXPECT_TRUE(pages.ok()) << pages.status();
  if (!pages.ok()) return std::nullopt;
  const auto bytes = pages->bytes();
  const std::string text(bytes.begin(), bytes.end());
  return Found{(*image)->codec, text.substr(0, text.find('\0'))};
}

std::optional<Found> PtxOfFile(const std::string& mode) {
  std::ifstream file(std::string(TQ_NVCC_IMAGES) + "/" + mode + ".fatbin", std::ios::binary);
  const std::vector<char> chars{std::istreambuf_iterator<char>(file), {}};
  const std::vector<uint8_t> bytes(chars.begin(), chars.end());
  const auto container = ReadBytes(bytes);
  EXPECT_TRUE(container.ok()) << container.status();
  if (!container.ok()) return std::nullopt;
  EXPECT_EQ(container->units.size(), 1u);
  bool has_cubin = false;
  for (const Image& image : container->units[0].images) has_cubin |= image.kind == ImageKind::kCubin;
  EXPECT_TRUE(has_cubin) << "passed over, but seen";
  return PtxOf(container->units[0]);
}

struct Mode {
  const char* name;
  std::optional<Codec> codec;  // none: nvcc's own choice
};

class NvccModes : public testing::TestWithParam<Mode> {};
INSTANTIATE_TEST_SUITE_P(Each, NvccModes,
                         testing::Values(Mode{"none", Codec::kStored}, Mode{"speed", Codec::kLz4},
                                         Mode{"size", Codec::kZstd}, Mode{"balance", Codec::kZstd},
                                         Mode{"default", {}}),
                         [](const auto& info) { return info.param.name; });

TEST_P(NvccModes, HoldTheSameText) {
  const std::optional<Found> plain = PtxOfFile("none"), found = PtxOfFile(GetParam().name);
  ASSERT_TRUE(plain.has_value() && found.has_value());
  EXPECT_EQ(found->codec, GetParam().codec.value_or(found->codec));
  EXPECT_TRUE(LooksLikePtx({reinterpret_cast<const uint8_t*>(found->text.data()), found->text.size()}));
  EXPECT_NE(found->text.find(".visible .entry"), std::string::npos);
  EXPECT_EQ(found->text, plain->text);
}

TEST(NvccObjects, RelocatableDeviceCodeIsFound) {
  size_t units = 0;
  const absl::Status scanned =
      ScanFile(std::string(TQ_NVCC_IMAGES) + "/relocatable.o", [&](const FoundUnit& found) {
        ++units;
        const std::optional<Found> ptx = PtxOf(*found.unit);
        ASSERT_TRUE(ptx.has_value());
        EXPECT_NE(ptx->text.find(".entry"), std::string::npos) << ptx->text;
      });
  ASSERT_TRUE(scanned.ok()) << scanned;
  EXPECT_EQ(units, 1u);
}

}  // namespace
}  // namespace tq::fatbin
