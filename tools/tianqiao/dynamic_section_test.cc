#include "tools/tianqiao/dynamic_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace tq {
namespace {

using ::testing::Contains;

std::string WriteFile(const std::string& name, const std::vector<char>& bytes) {
  const std::string path = ::testing::TempDir() + name;
  std::ofstream(path, std::ios::binary).write(bytes.data(), bytes.size());
  return path;
}

std::vector<char> ReadSelf() {
  std::ifstream self("/proc/self/exe", std::ios::binary);
  return {std::istreambuf_iterator<char>(self), std::istreambuf_iterator<char>()};
}

// Asks everything there is to ask; the answers do not matter, only that none of it leaves the file.
size_t AskEverything(const DynamicSection& file) {
  return file.needed_libraries().size() + file.rpath().size() + file.runpath().size() +
         file.undefined_symbols().size() + file.ConstantsHold("no such text");
}

TEST(DynamicSection, ReadsWhatThisTestAsksOfTheLoader) {
  const auto self = DynamicSection::Open("/proc/self/exe");
  ASSERT_TRUE(self.has_value());
  EXPECT_TRUE(self->exists());
  EXPECT_THAT(self->needed_libraries(), Contains("libc.so.6"));
  EXPECT_THAT(self->undefined_symbols(), Contains("mkstemp"));  // of GoogleTest; no sanitizer has its own
  EXPECT_TRUE(self->ConstantsHold("no such text"));
  // In two parts, or the text itself would be what is found.
  EXPECT_FALSE(self->ConstantsHold(std::string("not to be fo") + "und in here"));
}

TEST(DynamicSection, RefusesWhatIsNoElf64) {
  EXPECT_FALSE(DynamicSection::Open("/nonexistent").has_value());
  EXPECT_FALSE(DynamicSection::Open("/tmp").has_value());
  EXPECT_FALSE(DynamicSection::Open(WriteFile("empty", {})).has_value());
  EXPECT_FALSE(DynamicSection::Open(WriteFile("script", {'#', '!', '/', 'b', 'i', 'n', '/', 's', 'h', '\n'}))
                   .has_value());
  std::vector<char> elf32 = ReadSelf();
  elf32[4] = 1;  // EI_CLASS: ELFCLASS32
  EXPECT_FALSE(DynamicSection::Open(WriteFile("elf32", elf32)).has_value());
}

TEST(DynamicSection, SurvivesTruncationAndWildOffsets) {
  const std::vector<char> whole = ReadSelf();
  ASSERT_GT(whole.size(), 4096u);
  for (size_t size : {64u, 65u, 120u, 512u, 4096u}) {
    const auto file = DynamicSection::Open(WriteFile("cut", {whole.begin(), whole.begin() + size}));
    if (file) AskEverything(*file);
  }
  // Every byte of the ELF header and of the program headers, set to the most hostile value.
  for (size_t at = 16; at < 64 + 56 * 12; ++at) {
    std::vector<char> bytes(whole.begin(), whole.begin() + 8192);
    bytes[at] = '\xff';
    const auto file = DynamicSection::Open(WriteFile("wild", bytes));
    if (file) AskEverything(*file);
  }
}

}  // namespace
}  // namespace tq
