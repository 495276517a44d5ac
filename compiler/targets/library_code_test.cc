#include "compiler/targets/library_code.h"

#include <gtest/gtest.h>

#include <string>

#include "compiler/devicelib/library.h"
#include "compiler/targets/devicelib_link.h"
#include "compiler/targets/target.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/MemoryBuffer.h"

namespace tq::targets {
namespace {

// A module whose one kernel calls the function.
void Call(const llvm::Function& wanted, llvm::Module& module) {
  llvm::IRBuilder<> ir(module.getContext());
  llvm::FunctionType* type = wanted.getFunctionType();
  llvm::Function* kernel =
      llvm::Function::Create(llvm::FunctionType::get(ir.getVoidTy(), type->params(), false),
                             llvm::Function::ExternalLinkage, "kernel", module);
  ir.SetInsertPoint(llvm::BasicBlock::Create(module.getContext(), "", kernel));
  llvm::SmallVector<llvm::Value*, 8> arguments;
  for (llvm::Argument& argument : kernel->args()) arguments.push_back(&argument);
  llvm::CallInst* call = ir.CreateCall(module.getOrInsertFunction(wanted.getName(), type), arguments);
  call->setAttributes(wanted.getAttributes().removeFnAttributes(module.getContext()));
  ir.CreateRetVoid();
}

TEST(LibraryCode, StandsForEveryOutlinedFunctionAtEveryLevel) {
  std::string_view bitcode = devicelib::Bitcode(devicelib::Machine::kNative);
  llvm::LLVMContext context;
  auto library = llvm::cantFail(llvm::parseBitcodeFile(
      llvm::MemoryBufferRef(llvm::StringRef(bitcode.data(), bitcode.size()), "devicelib"), context));
  int count = 0;
  for (std::string_view level : kLibraryLevels) {
    for (const llvm::Function& wanted : *library) {
      if (wanted.isDeclaration() || !wanted.hasExternalLinkage() ||
          !wanted.hasFnAttribute(llvm::Attribute::NoInline) || !wanted.getName().starts_with("tq_"))
        continue;
      if (level.empty() && wanted.getName().starts_with("tq_tile_")) continue;
      const std::string name = wanted.getName().str();
      llvm::Module module("test", context);
      auto target = CreateTarget("x86_64-cpu", level);
      ASSERT_TRUE(target.ok());
      (*target)->Prepare(module);
      Call(wanted, module);
      ASSERT_TRUE(LinkDevicelib(module, level).ok()) << name;
      UseLibraryCode(module, level);
      EXPECT_EQ(module.getFunction(name), nullptr) << name << " at " << level;
      const llvm::Function* code = module.getFunction(name + ".end");
      ASSERT_NE(code, nullptr) << name << " at " << level;
      EXPECT_TRUE(code->hasPrefixData());
      EXPECT_FALSE(llvm::verifyModule(module));
      ++count;
    }
  }
  EXPECT_GT(count, 50);
}

// A machine between two levels gets the code of the lower one.
TEST(LibraryCode, NeedsNoFeatureThatTheMachineLacks) {
  const std::string most(kLibraryLevels[0].substr(0, kLibraryLevels[0].rfind(',')));
  llvm::LLVMContext context;
  auto size = [&](std::string_view features) {
    llvm::Module module("test", context);
    auto target = CreateTarget("x86_64-cpu", features);
    (*target)->Prepare(module);
    llvm::IRBuilder<> ir(context);
    module.getOrInsertFunction("tq_mma_float_warp", ir.getVoidTy(), ir.getInt64Ty(), ir.getPtrTy(),
                               ir.getInt64Ty(), ir.getInt64Ty(), ir.getInt32Ty());
    EXPECT_TRUE(LinkDevicelib(module, features).ok());
    llvm::Function* function = module.getFunction("tq_mma_float_warp");
    new llvm::GlobalVariable(module, ir.getPtrTy(), true, llvm::GlobalValue::ExternalLinkage, function,
                             "use");
    UseLibraryCode(module, features);
    const llvm::Function* code = module.getFunction("tq_mma_float_warp.end");
    return code == nullptr ? uint64_t{0} : code->getPrefixData()->getType()->getArrayNumElements();
  };
  EXPECT_EQ(size(most), size(kLibraryLevels[1]));
  EXPECT_NE(size(kLibraryLevels[0]), size(kLibraryLevels[1]));
}

}  // namespace
}  // namespace tq::targets
