#include "runtime/cuda/trace_text.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace tq::cuda {

void TraceText::AddFormatted(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(buffer_ + size_, kCapacity - size_, format, arguments);
  va_end(arguments);
  if (length < 0) return;
  size_ += static_cast<size_t>(length);
  if (size_ >= kCapacity) {
    size_ = kCapacity - 1;
    std::memcpy(buffer_ + kCapacity - 4, "...", 4);
  }
}

void TraceText::Add(const char* text) { AddFormatted("%s", text); }

void TraceText::BeginItem(const char* name) { AddFormatted("%s%s=", empty() ? "" : ", ", name); }

void TraceText::AddQuoted(const char* text) {
  constexpr int kMaxShown = 80;
  if (text == nullptr) return Add("null");
  AddFormatted("\"");
  int shown = 0;
  for (; shown < kMaxShown && text[shown] != '\0'; ++shown) {
    const char c = text[shown];
    if (c == '\n') {
      Add("\\n");
    } else if (c == '"' || c == '\\') {
      AddFormatted("\\%c", c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      AddFormatted("\\x%02x", c);
    } else {
      AddFormatted("%c", c);
    }
  }
  Add(shown == kMaxShown ? "\"..." : "\"");
}

void TraceText::AddBytes(const void* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) AddFormatted("%02x", static_cast<const unsigned char*>(bytes)[i]);
}

void TraceText::AddPointer(const void* value) {
  if (value == nullptr) return Add("null");
  AddFormatted("%p", value);
}

void TraceText::AddSigned(int64_t value) { AddFormatted("%lld", static_cast<long long>(value)); }

void TraceText::AddUnsigned(uint64_t value) {
  constexpr uint64_t kAddressesFrom = uint64_t{1} << 30;
  AddFormatted(value < kAddressesFrom ? "%llu" : "%#llx", static_cast<unsigned long long>(value));
}

void TraceText::AddFloat(double value) { AddFormatted("%.9g", value); }

}  // namespace tq::cuda
