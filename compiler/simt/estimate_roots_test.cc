#include "compiler/simt/estimate_roots.h"

#include <gtest/gtest.h>

#include "compiler/simt/intrinsics.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"

namespace tq::simt {
namespace {

class EstimateRootsTest : public testing::Test {
 protected:
  // `body` is that of a function of (float %x) that returns float.
  void Run(const std::string& body) {
    llvm::SMDiagnostic error;
    module_ = llvm::parseAssemblyString(
        "declare float @tq_rsqrt_approx_f32(float)\ndeclare float @tq.canonical.nan(float)\n"
        "define float @f(float %x) {\n" +
            body + "}\n",
        error, context_);
    ASSERT_NE(module_, nullptr) << error.getMessage().str();
    EstimateRoots(*module_);
    EXPECT_FALSE(llvm::verifyModule(*module_, &llvm::errs()));
    EXPECT_EQ(module_->getFunction("tq_rsqrt_approx_f32"), nullptr);
  }

  size_t Calls(Intrinsic intrinsic) const {
    size_t count = 0;
    for (llvm::Instruction& instruction : llvm::instructions(*module_->getFunction("f"))) {
      auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
      count += call != nullptr && Identify(*call->getCalledFunction()) == intrinsic;
    }
    return count;
  }

  llvm::LLVMContext context_;
  std::unique_ptr<llvm::Module> module_;
};

TEST_F(EstimateRootsTest, WhoeverSeesTheResultSeesOneNan) {
  Run("%y = call float @tq_rsqrt_approx_f32(float %x)\nret float %y\n");
  EXPECT_EQ(Calls(Intrinsic::kRsqrtEstimate), 1u);
  EXPECT_EQ(Calls(Intrinsic::kCanonicalNan), 1u);
}

TEST_F(EstimateRootsTest, MarksWithinASumOfRootsGo) {
  Run("%s = fadd float %x, 1.0\n%m = call float @tq.canonical.nan(float %s)\n"
      "%y = call float @tq_rsqrt_approx_f32(float %m)\n%t = fmul float %y, %y\n"
      "%n = call float @tq.canonical.nan(float %t)\nret float %n\n");
  EXPECT_EQ(Calls(Intrinsic::kRsqrtEstimate), 1u);
  EXPECT_EQ(Calls(Intrinsic::kCanonicalNan), 1u);
}

}  // namespace
}  // namespace tq::simt
