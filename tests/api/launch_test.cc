#include <cuda.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64

.visible .entry nothing()
{
  ret;
}

// out[i] = i * factor + bias
.visible .entry affine(.param .u64 out, .param .u32 factor, .param .u16 bias, .param .u32 count)
{
  .reg .pred %p;
  .reg .b16 %h;
  .reg .b32 %r<8>;
  .reg .b64 %rd<4>;
  ld.param.u64 %rd1, [out];
  ld.param.u32 %r1, [factor];
  ld.param.u16 %h, [bias];
  ld.param.u32 %r2, [count];
  mov.u32 %r3, %ctaid.x;
  mov.u32 %r4, %ntid.x;
  mov.u32 %r5, %tid.x;
  mad.lo.u32 %r5, %r3, %r4, %r5;
  setp.ge.u32 %p, %r5, %r2;
  @%p bra done;
  cvt.u32.u16 %r6, %h;
  mad.lo.u32 %r6, %r5, %r1, %r6;
  mul.wide.u32 %rd2, %r5, 4;
  add.u64 %rd3, %rd1, %rd2;
  st.global.u32 [%rd3], %r6;
done:
  ret;
}

.visible .entry store(.param .u64 address)
{
  .reg .b32 %r;
  .reg .b64 %rd;
  ld.param.u64 %rd, [address];
  mov.u32 %r, 7;
  st.global.u32 [%rd], %r;
  ret;
}

.visible .entry trapping()
{
  trap;
}

.visible .entry bounded() .maxntid 64, 1, 1
{
  ret;
}

.visible .entry required() .reqntid 32, 2, 1
{
  ret;
}
)";

class Launches : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuModuleLoadData(&module_, kModule));
    ASSERT_OK(cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING));
  }
  CUfunction Get(const char* name) {
    CUfunction function = nullptr;
    EXPECT_OK(cuModuleGetFunction(&function, module_, name));
    return function;
  }
  CUresult Launch(CUfunction f, unsigned grid, unsigned block, void** parameters = nullptr,
                  unsigned shared = 0) {
    return cuLaunchKernel(f, grid, 1, 1, block, 1, 1, shared, stream_, parameters, nullptr);
  }
  CUmodule module_ = nullptr;
  CUstream stream_ = nullptr;
};

TEST_F(Launches, ParametersArriveByPointersAndByBuffer) {
  constexpr uint32_t kCount = 1000;
  CUdeviceptr out = 0;
  ASSERT_OK(cuMemAlloc(&out, kCount * 4));
  uint32_t factor = 3, count = kCount;
  uint16_t bias = 65535;
  void* pointers[] = {&out, &factor, &bias, &count};
  std::vector<uint32_t> result(kCount);
  ASSERT_OK(Launch(Get("affine"), 8, 128, pointers));
  ASSERT_OK(cuMemcpyDtoHAsync(result.data(), out, kCount * 4, stream_));
  for (uint32_t i = 0; i < kCount; ++i) ASSERT_EQ(result[i], i * 3 + 65535);

  struct {
    CUdeviceptr out;
    uint32_t factor;
    uint16_t bias;
    uint32_t count;
  } buffer = {out, 5, 1, kCount};
  size_t size = sizeof(buffer);
  void* extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, &buffer, CU_LAUNCH_PARAM_BUFFER_SIZE, &size,
                   CU_LAUNCH_PARAM_END};
  ASSERT_OK(cuLaunchKernel(Get("affine"), 8, 1, 1, 128, 1, 1, 0, stream_, nullptr, extra));
  ASSERT_OK(cuMemcpyDtoHAsync(result.data(), out, kCount * 4, stream_));
  for (uint32_t i = 0; i < kCount; ++i) ASSERT_EQ(result[i], i * 5 + 1);
}

TEST_F(Launches, ShapesOutsideTheLimitsAreRefused) {
  CUfunction f = Get("nothing");
  EXPECT_OK(Launch(f, 1, 1024));
  EXPECT_EQ(Launch(f, 0, 32), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(Launch(f, 1, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(Launch(f, 1, 1025), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(Launch(f, 0x80000000u, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuLaunchKernel(f, 1, 65536, 1, 1, 1, 1, 0, stream_, nullptr, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuLaunchKernel(f, 1, 1, 1, 1, 1, 65, 0, stream_, nullptr, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuLaunchKernel(f, 1, 1, 1, 64, 64, 1, 0, stream_, nullptr, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuStreamSynchronize(stream_)) << "none of these is sticky";
}

TEST_F(Launches, TheKernelsOwnBoundsHold) {
  EXPECT_OK(Launch(Get("bounded"), 1, 64));
  EXPECT_NE(Launch(Get("bounded"), 1, 65), CUDA_SUCCESS);
  EXPECT_OK(cuLaunchKernel(Get("required"), 1, 1, 1, 32, 2, 1, 0, stream_, nullptr, nullptr));
  EXPECT_NE(Launch(Get("required"), 1, 64), CUDA_SUCCESS);
  EXPECT_OK(cuStreamSynchronize(stream_));
}

TEST_F(Launches, MoreSharedMemoryIsOptedInTo) {
  CUfunction f = Get("nothing");
  int most = 0;
  ASSERT_OK(cuDeviceGetAttribute(&most, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, device_));
  EXPECT_OK(Launch(f, 1, 1, nullptr, 48 << 10));
  int most_dynamic = 0;
  ASSERT_OK(cuFuncGetAttribute(&most_dynamic, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, f));
  EXPECT_EQ(most_dynamic, 48 << 10);
  EXPECT_EQ(Launch(f, 1, 1, nullptr, (48 << 10) + 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuFuncSetAttribute(f, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, most));
  EXPECT_OK(Launch(f, 1, 1, nullptr, most));
  EXPECT_EQ(Launch(f, 1, 1, nullptr, most + 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuStreamSynchronize(stream_));
}

TEST_F(Launches, AKernelOfALibraryLaunchesLikeAFunction) {
  CUlibrary library = nullptr;
  CUkernel kernel = nullptr;
  ASSERT_OK(cuLibraryLoadData(&library, kModule, nullptr, nullptr, 0, nullptr, nullptr, 0));
  ASSERT_OK(cuLibraryGetKernel(&kernel, library, "store"));
  CUdeviceptr out = 0;
  ASSERT_OK(cuMemAlloc(&out, 4));
  void* parameters[] = {&out};
  EXPECT_OK(Launch(reinterpret_cast<CUfunction>(kernel), 1, 1, parameters));
  uint32_t word = 0;
  EXPECT_OK(cuMemcpyDtoHAsync(&word, out, 4, stream_));
  EXPECT_EQ(word, 7u);
  EXPECT_OK(cuLibraryUnload(library));
}

TEST_F(Launches, WrongHandlesAreRefused) {
  EXPECT_EQ(Launch(nullptr, 1, 1), CUDA_ERROR_INVALID_HANDLE);
  int wild[16] = {};
  EXPECT_EQ(Launch(reinterpret_cast<CUfunction>(wild), 1, 1), CUDA_ERROR_INVALID_HANDLE);
  CUcontext other = nullptr;
  ASSERT_OK(cuCtxCreate(&other, nullptr, 0, device_));
  CUstream foreign = nullptr;
  ASSERT_OK(cuStreamCreate(&foreign, 0));
  EXPECT_EQ(cuLaunchKernel(Get("nothing"), 1, 1, 1, 1, 1, 1, 0, foreign, nullptr, nullptr),
            CUDA_ERROR_INVALID_HANDLE);
  EXPECT_OK(cuCtxDestroy(other));
}

TEST_F(Launches, TheConfigurationOfLaunchKernelEx) {
  CUdeviceptr out = 0;
  ASSERT_OK(cuMemAlloc(&out, 4));
  void* parameters[] = {&out};
  CUevent event = nullptr;
  ASSERT_OK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
  CUlaunchAttribute attributes[2] = {};
  attributes[0].id = CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION;
  attributes[0].value.programmaticStreamSerializationAllowed = 1;
  attributes[1].id = CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT;
  attributes[1].value.launchCompletionEvent.event = event;
  CUlaunchConfig config = {};
  config.gridDimX = config.gridDimY = config.gridDimZ = 1;
  config.blockDimX = config.blockDimY = config.blockDimZ = 1;
  config.hStream = stream_;
  config.attrs = attributes;
  config.numAttrs = 2;
  EXPECT_OK(cuLaunchKernelEx(&config, Get("store"), parameters, nullptr));
  EXPECT_OK(cuEventSynchronize(event));
  uint32_t word = 0;
  EXPECT_OK(cuMemcpyDtoHAsync(&word, out, 4, stream_));
  EXPECT_EQ(word, 7u);
  attributes[0].id = static_cast<CUlaunchAttributeID>(1000);
  EXPECT_EQ(cuLaunchKernelEx(&config, Get("store"), parameters, nullptr), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuLaunchKernelEx(nullptr, Get("store"), parameters, nullptr), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Launches, CooperativeGridsMustFitTheDevice) {
  EXPECT_OK(cuLaunchCooperativeKernel(Get("nothing"), 1, 1, 1, 32, 1, 1, 0, stream_, nullptr));
  EXPECT_EQ(cuLaunchCooperativeKernel(Get("nothing"), 1000000, 1, 1, 1024, 1, 1, 0, stream_, nullptr),
            CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
  EXPECT_OK(cuStreamSynchronize(stream_));
}

TEST_F(Launches, OccupancyIsThatOfTheDevice) {
  CUfunction f = Get("nothing");
  int blocks = 0, threads = 0, grid = 0, block = 0;
  ASSERT_OK(cuDeviceGetAttribute(&threads, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, device_));
  ASSERT_OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, f, 1024, 0));
  EXPECT_GE(blocks, 1);
  EXPECT_LE(blocks * 1024, threads);
  ASSERT_OK(cuOccupancyMaxPotentialBlockSize(&grid, &block, f, nullptr, 0, 0));
  EXPECT_GE(block, 32);
  EXPECT_LE(block, 1024);
  EXPECT_GE(grid, 1);
  ASSERT_OK(cuOccupancyMaxPotentialBlockSize(&grid, &block, f, nullptr, 0, 100));
  EXPECT_LE(block, 100);
  size_t shared = 0;
  ASSERT_OK(cuOccupancyAvailableDynamicSMemPerBlock(&shared, f, 1, 32));
  EXPECT_GE(shared, size_t{48} << 10);
  EXPECT_EQ(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, f, 0, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuOccupancyAvailableDynamicSMemPerBlock(&shared, f, 0, 32), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Launches, OccupancyWithFlagsAndClusters) {
  CUfunction f = Get("nothing");
  int blocks = 0, flagged = 0, grid = 0, block = 0;
  ASSERT_OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, f, 256, 0));
  ASSERT_OK(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(&flagged, f, 256, 0,
                                                                 CU_OCCUPANCY_DISABLE_CACHING_OVERRIDE));
  EXPECT_EQ(flagged, blocks);
  EXPECT_EQ(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(&flagged, f, 256, 0, 0x10),
            CUDA_ERROR_INVALID_VALUE);
  // Blocks above 128 threads want more shared memory than there is.
  const CUoccupancyB2DSize wanted = [](int threads) { return threads > 128 ? size_t{1} << 30 : size_t{0}; };
  ASSERT_OK(cuOccupancyMaxPotentialBlockSizeWithFlags(&grid, &block, f, wanted, 0, 0, 0));
  EXPECT_GE(block, 32);
  EXPECT_LE(block, 128);

  CUlaunchConfig config = {};
  config.gridDimX = 64;
  config.gridDimY = config.gridDimZ = config.blockDimY = config.blockDimZ = 1;
  config.blockDimX = 256;
  int largest = 0, single = 0, clusters = 0;
  ASSERT_OK(cuOccupancyMaxPotentialClusterSize(&largest, f, &config));
  EXPECT_GE(largest, 1);
  ASSERT_OK(cuOccupancyMaxActiveClusters(&single, f, &config));
  CUlaunchAttribute attribute = {};
  attribute.id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
  attribute.value.clusterDim.x = 2;
  attribute.value.clusterDim.y = attribute.value.clusterDim.z = 1;
  config.attrs = &attribute;
  config.numAttrs = 1;
  ASSERT_OK(cuOccupancyMaxActiveClusters(&clusters, f, &config));
  EXPECT_EQ(clusters, single / 2);
  attribute.value.clusterDim.y = 0;
  EXPECT_EQ(cuOccupancyMaxActiveClusters(&clusters, f, &config), CUDA_ERROR_INVALID_CLUSTER_SIZE);
}

TEST_F(Launches, MoreBlocksLeaveLessSharedMemory) {
  CUfunction f = Get("nothing");
  int blocks = 0;
  ASSERT_OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, f, 32, 0));
  size_t before = ~size_t{0};
  for (int count = 1; count <= blocks; ++count) {
    size_t bytes = 0;
    ASSERT_OK(cuOccupancyAvailableDynamicSMemPerBlock(&bytes, f, count, 32));
    EXPECT_LE(bytes, before);
    int fitting = 0;
    ASSERT_OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&fitting, f, 32, bytes));
    EXPECT_GE(fitting, count) << bytes << " bytes of dynamic shared memory";
    before = bytes;
  }
  size_t bytes = 0;
  EXPECT_EQ(cuOccupancyAvailableDynamicSMemPerBlock(&bytes, f, blocks + 1, 32), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Launches, HintsAreTakenAndChecked) {
  CUfunction f = Get("nothing");
  EXPECT_OK(cuFuncSetCacheConfig(f, CU_FUNC_CACHE_PREFER_SHARED));
  EXPECT_EQ(cuFuncSetCacheConfig(f, static_cast<CUfunc_cache>(9)), CUDA_ERROR_INVALID_VALUE);
  EXPECT_OK(cuFuncSetSharedMemConfig(f, CU_SHARED_MEM_CONFIG_EIGHT_BYTE_BANK_SIZE));
  EXPECT_EQ(cuFuncSetSharedMemConfig(f, static_cast<CUsharedconfig>(9)), CUDA_ERROR_INVALID_VALUE);
}

// ---- faults

struct Fault {
  const char* kernel;
  CUdeviceptr address;
  CUresult expected;
};
class Faults : public Launches, public testing::WithParamInterface<Fault> {};
INSTANTIATE_TEST_SUITE_P(Kinds, Faults,
                         testing::Values(Fault{"store", 64, CUDA_ERROR_ILLEGAL_ADDRESS},
                                         Fault{"store", 0x7ffffffffffc, CUDA_ERROR_ILLEGAL_ADDRESS},
                                         Fault{"trapping", 0, CUDA_ERROR_LAUNCH_FAILED}));

TEST_P(Faults, StickUntilTheContextIsReset) {
  const Fault& fault = GetParam();
  CUdeviceptr memory = 0, address = fault.address;
  ASSERT_OK(cuMemAlloc(&memory, 4096));
  CUcontext other = nullptr;
  ASSERT_OK(cuCtxCreate(&other, nullptr, 0, device_));
  ASSERT_OK(cuCtxPopCurrent(nullptr));
  CUevent event = nullptr;
  ASSERT_OK(cuEventCreate(&event, 0));
  void* parameters[] = {&address};
  CUfunction f = Get(fault.kernel), nothing = Get("nothing");
  ASSERT_OK(Launch(f, 1, 1, address == 0 ? nullptr : parameters));
  EXPECT_EQ(cuStreamSynchronize(stream_), fault.expected);
  uint32_t word = 0;
  size_t free = 0, total = 0;
  CUstream stream = nullptr;
  EXPECT_EQ(cuCtxSynchronize(), fault.expected);
  EXPECT_EQ(cuStreamQuery(stream_), fault.expected);
  EXPECT_EQ(cuMemAlloc(&memory, 16), fault.expected);
  EXPECT_EQ(cuMemGetInfo(&free, &total), fault.expected);
  EXPECT_EQ(cuMemcpyDtoH(&word, memory, 4), fault.expected);
  EXPECT_EQ(cuMemsetD8(memory, 0, 4), fault.expected);
  EXPECT_EQ(cuStreamCreate(&stream, 0), fault.expected);
  EXPECT_EQ(cuEventRecord(event, stream_), fault.expected);
  EXPECT_EQ(cuEventQuery(event), fault.expected);
  EXPECT_EQ(Launch(nothing, 1, 1), fault.expected);
  EXPECT_EQ(cuModuleGetFunction(&f, module_, "nothing"), fault.expected);
  // Another context of the device goes on.
  ASSERT_OK(cuCtxPushCurrent(other));
  CUdeviceptr healthy = 0;
  EXPECT_OK(cuMemAlloc(&healthy, 16));
  EXPECT_OK(cuMemsetD32(healthy, 5, 4));
  EXPECT_OK(cuCtxSynchronize());
  EXPECT_OK(cuCtxDestroy(other));
  // A reset recovers.
  ASSERT_OK(cuDevicePrimaryCtxReset(device_));
  CUcontext again = nullptr;
  ASSERT_OK(cuDevicePrimaryCtxRetain(&again, device_));
  ASSERT_OK(cuModuleLoadData(&module_, kModule));
  ASSERT_OK(cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING));
  ASSERT_OK(cuMemAlloc(&memory, 4096));
  void* good[] = {&memory};
  EXPECT_OK(Launch(Get("store"), 1, 1, good));
  EXPECT_OK(cuMemcpyDtoHAsync(&word, memory, 4, stream_));
  EXPECT_EQ(word, 7u);
  EXPECT_OK(cuDevicePrimaryCtxRelease(device_));
}

TEST_F(Launches, AMisalignedAccessIsAFault) {
  CUdeviceptr memory = 0;
  ASSERT_OK(cuMemAlloc(&memory, 64));
  CUdeviceptr odd = memory + 2;
  void* parameters[] = {&odd};
  ASSERT_OK(Launch(Get("store"), 1, 1, parameters));
  EXPECT_EQ(cuStreamSynchronize(stream_), CUDA_ERROR_MISALIGNED_ADDRESS);
}

TEST_F(Launches, HostFunctionsAreSkippedAndCallbacksToldAfterAFault) {
  bool ran = false;
  CUresult told = CUDA_SUCCESS;
  std::atomic<bool> go{false};
  ASSERT_OK(cuLaunchHostFunc(
      stream_,
      [](void* data) {
        while (!*static_cast<std::atomic<bool>*>(data)) std::this_thread::yield();
      },
      &go));
  ASSERT_OK(Launch(Get("trapping"), 1, 1));
  ASSERT_OK(cuLaunchHostFunc(stream_, [](void* data) { *static_cast<bool*>(data) = true; }, &ran));
  ASSERT_OK(cuStreamAddCallback(
      stream_, [](CUstream, CUresult result, void* data) { *static_cast<CUresult*>(data) = result; }, &told,
      0));
  go = true;
  EXPECT_EQ(cuStreamSynchronize(stream_), CUDA_ERROR_LAUNCH_FAILED);
  ASSERT_OK(cuDevicePrimaryCtxReset(device_));  // by now all host functions have had their turn
  EXPECT_FALSE(ran);
  EXPECT_EQ(told, CUDA_ERROR_LAUNCH_FAILED);
}

}  // namespace
