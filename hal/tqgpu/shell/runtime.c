// What the compiler calls on its own account, for the shell and for kernels (exports of start.S). Names and
// signatures are those of libc and compiler-rt.
#include <stddef.h>
#include <stdint.h>

typedef uint64_t __attribute__((may_alias)) word;
typedef unsigned __int128 u128;
typedef __int128 s128;

void* memcpy(void* restrict to, const void* restrict from, size_t size) {
  uint8_t* t = to;
  const uint8_t* f = from;
  // Words, once both are aligned alike.
  if ((((uintptr_t)t ^ (uintptr_t)f) & 7) == 0) {
    for (; size && (uintptr_t)t & 7; --size) *t++ = *f++;
    for (; size >= 8; size -= 8, t += 8, f += 8) *(word*)t = *(const word*)f;
  }
  for (; size; --size) *t++ = *f++;
  return to;
}

void* memmove(void* to, const void* from, size_t size) {
  uint8_t* t = to;
  const uint8_t* f = from;
  if ((uintptr_t)t - (uintptr_t)f >= size) return memcpy(to, from, size);
  t += size;
  f += size;
  if ((((uintptr_t)t ^ (uintptr_t)f) & 7) == 0) {
    for (; size && (uintptr_t)t & 7; --size) *--t = *--f;
    for (; size >= 8; size -= 8) {
      t -= 8;
      f -= 8;
      *(word*)t = *(const word*)f;
    }
  }
  for (; size; --size) *--t = *--f;
  return to;
}

void* memset(void* to, int value, size_t size) {
  uint8_t* t = to;
  const uint64_t pattern = (uint8_t)value * 0x0101010101010101ull;
  for (; size && (uintptr_t)t & 7; --size) *t++ = (uint8_t)value;
  for (; size >= 8; size -= 8, t += 8) *(word*)t = pattern;
  for (; size; --size) *t++ = (uint8_t)value;
  return to;
}

int memcmp(const void* a, const void* b, size_t size) {
  const uint8_t *x = a, *y = b;
  for (; size; --size, ++x, ++y) {
    if (*x != *y) return *x - *y;
  }
  return 0;
}

static int leading_zeros(u128 value) {
  const uint64_t high = (uint64_t)(value >> 64);
  return high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)value);
}

// Bit by bit: 128-bit divisions are rare, and nothing else here is that wide.
static u128 divide(u128 dividend, u128 divisor, u128* remainder) {
  if (divisor == 0 || dividend < divisor) {
    *remainder = dividend;
    return 0;
  }
  if (!(dividend >> 64)) {
    *remainder = (uint64_t)dividend % (uint64_t)divisor;
    return (uint64_t)dividend / (uint64_t)divisor;
  }
  u128 quotient = 0;
  int shift = leading_zeros(divisor) - leading_zeros(dividend);
  for (divisor <<= shift; shift >= 0; --shift, divisor >>= 1) {
    quotient <<= 1;
    if (dividend >= divisor) {
      dividend -= divisor;
      quotient |= 1;
    }
  }
  *remainder = dividend;
  return quotient;
}

static u128 magnitude(s128 value) { return value < 0 ? -(u128)value : (u128)value; }

u128 __udivti3(u128 a, u128 b) {
  u128 remainder;
  return divide(a, b, &remainder);
}

u128 __umodti3(u128 a, u128 b) {
  u128 remainder;
  divide(a, b, &remainder);
  return remainder;
}

s128 __divti3(s128 a, s128 b) {
  const u128 quotient = __udivti3(magnitude(a), magnitude(b));
  return (s128)((a < 0) != (b < 0) ? -quotient : quotient);
}

s128 __modti3(s128 a, s128 b) {
  const u128 remainder = __umodti3(magnitude(a), magnitude(b));
  return (s128)(a < 0 ? -remainder : remainder);
}
