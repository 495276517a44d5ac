// mbarrier objects (PTX ISA, "mbarrier"): 64 bits of our own layout in shared memory. Updates are atomic
// because a block of the same cluster may be on another OS thread.
//
//   bit 63       parity of the current phase
//   bits 42..62  bytes of asynchronous copies still expected (tx-count), two's complement, 21 bits
//   bit 41       the layout that the object was made with: 1 is .layout::v1, which differs in nothing else
//   bits 21..40  arrivals of a full phase
//   bits 0..20   arrivals still missing in this phase
// A phase completes when both counts are zero; the next then starts with the full count of arrivals.
#include "compiler/devicelib/device.h"

#define PENDING_MASK 0x1fffffull
#define EXPECTED_SHIFT 21
#define EXPECTED_MASK 0xfffffull
#define TX_SHIFT 42
#define TX_MASK 0x1fffffull
#define LAYOUT_SHIFT 41
#define LAYOUT (1ull << LAYOUT_SHIFT)
#define PARITY (1ull << 63)

TQ_INLINE uint64_t pack(uint64_t kept, uint64_t transactions, uint64_t expected, uint64_t pending) {
  return kept | (transactions & TX_MASK) << TX_SHIFT | (expected & EXPECTED_MASK) << EXPECTED_SHIFT |
         (pending & PENDING_MASK);
}

// The state after `arrivals` more arrivals, `drops` fewer expected from the next phase on and `transactions`
// more bytes expected.
TQ_INLINE uint64_t advance(uint64_t state, uint64_t arrivals, uint64_t drops, uint64_t transactions) {
  uint64_t pending = (state - arrivals) & PENDING_MASK;
  uint64_t expected = ((state >> EXPECTED_SHIFT) - drops) & EXPECTED_MASK;
  uint64_t left = ((state >> TX_SHIFT) + transactions) & TX_MASK;
  uint64_t kept = state & (PARITY | LAYOUT);
  if (pending == 0 && left == 0) {
    kept ^= PARITY;
    pending = expected;
  }
  return pack(kept, left, expected, pending);
}

TQ_INLINE uint64_t update(uint64_t* barrier, uint64_t arrivals, uint64_t drops, uint64_t transactions) {
  uint64_t old = __atomic_load_n(barrier, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(barrier, &old, advance(old, arrivals, drops, transactions), 1,
                                      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
  }
  return old;
}

TQ_DEVICE void tq_mbarrier_init(uint64_t* barrier, uint32_t count, uint32_t layout) {
  __atomic_store_n(barrier, pack((uint64_t)layout << LAYOUT_SHIFT, 0, count, count), __ATOMIC_SEQ_CST);
}

TQ_DEVICE uint32_t tq_mbarrier_check_layout(const uint64_t* barrier, uint32_t layout) {
  return (__atomic_load_n(barrier, __ATOMIC_ACQUIRE) >> LAYOUT_SHIFT & 1) == layout;
}

// Returns the state before the arrival: the token of test_wait.
TQ_DEVICE uint64_t tq_mbarrier_arrive(uint64_t* barrier, uint32_t count) {
  return update(barrier, count, 0, 0);
}

TQ_DEVICE uint64_t tq_mbarrier_arrive_drop(uint64_t* barrier, uint32_t count) {
  return update(barrier, count, count, 0);
}

// expect-tx and arrive-on as one step.
TQ_DEVICE uint64_t tq_mbarrier_arrive_expect_tx(uint64_t* barrier, uint32_t bytes) {
  return update(barrier, 1, 0, bytes);
}

TQ_DEVICE uint64_t tq_mbarrier_arrive_drop_expect_tx(uint64_t* barrier, uint32_t bytes) {
  return update(barrier, 1, 1, bytes);
}

// Cannot complete a phase: it has a missing arrival, or more bytes to wait for.
TQ_DEVICE void tq_mbarrier_expect_tx(uint64_t* barrier, uint32_t bytes) { update(barrier, 0, 0, bytes); }

TQ_DEVICE void tq_mbarrier_complete_tx(uint64_t* barrier, uint32_t bytes) {
  update(barrier, 0, 0, 0 - (uint64_t)bytes);
}

// Whether the phase of that token has completed.
TQ_DEVICE uint32_t tq_mbarrier_test_wait(const uint64_t* barrier, uint64_t token) {
  return ((__atomic_load_n(barrier, __ATOMIC_ACQUIRE) ^ token) & PARITY) != 0;
}

// Whether the phase of that parity has completed: the current one has the other.
TQ_DEVICE uint32_t tq_mbarrier_test_wait_parity(const uint64_t* barrier, uint32_t parity) {
  return (__atomic_load_n(barrier, __ATOMIC_ACQUIRE) >> 63) != (parity & 1);
}

TQ_DEVICE uint32_t tq_mbarrier_pending_count(uint64_t token) { return (uint32_t)(token & PENDING_MASK); }
