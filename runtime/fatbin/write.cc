#include "runtime/fatbin/write.h"

#include <lz4.h>
#include <zstd.h>

#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/fatbin/format.h"
#include "runtime/fatbin/read.h"

namespace tq::fatbin {
namespace {

constexpr uint64_t kAlignBytes = 8;
constexpr int kZstdLevel = 12;  // images are written once and read often

template <typename T>
void Append(std::vector<uint8_t>& out, const T& record) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&record);
  out.insert(out.end(), bytes, bytes + sizeof(record));
}

void Append(std::vector<uint8_t>& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}

void Pad(std::vector<uint8_t>& out) { out.resize((out.size() + kAlignBytes - 1) & ~(kAlignBytes - 1)); }

absl::StatusOr<std::vector<uint8_t>> Compress(std::span<const uint8_t> contents, Codec codec) {
  std::vector<uint8_t> out;
  switch (codec) {
    case Codec::kStored:
      out.assign(contents.begin(), contents.end());
      return out;
    case Codec::kLz4: {
      if (contents.size() > LZ4_MAX_INPUT_SIZE)
        return absl::ResourceExhaustedError("the image is too large for LZ4");
      const int size = static_cast<int>(contents.size());
      out.resize(LZ4_compressBound(size));
      out.resize(LZ4_compress_default(reinterpret_cast<const char*>(contents.data()),
                                      reinterpret_cast<char*>(out.data()), size,
                                      static_cast<int>(out.size())));
      return out;
    }
    case Codec::kZstd: {
      out.resize(ZSTD_compressBound(contents.size()));
      const size_t size = ZSTD_compress(out.data(), out.size(), contents.data(), contents.size(), kZstdLevel);
      if (ZSTD_isError(size)) return absl::InternalError(ZSTD_getErrorName(size));
      out.resize(size);
      return out;
    }
    case Codec::kUnknown:
      break;
  }
  return Unsupported("writing an image with that codec");
}

uint64_t FlagsOf(const Image& image) {
  uint64_t flags = kFlag64Bit | kFlagLinux;
  if (image.codec == Codec::kLz4) flags |= kFlagLz4;
  if (image.codec == Codec::kZstd) flags |= kFlagZstd;
  if (image.arch.variant == 'a') flags |= kFlagArchSpecific;
  if (image.arch.variant == 'f') flags |= kFlagFamily;
  if (image.kind == ImageKind::kLtoIr) flags |= kFlagLtoIr;
  return flags;
}

uint16_t EntryKindOf(ImageKind kind) {
  switch (kind) {
    case ImageKind::kPtx:
      return kEntryPtx;
    case ImageKind::kCubin:
      return kEntryElf;
    case ImageKind::kLtoIr:
      return kEntryLtoIr;
    case ImageKind::kUnknown:
      break;
  }
  return 0;
}

// What follows a directive's name in the head of a module, up to the end of the line.
std::string_view DirectiveArgument(std::string_view text, std::string_view directive) {
  const size_t at = text.find(directive);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + directive.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text.substr(0, text.find_first_of(", \t\r\n/"));
}

}  // namespace

absl::StatusOr<Arch> ParseArch(std::string_view text) {
  const std::string_view whole = text;
  for (const std::string_view prefix : {"sm_", "compute_"}) {
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  }
  Arch arch;
  if (text.ends_with('a') || text.ends_with('f')) {
    arch.variant = text.back();
    text.remove_suffix(1);
  }
  if (text.size() < 2 || text.size() > 3 || text.find_first_not_of("0123456789") != std::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("an architecture looks like sm_80 or compute_90a (",
                                                   absl::string_view(whole.data(), whole.size()), ")"));
  }
  for (const char digit : text) arch.sm = arch.sm * 10 + (digit - '0');
  return arch;
}

absl::StatusOr<Image> PtxImage(std::string_view text, Codec codec) {
  Image image;
  image.kind = ImageKind::kPtx;
  image.codec = codec;
  image.payload = {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
  if (!LooksLikePtx(image.payload)) {
    return absl::InvalidArgumentError("the text is no PTX: it does not begin with a .version directive");
  }
  const std::string_view version = DirectiveArgument(text, ".version");
  unsigned major = 0, minor = 0;
  if (std::sscanf(std::string(version).c_str(), "%2u.%2u", &major, &minor) != 2) {
    return absl::InvalidArgumentError(absl::StrCat("the .version directive wants a number such as 8.5 (",
                                                   absl::string_view(version.data(), version.size()), ")"));
  }
  image.major_version = static_cast<uint16_t>(major);
  image.minor_version = static_cast<uint16_t>(minor);
  ASSIGN_OR_RETURN(image.arch, ParseArch(DirectiveArgument(text, ".target")));
  return image;
}

absl::StatusOr<std::vector<uint8_t>> WriteFatbin(std::span<const Image> images) {
  std::vector<uint8_t> files;
  for (const Image& image : images) {
    ASSIGN_OR_RETURN(std::vector<uint8_t> payload, Compress(image.payload, image.codec));
    EntryRecord entry = {};
    entry.kind = EntryKindOf(image.kind);
    entry.version = 0x0101;
    entry.major_version = image.major_version;
    entry.minor_version = image.minor_version;
    entry.sm = image.arch.sm;
    entry.flags = FlagsOf(image);
    if (image.codec != Codec::kStored) {
      entry.compressed_size_bytes = static_cast<uint32_t>(payload.size());
      entry.uncompressed_size_bytes = image.payload.size();
    } else if (image.kind == ImageKind::kPtx) {
      payload.push_back(0);
    }
    Pad(payload);
    entry.payload_size_bytes = payload.size();

    std::vector<uint8_t> tail;
    if (!image.name.empty()) {
      entry.name_offset = sizeof(entry);
      entry.name_size_bytes = static_cast<uint32_t>(image.name.size());
      Append(tail, image.name);
      tail.push_back(0);
      Pad(tail);
    }
    entry.options_offset = static_cast<uint32_t>(sizeof(entry) + tail.size());
    Append(tail, OptionsRecord{static_cast<uint32_t>(entry.options_offset + sizeof(OptionsRecord)),
                               static_cast<uint32_t>(image.options.size())});
    Append(tail, image.options);
    Pad(tail);
    entry.header_size_bytes = static_cast<uint32_t>(sizeof(entry) + tail.size());
    Append(files, entry);
    files.insert(files.end(), tail.begin(), tail.end());
    files.insert(files.end(), payload.begin(), payload.end());
  }
  std::vector<uint8_t> out;
  Append(out, HeaderRecord{kHeaderMagic, kHeaderVersion, sizeof(HeaderRecord), files.size()});
  out.insert(out.end(), files.begin(), files.end());
  return out;
}

}  // namespace tq::fatbin
