// Group sharing: memory across processes, by file descriptor.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/error.h"
#include "tests/hal/conformance.h"

namespace tq::hal {
namespace {

class HalSharing : public HalTest {};

TEST_F(HalSharing, ImportSeesWhatTheExporterWrites) {
  auto exported = Memory::Create(device_, 100000, HAL_MEM_EXPORTABLE | HAL_MEM_HOST_VISIBLE);
  ASSERT_HAL_OK(exported);
  const auto handle = exported->Export(HAL_HANDLE_FD);
  ASSERT_HAL_OK(handle);
  EXPECT_EQ(handle->size_bytes, 100000u);
  EXPECT_EQ(std::memcmp(handle->uuid, device_.info().uuid, 16), 0);
  auto imported = Memory::Import(device_, *handle);
  ASSERT_HAL_OK(imported);
  close(handle->fd);  // the import has its own
  static_cast<uint8_t*>(exported->host_ptr())[99999] = 42;
  EXPECT_EQ(static_cast<uint8_t*>(imported->host_ptr())[99999], 42);
  *exported = Memory();  // the importer keeps the memory
  EXPECT_EQ(static_cast<uint8_t*>(imported->host_ptr())[99999], 42);
}

TEST_F(HalSharing, AnotherProcessWrites) {
  auto exported = Memory::Create(device_, 4096, HAL_MEM_EXPORTABLE | HAL_MEM_HOST_VISIBLE);
  ASSERT_HAL_OK(exported);
  const auto handle = exported->Export(HAL_HANDLE_FD);
  ASSERT_HAL_OK(handle);
  const pid_t child = fork();
  if (child == 0) {
    void* view = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, handle->fd, 0);
    if (view == MAP_FAILED) _exit(1);
    std::strcpy(static_cast<char*>(view), "hello");
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_STREQ(static_cast<char*>(exported->host_ptr()), "hello");
  close(handle->fd);
}

TEST_F(HalSharing, OnlyExportableMemoryIsExported) {
  auto memory = Memory::Create(device_, 4096, HAL_MEM_HOST_VISIBLE);
  ASSERT_HAL_OK(memory);
  EXPECT_EQ(ToHalStatus(memory->Export(HAL_HANDLE_FD).status()), HAL_UNSUPPORTED);
}

TEST_F(HalSharing, FalseHandlesAreRefused) {
  const int small = memfd_create("small", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  ASSERT_EQ(ftruncate(small, 4096), 0);
  hal_shared_handle handle = {.size = sizeof handle, .kind = HAL_HANDLE_FD, .fd = small, .size_bytes = 8192};
  EXPECT_FALSE(Memory::Import(device_, handle).ok()) << "larger than the file";
  handle.size_bytes = 4096;
  EXPECT_FALSE(Memory::Import(device_, handle).ok()) << "a peer could shrink it";
  handle.size_bytes = ~uint64_t{0};
  EXPECT_FALSE(Memory::Import(device_, handle).ok());
  handle.fd = 9999;
  EXPECT_FALSE(Memory::Import(device_, handle).ok());
  close(small);
}

}  // namespace
}  // namespace tq::hal
