// Pools of other processes. A pool's file says which process has it; the blocks' files are opened as those of
// other shared memory are (ipc_handle.h).
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "base/status.h"
#include "runtime/core/allocation.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/pool.h"

namespace tq::core {
namespace {

// All of a pool's file.
struct PoolFile {
  static constexpr uint64_t kMagic = 0x316c6f6f504b5154;  // "TQKPool1"
  uint64_t magic;
  uint32_t alloc_type, location_type;
  uint8_t uuid[16];
};

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

uint64_t InodeOf(int fd) {
  struct stat file = {};
  return fstat(fd, &file) == 0 ? file.st_ino : 0;
}

}  // namespace

absl::StatusOr<int> MemoryPool::File() {
  if (!is_shareable() || is_imported()) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the pool was not created to be shared with other processes");
  }
  std::lock_guard lock(mutex_);
  if (file_.is_open()) return file_.get();
  PoolFile content = {PoolFile::kMagic, properties_.allocType, properties_.location.type, {}};
  std::memcpy(content.uuid, device_.info().uuid, sizeof content.uuid);
  OwnedFd file(memfd_create("tianqiao-pool", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.is_open() || write(file.get(), &content, sizeof content) != sizeof content ||
      fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) {
    return CudaError(CUDA_ERROR_OUT_OF_MEMORY, "no file for the pool can be made");
  }
  file_ = std::move(file);
  return file_.get();
}

absl::StatusOr<int> MemoryPool::Export() {
  ASSIGN_OR_RETURN(const int file, File());
  const int fd = fcntl(file, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return CudaError(CUDA_ERROR_OUT_OF_MEMORY, "there are no more file descriptors");
  return fd;
}

absl::StatusOr<Ref<MemoryPool>> MemoryPool::Import(int fd) {
  PoolFile content = {};
  const int seals = fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals || pread(fd, &content, sizeof content, 0) != sizeof content ||
      content.magic != PoolFile::kMagic) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the descriptor is of no pool");
  }
  IpcHandle of_device = {};
  std::memcpy(of_device.uuid, content.uuid, sizeof content.uuid);
  ASSIGN_OR_RETURN(Device* const device, of_device.FindDevice());
  CUmemPoolProps properties = DeviceProperties(*device);
  properties.handleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
  if (content.location_type != CU_MEM_LOCATION_TYPE_DEVICE) {
    properties.location = {CU_MEM_LOCATION_TYPE_HOST, 0};
  }
  Ref<MemoryPool> pool = MakeRef<MemoryPool>(*device, properties);
  pool->imported_from_ = InodeOf(fd);
  return pool;
}

absl::StatusOr<IpcHandle> MemoryPool::ExportBlock(Allocation& block) {
  ASSIGN_OR_RETURN(const int pool_file, File());
  if (!IsUsed(&block)) return CudaError(CUDA_ERROR_INVALID_VALUE, "the memory is free");
  ASSIGN_OR_RETURN(const int file, block.ShareFile());
  return IpcHandle::Of(IpcHandle::Kind::kPoolMemory, device_, {file, pool_file}, block.size_bytes());
}

absl::StatusOr<Allocation*> MemoryPool::ImportBlock(Context& context, const IpcHandle& handle) {
  if (!is_imported() || handle.inodes[1] != *imported_from_) {
    return CudaError(CUDA_ERROR_INVALID_VALUE, "the memory is of another pool than this");
  }
  ASSIGN_OR_RETURN(const OwnedFd file, handle.OpenFile(0));
  hal_shared_handle shared = {sizeof(shared)};
  shared.kind = HAL_HANDLE_FD;
  shared.fd = file.get();
  shared.size_bytes = handle.size_bytes;
  const Allocation::Kind kind = is_of_device() ? Allocation::Kind::kPool : Allocation::Kind::kPoolHost;
  ASSIGN_OR_RETURN(std::unique_ptr<Allocation> imported, Allocation::Import(context, kind, shared));
  imported->set_pool(Ref<MemoryPool>(this));
  Allocation* const block = context.Adopt(std::move(imported));
  std::lock_guard lock(mutex_);
  figures_.reserved_bytes += block->size_bytes();
  figures_.reserved_high_bytes = std::max(figures_.reserved_high_bytes, figures_.reserved_bytes);
  MarkUsed(block);
  return block;
}

}  // namespace tq::core
