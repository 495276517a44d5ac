#include "compiler/index/initializer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace tq::ptx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<Initializer> Read(const std::string& declaration) {
  const std::string text = ".version 8.0\n.target sm_80\n" + declaration + "\n.global .u32 after;\n";
  const auto index = ModuleIndex::Build(text);
  if (!index.ok()) return index.status();
  const Statement* const variable = index->Find("x");
  EXPECT_NE(variable, nullptr) << declaration;
  return ReadInitializer(*index, *variable, text);
}

template <typename T>
std::vector<T> Values(const std::string& declaration) {
  const auto initializer = Read(declaration);
  EXPECT_TRUE(initializer.ok()) << declaration << ": " << initializer.status();
  if (!initializer.ok()) return {};
  std::vector<T> values(initializer->bytes.size() / sizeof(T));
  std::memcpy(values.data(), initializer->bytes.data(), initializer->bytes.size());
  return values;
}

TEST(Initializer, IntegersInEveryBaseAndSign) {
  EXPECT_THAT(Values<uint32_t>(".global .u32 x[5] = {1, 0x10, 010, 0b101, 7U};"),
              ElementsAre(1, 16, 8, 5, 7));
  EXPECT_THAT(Values<int16_t>(".global .s16 x[2] = {-1, ~0};"), ElementsAre(-1, -1));
  EXPECT_THAT(Values<uint64_t>(".global .u64 x = 0xFFFFFFFFFFFFFFFF;"), ElementsAre(UINT64_MAX));
}

TEST(Initializer, FloatsInEveryForm) {
  EXPECT_THAT(Values<float>(".global .f32 x[4] = {0f3F800000, 2.5, -1e2, 3};"),
              ElementsAre(1.0f, 2.5f, -100.0f, 3.0f));
  EXPECT_THAT(Values<double>(".const .f64 x[2] = {0d4000000000000000, 0f3F800000};"), ElementsAre(2.0, 1.0));
  EXPECT_THAT(Values<uint32_t>(".global .b32 x[2] = {0f3F800000, 0f7F800001};"),
              ElementsAre(0x3F800000, 0x7F800001));
  EXPECT_THAT(Values<uint32_t>(".global .f32 x = 0f7F800001;"), ElementsAre(0x7F800001));
}

TEST(Initializer, ConstantExpressionsFollowC) {
  EXPECT_THAT(
      Values<int32_t>(".global .s32 x[6] = {1 + 2 * 3, (1 + 2) * 3, 10 - 3 - 2, 1 << 4 | 3, -7 / 2, !5};"),
      ElementsAre(7, 9, 5, 19, -3, 0));
}

TEST(Initializer, ShortRowsLeaveTheirRestZero) {
  EXPECT_THAT(Values<uint8_t>(".global .u8 x[2][3] = {{1}, {2, 3}};"), ElementsAre(1, 0, 0, 2, 3));
  EXPECT_THAT(Values<uint8_t>(".global .v4 .u8 x[2] = {{1, 2, 3, 4}, {5}};"), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(Values<uint8_t>(".global .u8 x[2][3] = {1, 2, 3, 4};"), ElementsAre(1, 2, 3, 4));
}

TEST(Initializer, ALeftOutDimensionComesFromTheValues) {
  EXPECT_THAT(Values<uint16_t>(".global .u16 x[] = {1, 2, 3};"), ElementsAre(1, 2, 3));
}

TEST(Initializer, AddressesOfSymbols) {
  const auto initializer = Read(".global .u64 x[4] = {foo, generic(bar)+8, bar-4, 5};");
  ASSERT_TRUE(initializer.ok()) << initializer.status();
  ASSERT_EQ(initializer->references.size(), 3u);
  EXPECT_EQ(initializer->references[0].name, "foo");
  EXPECT_FALSE(initializer->references[0].is_generic);
  EXPECT_EQ(initializer->references[1].offset_bytes, 8u);
  EXPECT_TRUE(initializer->references[1].is_generic);
  EXPECT_EQ(initializer->references[1].addend, 8);
  EXPECT_EQ(initializer->references[2].addend, -4);
  EXPECT_EQ(initializer->bytes[24], 5);
}

TEST(Initializer, MasksTakeTheBytesOfAnAddress) {
  const auto initializer = Read(".global .align 8 .b8 x[8] = {0xFF(generic(foo)), 0xFF00(generic(foo)), 3};");
  ASSERT_TRUE(initializer.ok()) << initializer.status();
  ASSERT_EQ(initializer->references.size(), 2u);
  EXPECT_EQ(initializer->references[1].mask, 0xFF00u);
  EXPECT_EQ(initializer->references[1].size_bytes, 1u);
  EXPECT_TRUE(initializer->references[1].is_generic);
}

TEST(Initializer, MistakesAreNamedWithTheirLine) {
  const std::pair<const char*, const char*> cases[] = {
      {".global .u32 x[2] =\n{1, 2, 3};", "ptx:4:8: error: the initialiser has too many elements"},
      {".global .u32 x = foo * 2;", "takes only + and -"},
      {".global .u16 x = foo;", "does not fit an element of 2 bytes"},
      {".global .u32 x = 1 / 0;", "divides by zero"},
      {".global .u32 x = 12abc;", "is no number"},
      {".global .u32 x = {1 2};", "`,` or `}` should follow"},
      {".global .u32 x = ;", "a constant or the name of a symbol"},
  };
  for (const auto& [declaration, message] : cases) {
    const auto initializer = Read(declaration);
    ASSERT_FALSE(initializer.ok()) << declaration;
    EXPECT_THAT(std::string(initializer.status().message()), HasSubstr(message)) << declaration;
  }
}

TEST(Initializer, DeepNestingIsAnErrorAndNoOverflow) {
  EXPECT_FALSE(Read(".global .u32 x = " + std::string(100000, '(') + ";").ok());
  EXPECT_FALSE(Read(".global .u32 x = " + std::string(100000, '-') + "1;").ok());
  EXPECT_FALSE(Read(".global .u32 x[] = " + std::string(1000, '{') + std::string(1000, '}') + ";").ok());
}

}  // namespace
}  // namespace tq::ptx
