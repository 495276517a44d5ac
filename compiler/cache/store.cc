#include "compiler/cache/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "absl/strings/str_cat.h"
#include "base/code_object.h"
#include "base/knobs.h"
#include "base/log.h"

namespace tq {
namespace {

constexpr char kMagic[8] = {'T', 'Q', 'K', 'C', '0', '0', '0', '1'};
constexpr size_t kPrefixBytes = sizeof(kMagic) + sizeof(CacheKey::bytes);  // in front of the code object
constexpr char kSuffix[] = ".tqo";
constexpr char kTemporaryPrefix[] = ".new-";
constexpr int64_t kAbandonedAfterS = 3600;  // a temporary file that old has lost its writer
constexpr int64_t kTouchAfterS = 3600;      // order of use need not be finer, and spares a write per load
constexpr uint64_t kMaxEntryBytes = uint64_t{1} << 30;

class File {
 public:
  File(const std::string& path, int flags, mode_t mode = 0)
      : fd_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

bool ReadAll(int fd, std::span<uint8_t> out) {
  while (!out.empty()) {
    const ssize_t count = read(fd, out.data(), out.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    out = out.subspan(count);
  }
  return true;
}

bool WriteAll(int fd, std::span<const uint8_t> data) {
  while (!data.empty()) {
    const ssize_t count = write(fd, data.data(), data.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    data = data.subspan(count);
  }
  return true;
}

// The file without its prefix; nullopt when it is damaged or holds something else than `key` says.
std::optional<std::vector<uint8_t>> ReadEntry(int fd, uint64_t size_bytes, const CacheKey* key) {
  if (size_bytes < kPrefixBytes || size_bytes > kMaxEntryBytes) return std::nullopt;
  uint8_t prefix[kPrefixBytes];
  if (!ReadAll(fd, prefix) || std::memcmp(prefix, kMagic, sizeof(kMagic)) != 0) return std::nullopt;
  if (key != nullptr && std::memcmp(prefix + sizeof(kMagic), key->bytes.data(), key->bytes.size()) != 0) {
    return std::nullopt;
  }
  std::vector<uint8_t> code(size_bytes - kPrefixBytes);
  if (!ReadAll(fd, code) || !ReadCodeObject(code).ok()) return std::nullopt;
  return code;
}

bool MakeDirectories(const std::string& path) {
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    if (mkdir(path.substr(0, at).c_str(), 0700) != 0 && errno != EEXIST && errno != EROFS &&
        errno != EACCES) {
      return false;
    }
  }
  return mkdir(path.c_str(), 0700) == 0 || errno == EEXIST;
}

// The name of a temporary file, unique over processes and threads.
std::string TemporaryName() {
  static std::atomic<uint64_t> counter{0};
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return absl::StrCat(kTemporaryPrefix, getpid(), "-", now.tv_sec, "-", now.tv_nsec, "-",
                      counter.fetch_add(1));
}

int64_t NowS() { return time(nullptr); }

}  // namespace

CacheStore::Options CacheStore::FromKnobs() {
  const KnobValues& knobs = Knobs();
  Options options;
  options.limit_bytes = ParseSizeBytes(knobs.cache_size, options.limit_bytes);
  if (getauxval(AT_SECURE) != 0) return {.limit_bytes = 0};  // setuid: the environment is another user's
  if (!knobs.cache_dir.empty()) {
    options.directory = knobs.cache_dir;
    options.is_trusted = true;
  } else if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && xdg[0] == '/') {
    options.directory = absl::StrCat(xdg, "/tianqiao");
  } else if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/') {
    options.directory = absl::StrCat(home, "/.cache/tianqiao");
  }
  return options;
}

CacheStore::CacheStore(Options options) : options_(std::move(options)) {}

std::string CacheStore::PathOf(const CacheKey& key) const {
  const std::string hex = key.Hex();
  return absl::StrCat(options_.directory, "/", hex.substr(0, 2), "/", hex.substr(2), kSuffix);
}

bool CacheStore::Prepare() {
  if (const int state = state_.load(std::memory_order_acquire); state != 0) return state > 0;
  bool usable = !options_.directory.empty() && options_.limit_bytes != 0;
  if (usable && !MakeDirectories(options_.directory)) {
    Log(LogLevel::kInfo, "the kernel cache %s cannot be made (%s); kernels are compiled each time",
        options_.directory.c_str(), std::strerror(errno));
    usable = false;
  }
  struct stat info;
  if (usable && (stat(options_.directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))) usable = false;
  if (usable && !options_.is_trusted &&
      (info.st_uid != geteuid() || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0)) {
    Log(LogLevel::kWarn, "the kernel cache %s is not used: another user can write to it",
        options_.directory.c_str());
    usable = false;
  }
  state_.store(usable ? 1 : -1, std::memory_order_release);
  return usable;
}

std::optional<std::vector<uint8_t>> CacheStore::Load(const CacheKey& key) {
  if (!Prepare()) return std::nullopt;
  const std::string path = PathOf(key);
  const File file(path, O_RDONLY | O_NOFOLLOW);
  struct stat info;
  if (!file || fstat(file.fd(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  auto code = ReadEntry(file.fd(), static_cast<uint64_t>(info.st_size), &key);
  if (!code.has_value()) {
    Log(LogLevel::kInfo, "the kernel cache entry %s is damaged and is removed", path.c_str());
    unlink(path.c_str());
    return std::nullopt;
  }
  if (NowS() - info.st_mtime > kTouchAfterS) futimens(file.fd(), nullptr);
  return code;
}

void CacheStore::Save(const CacheKey& key, std::span<const uint8_t> code) {
  if (!Prepare() || kPrefixBytes + code.size() > std::min(options_.limit_bytes, kMaxEntryBytes)) return;
  const std::string path = PathOf(key);
  const std::string directory = path.substr(0, path.rfind('/'));
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    TQ_LOG_ONCE(LogLevel::kInfo, "the kernel cache %s cannot be written (%s)", options_.directory.c_str(),
                std::strerror(errno));
    return;
  }
  const std::string temporary = absl::StrCat(directory, "/", TemporaryName());
  bool written = false;
  {
    const File file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    uint8_t prefix[kPrefixBytes];
    std::memcpy(prefix, kMagic, sizeof(kMagic));
    std::memcpy(prefix + sizeof(kMagic), key.bytes.data(), key.bytes.size());
    written = file && WriteAll(file.fd(), prefix) && WriteAll(file.fd(), code);
  }
  // No fsync: after a crash of the machine a hollow file fails its checksum and is compiled again.
  if (!written || rename(temporary.c_str(), path.c_str()) != 0) {
    TQ_LOG_ONCE(LogLevel::kInfo, "the kernel cache %s cannot be written (%s)", options_.directory.c_str(),
                std::strerror(errno));
    unlink(temporary.c_str());
    return;
  }
  // Looking through the directory costs as much as many saves: only when a part of the limit is new, and now
  // and then for what other processes saved.
  const uint64_t size = kPrefixBytes + code.size();
  const uint64_t saved = saved_bytes_.fetch_add(size) + size;
  if (saved > options_.limit_bytes / 16 || key.bytes[31] % 64 == 0) {
    saved_bytes_.store(0);
    Evict();
  }
}

void CacheStore::ForEachFile(const std::function<void(const Entry&, bool is_temporary)>& visit) const {
  DIR* const top = opendir(options_.directory.c_str());
  if (top == nullptr) return;
  while (const dirent* shard = readdir(top)) {
    if (std::strlen(shard->d_name) != 2 || shard->d_name[0] == '.') continue;
    const std::string directory = absl::StrCat(options_.directory, "/", shard->d_name);
    DIR* const dir = opendir(directory.c_str());
    if (dir == nullptr) continue;
    while (const dirent* file = readdir(dir)) {
      const std::string_view name = file->d_name;
      const bool is_temporary = name.starts_with(kTemporaryPrefix);
      if (!is_temporary && !name.ends_with(kSuffix)) continue;
      struct stat info;
      if (fstatat(dirfd(dir), file->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode))
        continue;
      visit({absl::StrCat(directory, "/", file->d_name), static_cast<uint64_t>(info.st_size), info.st_mtime},
            is_temporary);
    }
    closedir(dir);
  }
  closedir(top);
}

void CacheStore::Evict() {
  std::vector<Entry> entries;
  uint64_t total = 0;
  ForEachFile([&](const Entry& entry, bool is_temporary) {
    if (is_temporary) {
      if (NowS() - entry.used_s > kAbandonedAfterS) unlink(entry.path.c_str());
      return;
    }
    total += entry.size_bytes;
    entries.push_back(entry);
  });
  if (total <= options_.limit_bytes) return;
  // Down to nine tenths, so that the next save does not start over.
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.used_s < b.used_s; });
  const uint64_t goal = options_.limit_bytes / 10 * 9;
  for (const Entry& entry : entries) {
    if (total <= goal) break;
    unlink(entry.path.c_str());
    total -= entry.size_bytes;
  }
}

CacheStats CacheStore::Stats() const {
  CacheStats stats;
  stats.directory = options_.directory;
  stats.limit_bytes = options_.directory.empty() ? 0 : options_.limit_bytes;
  ForEachFile([&](const Entry& entry, bool is_temporary) {
    if (is_temporary) return;
    stats.oldest_use_s = stats.entry_count == 0 ? entry.used_s : std::min(stats.oldest_use_s, entry.used_s);
    stats.newest_use_s = std::max(stats.newest_use_s, entry.used_s);
    ++stats.entry_count;
    stats.size_bytes += entry.size_bytes;
  });
  return stats;
}

CacheVerification CacheStore::Verify() {
  CacheVerification result;
  ForEachFile([&](const Entry& entry, bool is_temporary) {
    if (is_temporary) return;
    ++result.checked_count;
    const File file(entry.path, O_RDONLY | O_NOFOLLOW);
    if (!file) return;
    CacheKey key;
    const std::string_view path = entry.path;
    const size_t name_at = path.rfind('/') - 2;
    const std::string hex =
        absl::StrCat(absl::string_view(path.data() + name_at, 2),
                     absl::string_view(path.data() + name_at + 3, path.size() - name_at - 3));
    bool ok = hex.size() == 2 * key.bytes.size() + sizeof(kSuffix) - 1;
    for (size_t i = 0; ok && i < key.bytes.size(); ++i) {
      unsigned byte = 0;
      ok = std::sscanf(&hex[2 * i], "%2x", &byte) == 1;
      key.bytes[i] = static_cast<uint8_t>(byte);
    }
    if (ok && ReadEntry(file.fd(), entry.size_bytes, &key).has_value()) return;
    if (unlink(entry.path.c_str()) == 0) ++result.removed_count;
  });
  return result;
}

uint64_t CacheStore::Clear() {
  uint64_t removed = 0;
  ForEachFile([&](const Entry& entry, bool is_temporary) {
    if (unlink(entry.path.c_str()) == 0 && !is_temporary) ++removed;
  });
  return removed;
}

}  // namespace tq
