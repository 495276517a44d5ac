// Compiled kernels on disk, shared by every process of the user. An entry is a file named by its key; it is
// written under another name and renamed, so that readers see all of it or none, whoever writes at the same
// time. An entry that is damaged, or is not the one it is named for, is deleted and counts as absent.
//
// A cache that cannot be used (no home, read-only, full) is no error: kernels compile again. The directory
// must belong to the user and be writable by nobody else, since what is in it is run; one that
// TIANQIAO_CACHE_DIR names is trusted. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/cache/key.h"

namespace tq {

struct CacheStats {
  std::string directory;
  uint64_t limit_bytes = 0;  // 0: the cache is off
  uint64_t entry_count = 0;
  uint64_t size_bytes = 0;
  int64_t oldest_use_s = 0, newest_use_s = 0;  // of CLOCK_REALTIME; 0 when empty
};

struct CacheVerification {
  uint64_t checked_count = 0;
  uint64_t removed_count = 0;  // damaged ones
};

class CacheStore {
 public:
  struct Options {
    std::string directory;                     // "": off
    uint64_t limit_bytes = uint64_t{4} << 30;  // 0: off
    bool is_trusted = false;                   // whoever owns the directory
  };
  static Options FromKnobs();

  explicit CacheStore(Options options);

  std::optional<std::vector<uint8_t>> Load(const CacheKey& key);
  // `code` is a code object. Removes the entries used longest ago when the limit is passed.
  void Save(const CacheKey& key, std::span<const uint8_t> code);

  CacheStats Stats() const;
  CacheVerification Verify();
  uint64_t Clear();  // how many entries were removed

 private:
  struct Entry {
    std::string path;
    uint64_t size_bytes;
    int64_t used_s;
  };
  void ForEachFile(const std::function<void(const Entry&, bool is_temporary)>& visit) const;
  std::string PathOf(const CacheKey& key) const;
  bool Prepare();
  void Evict();

  const Options options_;
  std::atomic<int> state_{0};             // 0: not looked at, 1: usable, -1: not usable
  std::atomic<uint64_t> saved_bytes_{0};  // since the last eviction
};

}  // namespace tq
