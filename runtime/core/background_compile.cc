#include "runtime/core/background_compile.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <deque>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

#include "base/log.h"

namespace tq::core {

class CompileThread {
 public:
  static CompileThread& Get() {
    static auto* const thread = new CompileThread;
    return *thread;
  }

  void Add(const std::shared_ptr<BackgroundCompile>& compile) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(compile);
    if (!is_running_) is_running_ = Begin();
  }

 private:
  // Kernels of the program come first, and so do its threads.
  static constexpr int kNice = 10;

  bool Begin() {
    // Signals are the program's, and its threads'.
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    bool began = true;
    try {
      std::thread([this] { Run(); }).detach();
    } catch (const std::system_error&) {
      began = false;  // the next one tries again; what has been compiled already stays in use
    }
    pthread_sigmask(SIG_SETMASK, &old, nullptr);
    return began;
  }

  void Run() {
    pthread_setname_np(pthread_self(), "tq-compile");
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
    for (;;) {
      std::shared_ptr<BackgroundCompile> next;
      {
        const std::lock_guard lock(mutex_);
        // Whoever wanted it may be gone.
        while (next == nullptr && !waiting_.empty()) {
          next = waiting_.front().lock();
          waiting_.pop_front();
        }
        if (next == nullptr) {
          is_running_ = false;
          return;
        }
      }
      absl::StatusOr<KernelCache::Code> code = next->work_();
      next->work_ = nullptr;
      if (code.ok()) {
        next->code_ = *std::move(code);
      } else {
        Log(LogLevel::kWarn, "%s", std::string(code.status().message()).c_str());
      }
      next->is_done_.store(true, std::memory_order_release);
    }
  }

  std::mutex mutex_;
  std::deque<std::weak_ptr<BackgroundCompile>> waiting_;
  bool is_running_ = false;
};

std::shared_ptr<BackgroundCompile> BackgroundCompile::Start(Work work) {
  std::shared_ptr<BackgroundCompile> compile(new BackgroundCompile(std::move(work)));
  CompileThread::Get().Add(compile);
  return compile;
}

}  // namespace tq::core
