#include "runtime/fatbin/text.h"

#include <gtest/gtest.h>

#include "runtime/fatbin/read.h"
#include "runtime/fatbin/test_images.h"
#include "runtime/fatbin/write.h"

namespace tq::fatbin {
namespace {

// The stored form of `text`; `bytes` keeps it alive.
Image Stored(const std::string& text, Codec codec, std::vector<uint8_t>& bytes) {
  bytes = *WriteFatbin(std::vector<Image>{PtxImageFor({80}, text, codec)});
  uint64_t extent = 0;
  return ReadFatbin(bytes, &extent)->images.at(0);
}

TEST(Text, EveryCodecGivesTheTextAndIsExpandedOnce) {
  const std::string text = PtxText("sm_80");
  for (const Codec codec : {Codec::kStored, Codec::kLz4, Codec::kZstd}) {
    std::vector<uint8_t> bytes;
    Text source(Stored(text, codec, bytes), Text::Storage::kBorrow);
    const auto first = source.Acquire();
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(**first, text);
    EXPECT_EQ(source.Acquire()->get(), first->get());
  }
}

TEST(Text, ACopySurvivesTheImage) {
  const std::string text = PtxText("sm_80");
  for (const Codec codec : {Codec::kStored, Codec::kLz4, Codec::kZstd}) {
    std::vector<uint8_t> bytes;
    Text source(Stored(text, codec, bytes), Text::Storage::kCopy);
    bytes = {};
    EXPECT_EQ(**source.Acquire(), text);
  }
}

TEST(Text, AWrongSizeIsInvalidEitherWay) {
  const std::string text = PtxText("sm_80");
  for (const Codec codec : {Codec::kLz4, Codec::kZstd}) {
    for (const int delta : {-1, 1, 100}) {
      std::vector<uint8_t> bytes;
      Image image = Stored(text, codec, bytes);
      image.size_bytes += delta;
      EXPECT_EQ(Expand(image).status().code(), absl::StatusCode::kInvalidArgument) << delta;
    }
  }
}

TEST(Text, ABombIsRefusedBeforeItCostsMemory) {
  std::vector<uint8_t> bytes;
  Image image = Stored(PtxText("sm_80"), Codec::kZstd, bytes);
  image.size_bytes = kMaxImageSizeBytes + 1;
  EXPECT_EQ(Expand(image).status().code(), absl::StatusCode::kResourceExhausted);
  image = Stored(PtxText("sm_80"), Codec::kLz4, bytes);
  image.size_bytes = kMaxImageSizeBytes;
  EXPECT_EQ(Expand(image).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Text, EveryCutOfTheCompressedBytesIsInvalid) {
  for (const Codec codec : {Codec::kLz4, Codec::kZstd}) {
    std::vector<uint8_t> bytes;
    Image image = Stored(PtxText("sm_80"), codec, bytes);
    const auto whole = image.payload;
    for (size_t size = 0; size < whole.size(); ++size) {
      const std::vector<uint8_t> cut(whole.begin(), whole.begin() + size);
      image.payload = cut;
      EXPECT_EQ(Expand(image).status().code(), absl::StatusCode::kInvalidArgument) << size;
    }
  }
}

TEST(Text, ACodecNobodyKnowsIsUnimplemented) {
  Image image;
  image.codec = Codec::kUnknown;
  EXPECT_EQ(Expand(image).status().code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace tq::fatbin
