#include "compiler/cache/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "absl/strings/str_cat.h"
#include "base/code_object.h"

namespace tq {
namespace {

namespace fs = std::filesystem;

CacheKey Key(uint32_t number) {
  CacheKey key = {};
  for (size_t i = 0; i < 4; ++i) key.bytes[i] = static_cast<uint8_t>(number >> (8 * i));
  key.bytes[31] = 1;  // not one of the 1 in 64 keys that trigger eviction
  return key;
}

std::vector<uint8_t> Code(uint32_t number, size_t payload_bytes = 100) {
  CodeObject object;
  object.target = absl::StrCat("target ", number);
  object.payload.assign(payload_bytes, static_cast<uint8_t>(number));
  return WriteCodeObject(object);
}

class Store : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/tq-store-test-XXXXXX";
    ASSERT_NE(mkdtemp(pattern), nullptr);
    directory_ = pattern;
  }
  void TearDown() override {
    chmod(directory_.c_str(), 0700);
    fs::remove_all(directory_);
  }
  CacheStore Make(uint64_t limit_bytes = uint64_t{1} << 30) {
    return CacheStore({.directory = directory_ + "/cache", .limit_bytes = limit_bytes});
  }
  std::vector<fs::path> Files() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory_)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }

  std::string directory_;
};

TEST_F(Store, WhatIsSavedIsLoadedByAnotherStore) {
  Make().Save(Key(1), Code(1));
  CacheStore other = Make();
  ASSERT_TRUE(other.Load(Key(1)).has_value());
  EXPECT_EQ(*other.Load(Key(1)), Code(1));
  EXPECT_FALSE(other.Load(Key(2)).has_value());
}

TEST_F(Store, AnyFlippedBitMakesAnEntryAbsentAndRemovesIt) {
  CacheStore store = Make();
  store.Save(Key(1), Code(1));
  const fs::path path = Files().at(0);
  const auto size = fs::file_size(path);
  for (size_t bit = 0; bit < size * 8; bit += 3) {
    store.Save(Key(1), Code(1));
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(bit / 8));
    const char byte = static_cast<char>(file.get() ^ (1 << (bit % 8)));
    file.seekp(static_cast<std::streamoff>(bit / 8));
    file.put(byte);
    file.close();
    ASSERT_FALSE(store.Load(Key(1)).has_value()) << bit;
    ASSERT_FALSE(fs::exists(path)) << bit;
  }
}

TEST_F(Store, TruncationAtEveryByteMakesAnEntryAbsent) {
  CacheStore store = Make();
  store.Save(Key(1), Code(1));
  const fs::path path = Files().at(0);
  for (size_t size = 0; size < fs::file_size(path); ++size) {
    fs::resize_file(path, size);
    ASSERT_FALSE(store.Load(Key(1)).has_value()) << size;
    store.Save(Key(1), Code(1));
  }
}

TEST_F(Store, AnEntryUnderAnotherNameIsNotTaken) {
  CacheStore store = Make();
  store.Save(Key(1), Code(1));
  const fs::path first = Files().at(0);
  store.Save(Key(2), Code(2));
  const std::vector<fs::path> files = Files();
  const fs::path second = files[0] == first ? files[1] : files[0];
  fs::copy_file(first, second, fs::copy_options::overwrite_existing);
  EXPECT_FALSE(store.Load(Key(2)).has_value());
  EXPECT_TRUE(store.Load(Key(1)).has_value());
}

TEST_F(Store, TheOldestEntriesGoWhenTheLimitIsPassed) {
  constexpr size_t kPayload = 10000;
  CacheStore store = Make(20 * kPayload);
  for (uint32_t i = 0; i < 10; ++i) store.Save(Key(i), Code(i, kPayload));
  for (const fs::path& path : Files()) {  // all used long ago ...
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(100));
  }
  ASSERT_TRUE(store.Load(Key(3)).has_value());  // ... but this one
  for (uint32_t i = 10; i < 24; ++i) store.Save(Key(i), Code(i, kPayload));
  EXPECT_LE(store.Stats().size_bytes, 20 * kPayload);
  EXPECT_TRUE(store.Load(Key(3)).has_value());
  EXPECT_TRUE(store.Load(Key(23)).has_value());
}

TEST_F(Store, AnUnwritableOrForeignDirectoryIsNoCacheAndNoError) {
  CacheStore on_a_file({.directory = "/dev/null/cache"});
  on_a_file.Save(Key(1), Code(1));
  EXPECT_FALSE(on_a_file.Load(Key(1)).has_value());

  fs::create_directory(directory_ + "/open");
  chmod((directory_ + "/open").c_str(), 0777);
  CacheStore open({.directory = directory_ + "/open"});
  open.Save(Key(1), Code(1));
  EXPECT_TRUE(Files().empty());
  CacheStore trusted({.directory = directory_ + "/open", .is_trusted = true});
  trusted.Save(Key(1), Code(1));
  EXPECT_TRUE(trusted.Load(Key(1)).has_value());
}

TEST_F(Store, ASizeOfZeroTurnsItOff) {
  CacheStore store = Make(0);
  store.Save(Key(1), Code(1));
  EXPECT_TRUE(Files().empty());
  EXPECT_EQ(store.Stats().limit_bytes, 0u);
}

TEST_F(Store, StatsVerifyAndClearSeeEveryEntry) {
  CacheStore store = Make();
  for (uint32_t i = 0; i < 5; ++i) store.Save(Key(i), Code(i));
  EXPECT_EQ(store.Stats().entry_count, 5u);
  EXPECT_GT(store.Stats().size_bytes, 500u);
  fs::resize_file(Files().at(2), 77);
  const CacheVerification result = store.Verify();
  EXPECT_EQ(result.checked_count, 5u);
  EXPECT_EQ(result.removed_count, 1u);
  EXPECT_EQ(store.Verify().removed_count, 0u);
  EXPECT_EQ(store.Clear(), 4u);
  EXPECT_EQ(store.Stats().entry_count, 0u);
}

// Sixteen processes save, load and damage the same few entries. Whatever is loaded is whole and the right
// one.
TEST_F(Store, SixteenProcessesNeverSeeHalfAnEntry) {
  constexpr uint32_t kKeys = 8;
  std::vector<pid_t> children;
  for (int child = 0; child < 16; ++child) {
    const pid_t pid = fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      CacheStore store = Make(200000);
      std::mt19937 random(child);
      int loads = 0;
      for (int round = 0; round < 300; ++round) {
        const uint32_t number = random() % kKeys;
        const size_t payload = 5000 + 100 * number;
        if (const auto code = store.Load(Key(number))) {
          ++loads;
          if (*code != Code(number, payload)) _exit(2);
        } else {
          store.Save(Key(number), Code(number, payload));
        }
        if (child == 0 && round % 10 == 0) {
          std::error_code ignored;
          const std::string hex = Key(number).Hex();
          const std::string path = directory_ + "/cache/" + hex.substr(0, 2) + "/" + hex.substr(2) + ".tqo";
          fs::resize_file(path, random() % 4000, ignored);
        }
      }
      _exit(loads > 100 ? 0 : 3);
    }
    children.push_back(pid);
  }
  for (const pid_t pid : children) {
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  for (const fs::path& path : Files()) EXPECT_EQ(path.extension(), ".tqo") << path;
}

}  // namespace
}  // namespace tq
