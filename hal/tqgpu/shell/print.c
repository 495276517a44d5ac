// printf (CUDA C++ Programming Guide, "Formatted Output"): the format and its arguments go to the host, which
// makes text of them. Everything is read before there is a record: a bad pointer ends the kernel while
// nothing is half written.
#include "hal/tqgpu/shell/shell.h"

#define MAX_ARGUMENTS 32

typedef struct conversions {
  uint32_t argument_bytes;
  int32_t count;
  uint32_t string_count;
  struct {
    uint32_t at;     // offset of the pointer in the arguments
    uint32_t bytes;  // of the text, with NUL; 0: no text
  } strings[MAX_ARGUMENTS];
} conversions;

static uint32_t text_bytes(const char* text, uint32_t limit) {
  uint32_t size = 0;
  while (size < limit && text[size]) ++size;
  return size;
}

static int is_one_of(char c, const char* set) {
  for (; *set; ++set) {
    if (*set == c) return 1;
  }
  return 0;
}

// Arguments beyond the 32nd are dropped; each is aligned to its size.
static int take(conversions* found, uint32_t size_bytes) {
  if (found->count >= MAX_ARGUMENTS) return 0;
  found->argument_bytes = (found->argument_bytes + size_bytes - 1) / size_bytes * size_bytes + size_bytes;
  ++found->count;
  return 1;
}

static const char* skip_number(const char* at, conversions* found) {
  if (*at == '*') {
    take(found, 4);
    return at + 1;
  }
  while (*at >= '0' && *at <= '9') ++at;
  return at;
}

// %[flags][width][.precision][length]conversion, from behind the %.
static const char* skip_conversion(const char* at, conversions* found) {
  while (*at && is_one_of(*at, "-+ #0")) ++at;
  at = skip_number(at, found);
  if (*at == '.') at = skip_number(at + 1, found);
  uint32_t integer_bytes = 4;
  for (; *at && is_one_of(*at, "hlLqjzt"); ++at) {
    if (*at != 'h') integer_bytes = 8;
  }
  if (!*at) return at;
  if (is_one_of(*at, "diuxXo")) {
    take(found, integer_bytes);
  } else if (*at == 'c') {
    take(found, 4);
  } else if (*at == 's') {
    if (take(found, 8)) found->strings[found->string_count++].at = found->argument_bytes - 8;
  } else if (is_one_of(*at, "eEfFgGaApn")) {
    take(found, 8);
  }
  return at + 1;
}

static void find_conversions(const char* format, const char* end, conversions* found) {
  found->argument_bytes = found->string_count = 0;
  found->count = 0;
  for (const char* at = format; at < end;) {
    if (*at++ != '%') continue;
    at = *at == '%' ? at + 1 : skip_conversion(at, found);
  }
}

// A place for `size` bytes, or null when the host does not make room in time.
static tq_shell_record* reserve(tq_shell_ring* ring, uint64_t size) {
  const uint64_t capacity = ring->capacity_bytes, start = ticks();
  for (;;) {
    uint64_t tail = __atomic_load_n(&ring->tail, __ATOMIC_RELAXED);
    const uint64_t head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
    const uint64_t to_end = capacity - (tail & (capacity - 1));
    const uint64_t pad = size <= to_end ? 0 : to_end;
    if (tail + pad + size - head > capacity) {
      if (ticks() - start < ring->wait_ticks) continue;
      __atomic_fetch_add(&ring->lost, 1, __ATOMIC_RELAXED);
      return 0;
    }
    if (!__atomic_compare_exchange_n(&ring->tail, &tail, tail + pad + size, 1, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED)) {
      continue;
    }
    tq_shell_record* record = (tq_shell_record*)(ring->data + (tail & (capacity - 1)));
    if (!pad) return record;
    record->kind = TQ_SHELL_RECORD_PAD;
    __atomic_store_n(&record->size_bytes, (uint32_t)pad, __ATOMIC_RELEASE);
    return (tq_shell_record*)ring->data;
  }
}

int32_t print(tq_cpu_thread* thread, const char* format, const void* arguments) {
  hart* self = hart_of(thread);
  tq_shell_ring* ring = (tq_shell_ring*)self->device->print_ring;
  if (!format || !ring) return -1;
  // A record is a quarter of a ring at most, so that there comes a time when it fits.
  const uint32_t limit = ring->capacity_bytes / 4 < TQ_SHELL_MAX_RECORD_BYTES
                             ? (uint32_t)(ring->capacity_bytes / 4)
                             : TQ_SHELL_MAX_RECORD_BYTES;
  uint32_t left = limit - sizeof(tq_shell_record) - 8 * (MAX_ARGUMENTS + 2);
  const uint32_t format_size = text_bytes(format, left - 1);
  left -= format_size + 1;
  conversions found;
  find_conversions(format, format + format_size, &found);
  if (!arguments) found.argument_bytes = found.string_count = 0;
  const uint32_t format_bytes = (format_size + 8) & ~7u, argument_bytes = (found.argument_bytes + 7) & ~7u;
  uint32_t size = (uint32_t)sizeof(tq_shell_record) + format_bytes + argument_bytes;
  for (uint32_t i = 0; i < found.string_count; ++i) {
    const char* text = *(const char* const*)((const uint8_t*)arguments + found.strings[i].at);
    // At least the NUL goes with each.
    const uint32_t room = left > found.string_count - i ? left - (found.string_count - i) : 0;
    found.strings[i].bytes = text ? text_bytes(text, room) + 1 : 0;
    left -= found.strings[i].bytes;
    size += found.strings[i].bytes;
  }
  size = (size + 15) & ~15u;

  tq_shell_record* record = reserve(ring, size);
  if (!record) return -1;
  record->kind = TQ_SHELL_RECORD_PRINT;
  record->format_bytes = format_bytes;
  record->argument_bytes = argument_bytes;
  record->grid_id = thread->block->grid_id;
  uint8_t* to = (uint8_t*)(record + 1);
  __builtin_memcpy(to, format, format_size);
  uint8_t* copied_arguments = to + format_bytes;
  __builtin_memcpy(copied_arguments, arguments, found.argument_bytes);
  to = copied_arguments + argument_bytes;
  for (uint32_t i = 0; i < found.string_count; ++i) {
    uint64_t* pointer = (uint64_t*)(copied_arguments + found.strings[i].at);
    const uint32_t bytes = found.strings[i].bytes;
    if (bytes) {
      __builtin_memcpy(to, (const void*)*pointer, bytes - 1);
      *pointer = (uint64_t)(to - (uint8_t*)record);
      to += bytes;
    }
  }
  __atomic_store_n(&record->size_bytes, size, __ATOMIC_RELEASE);
  return found.count;
}
