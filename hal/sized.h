// Structs of hal.h begin with `size`, which whoever allocates them sets: a backend writes and reads no more
// than that, so that callers and backends of different ages agree.
#pragma once

#include <cstdint>
#include <cstring>

namespace tq::hal {

// *out = value, as far as the caller's struct reaches. The caller's `size` stays.
template <typename T>
void WriteSized(T* out, T value) {
  const uint32_t size = out->size < sizeof(T) ? out->size : static_cast<uint32_t>(sizeof(T));
  value.size = out->size;
  std::memcpy(static_cast<void*>(out), &value, size);
}

// A copy whose missing fields are zero.
template <typename T>
T ReadSized(const T* in) {
  T value;
  std::memset(static_cast<void*>(&value), 0, sizeof value);
  std::memcpy(static_cast<void*>(&value), in, in->size < sizeof(T) ? in->size : sizeof(T));
  return value;
}

}  // namespace tq::hal
