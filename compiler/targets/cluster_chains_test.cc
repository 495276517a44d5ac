#include "compiler/targets/cluster_chains.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"

namespace tq::targets {
namespace {

constexpr unsigned kSums = 16, kSteps = 4;
constexpr unsigned kRegisterBits = 32 * 256;  // room for 4 sums of 1024 bits

class ClusterChainsTest : public testing::Test {
 protected:
  // Sums of 32 floats, in a frame, each step adding to all of them. `between` stands behind the second step.
  static std::string Text(const std::string& between) {
    std::string text =
        "declare <32 x float> @llvm.fma.v32f32(<32 x float>, <32 x float>, <32 x float>)\n"
        "declare void @use(ptr)\n"
        "define void @f(ptr %a) {\n%frame = alloca [2048 x i8], align 64, !tq.frame !0\n"
        "call void @use(ptr %frame)\n";
    for (unsigned i = 0; i < kSums; ++i) {
      text += absl::StrFormat(
          "%%p%d = getelementptr i8, ptr %%frame, i64 %d\n%%s%d.0 = load <32 x float>, ptr %%p%d\n", i,
          128 * i, i, i);
    }
    for (unsigned step = 0; step < kSteps; ++step) {
      if (step == 2) text += between;
      text +=
          absl::StrFormat("%%q%d = getelementptr i8, ptr %%a, i64 %d\n%%x%d = load <32 x float>, ptr %%q%d\n",
                          step, 128 * step, step, step);
      for (unsigned i = 0; i < kSums; ++i) {
        text += absl::StrFormat(
            "%%s%d.%d = call <32 x float> @llvm.fma.v32f32(<32 x float> %%x%d, <32 x float> %%x%d, <32 x "
            "float> "
            "%%s%d.%d)\n",
            i, step + 1, step, step, i, step);
      }
    }
    for (unsigned i = 0; i < kSums; ++i)
      text += absl::StrFormat("store <32 x float> %%s%d.%d, ptr %%p%d\n", i, kSteps, i);
    return text + "ret void\n}\n!0 = !{}\n";
  }

  bool Cluster(const std::string& text) {
    llvm::SMDiagnostic error;
    module_ = llvm::parseAssemblyString(text, error, context_);
    EXPECT_NE(module_, nullptr) << error.getMessage().str();
    const bool changed = ClusterChains(*module_->getFunction("f"), kRegisterBits);
    EXPECT_FALSE(llvm::verifyModule(*module_, &llvm::errs()));
    return changed;
  }

  // The number of the sum of each step and store, in order.
  std::vector<unsigned> Order(unsigned opcode) {
    std::vector<unsigned> order;
    for (llvm::Instruction& instruction : llvm::instructions(*module_->getFunction("f"))) {
      if (instruction.getOpcode() != opcode) continue;
      const llvm::Value& sum = opcode == llvm::Instruction::Store ? *instruction.getOperand(0) : instruction;
      unsigned number = 0;
      if (sum.getName().starts_with("s") &&
          !sum.getName().drop_front().split('.').first.getAsInteger(10, number))
        order.push_back(number);
    }
    return order;
  }

  llvm::LLVMContext context_;
  std::unique_ptr<llvm::Module> module_;
};

TEST_F(ClusterChainsTest, EachClusterRunsThroughAllSteps) {
  ASSERT_TRUE(Cluster(Text("")));
  const std::vector<unsigned> steps = Order(llvm::Instruction::Call);
  ASSERT_EQ(steps.size(), kSums * kSteps);
  for (size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i] / 4, i / (4 * kSteps)) << i;
}

TEST_F(ClusterChainsTest, SumsAreLoadedWithTheirCluster) {
  ASSERT_TRUE(Cluster(Text("")));
  unsigned steps = 0;
  for (llvm::Instruction& instruction : llvm::instructions(*module_->getFunction("f"))) {
    steps += llvm::isa<llvm::IntrinsicInst>(instruction);
    if (instruction.getName() == "s4.0") {
      EXPECT_EQ(steps, 4 * kSteps);
    }
  }
}

TEST_F(ClusterChainsTest, WhatWritesMemoryStaysBetweenItsSteps) {
  ASSERT_TRUE(Cluster(Text("store float 1.0, ptr %a\n")));
  unsigned steps = 0;
  for (llvm::Instruction& instruction : llvm::instructions(*module_->getFunction("f"))) {
    steps += llvm::isa<llvm::IntrinsicInst>(instruction);
    auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
    if (store != nullptr && store->getValueOperand()->getType()->isFloatTy()) {
      EXPECT_EQ(steps, 2 * kSums);
    }
  }
}

TEST_F(ClusterChainsTest, SumsThatDependOnEachOtherStay) {
  std::string text = Text("");
  // The first sum's last step takes the last sum's.
  const std::string step = "%s0.4 = call <32 x float> @llvm.fma.v32f32(<32 x float> %x3";
  text.replace(text.find(step), step.size(),
               "%s0.4 = call <32 x float> @llvm.fma.v32f32(<32 x float> %s15.3");
  EXPECT_FALSE(Cluster(text));
}

TEST_F(ClusterChainsTest, SumsThatFitStay) {
  llvm::SMDiagnostic error;
  module_ = llvm::parseAssemblyString(Text(""), error, context_);
  EXPECT_FALSE(ClusterChains(*module_->getFunction("f"), kSums * 1024));
}

}  // namespace
}  // namespace tq::targets
