#include "compiler/simt/vector/split_at_barriers.h"

#include <gtest/gtest.h>

#include "compiler/simt/vector/warp_entry.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"

namespace tq::simt::vector {
namespace {

class SplitAtBarriersTest : public testing::Test {
 protected:
  FrameSize Split(const std::string& body) {
    llvm::SMDiagnostic error;
    module_ = llvm::parseAssemblyString(
        "declare void @tq.warp.wait()\ndeclare void @use(i64)\n"
        "define i32 @f(ptr %thread, i32 %x, i32 %y, i32 %z, i32 %first, i32 %mask, ptr %frame, ptr %locals,\n"
        "              i32 %state, ptr %arrived, ptr %counted) {\n" +
            body + "}\n",
        error, context_);
    EXPECT_NE(module_, nullptr) << error.getMessage().str();
    function_ = module_->getFunction("f");
    const FrameSize frame = SplitAtBarriers(*function_, {kFrameArgument, kLocalsArgument, kStateArgument});
    EXPECT_FALSE(llvm::verifyModule(*module_, &llvm::errs()));
    return frame;
  }

  template <typename T>
  size_t Count() {
    size_t count = 0;
    for (llvm::Instruction& instruction : llvm::instructions(*function_)) count += llvm::isa<T>(&instruction);
    return count;
  }

  llvm::LLVMContext context_;
  std::unique_ptr<llvm::Module> module_;
  llvm::Function* function_ = nullptr;
};

TEST_F(SplitAtBarriersTest, EachBarrierIsAReturnAndAPlaceToGoOn) {
  Split("call void @tq.warp.wait()\ncall void @tq.warp.wait()\nret i32 -1\n");
  EXPECT_EQ(Count<llvm::CallInst>(), 0u);
  EXPECT_EQ(Count<llvm::ReturnInst>(), 3u);
  auto* table = llvm::dyn_cast<llvm::SwitchInst>(function_->getEntryBlock().getTerminator());
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->getNumCases(), 2u);
}

TEST_F(SplitAtBarriersTest, OnlyWhatIsUsedBehindIsKept) {
  const FrameSize frame = Split(
      "%a = load i64, ptr %thread\n%b = load i64, ptr %counted\ncall void @use(i64 %b)\n"
      "call void @tq.warp.wait()\ncall void @use(i64 %a)\ncall void @use(i64 %a)\nret i32 -1\n");
  EXPECT_EQ(frame.value_bytes, 64u);
  EXPECT_EQ(Count<llvm::StoreInst>(), 1u);
  EXPECT_EQ(Count<llvm::LoadInst>(), 3u);
}

// A sum that goes round a loop with barriers is one variable.
TEST_F(SplitAtBarriersTest, APhiSharesTheSlotOfWhatComesToIt) {
  const FrameSize frame = Split(
      "begin:\nbr label %loop\n"
      "loop:\n%sum = phi <32 x float> [ zeroinitializer, %begin ], [ %next, %loop ]\n"
      "call void @tq.warp.wait()\n%next = fadd <32 x float> %sum, splat (float 1.0)\n"
      "call void @tq.warp.wait()\n%more = icmp ne i32 %x, 0\nbr i1 %more, label %loop, label %end\n"
      "end:\nret i32 -1\n");
  EXPECT_EQ(frame.value_bytes, 128u);
  // At the beginning, and each sum; not the phi once more.
  EXPECT_EQ(Count<llvm::StoreInst>(), 2u);
}

// The phi's input lives on behind it.
TEST_F(SplitAtBarriersTest, ValuesThatLiveTogetherHaveSlotsOfTheirOwn) {
  const FrameSize frame = Split(
      "begin:\n%a = load <16 x i32>, ptr %thread\n%c = icmp eq i32 %x, 0\nbr i1 %c, label %other, label "
      "%join\n"
      "other:\nbr label %join\n"
      "join:\n%p = phi <16 x i32> [ %a, %begin ], [ zeroinitializer, %other ]\n"
      "call void @tq.warp.wait()\n%s = add <16 x i32> %a, %p\nstore <16 x i32> %s, ptr %thread\nret i32 "
      "-1\n");
  EXPECT_EQ(frame.value_bytes, 128u);
}

TEST_F(SplitAtBarriersTest, LocalVariablesOfLanesMoveToTheFrame) {
  const FrameSize frame = Split(
      "%v = alloca [512 x i8], align 16, !tq.stays !0\n%t = alloca [128 x i8], align 64\n"
      "store i64 1, ptr %v\nstore i64 1, ptr %t\ncall void @tq.warp.wait()\n%a = load i64, ptr %v\n"
      "call void @use(i64 %a)\nret i32 -1\n}\n!0 = !{}\ndefine void @g() {\nret void\n");
  EXPECT_EQ(frame.local_bytes, 512u);
  EXPECT_EQ(frame.value_bytes, 0u);
  EXPECT_EQ(Count<llvm::AllocaInst>(), 1u);
}

TEST_F(SplitAtBarriersTest, AccessesOfTheFrameAreToldFromAllOthers) {
  Split(
      "%p = getelementptr i8, ptr %thread, i64 8\n%b = load i64, ptr %p\nbr label %next\nnext:\n"
      "%c = load i64, ptr %p\ncall void @tq.warp.wait()\n"
      "%d = add i64 %b, %c\ncall void @use(i64 %d)\nret i32 -1\n");
  size_t of_frame = 0, others = 0;
  for (llvm::Instruction& instruction : llvm::instructions(*function_)) {
    if (llvm::getLoadStorePointerOperand(&instruction) == nullptr) continue;
    of_frame += instruction.getMetadata(llvm::LLVMContext::MD_alias_scope) != nullptr;
    others += instruction.getMetadata(llvm::LLVMContext::MD_noalias) != nullptr;
  }
  EXPECT_GE(of_frame, 2u);  // what is kept is stored and loaded
  EXPECT_EQ(others, 2u);
}

}  // namespace
}  // namespace tq::simt::vector
