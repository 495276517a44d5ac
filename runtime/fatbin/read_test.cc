#include "runtime/fatbin/read.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/fatbin/archive.h"
#include "runtime/fatbin/format.h"
#include "runtime/fatbin/test_images.h"
#include "runtime/fatbin/text.h"
#include "runtime/fatbin/write.h"

namespace tq::fatbin {
namespace {

std::vector<uint8_t> MixedFatbin() {
  static const std::string stored = PtxText("sm_75"), lz4 = PtxText("sm_80"), zstd = PtxText("sm_100f");
  static const std::vector<uint8_t> cubin = Cubin({"k"}, 90);
  Image machine_code = PtxImageFor({90, 'a'}, {}, Codec::kZstd);
  machine_code.kind = ImageKind::kCubin;
  machine_code.payload = cubin;
  Image named = PtxImageFor({80}, lz4, Codec::kLz4);
  named.name = "kernel.cu";
  named.options = " -g --dont-merge-basicblocks ";
  return *WriteFatbin(std::vector<Image>{PtxImageFor({75}, stored), named,
                                         PtxImageFor({100, 'f'}, zstd, Codec::kZstd), machine_code});
}

std::string ExpandedText(const Image& image) {
  const auto pages = Expand(image);
  EXPECT_TRUE(pages.ok()) << pages.status();
  return pages.ok() ? std::string(pages->bytes().begin(), pages->bytes().end()) : "";
}

TEST(Read, EveryCodecFlagNameAndOptionOfAFatbinIsRead) {
  const auto container = ReadBytes(MixedFatbin());
  // The views point into a temporary: only look at what was copied.
  ASSERT_TRUE(container.ok()) << container.status();
  const std::vector<uint8_t> bytes = MixedFatbin();
  uint64_t extent = 0;
  const auto unit = ReadFatbin(bytes, &extent);
  ASSERT_TRUE(unit.ok()) << unit.status();
  EXPECT_EQ(extent, bytes.size());
  ASSERT_EQ(unit->images.size(), 4u);
  const auto& images = unit->images;
  EXPECT_EQ(images[0].arch, (Arch{75, 0}));
  EXPECT_EQ(images[0].major_version, 8);
  EXPECT_EQ(images[0].minor_version, 5);
  EXPECT_EQ(ExpandedText(images[0]), PtxText("sm_75"));
  EXPECT_EQ(images[1].codec, Codec::kLz4);
  EXPECT_EQ(images[1].name, "kernel.cu");
  EXPECT_EQ(images[1].options, " -g --dont-merge-basicblocks ");
  EXPECT_EQ(ExpandedText(images[1]), PtxText("sm_80"));
  EXPECT_EQ(images[2].codec, Codec::kZstd);
  EXPECT_EQ(images[2].arch, (Arch{100, 'f'}));
  EXPECT_EQ(ExpandedText(images[2]), PtxText("sm_100f"));
  EXPECT_EQ(images[3].kind, ImageKind::kCubin);
  EXPECT_EQ(images[3].arch, (Arch{90, 'a'}));
}

TEST(Read, TruncationAtEveryByteOfAFatbinIsAnError) {
  const std::vector<uint8_t> bytes = MixedFatbin();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + size);
    EXPECT_EQ(ReadBytes(cut).status().code(), absl::StatusCode::kInvalidArgument) << size;
  }
}

// Where the lengths are repaired the cut reaches the codecs and the entry headers.
TEST(Read, AFatbinWhoseSizeIsCutNeverExpandsToWrongText) {
  const std::vector<uint8_t> bytes = MixedFatbin();
  for (size_t size = sizeof(HeaderRecord); size < bytes.size(); ++size) {
    std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + size);
    const uint64_t files_size = size - sizeof(HeaderRecord);
    std::memcpy(&cut[8], &files_size, sizeof(files_size));
    const auto container = ReadBytes(cut);
    if (!container.ok()) continue;
    for (const Image& image : container->units[0].images) {
      if (image.kind == ImageKind::kPtx) {
        EXPECT_NE(ExpandedText(image).find(".entry"), std::string::npos) << size;
      }
    }
  }
}

TEST(Read, EveryFlippedBitGivesAnErrorOrAReadableContainer) {
  const std::vector<uint8_t> bytes = MixedFatbin();
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::vector<uint8_t> flipped = bytes;
    flipped[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    const auto container = ReadBytes(flipped);
    if (!container.ok()) continue;
    for (const Unit& unit : container->units) {
      for (const Image& image : unit.images) (void)Expand(image);
    }
  }
}

TEST(Read, PtxTextEndsAtItsNul) {
  const std::string text = PtxText("sm_80");
  const auto container = ReadPointer(text.c_str());
  ASSERT_TRUE(container.ok()) << container.status();
  const Image& image = container->units.at(0).images.at(0);
  EXPECT_EQ(image.kind, ImageKind::kPtx);
  EXPECT_EQ(image.size_bytes, text.size());
}

TEST(Read, TextThatIsNoPtxIsInvalid) {
  for (const char* text :
       {"", ".v", "hello, world", "// only a comment", "/* .version 8.0", ".target sm_80"}) {
    EXPECT_EQ(ReadPointer(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_TRUE(ReadPointer("/* a */ // b\n  .version 8.0\n.target sm_80\n").ok());
}

TEST(Read, TextAtTheEndOfItsPageIsNotReadBeyond) {
  const size_t page = sysconf(_SC_PAGESIZE);
  char* const pages =
      static_cast<char*>(mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_EQ(mprotect(pages + page, page, PROT_NONE), 0);
  for (const std::string& text : {std::string(), std::string("a"), std::string(".ve"), PtxText("sm_80")}) {
    char* const at = pages + page - text.size() - 1;
    std::memcpy(at, text.c_str(), text.size() + 1);
    EXPECT_EQ(ReadPointer(at).ok(), text.size() > 3) << text;
  }
  munmap(pages, 2 * page);
}

TEST(Read, AWrapperOfVersion1HoldsOneFatbin) {
  const std::vector<uint8_t> bytes = MixedFatbin();
  const WrapperRecord wrapper = {kWrapperMagic, 1, bytes.data(), nullptr};
  const auto container = ReadPointer(&wrapper);
  ASSERT_TRUE(container.ok()) << container.status();
  ASSERT_EQ(container->units.size(), 1u);
  EXPECT_EQ(container->units[0].images.size(), 4u);
}

TEST(Read, AWrapperOfVersion2GivesTheInputsWhereNothingRunnableWasLinked) {
  const std::string a = PtxText("sm_80", "a"), b = PtxText("sm_80", "b");
  const std::vector<uint8_t> empty = *WriteFatbin({});
  const std::vector<uint8_t> first = *WriteFatbin(std::vector<Image>{PtxImageFor({80}, a)});
  const std::vector<uint8_t> second = *WriteFatbin(std::vector<Image>{PtxImageFor({80}, b)});
  const void* const list[] = {first.data(), second.data(), nullptr};
  const WrapperRecord unlinked = {kWrapperMagic, 2, empty.data(), list};
  auto container = ReadPointer(&unlinked);
  ASSERT_TRUE(container.ok()) << container.status();
  EXPECT_EQ(container->units.size(), 2u);

  const WrapperRecord linked = {kWrapperMagic, 2, first.data(), list};
  container = ReadPointer(&linked);
  ASSERT_TRUE(container.ok()) << container.status();
  EXPECT_EQ(container->units.size(), 1u);
}

TEST(Read, DamagedWrappersAreInvalid) {
  const std::vector<uint8_t> bytes = MixedFatbin();
  const WrapperRecord version = {kWrapperMagic, 3, bytes.data(), nullptr};
  EXPECT_FALSE(ReadPointer(&version).ok());
  const WrapperRecord not_a_fatbin = {kWrapperMagic, 1, "something else altogether", nullptr};
  EXPECT_FALSE(ReadPointer(&not_a_fatbin).ok());
  const WrapperRecord in_a_file = {kWrapperMagic, 1, bytes.data(), nullptr};
  EXPECT_FALSE(ReadBytes({reinterpret_cast<const uint8_t*>(&in_a_file), sizeof(in_a_file)}).ok());
}

TEST(Read, ACubinIsRecognisedByItsPointerAlone) {
  const std::vector<uint8_t> cubin = Cubin({"k"}, 90);
  const auto container = ReadPointer(cubin.data());
  ASSERT_TRUE(container.ok()) << container.status();
  const Image& image = container->units.at(0).images.at(0);
  EXPECT_EQ(image.kind, ImageKind::kCubin);
  EXPECT_EQ(image.arch.sm, 90u);
  EXPECT_EQ(image.size_bytes, cubin.size());
}

TEST(Read, AnArchiveIsAllOfItsMembers) {
  const std::string text = PtxText("sm_80");
  const auto ptx = AsBytes(text);
  std::vector<uint8_t> archive =
      WriteArchive({{"a.ptx", {ptx.begin(), ptx.end()}}, {"a_rather_long_name.fatbin", MixedFatbin()}});
  const auto container = ReadBytes(archive);
  ASSERT_TRUE(container.ok()) << container.status();
  ASSERT_EQ(container->units.size(), 2u);
  EXPECT_EQ(container->units[1].images.size(), 4u);
  archive.resize(archive.size() + 64);  // an archive by pointer ends where no further header stands
  const auto by_pointer = ReadPointer(archive.data());
  ASSERT_TRUE(by_pointer.ok()) << by_pointer.status();
  EXPECT_EQ(by_pointer->units.size(), 2u);
}

}  // namespace
}  // namespace tq::fatbin
