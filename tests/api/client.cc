// The other process of tests that need one: a program with a context, a stream and a gate, which does what
// the lines on its standard input say. It answers each with one line: the CUresult, then what the call gave.
#include <cuda.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Answer = std::ostringstream;

std::vector<CUevent> events;
CUstream stream = nullptr;
uint32_t* gate = nullptr;
CUmemoryPool pool = nullptr;

template <typename Handle>
Handle ReadHandle(std::istream& in) {
  std::string text;
  in >> text;
  Handle handle = {};
  for (size_t i = 0; i < sizeof handle && 2 * i + 1 < text.size(); ++i) {
    reinterpret_cast<unsigned char*>(&handle)[i] =
        static_cast<unsigned char>(std::stoi(text.substr(2 * i, 2), nullptr, 16));
  }
  return handle;
}

template <typename Handle>
std::string Hex(const Handle& handle) {
  std::string text;
  for (size_t i = 0; i < sizeof handle; ++i) {
    char byte[3];
    std::snprintf(byte, sizeof byte, "%02x", reinterpret_cast<const unsigned char*>(&handle)[i]);
    text += byte;
  }
  return text;
}

template <typename T>
T Read(std::istream& in) {
  T value = {};
  in >> value;
  return value;
}

CUevent EventOf(std::istream& in) { return events.at(Read<size_t>(in)); }

CUresult AllocateAndExport(std::istream& in, Answer& out) {
  const auto words = Read<size_t>(in);
  const auto value = Read<unsigned>(in);
  CUdeviceptr memory = 0;
  CUipcMemHandle handle = {};
  CUresult result = cuMemAlloc(&memory, words * 4);
  if (result == CUDA_SUCCESS) result = cuMemsetD32(memory, value, words);
  if (result == CUDA_SUCCESS) result = cuIpcGetMemHandle(&handle, memory);
  out << memory << ' ' << Hex(handle);
  return result;
}

CUresult OpenMemory(std::istream& in, Answer& out) {
  const auto handle = ReadHandle<CUipcMemHandle>(in);
  CUdeviceptr memory = 0;
  const CUresult result = cuIpcOpenMemHandle(&memory, handle, CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS);
  out << memory;
  return result;
}

CUresult Load(std::istream& in, Answer& out) {
  unsigned value = 0;
  const CUresult result = cuMemcpyDtoH(&value, Read<CUdeviceptr>(in), sizeof value);
  out << value;
  return result;
}

CUresult Fill(std::istream& in, Answer&) {
  const auto where = Read<CUdeviceptr>(in);
  const auto value = Read<unsigned>(in);
  return cuMemsetD32Async(where, value, Read<size_t>(in), stream);
}

// A descriptor of the test's, by its path in /proc.
CUresult ImportPool(std::istream& in, Answer&) {
  const int fd = open(Read<std::string>(in).c_str(), O_RDONLY | O_CLOEXEC);
  const CUresult result = cuMemPoolImportFromShareableHandle(
      &pool, reinterpret_cast<void*>(static_cast<intptr_t>(fd)), CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0);
  close(fd);
  return result;
}

CUresult ImportPointer(std::istream& in, Answer& out) {
  auto data = ReadHandle<CUmemPoolPtrExportData>(in);
  CUdeviceptr memory = 0;
  const CUresult result = cuMemPoolImportPointer(&memory, pool, &data);
  out << memory;
  return result;
}

CUresult CreateEvent(std::istream&, Answer& out) {
  CUevent event = nullptr;
  CUipcEventHandle handle = {};
  CUresult result = cuEventCreate(&event, CU_EVENT_DISABLE_TIMING | CU_EVENT_INTERPROCESS);
  if (result == CUDA_SUCCESS) result = cuIpcGetEventHandle(&handle, event);
  events.push_back(event);
  out << Hex(handle);
  return result;
}

CUresult OpenEvent(std::istream& in, Answer&) {
  CUevent event = nullptr;
  const CUresult result = cuIpcOpenEventHandle(&event, ReadHandle<CUipcEventHandle>(in));
  events.push_back(event);
  return result;
}

CUresult Hold(std::istream&, Answer&) {
  __atomic_store_n(gate, 0, __ATOMIC_SEQ_CST);
  CUdeviceptr word = 0;
  const CUresult result = cuMemHostGetDevicePointer(&word, gate, 0);
  return result != CUDA_SUCCESS ? result : cuStreamWaitValue32(stream, word, 1, CU_STREAM_WAIT_VALUE_GEQ);
}

// A kernel writes where nothing is.
CUresult Fault(std::istream&, Answer&) {
  constexpr char kModule[] = R"(.version 7.8
.target sm_80
.address_size 64
.visible .entry wild() { .reg .b64 %rd; mov.u64 %rd, 64; st.global.u32 [%rd], 1; ret; })";
  CUmodule module = nullptr;
  CUfunction wild = nullptr;
  CUresult result = cuModuleLoadData(&module, kModule);
  if (result == CUDA_SUCCESS) result = cuModuleGetFunction(&wild, module, "wild");
  if (result == CUDA_SUCCESS) result = cuLaunchKernel(wild, 1, 1, 1, 1, 1, 1, 0, stream, nullptr, nullptr);
  return result != CUDA_SUCCESS ? result : cuStreamSynchronize(stream);
}

CUresult Release(std::istream&, Answer&) {
  __atomic_store_n(gate, 1, __ATOMIC_SEQ_CST);
  return CUDA_SUCCESS;
}

using Command = std::function<CUresult(std::istream&, Answer&)>;
const std::map<std::string, Command> kCommands = {
    {"memory.export", AllocateAndExport},
    {"memory.open", OpenMemory},
    {"memory.close", [](auto& in, auto&) { return cuIpcCloseMemHandle(Read<CUdeviceptr>(in)); }},
    {"memory.free", [](auto& in, auto&) { return cuMemFree(Read<CUdeviceptr>(in)); }},
    {"pool.import", ImportPool},
    {"pool.pointer", ImportPointer},
    {"pool.free", [](auto& in, auto&) { return cuMemFreeAsync(Read<CUdeviceptr>(in), stream); }},
    {"load", Load},
    {"fill", Fill},
    {"event.create", CreateEvent},
    {"event.open", OpenEvent},
    {"event.record", [](auto& in, auto&) { return cuEventRecord(EventOf(in), stream); }},
    {"event.query", [](auto& in, auto&) { return cuEventQuery(EventOf(in)); }},
    {"event.synchronize", [](auto& in, auto&) { return cuEventSynchronize(EventOf(in)); }},
    {"event.destroy", [](auto& in, auto&) { return cuEventDestroy(EventOf(in)); }},
    {"stream.wait", [](auto& in, auto&) { return cuStreamWaitEvent(stream, EventOf(in), 0); }},
    {"stream.query", [](auto&, auto&) { return cuStreamQuery(stream); }},
    {"stream.synchronize", [](auto&, auto&) { return cuStreamSynchronize(stream); }},
    {"fault", Fault},
    {"hold", Hold},
    {"release", Release},
    {"reset", [](auto&, auto&) { return cuDevicePrimaryCtxReset(0); }},
};

CUresult SetUp() {
  CUcontext context = nullptr;
  CUresult result = cuInit(0);
  if (result == CUDA_SUCCESS) result = cuDevicePrimaryCtxRetain(&context, 0);
  if (result == CUDA_SUCCESS) result = cuCtxSetCurrent(context);
  if (result == CUDA_SUCCESS) result = cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING);
  if (result == CUDA_SUCCESS) result = cuMemHostAlloc(reinterpret_cast<void**>(&gate), sizeof *gate, 0);
  return result;
}

}  // namespace

int main() {
  if (const CUresult result = SetUp(); result != CUDA_SUCCESS) return result;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream in(line);
    const auto command = kCommands.find(Read<std::string>(in));
    if (command == kCommands.end()) return 2;
    Answer answer;
    const CUresult result = command->second(in, answer);
    std::cout << result << ' ' << answer.str() << std::endl;
  }
  return 0;
}
