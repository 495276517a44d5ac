// Atomic read-modify-write where LLVM's atomicrmw has not PTX's semantics: floats with flushing or with PTX's
// rules for NaN, halves and their pairs, 128 bits (PTX ISA, "Parallel Synchronization and Communication
// Instructions: atom, red").
//
// `flags` TQ_PLAIN: the location is in .shared, which one OS thread alone touches (base/cpu_abi.h), so that
// no locked instruction is needed. Every ordering is implemented as the strongest.
#include "compiler/devicelib/exact32.h"
#include "compiler/devicelib/narrow.h"

uint16_t tq_half(uint16_t a, uint16_t b, uint32_t op, uint32_t format, uint32_t flags);
uint32_t tq_half2(uint32_t a, uint32_t b, uint32_t op, uint32_t format, uint32_t flags);

#define UPDATE(type, pointer, flags, new_value)                                                       \
  type old = __atomic_load_n(pointer, __ATOMIC_RELAXED), next;                                        \
  if ((flags) & TQ_PLAIN) {                                                                           \
    next = new_value;                                                                                 \
    *(pointer) = next;                                                                                \
    return old;                                                                                       \
  }                                                                                                   \
  do {                                                                                                \
    next = new_value;                                                                                 \
  } while (!__atomic_compare_exchange_n(pointer, &old, next, 1, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)); \
  return old

// f32 add flushes subnormals to zero in global memory and keeps them in shared memory; a generic address is
// treated as the space that it points into, which the caller finds out (TQ_FTZ).
TQ_DEVICE uint32_t tq_atom_add_f32(uint32_t* pointer, uint32_t value, uint32_t flags) {
#define SUM                                                                                            \
  ((flags & TQ_FTZ) ? tq_bits_f32(tq_flush(tq_flush(tq_f32_bits(old)) + tq_flush(tq_f32_bits(value)))) \
                    : tq_bits_f32(tq_f32_bits(old) + tq_f32_bits(value)))
  UPDATE(uint32_t, pointer, flags, SUM);
}

TQ_INLINE uint32_t half_op_of(uint32_t op) {
  return op == TQ_ADD ? TQ_HALF_ADD : op == TQ_MIN ? TQ_HALF_MIN : TQ_HALF_MAX;
}

TQ_DEVICE uint16_t tq_atom_half(uint16_t* pointer, uint16_t value, uint32_t op, uint32_t format,
                                uint32_t flags) {
  UPDATE(uint16_t, pointer, flags, tq_half(old, value, half_op_of(op), format, 0));
}

// The two halves are updated in one go, which is more than PTX asks for.
TQ_DEVICE uint32_t tq_atom_half2(uint32_t* pointer, uint32_t value, uint32_t op, uint32_t format,
                                 uint32_t flags) {
  UPDATE(uint32_t, pointer, flags, tq_half2(old, value, half_op_of(op), format, 0));
}

// 128 bits: values pass through memory.
TQ_INLINE _Bool compare_exchange_128(tq_u128* pointer, tq_u128* expected, tq_u128 desired) {
#if defined(__x86_64__)
  uint64_t low = (uint64_t)*expected, high = (uint64_t)(*expected >> 64);
  _Bool done;
  __asm__ volatile("lock cmpxchg16b %1"
                   : "=@ccz"(done), "+m"(*pointer), "+a"(low), "+d"(high)
                   : "b"((uint64_t)desired), "c"((uint64_t)(desired >> 64))
                   : "memory");
  *expected = (tq_u128)high << 64 | low;
  return done;
#else
  return __atomic_compare_exchange_n(pointer, expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
#endif
}

TQ_DEVICE_OUTLINED void tq_atom_exch_b128(tq_u128* pointer, const tq_u128* value, tq_u128* old) {
  tq_u128 seen = 0;
  while (!compare_exchange_128(pointer, &seen, *value)) {
  }
  *old = seen;
}

TQ_DEVICE_OUTLINED void tq_atom_cas_b128(tq_u128* pointer, const tq_u128* compare, const tq_u128* value,
                                         tq_u128* old) {
  tq_u128 seen = *compare;
  compare_exchange_128(pointer, &seen, *value);
  *old = seen;
}
