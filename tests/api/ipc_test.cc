// Memory and events of other processes. The other one is a client (client.cc), which knows of us nothing but
// the bytes that we send it.
#include <cuda.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "tests/api/client_process.h"
#include "tests/api/context_fixture.h"

namespace {

constexpr size_t kWords = 100000;

class Ipc : public ContextFixture {
 protected:
  void SetUp() override {
    ContextFixture::SetUp();
    ASSERT_OK(cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING));
  }
  CUdeviceptr Allocate(size_t words, unsigned value) {
    CUdeviceptr memory = 0;
    EXPECT_OK(cuMemAlloc(&memory, words * 4));
    EXPECT_OK(cuMemsetD32(memory, value, words));
    return memory;
  }
  CUipcMemHandle Export(CUdeviceptr memory) {
    CUipcMemHandle handle = {};
    EXPECT_OK(cuCtxSynchronize());  // a set is asynchronous with respect to the host, and to others
    EXPECT_OK(cuIpcGetMemHandle(&handle, memory));
    return handle;
  }
  unsigned Load(CUdeviceptr where) {
    unsigned value = 0;
    EXPECT_OK(cuMemcpyDtoH(&value, where, sizeof value));
    return value;
  }
  // Memory of the client, in this process.
  CUdeviceptr OpenClientMemory(unsigned value) {
    const auto answer = client_.Ask("memory.export " + std::to_string(kWords) + ' ' + std::to_string(value));
    EXPECT_OK(answer.result);
    const size_t space = answer.rest.find(' ');
    there_ = answer.rest.substr(0, space);
    handle_ = FromHex<CUipcMemHandle>(answer.rest.substr(space + 1));
    CUdeviceptr memory = 0;
    EXPECT_OK(cuIpcOpenMemHandle(&memory, handle_, CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS));
    return memory;
  }
  CUevent OpenClientEvent() {
    const auto answer = client_.Ask("event.create");
    EXPECT_OK(answer.result);
    CUevent event = nullptr;
    EXPECT_OK(cuIpcOpenEventHandle(&event, FromHex<CUipcEventHandle>(answer.rest)));
    return event;
  }

  CUstream stream_ = nullptr;
  ClientProcess client_;
  std::string there_;  // the client's address of its memory
  CUipcMemHandle handle_ = {};
};

TEST_F(Ipc, TheDeviceSaysSo) {
  int value = 0;
  ASSERT_OK(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_IPC_EVENT_SUPPORTED, device_));
  EXPECT_EQ(value, 1);
  const CUdeviceptr memory = Allocate(1, 0);
  ASSERT_OK(cuPointerGetAttribute(&value, CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE, memory));
  EXPECT_EQ(value, 1);
}

TEST_F(Ipc, BothProcessesHaveOneMemory) {
  // What shares a page with nobody, and what is smaller than one.
  for (const size_t words : {size_t{1}, size_t{3000}, size_t{1} << 20}) {
    const CUdeviceptr memory = Allocate(words, 7);
    const auto opened = client_.Ask("memory.open " + ToHex(Export(memory)));
    ASSERT_OK(opened.result);
    EXPECT_EQ(client_.Ask("load " + opened.rest).rest, "7") << "what was there before";
    ASSERT_OK(cuMemsetD32(memory, 8, words));
    ASSERT_OK(cuCtxSynchronize());
    EXPECT_EQ(client_.Ask("load " + opened.rest).rest, "8");
    ASSERT_OK(client_.Tell("fill " + opened.rest + " 9 " + std::to_string(words)));
    ASSERT_OK(client_.Tell("stream.synchronize"));
    EXPECT_EQ(Load(memory), 9u);
    EXPECT_EQ(Load(memory + (words - 1) * 4), 9u);
    EXPECT_OK(client_.Tell("memory.close " + opened.rest));
    EXPECT_EQ(Load(memory), 9u);
    EXPECT_OK(cuMemFree(memory));
  }
}

TEST_F(Ipc, AHandleIsOfTheWholeAllocationAndAlwaysTheSame) {
  const CUdeviceptr memory = Allocate(kWords, 1);
  const CUipcMemHandle first = Export(memory), inside = Export(memory + 4096);
  EXPECT_EQ(std::memcmp(&first, &inside, sizeof first), 0);
  ASSERT_OK(cuMemFree(memory));
  const CUipcMemHandle next = Export(Allocate(kWords, 1));
  EXPECT_NE(std::memcmp(&first, &next, sizeof first), 0) << "an address that was used again";
}

TEST_F(Ipc, AnAddressRangeIsThatOfTheExporter) {
  const CUdeviceptr memory = OpenClientMemory(5);
  CUdeviceptr base = 0;
  size_t bytes = 0;
  ASSERT_OK(cuMemGetAddressRange(&base, &bytes, memory + 400));
  EXPECT_EQ(base, memory);
  EXPECT_EQ(bytes, kWords * 4);
  EXPECT_EQ(Load(memory + (kWords - 1) * 4), 5u);
  unsigned type = 0;
  ASSERT_OK(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, memory));
  EXPECT_EQ(type, unsigned{CU_MEMORYTYPE_DEVICE});
  EXPECT_EQ(cuMemFree(memory), CUDA_ERROR_INVALID_VALUE) << "it is closed, not freed";
  CUipcMemHandle handle = {};
  EXPECT_EQ(cuIpcGetMemHandle(&handle, memory), CUDA_ERROR_INVALID_VALUE) << "nor passed on";
}

TEST_F(Ipc, OpeningAndClosingCount) {
  const CUdeviceptr memory = OpenClientMemory(5);
  CUdeviceptr again = 0;
  ASSERT_OK(cuIpcOpenMemHandle(&again, handle_, CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS));
  EXPECT_EQ(again, memory);
  ASSERT_OK(cuIpcCloseMemHandle(memory));
  EXPECT_EQ(Load(memory), 5u);
  ASSERT_OK(cuIpcCloseMemHandle(memory));
  EXPECT_EQ(cuIpcCloseMemHandle(memory), CUDA_ERROR_INVALID_VALUE);
  unsigned value = 0;
  EXPECT_EQ(cuPointerGetAttribute(&value, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, memory),
            CUDA_ERROR_INVALID_VALUE);
  ASSERT_OK(cuIpcOpenMemHandle(&again, handle_, CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS));
  EXPECT_EQ(Load(again), 5u);
}

TEST_F(Ipc, MemoryOutlivesItsExporter) {
  const CUdeviceptr memory = OpenClientMemory(5);
  ASSERT_OK(client_.Tell("memory.free " + there_));
  EXPECT_EQ(Load(memory), 5u);
  client_.Kill();
  EXPECT_EQ(Load(memory + (kWords - 1) * 4), 5u);
  ASSERT_OK(cuMemsetD32(memory, 6, kWords));
  EXPECT_EQ(Load(memory), 6u);
  EXPECT_OK(cuIpcCloseMemHandle(memory));
}

TEST_F(Ipc, ClosingWaitsForNobodysWork) {
  const CUdeviceptr memory = OpenClientMemory(5);
  {
    Gate gate;
    ASSERT_OK(gate.Hold(stream_));
    ASSERT_OK(cuMemsetD32Async(memory, 6, kWords, stream_));
    ASSERT_OK(cuIpcCloseMemHandle(memory));
  }
  ASSERT_OK(cuStreamSynchronize(stream_));
  EXPECT_EQ(client_.Ask("load " + there_).rest, "6") << "the work came to its end all the same";
}

TEST_F(Ipc, AResetClosesWhatIsOpen) {
  const CUdeviceptr memory = OpenClientMemory(5);
  ASSERT_OK(cuDevicePrimaryCtxReset(device_));
  ASSERT_OK(cuDevicePrimaryCtxRetain(&context_, device_));
  EXPECT_EQ(cuIpcCloseMemHandle(memory), CUDA_ERROR_INVALID_VALUE);
  CUdeviceptr again = 0;
  ASSERT_OK(cuIpcOpenMemHandle(&again, handle_, CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS));
  EXPECT_EQ(Load(again), 5u);
  ASSERT_OK(cuDevicePrimaryCtxRelease(device_));
}

TEST_F(Ipc, ExportingDisturbsNoWorkInFlight) {
  constexpr size_t kBytes = 16 << 20;
  const CUdeviceptr memory = Allocate(kBytes / 4, 0);
  ASSERT_OK(cuCtxSynchronize());
  // Fills go on while the memory changes its pages.
  for (int i = 1; i <= 200; ++i) {
    ASSERT_OK(cuMemsetD32Async(memory + size_t(i) * 40000, unsigned(i), 10000, stream_));
    if (i == 100) Export(memory);
  }
  ASSERT_OK(cuStreamSynchronize(stream_));
  for (int i = 1; i <= 200; ++i) ASSERT_EQ(Load(memory + size_t(i) * 40000 + 39996), unsigned(i));
}

TEST_F(Ipc, OnlyMemoryOfCuMemAllocIsExported) {
  CUipcMemHandle handle = {};
  CUdeviceptr managed = 0, pooled = 0;
  void* pinned = nullptr;
  ASSERT_OK(cuMemAllocManaged(&managed, 4096, CU_MEM_ATTACH_GLOBAL));
  ASSERT_OK(cuMemAllocAsync(&pooled, 4096, stream_));
  ASSERT_OK(cuMemHostAlloc(&pinned, 4096, 0));
  int local = 0;
  for (const CUdeviceptr wrong :
       {managed, pooled, reinterpret_cast<CUdeviceptr>(pinned), reinterpret_cast<CUdeviceptr>(&local)}) {
    EXPECT_EQ(cuIpcGetMemHandle(&handle, wrong), CUDA_ERROR_INVALID_VALUE);
  }
  EXPECT_EQ(cuIpcGetMemHandle(nullptr, Allocate(1, 0)), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Ipc, OpeningHasItsRules) {
  const CUdeviceptr memory = Allocate(16, 1);
  const CUipcMemHandle own = Export(memory);
  CUdeviceptr opened = 0;
  EXPECT_EQ(cuIpcOpenMemHandle(&opened, own, CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS), CUDA_ERROR_INVALID_CONTEXT)
      << "a process does not open its own";
  EXPECT_EQ(cuIpcOpenMemHandle(&opened, own, 2), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuIpcOpenMemHandle(nullptr, own, CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuIpcCloseMemHandle(memory), CUDA_ERROR_INVALID_VALUE) << "allocated, not opened";
  CUevent event = nullptr;
  CUipcEventHandle of_event = {};
  ASSERT_OK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING | CU_EVENT_INTERPROCESS));
  ASSERT_OK(cuIpcGetEventHandle(&of_event, event));
  EXPECT_EQ(client_.Tell("memory.open " + ToHex(of_event)), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(client_.Tell("event.open " + ToHex(own)), CUDA_ERROR_INVALID_HANDLE);
}

// Of whatever bytes: an error, or, by a rare chance, a handle; never a crash.
TEST_F(Ipc, FalseBytesAreNoHandle) {
  const std::string good = ToHex(Export(Allocate(16, 1)));
  EXPECT_EQ(client_.Tell("memory.open " + std::string(128, '0')), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(client_.Tell("memory.open " + std::string(128, 'f')), CUDA_ERROR_INVALID_HANDLE);
  for (size_t i = 0; i < good.size(); i += 2) {
    std::string bad = good;
    bad[i] = bad[i] == '0' ? '1' : '0';
    EXPECT_EQ(client_.Tell("memory.open " + bad), CUDA_ERROR_INVALID_HANDLE) << "byte " << i / 2;
    EXPECT_EQ(client_.Tell("event.open " + bad), CUDA_ERROR_INVALID_HANDLE) << "byte " << i / 2;
  }
  ASSERT_OK(client_.Tell("memory.open " + good));
}

// A handle whose checksum is right, about files that are not what it says.
class ForgedIpc : public Ipc {
 protected:
  struct Fields {
    uint32_t magic;
    uint16_t version, kind;
    int32_t pid, fds[2];
    uint32_t checksum;
    uint64_t inodes[2], size_bytes;
    uint8_t uuid[16];
  };
  static_assert(sizeof(Fields) == sizeof(CUipcMemHandle));

  template <typename Handle, typename Change>
  static Handle Forge(Handle handle, Change change) {
    Fields fields;
    std::memcpy(&fields, &handle, sizeof fields);
    change(fields);
    fields.checksum = 0;
    std::memcpy(&handle, &fields, sizeof fields);
    uint32_t sum = 2166136261u;
    for (size_t i = 0; i < sizeof handle; ++i) {
      sum = (sum ^ reinterpret_cast<const unsigned char*>(&handle)[i]) * 16777619u;
    }
    fields.checksum = sum;
    std::memcpy(&handle, &fields, sizeof fields);
    return handle;
  }
};

TEST_F(ForgedIpc, ForgedMemoryIsRefused) {
  const CUipcMemHandle good = Export(Allocate(16, 1));
  const auto open = [&](auto change) { return client_.Tell("memory.open " + ToHex(Forge(good, change))); };
  EXPECT_EQ(open([](Fields& f) { f.fds[0] = 0; }), CUDA_ERROR_MAP_FAILED) << "another file";
  EXPECT_EQ(open([](Fields& f) { f.fds[0] = 9999; }), CUDA_ERROR_MAP_FAILED) << "no file";
  EXPECT_EQ(open([](Fields& f) { f.fds[0] = -1; }), CUDA_ERROR_MAP_FAILED);
  EXPECT_EQ(open([](Fields& f) { f.pid = 1 << 29; }), CUDA_ERROR_MAP_FAILED) << "no process";
  EXPECT_EQ(open([](Fields& f) { f.inodes[0] += 1; }), CUDA_ERROR_MAP_FAILED);
  EXPECT_EQ(open([](Fields& f) { f.size_bytes = 1 << 30; }), CUDA_ERROR_INVALID_HANDLE)
      << "larger than the file";
  EXPECT_EQ(open([](Fields& f) { f.size_bytes = ~0ull; }), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(open([](Fields& f) { f.size_bytes = 0; }), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(open([](Fields& f) { f.uuid[3] ^= 1; }), CUDA_ERROR_INVALID_DEVICE);
  EXPECT_OK(open([](Fields&) {}));
}

TEST_F(ForgedIpc, ForgedEventsAreRefused) {
  CUevent event = nullptr;
  CUipcEventHandle good = {};
  ASSERT_OK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING | CU_EVENT_INTERPROCESS));
  ASSERT_OK(cuIpcGetEventHandle(&good, event));
  const auto open = [&](auto change) { return client_.Tell("event.open " + ToHex(Forge(good, change))); };
  EXPECT_EQ(open([](Fields& f) { std::swap(f.fds[0], f.fds[1]), std::swap(f.inodes[0], f.inodes[1]); }),
            CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(open([](Fields& f) { f.fds[1] = f.fds[0], f.inodes[1] = f.inodes[0]; }),
            CUDA_ERROR_INVALID_HANDLE);
  const CUipcMemHandle memory = Export(Allocate(1024, 1));
  Fields of_memory;
  std::memcpy(&of_memory, &memory, sizeof of_memory);
  EXPECT_EQ(open([&](Fields& f) { f.fds[0] = of_memory.fds[0], f.inodes[0] = of_memory.inodes[0]; }),
            CUDA_ERROR_INVALID_HANDLE)
      << "memory of an event's size is no event";
  EXPECT_OK(open([](Fields&) {}));
}

TEST_F(Ipc, WhatIsFreedCannotBeOpened) {
  const CUdeviceptr memory = Allocate(16, 1);
  const CUipcMemHandle handle = Export(memory);
  ASSERT_OK(cuMemFree(memory));
  EXPECT_EQ(client_.Tell("memory.open " + ToHex(handle)), CUDA_ERROR_MAP_FAILED);
}

TEST_F(Ipc, ADeadExportersHandlesCannotBeOpened) {
  const CUdeviceptr memory = OpenClientMemory(5);
  const auto event = client_.Ask("event.create");
  ASSERT_OK(cuIpcCloseMemHandle(memory));
  client_.Kill();
  CUdeviceptr opened = 0;
  CUevent opened_event = nullptr;
  EXPECT_EQ(cuIpcOpenMemHandle(&opened, handle_, CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS), CUDA_ERROR_MAP_FAILED);
  EXPECT_EQ(cuIpcOpenEventHandle(&opened_event, FromHex<CUipcEventHandle>(event.rest)),
            CUDA_ERROR_MAP_FAILED);
}

TEST_F(Ipc, AnEventOfAnotherProcessIsQueriedAndWaitedFor) {
  const CUevent event = OpenClientEvent();
  EXPECT_OK(cuEventQuery(event)) << "never recorded";
  ASSERT_OK(client_.Tell("hold"));
  ASSERT_OK(client_.Tell("event.record 0"));
  EXPECT_EQ(cuEventQuery(event), CUDA_ERROR_NOT_READY);
  ASSERT_OK(cuStreamWaitEvent(stream_, event, 0));
  EXPECT_EQ(cuStreamQuery(stream_), CUDA_ERROR_NOT_READY);
  std::this_thread::sleep_for(std::chrono::milliseconds(120));  // past two looks at whether the client lives
  EXPECT_EQ(cuStreamQuery(stream_), CUDA_ERROR_NOT_READY);
  ASSERT_OK(client_.Tell("release"));
  EXPECT_OK(cuEventSynchronize(event));
  EXPECT_OK(cuStreamSynchronize(stream_));
  EXPECT_OK(cuEventQuery(event));
}

TEST_F(Ipc, AnOpenedEventIsRecordedToo) {
  const CUevent event = OpenClientEvent();
  Gate gate;
  ASSERT_OK(gate.Hold(stream_));
  ASSERT_OK(cuEventRecord(event, stream_));
  EXPECT_EQ(client_.Tell("event.query 0"), CUDA_ERROR_NOT_READY);
  ASSERT_OK(client_.Tell("stream.wait 0"));
  EXPECT_EQ(client_.Tell("stream.query"), CUDA_ERROR_NOT_READY);
  gate.Open();
  EXPECT_OK(client_.Tell("stream.synchronize"));
  EXPECT_OK(client_.Tell("event.query 0"));
  ASSERT_OK(cuStreamSynchronize(stream_));
}

// What was waited for is the record at the time of the wait, whoever records next.
TEST_F(Ipc, ALaterRecordDoesNotEndAnEarlierWait) {
  const CUevent event = OpenClientEvent();
  CUstream waiting = nullptr;
  ASSERT_OK(cuStreamCreate(&waiting, CU_STREAM_NON_BLOCKING));
  ASSERT_OK(client_.Tell("hold"));
  ASSERT_OK(client_.Tell("event.record 0"));
  ASSERT_OK(cuStreamWaitEvent(waiting, event, 0));
  ASSERT_OK(cuEventRecord(event, stream_));
  ASSERT_OK(cuStreamSynchronize(stream_)) << "a record holds its stream back for nobody";
  EXPECT_EQ(cuStreamQuery(waiting), CUDA_ERROR_NOT_READY);
  ASSERT_OK(client_.Tell("release"));
  EXPECT_OK(cuStreamSynchronize(waiting));
  EXPECT_OK(cuEventSynchronize(event));
}

TEST_F(Ipc, DestroyingAnEventWaitsForNobody) {
  const CUevent event = OpenClientEvent();
  Gate gate;
  ASSERT_OK(gate.Hold(stream_));
  ASSERT_OK(cuEventRecord(event, stream_));
  ASSERT_OK(cuEventDestroy(event));
  EXPECT_EQ(cuEventQuery(event), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(client_.Tell("event.query 0"), CUDA_ERROR_NOT_READY);
  gate.Open();
  EXPECT_OK(client_.Tell("event.synchronize 0"));
  ASSERT_OK(client_.Tell("event.destroy 0"));
}

TEST_F(Ipc, AnEventHasItsRules) {
  CUevent event = nullptr;
  CUipcEventHandle handle = {};
  EXPECT_EQ(cuEventCreate(&event, CU_EVENT_INTERPROCESS), CUDA_ERROR_INVALID_VALUE) << "it has no timing";
  ASSERT_OK(cuEventCreate(&event, CU_EVENT_DISABLE_TIMING));
  EXPECT_EQ(cuIpcGetEventHandle(&handle, event), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(cuIpcGetEventHandle(&handle, nullptr), CUDA_ERROR_INVALID_HANDLE);
  const CUevent opened = OpenClientEvent();
  ASSERT_OK(cuEventRecord(opened, stream_));
  ASSERT_OK(cuEventRecord(event, stream_));
  float milliseconds = 0;
  EXPECT_EQ(cuEventElapsedTime(&milliseconds, opened, event), CUDA_ERROR_INVALID_HANDLE);
}

TEST_F(Ipc, WhoWaitsForAProcessThatDiesIsTold) {
  const CUevent event = OpenClientEvent();
  ASSERT_OK(client_.Tell("hold"));
  ASSERT_OK(client_.Tell("event.record 0"));
  ASSERT_OK(cuStreamWaitEvent(stream_, event, 0));
  client_.Kill();
  EXPECT_EQ(cuEventSynchronize(event), CUDA_ERROR_EXTERNAL_DEVICE);
  EXPECT_EQ(cuStreamSynchronize(stream_), CUDA_ERROR_EXTERNAL_DEVICE);
  EXPECT_EQ(cuEventQuery(event), CUDA_ERROR_EXTERNAL_DEVICE);
  CUstream other = nullptr;
  ASSERT_OK(cuStreamCreate(&other, CU_STREAM_NON_BLOCKING));
  EXPECT_OK(cuStreamSynchronize(other)) << "what did not wait goes on";
  EXPECT_EQ(Load(Allocate(1, 3)), 3u);
}

// As PyTorch hands tensors from process to process: memory and an event, the event recorded by the producer,
// waited for by the consumer's stream, which then works on the memory and records in its turn.
TEST_F(Ipc, AProducerAndAConsumerTakeTurns) {
  const CUdeviceptr memory = Allocate(kWords, 0);
  CUevent produced = nullptr;
  CUipcEventHandle handle = {};
  ASSERT_OK(cuEventCreate(&produced, CU_EVENT_DISABLE_TIMING | CU_EVENT_INTERPROCESS));
  ASSERT_OK(cuIpcGetEventHandle(&handle, produced));
  const CUevent consumed = OpenClientEvent();
  ASSERT_OK(client_.Tell("event.open " + ToHex(handle)));
  const auto there = client_.Ask("memory.open " + ToHex(Export(memory)));
  ASSERT_OK(there.result);
  std::vector<unsigned> words(kWords);
  for (unsigned turn = 0; turn < 50; ++turn) {
    ASSERT_OK(cuMemsetD32Async(memory, 2 * turn + 1, kWords, stream_));
    ASSERT_OK(cuEventRecord(produced, stream_));
    ASSERT_OK(client_.Tell("stream.wait 1"));
    ASSERT_OK(client_.Tell("fill " + there.rest + ' ' + std::to_string(2 * turn + 2) + ' ' +
                           std::to_string(kWords / 2)));
    ASSERT_OK(client_.Tell("event.record 0"));
    ASSERT_OK(cuStreamWaitEvent(stream_, consumed, 0));
    ASSERT_OK(cuMemcpyDtoHAsync(words.data(), memory, kWords * 4, stream_));
    ASSERT_OK(cuStreamSynchronize(stream_));
    ASSERT_EQ(words[0], 2 * turn + 2);
    ASSERT_EQ(words[kWords / 2 - 1], 2 * turn + 2);
    ASSERT_EQ(words[kWords / 2], 2 * turn + 1);
  }
}

}  // namespace
