#include "runtime/fatbin/archive.h"

#include <gtest/gtest.h>

#include "runtime/fatbin/test_images.h"

namespace tq::fatbin {
namespace {

std::vector<uint8_t> TwoMembers() {
  return WriteArchive({{"short.o", {1, 2, 3}}, {"a_name_of_more_than_fifteen.o", {4, 5}}});
}

TEST(Archive, MembersComeWithShortAndLongNames) {
  const std::vector<uint8_t> bytes = TwoMembers();
  ASSERT_TRUE(IsArchive(bytes));
  const auto members = ReadArchive(bytes);
  ASSERT_TRUE(members.ok()) << members.status();
  ASSERT_EQ(members->size(), 2u);
  EXPECT_EQ((*members)[0].name, "short.o");
  EXPECT_EQ((*members)[0].bytes.size(), 3u);
  EXPECT_EQ((*members)[1].name, "a_name_of_more_than_fifteen.o");
  EXPECT_EQ((*members)[1].bytes[0], 4);
}

TEST(Archive, TruncationIsAnErrorUnlessAWholeMemberIsMissing) {
  const std::vector<uint8_t> bytes = TwoMembers();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + size);
    if (!IsArchive(cut)) {
      EXPECT_LT(size, 8u);
      continue;
    }
    const auto members = ReadArchive(cut);
    if (members.ok()) {
      EXPECT_LT(members->size(), 2u) << size;
    }
  }
}

TEST(Archive, ANameOutsideTheTableIsAnError) {
  std::vector<uint8_t> bytes = TwoMembers();
  std::string text(bytes.begin(), bytes.end());
  text.replace(text.find("/0 "), 3, "/99");
  EXPECT_FALSE(ReadArchive(AsBytes(text)).ok());
}

TEST(Archive, ItsExtentIsFoundWithoutASize) {
  std::vector<uint8_t> bytes = TwoMembers();
  const size_t size = bytes.size();
  bytes.resize(size + 100);
  EXPECT_EQ(ArchiveExtentAt(bytes.data()), size);
}

}  // namespace
}  // namespace tq::fatbin
