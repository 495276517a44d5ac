// What the warp vectoriser counts on: the pure functions are straight-line code without calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "compiler/devicelib/library.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"

namespace tq::devicelib {
namespace {

class Shape : public testing::Test {
 protected:
  void SetUp() override {
    auto module =
        llvm::parseBitcodeFile(llvm::MemoryBufferRef(Bitcode(Machine::kNative), "devicelib"), context_);
    ASSERT_TRUE(static_cast<bool>(module));
    module_ = std::move(*module);
  }

  // No branches, and calls of nothing but LLVM's intrinsics and functions that are straight themselves.
  static bool IsStraight(const llvm::Function& function) {
    if (function.size() != 1) return false;
    for (const llvm::Instruction& instruction : llvm::instructions(function)) {
      const auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
      if (call == nullptr) continue;
      const llvm::Function* callee = call->getCalledFunction();
      if (callee == nullptr || (!callee->isIntrinsic() && !IsStraight(*callee))) return false;
    }
    return true;
  }

  llvm::LLVMContext context_;
  std::unique_ptr<llvm::Module> module_;
};

TEST_F(Shape, NamedFormsOfArithmeticAreStraightLineCode) {
  // Forms by name; those that take `mode` or `op` fold when it is known, which is at each call.
  const std::set<std::string> by_mode = {"tq_add_f32", "tq_sub_f32", "tq_mul_f32",
                                         "tq_fma_f32", "tq_div_f32", "tq_sqrt_f32"};
  std::vector<std::string> bent;
  int seen = 0;
  for (const llvm::Function& function : *module_) {
    const llvm::StringRef name = function.getName();
    // 64-bit rounding is on 128-bit integers: exact64.c is called lane by lane.
    if (function.isDeclaration() || by_mode.count(name.str()) != 0 || name.ends_with("_f64")) continue;
    for (const llvm::StringRef prefix :
         {"tq_add_",     "tq_sub_",    "tq_mul_",        "tq_fma_",        "tq_div_",        "tq_rem_",
          "tq_rcp_",     "tq_sqrt_",   "tq_rsqrt_",      "tq_min_",        "tq_max_",        "tq_min3_",
          "tq_max3_",    "tq_sat_",    "tq_ex2_",        "tq_lg2_",        "tq_sin_",        "tq_cos_",
          "tq_tanh_",    "tq_cvt_rn_", "tq_cvt_rz_",     "tq_cvt_rna_",    "tq_cvt_rp_",     "tq_cvt_e4m3",
          "tq_cvt_e5m2", "tq_cvt_e2m", "tq_cvt_f16x2_e", "tq_cvt_f32_f16", "tq_cvt_f32_bf16"}) {
      if (!name.starts_with(prefix)) continue;
      ++seen;
      if (!IsStraight(function)) bent.push_back(name.str());
    }
  }
  EXPECT_THAT(bent, testing::IsEmpty());
  EXPECT_GT(seen, 300);
}

TEST_F(Shape, ApproximationsInDoublePrecisionAreToo) {
  for (const char* name : {"tq_rcp_approx_ftz_f64", "tq_rsqrt_approx_ftz_f64", "tq_rsqrt_approx_f64"}) {
    ASSERT_NE(module_->getFunction(name), nullptr) << name;
    EXPECT_TRUE(IsStraight(*module_->getFunction(name))) << name;
  }
}

}  // namespace
}  // namespace tq::devicelib
