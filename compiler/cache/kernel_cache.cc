#include "compiler/cache/kernel_cache.h"

#include <condition_variable>

namespace tq {

struct KernelCache::Flight {
  std::mutex mutex;
  std::condition_variable landed;
  bool has_result = false;
  absl::StatusOr<Code> result = absl::UnknownError("");
};

KernelCache& KernelCache::Default() {
  static auto* const cache = new KernelCache(CacheStore::FromKnobs());
  return *cache;
}

KernelCache::Code KernelCache::Find(const CacheKey& key) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = alive_.find(key); found != alive_.end()) {
      if (Code code = found->second.lock()) return code;
    }
  }
  auto stored = store_.Load(key);
  if (!stored) return nullptr;
  Code code = std::make_shared<const std::vector<uint8_t>>(*std::move(stored));
  const std::lock_guard lock(mutex_);
  alive_[key] = code;
  return code;
}

absl::StatusOr<KernelCache::Code> KernelCache::Get(const CacheKey& key, const Compile& compile) {
  std::shared_ptr<Flight> flight;
  bool is_pilot = false;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = alive_.find(key); found != alive_.end()) {
      if (Code code = found->second.lock()) return code;
      alive_.erase(found);
    }
    auto [position, inserted] = flights_.try_emplace(key);
    if (inserted) position->second = std::make_shared<Flight>();
    flight = position->second;
    is_pilot = inserted;
  }
  if (!is_pilot) {
    std::unique_lock lock(flight->mutex);
    flight->landed.wait(lock, [&] { return flight->has_result; });
    return flight->result;
  }

  absl::StatusOr<Code> result = absl::UnknownError("");
  if (auto stored = store_.Load(key)) {
    result = std::make_shared<const std::vector<uint8_t>>(*std::move(stored));
  } else if (auto compiled = compile(); compiled.ok()) {
    store_.Save(key, *compiled);
    result = std::make_shared<const std::vector<uint8_t>>(*std::move(compiled));
  } else {
    result = compiled.status();
  }
  {
    const std::lock_guard lock(mutex_);
    flights_.erase(key);
    if (result.ok()) alive_[key] = *result;
  }
  {
    const std::lock_guard lock(flight->mutex);
    flight->result = result;
    flight->has_result = true;
  }
  flight->landed.notify_all();
  return result;
}

}  // namespace tq
