// malloc and free of kernels (CUDA C++ Programming Guide, "Dynamic Global Memory Allocation"): one heap for
// each address space, under one lock, which nobody holds while touching memory that a kernel owns. First fit
// from where the last search ended; neighbours that are free are joined.
#include "hal/tqgpu/shell/shell.h"

#define ALIGN 16ull
#define USED 1ull

// In front of each piece. Free pieces are in a ring of those, through their own memory.
typedef struct chunk {
  uint64_t size;              // with this header, bit 0: USED
  uint64_t previous_size;     // of the piece below; 0: there is none
  struct chunk *next, *last;  // free ones only
} chunk;

#define HEADER_BYTES offsetof(chunk, next)
#define MIN_CHUNK_BYTES sizeof(chunk)

// The heap's first bytes.
typedef struct heap {
  uint32_t lock;
  uint32_t is_ready;
  chunk* free;  // where the next search begins; null: nothing is free
  chunk *begin, *end;
} heap;

static void lock(heap* heap) {
  while (__atomic_exchange_n(&heap->lock, 1, __ATOMIC_ACQUIRE)) {
  }
}
static void unlock(heap* heap) { __atomic_store_n(&heap->lock, 0, __ATOMIC_RELEASE); }

static uint64_t size_of(const chunk* chunk) { return chunk->size & ~USED; }
static chunk* after(const chunk* at) { return (chunk*)((uint64_t)at + size_of(at)); }

static void link_free(heap* heap, chunk* piece) {
  if (heap->free) {
    piece->next = heap->free;
    piece->last = heap->free->last;
    piece->last->next = piece->next->last = piece;
  } else {
    piece->next = piece->last = piece;
  }
  heap->free = piece;
}

static void unlink_free(heap* heap, chunk* piece) {
  if (piece->next == piece) {
    heap->free = 0;
    return;
  }
  piece->next->last = piece->last;
  piece->last->next = piece->next;
  if (heap->free == piece) heap->free = piece->next;
}

static void set_size(heap* heap, chunk* piece, uint64_t size) {
  piece->size = size;
  if (after(piece) < heap->end) after(piece)->previous_size = size;
}

static void prepare(heap* heap, uint64_t heap_bytes) {
  if (heap->is_ready) return;
  heap->is_ready = 1;
  heap->begin = (chunk*)tq_shell_round_up((uint64_t)(heap + 1), ALIGN);
  heap->end = (chunk*)(((uint64_t)heap + heap_bytes) / ALIGN * ALIGN);
  if ((uint64_t)heap->end < (uint64_t)heap->begin + MIN_CHUNK_BYTES) {
    heap->end = heap->begin;
    return;
  }
  heap->begin->previous_size = 0;
  heap->begin->size = (uint64_t)heap->end - (uint64_t)heap->begin;
  link_free(heap, heap->begin);
}

static void* allocate_locked(heap* heap, uint64_t size) {
  chunk* piece = heap->free;
  if (!piece) return 0;
  while (size_of(piece) < size) {
    piece = piece->next;
    if (piece == heap->free) return 0;
  }
  const uint64_t rest = size_of(piece) - size;
  unlink_free(heap, piece);
  if (rest >= MIN_CHUNK_BYTES) {
    set_size(heap, piece, size);
    chunk* remainder = after(piece);
    remainder->previous_size = size;
    set_size(heap, remainder, rest);
    link_free(heap, remainder);
  }
  piece->size |= USED;
  return (uint8_t*)piece + HEADER_BYTES;
}

void* allocate(tq_cpu_thread* thread, uint64_t size_bytes) {
  const tq_shell_device* device = hart_of(thread)->device;
  heap* heap = (struct heap*)device->heap;
  if (!heap || !size_bytes || size_bytes > device->heap_bytes) return 0;
  uint64_t size = tq_shell_round_up(size_bytes + HEADER_BYTES, ALIGN);
  if (size < MIN_CHUNK_BYTES) size = MIN_CHUNK_BYTES;
  lock(heap);
  prepare(heap, device->heap_bytes);
  void* pointer = allocate_locked(heap, size);
  unlock(heap);
  return pointer;
}

// Null and pointers that allocate did not give are ignored, as far as a piece's neighbours can tell.
static int is_piece(const heap* heap, const chunk* piece) {
  if (piece < heap->begin || piece >= heap->end || (uint64_t)piece % ALIGN) return 0;
  if (!(piece->size & USED) || size_of(piece) > (uint64_t)heap->end - (uint64_t)piece) return 0;
  return after(piece) == heap->end || after(piece)->previous_size == size_of(piece);
}

void release(tq_cpu_thread* thread, void* pointer) {
  heap* heap = (struct heap*)hart_of(thread)->device->heap;
  if (!heap || !pointer) return;
  chunk* piece = (chunk*)((uint8_t*)pointer - HEADER_BYTES);
  lock(heap);
  if (heap->is_ready && is_piece(heap, piece)) {
    uint64_t size = size_of(piece);
    chunk* next = after(piece);
    if (next < heap->end && !(next->size & USED)) {
      unlink_free(heap, next);
      size += size_of(next);
    }
    if (piece->previous_size) {
      chunk* last = (chunk*)((uint8_t*)piece - piece->previous_size);
      if (!(last->size & USED)) {
        unlink_free(heap, last);
        size += size_of(last);
        piece = last;
      }
    }
    set_size(heap, piece, size);
    link_free(heap, piece);
  }
  unlock(heap);
}
