// What processes share, by the runtime's names for it. The other process speaks the driver API: handles are
// the same bytes in both.
#include <cuda_runtime_api.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "tests/api/client_process.h"
#include "tests/cudart/fixture.h"

namespace {

class Ipc : public RuntimeFixture {
 protected:
  ClientProcess client_;
};

TEST_F(Ipc, MemoryAndEvents) {
  unsigned* memory = nullptr;
  cudaEvent_t produced = nullptr, consumed = nullptr;
  cudaIpcMemHandle_t handle = {};
  cudaIpcEventHandle_t event = {};
  ASSERT_OK(cudaMalloc(reinterpret_cast<void**>(&memory), 4000));
  ASSERT_OK(cudaMemset(memory, 0, 4000));
  ASSERT_OK(cudaDeviceSynchronize());
  ASSERT_OK(cudaIpcGetMemHandle(&handle, memory));
  ASSERT_OK(cudaEventCreateWithFlags(&produced, cudaEventDisableTiming | cudaEventInterprocess));
  ASSERT_OK(cudaIpcGetEventHandle(&event, produced));
  const auto there = client_.Ask("memory.open " + ToHex(handle));
  ASSERT_EQ(there.result, CUDA_SUCCESS);
  ASSERT_EQ(client_.Tell("event.open " + ToHex(event)), CUDA_SUCCESS);
  ASSERT_OK(
      cudaIpcOpenEventHandle(&consumed, FromHex<cudaIpcEventHandle_t>(client_.Ask("event.create").rest)));

  ASSERT_OK(cudaMemsetAsync(memory, 1, 4000, stream_));
  ASSERT_OK(cudaEventRecord(produced, stream_));
  ASSERT_EQ(client_.Tell("stream.wait 0"), CUDA_SUCCESS);
  ASSERT_EQ(client_.Tell("fill " + there.rest + " 2 500"), CUDA_SUCCESS);
  ASSERT_EQ(client_.Tell("event.record 1"), CUDA_SUCCESS);
  ASSERT_OK(cudaStreamWaitEvent(stream_, consumed, 0));
  unsigned words[1000] = {};
  ASSERT_OK(cudaMemcpyAsync(words, memory, 4000, cudaMemcpyDeviceToHost, stream_));
  ASSERT_OK(cudaStreamSynchronize(stream_));
  EXPECT_EQ(words[499], 2u);
  EXPECT_EQ(words[500], 0x01010101u);
  ASSERT_OK(cudaEventDestroy(consumed));
  ASSERT_OK(cudaEventDestroy(produced));
  ASSERT_OK(cudaFree(memory));
}

TEST_F(Ipc, MemoryOfTheOtherProcess) {
  const auto answer = client_.Ask("memory.export 100 7");
  ASSERT_EQ(answer.result, CUDA_SUCCESS);
  const auto handle = FromHex<cudaIpcMemHandle_t>(answer.rest.substr(answer.rest.find(' ') + 1));
  void* memory = nullptr;
  ASSERT_OK(cudaIpcOpenMemHandle(&memory, handle, cudaIpcMemLazyEnablePeerAccess));
  unsigned last = 0;
  ASSERT_OK(cudaMemcpy(&last, static_cast<unsigned*>(memory) + 99, sizeof last, cudaMemcpyDeviceToHost));
  EXPECT_EQ(last, 7u);
  ASSERT_OK(cudaIpcCloseMemHandle(memory));
  EXPECT_EQ(cudaIpcCloseMemHandle(memory), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
}

TEST_F(Ipc, Pools) {
  cudaMemPoolProps props = {};
  props.allocType = cudaMemAllocationTypePinned;
  props.handleTypes = cudaMemHandleTypePosixFileDescriptor;
  props.location.type = cudaMemLocationTypeDevice;
  cudaMemPool_t pool = nullptr, imported = nullptr;
  int fd = -1;
  ASSERT_OK(cudaMemPoolCreate(&pool, &props));
  ASSERT_OK(cudaMemPoolExportToShareableHandle(&fd, pool, cudaMemHandleTypePosixFileDescriptor, 0));
  ASSERT_OK(cudaMemPoolImportFromShareableHandle(&imported,
                                                 reinterpret_cast<void*>(static_cast<intptr_t>(fd)),
                                                 cudaMemHandleTypePosixFileDescriptor, 0));
  close(fd);
  void *memory = nullptr, *alias = nullptr;
  ASSERT_OK(cudaMallocFromPoolAsync(&memory, 4096, pool, stream_));
  ASSERT_OK(cudaMemsetAsync(memory, 3, 4096, stream_));
  ASSERT_OK(cudaStreamSynchronize(stream_));
  cudaMemPoolPtrExportData data = {};
  ASSERT_OK(cudaMemPoolExportPointer(&data, memory));
  ASSERT_OK(cudaMemPoolImportPointer(&alias, imported, &data));
  unsigned char byte = 0;
  ASSERT_OK(cudaMemcpy(&byte, static_cast<char*>(alias) + 4095, 1, cudaMemcpyDeviceToHost));
  EXPECT_EQ(byte, 3);
  ASSERT_OK(cudaFreeAsync(alias, stream_));
  ASSERT_OK(cudaFreeAsync(memory, stream_));
  ASSERT_OK(cudaMemPoolDestroy(imported));
  ASSERT_OK(cudaMemPoolDestroy(pool));
}

TEST_F(Ipc, ExternalMemory) {
  const int fd = memfd_create("memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  const unsigned written = 5;
  ASSERT_EQ(ftruncate(fd, 8192), 0);
  ASSERT_EQ(pwrite(fd, &written, sizeof written, 4096), static_cast<ssize_t>(sizeof written));
  cudaExternalMemoryHandleDesc description = {};
  description.type = cudaExternalMemoryHandleTypeOpaqueFd;
  description.handle.fd = fd;
  description.size = 8192;
  cudaExternalMemory_t memory = nullptr;
  ASSERT_OK(cudaImportExternalMemory(&memory, &description));
  cudaExternalMemoryBufferDesc range = {};
  range.offset = 4096;
  range.size = 4096;
  void* buffer = nullptr;
  ASSERT_OK(cudaExternalMemoryGetMappedBuffer(&buffer, memory, &range));
  unsigned seen = 0;
  ASSERT_OK(cudaMemcpy(&seen, buffer, sizeof seen, cudaMemcpyDeviceToHost));
  EXPECT_EQ(seen, 5u);
  ASSERT_OK(cudaFree(buffer));
  ASSERT_OK(cudaDestroyExternalMemory(memory));
}

}  // namespace
