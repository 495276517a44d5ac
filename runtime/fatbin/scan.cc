#include "runtime/fatbin/scan.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status.h"
#include "runtime/fatbin/archive.h"
#include "runtime/fatbin/elf.h"
#include "runtime/fatbin/format.h"
#include "runtime/fatbin/read.h"

namespace tq::fatbin {
namespace {

// nvcc aligns fat binaries to 8 wherever it puts them: .nv_fatbin, __nv_relfatbin, or an array in .rodata.
constexpr uint64_t kAlignBytes = 8;

struct Place {
  uint64_t offset_bytes;
  std::string_view member;
};

// Fat binaries anywhere in a host file, found by the eight bytes that they all begin with: sections are
// stripped or renamed more often than one thinks, and code is nested in read-only data.
size_t ScanForHeaders(std::span<const uint8_t> bytes, Place place, const UnitVisitor& visit) {
  constexpr HeaderRecord kHeader = {kHeaderMagic, kHeaderVersion, sizeof(HeaderRecord), 0};
  uint64_t wanted;
  std::memcpy(&wanted, &kHeader, sizeof(wanted));
  size_t found = 0;
  for (uint64_t at = 0; at + sizeof(HeaderRecord) <= bytes.size(); at += kAlignBytes) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + at, sizeof(word));
    if (word != wanted) continue;
    uint64_t extent = 0;
    const auto unit = ReadFatbin(bytes.subspan(at), &extent);
    if (!unit.ok()) {
      Log(LogLevel::kWarn, "offset %llu: %s", static_cast<unsigned long long>(place.offset_bytes + at),
          std::string(unit.status().message()).c_str());
      continue;
    }
    ++found;
    visit({place.offset_bytes + at, place.member, &*unit});
    at += (extent - 1) & ~(kAlignBytes - 1);
  }
  return found;
}

absl::StatusOr<size_t> Scan(std::span<const uint8_t> bytes, Place place, const UnitVisitor& visit) {
  if (IsArchive(bytes) && place.member.empty()) {
    ASSIGN_OR_RETURN(const std::vector<ArchiveMember> members, ReadArchive(bytes));
    size_t found = 0;
    for (const ArchiveMember& member : members) {
      const uint64_t offset = member.bytes.data() - bytes.data();
      const auto in_member = Scan(member.bytes, {place.offset_bytes + offset, member.name}, visit);
      if (in_member.ok()) found += *in_member;
    }
    return found;
  }
  if (IsElf(bytes)) {
    const auto elf = Elf::Read(bytes);
    if (!elf.ok() || !elf->is_cubin()) return ScanForHeaders(bytes, place, visit);
  }
  ASSIGN_OR_RETURN(const Container container, ReadBytes(bytes));
  for (const Unit& unit : container.units) visit({place.offset_bytes, place.member, &unit});
  return container.units.size();
}

}  // namespace

absl::Status ScanBytes(std::span<const uint8_t> bytes, const UnitVisitor& visit) {
  ASSIGN_OR_RETURN(const size_t found, Scan(bytes, {0, {}}, visit));
  if (found == 0) return absl::InvalidArgumentError("the file holds no device code");
  return absl::OkStatus();
}

absl::Status ScanFile(const std::string& path, const UnitVisitor& visit) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return absl::NotFoundError(absl::StrCat(path, " cannot be opened (", std::strerror(errno), ")"));
  struct stat info;
  void* data = MAP_FAILED;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    data = mmap(nullptr, info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  }
  close(fd);
  if (data == MAP_FAILED)
    return absl::InvalidArgumentError(absl::StrCat(path, " is no regular file with contents"));
  const size_t size = info.st_size;
  madvise(data, size, MADV_SEQUENTIAL);
  absl::Status status = ScanBytes({static_cast<const uint8_t*>(data), size}, visit);
  munmap(data, size);
  return WithContext(std::move(status), path);
}

}  // namespace tq::fatbin
