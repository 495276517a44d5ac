#include "compiler/targets/expand_division.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"

namespace tq::targets {
namespace {

constexpr int kLanes = 8;

std::string Text(const char* operation, int bits) {
  return absl::StrFormat(
      "define void @f(ptr %%a, ptr %%b, ptr %%r) {\n"
      "  %%x = load <8 x i%d>, ptr %%a, align 1\n  %%y = load <8 x i%d>, ptr %%b, align 1\n"
      "  %%q = %s <8 x i%d> %%x, %%y\n  store <8 x i%d> %%q, ptr %%r, align 1\n  ret void\n}\n",
      bits, bits, operation, bits, bits);
}

std::string Print(const llvm::Module& module) {
  std::string text;
  llvm::raw_string_ostream(text) << module;
  return text;
}

std::string Expanded(const std::string& text) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic error;
  std::unique_ptr<llvm::Module> module = llvm::parseAssemblyString(text, error, context);
  EXPECT_NE(module, nullptr) << error.getMessage().str();
  ExpandDivision(*module);
  EXPECT_FALSE(llvm::verifyModule(*module, &llvm::errs()));
  return Print(*module);
}

// The expanded function, compiled and run on this machine against C++'s own operators.
template <class Integer>
void ExpectExact(const char* operation, Integer (*reference)(Integer, Integer)) {
  const std::string text = Expanded(Text(operation, 8 * sizeof(Integer)));
  ASSERT_EQ(text.find(operation), std::string::npos) << text;
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto context = std::make_unique<llvm::LLVMContext>();
  llvm::SMDiagnostic error;
  auto module = llvm::parseAssemblyString(text, error, *context);
  auto jit = llvm::cantFail(llvm::orc::LLJITBuilder().create());
  llvm::cantFail(jit->addIRModule(llvm::orc::ThreadSafeModule(std::move(module), std::move(context))));
  auto* function =
      llvm::cantFail(jit->lookup("f")).toPtr<void (*)(const Integer*, const Integer*, Integer*)>();

  constexpr Integer kMin = std::numeric_limits<Integer>::min(), kMax = std::numeric_limits<Integer>::max();
  const Integer edges[] = {
      kMin, Integer(kMin + 1), kMax,       Integer(kMax - 1), Integer(kMax / 2), 0, 1, 2, 3, 7,
      10,   Integer(kMax / 3), Integer(-1)};
  std::vector<std::pair<Integer, Integer>> cases;
  for (const Integer a : edges) {
    for (const Integer b : edges) cases.emplace_back(a, b);
  }
  // Quotients next to an integer, where a rounding too many shows; small and large divisors.
  std::mt19937_64 random(1);
  while (cases.size() < 400000) {
    const auto b = static_cast<Integer>(random() >> random() % 64);
    const auto a = static_cast<Integer>(random() >> random() % 64);
    cases.emplace_back(a, b);
    if (b == 0) continue;
    const auto multiple = static_cast<Integer>(static_cast<uint64_t>(a) / (b == Integer(-1) ? 1 : b) * b);
    cases.emplace_back(multiple, b);
    cases.emplace_back(static_cast<Integer>(multiple - 1), b);
  }
  const auto is_defined = [](const std::pair<Integer, Integer>& c) {
    return c.second != 0 &&
           !(std::numeric_limits<Integer>::is_signed && c.first == kMin && c.second == Integer(-1));
  };
  std::erase_if(cases, [&](const auto& c) { return !is_defined(c); });
  for (size_t start = 0; start + kLanes <= cases.size(); start += kLanes) {
    Integer a[kLanes], b[kLanes], r[kLanes];
    for (int i = 0; i < kLanes; ++i) a[i] = cases[start + i].first, b[i] = cases[start + i].second;
    function(a, b, r);
    for (int i = 0; i < kLanes; ++i) ASSERT_EQ(r[i], reference(a[i], b[i])) << +a[i] << " " << +b[i];
  }
}

template <class Integer>
Integer Quotient(Integer a, Integer b) {
  return static_cast<Integer>(a / b);
}
template <class Integer>
Integer Remainder(Integer a, Integer b) {
  return static_cast<Integer>(a % b);
}

TEST(ExpandDivision, UnsignedIsExact) {
  ExpectExact<uint32_t>("udiv", Quotient<uint32_t>);
  ExpectExact<uint32_t>("urem", Remainder<uint32_t>);
  ExpectExact<uint16_t>("udiv", Quotient<uint16_t>);
  ExpectExact<uint16_t>("urem", Remainder<uint16_t>);
}

TEST(ExpandDivision, SignedIsExact) {
  ExpectExact<int32_t>("sdiv", Quotient<int32_t>);
  ExpectExact<int32_t>("srem", Remainder<int32_t>);
  ExpectExact<int16_t>("sdiv", Quotient<int16_t>);
  ExpectExact<int16_t>("srem", Remainder<int16_t>);
}

TEST(ExpandDivision, LeavesScalarsConstantDivisorsAndLongIntegers) {
  for (const char* text : {"define i32 @f(i32 %a, i32 %b) {\n  %q = udiv i32 %a, %b\n  ret i32 %q\n}\n",
                           "define <8 x i32> @f(<8 x i32> %a) {\n  %q = udiv <8 x i32> %a, splat (i32 10)\n"
                           "  ret <8 x i32> %q\n}\n",
                           "define <8 x i64> @f(<8 x i64> %a, <8 x i64> %b) {\n  %q = udiv <8 x i64> %a, %b\n"
                           "  ret <8 x i64> %q\n}\n"}) {
    EXPECT_NE(Expanded(text).find("udiv"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace tq::targets
