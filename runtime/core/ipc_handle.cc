#include "runtime/core/ipc_handle.h"

#include <cuda.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "base/status.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/process.h"

namespace tq::core {
namespace {

constexpr uint32_t kMagic = 0x43504954;  // "TIPC"
constexpr uint16_t kVersion = 1;

// FNV-1a over the handle, its own place left out: tells accidents from handles, not attacks.
uint32_t Checksum(IpcHandle handle) {
  handle.checksum = 0;
  unsigned char bytes[sizeof handle];
  std::memcpy(bytes, &handle, sizeof bytes);
  uint32_t sum = 2166136261u;
  for (const unsigned char byte : bytes) sum = (sum ^ byte) * 16777619u;
  return sum;
}

}  // namespace

absl::StatusOr<IpcHandle> IpcHandle::Of(Kind kind, const Device& device, absl::Span<const int> fds,
                                        uint64_t size_bytes) {
  static_assert(sizeof(IpcHandle) == CU_IPC_HANDLE_SIZE);
  IpcHandle handle = {};
  handle.magic = kMagic;
  handle.version = kVersion;
  handle.kind = kind;
  handle.pid = getpid();
  for (size_t i = 0; i < kMaxFiles; ++i) {
    handle.fds[i] = i < fds.size() ? fds[i] : -1;
    struct stat file = {};
    if (handle.fds[i] >= 0 && fstat(handle.fds[i], &file) != 0) {
      return CudaError(CUDA_ERROR_OUT_OF_MEMORY, "a file of the handle is closed");
    }
    handle.inodes[i] = file.st_ino;
  }
  handle.size_bytes = size_bytes;
  std::memcpy(handle.uuid, device.info().uuid, sizeof handle.uuid);
  handle.checksum = Checksum(handle);
  return handle;
}

absl::StatusOr<IpcHandle> IpcHandle::Parse(const void* bytes, Kind kind) {
  IpcHandle handle;
  std::memcpy(&handle, bytes, sizeof handle);
  if (handle.magic != kMagic || handle.version != kVersion || handle.checksum != Checksum(handle)) {
    return CudaError(CUDA_ERROR_INVALID_HANDLE, "these bytes are no handle of this library");
  }
  if (handle.kind != kind) {
    return CudaError(CUDA_ERROR_INVALID_HANDLE,
                     absl::StrCat("the handle is of another kind of object (", handle.kind, ")"));
  }
  return handle;
}

void IpcHandle::CopyTo(void* bytes) const { std::memcpy(bytes, this, sizeof *this); }

bool IpcHandle::is_of_this_process() const { return pid == getpid(); }

absl::StatusOr<OwnedFd> IpcHandle::OpenFile(int index) const {
  const std::string path = absl::StrCat("/proc/", pid, "/fd/", fds[index]);
  // Opening what is no memory file may have effects: its kind is asked for first, and again of what was
  // opened.
  struct stat file = {};
  const bool is_same =
      stat(path.c_str(), &file) == 0 && S_ISREG(file.st_mode) && file.st_ino == inodes[index];
  OwnedFd fd(is_same ? open(path.c_str(), O_RDWR | O_CLOEXEC) : -1);
  if (fd.is_open() && fstat(fd.get(), &file) == 0 && file.st_ino == inodes[index]) return fd;
  return CudaError(
      CUDA_ERROR_MAP_FAILED,
      absl::StrCat("the exporting process does not have the file any more, or keeps it from us (", path,
                   ")"));
}

absl::StatusOr<Device*> IpcHandle::FindDevice() const {
  for (int i = 0; i < Process::Get().device_count(); ++i) {
    ASSIGN_OR_RETURN(Device* const device, Process::Get().DeviceAt(i));
    if (std::memcmp(device->info().uuid, uuid, sizeof uuid) == 0) return device;
  }
  return CudaError(CUDA_ERROR_INVALID_DEVICE, "this process does not have the device that the handle is of");
}

}  // namespace tq::core
