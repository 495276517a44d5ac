#include "runtime/core/coredump_pipe.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>

#include "base/log.h"
#include "runtime/core/context.h"
#include "runtime/core/coredump.h"

namespace tq::core {
namespace {

// Of the process that made it, and of no child of its.
struct Pipe {
  pid_t owner = 0;
  std::string name;
};
Pipe& ThePipe() {
  static auto* const pipe = new Pipe;
  return *pipe;
}

void RemovePipe() {
  if (ThePipe().owner == getpid()) unlink(ThePipe().name.c_str());
}

void Watch(int pipe) {
  pthread_setname_np(pthread_self(), "tq-corepipe");
  char bytes[512];
  for (;;) {
    const ssize_t got = read(pipe, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    DumpCoresOnRequest();
  }
}

void Begin() {
  const std::string name = ExpandCoredumpName(CoredumpSettings::Global().pipe);
  struct stat file = {};
  // For reading and writing: then there is always a writer, and a read waits for the next.
  int pipe = -1;
  if (mkfifo(name.c_str(), 0600) == 0 || errno == EEXIST)
    pipe = open(name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (pipe < 0 || fstat(pipe, &file) != 0 || !S_ISFIFO(file.st_mode)) {
    Log(LogLevel::kError, "%s cannot be the pipe that core dumps are asked for through: %s", name.c_str(),
        std::strerror(errno));
    if (pipe >= 0) close(pipe);
    return;
  }
  ThePipe() = {getpid(), name};
  std::atexit(RemovePipe);
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  std::thread(Watch, pipe).detach();
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

}  // namespace

void WatchCoredumpPipe() {
  static std::once_flag once;
  if (CoredumpSettings::Global().user_trigger) std::call_once(once, Begin);
}

}  // namespace tq::core
