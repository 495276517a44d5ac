// What is in the 64 bytes of a CUipcMemHandle or CUipcEventHandle: which files, of which process. Whoever
// opens one gets the files through /proc (docs/decisions/0016), so the process that exports runs no service
// for it, and files that it has closed, or that were its predecessor's, are recognised by their inodes.
//
// The bytes come from another process and may be anything.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/core/owned_fd.h"

namespace tq::core {

class Device;

struct IpcHandle {
  enum class Kind : uint16_t { kMemory = 1, kEvent = 2, kPoolMemory = 3 };
  static constexpr int kMaxFiles = 2;

  uint32_t magic;
  uint16_t version;
  Kind kind;
  int32_t pid;
  int32_t fds[kMaxFiles];  // -1: none
  uint32_t checksum;       // of all else
  uint64_t inodes[kMaxFiles];
  uint64_t size_bytes;  // of memory
  uint8_t uuid[16];     // of the device

  // Of files of this process, which stay open for as long as the handle is good.
  static absl::StatusOr<IpcHandle> Of(Kind kind, const Device& device, absl::Span<const int> fds,
                                      uint64_t size_bytes);
  // `bytes` are 64. CUDA_ERROR_INVALID_HANDLE for what is no handle of this kind.
  static absl::StatusOr<IpcHandle> Parse(const void* bytes, Kind kind);
  void CopyTo(void* bytes) const;

  bool is_of_this_process() const;
  // CUDA_ERROR_MAP_FAILED when the process, or its file, is gone or not for us to open.
  absl::StatusOr<OwnedFd> OpenFile(int index) const;
  // CUDA_ERROR_INVALID_DEVICE when this process does not have it.
  absl::StatusOr<Device*> FindDevice() const;
};

}  // namespace tq::core
