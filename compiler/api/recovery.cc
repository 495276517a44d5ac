#include "compiler/api/recovery.h"

#include <pthread.h>

#include <csetjmp>
#include <mutex>
#include <new>

#include "absl/strings/str_cat.h"
#include "llvm/Support/ErrorHandling.h"

namespace tq::compiler {
namespace {

// Reserved, not committed: pages cost memory when they are touched.
constexpr size_t kStackBytes = size_t{512} << 20;

struct Guard {
  std::jmp_buf escape;
  absl::Status status;
};

thread_local Guard* current = nullptr;

// LLVM is compiled without exceptions and does not expect its handlers to return.
[[noreturn]] void Escape(absl::Status status) {
  Guard* guard = current;
  guard->status = std::move(status);
  std::longjmp(guard->escape, 1);
}

void OnFatalError(void*, const char* reason, bool) {
  if (current == nullptr) return;  // LLVM then ends the process, as it would without a handler
  Escape(absl::InternalError(absl::StrCat("LLVM gives up: ", reason)));
}

void OnOutOfMemory(void*, const char* reason, bool) {
  if (current == nullptr) return;
  Escape(absl::ResourceExhaustedError(absl::StrCat("LLVM is out of memory: ", reason)));
}

void InstallHandlers() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::install_fatal_error_handler(OnFatalError);
    llvm::install_bad_alloc_error_handler(OnOutOfMemory);
  });
}

struct Work {
  absl::FunctionRef<absl::Status()> run;
  absl::Status status;
};

void* RunWork(void* argument) {
  Work& work = *static_cast<Work*>(argument);
  Guard guard;
  current = &guard;
  if (setjmp(guard.escape) == 0) {
    try {
      work.status = work.run();
    } catch (const std::bad_alloc&) {
      work.status = absl::ResourceExhaustedError("There is no memory left to compile with.");
    }
  } else {
    work.status = std::move(guard.status);
  }
  current = nullptr;
  return nullptr;
}

}  // namespace

absl::Status RunGuarded(absl::FunctionRef<absl::Status()> run) {
  InstallHandlers();
  Work work{run, absl::OkStatus()};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, RunWork, &work);
  pthread_attr_destroy(&attributes);
  if (error != 0)
    return absl::ResourceExhaustedError(absl::StrCat("No thread can be started (error ", error, ")."));
  pthread_join(thread, nullptr);
  return work.status;
}

}  // namespace tq::compiler
