#include "runtime/fatbin/text.h"

#include <lz4.h>
#include <sys/mman.h>
#include <zstd.h>

#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tq::fatbin {
namespace {

absl::Status Invalid(const std::string& what) {
  return absl::InvalidArgumentError("the image is damaged: its compressed contents " + what);
}

// An LZ4 block grows at most this much; a claim above it is a lie that would only waste address space.
constexpr uint64_t kMaxLz4Ratio = 255;

absl::Status ExpandLz4(std::span<const uint8_t> stored, std::span<uint8_t> out) {
  if (stored.size() > INT32_MAX) return Invalid("are too large");
  const int size =
      LZ4_decompress_safe(reinterpret_cast<const char*>(stored.data()), reinterpret_cast<char*>(out.data()),
                          static_cast<int>(stored.size()), static_cast<int>(out.size()));
  if (size < 0) return Invalid("are no LZ4 block");
  if (static_cast<size_t>(size) != out.size()) {
    return Invalid(absl::StrCat("expand to ", size, " bytes instead of ", out.size()));
  }
  return absl::OkStatus();
}

absl::Status ExpandZstd(std::span<const uint8_t> stored, std::span<uint8_t> out) {
  const size_t size = ZSTD_decompress(out.data(), out.size(), stored.data(), stored.size());
  if (ZSTD_isError(size)) return Invalid(absl::StrCat("are no zstd frame: ", ZSTD_getErrorName(size)));
  if (size != out.size()) return Invalid(absl::StrCat("expand to ", size, " bytes instead of ", out.size()));
  return absl::OkStatus();
}

// Keeps the texts that were asked for last. A program that launches many kernels of one image for the first
// time, one after another, would otherwise expand it for each.
class RecentTexts {
 public:
  void Add(std::shared_ptr<const std::string_view> text) {
    std::deque<std::shared_ptr<const std::string_view>> dropped;  // freed outside the lock
    const std::lock_guard lock(mutex_);
    size_bytes_ += text->size();
    texts_.push_back(std::move(text));
    while (size_bytes_ > kBudgetBytes && texts_.size() > 1) {
      size_bytes_ -= texts_.front()->size();
      dropped.push_back(std::move(texts_.front()));
      texts_.pop_front();
    }
  }

 private:
  static constexpr uint64_t kBudgetBytes = 32 << 20;
  std::mutex mutex_;
  std::deque<std::shared_ptr<const std::string_view>> texts_;
  uint64_t size_bytes_ = 0;
};

RecentTexts& Recent() {
  static auto* const recent = new RecentTexts;  // modules may outlive static destructors
  return *recent;
}

std::string_view UntilNul(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.substr(0, text.find('\0'));
}

}  // namespace

absl::StatusOr<Pages> Pages::Allocate(size_t size_bytes) {
  if (size_bytes == 0) return Pages(nullptr, 0);
  void* const data = mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) {
    return absl::ResourceExhaustedError(
        absl::StrCat("there is no memory for an image of ", size_bytes, " bytes"));
  }
  return Pages(static_cast<uint8_t*>(data), size_bytes);
}

Pages::Pages(Pages&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_bytes_(std::exchange(other.size_bytes_, 0)) {}

Pages::~Pages() {
  if (data_ != nullptr) munmap(data_, size_bytes_);
}

absl::StatusOr<Pages> Expand(const Image& image) {
  if (image.size_bytes > kMaxImageSizeBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("an image of ", image.size_bytes, " bytes is above the limit of ", kMaxImageSizeBytes));
  }
  if (image.codec == Codec::kLz4 && image.size_bytes / kMaxLz4Ratio > image.payload.size()) {
    return Invalid(
        absl::StrCat("cannot grow from ", image.payload.size(), " to ", image.size_bytes, " bytes"));
  }
  if (image.codec == Codec::kUnknown) return Unsupported("an image compressed by a toolkit before CUDA 11");
  ASSIGN_OR_RETURN(Pages pages, Pages::Allocate(image.size_bytes));
  switch (image.codec) {
    case Codec::kLz4:
      RETURN_IF_ERROR(ExpandLz4(image.payload, pages.bytes()));
      break;
    case Codec::kZstd:
      RETURN_IF_ERROR(ExpandZstd(image.payload, pages.bytes()));
      break;
    default:
      std::copy(image.payload.begin(), image.payload.end(), pages.bytes().begin());
      break;
  }
  return pages;
}

Text::Text(const Image& image, Storage storage) : image_(image) {
  image_.name = {};  // not needed here, and they may dangle
  image_.options = {};
  if (storage == Storage::kCopy) {
    stored_.assign(image.payload.begin(), image.payload.end());
    image_.payload = stored_;
  }
}

absl::StatusOr<std::shared_ptr<const std::string_view>> Text::Acquire() {
  const std::lock_guard lock(mutex_);
  if (std::shared_ptr<const std::string_view> text = expanded_.lock()) return text;
  if (image_.codec == Codec::kStored) {
    auto text = std::make_shared<const std::string_view>(UntilNul(image_.payload));
    expanded_ = text;
    return text;
  }
  ASSIGN_OR_RETURN(Pages pages, Expand(image_));
  struct Expanded {
    Pages pages;
    std::string_view text;
  };
  const std::string_view view = UntilNul(pages.bytes());
  auto expanded = std::make_shared<const Expanded>(Expanded{std::move(pages), view});
  std::shared_ptr<const std::string_view> text(expanded, &expanded->text);
  expanded_ = text;
  Recent().Add(text);
  return text;
}

}  // namespace tq::fatbin
