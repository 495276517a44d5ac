// Compiles that nobody waits for. Thread-safe.
//
// One thread of low priority takes them one after the other, and lives while there are any. A process may end
// while it compiles: nothing that it uses is destroyed at exit (compiler/api/no_exit_handlers.cc).
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "compiler/cache/kernel_cache.h"

namespace tq::core {

class BackgroundCompile {
 public:
  using Work = std::function<absl::StatusOr<KernelCache::Code>()>;

  // `work` runs later, unless the result has been let go of by then. It must hold all that it needs.
  static std::shared_ptr<BackgroundCompile> Start(Work work);

  // The code is there, or will never be. One load: for the launch path.
  bool is_done() const { return is_done_.load(std::memory_order_acquire); }
  // What came out, once it is done; null when the work has failed. One caller takes it.
  KernelCache::Code TakeCode() { return std::move(code_); }

 private:
  friend class CompileThread;
  explicit BackgroundCompile(Work work) : work_(std::move(work)) {}

  Work work_;
  KernelCache::Code code_;
  std::atomic<bool> is_done_{false};
};

}  // namespace tq::core
