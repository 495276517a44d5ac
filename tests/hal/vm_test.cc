// Group vm: reserving, mapping at chosen addresses, protecting, host memory.
#include <sys/mman.h>

#include <thread>

#include "hal/error.h"
#include "tests/hal/conformance.h"

namespace tq::hal {
namespace {

constexpr uint64_t kSize = 4 << 20;

class HalVm : public HalTest {
 protected:
  hal_va Reserve(uint64_t size, uint64_t align = 0, hal_va at = 0) {
    hal_vm_op op = {
        .size = sizeof op, .kind = HAL_VM_OP_RESERVE, .va = at, .size_bytes = size, .align_bytes = align};
    EXPECT_HAL_OK(vm_.Bind(&op, 1));
    return op.va;
  }
  absl::Status Do(hal_vm_op_kind kind, hal_va va, uint64_t size, hal_mem* mem = nullptr, uint64_t offset = 0,
                  uint32_t access = HAL_VM_READ | HAL_VM_WRITE) {
    hal_vm_op op = {.size = sizeof op,
                    .kind = static_cast<uint32_t>(kind),
                    .access = access,
                    .va = va,
                    .size_bytes = size,
                    .mem = mem,
                    .mem_offset_bytes = offset};
    return vm_.Bind(&op, 1);
  }
  Memory NewMemory(uint64_t size, uint32_t flags = 0) { return *Memory::Create(device_, size, flags); }
};

TEST_F(HalVm, ReservationsAreAlignedAndApart) {
  const hal_va a = Reserve(kSize, 2 << 20), b = Reserve(kSize, 64 << 20);
  EXPECT_EQ(a % (2 << 20), 0u);
  EXPECT_EQ(b % (64 << 20), 0u);
  EXPECT_TRUE(a + kSize <= b || b + kSize <= a);
  EXPECT_HAL_OK(Do(HAL_VM_OP_RELEASE, a, kSize));
  EXPECT_EQ(Reserve(kSize, 0, a), a) << "a released range can be asked for";
}

TEST_F(HalVm, TakenAddressesAreBusy) {
  const hal_va a = Reserve(kSize);
  hal_vm_op op = {.size = sizeof op, .kind = HAL_VM_OP_RESERVE, .va = a, .size_bytes = kSize};
  EXPECT_EQ(ToHalStatus(vm_.Bind(&op, 1)), HAL_BUSY);
}

// The same memory at three places: its own and two chosen ones.
TEST_F(HalVm, MapsOneMemoryTwice) {
  for (const uint32_t flags : {0u, static_cast<uint32_t>(HAL_MEM_EXPORTABLE)}) {
    Memory memory = NewMemory(kSize, flags);
    const hal_va range = Reserve(2 * kSize);
    auto* own = static_cast<uint32_t*>(memory.host_ptr());
    for (uint32_t i = 0; i < kSize / 4; ++i) own[i] = i;
    ASSERT_HAL_OK(Do(HAL_VM_OP_MAP, range, kSize, memory.get()));
    ASSERT_HAL_OK(Do(HAL_VM_OP_MAP, range + kSize, kSize / 2, memory.get(), kSize / 2));
    auto* first = reinterpret_cast<uint32_t*>(range);
    auto* second = reinterpret_cast<uint32_t*>(range + kSize);
    EXPECT_EQ(first[1000], 1000u);
    EXPECT_EQ(second[0], kSize / 8);
    first[kSize / 8] = 99;
    EXPECT_EQ(second[0], 99u);
    EXPECT_EQ(own[kSize / 8], 99u);
    // A copy through the chosen addresses.
    Commands commands = NewCommands();
    ASSERT_HAL_OK(commands.CopyLinear(range, range + kSize, 4096));
    ASSERT_HAL_OK(Run(commands));
    EXPECT_EQ(own[0], 99u);
    ASSERT_HAL_OK(Do(HAL_VM_OP_UNMAP, range, 2 * kSize));
    EXPECT_EQ(own[kSize / 8], 99u);
    EXPECT_HAL_OK(Do(HAL_VM_OP_RELEASE, range, 2 * kSize));
  }
}

TEST_F(HalVm, MappingsKeepDestroyedMemory) {
  const hal_va range = Reserve(kSize);
  {
    Memory memory = NewMemory(kSize);
    ASSERT_HAL_OK(Do(HAL_VM_OP_MAP, range, kSize, memory.get()));
    *reinterpret_cast<uint32_t*>(range) = 1234;
  }
  std::vector<Memory> others;
  for (int i = 0; i < 8; ++i) {
    others.push_back(NewMemory(kSize));
    std::memset(others.back().host_ptr(), 0xff, kSize);
  }
  EXPECT_EQ(*reinterpret_cast<uint32_t*>(range), 1234u);
  ASSERT_HAL_OK(Do(HAL_VM_OP_UNMAP, range, kSize));
  EXPECT_HAL_OK(Do(HAL_VM_OP_RELEASE, range, kSize));
}

TEST_F(HalVm, MemoryIsUsableAgainAfterHavingBeenMapped) {
  const uint64_t used = device_.Telemetry()->memory_used_bytes;
  for (int i = 0; i < 50; ++i) {
    Memory memory = NewMemory(kSize);
    const hal_va range = Reserve(kSize);
    ASSERT_HAL_OK(Do(HAL_VM_OP_MAP, range, kSize, memory.get()));
    std::memset(reinterpret_cast<void*>(range), i, kSize);
    ASSERT_HAL_OK(Do(HAL_VM_OP_UNMAP, range, kSize));
    ASSERT_HAL_OK(Do(HAL_VM_OP_RELEASE, range, kSize));
  }
  EXPECT_EQ(device_.Telemetry()->memory_used_bytes, used);
}

TEST_F(HalVm, ProtectionIsEnforced) {
  Memory memory = NewMemory(kSize, HAL_MEM_EXPORTABLE);
  const hal_va range = Reserve(kSize);
  ASSERT_HAL_OK(Do(HAL_VM_OP_MAP, range, kSize, memory.get()));
  ASSERT_HAL_OK(Do(HAL_VM_OP_PROTECT, range, kSize, nullptr, 0, HAL_VM_READ));
  Commands read = NewCommands();
  ASSERT_HAL_OK(read.CopyLinear(Va(Allocate<uint8_t>(4096)), range, 4096));
  ASSERT_HAL_OK(Run(read));
  Commands write = NewCommands();
  ASSERT_HAL_OK(write.CopyLinear(range, Va(Allocate<uint8_t>(4096)), 4096));
  EXPECT_EQ(ToHalStatus(Run(write)), HAL_FAULTED);
  const auto fault = vm_.ReadFault();
  ASSERT_HAL_OK(fault);
  EXPECT_EQ(fault->access, HAL_VM_WRITE);
}

TEST_F(HalVm, ReservedRangesFault) {
  const hal_va range = Reserve(kSize);
  Commands commands = NewCommands();
  ASSERT_HAL_OK(commands.CopyLinear(range, Va(Allocate<uint8_t>(64)), 64));
  EXPECT_EQ(ToHalStatus(Run(commands)), HAL_FAULTED);
}

TEST_F(HalVm, BindsWaitAndSignal) {
  Memory memory = NewMemory(kSize);
  const hal_va range = Reserve(kSize);
  Semaphore gate = NewSemaphore(), bound = NewSemaphore();
  hal_vm_op op = {.size = sizeof op,
                  .kind = HAL_VM_OP_MAP,
                  .access = HAL_VM_READ | HAL_VM_WRITE,
                  .va = range,
                  .size_bytes = kSize,
                  .mem = memory.get()};
  const hal_sem_point wait = {gate.get(), 1}, signal = {bound.get(), 1};
  ASSERT_EQ(TestBackend()->vm_bind(vm_.get(), &op, 1, &wait, 1, &signal, 1), HAL_OK);
  EXPECT_EQ(ToHalStatus(bound.Wait(1, InMilliseconds(3))), HAL_TIMEOUT);
  ASSERT_HAL_OK(gate.Signal(1));
  ASSERT_HAL_OK(bound.Wait(1, InMilliseconds(kPatienceMs)));
  *reinterpret_cast<volatile uint32_t*>(range) = 1;
  EXPECT_EQ(*static_cast<uint32_t*>(memory.host_ptr()), 1u);
}

TEST_F(HalVm, HostMemoryIsMapped) {
  std::vector<uint8_t> host(1 << 20, 7);
  hal_vm_op op = {.size = sizeof op,
                  .kind = HAL_VM_OP_MAP_HOST,
                  .access = HAL_VM_READ,
                  .size_bytes = host.size(),
                  .host_ptr = host.data()};
  ASSERT_HAL_OK(vm_.Bind(&op, 1));
  ASSERT_NE(op.va, 0u);
  auto* copy = Allocate<uint8_t>(host.size());
  Commands commands = NewCommands();
  ASSERT_HAL_OK(commands.CopyLinear(Va(copy), op.va, host.size()));
  ASSERT_HAL_OK(Run(commands));
  EXPECT_EQ(std::memcmp(copy, host.data(), host.size()), 0);
  EXPECT_HAL_OK(Do(HAL_VM_OP_UNMAP, op.va, host.size()));
}

TEST_F(HalVm, AdviceIsAHint) {
  auto* data = Allocate<uint8_t>(kSize);
  for (const hal_advice advice :
       {HAL_ADVISE_PREFETCH_DEVICE, HAL_ADVISE_PREFETCH_HOST, HAL_ADVISE_READ_MOSTLY, HAL_ADVISE_NORMAL}) {
    EXPECT_HAL_OK(vm_.Advise(Va(data) + 100, kSize - 200, advice));
  }
}

}  // namespace
}  // namespace tq::hal
