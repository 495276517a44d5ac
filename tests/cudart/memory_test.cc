// Allocation, copies and fills: CUDA Runtime API, "Memory Management", "Stream Ordered Memory Allocator",
// "Unified Addressing".
#include <cstring>
#include <numeric>
#include <vector>

#include "tests/cudart/fixture.h"

namespace {

using Memory = RuntimeFixture;

TEST_F(Memory, NothingIsAllocatedAsNull) {
  void* pointer = this;
  EXPECT_OK(cudaMalloc(&pointer, 0));
  EXPECT_EQ(pointer, nullptr);
  EXPECT_OK(cudaFree(nullptr));
  EXPECT_OK(cudaFreeHost(nullptr));
  EXPECT_EQ(cudaMalloc(nullptr, 16), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMalloc(&pointer, size_t{1} << 60), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaGetLastError(), cudaErrorMemoryAllocation);
}

TEST_F(Memory, FreedMemoryIsFreeAgain) {
  size_t before = 0, during = 0, after = 0, total = 0;
  constexpr size_t kBytes = size_t{64} << 20;
  void* pointer = nullptr;
  ASSERT_OK(cudaMemGetInfo(&before, &total));
  ASSERT_OK(cudaMalloc(&pointer, kBytes));
  ASSERT_OK(cudaMemGetInfo(&during, &total));
  EXPECT_OK(cudaFree(pointer));
  ASSERT_OK(cudaMemGetInfo(&after, &total));
  EXPECT_LE(before, total);
  EXPECT_EQ(before - during, kBytes);
  EXPECT_EQ(after, before);
  EXPECT_EQ(cudaFree(pointer), cudaErrorInvalidValue);
}

TEST_F(Memory, PinnedMemoryHasItsFlagsAndADeviceAddress) {
  void* host = nullptr;
  ASSERT_OK(cudaHostAlloc(&host, 4096, cudaHostAllocMapped | cudaHostAllocPortable));
  unsigned flags = 0;
  EXPECT_OK(cudaHostGetFlags(&flags, host));
  EXPECT_EQ(flags & (cudaHostAllocMapped | cudaHostAllocPortable),
            cudaHostAllocMapped | cudaHostAllocPortable);
  int* device = nullptr;
  EXPECT_OK(cudaHostGetDevicePointer(reinterpret_cast<void**>(&device), host, 0));
  *static_cast<int*>(host) = 4;
  EXPECT_OK(LaunchAffine(device, 10, 2, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_EQ(*static_cast<int*>(host), 42);
  cudaPointerAttributes attributes;
  EXPECT_OK(cudaPointerGetAttributes(&attributes, host));
  EXPECT_EQ(attributes.type, cudaMemoryTypeHost);
  EXPECT_EQ(attributes.hostPointer, host);
  EXPECT_OK(cudaFreeHost(host));

  std::vector<int> own(1024, 1);
  EXPECT_EQ(cudaHostGetFlags(&flags, own.data()), cudaErrorInvalidValue);
  EXPECT_OK(cudaHostRegister(own.data(), 4096, cudaHostRegisterMapped));
  EXPECT_EQ(cudaHostRegister(own.data(), 4096, 0), cudaErrorHostMemoryAlreadyRegistered);
  EXPECT_OK(cudaHostUnregister(own.data()));
  EXPECT_EQ(cudaHostUnregister(own.data()), cudaErrorHostMemoryNotRegistered);
  void* pinned = nullptr;
  EXPECT_OK(cudaMallocHost(&pinned, 64));
  EXPECT_OK(cudaFreeHost(pinned));
}

TEST_F(Memory, PointersSayWhatTheyAre) {
  cudaPointerAttributes attributes;
  EXPECT_OK(cudaPointerGetAttributes(&attributes, cells_ + 3));
  EXPECT_EQ(attributes.type, cudaMemoryTypeDevice);
  EXPECT_EQ(attributes.device, 0);
  EXPECT_EQ(attributes.devicePointer, cells_ + 3);
  EXPECT_EQ(attributes.hostPointer, nullptr);
  int local = 0;
  EXPECT_OK(cudaPointerGetAttributes(&attributes, &local));
  EXPECT_EQ(attributes.type, cudaMemoryTypeUnregistered);
  int* managed = nullptr;
  ASSERT_OK(cudaMallocManaged(reinterpret_cast<void**>(&managed), 64, cudaMemAttachGlobal));
  EXPECT_OK(cudaPointerGetAttributes(&attributes, managed));
  EXPECT_EQ(attributes.type, cudaMemoryTypeManaged);
  EXPECT_EQ(attributes.hostPointer, managed);
  EXPECT_OK(cudaStreamAttachMemAsync(stream_, managed, 0, cudaMemAttachSingle));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_OK(cudaFree(managed));
  EXPECT_OK(cudaMallocManaged(reinterpret_cast<void**>(&managed), 0, cudaMemAttachGlobal));
}

TEST_F(Memory, RangesOfManagedMemoryKnowTheirAdvice) {
  void* managed = nullptr;
  ASSERT_OK(cudaMallocManaged(&managed, 1 << 16, cudaMemAttachGlobal));
  int read_mostly = -1, last = -3;
  EXPECT_OK(cudaMemRangeGetAttribute(&read_mostly, sizeof read_mostly, cudaMemRangeAttributeReadMostly,
                                     managed, 1 << 16));
  EXPECT_EQ(read_mostly, 0);
  void* data[] = {&read_mostly, &last};
  size_t sizes[] = {sizeof read_mostly, sizeof last};
  cudaMemRangeAttribute kinds[] = {cudaMemRangeAttributeReadMostly,
                                   cudaMemRangeAttributeLastPrefetchLocation};
  EXPECT_OK(cudaMemRangeGetAttributes(data, sizes, kinds, 2, managed, 1 << 16));
  EXPECT_EQ(last, cudaInvalidDeviceId);
  EXPECT_EQ(cudaMemRangeGetAttribute(&last, 2, cudaMemRangeAttributeReadMostly, managed, 1 << 16),
            cudaErrorInvalidValue);
  EXPECT_OK(cudaFree(managed));
}

TEST_F(Memory, RectanglesKeepToTheirPitch) {
  void* pitched = nullptr;
  size_t pitch = 0;
  ASSERT_OK(cudaMallocPitch(&pitched, &pitch, 100, 5));
  EXPECT_GE(pitch, 100u);
  EXPECT_EQ(pitch % 32, 0u);
  std::vector<unsigned char> source(500), target(500);
  std::iota(source.begin(), source.end(), 0);
  EXPECT_OK(cudaMemcpy2DAsync(pitched, pitch, source.data(), 100, 100, 5, cudaMemcpyHostToDevice, stream_));
  EXPECT_OK(cudaMemset2DAsync(static_cast<char*>(pitched) + 10, pitch, 0xEE, 4, 5, stream_));
  EXPECT_OK(cudaMemcpy2DAsync(target.data(), 100, pitched, pitch, 100, 5, cudaMemcpyDeviceToHost, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(target[i], i % 100 >= 10 && i % 100 < 14 ? 0xEE : source[i]) << i;
  }
  EXPECT_EQ(cudaMemcpy2D(pitched, 50, source.data(), 100, 100, 5, cudaMemcpyHostToDevice),
            cudaErrorInvalidPitchValue);
  EXPECT_OK(cudaMemset2D(pitched, pitch, 0, 100, 5));
  EXPECT_OK(cudaMemcpy2D(target.data(), 100, pitched, pitch, 100, 5, cudaMemcpyDeviceToHost));
  EXPECT_EQ(std::accumulate(target.begin(), target.end(), 0), 0);
  EXPECT_OK(cudaFree(pitched));
}

TEST_F(Memory, BoxesKeepToTheirSlices) {
  cudaPitchedPtr box;
  const cudaExtent extent = {40, 3, 4};
  ASSERT_OK(cudaMalloc3D(&box, extent));
  EXPECT_EQ(box.xsize, 40u);
  EXPECT_EQ(box.ysize, 3u);
  EXPECT_OK(cudaMemset3DAsync(box, 1, extent, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_OK(cudaMemset3D(box, 7, {8, 2, 4}));  // the first two rows of each slice
  std::vector<unsigned char> bytes(40 * 3 * 4);
  cudaMemcpy3DParms copy = {};
  copy.srcPtr = box;
  copy.dstPtr = {bytes.data(), 40, 40, 3};
  copy.extent = extent;
  copy.kind = cudaMemcpyDeviceToHost;
  EXPECT_OK(cudaMemcpy3DAsync(&copy, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  for (int i = 0; i < 480; ++i) {
    ASSERT_EQ(bytes[i], i % 40 < 8 && i / 40 % 3 < 2 ? 7 : 1) << i;
  }
  copy.srcPos = {0, 0, 1};
  copy.extent = {40, 3, 1};
  std::fill(bytes.begin(), bytes.end(), 0);
  EXPECT_OK(cudaMemcpy3D(&copy));
  EXPECT_EQ(bytes[0], 7);
  EXPECT_EQ(bytes[119], 1);
  EXPECT_EQ(bytes[120], 0);

  cudaMemcpy3DPeerParms peer = {};
  peer.srcPtr = box;
  peer.dstPtr = {cells_, 40, 40, 3};
  peer.extent = extent;
  EXPECT_OK(cudaMemcpy3DPeerAsync(&peer, stream_));
  EXPECT_EQ(Read(0), 0x07070707);
  EXPECT_EQ(Read(2), 0x01010101);
  EXPECT_OK(cudaMemset(cells_, 0, 480));
  EXPECT_OK(cudaMemcpy3DPeer(&peer));
  EXPECT_EQ(Read(1), 0x07070707);
  peer.dstDevice = 99;
  EXPECT_EQ(cudaMemcpy3DPeer(&peer), cudaErrorInvalidDevice);
  EXPECT_OK(cudaFree(box.ptr));
}

TEST_F(Memory, PeersOfOneDeviceAreItself) {
  EXPECT_OK(cudaMemset(cells_, 0x11, 64));
  EXPECT_OK(cudaMemcpyPeer(cells_ + 100, 0, cells_, 0, 64));
  EXPECT_EQ(Read(100), 0x11111111);
  EXPECT_OK(cudaMemcpyPeerAsync(cells_ + 200, 0, cells_, 0, 64, stream_));
  EXPECT_EQ(Read(200), 0x11111111);
  EXPECT_EQ(cudaMemcpyPeer(cells_ + 100, 0, cells_, 7, 64), cudaErrorInvalidDevice);
}

TEST_F(Memory, DirectionsAreChecked) {
  int value = 1;
  EXPECT_EQ(cudaMemcpy(cells_, &value, 4, static_cast<cudaMemcpyKind>(9)), cudaErrorInvalidMemcpyDirection);
  EXPECT_OK(cudaMemcpy(cells_, &value, 4, cudaMemcpyDefault));
  EXPECT_OK(cudaMemcpy(cells_ + 1, cells_, 4, cudaMemcpyDeviceToDevice));
  EXPECT_EQ(Read(1), 1);
}

TEST_F(Memory, StreamOrderedAllocationFollowsItsStream) {
  int* ordered = nullptr;
  ASSERT_OK(cudaMallocAsync(reinterpret_cast<void**>(&ordered), 64, stream_));
  EXPECT_OK(cudaMemsetAsync(ordered, 0, 64, stream_));
  EXPECT_OK(LaunchAffine(ordered, 1, 8, stream_));
  EXPECT_OK(cudaMemcpyAsync(cells_, ordered, 4, cudaMemcpyDeviceToDevice, stream_));
  EXPECT_OK(cudaFreeAsync(ordered, stream_));
  EXPECT_EQ(Read(0), 8);
  EXPECT_EQ(cudaFreeAsync(&ordered, stream_), cudaErrorInvalidValue);
}

TEST_F(Memory, PoolsAreMadeAndMeasured) {
  cudaMemPoolProps props = {};
  props.allocType = cudaMemAllocationTypePinned;
  props.location = {cudaMemLocationTypeDevice, 0};
  cudaMemPool_t pool = nullptr;
  ASSERT_OK(cudaMemPoolCreate(&pool, &props));
  unsigned long long threshold = 1 << 20, found = 0;
  EXPECT_OK(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
  EXPECT_OK(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &found));
  EXPECT_EQ(found, threshold);
  void* memory = nullptr;
  EXPECT_OK(cudaMallocFromPoolAsync(&memory, 4096, pool, stream_));
  EXPECT_OK(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &found));
  EXPECT_GE(found, 4096u);
  EXPECT_OK(cudaFreeAsync(memory, stream_));
  EXPECT_OK(cudaStreamSynchronize(stream_));
  EXPECT_OK(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &found));
  EXPECT_EQ(found, 0u);
  EXPECT_OK(cudaMemPoolTrimTo(pool, 0));
  EXPECT_OK(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReservedMemCurrent, &found));
  EXPECT_EQ(found, 0u);
  cudaMemAccessFlags flags = cudaMemAccessFlagsProtNone;
  cudaMemLocation location = {cudaMemLocationTypeDevice, 0};
  EXPECT_OK(cudaMemPoolGetAccess(&flags, pool, &location));
  EXPECT_EQ(flags, cudaMemAccessFlagsProtReadWrite);
  const cudaMemAccessDesc access = {location, cudaMemAccessFlagsProtReadWrite};
  EXPECT_OK(cudaMemPoolSetAccess(pool, &access, 1));

  cudaMemPool_t current = nullptr, by_default = nullptr;
  EXPECT_OK(cudaDeviceGetDefaultMemPool(&by_default, 0));
  EXPECT_OK(cudaDeviceSetMemPool(0, pool));
  EXPECT_OK(cudaDeviceGetMemPool(&current, 0));
  EXPECT_EQ(current, pool);
  EXPECT_OK(cudaDeviceSetMemPool(0, by_default));
  EXPECT_OK(cudaMemPoolDestroy(pool));
  EXPECT_NE(cudaMemPoolTrimTo(pool, 0), cudaSuccess);
}

}  // namespace
