#include "runtime/cuda/integrity_check.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <string_view>

namespace tq::cuda {
namespace {

std::span<const uint8_t> Bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string Hex(const Md2Digest& digest) {
  std::string text;
  for (uint8_t byte : digest) {
    char pair[3];
    snprintf(pair, sizeof(pair), "%02x", byte);
    text += pair;
  }
  return text;
}

TEST(IntegrityCheck, Md2GivesTheDigestsOfRfc1319) {
  EXPECT_EQ(Hex(Md2(Bytes(""))), "8350e5a3e24c153df2275c9f80692773");
  EXPECT_EQ(Hex(Md2(Bytes("a"))), "32ec01ec4a6dac72c0ab96fb34c0b5d1");
  EXPECT_EQ(Hex(Md2(Bytes("abc"))), "da853b0d3f88d99b30283a69e6ded6bb");
  EXPECT_EQ(Hex(Md2(Bytes("message digest"))), "ab4f496bfb2a530b219ff33031fe06b0");
  EXPECT_EQ(Hex(Md2(Bytes("abcdefghijklmnopqrstuvwxyz"))), "4e8ddff3650292ab5a4108c3aa47940b");
  EXPECT_EQ(Hex(Md2(Bytes("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))),
            "da33def2a42df13975352846c30338cd");
  EXPECT_EQ(
      Hex(Md2(Bytes("12345678901234567890123456789012345678901234567890123456789012345678901234567890"))),
      "d5976f79d83d3a0dc9806c3c66f3efd8");
}

TEST(IntegrityCheck, HmacIsTheHashOfTheOuterKeyAndTheInnerHash) {
  // RFC 2104 spelt out for a key of one block.
  const std::string key(16, 'K');
  std::string inner(16, static_cast<char>('K' ^ 0x36)), outer(16, static_cast<char>('K' ^ 0x5C));
  inner += "text";
  const Md2Digest digest = Md2(Bytes(inner));
  outer.append(digest.begin(), digest.end());
  EXPECT_EQ(HmacMd2(Bytes(key), Bytes("text")), Md2(Bytes(outer)));
}

IntegrityQuery Query(uint32_t runtime_version) {
  return {13000, runtime_version, 1234, 0x89ABCDEF, nullptr, nullptr, nullptr, 1700000000};
}

TEST(IntegrityCheck, TheFirstTwoQuestionsHaveFixedAnswers) {
  EXPECT_EQ(Hex(AnswerIntegrityQuery(Query(13000), {})), "5c67cb031c184133e8d14c1faa83d38e");
  EXPECT_EQ(Hex(AnswerIntegrityQuery(Query(11081), {})), "5c67cb031c184118e8d14c1faa83d38e");
}

TEST(IntegrityCheck, TheThirdAnswerDependsOnEachDeviceAndOnEveryField) {
  const DeviceIdentity first{{1, 2, 3}, 0, 0, 2}, second{{2, 2, 3}, 0, 0, 3};
  const Md2Digest one = AnswerIntegrityQuery(Query(13002), {first});
  EXPECT_NE(one, AnswerIntegrityQuery(Query(13002), {}));
  EXPECT_NE(one, AnswerIntegrityQuery(Query(13002), {first, second}));
  EXPECT_NE(AnswerIntegrityQuery(Query(13002), {first, second}),
            AnswerIntegrityQuery(Query(13002), {second, first}));
  IntegrityQuery later = Query(13002);
  ++later.unix_seconds;
  EXPECT_NE(one, AnswerIntegrityQuery(later, {first}));
  EXPECT_EQ(one, AnswerIntegrityQuery(Query(13002), {first}));
}

}  // namespace
}  // namespace tq::cuda
