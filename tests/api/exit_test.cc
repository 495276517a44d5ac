// How programs end while CUDA is in use: exiting.cc does it, in a process of its own.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace {

int StatusOf(const char* program, const char* argument) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    execl(program, program, argument, nullptr);
    _exit(95);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

class Exits : public testing::TestWithParam<const char*> {};

TEST_P(Exits, LeaveNoCallHangingAndNoneWrong) { EXPECT_EQ(StatusOf(TQ_TEST_EXITING, GetParam()), 0); }

INSTANTIATE_TEST_SUITE_P(Ways, Exits,
                         testing::Values("Plainly", "WithWorkInFlight", "InExitHandlers",
                                         "InDestructorsOfStaticObjects", "InDestructorsOfThreads",
                                         "WhileThreadsWork", "WhileAnotherWaits", "ByQuickExit",
                                         "AfterItsLibraryWasClosed",
                                         "InAChildThatWasForkedAndThenBecomesAnotherProgram", "AsADaemon",
                                         "WithHandlersOfSignals"),
                         [](const auto& info) { return info.param; });

TEST(Exit, AFaultOfTheProgramEndsItAsWithoutCuda) {
  EXPECT_EQ(StatusOf(TQ_TEST_EXITING, "ByTheSignalOfAFaultOfItsOwn"), -SIGSEGV);
}

TEST(Exit, LibcudaMayBeClosedAndOpenedAgain) { EXPECT_EQ(StatusOf(TQ_TEST_CLOSING, TQ_LIBCUDA), 0); }

}  // namespace
