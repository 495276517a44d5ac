#include "runtime/fatbin/archive.h"

#include <ar.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"

namespace tq::fatbin {
namespace {

absl::Status Invalid(const std::string& what) {
  return absl::InvalidArgumentError("the archive is damaged: " + what);
}

// A field of the header: text padded with blanks.
template <size_t kSize>
std::string_view Field(const char (&field)[kSize]) {
  std::string_view text(field, kSize);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool ParseDecimal(std::string_view text, uint64_t& value) {
  return absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &value);
}

bool IsHeader(const ar_hdr& header) {
  return std::memcmp(header.ar_fmag, ARFMAG, sizeof(header.ar_fmag)) == 0;
}

uint64_t PadToEven(uint64_t size) { return size + (size & 1); }

constexpr size_t kShortNameBytes = sizeof(ar_hdr::ar_name) - 1;  // beside the slash that ends it

template <size_t kSize>
void SetField(char (&field)[kSize], std::string_view text) {
  std::memset(field, ' ', kSize);
  std::memcpy(field, text.data(), std::min(text.size(), kSize));
}

void AppendMember(std::vector<uint8_t>& out, std::string_view name, std::span<const uint8_t> contents) {
  ar_hdr header;
  SetField(header.ar_name, name);
  SetField(header.ar_date, "0");
  SetField(header.ar_uid, "0");
  SetField(header.ar_gid, "0");
  SetField(header.ar_mode, "100644");
  SetField(header.ar_size, std::to_string(contents.size()));
  std::memcpy(header.ar_fmag, ARFMAG, sizeof(header.ar_fmag));
  const auto* bytes = reinterpret_cast<const uint8_t*>(&header);
  out.insert(out.end(), bytes, bytes + sizeof(header));
  out.insert(out.end(), contents.begin(), contents.end());
  if (out.size() % 2 != 0) out.push_back('\n');
}

// "name/", or "/123": an offset in the member that holds the long names.
absl::StatusOr<std::string> MemberName(std::string_view field, std::string_view long_names) {
  if (field.size() > 1 && field[0] == '/') {
    uint64_t offset = 0;
    if (!ParseDecimal(field.substr(1), offset) || offset >= long_names.size()) {
      return Invalid(absl::StrCat("a member's name is out of range (", std::string(field), ")"));
    }
    const std::string_view tail = long_names.substr(offset);
    return std::string(tail.substr(0, tail.find_first_of("/\n")));
  }
  if (field.ends_with('/')) field.remove_suffix(1);
  return std::string(field);
}

}  // namespace

bool IsArchive(std::span<const uint8_t> bytes) {
  return bytes.size() >= SARMAG && std::memcmp(bytes.data(), ARMAG, SARMAG) == 0;
}

absl::StatusOr<std::vector<ArchiveMember>> ReadArchive(std::span<const uint8_t> bytes) {
  std::vector<ArchiveMember> members;
  std::string_view long_names;
  bytes = bytes.subspan(SARMAG);
  while (!bytes.empty()) {
    ar_hdr header;
    if (bytes.size() < sizeof(header))
      return Invalid(absl::StrCat("a member header has ", bytes.size(), " bytes"));
    std::memcpy(&header, bytes.data(), sizeof(header));
    if (!IsHeader(header)) return Invalid("a member header is missing");
    bytes = bytes.subspan(sizeof(header));
    uint64_t size = 0;
    if (!ParseDecimal(Field(header.ar_size), size) || size > bytes.size()) {
      return Invalid(absl::StrCat("a member is cut off (size ", std::string(Field(header.ar_size)), ", ",
                                  bytes.size(), " bytes are left)"));
    }
    const auto contents = bytes.first(size);
    bytes = bytes.subspan(std::min<uint64_t>(PadToEven(size), bytes.size()));
    const std::string_view name = Field(header.ar_name);
    if (name == "/" || name == "/SYM64/") continue;
    if (name == "//") {
      long_names = {reinterpret_cast<const char*>(contents.data()), contents.size()};
      continue;
    }
    ASSIGN_OR_RETURN(std::string full_name, MemberName(name, long_names));
    members.push_back({std::move(full_name), contents});
  }
  return members;
}

std::vector<uint8_t> WriteArchive(const std::vector<std::pair<std::string, std::vector<uint8_t>>>& members) {
  std::string long_names;
  std::vector<std::string> fields;
  for (const auto& [name, contents] : members) {
    if (name.size() <= kShortNameBytes) {
      fields.push_back(absl::StrCat(name, "/"));
    } else {
      fields.push_back(absl::StrCat("/", long_names.size()));
      absl::StrAppend(&long_names, name, "/\n");
    }
  }
  std::vector<uint8_t> out(ARMAG, &ARMAG[SARMAG]);
  if (!long_names.empty()) {
    AppendMember(out, "//", {reinterpret_cast<const uint8_t*>(long_names.data()), long_names.size()});
  }
  for (size_t i = 0; i < members.size(); ++i) AppendMember(out, fields[i], members[i].second);
  return out;
}

uint64_t ArchiveExtentAt(const void* archive) {
  const auto* base = static_cast<const uint8_t*>(archive);
  uint64_t extent = SARMAG;
  while (true) {
    ar_hdr header;
    std::memcpy(&header, base + extent, sizeof(header));
    uint64_t size = 0;
    if (!IsHeader(header) || !ParseDecimal(Field(header.ar_size), size)) return extent;
    extent += sizeof(header) + PadToEven(size);
  }
}

}  // namespace tq::fatbin
