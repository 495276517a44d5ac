#include "hal/tqgpu/shell/hart_report.h"

#include <cstring>
#include <vector>

#include "gtest/gtest.h"
#include "hal/tqgpu/shell/shell_abi.h"

namespace tq::hal::tqgpu {
namespace {

constexpr uint64_t kVa = 0x7f0000000000;
constexpr uint64_t kBlockAt = 4096, kThreadAt = 8192;

// A slice as the card leaves it.
class Slice {
 public:
  template <typename T>
  void Put(uint64_t offset, const T& value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof value);
  }
  HartReport Read() const { return ReadHartReport(bytes_, kVa); }

 private:
  std::vector<uint8_t> bytes_ = std::vector<uint8_t>(16384);
};

void ExpectDim(const std::optional<tq_cpu_dim3>& dim, uint32_t x, uint32_t y, uint32_t z) {
  ASSERT_TRUE(dim.has_value());
  EXPECT_EQ(dim->x, x);
  EXPECT_EQ(dim->y, y);
  EXPECT_EQ(dim->z, z);
}

TEST(HartReport, FiberLeadsToItsBlock) {
  Slice slice;
  slice.Put(0, tq_shell_hart{.thread = kVa + kThreadAt, .block = 0});
  slice.Put(kThreadAt,
            tq_cpu_thread{.block = reinterpret_cast<tq_cpu_block*>(kVa + kBlockAt), .tid = {3, 4, 5}});
  slice.Put(kBlockAt, tq_cpu_block{.ctaid = {7, 8, 9}});
  const HartReport report = slice.Read();
  ExpectDim(report.block, 7, 8, 9);
  ExpectDim(report.thread, 3, 4, 5);
  EXPECT_FALSE(report.kind.has_value());
}

TEST(HartReport, LoopSaysWhichThreadItSteps) {
  Slice slice;
  slice.Put(0, tq_shell_hart{.thread = TQ_SHELL_LOOP_THREAD, .block = kVa + kBlockAt});
  slice.Put(kBlockAt, tq_cpu_block{.ctaid = {1, 0, 0}, .ntid = {4, 3, 2}, .loop_tid = {1, 2, 1}});
  const HartReport report = slice.Read();
  ExpectDim(report.block, 1, 0, 0);
  ExpectDim(report.thread, 1, 2, 1);
}

TEST(HartReport, WarpsSayTheIndexOfTheirThread) {
  Slice slice;
  slice.Put(0, tq_shell_hart{.thread = TQ_SHELL_LOOP_THREAD, .block = kVa + kBlockAt});
  slice.Put(kThreadAt, tq_cpu_thread{.linear_tid = 4 * 3 + 2 * 4 + 1});
  tq_cpu_block block = {.ntid = {4, 3, 2}};
  block.thread = reinterpret_cast<const tq_cpu_thread*>(kVa + kThreadAt);
  slice.Put(kBlockAt, block);
  ExpectDim(slice.Read().thread, 1, 2, 1);
  block.ntid = {};
  slice.Put(kBlockAt, block);
  EXPECT_FALSE(slice.Read().thread.has_value());
}

TEST(HartReport, AssertionReadsAsCudaPrintsIt) {
  Slice slice;
  tq_shell_hart hart = {.thread = TQ_SHELL_LOOP_THREAD, .block = kVa + kBlockAt};
  hart.fault_kind = TQ_CPU_FAULT_ASSERT;
  hart.fault_pc = 0x1234;
  hart.assert_line = 12;
  std::strcpy(hart.assert_file, "a.cu");
  std::strcpy(hart.assert_function, "void k()");
  std::memset(hart.assert_message, 'm', sizeof hart.assert_message);  // without an end
  slice.Put(0, hart);
  slice.Put(kBlockAt, tq_cpu_block{.ctaid = {2, 0, 0}, .ntid = {32, 1, 1}, .loop_tid = {31, 0, 0}});
  const HartReport report = slice.Read();
  EXPECT_EQ(report.kind, TQ_CPU_FAULT_ASSERT);
  EXPECT_EQ(report.pc, 0x1234u);
  EXPECT_EQ(report.message, "a.cu:12: void k(): block: [2,0,0], thread: [31,0,0] Assertion `" +
                                std::string(256, 'm') + "` failed.\n");
}

TEST(HartReport, AddressesOutsideTheSliceAreNotFollowed) {
  for (const uint64_t address : {uint64_t{2}, kVa - 1, kVa + 16384, kVa + 16384 - 8, ~uint64_t{0}}) {
    Slice slice;
    slice.Put(0, tq_shell_hart{.thread = address, .block = address});
    EXPECT_FALSE(slice.Read().thread.has_value());
    EXPECT_FALSE(slice.Read().block.has_value());
    slice.Put(0, tq_shell_hart{.thread = TQ_SHELL_LOOP_THREAD, .block = address});
    EXPECT_FALSE(slice.Read().thread.has_value());
  }
  EXPECT_FALSE(ReadHartReport({}, kVa).block.has_value());
}

}  // namespace
}  // namespace tq::hal::tqgpu
