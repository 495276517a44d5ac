// CUB's device-wide, block-wide and warp-wide algorithms from the toolkit's own headers, each against a host
// loop.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cub/cub.cuh>
#include <numeric>
#include <vector>

#define CHECK(call)                                                                                  \
  do {                                                                                               \
    const cudaError_t error = (call);                                                                \
    if (error != cudaSuccess) {                                                                      \
      std::fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, cudaGetErrorString(error)); \
      std::exit(1);                                                                                  \
    }                                                                                                \
  } while (false)

namespace {

constexpr int kCount = 40'009;
int failures = 0;

template <typename T>
class DeviceArray {
 public:
  explicit DeviceArray(size_t count) : count_(count) { CHECK(cudaMalloc(&pointer_, count * sizeof(T))); }
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    CHECK(cudaMemcpy(pointer_, values.data(), count_ * sizeof(T), cudaMemcpyHostToDevice));
  }
  DeviceArray(const DeviceArray&) = delete;
  ~DeviceArray() { cudaFree(pointer_); }
  T* get() { return pointer_; }
  std::vector<T> Read(size_t count) const {
    std::vector<T> values(count);
    CHECK(cudaMemcpy(values.data(), pointer_, count * sizeof(T), cudaMemcpyDeviceToHost));
    return values;
  }
  std::vector<T> Read() const { return Read(count_); }

 private:
  T* pointer_ = nullptr;
  size_t count_;
};

// Every device-wide algorithm is called twice: once to learn how much scratch memory it wants, once to run.
template <typename Algorithm>
void RunTwice(Algorithm algorithm) {
  size_t size_bytes = 0;
  CHECK(algorithm(nullptr, size_bytes));
  DeviceArray<char> scratch(size_bytes == 0 ? 1 : size_bytes);
  CHECK(algorithm(scratch.get(), size_bytes));
  CHECK(cudaDeviceSynchronize());
}

template <typename T>
void Expect(const char* what, const std::vector<T>& actual, const std::vector<T>& expected) {
  failures += actual != expected;
  std::printf("%s: %zu values, %s\n", what, expected.size(), actual == expected ? "right" : "wrong");
}

std::vector<int> Random(int count, unsigned seed, unsigned range) {
  std::vector<int> values(count);
  for (int& value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<int>((seed >> 8) % range);
  }
  return values;
}

struct IsEven {
  __host__ __device__ bool operator()(int value) const { return value % 2 == 0; }
};

void TestSorts() {
  const std::vector<int> keys = Random(kCount, 1, 1000);
  std::vector<int> order(kCount);
  std::iota(order.begin(), order.end(), 0);
  DeviceArray<int> in(keys), values_in(order), out(kCount), values_out(kCount);
  RunTwice([&](void* scratch, size_t& size) {
    return cub::DeviceRadixSort::SortPairs(scratch, size, in.get(), out.get(), values_in.get(),
                                           values_out.get(), kCount);
  });
  std::vector<int> by_key = order;
  std::stable_sort(by_key.begin(), by_key.end(), [&](int a, int b) { return keys[a] < keys[b]; });
  Expect("DeviceRadixSort::SortPairs", values_out.Read(), by_key);

  RunTwice([&](void* scratch, size_t& size) {
    return cub::DeviceMergeSort::StableSortKeysCopy(scratch, size, in.get(), out.get(), kCount,
                                                    cuda::std::less<int>());
  });
  std::vector<int> sorted = keys;
  std::sort(sorted.begin(), sorted.end());
  Expect("DeviceMergeSort", out.Read(), sorted);

  const std::vector<int> offsets = {0, 100, 100, 3000, 3001, 30'000, kCount};
  DeviceArray<int> device_offsets(offsets);
  RunTwice([&](void* scratch, size_t& size) {
    return cub::DeviceSegmentedSort::SortKeys(scratch, size, in.get(), out.get(), kCount, 6,
                                              device_offsets.get(), device_offsets.get() + 1);
  });
  std::vector<int> by_segment = keys;
  for (int i = 0; i < 6; ++i) std::sort(by_segment.begin() + offsets[i], by_segment.begin() + offsets[i + 1]);
  Expect("DeviceSegmentedSort", out.Read(), by_segment);
}

void TestScanAndReduce() {
  const std::vector<int> values = Random(kCount, 2, 100);
  DeviceArray<int> in(values), out(kCount);
  RunTwice([&](void* scratch, size_t& size) {
    return cub::DeviceScan::ExclusiveSum(scratch, size, in.get(), out.get(), kCount);
  });
  std::vector<int> sums(kCount);
  std::exclusive_scan(values.begin(), values.end(), sums.begin(), 0);
  Expect("DeviceScan::ExclusiveSum", out.Read(), sums);

  RunTwice([&](void* scratch, size_t& size) {
    return cub::DeviceReduce::Sum(scratch, size, in.get(), out.get(), kCount);
  });
  Expect("DeviceReduce::Sum", out.Read(1), {std::accumulate(values.begin(), values.end(), 0)});

  DeviceArray<cuda::std::int64_t> index(1);
  RunTwice([&](void* scratch, size_t& size) {
    return cub::DeviceReduce::ArgMax(scratch, size, in.get(), out.get(), index.get(), kCount);
  });
  const auto found = std::max_element(values.begin(), values.end());
  Expect("DeviceReduce::ArgMax", std::vector<int>{static_cast<int>(index.Read()[0]), out.Read(1)[0]},
         {static_cast<int>(found - values.begin()), *found});

  const std::vector<int> offsets = {0, 1, 1000, 1000, 20'000, kCount};
  DeviceArray<int> device_offsets(offsets);
  RunTwice([&](void* scratch, size_t& size) {
    return cub::DeviceSegmentedReduce::Sum(scratch, size, in.get(), out.get(), 5, device_offsets.get(),
                                           device_offsets.get() + 1);
  });
  std::vector<int> segment_sums;
  for (int i = 0; i < 5; ++i) {
    segment_sums.push_back(std::accumulate(values.begin() + offsets[i], values.begin() + offsets[i + 1], 0));
  }
  Expect("DeviceSegmentedReduce::Sum", out.Read(5), segment_sums);
}

void TestHistograms() {
  const std::vector<int> values = Random(kCount, 3, 500);
  std::vector<float> samples(values.begin(), values.end());
  DeviceArray<float> in(samples);
  DeviceArray<int> bins(50);
  RunTwice([&](void* scratch, size_t& size) {
    return cub::DeviceHistogram::HistogramEven(scratch, size, in.get(), bins.get(), 51, 0.0f, 500.0f, kCount);
  });
  std::vector<int> expected(50);
  for (int value : values) ++expected[value / 10];
  Expect("DeviceHistogram::HistogramEven", bins.Read(), expected);
}

void TestSelections() {
  const std::vector<int> values = Random(kCount, 4, 4);
  DeviceArray<int> in(values), out(kCount), second_out(kCount), count(1);
  RunTwice([&](void* scratch, size_t& size) {
    return cub::DeviceSelect::If(scratch, size, in.get(), out.get(), count.get(), kCount, IsEven());
  });
  std::vector<int> even;
  std::copy_if(values.begin(), values.end(), std::back_inserter(even), IsEven());
  Expect("DeviceSelect::If", out.Read(count.Read()[0]), even);

  RunTwice([&](void* scratch, size_t& size) {
    return cub::DeviceSelect::Unique(scratch, size, in.get(), out.get(), count.get(), kCount);
  });
  std::vector<int> unique = values;
  unique.erase(std::unique(unique.begin(), unique.end()), unique.end());
  Expect("DeviceSelect::Unique", out.Read(count.Read()[0]), unique);

  RunTwice([&](void* scratch, size_t& size) {
    return cub::DeviceRunLengthEncode::Encode(scratch, size, in.get(), out.get(), second_out.get(),
                                              count.get(), kCount);
  });
  std::vector<int> lengths;
  for (int i = 0; i < kCount; ++i) {
    if (i == 0 || values[i] != values[i - 1]) lengths.push_back(0);
    ++lengths.back();
  }
  Expect("DeviceRunLengthEncode", second_out.Read(count.Read()[0]), lengths);
}

// Block-wide and warp-wide algorithms inside a kernel: each block sorts and scans its own 512 values.
constexpr int kThreads = 128, kItems = 4, kTile = kThreads * kItems;

__global__ void SortAndScanTiles(const int* in, int* sorted, int* scanned, int* warp_sums) {
  using Sort = cub::BlockRadixSort<int, kThreads, kItems>;
  using Scan = cub::BlockScan<int, kThreads>;
  using WarpReduce = cub::WarpReduce<int>;
  __shared__ union {
    typename Sort::TempStorage sort;
    typename Scan::TempStorage scan;
    typename WarpReduce::TempStorage reduce[kThreads / 32];
  } scratch;

  int items[kItems];
  const int first = blockIdx.x * kTile + threadIdx.x * kItems;
  for (int i = 0; i < kItems; ++i) items[i] = in[first + i];
  Sort(scratch.sort).Sort(items);
  for (int i = 0; i < kItems; ++i) sorted[first + i] = items[i];
  __syncthreads();
  Scan(scratch.scan).InclusiveSum(items, items);
  for (int i = 0; i < kItems; ++i) scanned[first + i] = items[i];
  __syncthreads();
  const int warp = threadIdx.x / 32;
  const int sum = WarpReduce(scratch.reduce[warp]).Sum(static_cast<int>(threadIdx.x));
  if (threadIdx.x % 32 == 0) warp_sums[blockIdx.x * (kThreads / 32) + warp] = sum;
}

void TestBlockAlgorithms() {
  constexpr int kTiles = 8;
  std::vector<int> values = Random(kTiles * kTile, 5, 10'000);
  DeviceArray<int> in(values), sorted(values.size()), scanned(values.size()),
      warp_sums(kTiles * kThreads / 32);
  SortAndScanTiles<<<kTiles, kThreads>>>(in.get(), sorted.get(), scanned.get(), warp_sums.get());
  CHECK(cudaDeviceSynchronize());
  std::vector<int> sums(values.size()), expected_warp_sums;
  for (int tile = 0; tile < kTiles; ++tile) {
    const auto begin = values.begin() + tile * kTile;
    std::sort(begin, begin + kTile);
    std::partial_sum(begin, begin + kTile, sums.begin() + tile * kTile);
    for (int warp = 0; warp < kThreads / 32; ++warp) expected_warp_sums.push_back(32 * 32 * warp + 31 * 16);
  }
  Expect("BlockRadixSort", sorted.Read(), values);
  Expect("BlockScan", scanned.Read(), sums);
  Expect("WarpReduce", warp_sums.Read(), expected_warp_sums);
}

}  // namespace

int main() {
  TestSorts();
  TestScanAndReduce();
  TestHistograms();
  TestSelections();
  TestBlockAlgorithms();
  std::printf("%d wrong\n", failures);
  return failures == 0 ? 0 : 1;
}
