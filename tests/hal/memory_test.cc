// Group memory: allocation, alignment, limit, exhaustion.
#include <algorithm>
#include <random>

#include "hal/error.h"
#include "tests/hal/conformance.h"

namespace tq::hal {
namespace {

class HalMemory : public HalTest {};

TEST_F(HalMemory, IsAlignedAndVisible) {
  for (const uint64_t size : {1, 511, 512, 513, 5000, 1 << 20, (1 << 20) + 1, 40 << 20}) {
    const auto memory = Memory::Create(device_, size, HAL_MEM_HOST_VISIBLE);
    ASSERT_HAL_OK(memory);
    ASSERT_NE(memory->host_ptr(), nullptr);
    EXPECT_EQ(Va(memory->host_ptr()) % 512, 0u) << size;
    EXPECT_EQ(memory->info().size_bytes, size);
    if (device_.Has(HAL_DEVICE_UNIFIED_ADDRESSES)) {
      EXPECT_EQ(memory->va(), Va(memory->host_ptr()));
    }
    std::memset(memory->host_ptr(), 0x5a, size);
    EXPECT_EQ(static_cast<uint8_t*>(memory->host_ptr())[size - 1], 0x5a);
  }
}

TEST_F(HalMemory, HonoursAlignment) {
  for (uint64_t align = 512; align <= 2 << 20; align *= 2) {
    const auto memory = Memory::Create(device_, 3000, HAL_MEM_HOST_VISIBLE, align);
    ASSERT_HAL_OK(memory);
    EXPECT_EQ(Va(memory->host_ptr()) % align, 0u) << align;
  }
}

TEST_F(HalMemory, PiecesDoNotOverlap) {
  std::mt19937 random(1);
  std::vector<Memory> memories;
  for (int i = 0; i < 500; ++i) {
    const uint64_t size = 1 + random() % (random() % 8 == 0 ? 3000000 : 5000);
    if (!memories.empty() && random() % 3 == 0) {
      memories.erase(memories.begin() + static_cast<long>(random() % memories.size()));
    }
    auto memory = Memory::Create(device_, size, HAL_MEM_HOST_VISIBLE);
    ASSERT_HAL_OK(memory);
    memories.push_back(*std::move(memory));
  }
  std::sort(memories.begin(), memories.end(),
            [](const Memory& a, const Memory& b) { return a.va() < b.va(); });
  for (size_t i = 1; i < memories.size(); ++i) {
    EXPECT_LE(memories[i - 1].va() + memories[i - 1].info().size_bytes, memories[i].va());
  }
}

TEST_F(HalMemory, ExhaustionIsReportedAndPasses) {
  const uint64_t limit = device_.info().memory_bytes;
  EXPECT_EQ(ToHalStatus(Memory::Create(device_, limit + 1, 0).status()), HAL_OUT_OF_MEMORY);
  EXPECT_EQ(ToHalStatus(Memory::Create(device_, ~uint64_t{0} - 4096, 0).status()), HAL_OUT_OF_MEMORY);
  std::vector<Memory> memories;
  absl::Status status;
  while (status.ok()) {
    auto memory = Memory::Create(device_, limit / 16, 0);
    status = memory.status();
    if (memory.ok()) memories.push_back(*std::move(memory));
    ASSERT_LE(memories.size(), 16u);
  }
  EXPECT_EQ(ToHalStatus(status), HAL_OUT_OF_MEMORY);
  EXPECT_GE(memories.size(), 14u);
  memories.pop_back();
  EXPECT_HAL_OK(Memory::Create(device_, limit / 16, 0));
}

TEST_F(HalMemory, TelemetryCountsWhatIsHeld) {
  const uint64_t before = device_.Telemetry()->memory_used_bytes;
  {
    const auto memory = Memory::Create(device_, 3 << 20, 0);
    ASSERT_HAL_OK(memory);
    EXPECT_GE(device_.Telemetry()->memory_used_bytes, before + (3 << 20));
  }
  EXPECT_EQ(device_.Telemetry()->memory_used_bytes, before);
}

// A backend need not know how; one that does counts nothing meanwhile and loses nothing.
TEST_F(HalMemory, SuspendedMemoryComesBackToItsPlace) {
  constexpr size_t kWords = 5 << 20;
  auto* const words = Allocate<uint32_t>(kWords);
  const auto word = [](size_t i) { return static_cast<uint32_t>(i * 2654435761u); };
  for (size_t i = 0; i < kWords; ++i) words[i] = word(i);
  const uint64_t used = device_.Telemetry()->memory_used_bytes;
  const absl::Status suspended = device_.Suspend();
  if (!suspended.ok()) {
    EXPECT_EQ(ToHalStatus(suspended), HAL_UNSUPPORTED);
  } else {
    EXPECT_EQ(device_.Telemetry()->memory_used_bytes, 0u);
    EXPECT_EQ(ToHalStatus(device_.Suspend()), HAL_BUSY);
    ASSERT_HAL_OK(device_.Resume());
    EXPECT_HAL_OK(device_.Resume());
  }
  EXPECT_EQ(device_.Telemetry()->memory_used_bytes, used);
  size_t wrong = 0;
  for (size_t i = 0; i < kWords; ++i) wrong += words[i] != word(i);
  EXPECT_EQ(wrong, 0u);
}

TEST_F(HalMemory, SyncIsAccepted) {
  auto memory = Memory::Create(device_, 4096, HAL_MEM_HOST_VISIBLE);
  ASSERT_HAL_OK(memory);
  EXPECT_HAL_OK(memory->Flush(0, 4096));
  EXPECT_HAL_OK(memory->Invalidate(0, 4096));
}

}  // namespace
}  // namespace tq::hal
