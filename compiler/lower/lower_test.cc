// What chapters make of their instructions, in the SIMT IR and in what is left of it after the scalar tier.
// What the instructions compute is executed in tests/ptx.
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "compiler/pipeline.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tq::lower {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string KernelOf(std::string_view body) {
  return absl::StrCat(
      ".version 8.0\n.target sm_90\n.address_size 64\n.extern .shared .align 16 .b8 dynamic[];\n"
      ".shared .align 8 .b8 fixed[64];\n.global .align 4 .u32 counter;\n"
      ".visible .entry k(.param .u64 p, .param .u32 n)\n{\n.local .align 8 .b8 frame[16];\n.reg .pred "
      "%p<4>;\n"
      ".reg .b16 %h<4>;\n.reg .b32 %r<9>;\n.reg .b64 %rd<9>;\n.reg .f32 %f<9>;\n.reg .f64 %d<4>;\n",
      std::string(body), "\nret;\n}\n");
}

absl::StatusOr<CodeObject> CompileText(const std::string& text, Stage last, std::string& log) {
  const ptx::Chunk chunk{text, 1};
  CompileRequest request;
  request.chunks = {&chunk, 1};
  request.symbols = {"k"};
  request.target = "x86_64-cpu";
  request.last = last;
  return Compile(request, log);
}

std::string IrOf(std::string_view body, Stage stage) {
  std::string log;
  const absl::Status status = CompileText(KernelOf(body), stage, log).status();
  EXPECT_TRUE(status.ok()) << status.message() << log;
  return log;
}

std::string Lowered(std::string_view body) { return IrOf(body, Stage::kLower); }
std::string Optimized(std::string_view body) { return IrOf(body, Stage::kOptimize); }

KernelRecord RecordOf(std::string_view body) {
  std::string log;
  absl::StatusOr<CodeObject> object = CompileText(KernelOf(body), Stage::kEmit, log);
  EXPECT_TRUE(object.ok()) << object.status().message() << log;
  return object.ok() ? object->kernels.at(0) : KernelRecord();
}

absl::Status ErrorOf(const std::string& text) {
  std::string log;
  return CompileText(text, Stage::kEmit, log).status();
}

// ---- Arithmetic ----

TEST(Lower, ShiftsByTheWidthOrMoreAreNoPoison) {
  EXPECT_THAT(Lowered("shl.b32 %r1, %r2, %r3;"), AllOf(HasSubstr("and i32"), HasSubstr("icmp ule i32")));
}

TEST(Lower, CarryGoesFromOneAdditionToTheNext) {
  const std::string ir = Lowered("add.cc.u32 %r1, %r2, %r3;\naddc.u32 %r4, %r5, %r6;");
  EXPECT_THAT(ir, AllOf(HasSubstr("uadd.with.overflow"), HasSubstr("load i1, ptr %carry")));
}

TEST(Lower, FmaIsNeverContractedOrSplit) {
  EXPECT_THAT(Lowered("fma.rn.f32 %f1, %f2, %f3, %f4;"),
              AllOf(HasSubstr("@llvm.fma.f32"), Not(HasSubstr("fast"))));
  EXPECT_THAT(Lowered("mul.rn.f32 %f1, %f2, %f3;\nadd.rn.f32 %f1, %f1, %f4;"), Not(HasSubstr("contract")));
}

TEST(Lower, FlushesOperandsAndResultOfFtz) {
  const std::string ir = Lowered("add.ftz.f32 %f1, %f2, %f3;");
  EXPECT_THAT(ir, HasSubstr("call float @tq.flush"));
  EXPECT_THAT(Lowered("add.f32 %f1, %f2, %f3;"), Not(HasSubstr("@tq.flush")));
}

TEST(Lower, NanBecomesCanonicalWhereItIsSeenOnly) {
  const std::string_view chain =
      "ld.param.u64 %rd1, [p];\nld.f32 %f1, [%rd1];\nadd.f32 %f2, %f1, %f1;\nmul.f32 %f3, %f2, %f1;\n"
      "add.f32 %f4, %f3, %f1;\nst.f32 [%rd1], %f4;";
  const std::string ir = Optimized(chain);
  const size_t first = ir.find("fcmp uno float");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(ir.find("fcmp uno float", first + 1), std::string::npos) << ir;
}

TEST(Lower, CopiesThroughFloatRegistersKeepEveryBit) {
  const std::string ir = Optimized("ld.param.u64 %rd1, [p];\nld.f32 %f1, [%rd1];\nst.f32 [%rd1+4], %f1;");
  EXPECT_THAT(ir, Not(HasSubstr("fcmp")));
}

// ---- Memory ----

TEST(Lower, SpacesBecomeAddressSpaces) {
  EXPECT_THAT(Lowered("ld.shared.u32 %r1, [%rd1];"), HasSubstr("ptr addrspace(3)"));
  EXPECT_THAT(Lowered("ld.global.u32 %r1, [%rd1];"), HasSubstr("ptr addrspace(1)"));
  EXPECT_THAT(Lowered("ld.global.u32 %r1, [counter];"), HasSubstr("@counter = external"));
}

TEST(Lower, OneAlignmentCheckServesAllAccessesOffARegister) {
  const std::string ir =
      Lowered("ld.global.u32 %r1, [%rd1];\nld.global.u32 %r2, [%rd1+4];\nld.global.u32 %r3, [%rd1+8];");
  const size_t first = ir.find("call void @tq.fault(i32 2");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(ir.find("call void @tq.fault(i32 2", first + 1), std::string::npos) << ir;
  EXPECT_THAT(Lowered("ld.global.u8 %r1, [%rd1];"), Not(HasSubstr("@tq.fault")));
}

TEST(Lower, VolatileIsAtomicAndNeverMerged) {
  EXPECT_THAT(Lowered("ld.volatile.global.u32 %r1, [%rd1];"), HasSubstr("load atomic volatile i32"));
  EXPECT_THAT(Lowered("ld.acquire.gpu.global.u32 %r1, [%rd1];"), HasSubstr("syncscope(\"gpu\") acquire"));
}

TEST(Lower, LocalVariablesLiveInRegistersEvenThroughGenericAddresses) {
  const std::string ir = Optimized(
      "mov.u64 %rd1, frame;\ncvta.local.u64 %rd2, %rd1;\nld.param.u32 %r1, [n];\nst.u32 [%rd2+4], %r1;\n"
      "add.s64 %rd3, %rd1, 4;\nld.local.u32 %r2, [%rd3];\nld.param.u64 %rd4, [p];\nst.global.u32 [%rd4], "
      "%r2;");
  EXPECT_THAT(ir, Not(HasSubstr("%frame")));
}

TEST(Lower, SharedVariablesAreLaidOutInTheBlock) {
  const KernelRecord record =
      RecordOf("mov.u32 %r1, fixed;\nst.shared.u32 [%r1], %r2;\nst.shared.u32 [dynamic], %r2;");
  EXPECT_EQ(record.static_shared_bytes, 64u);
  EXPECT_EQ(record.shared_align_bytes, 16u);
  EXPECT_EQ(record.param_size_bytes, 12u);
}

// ---- Progress ----

constexpr uint32_t kWaits = TQ_KERNEL_FIBERS;

TEST(ScalarTier, RunsThreadsInALoopUnlessTheyWait) {
  EXPECT_EQ(RecordOf("ld.param.u64 %rd1, [p];\nst.global.u32 [%rd1], 1;").flags & kWaits, 0u);
  EXPECT_EQ(RecordOf("bar.sync 0;").flags & kWaits, kWaits);
  EXPECT_EQ(RecordOf("shfl.sync.idx.b32 %r1, %r2, %r3, 31, -1;\nst.global.u32 [%rd1], %r1;").flags & kWaits,
            kWaits);
  EXPECT_EQ(RecordOf("mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%r1, %r2}, {%r3}, {%r4}, {%r5, %r6};\n"
                     "st.global.u32 [%rd1], %r1;")
                    .flags &
                kWaits,
            kWaits);
}

TEST(Lowering, SelectorsOfScalesMayBeInRegisters) {
  const std::string_view multiply =
      "mma.sync.aligned.m16n8k64.row.col.kind::mxf4.block_scale.f32.e2m1.e2m1.f32.ue8m0 {%r1, %r2, %r3, "
      "%r4}, "
      "{%r1, %r2, %r3, %r4}, {%r5, %r6}, {%r1, %r2, %r3, %r4}, %r5, {%h1, %h2}, %r6, {0, 1};\n"
      "st.global.u32 [%rd1], %r1;";
  EXPECT_EQ(RecordOf(multiply).flags & kWaits, kWaits);
}

TEST(ScalarTier, ALockWaitsAndARetryLoopDoesNot) {
  const KernelRecord lock =
      RecordOf("L:\natom.global.cas.b32 %r1, [counter], 0, 1;\nsetp.ne.s32 %p1, %r1, 0;\n@%p1 bra L;");
  EXPECT_EQ(lock.flags & (kWaits | TQ_KERNEL_SPINS), kWaits | TQ_KERNEL_SPINS);
  const KernelRecord retry = RecordOf(
      "ld.global.u32 %r1, [counter];\nL:\nmov.u32 %r2, %r1;\nmul.lo.s32 %r3, %r2, 3;\n"
      "atom.global.cas.b32 %r1, [counter], %r2, %r3;\nsetp.ne.s32 %p1, %r1, %r2;\n@%p1 bra L;");
  EXPECT_EQ(retry.flags & (kWaits | TQ_KERNEL_SPINS), 0u);
}

TEST(ScalarTier, ALoopOnAVolatileFlagYields) {
  const std::string_view loop =
      "ld.param.u64 %rd1, [p];\nL:\nld.volatile.global.u32 %r1, [%rd1];\nsetp.eq.s32 %p1, %r1, 0;\n@%p1 bra "
      "L;";
  EXPECT_THAT(IrOf(loop, Stage::kScalar), HasSubstr("spin.yield"));
  EXPECT_EQ(RecordOf(loop).flags & TQ_KERNEL_SPINS, TQ_KERNEL_SPINS);
}

TEST(ScalarTier, SharedAtomicsTakeNoLock) {
  EXPECT_THAT(Optimized("atom.shared.add.u32 %r1, [fixed], 1;\nst.shared.u32 [fixed+4], %r1;"),
              Not(HasSubstr("atomicrmw")));
  EXPECT_THAT(Optimized("atom.global.add.u32 %r1, [counter], 1;\nst.shared.u32 [fixed], %r1;"),
              HasSubstr("atomicrmw"));
}

// ---- Errors and records ----

TEST(Pipeline, NamesWhatItCannotCompile) {
  std::string text = KernelOf(
      "fabric.try_get.async.shared::cta.mbarrier::complete_tx::bytes.mbarrier::report::fabric.relaxed.sys."
      "b128 "
      "[%r1], [%r1, %rd1], 16, [%r2];");
  text.replace(0, text.find(".address_size"), ".version 9.3\n.target sm_100\n");
  const absl::Status unsupported = ErrorOf(text);
  EXPECT_EQ(unsupported.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(unsupported.message()),
              AllOf(HasSubstr("ptx:16:"), HasSubstr("`k`"), HasSubstr("fabric.try_get")));
  EXPECT_EQ(ErrorOf(KernelOf("add.s32 %r1, %r2;")).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorOf(".version 8.0\n.target sm_90\n.address_size 64\n").code(), absl::StatusCode::kNotFound);
}

TEST(Pipeline, ReportsAnExternFunctionThatNothingDefines) {
  const absl::Status status = ErrorOf(
      ".version 8.0\n.target sm_90\n.address_size 64\n.extern .func missing;\n"
      ".visible .entry k()\n{\ncall missing;\nret;\n}\n");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'missing'"));
}

TEST(Pipeline, RecordsThePtxLineOfEveryAccess) {
  std::string log;
  const absl::StatusOr<CodeObject> object =
      CompileText(KernelOf("ld.param.u64 %rd1, [p];\nst.volatile.global.u32 [%rd1], 1;"), Stage::kEmit, log);
  ASSERT_TRUE(object.ok()) << object.status().message();
  bool found = false;
  for (const LineRecord& record : object->lines) {
    found |= record.ptx_line == 17 && object->functions.at(record.function) == "k";
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace tq::lower
