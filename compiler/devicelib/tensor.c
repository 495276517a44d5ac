// Copies of boxes between a tensor in global memory and shared memory (PTX ISA, "Tensors",
// "cp.async.bulk.tensor"). In shared memory a box is dense, the first dimension fastest, with the address
// bits of its chunks mixed as the map's swizzle says. The first dimension of an interleaved layout counts
// slices of channels (docs/decisions/0026-interleaved-tensors-count-slices.md).
#include "base/tensor_map.h"
#include "compiler/devicelib/narrow.h"

void tq_reduce_array_u32(uint32_t*, const uint32_t*, uint32_t, uint32_t);
void tq_reduce_array_s32(uint32_t*, const uint32_t*, uint32_t, uint32_t);
void tq_reduce_array_u64(uint64_t*, const uint64_t*, uint32_t, uint32_t);
void tq_reduce_array_s64(uint64_t*, const uint64_t*, uint32_t, uint32_t);
void tq_reduce_array_f16(uint16_t*, const uint16_t*, uint32_t, uint32_t);
void tq_reduce_array_bf16(uint16_t*, const uint16_t*, uint32_t, uint32_t);
void tq_reduce_array_f32(uint32_t*, const uint32_t*, uint32_t, uint32_t);
void tq_reduce_array_f64(uint64_t*, const uint64_t*, uint32_t, uint32_t);
uint32_t tq_cvt_tf32_f32(float, uint32_t, uint32_t);

#define RANK 5

// What moves as a unit along the first dimension: one element, or 16 of the packed ones.
typedef struct unit {
  uint32_t elements, global_bytes, shared_bytes;
} unit;

TQ_INLINE unit unit_of(uint32_t type) {
  switch (type) {
    case TQ_TENSOR_U8:
      return (unit){1, 1, 1};
    case TQ_TENSOR_U16:
    case TQ_TENSOR_F16:
    case TQ_TENSOR_BF16:
      return (unit){1, 2, 2};
    case TQ_TENSOR_U64:
    case TQ_TENSOR_S64:
    case TQ_TENSOR_F64:
      return (unit){1, 8, 8};
    case TQ_TENSOR_B4X16:
      return (unit){16, 8, 8};
    case TQ_TENSOR_B4X16_P64:
      return (unit){16, 8, 16};
    case TQ_TENSOR_B6X16_P32:
      return (unit){16, 12, 16};
    default:
      return (unit){1, 4, 4};
  }
}

// Address bits of the row within the pattern are added to those of the chunk within the row.
TQ_INLINE uint8_t* swizzled(uint8_t* at, const tq_tensor_map* map) {
  uint64_t address = (uint64_t)at;
  switch (map->swizzle) {
    case TQ_SWIZZLE_32B:
      return (uint8_t*)(address ^ (address >> 3 & 0x10));
    case TQ_SWIZZLE_64B:
      return (uint8_t*)(address ^ (address >> 3 & 0x30));
    case TQ_SWIZZLE_128B:
      break;
    default:
      return at;
  }
  switch (map->atomicity) {
    case TQ_ATOM_32B:
      return (uint8_t*)(address ^ (address >> 2 & 0x60));
    case TQ_ATOM_32B_FLIP_8B:
      return (uint8_t*)(address ^ (address >> 2 & 0x60) ^ (address >> 4 & 0x08));
    case TQ_ATOM_64B:
      return (uint8_t*)(address ^ (address >> 1 & 0x40));
    default:
      return (uint8_t*)(address ^ (address >> 3 & 0x70));
  }
}

TQ_INLINE uint32_t is_float(uint32_t type) { return type >= TQ_TENSOR_F16 && type <= TQ_TENSOR_TF32_FTZ; }

TQ_INLINE void move(uint8_t* to, const uint8_t* from, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i++) to[i] = from[i];
}

// One unit into shared memory. Bits of some types change on the way.
TQ_INLINE void load_unit(uint8_t* shared, const uint8_t* global, const tq_tensor_map* map, unit u) {
  if (global == 0) {
    uint8_t fill = map->fills_with_nan && is_float(map->type) ? 0xff : 0;  // the NaN that fma.oob knows
    for (uint32_t i = 0; i < u.shared_bytes; i++) shared[i] = fill;
    return;
  }
  if (map->type == TQ_TENSOR_F32_FTZ || map->type == TQ_TENSOR_TF32 || map->type == TQ_TENSOR_TF32_FTZ) {
    float value;
    __builtin_memcpy(&value, global, sizeof value);
    uint32_t bits = tq_bits_f32(map->type == TQ_TENSOR_TF32 ? value : tq_flush(value));
    if (map->type != TQ_TENSOR_F32_FTZ) bits = tq_cvt_tf32_f32(tq_f32_bits(bits), TQ_RNA, 0);
    __builtin_memcpy(shared, &bits, sizeof bits);
    return;
  }
  move(shared, global, u.global_bytes);
}

// One unit out of shared memory. On the way out, 16 elements of 6 bits have a byte each (.b6p2x16).
TQ_INLINE void store_unit(uint8_t* global, const uint8_t* shared, uint32_t type, unit u) {
  if (type != TQ_TENSOR_B6X16_P32) {
    move(global, shared, u.global_bytes);
    return;
  }
  for (uint32_t i = 0; i < 4; i++) {
    const uint8_t* four = shared + 4 * i;
    uint32_t bits = 0;
    for (uint32_t j = 0; j < 4; j++) bits |= (uint32_t)(four[j] & 0x3f) << (6 * j);
    for (uint32_t j = 0; j < 3; j++) global[3 * i + j] = (uint8_t)(bits >> (8 * j));
  }
}

TQ_INLINE void reduce_unit(uint8_t* global, const uint8_t* shared, uint32_t type, uint32_t op) {
  switch (type) {
    case TQ_TENSOR_U32:
      tq_reduce_array_u32((uint32_t*)global, (const uint32_t*)shared, 4, op);
      return;
    case TQ_TENSOR_S32:
      tq_reduce_array_s32((uint32_t*)global, (const uint32_t*)shared, 4, op);
      return;
    case TQ_TENSOR_U64:
      tq_reduce_array_u64((uint64_t*)global, (const uint64_t*)shared, 8, op);
      return;
    case TQ_TENSOR_S64:
      tq_reduce_array_s64((uint64_t*)global, (const uint64_t*)shared, 8, op);
      return;
    case TQ_TENSOR_F16:
      tq_reduce_array_f16((uint16_t*)global, (const uint16_t*)shared, 2, op);
      return;
    case TQ_TENSOR_BF16:
      tq_reduce_array_bf16((uint16_t*)global, (const uint16_t*)shared, 2, op);
      return;
    case TQ_TENSOR_F64:
      tq_reduce_array_f64((uint64_t*)global, (const uint64_t*)shared, 8, op);
      return;
    default:
      tq_reduce_array_f32((uint32_t*)global, (const uint32_t*)shared, 4, op);
  }
}

// One row: `units` units from element `first` of the `size` that the row of `global` has (0: all of it is out
// of bounds). Returns where the next row begins in shared memory.
static uint8_t* copy_row(uint8_t* shared, uint8_t* global, const tq_tensor_map* map, int64_t first,
                         uint64_t size, uint32_t units, uint32_t direction, uint32_t op) {
  const unit u = unit_of(map->type);
  for (uint32_t i = 0; i < units; i++) {
    int64_t element = first + (int64_t)i * u.elements;
    uint8_t* at = 0;
    if (global != 0 && element >= 0 && (uint64_t)element < size) {
      at = global + (uint64_t)element / u.elements * u.global_bytes;
    }
    uint8_t* to = swizzled(shared + (uint64_t)i * u.shared_bytes, map);
    if (direction == TQ_TENSOR_LOAD) {
      load_unit(to, at, map, u);
    } else if (at != 0 && direction == TQ_TENSOR_STORE) {
      store_unit(at, to, map->type, u);
    } else if (at != 0) {
      reduce_unit(at, to, map->type, op);
    }
  }
  return shared + (uint64_t)units * u.shared_bytes;
}

TQ_INLINE uint64_t size_of(const tq_tensor_map* map, uint32_t d) {
  return map->sizes[d] ? map->sizes[d] : 1ull << 32;
}

TQ_INLINE uint32_t rank_of(const tq_tensor_map* map) { return map->rank < RANK ? map->rank + 1u : RANK; }

// Bytes of a slice of channels; 0 where the layout is not interleaved.
TQ_INLINE uint32_t slice_bytes(const tq_tensor_map* map) {
  if (map->rank < 2) return 0;
  return map->interleave == TQ_INTERLEAVE_16B ? 16 : map->interleave == TQ_INTERLEAVE_32B ? 32 : 0;
}

// The row of these coordinates (of dimensions 1 and up), or 0 when it lies out of bounds. Interleaved, a row
// is a slice, and one slice has all of a picture before the next begins.
TQ_INLINE uint8_t* row_at(const tq_tensor_map* map, const int64_t* coordinates) {
  const uint32_t rank = rank_of(map);
  uint64_t address = map->address;
  for (uint32_t d = 1; d < rank; d++) {
    if (coordinates[d] < 0 || (uint64_t)coordinates[d] >= size_of(map, d)) return 0;
    address += (uint64_t)coordinates[d] * map->strides[d - 1];
  }
  if (slice_bytes(map)) {
    if (coordinates[0] < 0 || (uint64_t)coordinates[0] >= size_of(map, 0)) return 0;
    address += (uint64_t)coordinates[0] * size_of(map, rank - 2) * map->strides[rank - 3];
  }
  return (uint8_t*)address;
}

// The row of these coordinates, from element at[0] on, or their slice.
TQ_INLINE uint8_t* copy_at(uint8_t* shared, const tq_tensor_map* map, const int64_t* at, uint32_t units,
                           uint32_t direction, uint32_t op) {
  const uint32_t slice = slice_bytes(map);
  if (slice == 0) return copy_row(shared, row_at(map, at), map, at[0], size_of(map, 0), units, direction, op);
  const unit u = unit_of(map->type);
  units = slice / u.global_bytes;
  return copy_row(shared, row_at(map, at), map, 0, (uint64_t)units * u.elements, units, direction, op);
}

TQ_INLINE uint32_t stride_of(const tq_tensor_map* map, uint32_t d) {
  // Without interleaving the first dimension has none.
  return (d == 0 && !slice_bytes(map)) || map->element_strides[d] == 0 ? 1 : map->element_strides[d];
}

// A box whose first corner is `corner`. Returns the bytes of shared memory that it takes.
TQ_DEVICE_OUTLINED uint32_t tq_tensor_tile(uint8_t* shared, const tq_tensor_map* map, const int32_t* corner,
                                           uint32_t direction, uint32_t op) {
  uint32_t count[RANK] = {1, 1, 1, 1, 1}, index[RANK] = {0};
  const uint32_t rank = rank_of(map);
  for (uint32_t d = 0; d < rank; d++) {
    uint32_t step = stride_of(map, d);
    count[d] = (map->box[d] + step - 1) / step;
    if (count[d] == 0) return 0;
  }
  const uint32_t units = count[0] / unit_of(map->type).elements;
  // The dimensions from the fastest on, but the first, of which a row has all; slices lie outside a picture.
  uint32_t order[RANK] = {1, 2, 3, 4, 0}, loops = rank - 1;
  if (slice_bytes(map)) {
    order[rank - 2] = 0;
    order[rank - 1] = rank - 1;
    loops = rank;
  }
  uint8_t* next = shared;
  for (;;) {
    int64_t at[RANK] = {0};
    for (uint32_t d = 0; d < rank; d++) at[d] = corner[d] + (int64_t)index[d] * stride_of(map, d);
    next = copy_at(next, map, at, units, direction, op);
    uint32_t i = 0;
    while (i < loops && ++index[order[i]] == count[order[i]]) index[order[i++]] = 0;
    if (i == loops) return (uint32_t)(next - shared);
  }
}
// tile::gather4 and tile::scatter4: four rows of a tensor of two dimensions; `corner` has their common first
// element and then each one's number.
TQ_DEVICE_OUTLINED uint32_t tq_tensor_rows(uint8_t* shared, const tq_tensor_map* map, const int32_t* corner,
                                           uint32_t direction) {
  const uint32_t units = map->box[0] / unit_of(map->type).elements;
  uint8_t* next = shared;
  for (uint32_t i = 0; i < 4; i++) {
    int64_t at[RANK] = {corner[0], corner[1 + i]};
    next = copy_at(next, map, at, units, direction, 0);
  }
  return (uint32_t)(next - shared);
}

// im2col: `pixels` pixels of an image batch, beginning at `corner`, each moved by `offsets`; where a
// coordinate leaves the map's box it starts again at the other side and the next one goes on. Interleaved,
// there is such a column for each slice.
TQ_DEVICE_OUTLINED uint32_t tq_tensor_columns(uint8_t* shared, const tq_tensor_map* map,
                                              const int32_t* corner, const int32_t* offsets,
                                              uint32_t direction, uint32_t op) {
  const uint32_t rank = rank_of(map);
  if (rank < 3) return 0;
  const uint32_t units = map->channels / unit_of(map->type).elements, batch = rank - 1;
  const uint32_t columns = slice_bytes(map) ? map->channels : 1;
  uint8_t* next = shared;
  for (uint32_t column = 0; column < columns; column++) {
    int64_t base[RANK] = {0};
    for (uint32_t d = 0; d < rank; d++) base[d] = corner[d];
    base[0] += (int64_t)column * stride_of(map, 0);
    for (uint32_t pixel = 0; pixel < map->pixels; pixel++) {
      int64_t at[RANK] = {0};
      for (uint32_t d = 0; d < rank; d++)
        at[d] = base[d] + (d > 0 && d < batch && offsets ? offsets[d - 1] : 0);
      next = copy_at(next, map, at, units, direction, op);
      uint32_t d = 1;
      for (; d < batch; d++) {
        base[d] += stride_of(map, d);
        if (base[d] < (int64_t)map->sizes[d] + map->upper[d - 1]) break;
        base[d] = map->lower[d - 1];
      }
      if (d == batch) base[batch]++;
    }
  }
  return (uint32_t)(next - shared);
}

// im2col::w and, with `every` 32, im2col::w::128: pixels along W, and behind the last of the box those of the
// next picture. After every `every` of the `pixels` (0: after all) come `halo` more, those to the right of
// the last one in its own line, be they outside the box: the taps of a filter at that pixel. All of it is
// moved to the right by `offset`.
TQ_DEVICE_OUTLINED uint32_t tq_tensor_line(uint8_t* shared, const tq_tensor_map* map, const int32_t* corner,
                                           const int32_t* info, uint32_t pixels, uint32_t every) {
  const uint32_t rank = rank_of(map);
  if (rank < 3) return 0;
  const uint32_t units = map->channels / unit_of(map->type).elements;
  const int64_t step = stride_of(map, 1), offset = info[1];
  if (pixels == 0) pixels = map->pixels;
  if (every == 0) every = pixels;
  int64_t at[RANK] = {0};
  for (uint32_t d = 0; d < rank; d++) at[d] = corner[d];
  at[1] += offset;
  uint8_t* next = shared;
  for (uint32_t pixel = 1; pixel <= pixels; pixel++) {
    next = copy_at(next, map, at, units, TQ_TENSOR_LOAD, 0);
    for (int32_t i = 1; pixel % every == 0 && i <= info[0]; i++) {
      int64_t halo[RANK];
      for (uint32_t d = 0; d < RANK; d++) halo[d] = at[d] + (d == 1 ? i * step : 0);
      next = copy_at(next, map, halo, units, TQ_TENSOR_LOAD, 0);
    }
    at[1] += step;
    if (at[1] < (int64_t)map->sizes[1] + map->upper[0] + offset) continue;
    at[1] = map->lower[0] + offset;
    at[rank - 1]++;
  }
  return (uint32_t)(next - shared);
}

// tensormap.replace. `index` is the dimension, for the fields that have several.
TQ_DEVICE_OUTLINED void tq_tensormap_replace(tq_tensor_map* map, uint32_t field, uint32_t index,
                                             uint64_t value) {
  if (index >= RANK || (field == TQ_TENSOR_GLOBAL_STRIDE && index >= RANK - 1)) return;
  switch (field) {
    case TQ_TENSOR_GLOBAL_ADDRESS:
      map->address = value;
      return;
    case TQ_TENSOR_RANK:
      map->rank = (uint8_t)value;
      return;
    case TQ_TENSOR_BOX_DIM:
      map->box[index] = (uint16_t)value;
      return;
    case TQ_TENSOR_GLOBAL_DIM:
      map->sizes[index] = (uint32_t)value;
      return;
    case TQ_TENSOR_GLOBAL_STRIDE:
      map->strides[index] = value;
      return;
    case TQ_TENSOR_ELEMENT_STRIDE:
      map->element_strides[index] = (uint8_t)value;
      return;
    case TQ_TENSOR_ELEMTYPE:
      map->type = (uint8_t)value;
      return;
    case TQ_TENSOR_INTERLEAVE_LAYOUT:
      map->interleave = (uint8_t)value;
      return;
    case TQ_TENSOR_SWIZZLE_MODE:
      map->swizzle = (uint8_t)value;
      return;
    case TQ_TENSOR_FILL_MODE:
      map->fills_with_nan = (uint8_t)value;
      return;
    default:
      map->atomicity = (uint8_t)value;
  }
}
