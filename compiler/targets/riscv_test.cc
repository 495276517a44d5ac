// Kernels as RISC-V objects: for the right machine and ABI, with lines, and asking for nothing but what the
// card's shell has. What they compute is executed on the card (driver/tests).
#include "base/cpu_abi.h"
#include "compiler/pipeline.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELFObjectFile.h"

namespace tq::targets {
namespace {

struct Case {
  const char* name;
  const char* body;
};

// What the code generator cannot say in RV64GC, or must not leave to a function that is not there.
constexpr Case kCases[] = {
    {"Add", "ld.global.f32 %f1, [%rd1]; add.f32 %f2, %f1, %f1; st.global.f32 [%rd1], %f2;"},
    {"Fma",
     "fma.rn.f64 %d1, %d1, %d2, %d3; fma.rz.f32 %f1, %f1, %f2, %f3; st.global.f64 [%rd1], %d1;"
     "st.global.f32 [%rd1+8], %f1;"},
    {"Floor",
     "cvt.rmi.f32.f32 %f1, %f2; cvt.rni.f64.f64 %d1, %d2; st.global.f32 [%rd1], %f1;"
     "st.global.f64 [%rd1+8], %d1;"},
    {"Half", "ld.global.b16 %h1, [%rd1]; fma.rn.f16 %h2, %h1, %h1, %h1; st.global.b16 [%rd1], %h2;"},
    {"Brain", "ld.global.b16 %h1, [%rd1]; fma.rn.bf16 %h2, %h1, %h1, %h1; st.global.b16 [%rd1], %h2;"},
    {"HalfToDouble",
     "cvt.f64.f16 %d1, %h1; cvt.rn.f16.f64 %h2, %d2; st.global.f64 [%rd1], %d1;"
     "st.global.b16 [%rd1+8], %h2;"},
    {"Divide", "div.s64 %rd2, %rd1, %rd3; rem.u64 %rd3, %rd1, %rd2; st.global.u64 [%rd1], %rd3;"},
    {"MultiplyHigh", "mul.hi.u64 %rd2, %rd1, %rd3; st.global.u64 [%rd1], %rd2;"},
    {"Approximations",
     "sin.approx.f32 %f1, %f2; ex2.approx.f32 %f2, %f1; lg2.approx.f32 %f3, %f2;"
     "st.global.f32 [%rd1], %f3;"},
    {"Atomics",
     "atom.global.add.u32 %r1, [%rd1], 1; atom.global.add.f32 %f1, [%rd1], 0f3f800000;"
     "atom.global.cas.b16 %h1, [%rd1], %h2, %h3; atom.global.max.s64 %rd2, [%rd1], 5;"},
    {"WideAtomics", "atom.global.exch.b128 %q1, [%rd1], %q2; atom.global.cas.b128 %q1, [%rd1], %q2, %q1;"},
    {"Shuffle", "shfl.sync.bfly.b32 %r1|%p1, %r2, 1, 31, -1; st.global.u32 [%rd1], %r1;"},
    {"Barrier", "bar.sync 0; bar.red.popc.u32 %r1, 0, %p1; st.global.u32 [%rd1], %r1;"},
    {"Matrix",
     "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f1,%f2,%f3,%f4}, {%r1,%r2,%r3,%r4}, {%r5,%r6},"
     "{%f1,%f2,%f3,%f4}; st.global.f32 [%rd1], %f1;"},
    {"Counter",
     "atom.global.inc.u32 %r1, [counter], 7; clock: mov.u64 %rd2, %clock64; st.global.u64 [%rd1], %rd2;"},
};

class Riscv : public testing::TestWithParam<Case> {};

TEST_P(Riscv, NeedsNothingThatTheShellHasNot) {
  const std::string text =
      std::string(
          ".version 8.4\n.target sm_90\n.address_size 64\n.global .align 4 .u32 counter;\n"
          ".visible .entry k(.param .u64 p)\n{\n.reg .pred %p<3>;\n.reg .b16 %h<4>;\n"
          ".reg .b32 %r<9>;\n.reg .b64 %rd<5>;\n.reg .f32 %f<6>;\n.reg .f64 %d<4>;\n"
          ".reg .b128 %q<3>;\nld.param.u64 %rd1, [p];\n") +
      GetParam().body + "\nret;\n}\n";
  const ptx::Chunk chunk{text, 1};
  for (const char* features : {"", "+zfh", "+v,+zvl512b"}) {
    CompileRequest request;
    request.chunks = {&chunk, 1};
    request.symbols = {"k"};
    request.target = "riscv64-tqgpu";
    request.features = features;
    request.tier = Tier::kVector;  // no more than a wish: this target has none
    std::string log;
    const absl::StatusOr<CodeObject> object = Compile(request, log);
    ASSERT_TRUE(object.ok()) << object.status().message() << log;
    EXPECT_EQ(object->kernels[0].flags & TQ_KERNEL_WARPS, 0u);
    EXPECT_FALSE(object->lines.empty());
    const llvm::StringRef bytes(reinterpret_cast<const char*>(object->payload.data()),
                                object->payload.size());
    auto file = llvm::object::ELF64LEObjectFile::create(llvm::MemoryBufferRef(bytes, "payload"));
    ASSERT_TRUE(static_cast<bool>(file));
    EXPECT_EQ(file->getArch(), llvm::Triple::riscv64);
    EXPECT_EQ(file->getPlatformFlags() & llvm::ELF::EF_RISCV_FLOAT_ABI, llvm::ELF::EF_RISCV_FLOAT_ABI_DOUBLE);
    for (const llvm::object::SymbolRef& symbol : file->symbols()) {
      if ((llvm::cantFail(symbol.getFlags()) & llvm::object::SymbolRef::SF_Undefined) == 0) continue;
      EXPECT_THAT(llvm::cantFail(symbol.getName()).str(),
                  testing::AnyOf("", "counter", "memcpy", "memmove", "memset", "memcmp"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Riscv, testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tq::targets
