// Group sharing: memory and timelines across processes, by file descriptor.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

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

TEST_F(HalSharing, OtherMemoryIsExportedAsItIsOrRefused) {
  auto memory = Memory::Create(device_, 8192, HAL_MEM_HOST_VISIBLE);
  ASSERT_HAL_OK(memory);
  auto* here = static_cast<volatile uint8_t*>(memory->host_ptr());
  here[5000] = 7;
  const auto handle = memory->Export(HAL_HANDLE_FD);
  if (!handle.ok()) {
    EXPECT_EQ(ToHalStatus(handle.status()), HAL_UNSUPPORTED);
    return;
  }
  auto imported = Memory::Import(device_, *handle);
  ASSERT_HAL_OK(imported);
  close(handle->fd);
  auto* there = static_cast<volatile uint8_t*>(imported->host_ptr());
  EXPECT_EQ(there[5000], 7) << "what was written before";
  here[1] = 8;
  EXPECT_EQ(there[1], 8);
  const auto again = memory->Export(HAL_HANDLE_FD);
  ASSERT_HAL_OK(again);
  close(again->fd);
  *memory = Memory();
  EXPECT_EQ(there[1], 8) << "the importer keeps it";
  auto next = Memory::Create(device_, 8192, HAL_MEM_HOST_VISIBLE);
  ASSERT_HAL_OK(next);
  std::memset(next->host_ptr(), 0, 8192);
  EXPECT_EQ(there[1], 8) << "its place in the device's memory is another's";
}

TEST_F(HalSharing, MemoryMovesUnderWriters) {
  constexpr uint64_t kBytes = 4 << 20, kWriters = 3;
  for (int round = 0; round < 5; ++round) {
    auto memory = Memory::Create(device_, kBytes, HAL_MEM_HOST_VISIBLE);
    ASSERT_HAL_OK(memory);
    auto* words = static_cast<std::atomic<uint64_t>*>(memory->host_ptr());
    std::memset(memory->host_ptr(), 0, kBytes);
    std::atomic<bool> stop{false};
    std::array<uint64_t, kWriters> added = {};
    std::vector<std::thread> writers;
    for (uint64_t w = 0; w < kWriters; ++w) {
      writers.emplace_back([&, w] {
        for (uint64_t i = w; !stop; i = (i + 97) % (kBytes / 8), ++added[w]) words[i].fetch_add(1);
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    const auto handle = memory->Export(HAL_HANDLE_FD);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    stop = true;
    for (std::thread& writer : writers) writer.join();
    uint64_t sum = 0;
    for (uint64_t i = 0; i < kBytes / 8; ++i) sum += words[i];
    EXPECT_EQ(sum, added[0] + added[1] + added[2]) << "a write was lost on the way";
    if (handle.ok()) close(handle->fd);
  }
}

class HalSharedSemaphore : public HalTest {
 protected:
  void SetUp() override {
    HalTest::SetUp();
    sem_ = NewSemaphore(5);
    const auto handle = sem_.Export(HAL_HANDLE_FD);
    if (ToHalStatus(handle.status()) == HAL_UNSUPPORTED) {
      GTEST_SKIP() << "this backend's semaphores are of one process";
    }
    ASSERT_HAL_OK(handle);
    auto imported = Semaphore::Import(TestBackend(), device_.get(), *handle);
    close(handle->fd);
    ASSERT_HAL_OK(imported);
    peer_ = *std::move(imported);
  }
  Semaphore sem_, peer_;
};

TEST_F(HalSharedSemaphore, IsOneTimeline) {
  EXPECT_EQ(*peer_.Query(), 5u);
  ASSERT_HAL_OK(peer_.Signal(6));
  EXPECT_EQ(*sem_.Query(), 6u);
  ASSERT_HAL_OK(sem_.Signal(9));
  EXPECT_HAL_OK(peer_.Wait(9, 0));
  EXPECT_EQ(ToHalStatus(peer_.Wait(10, 0)), HAL_TIMEOUT);
  EXPECT_EQ(ToHalStatus(peer_.Wait(10, InMilliseconds(2))), HAL_TIMEOUT);
  ASSERT_HAL_OK(peer_.Signal(3));
  EXPECT_EQ(*sem_.Query(), 9u) << "never goes back";
}

TEST_F(HalSharedSemaphore, WakesWhoWaitsAtTheOtherEnd) {
  for (uint64_t value = 10; value < 16; ++value) {
    Semaphore& signalled = value % 2 == 0 ? sem_ : peer_;
    std::thread signaller([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      EXPECT_HAL_OK(signalled.Signal(value));
    });
    EXPECT_HAL_OK((value % 2 == 0 ? peer_ : sem_).Wait(value, InMilliseconds(kPatienceMs)));
    signaller.join();
  }
}

TEST_F(HalSharedSemaphore, ExportingMissesNoSignal) {
  for (int round = 0; round < 200; ++round) {
    Semaphore sem = NewSemaphore(0);
    std::thread signaller([&] { EXPECT_HAL_OK(sem.Signal(1)); });
    const auto handle = sem.Export(HAL_HANDLE_FD);
    ASSERT_HAL_OK(handle);
    auto peer = Semaphore::Import(TestBackend(), device_.get(), *handle);
    close(handle->fd);
    ASSERT_HAL_OK(peer);
    EXPECT_HAL_OK(peer->Wait(1, InMilliseconds(kPatienceMs)));
    signaller.join();
  }
}

TEST_F(HalSharedSemaphore, AFailureIsThePeersToTheOther) {
  std::thread poisoner([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_HAL_OK(sem_.Poison(HAL_FAULTED));
  });
  EXPECT_EQ(ToHalStatus(peer_.Wait(100, InMilliseconds(kPatienceMs))), HAL_PEER_FAILED);
  poisoner.join();
  EXPECT_EQ(ToHalStatus(sem_.Query().status()), HAL_FAULTED);
}

TEST_F(HalSharedSemaphore, OtherFilesAreRefused) {
  const int sealed = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  const int open = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  for (const int fd : {sealed, open}) ASSERT_EQ(ftruncate(fd, 4096), 0);
  ASSERT_EQ(fcntl(sealed, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
  for (const int fd : {sealed, open, 9999, -1}) {
    const hal_shared_handle handle = {.size = sizeof handle, .kind = HAL_HANDLE_FD, .fd = fd};
    EXPECT_EQ(ToHalStatus(Semaphore::Import(TestBackend(), device_.get(), handle).status()), HAL_INVALID);
  }
  EXPECT_EQ(ToHalStatus(sem_.Export(HAL_HANDLE_DMABUF).status()), HAL_UNSUPPORTED);
  close(sealed);
  close(open);
}

TEST_F(HalSharing, AFileNeedNotEndWithAPage) {
  const int file = memfd_create("odd", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  ASSERT_EQ(ftruncate(file, 5000), 0);
  ASSERT_EQ(fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK), 0);
  hal_shared_handle handle = {.size = sizeof handle, .kind = HAL_HANDLE_FD, .fd = file, .size_bytes = 5000};
  auto imported = Memory::Import(device_, handle);
  ASSERT_HAL_OK(imported);
  static_cast<uint8_t*>(imported->host_ptr())[4999] = 3;
  uint8_t byte = 0;
  EXPECT_EQ(pread(file, &byte, 1, 4999), 1);
  EXPECT_EQ(byte, 3);
  handle.size_bytes = 5001;
  EXPECT_FALSE(Memory::Import(device_, handle).ok());
  close(file);
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
