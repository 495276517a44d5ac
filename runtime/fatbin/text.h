// The PTX text of an image, expanded when it is wanted and given back when nobody uses it: a program with
// hundreds of megabytes of PTX keeps the text of a few images in memory. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/fatbin/image.h"

namespace tq::fatbin {

// No image of a real program comes near; more is an attack.
inline constexpr uint64_t kMaxImageSizeBytes = uint64_t{1} << 30;

// Bytes in pages of their own, which go back to the system at once. Immutable after Expand.
class Pages {
 public:
  static absl::StatusOr<Pages> Allocate(size_t size_bytes);
  Pages(Pages&& other) noexcept;
  Pages(const Pages&) = delete;
  ~Pages();

  std::span<uint8_t> bytes() const { return {data_, size_bytes_}; }

 private:
  Pages(uint8_t* data, size_t size_bytes) : data_(data), size_bytes_(size_bytes) {}
  uint8_t* data_;
  size_t size_bytes_;
};

// The image's contents. InvalidArgument: damaged, or the size is not the one promised; Unimplemented: a codec
// of before CUDA 11; ResourceExhausted: above kMaxImageSizeBytes or out of memory.
absl::StatusOr<Pages> Expand(const Image& image);

class Text {
 public:
  enum class Storage {
    kBorrow,  // the image's bytes outlive this object
    kCopy,  // the caller may free them: keeps a copy of what is stored, which is small where it is compressed
  };
  Text(const Image& image, Storage storage);

  // The text, without NUL. Held in memory while a copy of the pointer exists, and a while longer if it was
  // among the last that were asked for. Errors: as Expand.
  absl::StatusOr<std::shared_ptr<const std::string_view>> Acquire();

 private:
  Image image_;
  std::vector<uint8_t> stored_;  // kCopy
  std::mutex mutex_;
  std::weak_ptr<const std::string_view> expanded_;
};

}  // namespace tq::fatbin
