#include <gtest/gtest.h>

#include "compiler/simt/simplify.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"

namespace tq::simt {
namespace {

class RecoverTest : public testing::Test {
 protected:
  // `body` is that of a function of (float %x, i32 %n, i1 %c) that returns i32.
  llvm::Function& Parse(const std::string& body) {
    llvm::SMDiagnostic error;
    module_ = llvm::parseAssemblyString(
        "declare ptr @tq.local.base()\ndefine i32 @f(float %x, i32 %n, i1 %c) {\n" + body + "}\n", error,
        context_);
    EXPECT_NE(module_, nullptr) << error.getMessage().str();
    return *module_->getFunction("f");
  }

  void Verify() { EXPECT_FALSE(llvm::verifyModule(*module_, &llvm::errs())); }

  static std::vector<llvm::PHINode*> PhisOf(llvm::Function& function, llvm::Type* type) {
    std::vector<llvm::PHINode*> phis;
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      auto* phi = llvm::dyn_cast<llvm::PHINode>(&instruction);
      if (phi != nullptr && phi->getType() == type) phis.push_back(phi);
    }
    return phis;
  }

  llvm::LLVMContext context_;
  std::unique_ptr<llvm::Module> module_;
};

TEST_F(RecoverTest, SumOfALoopIsAFloat) {
  llvm::Function& f = Parse(R"(
entry:
  br label %loop
loop:
  %sum = phi i32 [ 0, %entry ], [ %word, %loop ]
  %number = bitcast i32 %sum to float
  %next = fadd float %number, %x
  %word = bitcast float %next to i32
  br i1 %c, label %loop, label %end
end:
  %result = phi i32 [ %word, %loop ]
  ret i32 %result
)");
  EXPECT_TRUE(RecoverFloats(f));
  Verify();
  EXPECT_TRUE(PhisOf(f, llvm::Type::getInt32Ty(context_)).empty());
  ASSERT_EQ(PhisOf(f, llvm::Type::getFloatTy(context_)).size(), 2u);
  llvm::PHINode* sum = PhisOf(f, llvm::Type::getFloatTy(context_))[0];
  EXPECT_TRUE(llvm::cast<llvm::ConstantFP>(sum->getIncomingValue(0))->isZero());
  EXPECT_EQ(sum->getIncomingValue(1)->getName(), "next");
}

TEST_F(RecoverTest, WordsThatMayBeNumbersStayWords) {
  llvm::Function& f = Parse(R"(
entry:
  %word = bitcast float %x to i32
  br i1 %c, label %then, label %end
then:
  br label %end
end:
  %result = phi i32 [ %word, %entry ], [ %n, %then ]
  ret i32 %result
)");
  EXPECT_FALSE(RecoverFloats(f));
  Verify();
}

TEST_F(RecoverTest, CountersStayWords) {
  llvm::Function& f = Parse(R"(
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %next = add i32 %i, 1
  br i1 %c, label %loop, label %end
end:
  ret i32 %i
)");
  EXPECT_FALSE(RecoverFloats(f));
}

// cvta.local of a variable, stepped through by the address itself.
TEST_F(RecoverTest, LoopThroughALocalVariablePointsIntoIt) {
  llvm::Function& f = Parse(R"(
entry:
  %array = alloca [64 x i8], align 4
  %base = call ptr @tq.local.base()
  %window = ptrtoint ptr %base to i64
  %place = ptrtoint ptr %array to i64
  %start = sub i64 %place, %window
  br label %loop
loop:
  %at = phi i64 [ %start, %entry ], [ %next, %loop ]
  %pointer = inttoptr i64 %at to ptr addrspace(5)
  store i32 %n, ptr addrspace(5) %pointer, align 4
  %next = add i64 %at, 8
  br i1 %c, label %loop, label %end
end:
  ret i32 0
)");
  EXPECT_TRUE(RecoverPointers(f));
  Verify();
  for (llvm::Instruction& instruction : llvm::instructions(f)) {
    auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
    if (store == nullptr) continue;
    auto* step = llvm::dyn_cast<llvm::GetElementPtrInst>(store->getPointerOperand());
    ASSERT_NE(step, nullptr);
    EXPECT_EQ(step->getPointerOperand()->getName(), "array");
  }
}

}  // namespace
}  // namespace tq::simt
