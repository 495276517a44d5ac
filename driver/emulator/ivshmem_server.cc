#include "driver/emulator/ivshmem_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tq::emulator {
namespace {

constexpr int64_t kProtocolVersion = 0;
constexpr uint16_t kMaxPeers = 16;

absl::Status Failed(const std::string& what) {
  return absl::UnavailableError(absl::StrCat(what, " fails (", strerror(errno), ")."));
}

// A message of the protocol: a number and, where there is one, a file descriptor. False: the peer is gone.
bool Send(int socket, int64_t value, int fd = -1) {
  iovec data{&value, sizeof value};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL) == sizeof value;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

absl::Status IvshmemServer::Create(const std::string& socket_path, const std::string& memory_path,
                                   uint64_t memory_bytes, size_t vector_count, IvshmemServer* server) {
  server->vector_count_ = vector_count;
  server->memory_ = Descriptor(open(memory_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (server->memory_.get() < 0) return Failed(absl::StrCat("Opening the memory file ", memory_path));
  if (ftruncate(server->memory_.get(), static_cast<off_t>(memory_bytes)) != 0) {
    return Failed(absl::StrCat("Sizing the memory file ", memory_path));
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path) {
    return absl::InvalidArgumentError(absl::StrCat("The socket's path is too long (", socket_path, ")."));
  }
  memcpy(address.sun_path, socket_path.data(), socket_path.size());
  unlink(socket_path.c_str());
  server->listener_ = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (server->listener_.get() < 0 ||
      bind(server->listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(server->listener_.get(), kMaxPeers) != 0) {
    return Failed(absl::StrCat("Listening on ", socket_path));
  }
  return absl::OkStatus();
}

void IvshmemServer::Accept() {
  Descriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (socket.get() < 0) return;
  uint16_t id = 0;
  while (peers_.contains(id)) ++id;
  if (id == kMaxPeers) return;

  Peer peer;
  peer.socket = std::move(socket);
  for (size_t i = 0; i < vector_count_; ++i) {
    peer.vectors.emplace_back(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (peer.vectors.back().get() < 0) return;
  }
  const int fd = peer.socket.get();
  bool alive = Send(fd, kProtocolVersion) && Send(fd, id) && Send(fd, -1, memory_.get());
  for (auto& [other_id, other] : peers_) {
    for (const Descriptor& vector : peer.vectors) Send(other.socket.get(), id, vector.get());
    for (const Descriptor& vector : other.vectors) alive = alive && Send(fd, other_id, vector.get());
  }
  for (const Descriptor& vector : peer.vectors) alive = alive && Send(fd, id, vector.get());
  peers_.emplace(id, std::move(peer));
  if (!alive) Remove(id);
}

void IvshmemServer::Remove(uint16_t id) {
  peers_.erase(id);
  for (auto& [other_id, other] : peers_) Send(other.socket.get(), id);
}

absl::Status IvshmemServer::Serve(int stop_fd) {
  for (;;) {
    std::vector<pollfd> polled = {{stop_fd, POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    std::vector<uint16_t> ids;
    for (const auto& [id, peer] : peers_) {
      polled.push_back({peer.socket.get(), POLLIN, 0});
      ids.push_back(id);
    }
    if (poll(polled.data(), polled.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return Failed("Waiting for peers");
    }
    if (polled[0].revents) return absl::OkStatus();
    for (size_t i = 0; i < ids.size(); ++i) {
      if (!polled[i + 2].revents) continue;
      char unused[64];  // peers have nothing to say
      if (read(polled[i + 2].fd, unused, sizeof unused) <= 0) Remove(ids[i]);
    }
    if (polled[1].revents) Accept();
  }
}

}  // namespace tq::emulator
