// The conformance suite runs against one backend per process: TIANQIAO_HAL_BACKEND=cpu or --backend=cpu.
// Suites are named after the groups of docs/porting.md. What a backend does not claim (conformance.cc,
// kProfiles) is not run and not listed; there are no skips.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "hal/device.h"
#include "hal/executable.h"
#include "hal/memory.h"
#include "hal/queue.h"
#include "hal/semaphore.h"

namespace tq::hal {

// Kernels print into this.
std::string TakePrintedText();

const hal_backend* TestBackend();
uint64_t MonotonicNs();
// How often a test of endurance does its thing: less on a device that is emulated.
int Rounds(int count);
inline uint64_t InMilliseconds(uint64_t ms) { return MonotonicNs() + ms * 1000000; }

#define ASSERT_HAL_OK(expression)                                   \
  do {                                                              \
    const auto& hal_test_result = (expression);                     \
    ASSERT_TRUE(hal_test_result.ok()) << StatusOf(hal_test_result); \
  } while (false)
#define EXPECT_HAL_OK(expression)                                   \
  do {                                                              \
    const auto& hal_test_result = (expression);                     \
    EXPECT_TRUE(hal_test_result.ok()) << StatusOf(hal_test_result); \
  } while (false)

inline absl::Status StatusOf(const absl::Status& status) { return status; }
template <typename T>
absl::Status StatusOf(const absl::StatusOr<T>& status) {
  return status.status();
}

// A device, an address space, a queue, a semaphore. Checks that must hold abort the test program: it is
// broken then.
class HalTest : public ::testing::Test {
 public:
  HalTest();

  static constexpr uint64_t kPatienceMs = 20000;

  // Memory that both sides see, mapped.
  template <typename T>
  T* Allocate(size_t count, uint32_t flags = HAL_MEM_HOST_VISIBLE) {
    return static_cast<T*>(AllocateBytes(count * sizeof(T), flags));
  }
  void* AllocateBytes(uint64_t size_bytes, uint32_t flags);

  Semaphore NewSemaphore(uint64_t value = 0);
  Queue NewQueue(int32_t priority = 0);
  Commands NewCommands();
  // Submits to queue_, waits; the status of the wait.
  absl::Status Run(Commands& commands);
  absl::Status Run(const hal_dispatch& dispatch);
  absl::Status SubmitTo(Queue& queue, Commands& commands, std::vector<hal_sem_point> waits,
                        std::vector<hal_sem_point> signals);

  Device device_;
  AddressSpace vm_;
  Queue queue_;
  Semaphore done_;
  uint64_t done_value_ = 0;
  std::vector<Memory> memories_;
};

inline hal_va Va(const volatile void* pointer) { return reinterpret_cast<hal_va>(pointer); }

// With the test kernels loaded.
class HalKernelTest : public HalTest {
 public:
  HalKernelTest();

  KernelEntry Kernel(const std::string& name);
  // Arguments are the bytes of `params`.
  template <typename Params>
  hal_dispatch Launch(const std::string& name, hal_dim3 grid, hal_dim3 block, const Params& params,
                      uint32_t dynamic_shared_bytes = 0) {
    params_.emplace_back(reinterpret_cast<const uint8_t*>(&params),
                         reinterpret_cast<const uint8_t*>(&params) + sizeof params);
    hal_dispatch dispatch = {};
    dispatch.size = sizeof dispatch;
    dispatch.kernel = Kernel(name).kernel;
    dispatch.grid = grid;
    dispatch.block = block;
    dispatch.dynamic_shared_bytes = dynamic_shared_bytes;
    dispatch.params = params_.back().data();
    dispatch.params_size_bytes = sizeof params;
    dispatch.grid_id = ++grid_id_;
    return dispatch;
  }

  Executable executable_;
  int* counter_ = nullptr;  // the import tq_counter
  uint64_t grid_id_ = 0;
  std::vector<std::vector<uint8_t>> params_;
};

// Code object with the test kernels for the first target of the device that the suite has kernels for.
std::vector<uint8_t> TestCodeObject(const Device& device);

}  // namespace tq::hal
