// Notifications: two processes that together use more memory than the device has.
#include <cuda.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/api/client_process.h"
#include "tests/api/context_fixture.h"

namespace {

// A directory of usage records, and a size of the device, that only this program and its client have. libcuda
// has read its environment when this runs, so that the program begins anew.
__attribute__((constructor)) void BeginAlone(int, char** argv) {
  if (getenv("TIANQIAO_USAGE_DIR") == nullptr) {
    std::string path = std::filesystem::temp_directory_path() / "async_notification_test.XXXXXX";
    setenv("TIANQIAO_USAGE_DIR", mkdtemp(path.data()), 1);
    execv("/proc/self/exe", argv);
  }
  std::atexit([] { std::filesystem::remove_all(getenv("TIANQIAO_USAGE_DIR")); });
}

struct Heard {
  std::atomic<int> calls{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<CUasyncCallbackHandle> callback{nullptr};
  std::atomic<CUresult> inside{CUDA_SUCCESS};
};

void Hear(CUasyncNotificationInfo* info, void* user_data, CUasyncCallbackHandle callback) {
  auto& heard = *static_cast<Heard*>(user_data);
  if (info->type != CU_ASYNC_NOTIFICATION_TYPE_OVER_BUDGET) return;
  heard.callback = callback;
  heard.inside = cuDeviceUnregisterAsyncNotification(0, callback);
  heard.bytes = info->info.overBudget.bytesOverBudget;
  ++heard.calls;
}

// `done`, or ten seconds.
template <typename Done>
bool Await(Done done) {
  for (int i = 0; i < 1000 && !done(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return done();
}

using AsyncNotifications = ContextFixture;

TEST_F(AsyncNotifications, TellWhatIsOverBudget) {
  constexpr size_t kMegabyte = size_t{1} << 20;
  size_t total = 0;
  ASSERT_OK(cuDeviceTotalMem(&total, device_));
  ASSERT_EQ(total, 256 * kMegabyte);  // TIANQIAO_CPU_MEMORY
  Heard heard;
  CUasyncCallbackHandle callback = nullptr;
  ASSERT_OK(cuDeviceRegisterAsyncNotification(device_, Hear, &heard, &callback));
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAlloc(&memory, 160 * kMegabyte));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_EQ(heard.calls, 0);

  ClientProcess other;
  ASSERT_EQ(other.Tell("memory.export " + std::to_string(160 * kMegabyte / 4) + " 7"), CUDA_SUCCESS);
  ASSERT_TRUE(Await([&] { return heard.calls > 0; }));
  EXPECT_GE(heard.bytes, 64 * kMegabyte);
  EXPECT_LT(heard.bytes, 80 * kMegabyte);
  EXPECT_EQ(heard.callback, callback);
  EXPECT_EQ(heard.inside, CUDA_ERROR_NOT_PERMITTED);

  // Once said it is not said again, until it is worse.
  const int calls = heard.calls;
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  EXPECT_EQ(heard.calls, calls);
  CUdeviceptr more = 0;
  ASSERT_OK(cuMemAlloc(&more, 32 * kMegabyte));
  EXPECT_TRUE(Await([&] { return heard.bytes >= 96 * kMegabyte; }));

  ASSERT_OK(cuDeviceUnregisterAsyncNotification(device_, callback));
  const int last = heard.calls;
  CUdeviceptr rest = 0;
  ASSERT_OK(cuMemAlloc(&rest, 32 * kMegabyte));
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  EXPECT_EQ(heard.calls, last);
}

TEST_F(AsyncNotifications, Errors) {
  CUasyncCallbackHandle callback = nullptr;
  EXPECT_EQ(cuDeviceRegisterAsyncNotification(device_, nullptr, nullptr, &callback),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuDeviceRegisterAsyncNotification(9, Hear, nullptr, &callback), CUDA_ERROR_INVALID_DEVICE);
  EXPECT_EQ(cuDeviceUnregisterAsyncNotification(device_, nullptr), CUDA_ERROR_INVALID_HANDLE);
  Heard heard;
  ASSERT_OK(cuDeviceRegisterAsyncNotification(device_, Hear, &heard, &callback));
  EXPECT_OK(cuDeviceUnregisterAsyncNotification(device_, callback));
  EXPECT_EQ(cuDeviceUnregisterAsyncNotification(device_, callback), CUDA_ERROR_INVALID_HANDLE);
}

}  // namespace
