#include "runtime/core/background_compile.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <future>
#include <thread>

namespace tq::core {
namespace {

KernelCache::Code CodeOf(uint8_t byte) { return std::make_shared<const std::vector<uint8_t>>(1, byte); }

void WaitFor(const BackgroundCompile& compile) {
  for (int i = 0; i < 20'000 && !compile.is_done(); ++i) usleep(1000);
  ASSERT_TRUE(compile.is_done());
}

TEST(BackgroundCompileTest, GivesTheCodeOnceItIsDone) {
  std::promise<void> begin;
  const auto compile = BackgroundCompile::Start([&]() -> absl::StatusOr<KernelCache::Code> {
    begin.get_future().wait();
    return CodeOf(7);
  });
  EXPECT_FALSE(compile->is_done());
  begin.set_value();
  WaitFor(*compile);
  const KernelCache::Code code = compile->TakeCode();
  ASSERT_NE(code, nullptr);
  EXPECT_EQ((*code)[0], 7);
}

TEST(BackgroundCompileTest, AFailureIsDoneWithoutCode) {
  const auto compile = BackgroundCompile::Start(
      []() -> absl::StatusOr<KernelCache::Code> { return absl::InternalError("It cannot be compiled."); });
  WaitFor(*compile);
  EXPECT_EQ(compile->TakeCode(), nullptr);
}

TEST(BackgroundCompileTest, WhatNobodyWantsAnyMoreIsNotCompiled) {
  std::promise<void> first_began, first_may_end;
  const auto first = BackgroundCompile::Start([&]() -> absl::StatusOr<KernelCache::Code> {
    first_began.set_value();
    first_may_end.get_future().wait();
    return CodeOf(1);
  });
  first_began.get_future().wait();
  std::atomic<bool> ran = false;
  auto second = BackgroundCompile::Start([&]() -> absl::StatusOr<KernelCache::Code> {
    ran = true;
    return CodeOf(2);
  });
  const auto third =
      BackgroundCompile::Start([]() -> absl::StatusOr<KernelCache::Code> { return CodeOf(3); });
  second.reset();
  first_may_end.set_value();
  WaitFor(*third);
  EXPECT_EQ((*first->TakeCode())[0], 1);
  EXPECT_EQ((*third->TakeCode())[0], 3);
  EXPECT_FALSE(ran);
}

TEST(BackgroundCompileTest, RunsBelowTheProgramsPriorityAndWithoutItsSignals) {
  int nice = 0;
  bool blocks_signals = false;
  const auto compile = BackgroundCompile::Start([&]() -> absl::StatusOr<KernelCache::Code> {
    nice = getpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)));
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    blocks_signals = sigismember(&blocked, SIGPROF) == 1 && sigismember(&blocked, SIGUSR1) == 1;
    return CodeOf(1);
  });
  WaitFor(*compile);
  EXPECT_GT(nice, getpriority(PRIO_PROCESS, static_cast<id_t>(getpid())));
  EXPECT_TRUE(blocks_signals);
}

}  // namespace
}  // namespace tq::core
