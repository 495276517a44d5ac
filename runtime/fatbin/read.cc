#include "runtime/fatbin/read.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/fatbin/archive.h"
#include "runtime/fatbin/elf.h"
#include "runtime/fatbin/format.h"
#include "runtime/fatbin/ptx_object.h"

namespace tq::fatbin {
namespace {

// A program of a few thousand linked units is large; more is a damaged prelinked list.
constexpr size_t kMaxPrelinkedUnits = 1 << 16;

absl::Status Invalid(const std::string& what) {
  return absl::InvalidArgumentError("the image is damaged: " + what);
}

Codec CodecOf(uint64_t flags) {
  if ((flags & kFlagZstd) != 0) return Codec::kZstd;
  if ((flags & kFlagLz4) != 0) return Codec::kLz4;
  if ((flags & kFlagOldCompressed) != 0) return Codec::kUnknown;
  return Codec::kStored;
}

ImageKind KindOf(uint16_t kind) {
  switch (kind) {
    case kEntryPtx:
      return ImageKind::kPtx;
    case kEntryElf:
      return ImageKind::kCubin;
    case kEntryLtoIr:
      return ImageKind::kLtoIr;
    default:
      return ImageKind::kUnknown;  // a kind that a later toolkit adds is no error: another entry may serve
  }
}

std::string_view AsText(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const uint8_t> UntilNul(std::span<const uint8_t> bytes) {
  return bytes.first(AsText(bytes).substr(0, AsText(bytes).find('\0')).size());
}

// A piece of the entry's header: name or options.
absl::StatusOr<std::string_view> HeaderText(std::span<const uint8_t> header, uint32_t offset, uint32_t size) {
  if (offset > header.size() || size > header.size() - offset) {
    return Invalid(absl::StrCat("a text of ", size, " bytes at ", offset, " leaves its entry header (",
                                header.size(), " bytes)"));
  }
  return AsText(UntilNul(header.subspan(offset, size)));
}

// Makes `image` the PTX that an object of our ptxas holds.
absl::Status OpenPtxObject(std::span<const uint8_t> bytes, Image& image) {
  ASSIGN_OR_RETURN(const PtxObject object, ReadPtxObject(bytes));
  image.kind = ImageKind::kPtx;
  image.payload = UntilNul({reinterpret_cast<const uint8_t*>(object.ptx.data()), object.ptx.size()});
  image.size_bytes = image.payload.size();
  image.options = object.options;
  return absl::OkStatus();
}

absl::StatusOr<Image> MakeImage(const EntryRecord& entry, std::span<const uint8_t> header,
                                std::span<const uint8_t> payload) {
  Image image;
  image.kind = KindOf(entry.kind);
  image.codec = CodecOf(entry.flags);
  image.arch.sm = entry.sm;
  if ((entry.flags & kFlagFamily) != 0) image.arch.variant = 'f';
  if ((entry.flags & kFlagArchSpecific) != 0) image.arch.variant = 'a';
  image.major_version = entry.major_version;
  image.minor_version = entry.minor_version;
  image.flags = entry.flags;
  if (entry.name_offset != 0) {
    ASSIGN_OR_RETURN(image.name, HeaderText(header, entry.name_offset, entry.name_size_bytes));
  }
  if (entry.options_offset != 0) {
    OptionsRecord options;
    if (!LoadRecord(header, entry.options_offset, options)) {
      return Invalid(absl::StrCat("an options block at ", entry.options_offset, " leaves its entry header"));
    }
    ASSIGN_OR_RETURN(image.options, HeaderText(header, options.text_offset, options.text_size_bytes));
  }
  // fatbinary leaves machine code uncompressed unless it is told otherwise (--compress-all).
  if (image.kind == ImageKind::kCubin && entry.minor_version == kPtxObjectAbi &&
      image.codec == Codec::kStored) {
    RETURN_IF_ERROR(OpenPtxObject(payload, image));
    return image;
  }
  if (image.codec == Codec::kStored) {
    image.payload = image.kind == ImageKind::kPtx ? UntilNul(payload) : payload;
    image.size_bytes = image.payload.size();
    return image;
  }
  if (entry.compressed_size_bytes > payload.size()) {
    return Invalid(absl::StrCat("an entry's compressed size (", entry.compressed_size_bytes,
                                ") is above its stored size (", payload.size(), ")"));
  }
  image.payload =
      payload.first(entry.compressed_size_bytes != 0 ? entry.compressed_size_bytes : payload.size());
  image.size_bytes = entry.uncompressed_size_bytes;
  return image;
}

Unit SingleImage(ImageKind kind, std::span<const uint8_t> bytes, Arch arch) {
  Image image;
  image.kind = kind;
  image.arch = arch;
  image.payload = bytes;
  image.size_bytes = bytes.size();
  return Unit{{image}};
}

absl::Status ReadInto(std::span<const uint8_t> bytes, Container& container, bool in_archive) {
  uint32_t magic = 0;
  LoadRecord(bytes, 0, magic);
  if (magic == kHeaderMagic) {
    uint64_t size = 0;
    ASSIGN_OR_RETURN(Unit unit, ReadFatbin(bytes, &size));
    container.units.push_back(std::move(unit));
    return absl::OkStatus();
  }
  if (magic == kOldHeaderMagic) return Invalid("it is a fat binary of CUDA 3 or before");
  if (magic == kWrapperMagic)
    return Invalid("a wrapper record is usable only inside the program that holds it");
  if (IsElf(bytes)) {
    ASSIGN_OR_RETURN(const Elf elf, Elf::Read(bytes));
    if (!elf.is_cubin()) return Invalid("it is an ELF file for the host");
    if (elf.is_ptx_object()) {
      Image image;
      RETURN_IF_ERROR(OpenPtxObject(bytes.first(elf.extent_bytes()), image));
      image.arch = elf.cubin_arch();
      container.units.push_back(Unit{{image}});
      return absl::OkStatus();
    }
    container.units.push_back(
        SingleImage(ImageKind::kCubin, bytes.first(elf.extent_bytes()), elf.cubin_arch()));
    return absl::OkStatus();
  }
  if (IsArchive(bytes)) {
    if (in_archive) return Invalid("an archive holds an archive");
    ASSIGN_OR_RETURN(const std::vector<ArchiveMember> members, ReadArchive(bytes));
    for (const ArchiveMember& member : members) {
      RETURN_IF_ERROR(WithContext(ReadInto(member.bytes, container, true), member.name));
    }
    return absl::OkStatus();
  }
  if (LooksLikePtx(bytes)) {
    container.units.push_back(SingleImage(ImageKind::kPtx, UntilNul(bytes), {}));
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "the image is neither a fat binary, PTX, a cubin nor an archive (first bytes 0x" +
      std::string(absl::StrCat(absl::Hex(magic, absl::kZeroPad8))) + ")");
}

std::span<const uint8_t> Unbounded(const void* data, uint64_t size) {
  return {static_cast<const uint8_t*>(data), size};
}

absl::StatusOr<Unit> ReadFatbinPointer(const void* data) {
  HeaderRecord header;
  std::memcpy(&header, data, sizeof(header));
  if (header.magic != kHeaderMagic) {
    return Invalid(absl::StrCat("a wrapper refers to something else than a fat binary (magic 0x",
                                absl::Hex(header.magic), ")"));
  }
  if (header.files_size_bytes > INT64_MAX - UINT16_MAX) return Invalid("its size is absurd");
  uint64_t size = 0;
  return ReadFatbin(Unbounded(data, header.header_size_bytes + header.files_size_bytes), &size);
}

absl::StatusOr<Container> ReadWrapper(const void* image) {
  WrapperRecord wrapper;
  std::memcpy(&wrapper, image, sizeof(wrapper));
  if (wrapper.version != 1 && wrapper.version != 2) {
    return Invalid(absl::StrCat("the version of its wrapper is neither 1 nor 2 (", wrapper.version, ")"));
  }
  Container container;
  if (wrapper.data != nullptr) {
    ASSIGN_OR_RETURN(Unit linked, ReadFatbinPointer(wrapper.data));
    // nvlink leaves the linked image empty, or with machine code alone; then the driver links the inputs.
    const bool has_ptx = std::any_of(linked.images.begin(), linked.images.end(),
                                     [](const Image& image) { return image.kind == ImageKind::kPtx; });
    if (wrapper.version == 1 || has_ptx) {
      container.units.push_back(std::move(linked));
      return container;
    }
  }
  if (wrapper.version == 2 && wrapper.extra != nullptr) {
    const void* const* list = static_cast<const void* const*>(wrapper.extra);
    for (; *list != nullptr; ++list) {
      if (container.units.size() == kMaxPrelinkedUnits)
        return Invalid("its list of linked inputs has no end");
      ASSIGN_OR_RETURN(Unit unit, ReadFatbinPointer(*list));
      container.units.push_back(std::move(unit));
    }
  }
  return container;
}

}  // namespace

absl::StatusOr<Unit> ReadFatbin(std::span<const uint8_t> bytes, uint64_t* size_bytes) {
  HeaderRecord header;
  if (!LoadRecord(bytes, 0, header)) return Invalid(absl::StrCat("it has only ", bytes.size(), " bytes"));
  if (header.magic != kHeaderMagic || header.version != kHeaderVersion) {
    return Invalid(absl::StrCat("it is no fat binary of version 1 (magic 0x", absl::Hex(header.magic),
                                ", version ", header.version, ")"));
  }
  if (header.header_size_bytes < sizeof(HeaderRecord) || header.header_size_bytes > bytes.size()) {
    return Invalid(absl::StrCat("the size of its header is wrong (", header.header_size_bytes, ")"));
  }
  bytes = bytes.subspan(header.header_size_bytes);
  if (header.files_size_bytes > bytes.size()) {
    return Invalid(absl::StrCat("it is cut off: ", header.files_size_bytes, " bytes follow the header (",
                                bytes.size(), " are there)"));
  }
  bytes = bytes.first(header.files_size_bytes);
  *size_bytes = header.header_size_bytes + header.files_size_bytes;

  Unit unit;
  while (!bytes.empty()) {
    EntryRecord entry;
    if (!LoadRecord(bytes, 0, entry))
      return Invalid(absl::StrCat("an entry has only ", bytes.size(), " bytes"));
    if (entry.header_size_bytes < sizeof(EntryRecord) || entry.header_size_bytes > bytes.size()) {
      return Invalid(
          absl::StrCat("the header of an entry leaves the fat binary (", entry.header_size_bytes, ")"));
    }
    const auto entry_header = bytes.first(entry.header_size_bytes);
    bytes = bytes.subspan(entry.header_size_bytes);
    if (entry.payload_size_bytes > bytes.size()) {
      return Invalid(absl::StrCat("an entry of ", entry.payload_size_bytes, " bytes leaves the fat binary (",
                                  bytes.size(), " are left)"));
    }
    ASSIGN_OR_RETURN(Image image, MakeImage(entry, entry_header, bytes.first(entry.payload_size_bytes)));
    unit.images.push_back(image);
    bytes = bytes.subspan(entry.payload_size_bytes);
  }
  return unit;
}

absl::StatusOr<Container> ReadBytes(std::span<const uint8_t> bytes) {
  Container container;
  RETURN_IF_ERROR(ReadInto(bytes, container, false));
  return container;
}

absl::StatusOr<Container> ReadPointer(const void* image) {
  uint32_t magic;
  // Byte by byte up to the NUL: a short text may end where its page ends.
  const auto* head = static_cast<const uint8_t*>(image);
  size_t readable = 0;
  while (readable < sizeof(magic) && head[readable] != 0) ++readable;
  if (readable < sizeof(magic)) {
    return absl::InvalidArgumentError(absl::StrCat("the image is a text of only ", readable, " characters"));
  }
  std::memcpy(&magic, image, sizeof(magic));
  if (magic == kWrapperMagic) return ReadWrapper(image);
  if (magic == kHeaderMagic) {
    ASSIGN_OR_RETURN(Unit unit, ReadFatbinPointer(image));
    return Container{{std::move(unit)}};
  }
  if (IsElf(Unbounded(image, 4))) {
    ASSIGN_OR_RETURN(const uint64_t extent, ElfExtentAt(image));
    return ReadBytes(Unbounded(image, extent));
  }
  if (std::memcmp(image, "!<ar", 4) == 0) return ReadBytes(Unbounded(image, ArchiveExtentAt(image)));
  return ReadBytes(Unbounded(image, std::strlen(static_cast<const char*>(image))));
}

bool LooksLikePtx(std::span<const uint8_t> bytes) {
  std::string_view text = AsText(bytes);
  while (!text.empty()) {
    if (const size_t start = text.find_first_not_of(" \t\r\n\v\f"); start != 0) {
      if (start == std::string_view::npos) return false;
      text.remove_prefix(start);
    }
    if (text.starts_with("//")) {
      const size_t end = text.find('\n');
      if (end == std::string_view::npos) return false;
      text.remove_prefix(end);
    } else if (text.starts_with("/*")) {
      const size_t end = text.find("*/", 2);
      if (end == std::string_view::npos) return false;
      text.remove_prefix(end + 2);
    } else {
      return text.starts_with(".version");
    }
  }
  return false;
}

std::string ToString(Arch arch) {
  std::string text = absl::StrCat("sm_", arch.sm);
  if (arch.variant != 0) text += arch.variant;
  return text;
}

}  // namespace tq::fatbin
