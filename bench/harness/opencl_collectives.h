// Pieces of OpenCL source that several twins put in front of their own.
#pragma once

namespace tq::bench {

// Work-groups of 256 items: the inclusive sum of one value each, and a kernel that makes `totals` their own
// exclusive sums.
constexpr char kScanSource[] = R"(
uint scan_block(uint value, local uint* parts) {
  const int thread = get_local_id(0);
  parts[thread] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int distance = 1; distance < 256; distance *= 2) {
    const uint before = thread >= distance ? parts[thread - distance] : 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    parts[thread] += before;
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const uint sum = parts[thread];
  barrier(CLK_LOCAL_MEM_FENCE);
  return sum;
}

kernel void scan_totals(global uint* totals, int count) {
  local uint parts[256];
  const int share = (count + 255) / 256, begin = min((int)get_local_id(0) * share, count);
  const int end = min(begin + share, count);
  uint sum = 0;
  for (int i = begin; i < end; ++i) sum += totals[i];
  uint before = scan_block(sum, parts) - sum;
  for (int i = begin; i < end; ++i) {
    const uint total = totals[i];
    totals[i] = before;
    before += total;
  }
}
)";

// The sum or the greatest of one value of each item, known to all.
constexpr char kReduceSource[] = R"(
float reduce(float value, local float* parts, int is_max) {
  const int thread = get_local_id(0);
  parts[thread] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int width = get_local_size(0) / 2; width > 0; width /= 2) {
    if (thread < width) {
      const float other = parts[thread + width];
      parts[thread] = is_max ? fmax(parts[thread], other) : parts[thread] + other;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  const float result = parts[0];
  barrier(CLK_LOCAL_MEM_FENCE);
  return result;
}
)";

}  // namespace tq::bench
