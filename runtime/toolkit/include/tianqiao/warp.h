// Barriers, fences and what the lanes of a warp say to each other (CUDA C++ Programming Guide,
// "Synchronization Functions", "Warp Shuffle Functions", "Warp Vote Functions").
#ifndef TIANQIAO_WARP_H_
#define TIANQIAO_WARP_H_

#define TIANQIAO_DEVICE static __device__ __forceinline__

// __syncthreads() is clang's own builtin.
TIANQIAO_DEVICE void __syncwarp(unsigned mask = 0xffffffffu) { __nvvm_bar_warp_sync(mask); }
TIANQIAO_DEVICE void __threadfence_block() { __nvvm_membar_cta(); }
TIANQIAO_DEVICE void __threadfence() { __nvvm_membar_gl(); }
TIANQIAO_DEVICE void __threadfence_system() { __nvvm_membar_sys(); }

TIANQIAO_DEVICE int __all_sync(unsigned mask, int predicate) { return __nvvm_vote_all_sync(mask, predicate); }
TIANQIAO_DEVICE int __any_sync(unsigned mask, int predicate) { return __nvvm_vote_any_sync(mask, predicate); }
TIANQIAO_DEVICE unsigned __ballot_sync(unsigned mask, int predicate) {
  return __nvvm_vote_ballot_sync(mask, predicate);
}
TIANQIAO_DEVICE unsigned __activemask() {
  unsigned mask;
  asm volatile("activemask.b32 %0;" : "=r"(mask));
  return mask;
}

namespace tianqiao {

enum class Shuffle { kIndex, kUp, kDown, kXor };

// PTX ISA, shfl.sync: operand c holds the lane that ends the segment in bits 0-4 and the segment mask in bits
// 8-12.
template <Shuffle kind>
__device__ __forceinline__ int ShuffleWord(unsigned mask, int word, unsigned lane, int width) {
  const unsigned segment = (32 - width) << 8;
  if constexpr (kind == Shuffle::kIndex) return __nvvm_shfl_sync_idx_i32(mask, word, lane, segment | 0x1f);
  if constexpr (kind == Shuffle::kUp) return __nvvm_shfl_sync_up_i32(mask, word, lane, segment);
  if constexpr (kind == Shuffle::kDown) return __nvvm_shfl_sync_down_i32(mask, word, lane, segment | 0x1f);
  if constexpr (kind == Shuffle::kXor) return __nvvm_shfl_sync_bfly_i32(mask, word, lane, segment | 0x1f);
}

template <Shuffle kind, typename T>
__device__ __forceinline__ T ShuffleValue(unsigned mask, T value, unsigned lane, int width) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8, "shuffles move values of 4 or 8 bytes");
  int words[sizeof(T) / 4];
  __builtin_memcpy(words, &value, sizeof(T));
  for (int& word : words) word = ShuffleWord<kind>(mask, word, lane, width);
  __builtin_memcpy(&value, words, sizeof(T));
  return value;
}

}  // namespace tianqiao

template <typename T>
TIANQIAO_DEVICE T __shfl_sync(unsigned mask, T value, int lane, int width = warpSize) {
  return tianqiao::ShuffleValue<tianqiao::Shuffle::kIndex>(mask, value, lane, width);
}
template <typename T>
TIANQIAO_DEVICE T __shfl_up_sync(unsigned mask, T value, unsigned distance, int width = warpSize) {
  return tianqiao::ShuffleValue<tianqiao::Shuffle::kUp>(mask, value, distance, width);
}
template <typename T>
TIANQIAO_DEVICE T __shfl_down_sync(unsigned mask, T value, unsigned distance, int width = warpSize) {
  return tianqiao::ShuffleValue<tianqiao::Shuffle::kDown>(mask, value, distance, width);
}
template <typename T>
TIANQIAO_DEVICE T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = warpSize) {
  return tianqiao::ShuffleValue<tianqiao::Shuffle::kXor>(mask, value, lane_mask, width);
}

#undef TIANQIAO_DEVICE

#endif  // TIANQIAO_WARP_H_
