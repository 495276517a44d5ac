#include "compiler/cache/sha256.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace tq {
namespace {

std::string Hex(const Sha256::Digest& digest) {
  std::string text;
  char byte[3];
  for (const uint8_t value : digest) {
    std::snprintf(byte, sizeof(byte), "%02x", value);
    text += byte;
  }
  return text;
}

std::string HashOf(const std::string& text) {
  Sha256 sha;
  sha.Update(text.data(), text.size());
  return Hex(sha.Finish());
}

TEST(Sha256, MatchesTheExamplesOfFips180) {
  EXPECT_EQ(HashOf(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(HashOf("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(HashOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(HashOf(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesOfAnySizeGiveTheHashOfTheWhole) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
  const std::string whole = HashOf(text);
  for (size_t piece = 1; piece < 140; ++piece) {
    Sha256 sha;
    for (size_t at = 0; at < text.size(); at += piece)
      sha.Update(&text[at], std::min(piece, text.size() - at));
    EXPECT_EQ(Hex(sha.Finish()), whole) << piece;
  }
}

}  // namespace
}  // namespace tq
