#include "tools/tianqiao-ptx/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "tools/tianqiao-ptx/parallel.h"

namespace tq::tools {
namespace {

using testing::HasSubstr;

std::string Kernel(const std::string& name, const std::string& body) {
  return absl::StrCat(".visible .entry ", name, "()\n{\n\t.reg .b32 %r<4>;\n\t.reg .b64 %d;\n\t", body,
                      "\n\tret;\n}\n");
}

std::pair<int, std::string> CheckText(const std::string& kernels) {
  // Of this process alone: tests run side by side.
  const std::string path = absl::StrCat(testing::TempDir(), "check.", getpid(), ".ptx");
  std::ofstream(path) << ".version 8.5\n.target sm_80\n.address_size 64\n" << kernels;
  CheckOptions options;
  options.files = {path};
  options.compile = 10;
  options.jobs = 2;
  testing::internal::CaptureStdout();
  const int result = Check(options);
  return {result, testing::internal::GetCapturedStdout()};
}

TEST(Check, CountsWhatIsParsedVerifiedAndCompiled) {
  const auto [result, table] =
      CheckText(Kernel("a", "add.s32 %r0, %r1, %r2;") + Kernel("b", "mov.u32 %r0, %tid.x;"));
  EXPECT_EQ(result, 0) << table;
  EXPECT_THAT(table, testing::ContainsRegex("all +1 +2 +2 +2 +2 +2 +0\n"));
}

TEST(Check, SaysAtWhichStageKernelsFail) {
  const auto [result, table] =
      CheckText(Kernel("good", "add.s32 %r0, %r1, %r2;") + Kernel("unknown", "frobnicate.s32 %r0, %r1;") +
                Kernel("mistyped", "add.s32 %r0, %d, %r2;"));
  EXPECT_EQ(result, 1);
  EXPECT_THAT(table, testing::ContainsRegex("all +1 +3 +2 +1 +3 +1 +0\n"));
  EXPECT_THAT(table, HasSubstr("parse: error: "));
  EXPECT_THAT(table, HasSubstr("verify: error: "));
}

TEST(Check, AKernelThatCallsWhatIsLinkedLaterIsNoFailure) {
  const auto [result, table] = CheckText(".extern .func (.param .b32 r) op(.param .b32 a);\n" +
                                         Kernel("k",
                                                "{ .param .b32 a; .param .b32 r; st.param.b32 [a], %r0; call "
                                                "(r), op, (a); ld.param.b32 %r1, [r]; }"));
  EXPECT_EQ(result, 0) << table;
  EXPECT_THAT(table, testing::ContainsRegex("all +1 +1 +1 +1 +1 +0 +1\n"));
}

TEST(RunInProcesses, AnswersForItemsThatEndTheirProcess) {
  const std::vector<std::string> answers = RunInProcesses(
      40, 3, 1,
      [](size_t i) -> std::string {
        if (i == 5) raise(SIGKILL);
        if (i == 17) _exit(3);
        if (i == 23) pause();
        return i % 2 != 0 ? absl::StrCat("item ", i) : "";
      },
      [](size_t) {});
  ASSERT_EQ(answers.size(), 40u);
  for (size_t i = 0; i < answers.size(); ++i) {
    if (i == 5) {
      EXPECT_EQ(answers[i], "crashed with signal 9");
    } else if (i == 17) {
      EXPECT_EQ(answers[i], "ended its process with 3");
    } else if (i == 23) {
      EXPECT_EQ(answers[i], "did not end in 1 s");
    } else {
      EXPECT_EQ(answers[i], i % 2 != 0 ? absl::StrCat("item ", i) : "");
    }
  }
}

}  // namespace
}  // namespace tq::tools
