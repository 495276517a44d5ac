// Memory and semaphores that come as file descriptors: of our own exporters. Those of Vulkan: vulkan_test.cc.
#include <cuda.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "tests/api/client_process.h"
#include "tests/api/context_fixture.h"

namespace {

constexpr size_t kGranule = size_t{2} << 20;

class ExternalMemory : public ContextFixture {
 protected:
  // Memory of a file that somebody else fills.
  static int CreateFile(size_t bytes, bool is_sealable = true) {
    const int fd = memfd_create("memory", MFD_CLOEXEC | (is_sealable ? MFD_ALLOW_SEALING : 0u));
    EXPECT_EQ(ftruncate(fd, static_cast<off_t>(bytes)), 0);
    return fd;
  }
  static CUDA_EXTERNAL_MEMORY_HANDLE_DESC Describe(int fd, size_t bytes) {
    CUDA_EXTERNAL_MEMORY_HANDLE_DESC description = {};
    description.type = CU_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD;
    description.handle.fd = fd;
    description.size = bytes;
    return description;
  }
  static CUresult Import(CUexternalMemory* memory, const CUDA_EXTERNAL_MEMORY_HANDLE_DESC& description) {
    return cuImportExternalMemory(memory, &description);
  }
  static CUresult MapBuffer(CUdeviceptr* buffer, CUexternalMemory memory, size_t offset, size_t bytes) {
    CUDA_EXTERNAL_MEMORY_BUFFER_DESC description = {};
    description.offset = offset;
    description.size = bytes;
    return cuExternalMemoryGetMappedBuffer(buffer, memory, &description);
  }
  // A view of the file, as another API would have it.
  static unsigned* View(int fd, size_t bytes) {
    void* const view = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    EXPECT_NE(view, MAP_FAILED);
    return static_cast<unsigned*>(view);
  }
  unsigned Load(CUdeviceptr where) {
    unsigned value = 0;
    EXPECT_OK(cuMemcpyDtoH(&value, where, sizeof value));
    return value;
  }
};

TEST_F(ExternalMemory, BuffersAreThePartsThatWereAskedFor) {
  const int fd = CreateFile(65536);
  unsigned* const view = View(fd, 65536);
  view[0] = 1;
  view[1000] = 2;
  CUexternalMemory memory = nullptr;
  ASSERT_OK(Import(&memory, Describe(fd, 65536)));
  CUdeviceptr whole = 0, part = 0, again = 0;
  ASSERT_OK(MapBuffer(&whole, memory, 0, 65536));
  ASSERT_OK(MapBuffer(&part, memory, 4000, 96));
  ASSERT_OK(MapBuffer(&again, memory, 0, 65536));
  EXPECT_NE(whole, again) << "each has addresses of its own";
  EXPECT_EQ(Load(whole), 1u);
  EXPECT_EQ(Load(part), 2u);
  ASSERT_OK(cuMemsetD32(part + 4, 3, 23));
  ASSERT_OK(cuCtxSynchronize());
  EXPECT_EQ(view[1001], 3u);
  EXPECT_EQ(Load(again + 4004), 3u);
  EXPECT_EQ(cuMemsetD8(part, 0, 97), CUDA_ERROR_INVALID_VALUE) << "past the buffer";
  ASSERT_OK(cuMemFree(again));
  ASSERT_OK(cuDestroyExternalMemory(memory));
  EXPECT_LT(fcntl(fd, F_GETFD), 0) << "the descriptor was the library's";
  EXPECT_EQ(MapBuffer(&again, memory, 0, 16), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(Load(whole), 1u) << "buffers outlive the memory that they are of";
  ASSERT_OK(cuMemFree(whole));
  ASSERT_OK(cuMemFree(part));
  EXPECT_EQ(cuMemFree(part), CUDA_ERROR_INVALID_VALUE);
  munmap(view, 65536);
}

TEST_F(ExternalMemory, OfCuMemCreate) {
  CUmemAllocationProp prop = {};
  prop.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  prop.location = {CU_MEM_LOCATION_TYPE_DEVICE, device_};
  prop.requestedHandleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
  CUmemGenericAllocationHandle handle = 0;
  CUdeviceptr range = 0, buffer = 0;
  int fd = -1;
  ASSERT_OK(cuMemCreate(&handle, kGranule, &prop, 0));
  ASSERT_OK(cuMemExportToShareableHandle(&fd, handle, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0));
  ASSERT_OK(cuMemAddressReserve(&range, kGranule, 0, 0, 0));
  ASSERT_OK(cuMemMap(range, kGranule, 0, handle, 0));
  const CUmemAccessDesc access = {prop.location, CU_MEM_ACCESS_FLAGS_PROT_READWRITE};
  ASSERT_OK(cuMemSetAccess(range, kGranule, &access, 1));
  CUexternalMemory memory = nullptr;
  ASSERT_OK(Import(&memory, Describe(fd, kGranule)));
  ASSERT_OK(MapBuffer(&buffer, memory, 64, 64));
  ASSERT_OK(cuMemsetD32(buffer, 5, 16));
  EXPECT_EQ(Load(range + 64), 5u);
  EXPECT_EQ(Load(range + 128), 0u);
  ASSERT_OK(cuMemFree(buffer));
  ASSERT_OK(cuMemUnmap(range, kGranule));
  ASSERT_OK(cuMemAddressFree(range, kGranule));
  ASSERT_OK(cuMemRelease(handle));
}

TEST_F(ExternalMemory, ArraysHaveTheirLevelsInIt) {
  const int fd = CreateFile(65536);
  unsigned* const view = View(fd, 65536);
  for (unsigned i = 0; i < 16384; ++i) view[i] = i;
  CUexternalMemory memory = nullptr;
  ASSERT_OK(Import(&memory, Describe(fd, 65536)));
  CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC description = {};
  description.offset = 4096;
  description.arrayDesc.Width = 64;
  description.arrayDesc.Height = 32;
  description.arrayDesc.Format = CU_AD_FORMAT_UNSIGNED_INT32;
  description.arrayDesc.NumChannels = 1;
  description.numLevels = 2;
  CUmipmappedArray mipmap = nullptr;
  ASSERT_OK(cuExternalMemoryGetMappedMipmappedArray(&mipmap, memory, &description));
  CUarray level = nullptr;
  unsigned row[64] = {};
  ASSERT_OK(cuMipmappedArrayGetLevel(&level, mipmap, 0));
  ASSERT_OK(cuMemcpyAtoH(row, level, 64 * 4, sizeof row));
  EXPECT_EQ(row[0], 1024u + 64) << "the second row";
  ASSERT_OK(cuMipmappedArrayGetLevel(&level, mipmap, 1));
  ASSERT_OK(cuMemcpyAtoH(row, level, 0, 128));
  EXPECT_EQ(row[0], 1024u + 64 * 32);
  description.arrayDesc.Width = 16384;
  EXPECT_EQ(cuExternalMemoryGetMappedMipmappedArray(&mipmap, memory, &description), CUDA_ERROR_INVALID_VALUE)
      << "larger than the memory";
  munmap(view, 65536);
}

TEST_F(ExternalMemory, WhatIsNone) {
  CUexternalMemory memory = nullptr;
  const int fd = CreateFile(8192), unsealable = CreateFile(8192, false);
  int pipes[2];
  ASSERT_EQ(pipe(pipes), 0);
  for (const int wrong : {-1, 9999, pipes[0], unsealable}) {
    EXPECT_EQ(Import(&memory, Describe(wrong, 4096)), CUDA_ERROR_INVALID_HANDLE);
  }
  EXPECT_EQ(Import(&memory, Describe(fd, 8193)), CUDA_ERROR_INVALID_HANDLE) << "larger than the file";
  EXPECT_EQ(Import(&memory, Describe(fd, 0)), CUDA_ERROR_INVALID_VALUE);
  CUDA_EXTERNAL_MEMORY_HANDLE_DESC description = Describe(fd, 8192);
  description.flags = 2;
  EXPECT_EQ(Import(&memory, description), CUDA_ERROR_INVALID_VALUE);
  description = Describe(fd, 8192);
  description.type = static_cast<CUexternalMemoryHandleType>(77);
  EXPECT_EQ(Import(&memory, description), CUDA_ERROR_INVALID_VALUE);
  description.type = CU_EXTERNAL_MEMORY_HANDLE_TYPE_D3D12_HEAP;
  EXPECT_EQ(Import(&memory, description), CUDA_ERROR_NOT_SUPPORTED);
  description.type = CU_EXTERNAL_MEMORY_HANDLE_TYPE_DMABUF_FD;
  EXPECT_EQ(Import(&memory, description), CUDA_ERROR_NOT_SUPPORTED)
      << "no device here has the memory of another";
  EXPECT_GE(fcntl(fd, F_GETFD), 0) << "a descriptor that was refused stays the program's";
  ASSERT_OK(Import(&memory, Describe(fd, 8192)));
  CUdeviceptr buffer = 0;
  EXPECT_EQ(MapBuffer(&buffer, memory, 0, 8193), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(MapBuffer(&buffer, memory, 8192, 1), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(MapBuffer(&buffer, memory, ~size_t{0}, 2), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(MapBuffer(&buffer, memory, 0, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(MapBuffer(&buffer, nullptr, 0, 16), CUDA_ERROR_INVALID_HANDLE);
  for (const int each : {pipes[0], pipes[1], unsealable}) close(each);
}

class ExternalSemaphores : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING));
    const std::string number = exporter_.Ask("descriptor").rest;
    path_ = "/proc/" + std::to_string(exporter_.pid()) + "/fd/" + number;
  }
  CUexternalSemaphore Import(CUexternalSemaphoreHandleType type) {
    CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC description = {};
    description.type = type;
    description.handle.fd = open(path_.c_str(), O_RDWR | O_CLOEXEC);
    CUexternalSemaphore semaphore = nullptr;
    EXPECT_OK(cuImportExternalSemaphore(&semaphore, &description));
    EXPECT_LT(fcntl(description.handle.fd, F_GETFD), 0) << "the descriptor is the library's now";
    return semaphore;
  }
  static CUresult Signal(CUexternalSemaphore semaphore, uint64_t value, CUstream stream) {
    CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS params = {};
    params.params.fence.value = value;
    return cuSignalExternalSemaphoresAsync(&semaphore, &params, 1, stream);
  }
  static CUresult Wait(CUexternalSemaphore semaphore, uint64_t value, CUstream stream) {
    CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS params = {};
    params.params.fence.value = value;
    return cuWaitExternalSemaphoresAsync(&semaphore, &params, 1, stream);
  }
  std::string Value() { return exporter_.Ask("query").rest; }

  CUstream stream_ = nullptr;
  ClientProcess exporter_{TQ_TEST_EXPORTER};
  std::string path_;
};

TEST_F(ExternalSemaphores, TheDeviceSaysSo) {
  int value = 0;
  ASSERT_OK(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_TIMELINE_SEMAPHORE_INTEROP_SUPPORTED, device_));
  EXPECT_EQ(value, 1);
}

TEST_F(ExternalSemaphores, AStreamWaitsForATimeline) {
  const CUexternalSemaphore semaphore = Import(CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_FD);
  ASSERT_OK(Wait(semaphore, 5, stream_));
  EXPECT_EQ(cuStreamQuery(stream_), CUDA_ERROR_NOT_READY);
  exporter_.Ask("signal 4");
  EXPECT_EQ(cuStreamQuery(stream_), CUDA_ERROR_NOT_READY);
  exporter_.Ask("signal 5");
  EXPECT_OK(cuStreamSynchronize(stream_));
  ASSERT_OK(Wait(semaphore, 3, stream_));
  EXPECT_OK(cuStreamSynchronize(stream_)) << "it has been reached";
}

TEST_F(ExternalSemaphores, AStreamSignalsATimelineInItsTurn) {
  const CUexternalSemaphore semaphore = Import(CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_FD);
  {
    Gate gate;
    ASSERT_OK(gate.Hold(stream_));
    ASSERT_OK(Signal(semaphore, 7, stream_));
    ASSERT_OK(cuDestroyExternalSemaphore(semaphore)) << "what was submitted is done all the same";
    EXPECT_EQ(Value(), "0");
  }
  exporter_.Ask("wait 7");
  EXPECT_EQ(Value(), "7");
  EXPECT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(Signal(semaphore, 8, stream_), CUDA_ERROR_INVALID_HANDLE);
}

TEST_F(ExternalSemaphores, ABinaryOneCounts) {
  const CUexternalSemaphore semaphore = Import(CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD);
  ASSERT_OK(Wait(semaphore, 0, stream_));
  EXPECT_EQ(cuStreamQuery(stream_), CUDA_ERROR_NOT_READY);
  exporter_.Ask("signal 1");
  EXPECT_OK(cuStreamSynchronize(stream_));
  ASSERT_OK(Wait(semaphore, 0, stream_));
  EXPECT_EQ(cuStreamQuery(stream_), CUDA_ERROR_NOT_READY) << "each wait takes a signal";
  exporter_.Ask("signal 2");
  EXPECT_OK(cuStreamSynchronize(stream_));
}

TEST_F(ExternalSemaphores, OneCallTakesSeveral) {
  const CUexternalSemaphore first = Import(CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_FD);
  const CUexternalSemaphore second = Import(CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_FD);
  const CUexternalSemaphore both[] = {first, second};
  CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS waits[2] = {};
  waits[0].params.fence.value = 2;
  waits[1].params.fence.value = 3;
  ASSERT_OK(cuWaitExternalSemaphoresAsync(both, waits, 2, stream_));
  exporter_.Ask("signal 2");
  EXPECT_EQ(cuStreamQuery(stream_), CUDA_ERROR_NOT_READY);
  exporter_.Ask("signal 3");
  EXPECT_OK(cuStreamSynchronize(stream_));
  EXPECT_OK(cuWaitExternalSemaphoresAsync(both, waits, 0, stream_));
  waits[0].flags = 1;
  EXPECT_EQ(cuWaitExternalSemaphoresAsync(both, waits, 1, stream_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuWaitExternalSemaphoresAsync(nullptr, waits, 1, stream_), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(ExternalSemaphores, ATimelineOutlivesItsExporter) {
  const CUexternalSemaphore semaphore = Import(CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_FD);
  exporter_.Kill();
  ASSERT_OK(Signal(semaphore, 1, stream_));
  ASSERT_OK(Wait(semaphore, 1, stream_));
  EXPECT_OK(cuStreamSynchronize(stream_));
}

TEST_F(ExternalSemaphores, WhatIsNone) {
  CUexternalSemaphore semaphore = nullptr;
  CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC description = {};
  description.type = CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_FD;
  const int other = memfd_create("other", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  ASSERT_EQ(ftruncate(other, 4096), 0);
  ASSERT_EQ(fcntl(other, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
  for (const int wrong : {-1, 9999, other}) {
    description.handle.fd = wrong;
    EXPECT_EQ(cuImportExternalSemaphore(&semaphore, &description), CUDA_ERROR_INVALID_HANDLE);
  }
  EXPECT_GE(fcntl(other, F_GETFD), 0);
  description.flags = 1;
  EXPECT_EQ(cuImportExternalSemaphore(&semaphore, &description), CUDA_ERROR_INVALID_VALUE);
  description.flags = 0;
  description.type = static_cast<CUexternalSemaphoreHandleType>(0);
  EXPECT_EQ(cuImportExternalSemaphore(&semaphore, &description), CUDA_ERROR_INVALID_VALUE);
  description.type = CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_NVSCISYNC;
  EXPECT_EQ(cuImportExternalSemaphore(&semaphore, &description), CUDA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(cuDestroyExternalSemaphore(nullptr), CUDA_ERROR_INVALID_HANDLE);
  close(other);
}

TEST_F(ExternalSemaphores, NodesOfAGraph) {
  CUexternalSemaphore semaphore = Import(CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_FD);
  CUdeviceptr word = 0;
  ASSERT_OK(cuMemAlloc(&word, 4));
  CUgraph graph = nullptr;
  CUgraphNode wait = nullptr, fill = nullptr, signal = nullptr;
  ASSERT_OK(cuGraphCreate(&graph, 0));
  CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS wait_params = {};
  wait_params.params.fence.value = 1;
  CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS signal_params = {};
  signal_params.params.fence.value = 2;
  CUDA_EXT_SEM_WAIT_NODE_PARAMS wait_node = {&semaphore, &wait_params, 1};
  CUDA_EXT_SEM_SIGNAL_NODE_PARAMS signal_node = {&semaphore, &signal_params, 1};
  CUDA_MEMSET_NODE_PARAMS fill_node = {word, 0, 9, 4, 1, 1};
  ASSERT_OK(cuGraphAddExternalSemaphoresWaitNode(&wait, graph, nullptr, 0, &wait_node));
  ASSERT_OK(cuGraphAddMemsetNode(&fill, graph, &wait, 1, &fill_node, context_));
  ASSERT_OK(cuGraphAddExternalSemaphoresSignalNode(&signal, graph, &fill, 1, &signal_node));

  CUDA_EXT_SEM_WAIT_NODE_PARAMS got = {};
  ASSERT_OK(cuGraphExternalSemaphoresWaitNodeGetParams(wait, &got));
  ASSERT_EQ(got.numExtSems, 1u);
  EXPECT_EQ(got.extSemArray[0], semaphore);
  EXPECT_EQ(got.paramsArray[0].params.fence.value, 1u);
  EXPECT_EQ(cuGraphExternalSemaphoresWaitNodeGetParams(signal, &got), CUDA_ERROR_INVALID_VALUE);
  CUgraphNodeType type = {};
  ASSERT_OK(cuGraphNodeGetType(signal, &type));
  EXPECT_EQ(type, CU_GRAPH_NODE_TYPE_EXT_SEMAS_SIGNAL);

  CUgraphExec exec = nullptr;
  ASSERT_OK(cuGraphInstantiate(&exec, graph, 0));
  ASSERT_OK(cuMemsetD32(word, 0, 1));
  ASSERT_OK(cuCtxSynchronize());
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(cuStreamQuery(stream_), CUDA_ERROR_NOT_READY);
  EXPECT_EQ(Value(), "0");
  exporter_.Ask("signal 1");
  exporter_.Ask("wait 2");
  unsigned value = 0;
  ASSERT_OK(cuMemcpyDtoH(&value, word, 4));
  EXPECT_EQ(value, 9u);

  // The executable goes on to the next values.
  wait_params.params.fence.value = 3;
  signal_params.params.fence.value = 4;
  ASSERT_OK(cuGraphExecExternalSemaphoresWaitNodeSetParams(exec, wait, &wait_node));
  ASSERT_OK(cuGraphExecExternalSemaphoresSignalNodeSetParams(exec, signal, &signal_node));
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  EXPECT_EQ(cuStreamQuery(stream_), CUDA_ERROR_NOT_READY);
  exporter_.Ask("signal 3");
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(Value(), "4");

  ASSERT_OK(cuGraphExternalSemaphoresSignalNodeSetParams(signal, &signal_node));
  CUexternalSemaphore none = nullptr;
  signal_node.extSemArray = &none;
  EXPECT_EQ(cuGraphExternalSemaphoresSignalNodeSetParams(signal, &signal_node), CUDA_ERROR_INVALID_HANDLE);
  ASSERT_OK(cuGraphExecDestroy(exec));
  ASSERT_OK(cuGraphDestroy(graph));
}

TEST_F(ExternalSemaphores, ACaptureMakesNodes) {
  const CUexternalSemaphore semaphore = Import(CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_FD);
  ASSERT_OK(cuStreamBeginCapture(stream_, CU_STREAM_CAPTURE_MODE_GLOBAL));
  ASSERT_OK(Wait(semaphore, 1, stream_));
  ASSERT_OK(Signal(semaphore, 2, stream_));
  CUgraph graph = nullptr;
  ASSERT_OK(cuStreamEndCapture(stream_, &graph));
  EXPECT_EQ(Value(), "0") << "nothing is done yet";
  size_t count = 0;
  ASSERT_OK(cuGraphGetNodes(graph, nullptr, &count));
  EXPECT_EQ(count, 2u);
  CUgraphExec exec = nullptr;
  ASSERT_OK(cuGraphInstantiate(&exec, graph, 0));
  ASSERT_OK(cuGraphLaunch(exec, stream_));
  exporter_.Ask("signal 1");
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(Value(), "2");
  ASSERT_OK(cuGraphExecDestroy(exec));
  ASSERT_OK(cuGraphDestroy(graph));
}

}  // namespace
