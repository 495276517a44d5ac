// Thrust's algorithms from the toolkit's own headers, each against the C++ standard library.
#include <thrust/count.h>
#include <thrust/device_vector.h>
#include <thrust/extrema.h>
#include <thrust/functional.h>
#include <thrust/gather.h>
#include <thrust/host_vector.h>
#include <thrust/inner_product.h>
#include <thrust/iterator/constant_iterator.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/merge.h>
#include <thrust/partition.h>
#include <thrust/reduce.h>
#include <thrust/scan.h>
#include <thrust/scatter.h>
#include <thrust/sequence.h>
#include <thrust/set_operations.h>
#include <thrust/sort.h>
#include <thrust/transform.h>
#include <thrust/transform_reduce.h>
#include <thrust/unique.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

namespace {

constexpr int kCount = 30'011;
int failures = 0;

template <typename T>
void Expect(const char* what, const thrust::device_vector<T>& actual, const std::vector<T>& expected) {
  std::vector<T> host(actual.size());
  thrust::copy(actual.begin(), actual.end(), host.begin());
  const bool right = host == expected;
  failures += !right;
  std::printf("%s: %zu values, %s\n", what, host.size(), right ? "right" : "wrong");
}

template <typename T>
void ExpectValue(const char* what, T actual, T expected) {
  failures += actual != expected;
  std::printf("%s: %s\n", what, actual == expected ? "right" : "wrong");
}

template <typename T>
std::vector<T> Random(int count, unsigned seed, unsigned range) {
  std::vector<T> values(count);
  for (T& value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<T>((seed >> 8) % range);
  }
  return values;
}

struct IsEven {
  __host__ __device__ bool operator()(int value) const { return value % 2 == 0; }
};
struct Square {
  __host__ __device__ long long operator()(int value) const { return static_cast<long long>(value) * value; }
};

template <typename T>
void TestSort(const char* name) {
  std::vector<T> values = Random<T>(kCount, 1, 1u << 20);
  for (size_t i = 0; i < values.size(); i += 3) values[i] = -values[i];
  thrust::device_vector<T> device(values.begin(), values.end());
  thrust::sort(device.begin(), device.end());
  std::sort(values.begin(), values.end());
  Expect(name, device, values);
  thrust::sort(device.begin(), device.end(), thrust::greater<T>());
  std::reverse(values.begin(), values.end());
  Expect("  descending", device, values);
}

void TestSortByKey() {
  const std::vector<int> keys = Random<int>(kCount, 2, 50);
  thrust::device_vector<int> device_keys(keys.begin(), keys.end()), device_values(kCount);
  thrust::sequence(device_values.begin(), device_values.end());
  thrust::stable_sort_by_key(device_keys.begin(), device_keys.end(), device_values.begin());
  std::vector<int> order(kCount);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return keys[a] < keys[b]; });
  Expect("stable_sort_by_key", device_values, order);
}

void TestScans() {
  const std::vector<int> values = Random<int>(kCount, 3, 100);
  thrust::device_vector<int> in(values.begin(), values.end()), out(kCount);
  std::vector<int> expected(kCount);
  thrust::inclusive_scan(in.begin(), in.end(), out.begin());
  std::partial_sum(values.begin(), values.end(), expected.begin());
  Expect("inclusive_scan", out, expected);
  thrust::exclusive_scan(in.begin(), in.end(), out.begin(), 7);
  std::exclusive_scan(values.begin(), values.end(), expected.begin(), 7);
  Expect("exclusive_scan", out, expected);
  thrust::inclusive_scan(in.begin(), in.end(), out.begin(), thrust::maximum<int>());
  std::partial_sum(values.begin(), values.end(), expected.begin(),
                   [](int a, int b) { return std::max(a, b); });
  Expect("inclusive_scan of maxima", out, expected);
}

void TestReductions() {
  const std::vector<int> values = Random<int>(kCount, 4, 1000);
  const thrust::device_vector<int> in(values.begin(), values.end());
  ExpectValue("reduce", thrust::reduce(in.begin(), in.end()),
              std::accumulate(values.begin(), values.end(), 0));
  ExpectValue("transform_reduce",
              thrust::transform_reduce(in.begin(), in.end(), Square(), 0LL, thrust::plus<long long>()),
              std::inner_product(values.begin(), values.end(), values.begin(), 0LL));
  ExpectValue("inner_product", thrust::inner_product(in.begin(), in.end(), in.begin(), 0LL),
              std::inner_product(values.begin(), values.end(), values.begin(), 0LL));
  ExpectValue("count_if", static_cast<long>(thrust::count_if(in.begin(), in.end(), IsEven())),
              static_cast<long>(std::count_if(values.begin(), values.end(), IsEven())));
  ExpectValue("max_element", static_cast<long>(thrust::max_element(in.begin(), in.end()) - in.begin()),
              static_cast<long>(std::max_element(values.begin(), values.end()) - values.begin()));
}

void TestReduceByKey() {
  std::vector<int> keys = Random<int>(kCount, 5, 3);
  const std::vector<int> values = Random<int>(kCount, 6, 10);
  std::vector<int> expected_keys, expected_sums;
  for (int i = 0; i < kCount; ++i) {
    if (i == 0 || keys[i] != keys[i - 1]) {
      expected_keys.push_back(keys[i]);
      expected_sums.push_back(0);
    }
    expected_sums.back() += values[i];
  }
  const thrust::device_vector<int> device_keys(keys.begin(), keys.end()),
      device_values(values.begin(), values.end());
  thrust::device_vector<int> out_keys(kCount), out_sums(kCount);
  const auto ends = thrust::reduce_by_key(device_keys.begin(), device_keys.end(), device_values.begin(),
                                          out_keys.begin(), out_sums.begin());
  out_keys.erase(ends.first, out_keys.end());
  out_sums.erase(ends.second, out_sums.end());
  Expect("reduce_by_key, keys", out_keys, expected_keys);
  Expect("reduce_by_key, sums", out_sums, expected_sums);
}

void TestUniqueAndPartition() {
  std::vector<int> values = Random<int>(kCount, 7, 4);
  thrust::device_vector<int> device(values.begin(), values.end());
  device.erase(thrust::unique(device.begin(), device.end()), device.end());
  std::vector<int> unique = values;
  unique.erase(std::unique(unique.begin(), unique.end()), unique.end());
  Expect("unique", device, unique);

  device.assign(values.begin(), values.end());
  thrust::stable_partition(device.begin(), device.end(), IsEven());
  std::stable_partition(values.begin(), values.end(), IsEven());
  Expect("stable_partition", device, values);
}

void TestSets() {
  std::vector<int> a = Random<int>(kCount, 8, 20'000), b = Random<int>(kCount / 2, 9, 20'000);
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  const thrust::device_vector<int> device_a(a.begin(), a.end()), device_b(b.begin(), b.end());
  thrust::device_vector<int> out(a.size() + b.size());
  std::vector<int> expected(out.size());
  const auto check = [&](const char* what, auto device_end, auto host_end) {
    const thrust::device_vector<int> result(out.begin(), device_end);
    Expect(what, result, std::vector<int>(expected.begin(), host_end));
  };
  check("set_union",
        thrust::set_union(device_a.begin(), device_a.end(), device_b.begin(), device_b.end(), out.begin()),
        std::set_union(a.begin(), a.end(), b.begin(), b.end(), expected.begin()));
  check("set_intersection",
        thrust::set_intersection(device_a.begin(), device_a.end(), device_b.begin(), device_b.end(),
                                 out.begin()),
        std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), expected.begin()));
  check(
      "set_difference",
      thrust::set_difference(device_a.begin(), device_a.end(), device_b.begin(), device_b.end(), out.begin()),
      std::set_difference(a.begin(), a.end(), b.begin(), b.end(), expected.begin()));
  check("set_symmetric_difference",
        thrust::set_symmetric_difference(device_a.begin(), device_a.end(), device_b.begin(), device_b.end(),
                                         out.begin()),
        std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), expected.begin()));
  check("merge",
        thrust::merge(device_a.begin(), device_a.end(), device_b.begin(), device_b.end(), out.begin()),
        std::merge(a.begin(), a.end(), b.begin(), b.end(), expected.begin()));
}

void TestGatherAndScatter() {
  const std::vector<int> values = Random<int>(kCount, 10, 1000);
  std::vector<int> map(kCount), gathered(kCount), scattered(kCount);
  for (int i = 0; i < kCount; ++i)
    map[i] = static_cast<int>(i * 17LL % kCount);  // a permutation: 17 divides not
  for (int i = 0; i < kCount; ++i) {
    gathered[i] = values[map[i]];
    scattered[map[i]] = values[i];
  }
  const thrust::device_vector<int> in(values.begin(), values.end()), device_map(map.begin(), map.end());
  thrust::device_vector<int> out(kCount);
  thrust::gather(device_map.begin(), device_map.end(), in.begin(), out.begin());
  Expect("gather", out, gathered);
  thrust::scatter(in.begin(), in.end(), device_map.begin(), out.begin());
  Expect("scatter", out, scattered);
}

}  // namespace

int main() {
  TestSort<int>("sort of int");
  TestSort<float>("sort of float");
  TestSort<double>("sort of double");
  TestSort<long long>("sort of long long");
  TestSortByKey();
  TestScans();
  TestReductions();
  TestReduceByKey();
  TestUniqueAndPartition();
  TestSets();
  TestGatherAndScatter();
  std::printf("%d wrong\n", failures);
  return failures == 0 ? 0 : 1;
}
