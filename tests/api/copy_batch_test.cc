#include <cuda.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <vector>

#include "tests/api/context_fixture.h"

namespace {

class CopyBatches : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING));
    attribute_.srcAccessOrder = CU_MEMCPY_SRC_ACCESS_ORDER_STREAM;
  }
  CUdeviceptr Allocate(size_t bytes) {
    CUdeviceptr memory = 0;
    EXPECT_OK(cuMemAlloc(&memory, bytes));
    EXPECT_OK(cuMemsetD8(memory, 0, bytes));
    EXPECT_OK(cuCtxSynchronize());
    return memory;
  }
  template <typename T>
  static CUdeviceptr Pointer(const T* pointer) {
    return reinterpret_cast<CUdeviceptr>(pointer);
  }
  CUresult Copy(std::vector<CUdeviceptr> dsts, std::vector<CUdeviceptr> srcs, std::vector<size_t> sizes) {
    return cuMemcpyBatchAsync(dsts.data(), srcs.data(), sizes.data(), dsts.size(), &attribute_, &first_, 1,
                              stream_);
  }
  unsigned Load(CUdeviceptr where) {
    unsigned value = 0;
    EXPECT_OK(cuMemcpyDtoH(&value, where, sizeof value));
    return value;
  }

  CUstream stream_ = nullptr;
  CUmemcpyAttributes attribute_ = {};
  size_t first_ = 0;
};

TEST_F(CopyBatches, AllDirectionsInOneBatch) {
  std::vector<unsigned> host(256), back(256);
  std::iota(host.begin(), host.end(), 1000);
  const CUdeviceptr a = Allocate(1024), b = Allocate(1024);
  ASSERT_OK(Copy({a}, {Pointer(host.data())}, {1024}));
  ASSERT_OK(Copy({b, Pointer(back.data())}, {a, a + 512}, {1024, 512}));
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(Load(b + 1020), 1255u);
  EXPECT_EQ(back[0], 1128u);
  EXPECT_EQ(back[127], 1255u);
  EXPECT_EQ(back[128], 0u);
}

TEST_F(CopyBatches, ABatchStandsInItsStream) {
  const CUdeviceptr a = Allocate(4), b = Allocate(4), c = Allocate(4);
  {
    Gate gate;
    ASSERT_OK(gate.Hold(stream_));
    ASSERT_OK(cuMemsetD32Async(a, 5, 1, stream_));
    ASSERT_OK(Copy({b, c}, {a, a}, {4, 4}));
    ASSERT_OK(cuMemsetD32Async(a, 6, 1, stream_));
    EXPECT_EQ(cuStreamQuery(stream_), CUDA_ERROR_NOT_READY);
  }
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(Load(b), 5u);
  EXPECT_EQ(Load(c), 5u);
}

TEST_F(CopyBatches, ASourceIsReadWhenItsAttributesSay) {
  void* memory = nullptr;
  ASSERT_OK(cuMemHostAlloc(&memory, 8, 0));
  auto* const pinned = static_cast<unsigned*>(memory);
  pinned[0] = pinned[1] = 1;
  std::vector<CUdeviceptr> dsts = {Allocate(4), Allocate(4)},
                           srcs = {Pointer(&pinned[0]), Pointer(&pinned[1])};
  std::vector<size_t> sizes = {4, 4}, indices = {0, 1};
  CUmemcpyAttributes attributes[2] = {};
  attributes[0].srcAccessOrder = CU_MEMCPY_SRC_ACCESS_ORDER_STREAM;
  attributes[1].srcAccessOrder = CU_MEMCPY_SRC_ACCESS_ORDER_DURING_API_CALL;
  {
    Gate gate;
    ASSERT_OK(gate.Hold(stream_));
    ASSERT_OK(cuMemcpyBatchAsync(dsts.data(), srcs.data(), sizes.data(), 2, attributes, indices.data(), 2,
                                 stream_));
    pinned[0] = pinned[1] = 2;
  }
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(Load(dsts[0]), 2u) << "in stream order";
  EXPECT_EQ(Load(dsts[1]), 1u) << "before the call returned";
}

TEST_F(CopyBatches, RulesOfABatch) {
  const CUdeviceptr a = Allocate(16), b = Allocate(16);
  std::vector<CUdeviceptr> dsts = {b, b + 8}, srcs = {a, a + 8};
  std::vector<size_t> sizes = {8, 8};
  CUmemcpyAttributes attributes[3] = {attribute_, attribute_, attribute_};
  const auto copy = [&](std::vector<size_t> indices, CUstream stream) {
    return cuMemcpyBatchAsync(dsts.data(), srcs.data(), sizes.data(), 2, attributes, indices.data(),
                              indices.size(), stream);
  };
  EXPECT_OK(copy({0}, stream_));
  EXPECT_OK(copy({0, 1}, stream_));
  EXPECT_OK(copy({0}, CU_STREAM_PER_THREAD));
  EXPECT_EQ(copy({0}, nullptr), CUDA_ERROR_INVALID_VALUE) << "the legacy default stream";
  EXPECT_EQ(copy({1}, stream_), CUDA_ERROR_INVALID_VALUE) << "the first has no attributes";
  EXPECT_EQ(copy({0, 0}, stream_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(copy({0, 2}, stream_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(copy({0, 1, 1}, stream_), CUDA_ERROR_INVALID_VALUE);
  attributes[0].srcAccessOrder = CU_MEMCPY_SRC_ACCESS_ORDER_INVALID;
  EXPECT_EQ(copy({0}, stream_), CUDA_ERROR_INVALID_VALUE);
  attributes[0] = attribute_;
  attributes[0].flags = 8;
  EXPECT_EQ(copy({0}, stream_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(Copy({b}, {a}, {17}), CUDA_ERROR_INVALID_VALUE) << "past the allocation";
  EXPECT_EQ(Copy({b}, {a}, {0}), CUDA_ERROR_INVALID_VALUE);
}

// The first version named the operation that failed; programs find it by cuGetProcAddress for CUDA 12.8.
TEST_F(CopyBatches, TheFirstVersionNamesTheOperationThatFails) {
  using Function = CUresult (*)(CUdeviceptr*, CUdeviceptr*, size_t*, size_t, CUmemcpyAttributes*, size_t*,
                                size_t, size_t*, CUstream);
  void* found = nullptr;
  ASSERT_OK(cuGetProcAddress("cuMemcpyBatchAsync", &found, 12080, CU_GET_PROC_ADDRESS_DEFAULT, nullptr));
  const auto copy = reinterpret_cast<Function>(found);
  const CUdeviceptr a = Allocate(16), b = Allocate(16);
  CUdeviceptr dsts[] = {b, b, b}, srcs[] = {a, a, a};
  size_t sizes[] = {8, 32, 8}, failed = 0;
  EXPECT_EQ(copy(dsts, srcs, sizes, 3, &attribute_, &first_, 1, &failed, stream_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(failed, 1u);
  EXPECT_EQ(copy(dsts, srcs, sizes, 0, &attribute_, &first_, 1, &failed, stream_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(failed, SIZE_MAX);
}

class CopyBatches3D : public CopyBatches {
 protected:
  static CUmemcpy3DOperand At(CUdeviceptr pointer, size_t row_length, size_t layer_height) {
    CUmemcpy3DOperand operand = {};
    operand.type = CU_MEMCPY_OPERAND_TYPE_POINTER;
    operand.op.ptr.ptr = pointer;
    operand.op.ptr.rowLength = row_length;
    operand.op.ptr.layerHeight = layer_height;
    return operand;
  }
  static CUmemcpy3DOperand In(CUarray array, CUoffset3D offset) {
    CUmemcpy3DOperand operand = {};
    operand.type = CU_MEMCPY_OPERAND_TYPE_ARRAY;
    operand.op.array.array = array;
    operand.op.array.offset = offset;
    return operand;
  }
  static CUDA_MEMCPY3D_BATCH_OP Operation(const CUmemcpy3DOperand& dst, const CUmemcpy3DOperand& src,
                                          CUextent3D extent) {
    CUDA_MEMCPY3D_BATCH_OP operation = {};
    operation.dst = dst;
    operation.src = src;
    operation.extent = extent;
    operation.srcAccessOrder = CU_MEMCPY_SRC_ACCESS_ORDER_STREAM;
    return operation;
  }
  CUarray CreateArray(size_t width, size_t height, size_t depth) {
    CUDA_ARRAY3D_DESCRIPTOR descriptor = {};
    descriptor.Width = width, descriptor.Height = height, descriptor.Depth = depth;
    descriptor.Format = CU_AD_FORMAT_UNSIGNED_INT32;
    descriptor.NumChannels = 1;
    CUarray array = nullptr;
    EXPECT_OK(cuArray3DCreate(&array, &descriptor));
    return array;
  }
};

TEST_F(CopyBatches3D, BoxesOfPointersAndArrays) {
  // A box of 4 x 3 x 2 words, within rows of 8 and layers of 5, goes into an array and out into packed
  // memory.
  std::vector<unsigned> source(8 * 5 * 2), packed(4 * 3 * 2);
  std::iota(source.begin(), source.end(), 0);
  const CUarray array = CreateArray(16, 8, 4);
  CUDA_MEMCPY3D_BATCH_OP in = Operation(In(array, {2, 1, 1}), At(Pointer(source.data()), 8, 5), {4, 3, 2});
  CUDA_MEMCPY3D_BATCH_OP out = Operation(At(Pointer(packed.data()), 0, 0), In(array, {2, 1, 1}), {4, 3, 2});
  ASSERT_OK(cuMemcpy3DBatchAsync(1, &in, 0, stream_));
  ASSERT_OK(cuMemcpy3DBatchAsync(1, &out, 0, stream_));
  ASSERT_OK(cuStreamSynchronize(stream_));
  for (unsigned z = 0; z < 2; ++z) {
    for (unsigned y = 0; y < 3; ++y) {
      for (unsigned x = 0; x < 4; ++x) ASSERT_EQ(packed[(z * 3 + y) * 4 + x], (z * 5 + y) * 8 + x);
    }
  }
}

TEST_F(CopyBatches3D, BetweenPointersElementsAreBytes) {
  const CUdeviceptr a = Allocate(256), b = Allocate(256);
  ASSERT_OK(cuMemsetD8(a, 9, 256));
  ASSERT_OK(cuCtxSynchronize());
  CUDA_MEMCPY3D_BATCH_OP copy = Operation(At(b, 16, 4), At(a, 16, 4), {3, 2, 1});
  ASSERT_OK(cuMemcpy3DBatchAsync(1, &copy, 0, stream_));
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(Load(b), 0x00090909u);
  EXPECT_EQ(Load(b + 16), 0x00090909u);
  EXPECT_EQ(Load(b + 32), 0u);
}

TEST_F(CopyBatches3D, ABoxIsReadDuringTheCall) {
  void* memory = nullptr;
  ASSERT_OK(cuMemHostAlloc(&memory, 64, 0));
  auto* const pinned = static_cast<unsigned*>(memory);
  std::fill_n(pinned, 16, 1u);
  const CUdeviceptr target = Allocate(64);
  CUDA_MEMCPY3D_BATCH_OP copy = Operation(At(target, 16, 2), At(Pointer(pinned), 16, 2), {8, 2, 2});
  copy.srcAccessOrder = CU_MEMCPY_SRC_ACCESS_ORDER_DURING_API_CALL;
  {
    Gate gate;
    ASSERT_OK(gate.Hold(stream_));
    ASSERT_OK(cuMemcpy3DBatchAsync(1, &copy, 0, stream_));
    std::fill_n(pinned, 16, 2u);
  }
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(Load(target + 48), 1u);
  EXPECT_EQ(Load(target + 56), 0u) << "outside of the box";
}

TEST_F(CopyBatches3D, Rules) {
  const CUarray array = CreateArray(4, 4, 0);
  const CUdeviceptr a = Allocate(256);
  CUDA_MEMCPY3D_BATCH_OP copy = Operation(In(array, {}), At(a, 4, 4), {4, 4, 1});
  EXPECT_OK(cuMemcpy3DBatchAsync(1, &copy, 0, stream_));
  EXPECT_EQ(cuMemcpy3DBatchAsync(1, &copy, 1, stream_), CUDA_ERROR_INVALID_VALUE) << "flags";
  EXPECT_EQ(cuMemcpy3DBatchAsync(0, &copy, 0, stream_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemcpy3DBatchAsync(1, &copy, 0, nullptr), CUDA_ERROR_INVALID_VALUE);
  copy.dst.op.array.offset.x = 1;
  EXPECT_EQ(cuMemcpy3DBatchAsync(1, &copy, 0, stream_), CUDA_ERROR_INVALID_VALUE) << "past the array";
  copy.dst.type = static_cast<CUmemcpy3DOperandType>(7);
  EXPECT_EQ(cuMemcpy3DBatchAsync(1, &copy, 0, stream_), CUDA_ERROR_INVALID_VALUE);
}

class ManagedBatches : public CopyBatches {
 protected:
  void SetUp() override {
    CopyBatches::SetUp();
    for (CUdeviceptr& range : ranges_) ASSERT_OK(cuMemAllocManaged(&range, 4096, CU_MEM_ATTACH_GLOBAL));
  }
  int LastPrefetch(CUdeviceptr range) {
    int where = 0;
    EXPECT_OK(cuMemRangeGetAttribute(&where, sizeof where, CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION,
                                     range, 64));
    return where;
  }
  CUdeviceptr ranges_[3] = {};
  size_t sizes_[3] = {4096, 4096, 4096};
  CUmemLocation locations_[2] = {{CU_MEM_LOCATION_TYPE_DEVICE, 0}, {CU_MEM_LOCATION_TYPE_HOST, 0}};
};

TEST_F(ManagedBatches, PrefetchesGoWhereTheIndicesSay) {
  size_t indices[2] = {0, 2};
  ASSERT_OK(cuMemPrefetchBatchAsync(ranges_, sizes_, 3, locations_, indices, 2, 0, stream_));
  EXPECT_EQ(LastPrefetch(ranges_[0]), 0);
  EXPECT_EQ(LastPrefetch(ranges_[1]), 0);
  EXPECT_EQ(LastPrefetch(ranges_[2]), CU_DEVICE_CPU);
  ASSERT_OK(cuMemDiscardAndPrefetchBatchAsync(ranges_, sizes_, 3, &locations_[1], indices, 1, 0, stream_));
  EXPECT_EQ(LastPrefetch(ranges_[0]), CU_DEVICE_CPU);
}

TEST_F(ManagedBatches, ADiscardedRangeIsWrittenAnew) {
  ASSERT_OK(cuMemsetD32Async(ranges_[0], 1, 1024, stream_));
  ASSERT_OK(cuMemDiscardBatchAsync(ranges_, sizes_, 3, 0, stream_));
  ASSERT_OK(cuMemsetD32Async(ranges_[0], 2, 1024, stream_));
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(Load(ranges_[0]), 2u);
}

TEST_F(ManagedBatches, Rules) {
  size_t indices[2] = {0, 1};
  const auto prefetch = [&](size_t count, size_t locations, unsigned long long flags) {
    return cuMemPrefetchBatchAsync(ranges_, sizes_, count, locations_, indices, locations, flags, stream_);
  };
  EXPECT_EQ(prefetch(0, 1, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(prefetch(3, 0, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(prefetch(1, 2, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(prefetch(3, 2, 1), CUDA_ERROR_INVALID_VALUE);
  indices[1] = 0;
  EXPECT_EQ(prefetch(3, 2, 0), CUDA_ERROR_INVALID_VALUE);
  indices[1] = 1;
  locations_[1] = {CU_MEM_LOCATION_TYPE_DEVICE, 99};
  EXPECT_EQ(prefetch(3, 2, 0), CUDA_ERROR_INVALID_DEVICE);
  ranges_[1] = Allocate(4096);
  EXPECT_EQ(prefetch(3, 1, 0), CUDA_ERROR_INVALID_VALUE) << "not managed";
  EXPECT_EQ(cuMemDiscardBatchAsync(ranges_, sizes_, 3, 0, stream_), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemDiscardBatchAsync(ranges_, sizes_, 1, 4, stream_), CUDA_ERROR_INVALID_VALUE);
}

}  // namespace
