#include "compiler/targets/thread_bounds.h"

#include <string>

#include "compiler/targets/analyses.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

namespace tq::targets {
namespace {

using testing::HasSubstr;
using testing::Not;

// A loop over threads whose first block ends with `question`, of %sum, and whose body stores.
std::string LoopThatAsks(const std::string& question, const std::string& before = "") {
  return "define void @f(ptr %out, i32 %first, i32 %bound, i32 %count) {\n"
         "entry:\n  br label %thread\n"
         "thread:\n  %i = phi i32 [ 0, %entry ], [ %next, %step ]\n" +
         before + "  %sum = add i32 %first, %i\n" + question +
         "work:\n  %wide = sext i32 %sum to i64\n  %at = getelementptr i32, ptr %out, i64 %wide\n"
         "  store i32 %i, ptr %at\n  br label %step\n"
         "step:\n  %next = add nuw nsw i32 %i, 1\n  %more = icmp ult i32 %next, %count\n"
         "  br i1 %more, label %thread, label %done\n"
         "done:\n  ret void\n}\n";
}

constexpr char kSignedQuestion[] =
    "  %ask = icmp sge i32 %sum, %bound\n  br i1 %ask, label %step, label %work\n";

class ThreadBounds : public testing::Test {
 protected:
  std::string After(const std::string& text) {
    llvm::SMDiagnostic error;
    auto module = llvm::parseAssemblyString(text, error, context_);
    if (module == nullptr) return error.getMessage().str();
    Analyses analyses;
    BoundThreadsPass().run(*module->getFunction("f"), analyses.functions);
    EXPECT_FALSE(llvm::verifyModule(*module, &llvm::errs()));
    std::string printed;
    llvm::raw_string_ostream stream(printed);
    module->print(stream, nullptr);
    return printed;
  }
  llvm::LLVMContext context_;
};

TEST_F(ThreadBounds, LoopEndsWhereThreadsHaveNoWork) {
  const std::string text = After(LoopThatAsks(kSignedQuestion));
  EXPECT_THAT(text, HasSubstr("%sum.bounded = add nsw i32 %first, %i.bounded")) << text;
  EXPECT_THAT(text, HasSubstr("br i1 false, label %step.bounded, label %work.bounded"));
  EXPECT_THAT(text, HasSubstr("call i64 @llvm.smin.i64"));
  // What it was stays, for sums that wrap.
  EXPECT_THAT(text, HasSubstr("%sum = add i32 %first, %i"));
}

TEST_F(ThreadBounds, UnsignedBoundsAndSwappedSides) {
  EXPECT_THAT(
      After(LoopThatAsks("  %ask = icmp ugt i32 %bound, %sum\n  br i1 %ask, label %work, label %step\n")),
      HasSubstr("%sum.bounded = add nuw i32"));
}

TEST_F(ThreadBounds, TheIndexItselfMayBeAsked) {
  const std::string text =
      After(LoopThatAsks("  %ask = icmp slt i32 %i, %bound\n  br i1 %ask, label %work, label %step\n"));
  EXPECT_THAT(text, HasSubstr("br i1 true, label %work.bounded, label %step.bounded")) << text;
}

TEST_F(ThreadBounds, OtherLoopsStay) {
  // The threads behind the bound are those with work; a comparison with what changes; work in front of the
  // question.
  for (const std::string& text :
       {LoopThatAsks("  %ask = icmp slt i32 %sum, %bound\n  br i1 %ask, label %step, label %work\n"),
        LoopThatAsks("  %ask = icmp slt i32 %sum, %i\n  br i1 %ask, label %work, label %step\n"),
        LoopThatAsks(kSignedQuestion, "  store volatile i32 %i, ptr %out\n")}) {
    EXPECT_THAT(After(text), Not(HasSubstr("bounded")));
  }
}

}  // namespace
}  // namespace tq::targets
