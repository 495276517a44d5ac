#include "hal/format_printf.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace tq::hal {
namespace {

constexpr int32_t kMaxArguments = 32;

// The arguments in the order of the format.
class Arguments {
 public:
  explicit Arguments(const PrintfArguments& source)
      : source_(source), buffer_(static_cast<const uint8_t*>(source.bytes)) {}

  // False beyond the 32nd, which the guide says are dropped.
  template <typename T>
  bool Next(T* value) {
    if (count_ >= kMaxArguments || buffer_ == nullptr) return false;
    const size_t aligned = (offset_ + sizeof(T) - 1) & ~(sizeof(T) - 1);
    if (aligned > source_.size_bytes || sizeof(T) > source_.size_bytes - aligned) return false;
    offset_ = aligned;
    std::memcpy(value, buffer_ + offset_, sizeof(T));
    offset_ += sizeof(T);
    ++count_;
    return true;
  }
  bool NextText(const char** value) {
    uint64_t word = 0;
    if (!Next(&word)) return false;
    *value = reinterpret_cast<const char*>(word);
    if (source_.texts != nullptr) {
      *value = word != 0 && word < source_.texts_size_bytes ? source_.texts + word : nullptr;
    }
    return true;
  }
  int32_t count() const { return count_; }

 private:
  const PrintfArguments& source_;
  const uint8_t* buffer_;
  size_t offset_ = 0;
  int32_t count_ = 0;
};

class Text {
 public:
  Text(char* begin, size_t capacity) : begin_(begin), capacity_(capacity) {}

  void Append(const char* text, size_t size) {
    size = std::min(size, capacity_ - size_);
    std::memcpy(begin_ + size_, text, size);
    size_ += size;
  }
  template <typename T>
  void Format(const char* spec, T value) {
    char buffer[512];
    const int wanted = std::snprintf(buffer, sizeof buffer, spec, value);
    if (wanted > 0) Append(buffer, std::min<size_t>(static_cast<size_t>(wanted), sizeof buffer - 1));
  }
  size_t size() const { return size_; }

 private:
  char* begin_;
  size_t capacity_, size_ = 0;
};

// One conversion: %[flags][width][.precision][length]conversion.
struct Spec {
  char text[48];  // rebuilt, with stars replaced and our own length
  size_t size = 0;
  char length = 0;  // 'l' for 64 bits
  char conversion = 0;
  const char* end = nullptr;
  int precision = -1;

  void Push(char c) {
    if (size < sizeof text - 4) text[size++] = c;
  }
  void PushNumber(int value) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "%d", value);
    for (const char* c = digits; *c != 0; ++c) Push(*c);
  }
};

constexpr int kMaxField = 400;  // of width and precision: a hostile format must not write megabytes

int ParseNumber(const char*& at, Arguments& arguments) {
  int value = 0;
  if (*at == '*') {
    ++at;
    arguments.Next(&value);
  } else {
    for (; *at >= '0' && *at <= '9'; ++at) value = std::min(value * 10 + (*at - '0'), kMaxField);
  }
  return std::clamp(value, -kMaxField, kMaxField);
}

Spec ParseSpec(const char* at, Arguments& arguments) {
  Spec spec;
  spec.Push('%');
  for (++at; *at != 0 && std::strchr("-+ #0", *at) != nullptr; ++at) {
    if (spec.size < 8) spec.Push(*at);
  }
  if (*at == '*' || (*at >= '1' && *at <= '9')) spec.PushNumber(ParseNumber(at, arguments));
  if (*at == '.') {
    ++at;
    spec.precision = ParseNumber(at, arguments);
    if (spec.precision >= 0) {
      spec.Push('.');
      spec.PushNumber(spec.precision);
    }
  }
  for (; *at != 0 && std::strchr("hlLqjzt", *at) != nullptr; ++at) {
    if (*at != 'h') spec.length = 'l';
  }
  spec.conversion = *at;
  spec.end = *at == 0 ? at : at + 1;
  return spec;
}

void Terminate(Spec& spec, const char* length) {
  for (; *length != 0; ++length) spec.text[spec.size++] = *length;
  spec.text[spec.size++] = spec.conversion;
  spec.text[spec.size] = 0;
}

// False: not a conversion that we know; the text is copied as it is.
bool AppendConversion(Spec& spec, Arguments& arguments, Text& text) {
  switch (spec.conversion) {
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
      if (spec.length == 'l') {
        long long value = 0;
        if (!arguments.Next(&value)) return true;
        Terminate(spec, "ll");
        text.Format(spec.text, value);
      } else {
        int value = 0;
        if (!arguments.Next(&value)) return true;
        Terminate(spec, "");
        text.Format(spec.text, value);
      }
      return true;
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case 'a':
    case 'A': {
      double value = 0;
      if (!arguments.Next(&value)) return true;
      Terminate(spec, "");
      text.Format(spec.text, value);
      return true;
    }
    case 'c': {
      int value = 0;
      if (!arguments.Next(&value)) return true;
      Terminate(spec, "");
      text.Format(spec.text, value);
      return true;
    }
    case 'p': {
      void* value = nullptr;
      if (!arguments.Next(&value)) return true;
      Terminate(spec, "");
      text.Format(spec.text, value);
      return true;
    }
    case 's': {
      const char* value = nullptr;
      if (!arguments.NextText(&value)) return true;
      if (value == nullptr) value = "(null)";
      if (spec.size == 1) {  // plain %s of any length
        text.Append(value, strnlen(value, kMaxPrintBytes));
        return true;
      }
      Terminate(spec, "");
      text.Format(spec.text, value);
      return true;
    }
    case 'n': {
      void* ignored = nullptr;  // takes its argument and writes nothing
      arguments.Next(&ignored);
      return true;
    }
    default:
      return false;
  }
}

}  // namespace

int32_t FormatPrintf(const char* format, const PrintfArguments& source, char* out, size_t capacity,
                     size_t* size_bytes) {
  *size_bytes = 0;
  if (format == nullptr) return -1;
  Arguments arguments(source);
  Text text(out, capacity);
  for (const char* at = format; *at != 0;) {
    const char* percent = std::strchr(at, '%');
    if (percent == nullptr) {
      text.Append(at, std::strlen(at));
      break;
    }
    text.Append(at, static_cast<size_t>(percent - at));
    if (percent[1] == '%') {
      text.Append("%", 1);
      at = percent + 2;
      continue;
    }
    Spec spec = ParseSpec(percent, arguments);
    if (!AppendConversion(spec, arguments, text))
      text.Append(percent, static_cast<size_t>(spec.end - percent));
    at = spec.end;
  }
  *size_bytes = text.size();
  return arguments.count();
}

}  // namespace tq::hal
