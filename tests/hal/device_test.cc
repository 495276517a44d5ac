// Group device: identity, limits, links, clock.
#include <set>

#include "tests/hal/conformance.h"

namespace tq::hal {
namespace {

class HalDevice : public HalTest {};

TEST_F(HalDevice, OpeningBeyondTheLastFails) {
  const auto count = Device::Count(TestBackend());
  ASSERT_HAL_OK(count);
  ASSERT_GE(*count, 1u);
  EXPECT_FALSE(Device::Open(TestBackend(), *count).ok());
}

TEST_F(HalDevice, IdentitiesDiffer) {
  std::set<std::string> uuids;
  std::set<std::string> pci;
  const uint32_t count = *Device::Count(TestBackend());
  for (uint32_t i = 0; i < count; ++i) {
    const auto device = Device::Open(TestBackend(), i);
    ASSERT_HAL_OK(device);
    const hal_device_info& info = device->info();
    uuids.insert(std::string(reinterpret_cast<const char*>(info.uuid), 16));
    pci.insert(std::to_string(info.pci_domain) + ":" + std::to_string(info.pci_bus) + ":" +
               std::to_string(info.pci_device));
    EXPECT_NE(std::string(info.name), "");
  }
  EXPECT_EQ(uuids.size(), count);
  EXPECT_EQ(pci.size(), count);
}

TEST_F(HalDevice, LimitsAreUsable) {
  const hal_device_info& info = device_.info();
  EXPECT_EQ(info.warp_size, 32u);
  EXPECT_GE(info.compute_units, 1u);
  EXPECT_GE(info.max_threads_per_block, 1024u);
  EXPECT_GE(info.max_threads_per_unit, info.max_threads_per_block);
  EXPECT_GE(info.max_shared_bytes_per_block, 48u << 10);
  EXPECT_GE(info.max_grid.x, 0x7fffffffu);
  EXPECT_GT(info.memory_bytes, 0u);
  EXPECT_LT(info.va_begin, info.va_end);
  EXPECT_EQ(info.va_granularity_bytes & (info.va_granularity_bytes - 1), 0u);
}

TEST_F(HalDevice, ShortStructsOfOldCallersAreRespected) {
  struct {
    hal_device_info info;
    uint8_t guard[64];
  } box;
  std::memset(&box, 0xab, sizeof box);
  box.info.size = offsetof(hal_device_info, uuid);
  ASSERT_EQ(TestBackend()->device_query(device_.get(), &box.info), HAL_OK);
  EXPECT_EQ(box.info.size, offsetof(hal_device_info, uuid));
  EXPECT_EQ(box.info.uuid[0], 0xab);
  EXPECT_NE(box.info.name[0], '\xab');
}

TEST_F(HalDevice, ClockGoesForward) {
  const auto first = device_.TimeNs();
  const auto second = device_.TimeNs();
  ASSERT_HAL_OK(first);
  ASSERT_HAL_OK(second);
  EXPECT_GE(*second, *first);
}

TEST_F(HalDevice, ReachesItself) {
  const auto link = device_.Link(device_);
  ASSERT_HAL_OK(link);
  EXPECT_EQ(link->can_access, 1u);
}

TEST_F(HalDevice, ProbeNamesATarget) {
  const auto targets = device_.Targets();
  ASSERT_FALSE(targets.empty());
  EXPECT_NE(std::string(targets[0].target), "");
}

}  // namespace
}  // namespace tq::hal
