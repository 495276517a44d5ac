// The server of QEMU's ivshmem protocol (docs/specs/ivshmem-spec): hands every peer the shared memory, its
// number, and an eventfd for each vector of each peer. Debian's QEMU has the devices and not the server.
#ifndef TIANQIAO_DRIVER_EMULATOR_IVSHMEM_SERVER_H_
#define TIANQIAO_DRIVER_EMULATOR_IVSHMEM_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace tq::emulator {

// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

class IvshmemServer {
 public:
  // Listens on the unix socket `socket_path` (replaced if it exists) and shares the file `memory_path`, made
  // `memory_bytes` long (a power of two).
  static absl::Status Create(const std::string& socket_path, const std::string& memory_path,
                             uint64_t memory_bytes, size_t vector_count, IvshmemServer* server);

  // Serves until `stop_fd` becomes readable. One thread.
  absl::Status Serve(int stop_fd);

 private:
  struct Peer {
    Descriptor socket;
    std::vector<Descriptor> vectors;
  };

  void Accept();
  void Remove(uint16_t id);

  Descriptor memory_;
  Descriptor listener_;
  size_t vector_count_ = 0;
  std::map<uint16_t, Peer> peers_;
};

}  // namespace tq::emulator

#endif  // TIANQIAO_DRIVER_EMULATOR_IVSHMEM_SERVER_H_
