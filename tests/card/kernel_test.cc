// Kernels on the emulated card: compiled from PTX, placed by the loader, run in the shell.
#include <algorithm>
#include <cstring>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/card/card_compiler.h"
#include "tests/card/card_device.h"

namespace tq::card_test {
namespace {

using testing::HasSubstr;

constexpr char kHeader[] = ".version 8.4\n.target sm_90\n.address_size 64\n";

CodeObject Compile(const std::string& body) {
  absl::StatusOr<CodeObject> object = CompileForCard(kHeader + body, "k");
  EXPECT_TRUE(object.ok()) << object.status().message();
  return object.ok() ? *std::move(object) : CodeObject();
}

class Kernel : public testing::Test {
 protected:
  void SetUp() override { card_.Reset(); }

  // Parameters of 8 bytes each.
  LaunchResult Run(const CodeObject& code, LaunchOptions options, const std::vector<uint64_t>& params,
                   const std::vector<std::pair<std::string, uint64_t>>& imports = {}) {
    options.params.resize(8 * params.size());
    std::memcpy(options.params.data(), params.data(), options.params.size());
    const absl::StatusOr<LaunchResult> result = card_.Run(code, "k", imports, options);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : LaunchResult();
  }

  uint64_t Text(const std::string& text) {
    const Buffer buffer = card_.Allocate(text.size() + 1);
    std::memcpy(buffer.host, text.c_str(), text.size() + 1);
    return buffer.va;
  }

  static void ExpectAt(const LaunchResult& result, tq_cpu_dim3 block, tq_cpu_dim3 thread) {
    ASSERT_EQ(result.status, TQGPU_COMPLETION_FAULT);
    ASSERT_TRUE(result.report.block.has_value());
    ASSERT_TRUE(result.report.thread.has_value());
    EXPECT_EQ(std::tie(result.report.block->x, result.report.block->y, result.report.block->z),
              std::tie(block.x, block.y, block.z));
    EXPECT_EQ(std::tie(result.report.thread->x, result.report.thread->y, result.report.thread->z),
              std::tie(thread.x, thread.y, thread.z));
  }

  template <typename T>
  static std::vector<T> Values(const Buffer& buffer, size_t count) {
    std::vector<T> values(count);
    std::memcpy(values.data(), buffer.host, count * sizeof(T));
    return values;
  }

  CardDevice& card_ = CardDevice::Get();
};

TEST_F(Kernel, VectorAdd) {
  const CodeObject code = Compile(R"(
.visible .entry k(.param .u64 a, .param .u64 b, .param .u64 c, .param .u64 n) {
  .reg .b64 %rd<9>; .reg .b32 %r<6>; .reg .f32 %f<4>; .reg .pred %p;
  ld.param.u64 %rd1, [a]; ld.param.u64 %rd2, [b]; ld.param.u64 %rd3, [c]; ld.param.u32 %r1, [n];
  mov.u32 %r2, %ctaid.x; mov.u32 %r3, %ntid.x; mov.u32 %r4, %tid.x; mad.lo.s32 %r5, %r2, %r3, %r4;
  setp.ge.u32 %p, %r5, %r1; @%p bra DONE;
  mul.wide.u32 %rd4, %r5, 4; add.s64 %rd5, %rd1, %rd4; add.s64 %rd6, %rd2, %rd4; add.s64 %rd7, %rd3, %rd4;
  ld.global.f32 %f1, [%rd5]; ld.global.f32 %f2, [%rd6]; add.f32 %f3, %f1, %f2; st.global.f32 [%rd7], %f3;
DONE: ret;
})");
  constexpr uint32_t kCount = 10000;
  const Buffer a = card_.Allocate(4 * kCount), b = card_.Allocate(4 * kCount),
               c = card_.Allocate(4 * kCount + 4);
  for (uint32_t i = 0; i < kCount; ++i) {
    reinterpret_cast<float*>(a.host)[i] = static_cast<float>(i);
    reinterpret_cast<float*>(b.host)[i] = 0.25f;
  }
  const LaunchResult result =
      Run(code, {.grid = {(kCount + 255) / 256, 1, 1}, .block = {256, 1, 1}}, {a.va, b.va, c.va, kCount});
  EXPECT_EQ(result.status, TQGPU_COMPLETION_OK);
  const std::vector<float> sums = Values<float>(c, kCount + 1);
  for (uint32_t i = 0; i < kCount; ++i) ASSERT_EQ(sums[i], static_cast<float>(i) + 0.25f) << i;
  EXPECT_EQ(sums[kCount], 0.0f);
}

// ---- Threads that act together ----

TEST_F(Kernel, ReductionOfABlock) {
  // Shuffles in the warp, shared memory and barriers among warps, one atomic for each block.
  const CodeObject code = Compile(R"(
.visible .entry k(.param .u64 in, .param .u64 out) {
  .shared .align 4 .b32 sums[32];
  .reg .b64 %rd<6>; .reg .b32 %r<14>; .reg .pred %p<4>;
  ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out];
  mov.u32 %r1, %tid.x; mov.u32 %r2, %ntid.x; mov.u32 %r3, %ctaid.x; mad.lo.u32 %r4, %r3, %r2, %r1;
  mul.wide.u32 %rd3, %r4, 4; add.u64 %rd3, %rd1, %rd3; ld.global.u32 %r5, [%rd3];
  shfl.sync.down.b32 %r6, %r5, 16, 31, -1; add.u32 %r5, %r5, %r6;
  shfl.sync.down.b32 %r6, %r5, 8, 31, -1; add.u32 %r5, %r5, %r6;
  shfl.sync.down.b32 %r6, %r5, 4, 31, -1; add.u32 %r5, %r5, %r6;
  shfl.sync.down.b32 %r6, %r5, 2, 31, -1; add.u32 %r5, %r5, %r6;
  shfl.sync.down.b32 %r6, %r5, 1, 31, -1; add.u32 %r5, %r5, %r6;
  and.b32 %r7, %r1, 31; setp.ne.u32 %p1, %r7, 0; shr.u32 %r8, %r1, 5; shl.b32 %r8, %r8, 2;
  mov.u32 %r9, sums; add.u32 %r8, %r9, %r8;
  @!%p1 st.shared.u32 [%r8], %r5;
  bar.sync 0;
  setp.ne.u32 %p2, %r1, 0; @%p2 bra DONE;
  mov.u32 %r10, 0; mov.u32 %r11, 0; shr.u32 %r12, %r2, 5;
LOOP:
  ld.shared.u32 %r13, [%r9]; add.u32 %r10, %r10, %r13; add.u32 %r9, %r9, 4; add.u32 %r11, %r11, 1;
  setp.lt.u32 %p3, %r11, %r12; @%p3 bra LOOP;
  red.global.add.u32 [%rd2], %r10;
DONE: ret;
})");
  // Vectors hold the lanes of a warp.
  EXPECT_EQ((code.kernels[0].flags & TQ_KERNEL_FIBERS) != 0, CardDevice::Features().empty());
  for (const uint32_t threads : {32u, 256u, 1024u}) {
    card_.Reset();
    constexpr uint32_t kBlocks = 9;
    const Buffer in = card_.Allocate(4 * kBlocks * threads), out = card_.Allocate(4);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < kBlocks * threads; ++i) {
      reinterpret_cast<uint32_t*>(in.host)[i] = i * 2654435761u >> 8;
      sum += i * 2654435761u >> 8;
    }
    LaunchOptions options = {.grid = {kBlocks, 1, 1}, .block = {threads, 1, 1}};
    options.stack_bytes = 0;
    EXPECT_EQ(Run(code, options, {in.va, out.va}).status, TQGPU_COMPLETION_OK);
    EXPECT_EQ(Values<uint32_t>(out, 1)[0], sum) << threads;
  }
}

// ---- Rounds from barrier to barrier (compiler/simt/thread_rounds.h) ----

TEST_F(Kernel, ThreadsOfABlockMayWaitInDifferentPlaces) {
  // Odd and even threads meet, each at a barrier of its own; a quarter of them ends before a third.
  const CodeObject code = Compile(R"(
.visible .entry k(.param .u64 out) {
  .shared .align 4 .b32 words[256];
  .reg .b64 %rd<4>; .reg .b32 %r<14>; .reg .pred %p<4>;
  ld.param.u64 %rd1, [out]; mov.u32 %r1, %tid.x; mov.u32 %r2, words;
  shl.b32 %r3, %r1, 2; add.u32 %r4, %r2, %r3; xor.b32 %r5, %r3, 4; add.u32 %r5, %r2, %r5;
  and.b32 %r6, %r1, 1; setp.eq.u32 %p1, %r6, 0; @%p1 bra EVEN;
  mul.lo.u32 %r7, %r1, 3; st.shared.u32 [%r4], %r7;
  bar.sync 0;
  ld.shared.u32 %r8, [%r5]; add.u32 %r8, %r8, 1000; bra.uni BOTH;
EVEN:
  mul.lo.u32 %r7, %r1, 5; st.shared.u32 [%r4], %r7;
  bar.sync 0;
  ld.shared.u32 %r8, [%r5]; add.u32 %r8, %r8, 2000;
BOTH:
  cvt.u64.u32 %rd2, %r3; add.u64 %rd3, %rd1, %rd2;
  and.b32 %r9, %r1, 3; setp.eq.u32 %p2, %r9, 3; @%p2 bra DONE;
  bar.sync 0;
  st.shared.u32 [%r4], %r8;
  bar.sync 0;
  ld.shared.u32 %r10, [words]; add.u32 %r8, %r8, %r10;
DONE:
  st.global.u32 [%rd3], %r8; ret;
})");
  EXPECT_EQ(code.kernels[0].flags & TQ_KERNEL_FIBERS, 0u);
  constexpr uint32_t kThreads = 200;
  const Buffer out = card_.Allocate(4 * kThreads);
  EXPECT_EQ(Run(code, {.grid = {2, 1, 1}, .block = {kThreads, 1, 1}}, {out.va}).status, TQGPU_COMPLETION_OK);
  const std::vector<uint32_t> found = Values<uint32_t>(out, kThreads);
  const auto first = [](uint32_t i) { return (i ^ 1) * (i % 2 ? 5 : 3) + (i % 2 ? 1000 : 2000); };
  for (uint32_t i = 0; i < kThreads; ++i) ASSERT_EQ(found[i], first(i) + (i % 4 == 3 ? 0 : first(0))) << i;
}

TEST_F(Kernel, EachThreadKeepsItsVariablesOverBarriers) {
  // As many rounds as the thread's index says, each with a barrier; a local array and a sum live through all
  // of them.
  const CodeObject code = Compile(R"(
.visible .entry k(.param .u64 out) {
  .shared .align 4 .b32 total; .local .align 8 .b32 mine[4];
  .reg .b64 %rd<6>; .reg .b32 %r<14>; .reg .pred %p<4>;
  ld.param.u64 %rd1, [out]; mov.u32 %r1, %tid.x; mov.u32 %r2, %tid.y; mov.u32 %r3, %ntid.x;
  mad.lo.u32 %r4, %r2, %r3, %r1; mov.u32 %r5, 0; mov.u32 %r6, 0;
  mov.u64 %rd2, mine; st.local.u32 [%rd2], %r4; st.local.u32 [%rd2+8], %r6;
LOOP:
  setp.ge.u32 %p1, %r5, %r4; @%p1 bra DONE;
  and.b32 %r9, %r5, 2; cvt.u64.u32 %rd3, %r9; shl.b64 %rd3, %rd3, 2; add.u64 %rd3, %rd2, %rd3;
  atom.shared.add.u32 %r7, [total], 1;
  bar.sync 0;
  ld.local.u32 %r8, [%rd3]; add.u32 %r8, %r8, 3; st.local.u32 [%rd3], %r8; add.u32 %r6, %r6, %r8;
  add.u32 %r5, %r5, 1; bra LOOP;
DONE:
  mul.wide.u32 %rd4, %r4, 4; add.u64 %rd4, %rd1, %rd4; ld.local.u32 %r10, [%rd2+8]; add.u32 %r6, %r6, %r10;
  st.global.u32 [%rd4], %r6; ret;
})");
  EXPECT_EQ(code.kernels[0].flags & TQ_KERNEL_FIBERS, 0u);
  const Buffer out = card_.Allocate(4 * 60);
  EXPECT_EQ(Run(code, {.block = {12, 5, 1}}, {out.va}).status, TQGPU_COMPLETION_OK);
  const std::vector<uint32_t> found = Values<uint32_t>(out, 60);
  for (uint32_t i = 0; i < 60; ++i) {
    uint32_t mine[2] = {i, 0}, sum = 0;
    for (uint32_t round = 0; round < i; ++round) sum += mine[round / 2 % 2] += 3;
    ASSERT_EQ(found[i], sum + mine[1]) << i;
  }
}

TEST_F(Kernel, AtomicsOfAllBlocks) {
  const CodeObject code = Compile(R"(
.visible .entry k(.param .u64 out) {
  .reg .b64 %rd<4>; .reg .b32 %r<6>; .reg .f32 %f<2>; .reg .b16 %h<3>;
  ld.param.u64 %rd1, [out]; mov.u32 %r1, %tid.x; cvt.u64.u32 %rd2, %r1;
  atom.global.add.u32 %r2, [%rd1], 1; atom.global.max.u32 %r3, [%rd1+4], %r1;
  atom.global.add.f32 %f1, [%rd1+8], 0f3F800000; atom.global.add.u64 %rd3, [%rd1+16], %rd2;
  atom.global.add.noftz.f16 %h1, [%rd1+24], 0x3C00; atom.global.inc.u32 %r4, [%rd1+28], 6;
  ret;
})");
  const Buffer out = card_.Allocate(32);
  EXPECT_EQ(Run(code, {.grid = {20, 1, 1}, .block = {64, 1, 1}}, {out.va}).status, TQGPU_COMPLETION_OK);
  const std::vector<uint32_t> words = Values<uint32_t>(out, 8);
  EXPECT_EQ(words[0], 1280u);
  EXPECT_EQ(words[1], 63u);
  EXPECT_EQ(words[2], 0x44a00000u);  // 1280.0f
  EXPECT_EQ(words[4], 20u * 63 * 64 / 2);
  EXPECT_EQ(words[6], 0x6500u);  // 1280 in half precision
  EXPECT_EQ(words[7], 1280u % 7);
}

TEST_F(Kernel, GridBarrierOfResidentBlocks) {
  // Each round every block adds its number, and waits until all have. More blocks than harts: nobody may be
  // left out.
  const CodeObject code = Compile(R"(
.visible .entry k(.param .u64 counter, .param .u64 rounds) {
  .reg .b64 %rd<4>; .reg .b32 %r<9>; .reg .pred %p<3>;
  ld.param.u64 %rd1, [counter]; ld.param.u32 %r1, [rounds];
  mov.u32 %r2, %nctaid.x; mov.u32 %r3, %tid.x; mov.u32 %r4, 0; setp.ne.u32 %p1, %r3, 0;
ROUND:
  bar.sync 0;
  @%p1 bra JOIN;
  atom.global.add.u32 %r5, [%rd1], 1;
  add.u32 %r6, %r4, 1; mul.lo.u32 %r6, %r6, %r2;
WAIT:
  ld.acquire.gpu.global.u32 %r7, [%rd1]; setp.lt.u32 %p2, %r7, %r6; @%p2 bra WAIT;
JOIN:
  bar.sync 0;
  add.u32 %r4, %r4, 1; setp.lt.u32 %p2, %r4, %r1; @%p2 bra ROUND;
  ret;
})");
  const Buffer counter = card_.Allocate(4);
  LaunchOptions options = {.grid = {18, 1, 1}, .block = {33, 1, 1}};
  options.is_cooperative = true;
  EXPECT_EQ(Run(code, options, {counter.va, 5}).status, TQGPU_COMPLETION_OK);
  EXPECT_EQ(Values<uint32_t>(counter, 1)[0], 90u);
}

TEST_F(Kernel, CooperativeGridFindsItsWorkspace) {
  const CodeObject code = Compile(R"(
.visible .entry k(.param .u64 out) {
  .reg .b64 %rd<5>; .reg .b32 %r<5>;
  ld.param.u64 %rd1, [out]; mov.u32 %r1, %envreg1; mov.u32 %r2, %envreg2;
  cvt.u64.u32 %rd2, %r1; cvt.u64.u32 %rd3, %r2; shl.b64 %rd2, %rd2, 32; or.b64 %rd2, %rd2, %rd3;
  ld.u32 %r3, [%rd2]; st.global.u32 [%rd1], %r3; atom.add.u32 %r4, [%rd2+4], 1; bar.sync 0;
  atom.global.max.u32 %r3, [%rd1+4], %r4;
  ret;
})");
  const Buffer out = card_.Allocate(8);
  LaunchOptions options = {.grid = {8, 1, 1}, .block = {4, 1, 1}};
  options.is_cooperative = true;
  EXPECT_EQ(Run(code, options, {out.va}).status, TQGPU_COMPLETION_OK);
  EXPECT_EQ(Values<uint32_t>(out, 2), (std::vector<uint32_t>{8, 31}));
}

TEST_F(Kernel, ClusterSharesMemoryAndBarriers) {
  // Each block of a cluster reads what its neighbour has written to its shared memory.
  const CodeObject code = Compile(R"(
.visible .entry k(.param .u64 out) {
  .shared .align 4 .b32 word;
  .reg .b64 %rd<4>; .reg .b32 %r<12>;
  ld.param.u64 %rd1, [out];
  mov.u32 %r1, %ctaid.x; st.shared.u32 [word], %r1;
  barrier.cluster.arrive; barrier.cluster.wait;
  mov.u32 %r2, %cluster_ctarank; xor.b32 %r3, %r2, 1; mov.u32 %r4, word;
  mapa.shared::cluster.u32 %r5, %r4, %r3; ld.shared::cluster.u32 %r6, [%r5];
  mul.wide.u32 %rd2, %r1, 4; add.u64 %rd2, %rd1, %rd2; st.global.u32 [%rd2], %r6;
  barrier.cluster.arrive; barrier.cluster.wait;
  ret;
})");
  const Buffer out = card_.Allocate(4 * 12);
  EXPECT_EQ(Run(code, {.grid = {12, 1, 1}, .block = {3, 1, 1}, .cluster = {2, 1, 1}}, {out.va}).status,
            TQGPU_COMPLETION_OK);
  const std::vector<uint32_t> words = Values<uint32_t>(out, 12);
  for (uint32_t i = 0; i < 12; ++i) EXPECT_EQ(words[i], i ^ 1) << i;
}

TEST_F(Kernel, IndicesOfThreeDimensions) {
  for (const bool in_clusters : {false, true}) {
    card_.Reset();
    const CodeObject code = Compile(R"(
.visible .entry k(.param .u64 out) {
  .reg .b64 %rd<4>; .reg .b32 %r<16>;
  ld.param.u64 %rd1, [out];
  mov.u32 %r1, %ctaid.z; mov.u32 %r2, %nctaid.y; mov.u32 %r3, %ctaid.y; mad.lo.u32 %r1, %r1, %r2, %r3;
  mov.u32 %r2, %nctaid.x; mov.u32 %r3, %ctaid.x; mad.lo.u32 %r1, %r1, %r2, %r3;
  mov.u32 %r2, %ntid.z; mov.u32 %r3, %tid.z; mad.lo.u32 %r1, %r1, %r2, %r3;
  mov.u32 %r2, %ntid.y; mov.u32 %r3, %tid.y; mad.lo.u32 %r1, %r1, %r2, %r3;
  mov.u32 %r2, %ntid.x; mov.u32 %r3, %tid.x; mad.lo.u32 %r1, %r1, %r2, %r3;
  mul.wide.u32 %rd2, %r1, 4; add.u64 %rd2, %rd1, %rd2; red.global.add.u32 [%rd2], 1;
  ret;
})");
    const uint32_t count = 4 * 3 * 2 * 5 * 3 * 2;
    const Buffer out = card_.Allocate(4 * count);
    const tq_cpu_dim3 cluster = in_clusters ? tq_cpu_dim3{2, 1, 2} : tq_cpu_dim3{1, 1, 1};
    EXPECT_EQ(Run(code, {.grid = {4, 3, 2}, .block = {5, 3, 2}, .cluster = cluster}, {out.va}).status,
              TQGPU_COMPLETION_OK);
    EXPECT_EQ(Values<uint32_t>(out, count), std::vector<uint32_t>(count, 1)) << in_clusters;
  }
}

// ---- Services ----

constexpr char kPrintKernel[] = R"(
.extern .func (.param .b32 count) vprintf (.param .b64 format, .param .b64 arguments);
.global .align 1 .b8 format[64];
.global .align 1 .b8 name[64];
.visible .entry k(.param .u64 times) {
  .local .align 8 .b8 frame[32];
  .reg .b64 %rd<6>; .reg .b32 %r<6>; .reg .pred %p;
  ld.param.u32 %r1, [times]; mov.u32 %r2, 0; mov.u32 %r3, %tid.x;
  mov.u64 %rd1, frame; cvta.local.u64 %rd1, %rd1; mov.u64 %rd2, format; cvta.global.u64 %rd2, %rd2;
  mov.u64 %rd3, name; cvta.global.u64 %rd3, %rd3;
LOOP:
  st.u32 [%rd1], %r3; st.u64 [%rd1+8], %rd3; mov.b64 %rd4, 0x3FF8000000000000; st.u64 [%rd1+16], %rd4;
  st.u32 [%rd1+24], %r2;
  { .param .b64 a; .param .b64 b; .param .b32 c; st.param.b64 [a], %rd2; st.param.b64 [b], %rd1;
    call.uni (c), vprintf, (a, b); ld.param.b32 %r4, [c]; }
  add.u32 %r2, %r2, 1; setp.lt.u32 %p, %r2, %r1; @%p bra LOOP;
  ret;
})";

TEST_F(Kernel, PrintsWhatTheFormatSays) {
  const CodeObject code = Compile(kPrintKernel);
  EXPECT_NE(code.kernels[0].flags & TQ_KERNEL_PRINTF, 0u);
  const LaunchResult result = Run(code, {.block = {2, 1, 1}}, {1},
                                  {{"format", Text("%d|%5s|%.2f|%u 100%%\n")}, {"name", Text("abc")}});
  EXPECT_EQ(result.status, TQGPU_COMPLETION_OK);
  EXPECT_EQ(result.printed, "0|  abc|1.50|0 100%\n1|  abc|1.50|0 100%\n");
}

TEST_F(Kernel, PrintingMoreThanTheRingHoldsLosesNothing) {
  const CodeObject code = Compile(kPrintKernel);
  const LaunchResult result = Run(code, {.grid = {8, 1, 1}, .block = {4, 1, 1}}, {100},
                                  {{"format", Text("%d %s %f %u\n")}, {"name", Text(std::string(60, 'x'))}});
  EXPECT_EQ(result.status, TQGPU_COMPLETION_OK);
  EXPECT_EQ(std::count(result.printed.begin(), result.printed.end(), '\n'), 3200);
  EXPECT_EQ(result.printed.size(),
            3200 * std::strlen("0 ") + 3200 * 60 + 3200 * std::strlen(" 1.500000 ") + 32 * (10 * 2 + 90 * 3));
}

TEST_F(Kernel, BadTextOfPrintIsAFault) {
  const CodeObject code = Compile(kPrintKernel);
  const LaunchResult result =
      Run(code, {.block = {2, 1, 1}}, {1}, {{"format", Text("%d %s\n")}, {"name", 0xdead0000}});
  ExpectAt(result, {0, 0, 0}, {0, 0, 0});
  EXPECT_EQ(result.fault.cause, 13u);
  EXPECT_EQ(result.fault.address, 0xdead0000u);
  EXPECT_EQ(result.printed, "");
}

TEST_F(Kernel, HeapGivesEachThreadItsOwnMemory) {
  // Each thread keeps a list of pieces of different sizes, checks that nobody wrote into them, and gives them
  // back.
  const CodeObject code = Compile(R"(
.extern .func (.param .b64 result) malloc (.param .b64 size);
.extern .func free (.param .b64 pointer);
.visible .entry k(.param .u64 bad, .param .u64 rounds) {
  .reg .b64 %rd<12>; .reg .b32 %r<12>; .reg .pred %p<3>;
  ld.param.u64 %rd1, [bad]; ld.param.u32 %r1, [rounds];
  mov.u32 %r2, %ctaid.x; mov.u32 %r3, %ntid.x; mov.u32 %r4, %tid.x; mad.lo.u32 %r2, %r2, %r3, %r4;
  mov.u64 %rd5, 0; mov.u32 %r5, 0;
ALLOCATE:
  mul.lo.u32 %r6, %r5, 24; and.b32 %r7, %r2, 7; mad.lo.u32 %r6, %r7, 8, %r6; add.u32 %r6, %r6, 16;
  cvt.u64.u32 %rd2, %r6;
  { .param .b64 s; .param .b64 p; st.param.b64 [s], %rd2; call.uni (p), malloc, (s); ld.param.b64 %rd3, [p]; }
  setp.eq.u64 %p1, %rd3, 0; @%p1 bra FAILED;
  st.u64 [%rd3], %rd5; st.u32 [%rd3+8], %r2; cvt.u64.u32 %rd6, %r6; add.u64 %rd6, %rd3, %rd6; st.u32 [%rd6+-4], %r2;
  mov.u64 %rd5, %rd3;
  add.u32 %r5, %r5, 1; setp.lt.u32 %p1, %r5, %r1; @%p1 bra ALLOCATE;
RELEASE:
  setp.eq.u64 %p1, %rd5, 0; @%p1 bra DONE;
  ld.u64 %rd4, [%rd5]; ld.u32 %r8, [%rd5+8]; setp.eq.u32 %p1, %r8, %r2; @%p1 bra RIGHT;
  red.global.add.u32 [%rd1], 1;
RIGHT:
  { .param .b64 p; st.param.b64 [p], %rd5; call.uni free, (p); }
  mov.u64 %rd5, %rd4; bra RELEASE;
FAILED:
  red.global.add.u32 [%rd1], 1;
DONE: ret;
})");
  const Buffer bad = card_.Allocate(4);
  const LaunchOptions options = {.grid = {8, 1, 1}, .block = {32, 1, 1}};
  // Several times what the heap could give if nothing came back.
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(Run(code, options, {bad.va, 16}).status, TQGPU_COMPLETION_OK);
    ASSERT_EQ(Values<uint32_t>(bad, 1)[0], 0u) << i;
  }
  // And null when it is used up.
  EXPECT_EQ(Run(code, options, {bad.va, 400}).status, TQGPU_COMPLETION_OK);
  EXPECT_NE(Values<uint32_t>(bad, 1)[0], 0u);
}

TEST_F(Kernel, ClocksRun) {
  const CodeObject code = Compile(R"(
.visible .entry k(.param .u64 out) {
  .reg .b64 %rd<6>;
  ld.param.u64 %rd1, [out]; mov.u64 %rd2, %globaltimer; mov.u64 %rd3, %clock64;
  st.global.u64 [%rd1], %rd2; st.global.u64 [%rd1+8], %rd3;
  ret;
})");
  const Buffer out = card_.Allocate(16);
  EXPECT_EQ(Run(code, {}, {out.va}).status, TQGPU_COMPLETION_OK);
  const std::vector<uint64_t> first = Values<uint64_t>(out, 2);
  EXPECT_EQ(Run(code, {}, {out.va}).status, TQGPU_COMPLETION_OK);
  const std::vector<uint64_t> second = Values<uint64_t>(out, 2);
  EXPECT_GT(second[0], first[0] + 1000);
  EXPECT_LT(second[0], first[0] + 60'000'000'000);
  EXPECT_EQ(first[0] % 100, 0u);  // of a timebase of 10 MHz
}

// ---- Faults ----

// A store to an address that thread (5, 1) of block (2, 3) alone gets wrong; with a barrier it is a fiber's.
std::string StoreKernel(const std::string& before) {
  return R"(.visible .entry k(.param .u64 good, .param .u64 bad) {
  .reg .b64 %rd<4>; .reg .b32 %r<6>; .reg .pred %p<5>;
  ld.param.u64 %rd1, [good]; ld.param.u64 %rd2, [bad];
)" + before +
         R"(
  mov.u32 %r1, %tid.x; setp.ne.u32 %p1, %r1, 5; @%p1 bra STORE;
  mov.u32 %r1, %tid.y; setp.ne.u32 %p1, %r1, 1; @%p1 bra STORE;
  mov.u32 %r1, %ctaid.x; setp.ne.u32 %p1, %r1, 2; @%p1 bra STORE;
  mov.u32 %r1, %ctaid.y; setp.ne.u32 %p1, %r1, 3; @%p1 bra STORE;
  mov.u64 %rd1, %rd2;
STORE:
  st.global.u32 [%rd1], 1;
  ret;
})";
}

TEST_F(Kernel, FaultNamesBlockThreadAndLine) {
  const Buffer good = card_.Allocate(4);
  // In a loop, in rounds, in fibers.
  for (const char* before : {"", "bar.sync 0;", "bar.warp.sync 65535;"}) {
    const CodeObject code = Compile(StoreKernel(before));
    const LaunchResult result = Run(code, {.grid = {4, 4, 1}, .block = {8, 2, 1}}, {good.va, 0xdead000});
    ExpectAt(result, {2, 3, 0}, {5, 1, 0});
    EXPECT_EQ(result.fault.cause, 15u);
    EXPECT_EQ(result.fault.address, 0xdead000u);
    EXPECT_EQ(result.ptx_line, 14u);
    EXPECT_FALSE(result.report.kind.has_value());
  }
}

TEST_F(Kernel, MisalignedAddressIsAFaultOfItsOwn) {
  const Buffer good = card_.Allocate(8);
  const LaunchResult result =
      Run(Compile(StoreKernel("")), {.grid = {4, 4, 1}, .block = {8, 2, 1}}, {good.va, good.va + 2});
  ExpectAt(result, {2, 3, 0}, {5, 1, 0});
  EXPECT_EQ(result.report.kind, TQ_CPU_FAULT_MISALIGNED_ADDRESS);
  EXPECT_EQ(result.report.payload, good.va + 2);
  EXPECT_EQ(result.ptx_line, 14u);
}

TEST_F(Kernel, TrapNamesItsThread) {
  const CodeObject code = Compile(R"(
.visible .entry k() {
  .reg .b32 %r<2>; .reg .pred %p;
  bar.sync 0;
  mov.u32 %r1, %tid.x; setp.ne.u32 %p, %r1, 37; @%p bra DONE;
  trap;
DONE: ret;
})");
  const LaunchResult result = Run(code, {.grid = {3, 1, 1}, .block = {64, 1, 1}}, {});
  ASSERT_EQ(result.status, TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(result.report.kind, TQ_CPU_FAULT_TRAP);
  EXPECT_EQ(result.report.thread->x, 37u);
  EXPECT_EQ(result.ptx_line, 9u);
}

TEST_F(Kernel, AssertionSaysWhatAndWhere) {
  const CodeObject code = Compile(R"(
.extern .func __assertfail (.param .b64 m, .param .b64 f, .param .b32 l, .param .b64 n, .param .b64 s);
.global .align 1 .b8 message[16];
.global .align 1 .b8 file[16];
.visible .entry k() {
  .reg .b64 %rd<6>; .reg .b32 %r<2>; .reg .pred %p;
  mov.u32 %r1, %tid.x; setp.ne.u32 %p, %r1, 3; @%p bra DONE;
  mov.u64 %rd1, message; cvta.global.u64 %rd1, %rd1; mov.u64 %rd2, file; cvta.global.u64 %rd2, %rd2;
  { .param .b64 m; .param .b64 f; .param .b32 l; .param .b64 n; .param .b64 s;
    st.param.b64 [m], %rd1; st.param.b64 [f], %rd2; st.param.b32 [l], 12; st.param.b64 [n], %rd2; st.param.b64 [s], 1;
    call.uni __assertfail, (m, f, l, n, s); }
DONE: ret;
})");
  const LaunchResult result =
      Run(code, {.block = {4, 1, 1}}, {}, {{"message", Text("x == 0")}, {"file", Text("a.cu")}});
  ASSERT_EQ(result.status, TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(result.report.kind, TQ_CPU_FAULT_ASSERT);
  EXPECT_EQ(result.report.message,
            "a.cu:12: a.cu: block: [0,0,0], thread: [3,0,0] Assertion `x == 0` failed.\n");
}

TEST_F(Kernel, ThreadsThatWaitForEachOtherAreADeadlock) {
  const CodeObject code = Compile(R"(
.visible .entry k() {
  .reg .b32 %r<2>; .reg .pred %p;
  mov.u32 %r1, %tid.x; setp.lt.u32 %p, %r1, 16; @%p bra LOW;
  bar.sync 1, 64; ret;
LOW:
  bar.sync 2, 64; ret;
})");
  const LaunchResult result = Run(code, {.block = {64, 1, 1}}, {});
  ASSERT_EQ(result.status, TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(result.report.kind, TQ_CPU_FAULT_DEADLOCK);
  EXPECT_TRUE(result.report.block.has_value());
  EXPECT_FALSE(result.report.thread.has_value());
}

TEST_F(Kernel, EndlessRecursionMeetsTheGuardPage) {
  // A barrier with a count needs fibers.
  for (const char* before : {"", "bar.sync 0, 32;"}) {
    const CodeObject code = Compile(std::string(R"(
.visible .func (.param .b32 r) deep (.param .b32 n) {
  .local .align 4 .b8 frame[256];
  .reg .b32 %r<5>; .reg .b64 %rd<3>;
  ld.param.u32 %r1, [n]; add.u32 %r2, %r1, 1; mov.u64 %rd1, frame; st.local.u32 [%rd1], %r1;
  { .param .b32 a; .param .b32 b; st.param.b32 [a], %r2; call (b), deep, (a); ld.param.b32 %r3, [b]; }
  ld.local.u32 %r4, [%rd1]; add.u32 %r3, %r3, %r4; st.param.b32 [r], %r3; ret;
}
.visible .entry k(.param .u64 out) {
  .reg .b64 %rd<2>; .reg .b32 %r<3>;
)") + before + R"(
  ld.param.u64 %rd1, [out];
  { .param .b32 a; .param .b32 b; st.param.b32 [a], 1; call (b), deep, (a); ld.param.b32 %r1, [b]; }
  st.global.u32 [%rd1], %r1; ret;
})");
    LaunchOptions options = {.block = {32, 1, 1}};
    options.has_guards = true;
    const LaunchResult result = Run(code, options, {card_.Allocate(4).va});
    ASSERT_EQ(result.status, TQGPU_COMPLETION_FAULT);
    EXPECT_EQ(result.fault.cause, 15u);
    // In the page below the stack of the thread.
    EXPECT_LE(result.fault.address, result.fault.stack_pointer + 512);
    ExpectAt(result, {0, 0, 0}, {0, 0, 0});
  }
}

TEST_F(Kernel, OverflowWithoutGuardIsSeenAtTheNextSwitch) {
  // A frame that reaches just below the stack's end.
  const CodeObject code = Compile(R"(
.visible .entry k() {
  .reg .b64 %rd<3>;
  mov.u64 %rd1, 0; st.local.u64 [%rd1], 1;
  bar.sync 0, 32; ret;
})");
  const LaunchResult result = Run(code, {.block = {32, 1, 1}}, {});
  ASSERT_EQ(result.status, TQGPU_COMPLETION_FAULT);
  EXPECT_EQ(result.report.kind, TQ_CPU_FAULT_STACK_OVERFLOW);
}

TEST_F(Kernel, CardGoesOnAfterAFault) {
  const CodeObject bad = Compile(StoreKernel(""));
  EXPECT_EQ(Run(bad, {.grid = {4, 4, 1}, .block = {8, 2, 1}}, {0x10, 0x10}).status, TQGPU_COMPLETION_FAULT);
  const Buffer good = card_.Allocate(4);
  EXPECT_EQ(Run(bad, {.grid = {4, 4, 1}, .block = {8, 2, 1}}, {good.va, good.va}).status,
            TQGPU_COMPLETION_OK);
}

}  // namespace
}  // namespace tq::card_test
