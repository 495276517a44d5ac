// Compiles each kernel once: looks on disk, and lets threads that want the same kernel at the same time share
// one compilation. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "compiler/cache/key.h"
#include "compiler/cache/store.h"

namespace tq {

class KernelCache {
 public:
  using Code = std::shared_ptr<const std::vector<uint8_t>>;
  using Compile = std::function<absl::StatusOr<std::vector<uint8_t>>()>;

  explicit KernelCache(CacheStore::Options options) : store_(std::move(options)) {}
  // The process's own, by the knobs. Never destroyed.
  static KernelCache& Default();

  // The code object of `key`; `compile` makes it if nobody has it. A failure is given to those who wait for
  // it and is not kept: the next caller compiles again.
  absl::StatusOr<Code> Get(const CacheKey& key, const Compile& compile);

  // The code object of `key` if it has been compiled before; else null.
  Code Find(const CacheKey& key);

  CacheStore& store() { return store_; }

 private:
  struct Flight;

  CacheStore store_;
  std::mutex mutex_;
  absl::flat_hash_map<CacheKey, std::shared_ptr<Flight>> flights_;
  absl::flat_hash_map<CacheKey, std::weak_ptr<const std::vector<uint8_t>>> alive_;  // for a second device
};

}  // namespace tq
