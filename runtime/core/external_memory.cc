#include "runtime/core/external_memory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/array.h"
#include "runtime/core/error.h"

namespace tq::core {
namespace {

// Mesa's software Vulkan device puts a header before the memory in its file: the file's size, where the
// memory begins, and which build of the driver wrote it (observed of Mesa 22.3; the file's name tells it).
struct LlvmpipeHeader {
  static constexpr char kFileName[] = "/memfd:llvmpipe memory fd";
  uint64_t file_bytes, begin_bytes;
};

uint64_t BeginOfMemory(int fd, uint64_t file_bytes) {
  char name[64] = "";
  if (readlink(absl::StrCat("/proc/self/fd/", fd).c_str(), name, sizeof name - 1) < 0) return 0;
  if (!absl::StartsWith(name, LlvmpipeHeader::kFileName)) return 0;
  LlvmpipeHeader header = {};
  const bool is_header =
      pread(fd, &header, sizeof header, 0) == sizeof header && header.file_bytes == file_bytes;
  return is_header && header.begin_bytes < file_bytes ? header.begin_bytes : 0;
}

absl::Status NoMemory(int fd, const char* why) {
  return CudaError(CUDA_ERROR_INVALID_HANDLE,
                   absl::StrCat("the descriptor is of no memory (", fd, "): ", why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ExternalMemory>> ExternalMemory::Import(
    Context& context, const CUDA_EXTERNAL_MEMORY_HANDLE_DESC& described) {
  if (described.type < CU_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD ||
      described.type > CU_EXTERNAL_MEMORY_HANDLE_TYPE_DMABUF_FD) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, absl::StrCat("there is no handle type ", described.type));
  }
  if (described.type != CU_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD) {
    return CudaError(
        CUDA_ERROR_NOT_SUPPORTED,
        absl::StrCat("external memory is known by opaque descriptors only (type ", described.type, ")"));
  }
  if (described.size == 0 || (described.flags & ~unsigned{CUDA_EXTERNAL_MEMORY_DEDICATED}) != 0) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the size is 0 or the flags are invalid");
  }
  const int fd = described.handle.fd;
  struct stat file = {};
  const int seals = fcntl(fd, F_GET_SEALS);
  if (seals < 0 || fstat(fd, &file) != 0) return NoMemory(fd, "it is no memory file");
  // What could be shrunk under us would take the process with it. Who may still seal it lets us do so.
  if ((seals & F_SEAL_SHRINK) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) != 0) {
    return NoMemory(fd, "its size is not fixed");
  }
  const auto file_bytes = static_cast<uint64_t>(file.st_size);
  const uint64_t begin = BeginOfMemory(fd, file_bytes);
  if (described.size > file_bytes - begin) return NoMemory(fd, "it is smaller than described");
  std::unique_ptr<ExternalMemory> memory(new ExternalMemory(context, described.size));
  memory->begin_bytes_ = begin;
  memory->file_ = OwnedFd(fd);
  // That the device takes it is found out now, and not at the first mapping.
  if (absl::StatusOr<std::unique_ptr<Allocation>> whole = memory->Map(0, described.size, false);
      !whole.ok()) {
    memory->file_.Release();
    return whole.status();
  }
  return memory;
}

absl::StatusOr<std::unique_ptr<Allocation>> ExternalMemory::Map(uint64_t offset_bytes, uint64_t size_bytes,
                                                                bool is_array) {
  if (size_bytes == 0 || offset_bytes > size_bytes_ || size_bytes > size_bytes_ - offset_bytes) {
    return CudaError(CUDA_ERROR_INVALID_VALUE,
                     absl::StrCat(size_bytes, " bytes at ", offset_bytes, " are not in the memory (",
                                  size_bytes_, " bytes)"));
  }
  hal_shared_handle shared = {sizeof(shared)};
  shared.kind = HAL_HANDLE_FD;
  shared.fd = file_.get();
  shared.size_bytes = begin_bytes_ + offset_bytes + size_bytes;
  return Allocation::Import(context_, is_array ? Allocation::Kind::kArray : Allocation::Kind::kExternal,
                            shared, begin_bytes_ + offset_bytes);
}

absl::StatusOr<std::unique_ptr<Allocation>> ExternalMemory::MapBuffer(uint64_t offset_bytes,
                                                                      uint64_t size_bytes) {
  return Map(offset_bytes, size_bytes, false);
}

absl::StatusOr<std::unique_ptr<MipmappedArray>> ExternalMemory::MapArray(
    uint64_t offset_bytes, const CUDA_ARRAY3D_DESCRIPTOR& descriptor, unsigned levels) {
  return MipmappedArray::CreateIn(context_, descriptor, levels,
                                  [&](uint64_t size_bytes) { return Map(offset_bytes, size_bytes, true); });
}

}  // namespace tq::core
