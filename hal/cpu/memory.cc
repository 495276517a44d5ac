#include "hal/cpu/memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <new>

#include "hal/cpu/device.h"
#include "hal/cpu/transit.h"
#include "hal/sized.h"

namespace {

constexpr uint64_t kPage = 4096;

uint64_t RoundToPage(uint64_t size) { return (size + kPage - 1) & ~(kPage - 1); }

void* MapFile(void* hint, uint64_t size, int protection, int flags, int fd, uint64_t offset) {
  return mmap(hint, size, protection, MAP_SHARED | flags, fd, static_cast<off_t>(offset));
}

// Sealed: a peer that shrinks it could kill us with SIGBUS.
int CreateSealedFile(const char* name, uint64_t size) {
  const int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -1;
  if (ftruncate(fd, static_cast<off_t>(size)) == 0 &&
      fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0) {
    return fd;
  }
  close(fd);
  return -1;
}

}  // namespace

void hal_mem::Unref() {
  if (refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const uint64_t rounded = RoundToPage(size_bytes);
  if (kind == Kind::kFile) {
    munmap(reinterpret_cast<void*>(address), rounded);
    if (charged_bytes != 0) device->arena_for(flags).Discharge(charged_bytes);
  } else {
    bool reusable = true;
    if (kind != Kind::kArena) {
      // The arena gets its own pages back. Failing that, the place keeps the file's: usable all the same, but
      // never handed out again.
      reusable = mmap(reinterpret_cast<void*>(address), rounded, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != MAP_FAILED;
    }
    if (reusable && kind == Kind::kShared) device->shared_file.Free(file_offset, rounded);
    if (reusable) device->arena_for(flags).Free(address, charged_bytes);
  }
  if (fd >= 0) close(fd);
  delete this;
}

bool hal_mem::CanMove() const {
  return (address & (kPage - 1)) == 0 && charged_bytes >= RoundToPage(size_bytes);
}

hal_status hal_mem::Share() {
  if (!CanMove()) return HAL_UNSUPPORTED;
  const uint64_t rounded = RoundToPage(size_bytes);
  uint64_t offset = 0;
  hal_status status = device->shared_file.Allocate(rounded, &offset);
  if (status != HAL_OK) return status;
  status = tq::hal::cpu::MoveToFile(address, rounded, device->shared_file.fd(), offset);
  if (status != HAL_OK) {
    device->shared_file.Free(offset, rounded);
    return status;
  }
  file_offset = offset;
  kind = Kind::kShared;
  return HAL_OK;
}

hal_status hal_mem::MapAt(uint64_t target, uint64_t offset_bytes, uint64_t map_bytes, int protection) {
  const std::lock_guard lock(mutex);
  if (kind == Kind::kArena) {
    if (const hal_status status = Share(); status != HAL_OK) return status;
  }
  const int file = kind == Kind::kShared ? device->shared_file.fd() : fd;
  void* place = MapFile(reinterpret_cast<void*>(target), map_bytes, protection, MAP_FIXED, file,
                        file_offset + offset_bytes);
  return place == MAP_FAILED ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

hal_status hal_mem::Export(int* out) {
  const std::lock_guard lock(mutex);
  if (kind == Kind::kArena) {
    if (!CanMove()) return HAL_UNSUPPORTED;
    const uint64_t rounded = RoundToPage(size_bytes);
    const int file = CreateSealedFile("tianqiao-memory", rounded);
    if (file < 0) return HAL_OUT_OF_HOST_MEMORY;
    if (const hal_status status = tq::hal::cpu::MoveToFile(address, rounded, file, 0); status != HAL_OK) {
      close(file);
      return status;
    }
    fd = file;
    kind = Kind::kExported;
  }
  if (kind == Kind::kShared) return HAL_UNSUPPORTED;  // its file holds the memory of others too
  *out = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  return *out < 0 ? HAL_OUT_OF_HOST_MEMORY : HAL_OK;
}

namespace tq::hal::cpu {

hal_status SharedFile::Allocate(uint64_t size_bytes, uint64_t* offset) {
  const std::lock_guard lock(mutex_);
  if (fd_ < 0) {
    fd_ = memfd_create("tianqiao-memory", MFD_CLOEXEC);
    if (fd_ < 0 || ftruncate(fd_, static_cast<off_t>(size_bytes_)) != 0) return HAL_OUT_OF_HOST_MEMORY;
  }
  return extents_.Allocate(size_bytes, kPage, offset) ? HAL_OK : HAL_OUT_OF_MEMORY;
}

void SharedFile::Free(uint64_t offset, uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
            static_cast<off_t>(size_bytes));
  extents_.Free(offset, size_bytes);
}

namespace {

constexpr uint32_t kAlwaysFlags = HAL_MEM_HOST_VISIBLE | HAL_MEM_HOST_COHERENT;

hal_status CreateFileMemory(hal_mem& mem) {
  const uint64_t rounded = RoundToPage(mem.size_bytes);
  mem.kind = hal_mem::Kind::kFile;
  if (!mem.device->arena_for(mem.flags).Charge(rounded)) return HAL_OUT_OF_MEMORY;
  mem.fd = CreateSealedFile("tianqiao-memory", rounded);
  void* place = MAP_FAILED;
  if (mem.fd >= 0) place = MapFile(nullptr, rounded, PROT_READ | PROT_WRITE, 0, mem.fd, 0);
  if (place == MAP_FAILED) {
    if (mem.fd >= 0) close(mem.fd);
    mem.device->arena_for(mem.flags).Discharge(rounded);
    return HAL_OUT_OF_HOST_MEMORY;
  }
  mem.charged_bytes = rounded;
  mem.address = reinterpret_cast<uint64_t>(place);
  return HAL_OK;
}

}  // namespace

hal_status MemCreate(hal_device* device, const hal_mem_desc* in, hal_mem** out) {
  const hal_mem_desc desc = ReadSized(in);
  if (device->is_orphaned()) return HAL_DEVICE_LOST;
  std::unique_ptr<hal_mem> mem(new (std::nothrow) hal_mem);
  if (mem == nullptr) return HAL_OUT_OF_HOST_MEMORY;
  mem->device = device;
  mem->flags = desc.flags | kAlwaysFlags;
  mem->size_bytes = desc.size_bytes == 0 ? 1 : desc.size_bytes;
  if ((desc.flags & HAL_MEM_EXPORTABLE) != 0) {
    if (const hal_status status = CreateFileMemory(*mem); status != HAL_OK) return status;
  } else {
    device->ReclaimDeferred();
    uint64_t size = mem->size_bytes;
    const hal_status status = device->arena_for(desc.flags).Allocate(&size, desc.align_bytes, &mem->address);
    if (status != HAL_OK) return status;
    mem->charged_bytes = size;
  }
  *out = mem.release();
  return HAL_OK;
}

// Kernels know addresses, not objects: while anything runs, the piece must not be handed out again.
void MemDestroy(hal_mem* mem) { mem->device->UnrefWhenIdle(mem); }

hal_status MemInfo(hal_mem* mem, hal_mem_info* info) {
  WriteSized(info, {.flags = mem->flags,
                    .size_bytes = mem->size_bytes,
                    .host_ptr = reinterpret_cast<void*>(mem->address),
                    .va = mem->address});
  return HAL_OK;
}

hal_status MemSync(hal_mem* mem, uint64_t offset_bytes, uint64_t size_bytes, uint32_t to_device) {
  return HAL_OK;
}

hal_status MemExport(hal_mem* mem, hal_handle_kind kind, hal_shared_handle* out) {
  if (kind != HAL_HANDLE_FD) return HAL_UNSUPPORTED;
  hal_shared_handle handle = {};
  handle.kind = HAL_HANDLE_FD;
  if (const hal_status status = mem->Export(&handle.fd); status != HAL_OK) return status;
  handle.size_bytes = mem->size_bytes;
  std::memcpy(handle.uuid, mem->device->info.uuid, sizeof handle.uuid);
  WriteSized(out, handle);
  return HAL_OK;
}

hal_status MemImport(hal_device* device, const hal_shared_handle* in, hal_mem** out) {
  const hal_shared_handle handle = ReadSized(in);
  if (handle.kind != HAL_HANDLE_FD) return HAL_UNSUPPORTED;
  if (handle.size_bytes == 0) return HAL_INVALID;
  // The handle comes from another process: its claims are checked against the file.
  struct stat file;
  const uint64_t rounded = RoundToPage(handle.size_bytes);
  const int seals = fcntl(handle.fd, F_GET_SEALS);
  if (rounded < handle.size_bytes || fstat(handle.fd, &file) != 0 ||
      static_cast<uint64_t>(file.st_size) < handle.size_bytes || seals < 0 || (seals & F_SEAL_SHRINK) == 0) {
    return HAL_INVALID;
  }
  std::unique_ptr<hal_mem> mem(new (std::nothrow) hal_mem);
  if (mem == nullptr) return HAL_OUT_OF_HOST_MEMORY;
  mem->fd = fcntl(handle.fd, F_DUPFD_CLOEXEC, 0);
  if (mem->fd < 0) return HAL_OUT_OF_HOST_MEMORY;
  void* place = MapFile(nullptr, rounded, PROT_READ | PROT_WRITE, 0, mem->fd, 0);
  if (place == MAP_FAILED) {
    close(mem->fd);
    return HAL_OUT_OF_HOST_MEMORY;
  }
  mem->device = device;
  mem->kind = hal_mem::Kind::kFile;
  mem->flags = HAL_MEM_EXPORTABLE | kAlwaysFlags;
  mem->size_bytes = handle.size_bytes;
  mem->address = reinterpret_cast<uint64_t>(place);
  *out = mem.release();
  return HAL_OK;
}

}  // namespace tq::hal::cpu
