#include "tools/tianqiao/cache.h"

#include <cinttypes>
#include <cstdio>
#include <ctime>

#include "compiler/cache/store.h"

namespace tq {
namespace {

void PrintTime(const char* label, int64_t seconds) {
  const time_t time = seconds;
  struct tm local = {};
  char text[64] = "";
  if (localtime_r(&time, &local) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
  std::printf("  %-12s %s\n", label, text);
}

}  // namespace

int ShowCache() {
  const CacheStats stats = CacheStore(CacheStore::FromKnobs()).Stats();
  if (stats.limit_bytes == 0 || stats.directory.empty()) {
    std::printf("The kernel cache is off (TIANQIAO_CACHE_SIZE is 0, or there is no home directory)\n");
    return 0;
  }
  std::printf("Kernel cache in %s\n", stats.directory.c_str());
  std::printf("  %-12s %" PRIu64 "\n", "kernels", stats.entry_count);
  std::printf("  %-12s %.1f MiB of at most %.1f MiB\n", "size", stats.size_bytes / double(1 << 20),
              stats.limit_bytes / double(1 << 20));
  if (stats.entry_count > 0) {
    PrintTime("oldest use", stats.oldest_use_s);
    PrintTime("newest use", stats.newest_use_s);
  }
  return 0;
}

int ClearCache() {
  std::printf("%" PRIu64 " kernels removed\n", CacheStore(CacheStore::FromKnobs()).Clear());
  return 0;
}

int VerifyCache() {
  const CacheVerification verification = CacheStore(CacheStore::FromKnobs()).Verify();
  std::printf("%" PRIu64 " kernels checked, %" PRIu64 " damaged and removed\n", verification.checked_count,
              verification.removed_count);
  return 0;
}

}  // namespace tq
