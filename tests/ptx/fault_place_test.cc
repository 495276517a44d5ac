// Where a fault of the machine is said to be, in each tier: block and warp always, the thread where each
// lane's access is one of its own.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/code_object.h"
#include "hal/executable.h"
#include "hal/queue.h"
#include "tests/device/test_device.h"

namespace tq::test {
namespace {

constexpr uint64_t kPatienceNs = 20'000'000'000;

struct Way {
  const char* name;
  const char* features;
  const char* options;
  bool is_exact;  // names the thread itself
};

// Thread 45 of block 2 alone accesses address 4 * 45 * 45: its square ends in 1001, in the last ten bits,
// which tells the compiler nothing.
std::string Kernel(const std::string& access) {
  return absl::StrCat(R"(
.version 8.7
.target sm_80
.address_size 64
.visible .entry k()
{
	.reg .b32 %r<5>;
	.reg .b64 %rd<3>;
	.reg .pred %p<3>;
	mov.u32 %r0, %tid.x;
	mov.u32 %r1, %ctaid.x;
	mul.lo.u32 %r2, %r0, %r0;
	and.b32 %r4, %r2, 1023;
	setp.ne.u32 %p0, %r4, 1001;
	setp.ne.or.u32 %p1, %r1, 2, %p0;
	@%p1 bra END;
	mul.wide.u32 %rd0, %r2, 4;
)",
                      "\t", access, "\nEND:\n\tret;\n}\n");
}

class FaultPlace : public testing::TestWithParam<Way> {
 protected:
  hal_fault FaultOf(const std::string& ptx) {
    static TestDevice& device = *new TestDevice("workers=1");
    const std::string kernel = "k";
    hal_fault none = {};
    const auto code =
        device.Compile(ptx, {&kernel, 1}, device.features(GetParam().features), GetParam().options);
    EXPECT_TRUE(code.ok()) << code.status();
    auto vm = hal::AddressSpace::Create(device.device());
    EXPECT_TRUE(vm.ok());
    if (!code.ok() || !vm.ok()) return none;
    const auto executable = hal::Executable::Load(*vm, *code, {});
    auto queue = hal::Queue::Create(*vm, HAL_QUEUE_COMPUTE);
    auto done = hal::Semaphore::Create(device.device().backend(), device.device().get(), 0);
    EXPECT_TRUE(executable.ok() && queue.ok() && done.ok());
    if (!executable.ok() || !queue.ok() || !done.ok()) return none;
    const auto entry = executable->Kernel(kernel);
    EXPECT_TRUE(entry.ok());
    const hal_dispatch dispatch = {.size = sizeof(hal_dispatch),
                                   .kernel = entry->kernel,
                                   .grid = {4, 1, 1},
                                   .block = {96, 1, 1},
                                   .dynamic_shared_bytes = 0,
                                   .params = nullptr,
                                   .params_size_bytes = 0};
    EXPECT_EQ(queue->Dispatch(dispatch, done->get(), 1), HAL_OK);
    EXPECT_FALSE(WaitFor(*done, 1, kPatienceNs).ok());
    const auto fault = vm->ReadFault();
    EXPECT_TRUE(fault.ok());
    return fault.ok() ? *fault : none;
  }

  void ExpectPlace(const hal_fault& fault) {
    EXPECT_EQ(fault.kind, HAL_FAULT_ILLEGAL_ADDRESS);
    EXPECT_EQ(fault.address, 4u * 45 * 45);
    EXPECT_EQ(fault.block.x, 2u);
    EXPECT_EQ(fault.thread.x / 32, 45u / 32);
    if (GetParam().is_exact) {
      EXPECT_EQ(fault.thread.x, 45u);
    }
    EXPECT_EQ(fault.thread.y, 0u);
  }
};

TEST_P(FaultPlace, OfALoad) {
  ExpectPlace(FaultOf(Kernel("ld.global.u32 %r3, [%rd0]; add.u32 %r3, %r3, 1; st.global.u32 [%rd0], %r3;")));
}
TEST_P(FaultPlace, OfAStore) { ExpectPlace(FaultOf(Kernel("st.global.u32 [%rd0], %r0;"))); }
TEST_P(FaultPlace, OfAnAtomic) { ExpectPlace(FaultOf(Kernel("red.global.max.u32 [%rd0], %r0;"))); }

// PTX ISA, "brkpt": there is no debugger, and the thread cannot go on.
TEST_P(FaultPlace, OfABreakpoint) {
  const hal_fault fault = FaultOf(Kernel("brkpt;"));
  EXPECT_EQ(fault.kind, HAL_FAULT_TRAP);
  EXPECT_EQ(fault.block.x, 2u);
  EXPECT_EQ(fault.thread.x / 32, 45u / 32);
}

// A gather of AVX-512 is one instruction for 16 lanes.
INSTANTIATE_TEST_SUITE_P(Tiers, FaultPlace,
                         testing::Values(Way{"scalar", "native", "--tier=scalar", true},
                                         Way{"vector_avx512", "native", "--tier=vector", false},
                                         Way{"vector_sse2", "sse2", "--tier=vector", true}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace tq::test
