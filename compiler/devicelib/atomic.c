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
#if defined(__x86_64__)
TQ_INLINE _Bool compare_exchange_128(tq_u128* pointer, tq_u128* expected, tq_u128 desired) {
  uint64_t low = (uint64_t)*expected, high = (uint64_t)(*expected >> 64);
  _Bool done;
  __asm__ volatile("lock cmpxchg16b %1"
                   : "=@ccz"(done), "+m"(*pointer), "+a"(low), "+d"(high)
                   : "b"((uint64_t)desired), "c"((uint64_t)(desired >> 64))
                   : "memory");
  *expected = (tq_u128)high << 64 | low;
  return done;
}
#elif defined(__riscv)
// No instruction updates more than 64 bits: those who do take one lock. One for each executable is enough,
// since the card runs one dispatch at a time; a thread never waits while it holds it. The only variable of
// the library.
static volatile uint32_t lock_128;

static _Bool compare_exchange_128(tq_u128* pointer, tq_u128* expected, tq_u128 desired) {
  while (__atomic_exchange_n(&lock_128, 1, __ATOMIC_SEQ_CST)) {
  }
  const tq_u128 old = *pointer;
  const _Bool done = old == *expected;
  if (done) *pointer = desired;
  *expected = old;
  __atomic_store_n(&lock_128, 0, __ATOMIC_SEQ_CST);
  return done;
}
#else
TQ_INLINE _Bool compare_exchange_128(tq_u128* pointer, tq_u128* expected, tq_u128 desired) {
  return __atomic_compare_exchange_n(pointer, expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
#endif

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

// ---- cp.reduce.async.bulk: arrays, one atomic update for each element ----

TQ_INLINE uint64_t updated(uint64_t old, uint64_t value, uint32_t op, uint64_t sign_bit) {
  // With the sign bit turned over, signed numbers compare like unsigned ones.
  uint64_t a = old ^ sign_bit, b = value ^ sign_bit;
  switch (op) {
    case TQ_ADD:
      return old + value;
    case TQ_MIN:
      return a < b ? old : value;
    case TQ_MAX:
      return a > b ? old : value;
    case TQ_AND:
      return old & value;
    case TQ_OR:
      return old | value;
    case TQ_XOR:
      return old ^ value;
    case TQ_INC:
      return old >= value ? 0 : old + 1;
    default:
      return old == 0 || old > value ? value : old - 1;
  }
}

#define REDUCE_ARRAY(name, type, next)                                                              \
  TQ_DEVICE void tq_reduce_array_##name(type* destination, const type* source, uint32_t size_bytes, \
                                        uint32_t op) {                                              \
    (void)op;                                                                                       \
    for (uint32_t i = 0; i < size_bytes / sizeof(type); i++) {                                      \
      type value = source[i], old = __atomic_load_n(destination + i, __ATOMIC_RELAXED);             \
      while (!__atomic_compare_exchange_n(destination + i, &old, (type)(next), 1, __ATOMIC_RELAXED, \
                                          __ATOMIC_RELAXED)) {                                      \
      }                                                                                             \
    }                                                                                               \
  }
REDUCE_ARRAY(b32, uint32_t, updated(old, value, op, 0))
REDUCE_ARRAY(u32, uint32_t, updated(old, value, op, 0))
REDUCE_ARRAY(s32, uint32_t, updated(old, value, op, 1u << 31))
REDUCE_ARRAY(b64, uint64_t, updated(old, value, op, 0))
REDUCE_ARRAY(u64, uint64_t, updated(old, value, op, 0))
REDUCE_ARRAY(s64, uint64_t, updated(old, value, op, 1ull << 63))
REDUCE_ARRAY(f16, uint16_t, tq_half(old, value, half_op_of(op), TQ_F16, 0))
REDUCE_ARRAY(bf16, uint16_t, tq_half(old, value, half_op_of(op), TQ_BF16, 0))
// Subnormals stay, unlike those of red in global memory (PTX ISA 9.4, cp.reduce.async.bulk).
REDUCE_ARRAY(f32, uint32_t, tq_bits_f32(tq_f32_bits(old) + tq_f32_bits(value)))
REDUCE_ARRAY(f64, uint64_t, tq_bits_f64(tq_f64_bits(old) + tq_f64_bits(value)))
