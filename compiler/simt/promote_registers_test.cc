#include "compiler/simt/promote_registers.h"

#include <gtest/gtest.h>

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"

namespace tq::simt {
namespace {

class PromoteRegistersTest : public testing::Test {
 protected:
  // `body` is that of a function of (i32 %x, i1 %c) that returns i32.
  llvm::Function& Promote(const std::string& body) {
    llvm::SMDiagnostic error;
    module_ = llvm::parseAssemblyString(
        "declare void @use(ptr)\ndefine i32 @f(i32 %x, i1 %c) {\n" + body + "}\n", error, context_);
    EXPECT_NE(module_, nullptr) << error.getMessage().str();
    llvm::Function& function = *module_->getFunction("f");
    llvm::DominatorTree dominators(function);
    PromoteRegisters(function, dominators);
    EXPECT_FALSE(llvm::verifyModule(*module_, &llvm::errs()));
    return function;
  }

  template <typename T>
  static size_t Count(llvm::Function& function) {
    size_t count = 0;
    for (llvm::Instruction& instruction : llvm::instructions(function)) count += llvm::isa<T>(&instruction);
    return count;
  }

  llvm::LLVMContext context_;
  std::unique_ptr<llvm::Module> module_;
};

TEST_F(PromoteRegistersTest, OneWriteBeforeEachReadNeedsNoPhi) {
  llvm::Function& f = Promote(R"(
entry:
  %r = alloca i32
  store i32 0, ptr %r
  br label %body
body:
  %v = add i32 %x, 1
  store i32 %v, ptr %r
  br i1 %c, label %then, label %next
then:
  br label %next
next:
  %l = load i32, ptr %r
  ret i32 %l
)");
  EXPECT_EQ(Count<llvm::AllocaInst>(f) + Count<llvm::LoadInst>(f) + Count<llvm::PHINode>(f), 0u);
  EXPECT_EQ(f.back().getTerminator()->getOperand(0)->getName(), "v");
}

TEST_F(PromoteRegistersTest, AReadThatTheWriteMayMissSeesZero) {
  llvm::Function& f = Promote(R"(
entry:
  %r = alloca i32
  store i32 0, ptr %r
  br i1 %c, label %then, label %next
then:
  store i32 %x, ptr %r
  br label %next
next:
  %l = load i32, ptr %r
  ret i32 %l
)");
  auto* phi = llvm::dyn_cast<llvm::PHINode>(f.back().getTerminator()->getOperand(0));
  ASSERT_NE(phi, nullptr);
  EXPECT_TRUE(llvm::cast<llvm::Constant>(phi->getIncomingValueForBlock(&f.getEntryBlock()))->isNullValue());
}

TEST_F(PromoteRegistersTest, AReadOfTheRoundBeforeSeesThatRound) {
  llvm::Function& f = Promote(R"(
entry:
  %r = alloca i32
  store i32 0, ptr %r
  br label %loop
loop:
  %l = load i32, ptr %r
  %v = add i32 %l, %x
  store i32 %v, ptr %r
  br i1 %c, label %loop, label %out
out:
  ret i32 %l
)");
  EXPECT_EQ(Count<llvm::PHINode>(f), 1u);
  EXPECT_EQ(Count<llvm::AllocaInst>(f), 0u);
}

TEST_F(PromoteRegistersTest, MemoryWhoseAddressIsTakenStays) {
  llvm::Function& f = Promote(R"(
entry:
  %r = alloca i32
  store i32 %x, ptr %r
  call void @use(ptr %r)
  %l = load i32, ptr %r
  ret i32 %l
)");
  EXPECT_EQ(Count<llvm::AllocaInst>(f), 1u);
  EXPECT_EQ(Count<llvm::LoadInst>(f), 1u);
}

TEST_F(PromoteRegistersTest, UnreachableCodeMayCopyARegisterToItself) {
  llvm::Function& f = Promote(R"(
entry:
  %r = alloca i32
  ret i32 %x
dead:
  %l = load i32, ptr %r
  store i32 %l, ptr %r
  br label %dead
)");
  EXPECT_EQ(Count<llvm::AllocaInst>(f), 0u);
}

}  // namespace
}  // namespace tq::simt
