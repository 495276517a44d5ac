// The trace of API calls that TIANQIAO_TRACE=api writes: one line per call with decoded arguments, results
// and time. A call that other calls happen inside of is split into an opening and a closing line, with those
// calls indented between them. A Trace lives on the stack of the thread whose call it describes.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "runtime/cuda/trace_text.h"
#include "runtime/cuda/trace_value.h"

namespace tq::cuda {

class Trace {
 public:
  static bool IsOn() { return is_on_; }

  explicit Trace(const char* api);
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  template <typename T>
  void Argument(const char* name, const T& value) {
    text_.BeginItem(name);
    PrintTo(text_, value);
  }

  template <typename T>
  void Array(const char* name, const T* values, size_t count) {
    text_.BeginItem(name);
    if (values == nullptr) return text_.Add("null");
    text_.Add("[");
    for (size_t i = 0; i < count && i < kMaxElements; ++i) {
      if (i > 0) text_.Add(", ");
      PrintTo(text_, values[i]);
    }
    text_.Add(count > kMaxElements ? ", ...]" : "]");
  }

  // What a successful call left at `value`.
  template <typename T>
  void Result(const char* name, const T* value) {
    if constexpr (!std::is_void_v<T>) {
      results_.BeginItem(name);
      if constexpr (std::is_same_v<T, char>) {
        results_.AddQuoted(value);
      } else {
        PrintTo(results_, *value);
      }
    }
  }

  CUresult End(CUresult code);

 private:
  static constexpr size_t kMaxElements = 8;
  static const bool is_on_;

  // Writes the opening line, when the first call inside this one begins.
  void Open();

  const char* api_;
  Trace* parent_;
  int depth_;
  bool is_open_ = false;
  int64_t start_ns_;
  TraceText text_;
  TraceText results_;
};

}  // namespace tq::cuda
