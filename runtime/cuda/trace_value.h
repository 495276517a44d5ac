// How the API trace prints a value: numbers, strings, enumerators by name, structures by field, all else as
// an address.
#pragma once

#include <type_traits>

#include "api/trace_printers.h"
#include "runtime/cuda/trace_text.h"

namespace tq::cuda {

template <typename T>
void PrintTo(TraceText& text, const T& value) {
  if constexpr (std::is_same_v<T, const char*>) {
    text.AddQuoted(value);
  } else if constexpr (std::is_enum_v<T> || std::is_class_v<T> || std::is_union_v<T>) {
    PrintValue(text, value);
  } else if constexpr (std::is_pointer_v<T>) {
    using Pointee = std::remove_cv_t<std::remove_pointer_t<T>>;
    if constexpr (IsPrintable<Pointee>::value) {
      if (value != nullptr) return PrintValue(text, *value);
    }
    text.AddPointer(reinterpret_cast<const void*>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    text.AddFloat(value);
  } else if constexpr (std::is_signed_v<T>) {
    text.AddSigned(value);
  } else {
    text.AddUnsigned(value);
  }
}

}  // namespace tq::cuda
