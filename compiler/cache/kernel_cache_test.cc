#include "compiler/cache/kernel_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/code_object.h"

namespace tq {
namespace {

// Without a directory: what threads share in memory.
KernelCache MakeCache() { return KernelCache({.directory = "", .limit_bytes = 0}); }

std::vector<uint8_t> Code(uint8_t value) {
  CodeObject object;
  object.payload = {value};
  return WriteCodeObject(object);
}

TEST(KernelCache, ThreadsThatWantTheSameKernelCompileOnce) {
  KernelCache cache = MakeCache();
  std::atomic<int> compiles{0};
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      const auto code = cache.Get(CacheKey{}, [&] {
        ++compiles;
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        return absl::StatusOr<std::vector<uint8_t>>(Code(7));
      });
      if (code.ok() && **code == Code(7)) ++right;
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(compiles, 1);
  EXPECT_EQ(right, 16);
}

TEST(KernelCache, AFailureIsReportedAndTriedAgain) {
  KernelCache cache = MakeCache();
  int compiles = 0;
  const auto fail = [&]() -> absl::StatusOr<std::vector<uint8_t>> {
    ++compiles;
    return absl::InvalidArgumentError("no good");
  };
  EXPECT_EQ(cache.Get(CacheKey{}, fail).status().message(), "no good");
  EXPECT_EQ(cache.Get(CacheKey{}, fail).status().message(), "no good");
  EXPECT_EQ(compiles, 2);
  EXPECT_TRUE(cache.Get(CacheKey{}, [] { return absl::StatusOr<std::vector<uint8_t>>(Code(1)); }).ok());
}

TEST(KernelCache, FindGivesWhatHasBeenCompiledAndCompilesNothing) {
  KernelCache cache = MakeCache();
  EXPECT_EQ(cache.Find(CacheKey{}), nullptr);
  const auto code = cache.Get(CacheKey{}, [] { return absl::StatusOr<std::vector<uint8_t>>(Code(3)); });
  ASSERT_TRUE(code.ok());
  EXPECT_EQ(cache.Find(CacheKey{}), *code);
}

TEST(KernelCache, CodeThatIsInUseIsSharedAndThenForgotten) {
  KernelCache cache = MakeCache();
  int compiles = 0;
  const auto compile = [&]() -> absl::StatusOr<std::vector<uint8_t>> {
    ++compiles;
    return Code(3);
  };
  {
    const auto first = cache.Get(CacheKey{}, compile);
    const auto second = cache.Get(CacheKey{}, compile);
    EXPECT_EQ(*first, *second);
    EXPECT_EQ(compiles, 1);
  }
  (void)cache.Get(CacheKey{}, compile);
  EXPECT_EQ(compiles, 2);
}

}  // namespace
}  // namespace tq
