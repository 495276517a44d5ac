// Warp-wide instructions on the one collective service (PTX ISA, "Parallel Synchronization and Communication
// Instructions"). Every lane gathers what the others put in and computes its own result from it.
//
// Two results travel as one integer: the value in the low 32 bits, the predicate in bit 32.
#include "compiler/devicelib/device.h"

TQ_INLINE tq_cpu_lanes gather(tq_cpu_thread* thread, uint32_t mask, const void* value, uint32_t size_bytes) {
  tq_cpu_lanes lanes;
  thread->block->services->collect(thread, mask, value, size_bytes, &lanes);
  return lanes;
}

TQ_INLINE uint32_t lane32(const tq_cpu_lanes* lanes, uint32_t lane) {
  uint32_t value;
  __builtin_memcpy(&value, lanes->values + (uint64_t)lane * lanes->stride_bytes, sizeof value);
  return value;
}

TQ_INLINE uint64_t lane64(const tq_cpu_lanes* lanes, uint32_t lane) {
  uint64_t value;
  __builtin_memcpy(&value, lanes->values + (uint64_t)lane * lanes->stride_bytes, sizeof value);
  return value;
}

TQ_INLINE uint32_t next_lane(uint32_t* lanes) {
  uint32_t lane = (uint32_t)__builtin_ctz(*lanes);
  *lanes &= *lanes - 1;
  return lane;
}

TQ_INLINE uint64_t with_predicate(uint32_t value, _Bool predicate) {
  return value | (uint64_t)predicate << 32;
}

// shfl: c holds the clamp in bits 0..4 and the mask that cuts the warp into segments in bits 8..12.
TQ_INLINE uint64_t shuffle(tq_cpu_thread* thread, uint32_t op, uint32_t mask, uint32_t value, uint32_t b,
                           uint32_t c) {
  tq_cpu_lanes lanes = gather(thread, mask, &value, sizeof value);
  int32_t lane = (int32_t)thread->lane, distance = b & 31;
  int32_t clamp = c & 31, segment = (c >> 8) & 31;
  int32_t first = lane & segment, last = first | (clamp & ~segment);
  int32_t source;
  _Bool in_range;
  if (op == TQ_SHFL_UP) {
    source = lane - distance;
    in_range = source >= last;
  } else {
    if (op == TQ_SHFL_DOWN) {
      source = lane + distance;
    } else if (op == TQ_SHFL_BFLY) {
      source = lane ^ distance;
    } else {
      source = first | (distance & ~segment);
    }
    in_range = source <= last;
  }
  // A lane that did not take part has no defined value (PTX ISA, "shfl.sync"). It gives 0: programs that add
  // up a partly filled warp by shuffles alone count on that, as cuda-samples' reduction does in its last
  // step.
  _Bool readable = in_range && source >= 0 && source < 32 && (lanes.mask >> source & 1);
  uint32_t theirs = readable ? lane32(&lanes, (uint32_t)source) : 0;
  return with_predicate(in_range ? theirs : value, in_range);
}

TQ_DEVICE uint64_t tq_shfl_up(tq_cpu_thread* thread, uint32_t mask, uint32_t value, uint32_t b, uint32_t c) {
  return shuffle(thread, TQ_SHFL_UP, mask, value, b, c);
}

TQ_DEVICE uint64_t tq_shfl_down(tq_cpu_thread* thread, uint32_t mask, uint32_t value, uint32_t b,
                                uint32_t c) {
  return shuffle(thread, TQ_SHFL_DOWN, mask, value, b, c);
}

TQ_DEVICE uint64_t tq_shfl_bfly(tq_cpu_thread* thread, uint32_t mask, uint32_t value, uint32_t b,
                                uint32_t c) {
  return shuffle(thread, TQ_SHFL_BFLY, mask, value, b, c);
}

TQ_DEVICE uint64_t tq_shfl_idx(tq_cpu_thread* thread, uint32_t mask, uint32_t value, uint32_t b, uint32_t c) {
  return shuffle(thread, TQ_SHFL_IDX, mask, value, b, c);
}

// The lanes whose predicate is true; all those that take part in *present.
TQ_INLINE uint32_t ballot(tq_cpu_thread* thread, uint32_t mask, uint32_t predicate, uint32_t* present) {
  tq_cpu_lanes lanes = gather(thread, mask, &predicate, sizeof predicate);
  uint32_t result = 0;
  for (uint32_t left = lanes.mask; left;) {
    uint32_t lane = next_lane(&left);
    result |= (uint32_t)(lane32(&lanes, lane) != 0) << lane;
  }
  *present = lanes.mask;
  return result;
}

TQ_DEVICE uint32_t tq_vote_ballot(tq_cpu_thread* thread, uint32_t mask, uint32_t predicate) {
  uint32_t present;
  return ballot(thread, mask, predicate, &present);
}

TQ_DEVICE uint32_t tq_vote_all(tq_cpu_thread* thread, uint32_t mask, uint32_t predicate) {
  uint32_t present;
  return ballot(thread, mask, predicate, &present) == present;
}

TQ_DEVICE uint32_t tq_vote_any(tq_cpu_thread* thread, uint32_t mask, uint32_t predicate) {
  uint32_t present;
  return ballot(thread, mask, predicate, &present) != 0;
}

TQ_DEVICE uint32_t tq_vote_uni(tq_cpu_thread* thread, uint32_t mask, uint32_t predicate) {
  uint32_t present;
  uint32_t votes = ballot(thread, mask, predicate, &present);
  return votes == 0 || votes == present;
}

TQ_INLINE uint32_t equal_lanes(const tq_cpu_lanes* lanes, uint64_t value) {
  uint32_t result = 0;
  for (uint32_t left = lanes->mask; left;) {
    uint32_t lane = next_lane(&left);
    result |= (uint32_t)(lane64(lanes, lane) == value) << lane;
  }
  return result;
}

TQ_DEVICE uint32_t tq_match_any(tq_cpu_thread* thread, uint32_t mask, uint64_t value) {
  tq_cpu_lanes lanes = gather(thread, mask, &value, sizeof value);
  return equal_lanes(&lanes, value);
}

TQ_DEVICE uint64_t tq_match_all(tq_cpu_thread* thread, uint32_t mask, uint64_t value) {
  tq_cpu_lanes lanes = gather(thread, mask, &value, sizeof value);
  _Bool all = equal_lanes(&lanes, value) == lanes.mask;
  return with_predicate(all ? lanes.mask : 0, all);
}

#define REDUX(name, type, start, combine)                                         \
  TQ_DEVICE uint32_t name(tq_cpu_thread* thread, uint32_t mask, uint32_t value) { \
    tq_cpu_lanes lanes = gather(thread, mask, &value, sizeof value);              \
    type a = start;                                                               \
    for (uint32_t left = lanes.mask; left;) {                                     \
      type b = (type)lane32(&lanes, next_lane(&left));                            \
      a = combine;                                                                \
    }                                                                             \
    return (uint32_t)a;                                                           \
  }

REDUX(tq_redux_add, uint32_t, 0, a + b)
REDUX(tq_redux_and, uint32_t, UINT32_MAX, a& b)
REDUX(tq_redux_or, uint32_t, 0, a | b)
REDUX(tq_redux_xor, uint32_t, 0, a ^ b)
REDUX(tq_redux_smin, int32_t, INT32_MAX, b < a ? b : a)
REDUX(tq_redux_smax, int32_t, INT32_MIN, b > a ? b : a)
REDUX(tq_redux_umin, uint32_t, UINT32_MAX, b < a ? b : a)
REDUX(tq_redux_umax, uint32_t, 0, b > a ? b : a)

// Floats ordered as integers: -0 is below +0, as min and max want it.
TQ_INLINE int32_t order(uint32_t bits) { return (int32_t)(bits ^ (uint32_t)((int32_t)bits >> 31) >> 1); }

TQ_INLINE uint32_t redux_float(tq_cpu_thread* thread, uint32_t mask, uint32_t bits, uint32_t flags,
                               _Bool want_max) {
  tq_cpu_lanes lanes = gather(thread, mask, &bits, sizeof bits);
  uint32_t best = TQ_F32_NAN;
  _Bool found = 0, nan = 0;
  for (uint32_t left = lanes.mask; left;) {
    uint32_t b = lane32(&lanes, next_lane(&left));
    if (flags & 1) b &= ~TQ_F32_SIGN;
    if ((b & ~TQ_F32_SIGN) > 0x7f800000u) {
      nan = 1;
    } else if (!found || (want_max ? order(b) > order(best) : order(b) < order(best))) {
      best = b;
      found = 1;
    }
  }
  return (flags & 2) && nan ? TQ_F32_NAN : best;
}

// flags: 1 for .abs, 2 for .NaN.
TQ_DEVICE uint32_t tq_redux_fmin(tq_cpu_thread* thread, uint32_t mask, uint32_t bits, uint32_t flags) {
  return redux_float(thread, mask, bits, flags, 0);
}

TQ_DEVICE uint32_t tq_redux_fmax(tq_cpu_thread* thread, uint32_t mask, uint32_t bits, uint32_t flags) {
  return redux_float(thread, mask, bits, flags, 1);
}

// The leader is the lowest lane, so that every lane names the same one.
TQ_DEVICE uint64_t tq_elect(tq_cpu_thread* thread, uint32_t mask) {
  uint32_t nothing = 0;
  tq_cpu_lanes lanes = gather(thread, mask, &nothing, sizeof nothing);
  uint32_t leader = lanes.mask ? (uint32_t)__builtin_ctz(lanes.mask) : thread->lane;
  return with_predicate(leader, leader == thread->lane);
}

TQ_DEVICE uint32_t tq_activemask(tq_cpu_thread* thread) {
  uint32_t nothing = 0;
  return gather(thread, 0, &nothing, sizeof nothing).mask;
}

TQ_DEVICE void tq_warpsync(tq_cpu_thread* thread, uint32_t mask) {
  uint32_t nothing = 0;
  gather(thread, mask, &nothing, sizeof nothing);
}
