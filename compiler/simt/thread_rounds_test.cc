#include "compiler/simt/thread_rounds.h"

#include <memory>
#include <string>

#include "compiler/simt/vector/split_at_barriers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

namespace tq::simt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using vector::kEnded;

class Rounds : public testing::Test {
 protected:
  llvm::Function& Kernel(const std::string& body) {
    llvm::SMDiagnostic error;
    module_ = llvm::parseAssemblyString(
        "declare void @tq.barrier(i32, i32)\ndeclare i32 @tq.barrier.reduce(i32, i32, i32, i32)\n"
        "declare void @tq.exit() noreturn\ndeclare i32 @tq.tid.x()\ndeclare void @tq.warpsync(i32)\n"
        "declare void @use(i32)\ndeclare ptr @tq.params()\n!0 = !{}\ndefine void @k(ptr %thread) "
        "\"tq.kernel\" {\n" +
            body + "}\n",
        error, context_);
    EXPECT_NE(module_, nullptr) << error.getMessage().str();
    return *module_->getFunction("k");
  }

  bool CanRun(const std::string& body) {
    llvm::Function& kernel = Kernel(body);
    return CanRunInRounds(kernel, AnalyzeProgress(*module_));
  }

  ThreadRounds Cut(const std::string& body) {
    const ThreadRounds rounds = CutIntoRounds(Kernel(body));
    EXPECT_FALSE(llvm::verifyModule(*module_, &llvm::errs()));
    return rounds;
  }

  std::string Text() const {
    std::string text;
    llvm::raw_string_ostream stream(text);
    module_->print(stream, nullptr);
    return text;
  }

  llvm::LLVMContext context_;
  std::unique_ptr<llvm::Module> module_;
};

constexpr char kBarrier[] = "call void @tq.barrier(i32 0, i32 0)\n";

TEST_F(Rounds, OnlyWaitsForTheWholeBlock) {
  const std::string barrier = kBarrier;
  EXPECT_TRUE(CanRun(barrier + "ret void\n"));
  EXPECT_FALSE(CanRun("ret void\n"));
  EXPECT_FALSE(CanRun("call void @tq.barrier(i32 0, i32 64)\nret void\n"));
  EXPECT_FALSE(CanRun(barrier + "call void @tq.barrier(i32 1, i32 0)\nret void\n"));
  EXPECT_FALSE(CanRun(barrier + "call void @tq.warpsync(i32 -1)\nret void\n"));
  EXPECT_FALSE(CanRun("%r = call i32 @tq.barrier.reduce(i32 0, i32 0, i32 1, i32 1)\nret void\n"));
}

TEST_F(Rounds, LargeLocalVariablesStayOnStacks) {
  const std::string barrier = kBarrier;
  EXPECT_TRUE(CanRun("%v = alloca [64 x i32]\n" + barrier + "ret void\n"));
  EXPECT_FALSE(CanRun("%v = alloca [65 x i32]\n" + barrier + "ret void\n"));
}

TEST_F(Rounds, StatesSayWhereTheyLead) {
  const std::string barrier = kBarrier;
  const ThreadRounds rounds =
      Cut("%t = call i32 @tq.tid.x()\n%c = icmp eq i32 %t, 0\n" + barrier + "br i1 %c, label %a, label %b\n" +
          "a:\n" + barrier + "call void @tq.exit()\nunreachable\nb:\nret void\n");
  ASSERT_EQ(rounds.next.size(), 3u);
  EXPECT_THAT(rounds.next[0], ElementsAre(1u));
  EXPECT_THAT(rounds.next[1], UnorderedElementsAre(2u, kEnded));
  EXPECT_THAT(rounds.next[2], ElementsAre(kEnded));
}

TEST_F(Rounds, ValuesOfRegistersAreComputedAnew) {
  const std::string barrier = kBarrier;
  const ThreadRounds rounds =
      Cut("%t = call i32 @tq.tid.x()\n%s = shl i32 %t, 2\n" + barrier + "call void @use(i32 %s)\nret void\n");
  EXPECT_EQ(rounds.value_bytes, 0u);
  EXPECT_EQ(rounds.thread->arg_size(), 6u);
  EXPECT_THAT(Text(), HasSubstr("define i32 @k(ptr %0, ptr %1, ptr %2, i32 %3, ptr %4, ptr %5)"));
}

TEST_F(Rounds, OtherValuesAreKept) {
  const std::string barrier = kBarrier;
  const ThreadRounds rounds =
      Cut("%v = load i32, ptr %thread\n" + barrier + "call void @use(i32 %v)\nret void\n");
  EXPECT_EQ(rounds.value_bytes, 64u);
}

// A loop with a barrier in it, whose body is `body` and which ends when %go is false.
std::string LoopWithBarrier(const std::string& phis, const std::string& body) {
  return "begin:\n%t = call i32 @tq.tid.x()\n%p = call ptr @tq.params()\n"
         "%n = load i32, ptr %p, align 4, !invariant.load !0\nbr label %loop\nloop:\n" +
         phis + kBarrier + body + "br i1 %go, label %loop, label %end\nend:\nret void\n";
}

constexpr char kCounter[] = "%i = phi i32 [ 0, %begin ], [ %j, %loop ]\n";
constexpr char kCount[] = "%j = add i32 %i, 1\n%go = icmp slt i32 %j, %n\ncall void @use(i32 %i)\n";

TEST_F(Rounds, ACounterIsKeptOnceForAllThreads) {
  const ThreadRounds rounds = Cut(LoopWithBarrier(kCounter, kCount));
  EXPECT_TRUE(rounds.stays_together);
  EXPECT_EQ(rounds.value_bytes, 0u);
  EXPECT_EQ(rounds.same_bytes, 4u);
}

TEST_F(Rounds, AnIndexIsWhereItBeganPlusWhatIsTheSame) {
  const std::string index = "%a = phi i32 [ %t, %begin ], [ %b, %loop ]\n";
  const ThreadRounds rounds = Cut(LoopWithBarrier(
      std::string(kCounter) + index, std::string(kCount) + "%b = add i32 %a, 16\ncall void @use(i32 %a)\n"));
  EXPECT_EQ(rounds.value_bytes, 0u);
  EXPECT_EQ(rounds.same_bytes, 8u);
}

TEST_F(Rounds, ASumOfEachThreadIsItsOwn) {
  const std::string sum = "%a = phi i32 [ 0, %begin ], [ %b, %loop ]\n";
  const ThreadRounds rounds =
      Cut(LoopWithBarrier(std::string(kCounter) + sum,
                          std::string(kCount) + "%v = load i32, ptr %thread\n%b = add i32 %a, %v\n"));
  EXPECT_EQ(rounds.value_bytes, 64u);
  EXPECT_EQ(rounds.same_bytes, 4u);
}

TEST_F(Rounds, ThreadsThatPartOverABarrierAreNotTogether) {
  // As many rounds as the thread's index.
  const ThreadRounds rounds = Cut(
      LoopWithBarrier(kCounter, "%j = add i32 %i, 1\n%go = icmp slt i32 %j, %t\ncall void @use(i32 %i)\n"));
  EXPECT_FALSE(rounds.stays_together);
  EXPECT_EQ(rounds.same_bytes, 0u);
  EXPECT_EQ(rounds.value_bytes, 64u);
}

TEST_F(Rounds, ThreadsMayPartBetweenBarriers) {
  const std::string barrier = kBarrier;
  const ThreadRounds rounds =
      Cut("%t = call i32 @tq.tid.x()\n%c = icmp eq i32 %t, 0\nbr i1 %c, label %a, label %b\na:\nbr label %b\n"
          "b:\n%p = phi i32 [ 1, %a ], [ 2, %0 ]\n" +
          barrier + "call void @use(i32 %p)\nret void\n");
  EXPECT_TRUE(rounds.stays_together);
  EXPECT_EQ(rounds.same_bytes, 0u);
  EXPECT_EQ(rounds.value_bytes, 64u);
}

}  // namespace
}  // namespace tq::simt
