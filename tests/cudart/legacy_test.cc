// What CUDA 11 and 12 declare otherwise than 13, or alone. Our headers are 13's, so that the old prototypes
// stand here, under names of ours.
#include <cuda_runtime_api.h>
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

#include "runtime/cudart/legacy_types.h"
#include "tests/cudart/fixture.h"

using tq::cudart::DeviceProperties12;
using tq::cudart::kDeviceProperties11Bytes;
using tq::cudart::LaunchParams;

extern "C" {
cudaError_t OldDeviceProperties(void*, int) asm("cudaGetDeviceProperties");
cudaError_t OldChooseDevice(int*, const void*) asm("cudaChooseDevice");
cudaError_t OldThreadSynchronize() asm("cudaThreadSynchronize");
cudaError_t OldThreadSetLimit(cudaLimit, size_t) asm("cudaThreadSetLimit");
cudaError_t OldThreadGetLimit(size_t*, cudaLimit) asm("cudaThreadGetLimit");
cudaError_t OldThreadSetCacheConfig(cudaFuncCache) asm("cudaThreadSetCacheConfig");
cudaError_t OldThreadGetCacheConfig(cudaFuncCache*) asm("cudaThreadGetCacheConfig");
cudaError_t OldThreadExit() asm("cudaThreadExit");
cudaError_t OldSetDoubleForDevice(double*) asm("cudaSetDoubleForDevice");
cudaError_t OldSetDoubleForHost(double*) asm("cudaSetDoubleForHost");
cudaError_t OldAdvise(const void*, size_t, cudaMemoryAdvise, int) asm("cudaMemAdvise");
cudaError_t OldPrefetch(const void*, size_t, int, cudaStream_t) asm("cudaMemPrefetchAsync");
cudaError_t OldCaptureInfo(cudaStream_t, cudaStreamCaptureStatus*,
                           unsigned long long*) asm("cudaStreamGetCaptureInfo");
cudaError_t OldCaptureInfo2(cudaStream_t, cudaStreamCaptureStatus*, unsigned long long*, cudaGraph_t*,
                            const cudaGraphNode_t**, size_t*) asm("cudaStreamGetCaptureInfo_v2");
cudaError_t OldUpdateDependencies(cudaStream_t, cudaGraphNode_t*, size_t,
                                  unsigned) asm("cudaStreamUpdateCaptureDependencies");
cudaError_t OldGraphEdges(cudaGraph_t, cudaGraphNode_t*, cudaGraphNode_t*, size_t*) asm("cudaGraphGetEdges");
cudaError_t OldDependencies(cudaGraphNode_t, cudaGraphNode_t*, size_t*) asm("cudaGraphNodeGetDependencies");
cudaError_t OldDependents(cudaGraphNode_t, cudaGraphNode_t*, size_t*) asm("cudaGraphNodeGetDependentNodes");
cudaError_t OldAddDependencies(cudaGraph_t, const cudaGraphNode_t*, const cudaGraphNode_t*,
                               size_t) asm("cudaGraphAddDependencies");
cudaError_t OldRemoveDependencies(cudaGraph_t, const cudaGraphNode_t*, const cudaGraphNode_t*,
                                  size_t) asm("cudaGraphRemoveDependencies");
cudaError_t OldCooperative(LaunchParams*, unsigned, unsigned) asm("cudaLaunchCooperativeKernelMultiDevice");
#if TQ_CUDART_RELEASE == 11
cudaError_t OldInstantiate(cudaGraphExec_t*, cudaGraph_t, cudaGraphNode_t*, char*,
                           size_t) asm("cudaGraphInstantiate");
cudaError_t OldUpdate(cudaGraphExec_t, cudaGraph_t, cudaGraphNode_t*,
                      cudaGraphExecUpdateResult*) asm("cudaGraphExecUpdate");
cudaError_t OldDriverEntry(const char*, void**, unsigned long long) asm("cudaGetDriverEntryPoint");
#else
cudaError_t Properties2(DeviceProperties12*, int) asm("cudaGetDeviceProperties_v2");
cudaError_t Advise2(const void*, size_t, cudaMemoryAdvise, cudaMemLocation) asm("cudaMemAdvise_v2");
cudaError_t Prefetch2(const void*, size_t, cudaMemLocation, unsigned,
                      cudaStream_t) asm("cudaMemPrefetchAsync_v2");
cudaError_t OldAddNode(cudaGraphNode_t*, cudaGraph_t, const cudaGraphNode_t*, size_t,
                       cudaGraphNodeParams*) asm("cudaGraphAddNode");
cudaError_t AddNode2(cudaGraphNode_t*, cudaGraph_t, const cudaGraphNode_t*, const cudaGraphEdgeData*, size_t,
                     cudaGraphNodeParams*) asm("cudaGraphAddNode_v2");
cudaError_t CaptureInfo3(cudaStream_t, cudaStreamCaptureStatus*, unsigned long long*, cudaGraph_t*,
                         const cudaGraphNode_t**, const cudaGraphEdgeData**,
                         size_t*) asm("cudaStreamGetCaptureInfo_v3");
#endif
}

namespace {

using Legacy = RuntimeFixture;

int Attribute(cudaDeviceAttr attribute) {
  int value = -1;
  EXPECT_OK(cudaDeviceGetAttribute(&value, attribute, 0));
  return value;
}

void ExpectPropertiesOf11(const DeviceProperties12& prop) {
  EXPECT_EQ(prop.warpSize, 32);
  EXPECT_EQ(prop.maxThreadsPerBlock, Attribute(cudaDevAttrMaxThreadsPerBlock));
  EXPECT_EQ(prop.clockRate, Attribute(cudaDevAttrClockRate));
  EXPECT_EQ(prop.major, Attribute(cudaDevAttrComputeCapabilityMajor));
  EXPECT_EQ(prop.computeMode, Attribute(cudaDevAttrComputeMode));
  EXPECT_EQ(prop.maxTexture1DLinear, Attribute(cudaDevAttrMaxTexture1DLinearWidth));
  EXPECT_EQ(prop.memoryBusWidth, Attribute(cudaDevAttrGlobalMemoryBusWidth));
  EXPECT_EQ(prop.singleToDoublePrecisionPerfRatio, Attribute(cudaDevAttrSingleToDoublePrecisionPerfRatio));
  EXPECT_EQ(prop.reservedSharedMemPerBlock,
            static_cast<size_t>(Attribute(cudaDevAttrReservedSharedMemoryPerBlock)));
}

// Callers of CUDA 11 have 728 bytes and no more.
TEST_F(Legacy, OldPropertiesEndWhereTheirStructureEnds) {
  DeviceProperties12 prop;
  std::memset(static_cast<void*>(&prop), 0xCC, sizeof prop);
  ASSERT_OK(OldDeviceProperties(&prop, 0));
  ExpectPropertiesOf11(prop);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(&prop);
  for (size_t i = kDeviceProperties11Bytes; i < sizeof prop; ++i) ASSERT_EQ(bytes[i], 0xCC) << i;
  int device = -1;
  EXPECT_OK(OldChooseDevice(&device, &prop));
  EXPECT_EQ(device, 0);
  EXPECT_EQ(OldDeviceProperties(&prop, 88), cudaErrorInvalidDevice);
}

TEST_F(Legacy, StructuresThatGrewAreNotOverrun) {
  alignas(8) unsigned char bytes[256];
  std::memset(bytes, 0xCC, sizeof bytes);
  EXPECT_OK(cudaPointerGetAttributes(reinterpret_cast<cudaPointerAttributes*>(bytes), cells_));
  EXPECT_EQ(bytes[24], 0xCC);
  std::memset(bytes, 0xCC, sizeof bytes);
  EXPECT_OK(cudaFuncGetAttributes(reinterpret_cast<cudaFuncAttributes*>(bytes), AffineKernel()));
  EXPECT_EQ(bytes[TQ_CUDART_RELEASE == 11 ? 56 : 144], 0xCC);
}

TEST_F(Legacy, ThreadsMeanContexts) {
  EXPECT_OK(Affine(0, 1, 2));
  EXPECT_OK(OldThreadSynchronize());
  EXPECT_OK(OldThreadSetLimit(cudaLimitStackSize, 4096));
  size_t limit = 0;
  EXPECT_OK(OldThreadGetLimit(&limit, cudaLimitStackSize));
  EXPECT_GE(limit, 4096u);
  EXPECT_OK(OldThreadSetCacheConfig(cudaFuncCachePreferL1));
  cudaFuncCache cache = cudaFuncCachePreferNone;
  EXPECT_OK(OldThreadGetCacheConfig(&cache));
  EXPECT_EQ(cache, cudaFuncCachePreferL1);
  double value = 0.5;
  EXPECT_OK(OldSetDoubleForDevice(&value));
  EXPECT_OK(OldSetDoubleForHost(&value));
  EXPECT_EQ(value, 0.5);
  EXPECT_OK(OldThreadExit());
  SetUp();
}

TEST_F(Legacy, AdviceAndPrefetchNameDevices) {
  void* managed = nullptr;
  ASSERT_OK(cudaMallocManaged(&managed, 1 << 16, cudaMemAttachGlobal));
  EXPECT_OK(OldAdvise(managed, 1 << 16, cudaMemAdviseSetPreferredLocation, cudaCpuDeviceId));
  int where = -9;
  EXPECT_OK(cudaMemRangeGetAttribute(&where, sizeof where, cudaMemRangeAttributePreferredLocation, managed,
                                     1 << 16));
  EXPECT_EQ(where, cudaCpuDeviceId);
  EXPECT_OK(OldPrefetch(managed, 1 << 16, 0, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_EQ(OldPrefetch(managed, 1 << 16, 99, stream_), cudaErrorInvalidDevice);
  EXPECT_OK(cudaFree(managed));
}

TEST_F(Legacy, CaptureIsDescribedInOldWords) {
  ASSERT_OK(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeRelaxed));
  EXPECT_OK(Affine(0, 1, 1));
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  unsigned long long id = 0, id2 = 1;
  EXPECT_OK(OldCaptureInfo(stream_, &status, &id));
  EXPECT_EQ(status, cudaStreamCaptureStatusActive);
  cudaGraph_t graph = nullptr;
  const cudaGraphNode_t* dependencies = nullptr;
  size_t count = 0;
  EXPECT_OK(OldCaptureInfo2(stream_, &status, &id2, &graph, &dependencies, &count));
  EXPECT_EQ(id2, id);
  EXPECT_EQ(count, 1u);
  EXPECT_OK(OldUpdateDependencies(stream_, nullptr, 0, cudaStreamSetCaptureDependencies));
  EXPECT_OK(OldCaptureInfo2(stream_, &status, &id2, &graph, &dependencies, &count));
  EXPECT_EQ(count, 0u);
  EXPECT_OK(cudaStreamEndCapture(stream_, &graph));
  EXPECT_OK(cudaGraphDestroy(graph));
}

TEST_F(Legacy, EdgesHaveNoData) {
  cudaGraph_t graph = nullptr;
  ASSERT_OK(cudaGraphCreate(&graph, 0));
  cudaGraphNode_t a = nullptr, b = nullptr;
  ASSERT_OK(cudaGraphAddEmptyNode(&a, graph, nullptr, 0));
  ASSERT_OK(cudaGraphAddEmptyNode(&b, graph, nullptr, 0));
  EXPECT_OK(OldAddDependencies(graph, &a, &b, 1));
  cudaGraphNode_t from = nullptr, to = nullptr;
  size_t count = 1;
  EXPECT_OK(OldGraphEdges(graph, &from, &to, &count));
  EXPECT_EQ(from, a);
  EXPECT_EQ(to, b);
  EXPECT_OK(OldDependencies(b, &from, &count));
  EXPECT_EQ(from, a);
  EXPECT_OK(OldDependents(a, &to, &count));
  EXPECT_EQ(to, b);
  EXPECT_OK(OldRemoveDependencies(graph, &a, &b, 1));
  EXPECT_OK(OldGraphEdges(graph, nullptr, nullptr, &count));
  EXPECT_EQ(count, 0u);
  EXPECT_OK(cudaGraphDestroy(graph));
}

TEST_F(Legacy, CooperativeLaunchesOnOneDeviceEach) {
  int factor = 1, addend = 5;
  void* arguments[] = {&cells_, &factor, &addend};
  LaunchParams launch = {const_cast<void*>(AffineKernel()), {1, 1, 1}, {1, 1, 1}, arguments, 0, stream_};
  EXPECT_OK(OldCooperative(&launch, 1, 0));
  EXPECT_EQ(Read(0), 5);
  launch.stream = nullptr;
  EXPECT_NE(OldCooperative(&launch, 1, 0), cudaSuccess);
}

#if TQ_CUDART_RELEASE == 11

TEST_F(Legacy, GraphsAreInstantiatedWithALog) {
  cudaGraph_t graph = nullptr;
  ASSERT_OK(cudaGraphCreate(&graph, 0));
  cudaGraphNode_t node = nullptr, error = nullptr;
  const cudaMemsetParams fill = {cells_, 0, 3, 4, 1, 1};
  ASSERT_OK(cudaGraphAddMemsetNode(&node, graph, nullptr, 0, &fill));
  cudaGraphExec_t exec = nullptr;
  char log[64] = "";
  ASSERT_OK(OldInstantiate(&exec, graph, &error, log, sizeof log));
  EXPECT_OK(cudaGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(0), 3);
  cudaGraphExecUpdateResult result = cudaGraphExecUpdateError;
  EXPECT_OK(OldUpdate(exec, graph, &error, &result));
  EXPECT_EQ(result, cudaGraphExecUpdateSuccess);
  EXPECT_OK(cudaGraphExecDestroy(exec));
  EXPECT_OK(cudaGraphDestroy(graph));
}

TEST_F(Legacy, DriverEntryPointsAreThoseOfTheirTime) {
  void* function = nullptr;
  EXPECT_OK(OldDriverEntry("cuMemAlloc", &function, cudaEnableDefault));
  EXPECT_NE(function, nullptr);
  EXPECT_EQ(OldDriverEntry("cuLibraryLoadData", &function, cudaEnableDefault), cudaErrorSymbolNotFound);
}

#else

TEST_F(Legacy, PropertiesOf12GoOn) {
  DeviceProperties12 prop;
  ASSERT_OK(Properties2(&prop, 0));
  ExpectPropertiesOf11(prop);
  EXPECT_EQ(prop.memoryPoolsSupported, Attribute(cudaDevAttrMemoryPoolsSupported));
  EXPECT_EQ(prop.clusterLaunch, Attribute(cudaDevAttrClusterLaunch));
}

TEST_F(Legacy, SecondVersionsTakeLocations) {
  void* managed = nullptr;
  ASSERT_OK(cudaMallocManaged(&managed, 1 << 16, cudaMemAttachGlobal));
  EXPECT_OK(Advise2(managed, 1 << 16, cudaMemAdviseSetReadMostly, {cudaMemLocationTypeDevice, 0}));
  EXPECT_OK(Prefetch2(managed, 1 << 16, {cudaMemLocationTypeDevice, 0}, 0, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_OK(cudaFree(managed));
}

TEST_F(Legacy, NodesOfAnyTypeAreAddedWithAndWithoutEdgeData) {
  cudaGraph_t graph = nullptr;
  ASSERT_OK(cudaGraphCreate(&graph, 0));
  cudaGraphNodeParams fill = {};
  fill.type = cudaGraphNodeTypeMemset;
  fill.memset = {cells_, 0, 3, 4, 1, 1};
  cudaGraphNode_t first = nullptr, second = nullptr;
  EXPECT_OK(OldAddNode(&first, graph, nullptr, 0, &fill));
  fill.memset.dst = cells_ + 1;
  EXPECT_OK(AddNode2(&second, graph, &first, nullptr, 1, &fill));
  cudaGraphExec_t exec = nullptr;
  ASSERT_OK(cudaGraphInstantiate(&exec, graph, 0));
  EXPECT_OK(cudaGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(1), 3);
  EXPECT_OK(cudaGraphExecDestroy(exec));
  EXPECT_OK(cudaGraphDestroy(graph));
}

TEST_F(Legacy, CaptureHasEdgeDataSince12) {
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusActive;
  EXPECT_OK(CaptureInfo3(stream_, &status, nullptr, nullptr, nullptr, nullptr, nullptr));
  EXPECT_EQ(status, cudaStreamCaptureStatusNone);
}

#endif

}  // namespace
