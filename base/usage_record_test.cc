#include "base/usage_record.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace tq {
namespace {

// Before the first look at a knob: a directory that no other process writes into.
const std::string& Directory() {
  static std::string path = std::filesystem::temp_directory_path() / "usage_record_test.XXXXXX";
  static const bool is_made = [] {
    setenv("TIANQIAO_USAGE_DIR", mkdtemp(path.data()), 1);
    return std::atexit([] { std::filesystem::remove_all(path); }) == 0;
  }();
  EXPECT_TRUE(is_made);
  return path;
}

class UsageRecords : public testing::Test {
 protected:
  void SetUp() override { Directory(); }
};

constexpr std::array<uint8_t, 16> kFirst = {1, 2, 3}, kSecond = {4, 5, 6};

TEST_F(UsageRecords, IsSeenWhileItLives) {
  EXPECT_TRUE(ReadUsage().empty());
  auto record = UsageRecord::Create({kFirst, kSecond});
  ASSERT_NE(record, nullptr);
  record->Set(1, 4096, 77);
  record->Set(2, 1, 1);  // there is no such device
  const std::vector<ProcessUsage> seen = ReadUsage();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].pid, getpid());
  ASSERT_EQ(seen[0].devices.size(), 2u);
  EXPECT_EQ(seen[0].devices[1].uuid, kSecond);
  EXPECT_EQ(seen[0].devices[1].memory_used_bytes, 4096u);
  EXPECT_EQ(seen[0].devices[1].busy_ns, 77u);
  EXPECT_EQ(seen[0].devices[0].memory_used_bytes, 0u);
  record.reset();
  EXPECT_TRUE(ReadUsage().empty());
}

// The child is killed with its record open; the file goes with the next reader.
TEST_F(UsageRecords, OfAKilledProcessIsGone) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    auto record = UsageRecord::Create({kFirst});
    record->Set(0, 1, 1);
    (void)!write(ready[1], "x", 1);
    for (;;) pause();
  }
  char byte;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  ASSERT_EQ(ReadUsage().size(), 1u);
  EXPECT_EQ(ReadUsage()[0].pid, child);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(ReadUsage().empty());
  EXPECT_TRUE(std::filesystem::is_empty(Directory()));
}

TEST_F(UsageRecords, RubbishIsPassedOver) {
  const std::string name = Directory() + "/tianqiao-usage." + std::to_string(getpid());
  std::ofstream(name) << "short";
  std::ofstream(Directory() + "/tianqiao-usage.12x") << "";
  std::ofstream(Directory() + "/tianqiao-usage.-1") << "";
  std::ofstream(Directory() + "/other") << "";
  EXPECT_TRUE(ReadUsage().empty());
  std::ofstream(name) << std::string(1 << 16, '\xff');
  EXPECT_TRUE(ReadUsage().empty());
  ASSERT_EQ(mkfifo((Directory() + "/tianqiao-usage.1").c_str(), 0600), 0);
  EXPECT_TRUE(ReadUsage().empty());
  // A new record takes the place of what lies there.
  auto record = UsageRecord::Create({kFirst});
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(ReadUsage().size(), 1u);
  record.reset();
  for (const auto& entry : std::filesystem::directory_iterator(Directory())) {
    std::filesystem::remove(entry.path());
  }
}

}  // namespace
}  // namespace tq
