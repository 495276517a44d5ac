#include "base/code_object.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace tq {
namespace {

std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

CodeObject MakeObject() {
  CodeObject object;
  object.target = "x86_64-cpu";
  object.abi_version = 7;
  object.features = "+avx2,+fma";
  KernelRecord kernel;
  kernel.name = "_Z3addPf";
  kernel.entry = "k0";
  kernel.flags = TQ_KERNEL_FIBERS | TQ_KERNEL_PRINTF;
  kernel.param_size_bytes = 28;
  kernel.static_shared_bytes = 4096;
  kernel.shared_align_bytes = 16;
  kernel.local_bytes = 88;
  kernel.register_count = 31;
  kernel.max_threads = 256;
  kernel.required_threads[1] = 8;
  kernel.required_cluster[2] = 2;
  object.kernels = {kernel, KernelRecord{.name = "second", .entry = "k1"}};
  object.symbols = {{"square", "f0"}};
  object.imports = {"table", "counter"};
  object.files = {"", "add.cu"};
  object.functions = {"_Z3addPf", "second"};
  object.lines = {{0, 12, 1, 3, 0}, {16, 13, 1, 4, 0}, {16, 20, 0, 0, 1}};
  object.payload = {1, 2, 3, 4, 5, 6, 7};
  return object;
}

TEST(Crc32c, MatchesTheVectorsOfRfc3720) {
  EXPECT_EQ(Crc32c(AsBytes("123456789")), 0xE3069283u);
  EXPECT_EQ(Crc32c(std::vector<uint8_t>(32, 0x00)), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::vector<uint8_t>(32, 0xFF)), 0x62A8AB43u);
  std::vector<uint8_t> ascending(32);
  for (size_t i = 0; i < ascending.size(); ++i) ascending[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(Crc32c(ascending), 0x46DD794Eu);
}

TEST(CodeObject, EveryFieldSurvivesARoundTrip) {
  const CodeObject object = MakeObject();
  const std::vector<uint8_t> bytes = WriteCodeObject(object);
  EXPECT_EQ(bytes.size() % 8, 0u);
  const auto read = ReadCodeObject(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, object);
}

TEST(CodeObject, AnEmptyObjectSurvivesARoundTrip) {
  const auto read = ReadCodeObject(WriteCodeObject({}));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, CodeObject());
}

TEST(CodeObject, TruncationAtEveryByteIsAnError) {
  const std::vector<uint8_t> bytes = WriteCodeObject(MakeObject());
  for (size_t size = 0; size < bytes.size(); ++size) {
    // A copy of the exact size, so that AddressSanitizer sees a read past the end.
    const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + size);
    EXPECT_FALSE(ReadCodeObject(cut).ok()) << size;
  }
}

TEST(CodeObject, AnyFlippedBitIsAnError) {
  const std::vector<uint8_t> bytes = WriteCodeObject(MakeObject());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::vector<uint8_t> flipped = bytes;
    flipped[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    EXPECT_FALSE(ReadCodeObject(flipped).ok()) << "bit " << bit;
  }
}

// Repairs the checksum after an edit, to get past it to the checks of the structure.
void Seal(std::vector<uint8_t>& bytes) {
  const uint64_t size = bytes.size();
  std::memcpy(&bytes[8], &size, sizeof(size));
  const uint32_t crc = Crc32c(std::span<const uint8_t>(bytes).subspan(24));
  std::memcpy(&bytes[16], &crc, sizeof(crc));
}

TEST(CodeObject, HostileLengthsBehindAGoodChecksumAreErrorsOrHarmless) {
  const std::vector<uint8_t> bytes = WriteCodeObject(MakeObject());
  for (size_t at = 24; at + 4 <= bytes.size(); at += 4) {
    for (const uint32_t value : {0xFFFFFFFFu, 0x7FFFFFFFu, 0x10000u, 0u}) {
      std::vector<uint8_t> edited = bytes;
      std::memcpy(&edited[at], &value, sizeof(value));
      Seal(edited);
      const auto read = ReadCodeObject(edited);
      if (read.ok()) {
        EXPECT_EQ(WriteCodeObject(*read).size(), bytes.size());
      }
    }
  }
}

TEST(CodeObject, ATruncatedBodyBehindAGoodChecksumIsAnError) {
  const std::vector<uint8_t> bytes = WriteCodeObject(MakeObject());
  for (size_t size = 24; size < bytes.size(); ++size) {
    std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + size);
    Seal(cut);
    EXPECT_FALSE(ReadCodeObject(cut).ok()) << size;
  }
}

TEST(CodeObject, ReferencesOutOfRangeAreErrors) {
  CodeObject object = MakeObject();
  object.lines[2].function = 2;
  EXPECT_FALSE(ReadCodeObject(WriteCodeObject(object)).ok());
  object = MakeObject();
  object.lines[0].file = 2;
  EXPECT_FALSE(ReadCodeObject(WriteCodeObject(object)).ok());
  object = MakeObject();
  object.lines[0].pc_offset = 17;
  EXPECT_FALSE(ReadCodeObject(WriteCodeObject(object)).ok());
  object = MakeObject();
  object.kernels[0].shared_align_bytes = 24;
  EXPECT_FALSE(ReadCodeObject(WriteCodeObject(object)).ok());
}

}  // namespace
}  // namespace tq
