#include "runtime/fatbin/ptx_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/fatbin/choose.h"
#include "runtime/fatbin/elf.h"
#include "runtime/fatbin/format.h"
#include "runtime/fatbin/read.h"
#include "runtime/fatbin/test_images.h"

namespace tq::fatbin {
namespace {

std::vector<uint8_t> Object(std::string_view ptx) {
  return WritePtxObject({ptx, "-O1", {120, 0}, {"first", "second"}});
}

TEST(PtxObject, LoadsAsItsPtx) {
  const std::string ptx = PtxText("sm_120", "first");
  const std::vector<uint8_t> object = Object(ptx);
  const auto container = ReadBytes(object);
  ASSERT_TRUE(container.ok()) << container.status();
  const auto image = Choose(container->units[0], {121, 0});
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(
      std::string_view(reinterpret_cast<const char*>((*image)->payload.data()), (*image)->payload.size()),
      ptx);
  EXPECT_EQ((*image)->options, "-O1");
  EXPECT_EQ((*image)->arch, (Arch{120, 0}));
  // Code for 12.0 is none for 9.0, as with a cubin.
  EXPECT_FALSE(Choose(container->units[0], {90, 0}).ok());
}

TEST(PtxObject, IsACubinWithItsKernelsToOtherTools) {
  const std::vector<uint8_t> object = Object(PtxText("sm_120"));
  const auto elf = Elf::Read(object);
  ASSERT_TRUE(elf.ok());
  EXPECT_TRUE(elf->is_cubin());
  EXPECT_THAT(elf->KernelNames(), testing::ElementsAre("first", "second"));
}

TEST(PtxObject, IsFoundThroughTheFatBinarysEntry) {
  const std::string ptx = PtxText("sm_120");
  const std::vector<uint8_t> object = Object(ptx);
  std::vector<uint8_t> bytes(sizeof(HeaderRecord) + sizeof(EntryRecord));
  const HeaderRecord header = {kHeaderMagic, kHeaderVersion, sizeof(HeaderRecord),
                               sizeof(EntryRecord) + object.size()};
  EntryRecord entry = {};
  entry.kind = kEntryElf;
  entry.version = 0x0101;
  entry.header_size_bytes = sizeof(EntryRecord);
  entry.payload_size_bytes = object.size();
  entry.minor_version = kPtxObjectAbi;
  entry.sm = 120;
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, &entry, sizeof entry);
  bytes.insert(bytes.end(), object.begin(), object.end());
  const auto container = ReadBytes(bytes);
  ASSERT_TRUE(container.ok()) << container.status();
  EXPECT_TRUE(Choose(container->units[0], {121, 0}).ok());
}

TEST(PtxObject, TruncatedAnywhereIsAnError) {
  const std::vector<uint8_t> object = Object(PtxText("sm_120"));
  for (size_t size = 0; size < object.size(); ++size)
    EXPECT_FALSE(ReadBytes(std::span(object).first(size)).ok()) << size;
}

}  // namespace
}  // namespace tq::fatbin
