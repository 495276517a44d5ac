#include "compiler/targets/scalar_loops.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

namespace tq::targets {
namespace {

using testing::HasSubstr;
using testing::Not;

class Nans : public testing::Test {
 protected:
  std::string After(const std::string& body) {
    llvm::SMDiagnostic error;
    auto module =
        llvm::parseAssemblyString("define float @f(float %x, float %y) {\n" + body + "}\n", error, context_);
    if (module == nullptr) return error.getMessage().str();
    BranchOverNans(*module);
    EXPECT_FALSE(llvm::verifyModule(*module, &llvm::errs()));
    std::string text;
    llvm::raw_string_ostream stream(text);
    module->print(stream, nullptr);
    return text;
  }
  llvm::LLVMContext context_;
};

TEST_F(Nans, BothSpellingsBecomeARareBranch) {
  for (const char* body :
       {"%c = fcmp uno float %x, 0.0\n%r = select i1 %c, float 2.0, float %x\nret float %r\n",
        "%c = fcmp ord float %x, %x\n%r = select i1 %c, float %x, float 2.0\nret float %r\n"}) {
    const std::string text = After(body);
    EXPECT_THAT(text, Not(HasSubstr("select"))) << text;
    EXPECT_THAT(text, HasSubstr("%r = phi float [ %x, %0 ], [ 2.0")) << text;
    EXPECT_THAT(text, HasSubstr("!prof"));
  }
}

TEST_F(Nans, OtherSelectsStay) {
  for (const char* body :
       {"%c = fcmp olt float %x, %y\n%r = select i1 %c, float 2.0, float %x\nret float %r\n",
        // Two numbers: either may be the NaN, and often is where one has been set to it.
        "%c = fcmp uno float %x, %y\n%r = select i1 %c, float 2.0, float %x\nret float %r\n",
        "%c = fcmp uno float %x, 0.0\n%r = select i1 %c, float %y, float %x\nret float %r\n"}) {
    EXPECT_THAT(After(body), HasSubstr("select"));
  }
}

}  // namespace
}  // namespace tq::targets
