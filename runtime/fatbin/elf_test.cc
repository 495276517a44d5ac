#include "runtime/fatbin/elf.h"

#include <gtest/gtest.h>

#include "runtime/fatbin/test_images.h"

namespace tq::fatbin {
namespace {

TEST(Elf, KernelsAreNamedBySymbolsOrSectionsAndFunctionsAreNot) {
  for (const bool with_symbols : {true, false}) {
    const std::vector<uint8_t> cubin = Cubin({"first", "second"}, 121, with_symbols);
    const auto elf = Elf::Read(cubin);
    ASSERT_TRUE(elf.ok()) << elf.status();
    EXPECT_TRUE(elf->is_cubin());
    EXPECT_EQ(elf->cubin_arch().sm, 121u);
    EXPECT_EQ(elf->KernelNames(), (std::vector<std::string_view>{"first", "second"}));
  }
}

TEST(Elf, ItsExtentIsKnownWithoutASize) {
  const std::vector<uint8_t> cubin = Cubin({"k"}, 80);
  EXPECT_EQ(*ElfExtentAt(cubin.data()), cubin.size());
  std::vector<uint8_t> longer = cubin;
  longer.resize(cubin.size() + 100);
  EXPECT_EQ(Elf::Read(longer)->extent_bytes(), cubin.size());
}

TEST(Elf, TruncationAtEveryByteIsAnError) {
  const std::vector<uint8_t> cubin = Cubin({"k"}, 80);
  for (size_t size = 0; size < cubin.size(); ++size) {
    const std::vector<uint8_t> cut(cubin.begin(), cubin.begin() + size);
    EXPECT_FALSE(Elf::Read(cut).ok()) << size;
  }
}

TEST(Elf, NoFlippedBitLeadsOutsideTheFile) {
  const std::vector<uint8_t> cubin = Cubin({"k"}, 80);
  for (size_t bit = 0; bit < cubin.size() * 8; ++bit) {
    std::vector<uint8_t> flipped = cubin;
    flipped[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    if (const auto elf = Elf::Read(flipped); elf.ok()) {
      for (const std::string_view name : elf->KernelNames()) EXPECT_LE(name.size(), cubin.size());
    }
  }
}

}  // namespace
}  // namespace tq::fatbin
