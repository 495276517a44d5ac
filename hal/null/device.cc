// Devices. Your backend opens the device node here and asks the kernel driver instead of filling in
// constants.
#include <sys/eventfd.h>
#include <time.h>

#include <cstring>

#include "hal/null/objects.h"
#include "hal/sized.h"

namespace tq::hal::null {

hal_status Init(const hal_init* init) { return HAL_OK; }

hal_status Enumerate(uint32_t* count) {
  *count = 1;
  return HAL_OK;
}

hal_status DeviceOpen(uint32_t index, hal_device** out) {
  if (index != 0) return HAL_NOT_FOUND;
  static hal_device device = {.index = 0};  // opening twice gives the same device
  *out = &device;
  return HAL_OK;
}

void DeviceClose(hal_device* device) {}

// Figures of a small card. The identity must be stable: programs keep files keyed by the UUID.
hal_status DeviceQuery(hal_device* device, hal_device_info* info) {
  hal_device_info value = {};
  std::strcpy(value.name, "Tianqiao null device");
  std::memcpy(value.uuid, "tianqiao-null-00", 16);
  value.pci_bus = 0xfe;
  value.flags = HAL_DEVICE_UNIFIED_ADDRESSES | HAL_DEVICE_COHERENT | HAL_DEVICE_COOPERATIVE;
  value.memory_bytes = kMemoryBytes;
  value.compute_units = 1;
  value.warp_size = 32;
  value.max_threads_per_block = 1024;
  value.max_threads_per_unit = 1536;
  value.max_blocks_per_unit = 24;
  value.max_shared_bytes_per_block = 99 << 10;
  value.shared_bytes_per_unit = 100 << 10;
  value.registers_per_unit = 65536;
  value.max_block = {1024, 1024, 64};
  value.max_grid = {0x7fffffff, 65535, 65535};
  value.clock_khz = 1000000;
  value.memory_clock_khz = 1000000;
  value.memory_bus_bits = 64;
  value.va_begin = 4096;
  value.va_end = uint64_t{1} << 47;
  value.va_granularity_bytes = 4096;
  value.heap_bytes = 8 << 20;
  WriteSized(info, value);
  return HAL_OK;
}

hal_status DeviceTelemetry(hal_device* device, hal_device_telemetry* telemetry) {
  hal_device_telemetry value = {};
  value.memory_used_bytes = device->memory_used_bytes;
  value.grids_completed = device->grids;
  value.reset_count = device->reset_count;
  WriteSized(telemetry, value);
  return HAL_OK;
}

hal_status LinkQuery(hal_device* from, hal_device* to, hal_link_info* info) {
  WriteSized(info, {.can_access = 1, .atomics = 1});
  return HAL_OK;
}

hal_status DeviceReset(hal_device* device) {
  ++device->reset_count;
  return HAL_OK;
}

hal_status NotifyFd(hal_device* device, int* fd) {
  static const int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);  // nothing ever faults: never readable
  *fd = event;
  return event < 0 ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

hal_status DeviceTimeNs(hal_device* device, uint64_t* now) {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  *now = uint64_t(time.tv_sec) * 1000000000 + time.tv_nsec;
  return HAL_OK;
}

}  // namespace tq::hal::null
