// How processes ask each other for checkpoints: a sequenced-packet socket with a name that is in no file
// system and ends with its process. Both sides look at who the other is (SO_PEERCRED).
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status.h"
#include "runtime/core/checkpoint.h"
#include "runtime/core/error.h"
#include "runtime/core/owned_fd.h"

namespace tq::core {
namespace {

constexpr uint32_t kMostPairs = 64;

struct RequestMessage {
  uint32_t operation;
  uint32_t timeout_ms;
  uint32_t pair_count;
  CUcheckpointGpuPair pairs[kMostPairs];
};
struct AnswerMessage {
  int32_t result;
  int32_t value;
};

struct Name {
  sockaddr_un address = {};
  socklen_t size = 0;
};
Name NameOf(pid_t pid) {
  Name name;
  name.address.sun_family = AF_UNIX;
  // A leading zero: the name is abstract (unix(7)).
  const int length = std::snprintf(name.address.sun_path + 1, sizeof name.address.sun_path - 1,
                                   "tianqiao-checkpoint-%d", pid);
  name.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + static_cast<size_t>(length));
  return name;
}

absl::StatusOr<int> Perform(const CheckpointRequest& request) {
  Checkpoint& checkpoint = Checkpoint::Get();
  switch (request.operation) {
    case CheckpointOperation::kGetState:
      return static_cast<int>(checkpoint.state());
    case CheckpointOperation::kGetListener:
      if (checkpoint.listener() != 0) return checkpoint.listener();
      return CudaError(CUDA_ERROR_NOT_SUPPORTED, "the process has no thread that restores");
    case CheckpointOperation::kLock:
      RETURN_IF_ERROR(checkpoint.Lock(request.timeout_ms));
      return 0;
    case CheckpointOperation::kSave:
      RETURN_IF_ERROR(checkpoint.Save());
      return 0;
    case CheckpointOperation::kRestore:
      RETURN_IF_ERROR(checkpoint.Restore(request.pairs));
      return 0;
    case CheckpointOperation::kUnlock:
      RETURN_IF_ERROR(checkpoint.Unlock());
      return 0;
  }
  return CudaError(CUDA_ERROR_INVALID_VALUE, "there is no such request");
}

void Serve(OwnedFd connection) {
  ucred peer = {};
  socklen_t size = sizeof peer;
  RequestMessage message = {};
  if (getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
      (peer.uid != geteuid() && peer.uid != 0) ||
      recv(connection.get(), &message, sizeof message, 0) != sizeof message ||
      message.pair_count > kMostPairs) {
    return;
  }
  const CheckpointRequest request = {static_cast<CheckpointOperation>(message.operation),
                                     message.timeout_ms,
                                     {message.pairs, message.pairs + message.pair_count}};
  const absl::StatusOr<int> answer = Perform(request);
  if (!answer.ok())
    Log(LogLevel::kInfo, "process %d: %s", peer.pid, std::string(answer.status().message()).c_str());
  const AnswerMessage reply = {answer.ok() ? CUDA_SUCCESS : ToCuResult(answer.status()), answer.value_or(0)};
  static_cast<void>(send(connection.get(), &reply, sizeof reply, MSG_NOSIGNAL));
}

int listening_socket = -1;

}  // namespace

void ListenForCheckpoints(int socket) {
  pthread_setname_np(pthread_self(), "tq-checkpoint");
  Checkpoint::Get().listener_.store(gettid(), std::memory_order_release);
  Checkpoint::Get().listener_.notify_all();
  for (;;) {
    OwnedFd connection(accept4(socket, nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection.is_open()) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return;
    }
    // A lock may take long, and others may ask for the state meanwhile.
    std::thread(Serve, std::move(connection)).detach();
  }
}

void Checkpoint::BeginToListen() {
  static std::once_flag once;
  std::call_once(once, [] {
    const Name name = NameOf(getpid());
    OwnedFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    if (!socket.is_open() ||
        bind(socket.get(), reinterpret_cast<const sockaddr*>(&name.address), name.size) != 0 ||
        listen(socket.get(), 8) != 0) {
      Log(LogLevel::kInfo, "other processes cannot ask this one for checkpoints: %s", std::strerror(errno));
      return;
    }
    listening_socket = socket.Release();
    // The name is its process's: a child would keep it.
    pthread_atfork(nullptr, nullptr, [] {
      close(listening_socket);
      Get().listener_.store(0, std::memory_order_release);
    });
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    std::thread(ListenForCheckpoints, listening_socket).detach();
    pthread_sigmask(SIG_SETMASK, &old, nullptr);
    Get().listener_.wait(0, std::memory_order_acquire);
  });
}

absl::StatusOr<int> RequestCheckpoint(pid_t pid, const CheckpointRequest& request) {
  if (pid == getpid()) return Perform(request);
  if (pid <= 0 || request.pairs.size() > kMostPairs) {
    return CudaError(
        CUDA_ERROR_INVALID_VALUE,
        absl::StrCat("no process has the number ", pid, ", or there are more than ", kMostPairs, " pairs"));
  }
  const Name name = NameOf(pid);
  const OwnedFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  ucred peer = {};
  socklen_t size = sizeof peer;
  if (!socket.is_open() ||
      connect(socket.get(), reinterpret_cast<const sockaddr*>(&name.address), name.size) != 0 ||
      getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid != pid) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat("process ", pid, " has no context that can be asked"));
  }
  RequestMessage message = {};
  message.operation = static_cast<uint32_t>(request.operation);
  message.timeout_ms = request.timeout_ms;
  message.pair_count = static_cast<uint32_t>(request.pairs.size());
  std::copy(request.pairs.begin(), request.pairs.end(), message.pairs);
  AnswerMessage answer = {};
  ssize_t got = send(socket.get(), &message, sizeof message, MSG_NOSIGNAL);
  if (got == sizeof message) {
    do {
      got = recv(socket.get(), &answer, sizeof answer, 0);
    } while (got < 0 && errno == EINTR);
  }
  if (got != sizeof answer) {
    return CudaError(CUDA_ERROR_OPERATING_SYSTEM,
                     absl::StrCat("process ", pid, " ended or refused before it answered"));
  }
  if (answer.result != CUDA_SUCCESS) {
    return CudaError(static_cast<CUresult>(answer.result), absl::StrCat("process ", pid, " says so"));
  }
  return answer.value;
}

}  // namespace tq::core
