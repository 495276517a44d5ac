#include "runtime/fatbin/scan.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "runtime/fatbin/archive.h"
#include "runtime/fatbin/test_images.h"
#include "runtime/fatbin/write.h"

namespace tq::fatbin {
namespace {

struct Seen {
  uint64_t offset;
  std::string member;
  size_t images;
  bool operator==(const Seen&) const = default;
};

std::vector<Seen> ScanAll(std::span<const uint8_t> bytes) {
  std::vector<Seen> seen;
  (void)ScanBytes(bytes, [&](const FoundUnit& found) {
    seen.push_back({found.offset_bytes, std::string(found.member), found.unit->images.size()});
  });
  return seen;
}

std::vector<uint8_t> Fatbin(size_t images) {
  static const std::string text = PtxText("sm_80");
  return *WriteFatbin(std::vector<Image>(images, PtxImageFor({80}, text)));
}

// A host ELF in which fat binaries stand at multiples of 8, as an executable has them.
std::vector<uint8_t> HostFile() {
  std::vector<uint8_t> file = Cubin({"k"}, 80);
  file[18] = EM_X86_64;  // e_machine
  file[19] = 0;
  file.resize((file.size() + 63) & ~size_t{63});
  for (const size_t images : {1, 3}) {
    const std::vector<uint8_t> fatbin = Fatbin(images);
    file.insert(file.end(), fatbin.begin(), fatbin.end());
    file.resize((file.size() + 15) & ~size_t{15});
  }
  return file;
}

TEST(Scan, FindsEveryFatbinOfAHostFile) {
  const std::vector<uint8_t> file = HostFile();
  const std::vector<Seen> seen = ScanAll(file);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].images, 1u);
  EXPECT_EQ(seen[1].images, 3u);
  EXPECT_LT(seen[0].offset, seen[1].offset);
}

TEST(Scan, ADamagedFatbinDoesNotHideTheNext) {
  std::vector<uint8_t> file = HostFile();
  const uint64_t first = ScanAll(file)[0].offset;
  file[first + 15] = 0x7F;  // its size
  const std::vector<Seen> seen = ScanAll(file);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].images, 3u);
}

TEST(Scan, DescendsIntoTheMembersOfAnArchive) {
  const std::vector<Seen> seen =
      ScanAll(WriteArchive({{"a.o", HostFile()}, {"readme", {'h', 'i'}}, {"b.fatbin", Fatbin(2)}}));
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].member, "a.o");
  EXPECT_EQ(seen[2].member, "b.fatbin");
  EXPECT_EQ(seen[2].images, 2u);
}

TEST(Scan, BareFormsAreFilesToo) {
  EXPECT_EQ(ScanAll(Fatbin(2)), (std::vector<Seen>{{0, "", 2}}));
  EXPECT_EQ(ScanAll(AsBytes(PtxText("sm_80"))), (std::vector<Seen>{{0, "", 1}}));
  EXPECT_EQ(ScanAll(Cubin({"k"}, 80)), (std::vector<Seen>{{0, "", 1}}));
}

TEST(Scan, FilesWithoutDeviceCodeAndMissingFilesSaySo) {
  std::vector<uint8_t> host = HostFile();
  host.resize(128);
  EXPECT_EQ(ScanBytes(host, [](const FoundUnit&) {}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ScanFile("/nonexistent/file", [](const FoundUnit&) {}).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ScanFile("/", [](const FoundUnit&) {}).code(), absl::StatusCode::kInvalidArgument);
}

TEST(Scan, AFileIsReadFromDisk) {
  const std::string path = ::testing::TempDir() + "/scan_test." + std::to_string(getpid());
  const std::vector<uint8_t> file = HostFile();
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(file.data()), file.size());
  size_t units = 0;
  EXPECT_TRUE(ScanFile(path, [&](const FoundUnit&) { ++units; }).ok());
  EXPECT_EQ(units, 2u);
  unlink(path.c_str());
}

}  // namespace
}  // namespace tq::fatbin
