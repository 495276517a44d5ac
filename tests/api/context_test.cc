#include <cuda.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/api/context_fixture.h"

namespace {

class Contexts : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(cuInit(0));
    ASSERT_OK(cuCtxGetCurrent(&before_));
    ASSERT_EQ(before_, nullptr);
  }
  CUcontext Current() {
    CUcontext context = nullptr;
    EXPECT_OK(cuCtxGetCurrent(&context));
    return context;
  }
  CUcontext before_ = nullptr;
};

TEST_F(Contexts, CreationMakesTheContextCurrentAndDestructionPopsIt) {
  CUcontext outer, inner;
  ASSERT_OK(cuCtxCreate(&outer, nullptr, 0, 0));
  ASSERT_OK(cuCtxCreate(&inner, nullptr, CU_CTX_SCHED_SPIN, 0));
  EXPECT_EQ(Current(), inner);
  unsigned flags = 0;
  EXPECT_OK(cuCtxGetFlags(&flags));
  EXPECT_EQ(flags, unsigned{CU_CTX_SCHED_SPIN});
  EXPECT_OK(cuCtxDestroy(inner));
  EXPECT_EQ(Current(), outer);
  EXPECT_EQ(cuCtxDestroy(inner), CUDA_ERROR_INVALID_CONTEXT) << "a second time";
  EXPECT_OK(cuCtxDestroy(outer));
  EXPECT_EQ(Current(), nullptr);
}

TEST_F(Contexts, PushAndPopMakeAStack) {
  CUcontext first, second, popped = nullptr;
  ASSERT_OK(cuCtxCreate(&first, nullptr, 0, 0));
  ASSERT_OK(cuCtxCreate(&second, nullptr, 0, 0));
  EXPECT_OK(cuCtxPushCurrent(first));
  EXPECT_EQ(Current(), first);
  EXPECT_OK(cuCtxPopCurrent(&popped));
  EXPECT_EQ(popped, first);
  EXPECT_OK(cuCtxPopCurrent(&popped));
  EXPECT_EQ(popped, second);
  EXPECT_OK(cuCtxPopCurrent(nullptr));
  EXPECT_EQ(cuCtxPopCurrent(&popped), CUDA_ERROR_INVALID_CONTEXT) << "the stack is empty";
  EXPECT_OK(cuCtxDestroy(first));
  EXPECT_OK(cuCtxDestroy(second));
}

TEST_F(Contexts, SetCurrentReplacesTheTopOfTheStack) {
  CUcontext first, second;
  ASSERT_OK(cuCtxCreate(&first, nullptr, 0, 0));
  ASSERT_OK(cuCtxCreate(&second, nullptr, 0, 0));
  EXPECT_OK(cuCtxSetCurrent(first));
  EXPECT_EQ(Current(), first);
  EXPECT_OK(cuCtxSetCurrent(nullptr));
  EXPECT_EQ(Current(), first) << "second was replaced: what lies below is the first of the creation";
  EXPECT_OK(cuCtxSetCurrent(nullptr));
  EXPECT_EQ(Current(), nullptr);
  EXPECT_OK(cuCtxDestroy(first));
  EXPECT_OK(cuCtxDestroy(second));
}

TEST_F(Contexts, CallsWithoutAContextSaySo) {
  CUdeviceptr memory = 0;
  EXPECT_EQ(cuMemAlloc(&memory, 16), CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_EQ(cuCtxSynchronize(), CUDA_ERROR_INVALID_CONTEXT);
  CUdevice device;
  EXPECT_EQ(cuCtxGetDevice(&device), CUDA_ERROR_INVALID_CONTEXT);
}

TEST_F(Contexts, ADestroyedContextStaysDestroyedForOtherThreads) {
  CUcontext context;
  ASSERT_OK(cuCtxCreate(&context, nullptr, 0, 0));
  std::thread other([&] { EXPECT_OK(cuCtxSetCurrent(context)); });
  other.join();
  std::atomic<int> step{0};
  std::thread user([&] {
    EXPECT_OK(cuCtxSetCurrent(context));
    step = 1;
    while (step != 2) std::this_thread::yield();
    CUdeviceptr memory = 0;
    EXPECT_EQ(cuMemAlloc(&memory, 16), CUDA_ERROR_CONTEXT_IS_DESTROYED);
    CUcontext other_context;
    EXPECT_OK(cuCtxCreate(&other_context, nullptr, 0, 0));
    EXPECT_OK(cuCtxDestroy(other_context));
    EXPECT_EQ(cuMemAlloc(&memory, 16), CUDA_ERROR_CONTEXT_IS_DESTROYED);
  });
  while (step != 1) std::this_thread::yield();
  EXPECT_OK(cuCtxDestroy(context));
  step = 2;
  user.join();
}

TEST_F(Contexts, WildHandlesAreRefused) {
  int local[64] = {};
  EXPECT_EQ(cuCtxSetCurrent(reinterpret_cast<CUcontext>(local)), CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_EQ(cuCtxPushCurrent(reinterpret_cast<CUcontext>(1)), CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_EQ(cuCtxDestroy(nullptr), CUDA_ERROR_INVALID_CONTEXT);
}

TEST_F(Contexts, BadFlagsAreRefused) {
  CUcontext context;
  EXPECT_EQ(cuCtxCreate(&context, nullptr, 0x7, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuCtxCreate(&context, nullptr, 0x80000000, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuCtxCreate(&context, nullptr, 0, 99), CUDA_ERROR_INVALID_DEVICE);
  EXPECT_EQ(cuCtxCreate(nullptr, nullptr, 0, 0), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Contexts, LimitsAreKept) {
  CUcontext context;
  ASSERT_OK(cuCtxCreate(&context, nullptr, 0, 0));
  size_t value = 0;
  for (const CUlimit limit : {CU_LIMIT_STACK_SIZE, CU_LIMIT_PRINTF_FIFO_SIZE, CU_LIMIT_MALLOC_HEAP_SIZE}) {
    ASSERT_OK(cuCtxGetLimit(&value, limit));
    EXPECT_GT(value, 0u);
    EXPECT_OK(cuCtxSetLimit(limit, 4 * value));
    size_t set = 0;
    EXPECT_OK(cuCtxGetLimit(&set, limit));
    EXPECT_EQ(set, 4 * value);
  }
  // cuBLASLt asks at creation and goes without its device's properties if the answer is an error.
  EXPECT_OK(cuCtxGetLimit(&value, CU_LIMIT_CIG_ENABLED));
  EXPECT_EQ(value, 0u);
  EXPECT_EQ(cuCtxSetLimit(CU_LIMIT_CIG_ENABLED, 1), CUDA_ERROR_UNSUPPORTED_LIMIT);
  EXPECT_EQ(cuCtxGetLimit(&value, static_cast<CUlimit>(77)), CUDA_ERROR_UNSUPPORTED_LIMIT);
  EXPECT_EQ(cuCtxSetLimit(static_cast<CUlimit>(77), 1), CUDA_ERROR_UNSUPPORTED_LIMIT);
  CUfunc_cache cache;
  EXPECT_OK(cuCtxSetCacheConfig(CU_FUNC_CACHE_PREFER_L1));
  EXPECT_OK(cuCtxGetCacheConfig(&cache));
  EXPECT_EQ(cache, CU_FUNC_CACHE_PREFER_L1);
  unsigned version = 0;
  EXPECT_OK(cuCtxGetApiVersion(context, &version));
  EXPECT_GE(version, 3010u);
  unsigned long long id = 0, same = 0;
  EXPECT_OK(cuCtxGetId(context, &id));
  EXPECT_OK(cuCtxGetId(nullptr, &same));
  EXPECT_EQ(id, same);
  int least = -1, greatest = 1;
  EXPECT_OK(cuCtxGetStreamPriorityRange(&least, &greatest));
  EXPECT_EQ(least, 0);
  EXPECT_LT(greatest, 0);
  EXPECT_OK(cuCtxDestroy(context));
}

TEST_F(Contexts, PrimaryContextCountsItsUsers) {
  unsigned flags = 0;
  int active = -1;
  ASSERT_OK(cuDevicePrimaryCtxGetState(0, &flags, &active));
  EXPECT_EQ(active, 0);
  EXPECT_EQ(cuDevicePrimaryCtxRelease(0), CUDA_ERROR_INVALID_CONTEXT);
  CUcontext first, second;
  ASSERT_OK(cuDevicePrimaryCtxSetFlags(0, CU_CTX_SCHED_BLOCKING_SYNC));
  ASSERT_OK(cuDevicePrimaryCtxRetain(&first, 0));
  ASSERT_OK(cuDevicePrimaryCtxRetain(&second, 0));
  EXPECT_EQ(first, second);
  ASSERT_OK(cuDevicePrimaryCtxGetState(0, &flags, &active));
  EXPECT_EQ(active, 1);
  EXPECT_EQ(flags, unsigned{CU_CTX_SCHED_BLOCKING_SYNC});
  EXPECT_EQ(cuCtxDestroy(first), CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_OK(cuDevicePrimaryCtxRelease(0));
  ASSERT_OK(cuDevicePrimaryCtxGetState(0, &flags, &active));
  EXPECT_EQ(active, 1);
  ASSERT_OK(cuCtxSetCurrent(first));
  EXPECT_OK(cuDevicePrimaryCtxRelease(0));
  ASSERT_OK(cuDevicePrimaryCtxGetState(0, &flags, &active));
  EXPECT_EQ(active, 0);
  CUdeviceptr memory = 0;
  EXPECT_EQ(cuMemAlloc(&memory, 16), CUDA_ERROR_CONTEXT_IS_DESTROYED);
  ASSERT_OK(cuDevicePrimaryCtxRetain(&second, 0));
  EXPECT_EQ(first, second) << "the handle outlives the state";
  EXPECT_OK(cuMemAlloc(&memory, 16));
  EXPECT_OK(cuDevicePrimaryCtxRelease(0));
  EXPECT_OK(cuDevicePrimaryCtxSetFlags(0, 0));
  EXPECT_EQ(cuDevicePrimaryCtxSetFlags(0, 0x40000000), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuCtxSetCurrent(nullptr));
}

TEST_F(Contexts, ResetDestroysWhatThePrimaryContextOwns) {
  CUcontext context;
  ASSERT_OK(cuDevicePrimaryCtxRetain(&context, 0));
  ASSERT_OK(cuCtxSetCurrent(context));
  size_t free_before = 0, free_after = 0, total = 0;
  ASSERT_OK(cuMemGetInfo(&free_before, &total));
  CUdeviceptr memory = 0;
  CUstream stream;
  CUevent event;
  ASSERT_OK(cuMemAlloc(&memory, 8 << 20));
  ASSERT_OK(cuStreamCreate(&stream, 0));
  ASSERT_OK(cuEventCreate(&event, 0));
  ASSERT_OK(cuEventRecord(event, stream));
  EXPECT_OK(cuDevicePrimaryCtxReset(0));
  EXPECT_EQ(cuCtxSynchronize(), CUDA_ERROR_CONTEXT_IS_DESTROYED);
  CUcontext again;
  ASSERT_OK(cuDevicePrimaryCtxRetain(&again, 0));
  EXPECT_EQ(again, context);
  EXPECT_EQ(cuMemFree(memory), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuStreamSynchronize(stream), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuEventSynchronize(event), CUDA_ERROR_INVALID_HANDLE);
  ASSERT_OK(cuMemGetInfo(&free_after, &total));
  EXPECT_EQ(free_after, free_before);
  EXPECT_OK(cuDevicePrimaryCtxRelease(0)) << "the reset did not release it";
  EXPECT_OK(cuDevicePrimaryCtxRelease(0));
  EXPECT_OK(cuCtxSetCurrent(nullptr));
}

TEST_F(Contexts, DestructionFreesEverything) {
  CUcontext outer, inner;
  ASSERT_OK(cuCtxCreate(&outer, nullptr, 0, 0));
  size_t free_before = 0, free_after = 0, total = 0;
  ASSERT_OK(cuMemGetInfo(&free_before, &total));
  ASSERT_OK(cuCtxCreate(&inner, nullptr, 0, 0));
  CUdeviceptr memory = 0;
  void* host = nullptr;
  ASSERT_OK(cuMemAlloc(&memory, 8 << 20));
  ASSERT_OK(cuMemAllocHost(&host, 4096));
  CUstream stream;
  ASSERT_OK(cuStreamCreate(&stream, 0));
  ASSERT_OK(cuMemsetD8Async(memory, 1, 8 << 20, stream));
  EXPECT_OK(cuCtxDestroy(inner));
  ASSERT_OK(cuMemGetInfo(&free_after, &total));
  EXPECT_EQ(free_after, free_before);
  EXPECT_OK(cuCtxDestroy(outer));
}

TEST_F(Contexts, AttachAndDetachCount) {
  CUcontext context = nullptr, attached = nullptr;
  ASSERT_OK(cuCtxCreate(&context, nullptr, 0, 0));
  ASSERT_OK(cuCtxAttach(&attached, 0));
  EXPECT_EQ(attached, context);
  EXPECT_EQ(cuCtxAttach(&attached, 1), CUDA_ERROR_INVALID_VALUE);
  unsigned version = 0;
  EXPECT_OK(cuCtxDetach(context));
  EXPECT_OK(cuCtxGetApiVersion(context, &version)) << "one user is left";
  EXPECT_OK(cuCtxDetach(context));
  EXPECT_EQ(cuCtxGetApiVersion(context, &version), CUDA_ERROR_INVALID_CONTEXT) << "that was the last";
}

TEST_F(Contexts, FlagsCanBeChanged) {
  CUcontext context = nullptr;
  ASSERT_OK(cuCtxCreate(&context, nullptr, CU_CTX_SCHED_SPIN, 0));
  unsigned flags = 0;
  ASSERT_OK(cuCtxGetFlags(&flags));
  EXPECT_EQ(flags & CU_CTX_SCHED_MASK, unsigned{CU_CTX_SCHED_SPIN});
  ASSERT_OK(cuCtxSetFlags(CU_CTX_SCHED_BLOCKING_SYNC));
  ASSERT_OK(cuCtxGetFlags(&flags));
  EXPECT_EQ(flags & CU_CTX_SCHED_MASK, unsigned{CU_CTX_SCHED_BLOCKING_SYNC});
  EXPECT_EQ(cuCtxSetFlags(0x40000000), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuCtxDestroy(context));
}

TEST_F(Contexts, HaveTheWholeDeviceAndFixedBanks) {
  CUcontext context = nullptr;
  ASSERT_OK(cuCtxCreate(&context, nullptr, 0, 0));
  CUexecAffinityParam affinity = {};
  ASSERT_OK(cuCtxGetExecAffinity(&affinity, CU_EXEC_AFFINITY_TYPE_SM_COUNT));
  int units = 0, supported = -1;
  ASSERT_OK(cuDeviceGetAttribute(&units, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 0));
  EXPECT_EQ(affinity.param.smCount.val, static_cast<unsigned>(units));
  ASSERT_OK(cuDeviceGetExecAffinitySupport(&supported, CU_EXEC_AFFINITY_TYPE_SM_COUNT, 0));
  EXPECT_EQ(supported, 0) << "it cannot be restricted";
  EXPECT_OK(cuCtxSetSharedMemConfig(CU_SHARED_MEM_CONFIG_EIGHT_BYTE_BANK_SIZE));
  CUsharedconfig banks = CU_SHARED_MEM_CONFIG_DEFAULT_BANK_SIZE;
  ASSERT_OK(cuCtxGetSharedMemConfig(&banks));
  EXPECT_EQ(banks, CU_SHARED_MEM_CONFIG_FOUR_BYTE_BANK_SIZE);
  EXPECT_EQ(cuCtxSetSharedMemConfig(static_cast<CUsharedconfig>(7)), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuCtxResetPersistingL2Cache());
  EXPECT_OK(cuCtxDestroy(context));
}

}  // namespace
