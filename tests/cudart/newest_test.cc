// What only the newest runtime has, or declares so: libraries, logs, edges with data, conditional nodes,
// locations.
#include <cstring>
#include <string>
#include <vector>

#include "tests/cudart/fixture.h"

namespace {

constexpr char kModule[] = R"(
.version 7.8
.target sm_80
.address_size 64
.visible .global .u32 total = 5;
.visible .entry store(.param .u64 cell, .param .u32 value)
{
  .reg .b32 %r;
  .reg .b64 %rd;
  ld.param.u64 %rd, [cell];
  ld.param.u32 %r, [value];
  st.global.u32 [%rd], %r;
  ret;
}
)";

using Newest = RuntimeFixture;

TEST_F(Newest, PropertiesAgreeWithAttributes) {
  cudaDeviceProp prop;
  ASSERT_OK(cudaGetDeviceProperties(&prop, 0));
  EXPECT_GT(std::strlen(prop.name), 0u);
  struct {
    cudaDeviceAttr attribute;
    int value;
  } const rows[] = {
      {cudaDevAttrWarpSize, prop.warpSize},
      {cudaDevAttrMaxThreadsPerBlock, prop.maxThreadsPerBlock},
      {cudaDevAttrComputeCapabilityMajor, prop.major},
      {cudaDevAttrComputeCapabilityMinor, prop.minor},
      {cudaDevAttrMultiProcessorCount, prop.multiProcessorCount},
      {cudaDevAttrMaxTexture2DHeight, prop.maxTexture2D[1]},
      {cudaDevAttrMaxTexture2DLinearPitch, prop.maxTexture2DLinear[2]},
      {cudaDevAttrMaxTexture2DGatherWidth, prop.maxTexture2DGather[0]},
      {cudaDevAttrMaxTexture3DDepthAlt, prop.maxTexture3DAlt[2]},
      {cudaDevAttrMaxTexture1DLayeredLayers, prop.maxTexture1DLayered[1]},
      {cudaDevAttrMaxTexture2DLayeredLayers, prop.maxTexture2DLayered[2]},
      {cudaDevAttrMaxTextureCubemapLayeredLayers, prop.maxTextureCubemapLayered[1]},
      {cudaDevAttrMaxSurface1DLayeredWidth, prop.maxSurface1DLayered[0]},
      {cudaDevAttrMaxSurface2DLayeredLayers, prop.maxSurface2DLayered[2]},
      {cudaDevAttrMaxSurfaceCubemapLayeredLayers, prop.maxSurfaceCubemapLayered[1]},
      {cudaDevAttrMaxTexture2DMipmappedHeight, prop.maxTexture2DMipmap[1]},
      {cudaDevAttrMemoryPoolsSupported, prop.memoryPoolsSupported},
      {cudaDevAttrClusterLaunch, prop.clusterLaunch},
      {cudaDevAttrPciBusId, prop.pciBusID},
      {cudaDevAttrGpuPciDeviceId, static_cast<int>(prop.gpuPciDeviceID)},
      {cudaDevAttrGPUDirectRDMAFlushWritesOptions, static_cast<int>(prop.gpuDirectRDMAFlushWritesOptions)},
  };
  for (const auto& [attribute, value] : rows) {
    int expected = -1;
    EXPECT_OK(cudaDeviceGetAttribute(&expected, attribute, 0)) << attribute;
    EXPECT_EQ(value, expected) << attribute;
  }
  EXPECT_EQ(cudaGetDeviceProperties(&prop, 64), cudaErrorInvalidDevice);
  cudaDeviceProp wanted = {};
  wanted.major = prop.major;
  int device = -1;
  EXPECT_OK(cudaChooseDevice(&device, &wanted));
  EXPECT_EQ(device, 0);
  EXPECT_OK(cudaInitDevice(0, cudaDeviceScheduleYield, cudaInitDeviceFlagsAreValid));
}

TEST_F(Newest, LibrariesGiveKernelsAndVariables) {
  cudaLibrary_t library = nullptr;
  ASSERT_OK(cudaLibraryLoadData(&library, kModule, nullptr, nullptr, 0, nullptr, nullptr, 0));
  unsigned count = 0;
  EXPECT_OK(cudaLibraryGetKernelCount(&count, library));
  ASSERT_EQ(count, 1u);
  cudaKernel_t kernel = nullptr, listed = nullptr;
  EXPECT_OK(cudaLibraryEnumerateKernels(&listed, 1, library));
  EXPECT_OK(cudaLibraryGetKernel(&kernel, library, "store"));
  EXPECT_EQ(kernel, listed);
  EXPECT_EQ(cudaLibraryGetKernel(&kernel, library, "absent"), cudaErrorSymbolNotFound);
  unsigned value = 77;
  void* arguments[] = {&cells_, &value};
  EXPECT_OK(cudaLaunchKernel(kernel, {1, 1, 1}, {1, 1, 1}, arguments, 0, stream_));
  EXPECT_EQ(Read(0), 77);
  EXPECT_OK(cudaKernelSetAttributeForDevice(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, 1024, 0));

  void* total = nullptr;
  size_t size_bytes = 0;
  EXPECT_OK(cudaLibraryGetGlobal(&total, &size_bytes, library, "total"));
  EXPECT_EQ(size_bytes, 4u);
  int initial = 0;
  EXPECT_OK(cudaMemcpy(&initial, total, 4, cudaMemcpyDeviceToHost));
  EXPECT_EQ(initial, 5);
  EXPECT_EQ(cudaLibraryGetManaged(&total, &size_bytes, library, "total"), cudaErrorSymbolNotFound);
  EXPECT_OK(cudaLibraryUnload(library));
  EXPECT_EQ(cudaLibraryLoadFromFile(&library, "/there/is/no.cubin", nullptr, nullptr, 0, nullptr, nullptr, 0),
            cudaErrorFileNotFound);
}

TEST_F(Newest, RegisteredKernelsHaveHandlesNamesAndParameters) {
  cudaKernel_t kernel = nullptr;
  EXPECT_OK(cudaGetKernel(&kernel, AffineKernel()));
  int factor = 1, addend = 6;
  void* arguments[] = {&cells_, &factor, &addend};
  EXPECT_OK(cudaLaunchKernel(kernel, {1, 1, 1}, {1, 1, 1}, arguments, 0, stream_));
  EXPECT_EQ(Read(0), 6);
  const char* name = nullptr;
  EXPECT_OK(cudaFuncGetName(&name, AffineKernel()));
  EXPECT_NE(std::string(name).find("Affine"), std::string::npos);
  size_t offset = 9, size_bytes = 9;
  EXPECT_OK(cudaFuncGetParamInfo(AffineKernel(), 2, &offset, &size_bytes));
  EXPECT_EQ(offset, 12u);
  EXPECT_EQ(size_bytes, 4u);
  EXPECT_EQ(cudaFuncGetParamInfo(AffineKernel(), 3, &offset, &size_bytes), cudaErrorInvalidValue);
}

TEST_F(Newest, DriverFunctionsAreFoundByVersion) {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult result = cudaDriverEntryPointSymbolNotFound;
  EXPECT_OK(cudaGetDriverEntryPoint("cuMemAlloc", &function, cudaEnableDefault, &result));
  EXPECT_NE(function, nullptr);
  EXPECT_EQ(result, cudaDriverEntryPointSuccess);
  EXPECT_OK(cudaGetDriverEntryPoint("cuNoSuchThing", &function, cudaEnableDefault, &result));
  EXPECT_EQ(result, cudaDriverEntryPointSymbolNotFound);
  EXPECT_OK(
      cudaGetDriverEntryPointByVersion("cuLibraryLoadData", &function, 11000, cudaEnableDefault, &result));
  EXPECT_EQ(result, cudaDriverEntryPointVersionNotSufficent);
  EXPECT_OK(
      cudaGetDriverEntryPointByVersion("cuLibraryLoadData", &function, 13000, cudaEnableDefault, nullptr));
  const void* table = nullptr;
  const cudaUUID_t unknown = {};
  EXPECT_NE(cudaGetExportTable(&table, &unknown), cudaSuccess);
}

TEST_F(Newest, StreamsHaveNumbersAndDevices) {
  unsigned long long id = 0, other_id = 0;
  int device = -1;
  EXPECT_OK(cudaStreamGetId(stream_, &id));
  EXPECT_OK(cudaStreamGetId(cudaStreamPerThread, &other_id));
  EXPECT_NE(id, other_id);
  EXPECT_OK(cudaStreamGetDevice(stream_, &device));
  EXPECT_EQ(device, 0);
}

TEST_F(Newest, CaptureGoesOnWhereItIsTold) {
  cudaGraph_t graph = nullptr;
  ASSERT_OK(cudaGraphCreate(&graph, 0));
  ASSERT_OK(cudaStreamBeginCaptureToGraph(stream_, graph, nullptr, nullptr, 0, cudaStreamCaptureModeRelaxed));
  EXPECT_OK(Affine(0, 1, 4));
  cudaStreamCaptureStatus status;
  unsigned long long id = 0;
  cudaGraph_t capturing = nullptr;
  const cudaGraphNode_t* dependencies = nullptr;
  const cudaGraphEdgeData* data = nullptr;
  size_t count = 0;
  EXPECT_OK(cudaStreamGetCaptureInfo(stream_, &status, &id, &capturing, &dependencies, &data, &count));
  EXPECT_EQ(status, cudaStreamCaptureStatusActive);
  EXPECT_EQ(capturing, graph);
  ASSERT_EQ(count, 1u);
  EXPECT_OK(
      cudaStreamUpdateCaptureDependencies(stream_, nullptr, nullptr, 0, cudaStreamSetCaptureDependencies));
  EXPECT_OK(Affine(1, 1, 4));
  cudaGraph_t ended = nullptr;
  EXPECT_OK(cudaStreamEndCapture(stream_, &ended));
  EXPECT_EQ(ended, graph);
  size_t roots = 0;
  EXPECT_OK(cudaGraphGetRootNodes(graph, nullptr, &roots));
  EXPECT_EQ(roots, 2u);
  EXPECT_OK(cudaGraphDestroy(graph));
}

TEST_F(Newest, EdgesCarryData) {
  cudaGraph_t graph = nullptr;
  ASSERT_OK(cudaGraphCreate(&graph, 0));
  cudaGraphNode_t a = nullptr, b = nullptr;
  ASSERT_OK(cudaGraphAddEmptyNode(&a, graph, nullptr, 0));
  ASSERT_OK(cudaGraphAddEmptyNode(&b, graph, nullptr, 0));
  EXPECT_OK(cudaGraphAddDependencies(graph, &a, &b, nullptr, 1));
  cudaGraphNode_t from = nullptr, to = nullptr;
  cudaGraphEdgeData data = {};
  size_t edges = 1;
  EXPECT_OK(cudaGraphGetEdges(graph, &from, &to, &data, &edges));
  EXPECT_EQ(edges, 1u);
  EXPECT_EQ(from, a);
  EXPECT_EQ(to, b);
  size_t count = 1;
  EXPECT_OK(cudaGraphNodeGetDependencies(b, &from, &data, &count));
  EXPECT_EQ(from, a);
  EXPECT_OK(cudaGraphNodeGetDependentNodes(a, &to, &data, &count));
  EXPECT_EQ(to, b);
  EXPECT_OK(cudaGraphRemoveDependencies(graph, &a, &b, nullptr, 1));
  EXPECT_OK(cudaGraphGetEdges(graph, nullptr, nullptr, nullptr, &edges));
  EXPECT_EQ(edges, 0u);
  EXPECT_OK(cudaGraphDestroy(graph));
}

TEST_F(Newest, NodesOfAnyTypeAreAddedChangedAndUpdated) {
  cudaGraph_t graph = nullptr;
  ASSERT_OK(cudaGraphCreate(&graph, 0));
  cudaGraphNodeParams fill = {};
  fill.type = cudaGraphNodeTypeMemset;
  fill.memset = {cells_, 0, 3, 4, 1, 1};
  cudaGraphNode_t first = nullptr, second = nullptr, third = nullptr;
  ASSERT_OK(cudaGraphAddNode(&first, graph, nullptr, nullptr, 0, &fill));
  int factor = 5, addend = 0;
  void* arguments[] = {&cells_, &factor, &addend};
  cudaGraphNodeParams kernel = {};
  kernel.type = cudaGraphNodeTypeKernel;
  kernel.kernel.func = const_cast<void*>(AffineKernel());
  kernel.kernel.gridDim = kernel.kernel.blockDim = {1, 1, 1};
  kernel.kernel.kernelParams = arguments;
  ASSERT_OK(cudaGraphAddNode(&second, graph, &first, nullptr, 1, &kernel));
  cudaGraphNodeParams copy = {};
  copy.type = cudaGraphNodeTypeMemcpy;
  copy.memcpy.copyParams.srcPtr = {cells_, 4, 4, 1};
  copy.memcpy.copyParams.dstPtr = {cells_ + 1, 4, 4, 1};
  copy.memcpy.copyParams.extent = {4, 1, 1};
  copy.memcpy.copyParams.kind = cudaMemcpyDeviceToDevice;
  ASSERT_OK(cudaGraphAddNode(&third, graph, &second, nullptr, 1, &copy));
  cudaGraphExec_t exec = nullptr;
  cudaGraphInstantiateParams how = {};
  ASSERT_OK(cudaGraphInstantiateWithParams(&exec, graph, &how));
  EXPECT_EQ(how.result_out, cudaGraphInstantiateSuccess);
  unsigned long long flags = 1;
  EXPECT_OK(cudaGraphExecGetFlags(exec, &flags));
  EXPECT_EQ(flags, 0u);
  EXPECT_OK(cudaGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(1), 15);

  fill.memset.value = 4;
  EXPECT_OK(cudaGraphExecNodeSetParams(exec, first, &fill));
  EXPECT_OK(cudaGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(1), 20);
  fill.memset.value = 6;
  EXPECT_OK(cudaGraphNodeSetParams(first, &fill));
  cudaGraphExecUpdateResultInfo info = {};
  EXPECT_OK(cudaGraphExecUpdate(exec, graph, &info));
  EXPECT_EQ(info.result, cudaGraphExecUpdateSuccess);
  EXPECT_OK(cudaGraphLaunch(exec, stream_));
  EXPECT_EQ(Read(1), 30);
  EXPECT_EQ(cudaGraphNodeSetParams(first, &kernel), cudaErrorInvalidValue);
  EXPECT_OK(cudaGraphExecDestroy(exec));
  EXPECT_OK(cudaGraphInstantiate(&exec, graph, 0));
  EXPECT_OK(cudaGraphExecDestroy(exec));
  EXPECT_OK(cudaGraphDestroy(graph));
}

TEST_F(Newest, ConditionalNodesRunTheirBody) {
  for (const unsigned value : {0u, 1u}) {
    cudaGraph_t graph = nullptr;
    ASSERT_OK(cudaGraphCreate(&graph, 0));
    cudaGraphConditionalHandle handle = 0;
    ASSERT_OK(cudaGraphConditionalHandleCreate(&handle, graph, value, cudaGraphCondAssignDefault));
    cudaGraphNodeParams params = {};
    params.type = cudaGraphNodeTypeConditional;
    params.conditional.handle = handle;
    params.conditional.type = cudaGraphCondTypeIf;
    params.conditional.size = 1;
    cudaGraphNode_t node = nullptr, fill = nullptr;
    ASSERT_OK(cudaGraphAddNode(&node, graph, nullptr, nullptr, 0, &params));
    ASSERT_NE(params.conditional.phGraph_out, nullptr);
    const cudaMemsetParams filling = {cells_, 0, 31, 4, 1, 1};
    ASSERT_OK(cudaGraphAddMemsetNode(&fill, params.conditional.phGraph_out[0], nullptr, 0, &filling));
    cudaGraphExec_t exec = nullptr;
    ASSERT_OK(cudaGraphInstantiate(&exec, graph, 0));
    EXPECT_OK(cudaGraphLaunch(exec, stream_));
    EXPECT_EQ(Read(0), value == 0 ? 0 : 31);
    EXPECT_OK(cudaGraphExecDestroy(exec));
    EXPECT_OK(cudaGraphDestroy(graph));
  }
}

TEST_F(Newest, LogsAreHandedOut) {
  std::string seen;
  const cudaLogsCallback_t listen = [](void* data, cudaLogLevel, char* text, size_t length) {
    static_cast<std::string*>(data)->append(text, length);
  };
  cudaLogsCallbackHandle handle = nullptr;
  ASSERT_OK(cudaLogsRegisterCallback(listen, &seen, &handle));
  cudaLogIterator now = 0;
  EXPECT_OK(cudaLogsCurrent(&now, 0));
  EXPECT_EQ(cudaFree(reinterpret_cast<void*>(64)), cudaErrorInvalidValue);
  EXPECT_FALSE(seen.empty());
  char text[4096] = "";
  size_t size_bytes = sizeof text;
  EXPECT_OK(cudaLogsDumpToMemory(&now, text, &size_bytes, 0));
  EXPECT_GT(size_bytes, 0u);
  EXPECT_OK(cudaLogsUnregisterCallback(handle));
  const std::string path = testing::TempDir() + "/cudart_logs.txt";
  EXPECT_OK(cudaLogsDumpToFile(nullptr, path.c_str(), 0));
  std::remove(path.c_str());
}

TEST_F(Newest, LocationsAreAdvisedAndPrefetchedTo) {
  void* managed = nullptr;
  ASSERT_OK(cudaMallocManaged(&managed, 1 << 16, cudaMemAttachGlobal));
  const cudaMemLocation device = {cudaMemLocationTypeDevice, 0};
  EXPECT_OK(cudaMemAdvise(managed, 1 << 16, cudaMemAdviseSetPreferredLocation, device));
  EXPECT_OK(cudaMemPrefetchAsync(managed, 1 << 16, device, 0, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  int where = -9;
  EXPECT_OK(cudaMemRangeGetAttribute(&where, sizeof where, cudaMemRangeAttributePreferredLocation, managed,
                                     1 << 16));
  EXPECT_EQ(where, 0);
  EXPECT_OK(cudaFree(managed));
}

TEST_F(Newest, PoolsBelongToLocations) {
  cudaMemLocation device = {cudaMemLocationTypeDevice, 0};
  cudaMemPool_t by_location = nullptr, by_device = nullptr;
  EXPECT_OK(cudaMemGetDefaultMemPool(&by_location, &device, cudaMemAllocationTypePinned));
  EXPECT_OK(cudaDeviceGetDefaultMemPool(&by_device, 0));
  EXPECT_EQ(by_location, by_device);
  EXPECT_OK(cudaMemSetMemPool(&device, cudaMemAllocationTypePinned, by_location));
  EXPECT_OK(cudaMemGetMemPool(&by_location, &device, cudaMemAllocationTypePinned));
  EXPECT_EQ(by_location, by_device);
}

TEST_F(Newest, CopiesComeInBatches) {
  int host[4] = {1, 2, 3, 4}, back[4] = {};
  ASSERT_OK(cudaDeviceSynchronize());
  void* dsts[] = {cells_, cells_ + 2};
  const void* srcs[] = {host, host + 2};
  const size_t sizes[] = {8, 8};
  size_t first = 0;
  cudaMemcpyAttributes attributes = {};
  attributes.srcAccessOrder = cudaMemcpySrcAccessOrderDuringApiCall;
  ASSERT_OK(cudaMemcpyBatchAsync(dsts, srcs, sizes, 2, &attributes, &first, 1, stream_));
  cudaMemcpy3DBatchOp box = {};
  box.src.type = box.dst.type = cudaMemcpyOperandTypePointer;
  box.src.op.ptr.ptr = cells_;
  box.dst.op.ptr.ptr = back;
  box.extent = {16, 1, 1};
  box.srcAccessOrder = cudaMemcpySrcAccessOrderStream;
  ASSERT_OK(cudaMemcpy3DBatchAsync(1, &box, 0, stream_));
  ASSERT_OK(cudaStreamSynchronize(stream_));
  EXPECT_EQ(std::memcmp(host, back, sizeof host), 0);
}

TEST_F(Newest, AtomicsReachTheHost) {
  const cudaAtomicOperation operations[] = {cudaAtomicOperationIntegerAdd, cudaAtomicOperationFloatMin};
  unsigned found[2] = {0, 1};
  ASSERT_OK(cudaDeviceGetHostAtomicCapabilities(found, operations, 2, 0));
  EXPECT_NE(found[0] & cudaAtomicCapabilityScalar64, 0u);
  EXPECT_EQ(found[1], 0u);
  EXPECT_EQ(cudaDeviceGetHostAtomicCapabilities(found, operations, 0, 0), cudaErrorInvalidValue);
  EXPECT_EQ(cudaDeviceGetP2PAtomicCapabilities(found, operations, 2, 0, 0), cudaErrorInvalidDevice);
  cudaGetLastError();
}

TEST_F(Newest, WritesOfOthersNeedNoFlush) {
  EXPECT_OK(cudaDeviceFlushGPUDirectRDMAWrites(cudaFlushGPUDirectRDMAWritesTargetCurrentDevice,
                                               cudaFlushGPUDirectRDMAWritesToAllDevices));
}

TEST_F(Newest, NotificationsAreRegistered) {
  cudaAsyncCallbackHandle_t callback = nullptr;
  const cudaAsyncCallback hear = [](cudaAsyncNotificationInfo_t*, void*, cudaAsyncCallbackHandle_t) {};
  ASSERT_OK(cudaDeviceRegisterAsyncNotification(0, hear, nullptr, &callback));
  EXPECT_OK(cudaDeviceUnregisterAsyncNotification(0, callback));
  EXPECT_EQ(cudaDeviceRegisterAsyncNotification(0, nullptr, nullptr, &callback), cudaErrorInvalidValue);
  cudaGetLastError();
}

TEST_F(Newest, NoFunctionIsUnified) {
  cudaLibrary_t library = nullptr;
  ASSERT_OK(cudaLibraryLoadData(&library, kModule, nullptr, nullptr, 0, nullptr, nullptr, 0));
  void* function = nullptr;
  EXPECT_EQ(cudaLibraryGetUnifiedFunction(&function, library, "store"), cudaErrorSymbolNotFound);
  cudaGetLastError();
  EXPECT_OK(cudaLibraryUnload(library));
}

}  // namespace
