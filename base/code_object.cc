#include "base/code_object.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tq {
namespace {

constexpr uint32_t kMagic = 0x4F435154;  // "TQCO"
constexpr size_t kHeaderSizeBytes = 24;  // magic, version, u64 size of the whole, CRC, zero
constexpr size_t kSectionAlignBytes = 8;

class Writer {
 public:
  void U32(uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) bytes_.push_back(static_cast<uint8_t>(value >> shift));
  }
  void U64(uint64_t value) {
    U32(static_cast<uint32_t>(value));
    U32(static_cast<uint32_t>(value >> 32));
  }
  void String(std::string_view text) {
    U32(static_cast<uint32_t>(text.size()));
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }
  void Strings(const std::vector<std::string>& list) {
    U32(static_cast<uint32_t>(list.size()));
    for (const std::string& text : list) String(text);
  }
  void Bytes(std::span<const uint8_t> data) { bytes_.insert(bytes_.end(), data.begin(), data.end()); }
  void EndSection() { bytes_.resize((bytes_.size() + kSectionAlignBytes - 1) & ~(kSectionAlignBytes - 1)); }
  void Patch32(size_t at, uint32_t value) {
    for (int i = 0; i < 4; ++i) bytes_[at + i] = static_cast<uint8_t>(value >> (8 * i));
  }
  size_t size() const { return bytes_.size(); }
  std::vector<uint8_t>& bytes() { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

// Every read is checked; after the first failure all reads give zeros, so that a caller may check once per
// section.
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  uint32_t U32() {
    if (!Require(4)) return 0;
    const uint8_t* p = bytes_.data() + at_;
    at_ += 4;
    return uint32_t{p[0]} | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24;
  }
  uint64_t U64() {
    const uint64_t low = U32();
    return low | uint64_t{U32()} << 32;
  }
  std::string String() {
    const std::span<const uint8_t> data = Bytes(U32());
    return std::string(reinterpret_cast<const char*>(data.data()), data.size());
  }
  std::span<const uint8_t> Bytes(uint64_t size) {
    if (!Require(size)) return {};
    const auto data = bytes_.subspan(at_, size);
    at_ += size;
    return data;
  }
  // A number of records of at least `min_size_bytes` each. Bounded by what is left, so that a hostile count
  // cannot make the caller allocate.
  size_t Count(size_t min_size_bytes) {
    const uint32_t count = U32();
    return Require(uint64_t{count} * min_size_bytes) ? count : 0;
  }
  void EndSection() {
    const size_t padded = (at_ + kSectionAlignBytes - 1) & ~(kSectionAlignBytes - 1);
    while (at_ < padded && Require(1)) ok_ = bytes_[at_++] == 0;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  bool Require(uint64_t size) {
    ok_ = ok_ && size <= bytes_.size() - at_;
    return ok_;
  }

  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

void WriteKernel(Writer& out, const KernelRecord& kernel) {
  out.String(kernel.name);
  out.String(kernel.entry);
  out.U32(kernel.flags);
  out.U32(kernel.param_size_bytes);
  out.U32(kernel.static_shared_bytes);
  out.U32(kernel.shared_align_bytes);
  out.U32(kernel.local_bytes);
  out.U32(kernel.register_count);
  out.U32(kernel.max_threads);
  for (const uint32_t n : kernel.required_threads) out.U32(n);
  for (const uint32_t n : kernel.required_cluster) out.U32(n);
}
constexpr size_t kMinKernelSizeBytes = 15 * 4;

KernelRecord ReadKernel(Reader& in) {
  KernelRecord kernel;
  kernel.name = in.String();
  kernel.entry = in.String();
  kernel.flags = in.U32();
  kernel.param_size_bytes = in.U32();
  kernel.static_shared_bytes = in.U32();
  kernel.shared_align_bytes = in.U32();
  kernel.local_bytes = in.U32();
  kernel.register_count = in.U32();
  kernel.max_threads = in.U32();
  for (uint32_t& n : kernel.required_threads) n = in.U32();
  for (uint32_t& n : kernel.required_cluster) n = in.U32();
  return kernel;
}

std::vector<std::string> ReadStrings(Reader& in) {
  std::vector<std::string> list;
  const size_t count = in.Count(4);
  list.reserve(count);
  for (size_t i = 0; i < count && in.ok(); ++i) list.push_back(in.String());
  return list;
}

absl::Status Malformed(std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the code object is damaged: ", absl::string_view(what.data(), what.size())));
}

constexpr size_t kLineSizeBytes = 24;

absl::Status ReadSections(Reader& in, CodeObject& object) {
  object.target = in.String();
  in.EndSection();
  object.abi_version = in.U32();
  in.EndSection();
  object.features = in.String();
  in.EndSection();
  if (!in.ok()) return Malformed("its target description ends early");

  const size_t kernel_count = in.Count(kMinKernelSizeBytes);
  object.kernels.reserve(kernel_count);
  for (size_t i = 0; i < kernel_count && in.ok(); ++i) object.kernels.push_back(ReadKernel(in));
  in.EndSection();
  if (!in.ok()) return Malformed("its kernel table ends early");

  const size_t symbol_count = in.Count(8);
  object.symbols.reserve(symbol_count);
  for (size_t i = 0; i < symbol_count && in.ok(); ++i) {
    SymbolRecord symbol;
    symbol.name = in.String();
    symbol.symbol = in.String();
    object.symbols.push_back(std::move(symbol));
  }
  in.EndSection();
  object.imports = ReadStrings(in);
  in.EndSection();
  object.files = ReadStrings(in);
  in.EndSection();
  object.functions = ReadStrings(in);
  in.EndSection();
  if (!in.ok()) return Malformed("its symbol tables end early");

  const size_t line_count = in.Count(kLineSizeBytes);
  object.lines.reserve(line_count);
  for (size_t i = 0; i < line_count && in.ok(); ++i) {
    LineRecord line;
    line.pc_offset = in.U64();
    line.ptx_line = in.U32();
    line.file = in.U32();
    line.source_line = in.U32();
    line.function = in.U32();
    object.lines.push_back(line);
  }
  in.EndSection();
  const uint64_t payload_size = in.U64();
  const auto payload = in.Bytes(payload_size);
  in.EndSection();
  if (!in.ok()) return Malformed("its line table or payload ends early");
  if (!in.at_end()) return Malformed("bytes follow its payload");
  object.payload.assign(payload.begin(), payload.end());
  return absl::OkStatus();
}

// Consumers index with these numbers and binary-search the lines.
absl::Status CheckReferences(const CodeObject& object) {
  for (const KernelRecord& kernel : object.kernels) {
    const uint32_t align = kernel.shared_align_bytes;
    if ((align & (align - 1)) != 0) {
      return Malformed(absl::StrCat("kernel ", kernel.name, " wants shared memory aligned to ", align));
    }
  }
  uint64_t previous = 0;
  for (const LineRecord& line : object.lines) {
    if (line.pc_offset < previous) return Malformed("its line table is not in the order of the code");
    previous = line.pc_offset;
    if (line.file != 0 && line.file >= object.files.size()) {
      return Malformed(absl::StrCat("a line refers to file ", line.file, " of ", object.files.size()));
    }
    if (line.function >= object.functions.size()) {
      return Malformed(
          absl::StrCat("a line refers to function ", line.function, " of ", object.functions.size()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<uint8_t> WriteCodeObject(const CodeObject& object) {
  Writer out;
  out.bytes().reserve(kHeaderSizeBytes + object.payload.size() + object.lines.size() * kLineSizeBytes + 4096);
  out.U32(kMagic);
  out.U32(kCodeObjectVersion);
  out.U64(0);
  out.U32(0);
  out.U32(0);

  out.String(object.target);
  out.EndSection();
  out.U32(object.abi_version);
  out.EndSection();
  out.String(object.features);
  out.EndSection();
  out.U32(static_cast<uint32_t>(object.kernels.size()));
  for (const KernelRecord& kernel : object.kernels) WriteKernel(out, kernel);
  out.EndSection();
  out.U32(static_cast<uint32_t>(object.symbols.size()));
  for (const SymbolRecord& symbol : object.symbols) {
    out.String(symbol.name);
    out.String(symbol.symbol);
  }
  out.EndSection();
  for (const auto* list : {&object.imports, &object.files, &object.functions}) {
    out.Strings(*list);
    out.EndSection();
  }
  out.U32(static_cast<uint32_t>(object.lines.size()));
  for (const LineRecord& line : object.lines) {
    out.U64(line.pc_offset);
    out.U32(line.ptx_line);
    out.U32(line.file);
    out.U32(line.source_line);
    out.U32(line.function);
  }
  out.EndSection();
  out.U64(object.payload.size());
  out.Bytes(object.payload);
  out.EndSection();

  const uint64_t size = out.size();
  out.Patch32(8, static_cast<uint32_t>(size));
  out.Patch32(12, static_cast<uint32_t>(size >> 32));
  out.Patch32(16, Crc32c(std::span<const uint8_t>(out.bytes()).subspan(kHeaderSizeBytes)));
  return std::move(out.bytes());
}

absl::StatusOr<CodeObject> ReadCodeObject(std::span<const uint8_t> bytes) {
  if (bytes.size() < kHeaderSizeBytes) return Malformed(absl::StrCat("it has only ", bytes.size(), " bytes"));
  Reader header(bytes.first(kHeaderSizeBytes));
  if (const uint32_t magic = header.U32(); magic != kMagic) {
    return Malformed(absl::StrCat("its magic number is wrong (0x", absl::Hex(magic), ")"));
  }
  if (const uint32_t version = header.U32(); version != kCodeObjectVersion) {
    return Malformed(absl::StrCat("its version is not ", kCodeObjectVersion, " (", version, ")"));
  }
  if (const uint64_t size = header.U64(); size != bytes.size()) {
    return Malformed(absl::StrCat("it should have ", size, " bytes (", bytes.size(), ")"));
  }
  const uint32_t crc = header.U32();
  if (header.U32() != 0) return Malformed("its reserved field is not zero");
  const auto body = bytes.subspan(kHeaderSizeBytes);
  if (const uint32_t actual = Crc32c(body); actual != crc) {
    return Malformed(absl::StrCat("its checksum is wrong (0x", absl::Hex(actual), ")"));
  }
  Reader in(body);
  CodeObject object;
  RETURN_IF_ERROR(ReadSections(in, object));
  RETURN_IF_ERROR(CheckReferences(object));
  return object;
}

}  // namespace tq
