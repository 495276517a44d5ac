#include "hal/cpu/suspend.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "hal/cpu/device.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace tq::hal::cpu {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kPieceBytes = 16 << 20;  // moved at a time: so much memory is needed twice

struct Range {
  uint64_t begin, end;
};

// What of [begin, end) is the process's alone: accessible and of no file (proc(5), /proc/pid/maps).
std::vector<Range> PrivateRanges(uint64_t begin, uint64_t end) {
  std::vector<Range> ranges;
  const std::unique_ptr<FILE, int (*)(FILE*)> maps(std::fopen("/proc/self/maps", "re"), std::fclose);
  char line[512];
  while (maps != nullptr && std::fgets(line, sizeof line, maps.get()) != nullptr) {
    unsigned long first = 0, last = 0, inode = 0;
    char access[8] = "";
    if (std::sscanf(line, "%lx-%lx %7s %*s %*s %lu", &first, &last, access, &inode) != 4) continue;
    const Range range = {std::max<uint64_t>(first, begin), std::min<uint64_t>(last, end)};
    if (range.begin < range.end && inode == 0 && access[0] == 'r') ranges.push_back(range);
  }
  return ranges;
}

// Which pages have something in them: present or swapped out (Linux, "pagemap"). Where nobody says, all of
// them.
class Pagemap {
 public:
  Pagemap() : file_(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)) {}
  ~Pagemap() {
    if (file_ >= 0) close(file_);
  }
  Pagemap(const Pagemap&) = delete;
  Pagemap& operator=(const Pagemap&) = delete;

  std::vector<bool> Used(uint64_t begin, uint64_t end) const {
    std::vector<uint64_t> entries((end - begin) / kPage);
    const auto bytes = static_cast<ssize_t>(entries.size() * sizeof(uint64_t));
    const auto offset = static_cast<off_t>(begin / kPage * sizeof(uint64_t));
    if (file_ < 0 || pread(file_, entries.data(), static_cast<size_t>(bytes), offset) != bytes)
      return std::vector<bool>(entries.size(), true);
    std::vector<bool> used;
    for (const uint64_t entry : entries) used.push_back((entry >> 62) != 0);
    return used;
  }

 private:
  const int file_;
};

template <typename Transfer>
bool TransferAll(Transfer transfer, uint64_t address, uint64_t size_bytes, uint64_t offset) {
  while (size_bytes != 0) {
    const ssize_t moved = transfer(reinterpret_cast<void*>(address), size_bytes, static_cast<off_t>(offset));
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return false;
    address += static_cast<uint64_t>(moved);
    offset += static_cast<uint64_t>(moved);
    size_bytes -= static_cast<uint64_t>(moved);
  }
  return true;
}

bool SavePiece(const Pagemap& pagemap, uint64_t base, Range piece, int file) {
  const std::vector<bool> used = pagemap.Used(piece.begin, piece.end);
  const auto write = [file](void* from, size_t bytes, off_t offset) {
    return pwrite(file, from, bytes, offset);
  };
  for (size_t first = 0; first < used.size();) {
    size_t last = first;
    while (last < used.size() && used[last]) ++last;
    const uint64_t begin = piece.begin + first * kPage;
    if (last > first && !TransferAll(write, begin, (last - first) * kPage, begin - base)) return false;
    first = last + 1;
  }
  return true;
}

}  // namespace

hal_status LoadRange(uint64_t begin, uint64_t end, int file) {
  const auto read = [file](void* to, size_t bytes, off_t offset) { return pread(file, to, bytes, offset); };
  for (uint64_t at = 0; at < end - begin;) {
    const off_t data = lseek(file, static_cast<off_t>(at), SEEK_DATA);
    if (data < 0) return errno == ENXIO ? HAL_OK : HAL_INTERNAL;  // nothing more
    const off_t hole = lseek(file, data, SEEK_HOLE);
    if (hole < 0) return HAL_INTERNAL;
    const uint64_t bytes = std::min<uint64_t>(static_cast<uint64_t>(hole - data), kPieceBytes);
    const uint64_t place = begin + static_cast<uint64_t>(data);
    // Without this a page that cannot be had would kill the process; an older kernel does not know the
    // advice.
    if (madvise(reinterpret_cast<void*>(place), bytes, MADV_POPULATE_WRITE) != 0 && errno == ENOMEM)
      return HAL_OUT_OF_MEMORY;
    if (!TransferAll(read, place, bytes, static_cast<uint64_t>(data))) return HAL_INTERNAL;
    at = static_cast<uint64_t>(data) + bytes;
  }
  return HAL_OK;
}

hal_status SaveRange(uint64_t begin, uint64_t end, int* out) {
  const int file = memfd_create("tianqiao-suspended", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, static_cast<off_t>(end - begin)) != 0) {
    if (file >= 0) close(file);
    return HAL_OUT_OF_HOST_MEMORY;
  }
  const Pagemap pagemap;
  for (const Range& range : PrivateRanges(begin, end)) {
    for (uint64_t at = range.begin; at < range.end; at += kPieceBytes) {
      const Range piece = {at, std::min(at + kPieceBytes, range.end)};
      if (!SavePiece(pagemap, begin, piece, file)) {
        // What has gone comes back: nothing was lost, and nothing is suspended.
        const hal_status back = LoadRange(begin, end, file);
        close(file);
        return back == HAL_OK ? HAL_OUT_OF_HOST_MEMORY : HAL_INTERNAL;
      }
      madvise(reinterpret_cast<void*>(piece.begin), piece.end - piece.begin, MADV_DONTNEED);
    }
  }
  *out = file;
  return HAL_OK;
}

hal_status DeviceSuspend(hal_device* device) {
  device->ReclaimDeferred();
  return device->arena.Suspend();
}

hal_status DeviceResume(hal_device* device) { return device->arena.Resume(); }

}  // namespace tq::hal::cpu
