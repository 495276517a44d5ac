#include <cuda.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

class Logs : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(cuInit(0), CUDA_SUCCESS); }
};

void Fail() {
  int count;
  ASSERT_EQ(cuDeviceGet(&count, 1000), CUDA_ERROR_INVALID_DEVICE);
}

std::string Dump(CUlogIterator* iterator, size_t capacity = 65536) {
  std::string buffer(capacity, 'x');
  size_t size = capacity;
  EXPECT_EQ(cuLogsDumpToMemory(iterator, buffer.data(), &size, 0), CUDA_SUCCESS);
  EXPECT_EQ(buffer[size], '\0');
  buffer.resize(size);
  return buffer;
}

TEST_F(Logs, AFailedCallIsFoundByItsNameAndCode) {
  CUlogIterator iterator;
  ASSERT_EQ(cuLogsCurrent(&iterator, 0), CUDA_SUCCESS);
  EXPECT_EQ(Dump(&iterator), "");
  Fail();
  const std::string text = Dump(&iterator);
  EXPECT_NE(text.find("cuDeviceGet: CUDA_ERROR_INVALID_DEVICE"), std::string::npos);
  EXPECT_NE(text.find("[E]"), std::string::npos);
  EXPECT_EQ(text.back(), '\n');
  EXPECT_EQ(Dump(&iterator), "") << "the iterator advances";
  EXPECT_NE(Dump(nullptr).find("cuDeviceGet"), std::string::npos) << "without one, everything is dumped";
}

TEST_F(Logs, ASmallBufferHoldsTheNewestEntriesAndSaysSo) {
  CUlogIterator iterator;
  ASSERT_EQ(cuLogsCurrent(&iterator, 0), CUDA_SUCCESS);
  for (int i = 0; i < 20; ++i) Fail();
  EXPECT_EQ(cuStreamQuery(reinterpret_cast<CUstream>(8)), CUDA_ERROR_INVALID_CONTEXT);
  const std::string text = Dump(&iterator, 400);
  EXPECT_LT(text.size(), 400u);
  EXPECT_EQ(text.find("Older entries"), 0u);
  EXPECT_NE(text.find("cuStreamQuery"), std::string::npos);
}

TEST_F(Logs, ABufferWithoutRoomForAnEntryIsRefused) {
  CUlogIterator iterator;
  ASSERT_EQ(cuLogsCurrent(&iterator, 0), CUDA_SUCCESS);
  Fail();
  char buffer[8] = "xxxxxxx";
  size_t size = sizeof(buffer);
  const CUlogIterator before = iterator;
  EXPECT_EQ(cuLogsDumpToMemory(&iterator, buffer, &size, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(size, 0u);
  EXPECT_STREQ(buffer, "");
  EXPECT_EQ(iterator, before);
}

TEST_F(Logs, TheOldestEntriesMakeRoom) {
  CUlogIterator iterator;
  ASSERT_EQ(cuLogsCurrent(&iterator, 0), CUDA_SUCCESS);
  for (int i = 0; i < 2000; ++i) Fail();
  const std::string text = Dump(&iterator);
  EXPECT_LE(text.size(), 25700u);
  EXPECT_GT(text.size(), 20000u);
  EXPECT_EQ(text.find("Older entries"), 0u);
}

TEST_F(Logs, AreWrittenToAFile) {
  CUlogIterator iterator;
  ASSERT_EQ(cuLogsCurrent(&iterator, 0), CUDA_SUCCESS);
  Fail();
  const std::string path = testing::TempDir() + "tianqiao_logs_test.txt";
  ASSERT_EQ(cuLogsDumpToFile(&iterator, path.c_str(), 0), CUDA_SUCCESS);
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_NE(text.find("cuDeviceGet"), std::string::npos);
  EXPECT_EQ(remove(path.c_str()), 0);
  EXPECT_EQ(cuLogsDumpToFile(&iterator, "/nonexistent/directory/file", 0), CUDA_ERROR_INVALID_VALUE);
}

struct Received {
  std::vector<std::string> lines;
};

void Receive(void* data, CUlogLevel level, char* message, size_t length) {
  EXPECT_EQ(level, CU_LOG_LEVEL_ERROR);
  static_cast<Received*>(data)->lines.emplace_back(message, length);
}

TEST_F(Logs, CallbacksHearOfEachFailureUntilTheyAreUnregistered) {
  Received received;
  CUlogsCallbackHandle handle;
  ASSERT_EQ(cuLogsRegisterCallback(Receive, &received, &handle), CUDA_SUCCESS);
  Fail();
  ASSERT_EQ(received.lines.size(), 1u);
  EXPECT_NE(received.lines[0].find("cuDeviceGet"), std::string::npos);
  EXPECT_EQ(cuLogsUnregisterCallback(handle), CUDA_SUCCESS);
  Fail();
  EXPECT_EQ(received.lines.size(), 1u);
  EXPECT_EQ(cuLogsUnregisterCallback(handle), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuLogsRegisterCallback(nullptr, &received, &handle), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Logs, FlagsMustBeZero) {
  CUlogIterator iterator;
  EXPECT_EQ(cuLogsCurrent(&iterator, 1), CUDA_ERROR_INVALID_VALUE);
  char buffer[64];
  size_t size = sizeof(buffer);
  EXPECT_EQ(cuLogsDumpToMemory(nullptr, buffer, &size, 1), CUDA_ERROR_INVALID_VALUE);
}

}  // namespace
