// A line of the API trace under construction: a fixed buffer, cut with "..." when full. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tq::cuda {

class TraceText {
 public:
  const char* text() const { return buffer_; }
  bool empty() const { return size_ == 0; }

  void Add(const char* text);
  // "name=", after a comma unless it is the first.
  void BeginItem(const char* name);
  void AddQuoted(const char* text);  // "null" for null; control characters escaped, long text cut
  void AddBytes(const void* bytes, size_t count);  // hexadecimal
  void AddPointer(const void* value);
  void AddSigned(int64_t value);
  void AddUnsigned(uint64_t value);  // hexadecimal from 1 GiB up, where values are addresses
  void AddFloat(double value);

 private:
  void AddFormatted(const char* format, ...) __attribute__((format(printf, 2, 3)));

  static constexpr size_t kCapacity = 1024;
  size_t size_ = 0;
  char buffer_[kCapacity] = "";
};

}  // namespace tq::cuda
