// libnvidia-ml.so.1 on two devices.
#include "runtime/nvml/nvml.h"

#include <cuda.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "tests/api/context_fixture.h"

namespace {

// A directory of usage records that no other process writes into. libcuda has read its environment when this
// runs, so that the program begins anew.
__attribute__((constructor)) void BeginAlone(int, char** argv) {
  if (getenv("TIANQIAO_USAGE_DIR") == nullptr) {
    std::string path = std::filesystem::temp_directory_path() / "nvml_test.XXXXXX";
    setenv("TIANQIAO_USAGE_DIR", mkdtemp(path.data()), 1);
    execv("/proc/self/exe", argv);
  }
  std::atexit([] { std::filesystem::remove_all(getenv("TIANQIAO_USAGE_DIR")); });
}

class Nvml : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(nvmlInit_v2(), NVML_SUCCESS);
    ASSERT_EQ(nvmlDeviceGetHandleByIndex_v2(0, &first_), NVML_SUCCESS);
    ASSERT_EQ(nvmlDeviceGetHandleByIndex_v2(1, &second_), NVML_SUCCESS);
  }
  void TearDown() override { EXPECT_EQ(nvmlShutdown(), NVML_SUCCESS); }

  nvmlDevice_t first_ = nullptr, second_ = nullptr;
};

TEST(NvmlClosed, EverythingWantsInit) {
  unsigned count = 0;
  char text[96];
  nvmlDevice_t device = nullptr;
  EXPECT_EQ(nvmlShutdown(), NVML_ERROR_UNINITIALIZED);
  EXPECT_EQ(nvmlDeviceGetCount_v2(&count), NVML_ERROR_UNINITIALIZED);
  EXPECT_EQ(nvmlDeviceGetHandleByIndex_v2(0, &device), NVML_ERROR_UNINITIALIZED);
  EXPECT_EQ(nvmlSystemGetDriverVersion(text, sizeof(text)), NVML_ERROR_UNINITIALIZED);
  EXPECT_EQ(nvmlInitWithFlags(4), NVML_ERROR_INVALID_ARGUMENT);
  EXPECT_STREQ(nvmlErrorString(NVML_ERROR_UNINITIALIZED), "Uninitialized");
  EXPECT_STREQ(nvmlErrorString(static_cast<nvmlReturn_t>(12345)), "Unknown Error");
}

TEST_F(Nvml, InitCounts) {
  ASSERT_EQ(nvmlInitWithFlags(1), NVML_SUCCESS);
  ASSERT_EQ(nvmlShutdown(), NVML_SUCCESS);
  unsigned count = 0;
  EXPECT_EQ(nvmlDeviceGetCount_v2(&count), NVML_SUCCESS);
  EXPECT_EQ(count, 2u);
}

TEST_F(Nvml, NamesAreCudas) {
  char ours[96], cudas[96];
  ASSERT_EQ(nvmlDeviceGetName(second_, ours, sizeof(ours)), NVML_SUCCESS);
  ASSERT_OK(cuDeviceGetName(cudas, sizeof(cudas), 1));
  EXPECT_STREQ(ours, cudas);
  EXPECT_EQ(nvmlDeviceGetName(second_, ours, 2), NVML_ERROR_INSUFFICIENT_SIZE);
  EXPECT_EQ(nvmlDeviceGetName(second_, nullptr, 2), NVML_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(nvmlDeviceGetName(nullptr, ours, sizeof(ours)), NVML_ERROR_INVALID_ARGUMENT);
}

TEST_F(Nvml, UuidAndBusIdLeadBackToTheDevice) {
  char uuid[96];
  ASSERT_EQ(nvmlDeviceGetUUID(second_, uuid, sizeof(uuid)), NVML_SUCCESS);
  CUuuid cudas;
  ASSERT_OK(cuDeviceGetUuid_v2(&cudas, 1));
  char start[16];
  std::snprintf(start, sizeof(start), "GPU-%02x%02x", cudas.bytes[0] & 0xff, cudas.bytes[1] & 0xff);
  EXPECT_EQ(std::string(uuid, 8), start);
  EXPECT_EQ(std::strlen(uuid), 40u);
  nvmlDevice_t found = nullptr;
  EXPECT_EQ(nvmlDeviceGetHandleByUUID(uuid, &found), NVML_SUCCESS);
  EXPECT_EQ(found, second_);
  EXPECT_EQ(nvmlDeviceGetHandleByUUID("GPU-0", &found), NVML_ERROR_NOT_FOUND);

  nvmlPciInfo_t pci;
  ASSERT_EQ(nvmlDeviceGetPciInfo_v3(second_, &pci), NVML_SUCCESS);
  for (const char* bus_id : {pci.busId, pci.busIdLegacy}) {
    found = nullptr;
    EXPECT_EQ(nvmlDeviceGetHandleByPciBusId_v2(bus_id, &found), NVML_SUCCESS) << bus_id;
    EXPECT_EQ(found, second_) << bus_id;
    CUdevice device = -1;
    EXPECT_OK(cuDeviceGetByPCIBusId(&device, pci.busIdLegacy));
    EXPECT_EQ(device, 1);
  }
  EXPECT_EQ(nvmlDeviceGetHandleByPciBusId_v2("nonsense", &found), NVML_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(nvmlDeviceGetHandleByPciBusId_v2("ffff:ee:1d.0", &found), NVML_ERROR_NOT_FOUND);
}

// Runs in the child: takes memory of the second device, says so and waits to be killed.
[[noreturn]] void UseSecondDevice(int ready, size_t bytes) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  CUcontext context;
  CUdeviceptr memory = 0;
  const bool is_fine = cuInit(0) == CUDA_SUCCESS && cuDevicePrimaryCtxRetain(&context, 1) == CUDA_SUCCESS &&
                       cuCtxSetCurrent(context) == CUDA_SUCCESS && cuMemAlloc(&memory, bytes) == CUDA_SUCCESS;
  usleep(500'000);  // the record is written a few times a second
  (void)!write(ready, is_fine ? "y" : "n", 1);
  for (;;) {
    if (cuMemsetD8(memory, 1, bytes) != CUDA_SUCCESS) _exit(1);
  }
}

// nvmlInit leaves the children of this process the use of the devices, and they are seen until they end,
// however they do.
TEST_F(Nvml, OtherProcessesAreSeenUntilTheyAreKilled) {
  constexpr size_t kBytes = 32 << 20;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) UseSecondDevice(ready[1], kBytes);
  char answer = 0;
  ASSERT_EQ(read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  nvmlUtilization_t utilization = {};
  ASSERT_EQ(nvmlDeviceGetUtilizationRates(second_, &utilization), NVML_SUCCESS);
  usleep(600'000);
  ASSERT_EQ(nvmlDeviceGetUtilizationRates(second_, &utilization), NVML_SUCCESS);
  EXPECT_GE(utilization.gpu, 1u);
  nvmlProcessInfo_t processes[4];
  unsigned count = 4;
  ASSERT_EQ(nvmlDeviceGetComputeRunningProcesses_v3(second_, &count, processes), NVML_SUCCESS);
  ASSERT_EQ(count, 1u);
  EXPECT_EQ(processes[0].pid, unsigned(child));
  EXPECT_GE(processes[0].usedGpuMemory, kBytes);
  nvmlMemory_t memory;
  ASSERT_EQ(nvmlDeviceGetMemoryInfo(second_, &memory), NVML_SUCCESS);
  EXPECT_GE(memory.used, kBytes);
  count = 4;
  ASSERT_EQ(nvmlDeviceGetComputeRunningProcesses_v3(first_, &count, processes), NVML_SUCCESS);
  EXPECT_EQ(count, 0u);

  kill(child, SIGKILL);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  count = 4;
  ASSERT_EQ(nvmlDeviceGetComputeRunningProcesses_v3(second_, &count, processes), NVML_SUCCESS);
  EXPECT_EQ(count, 0u);
  ASSERT_EQ(nvmlDeviceGetMemoryInfo(second_, &memory), NVML_SUCCESS);
  EXPECT_LT(memory.used, kBytes);
}

TEST_F(Nvml, MemoryFollowsAllocations) {
  constexpr size_t kBytes = 64 << 20;
  nvmlMemory_t before, during;
  CUcontext context;
  ASSERT_OK(cuDevicePrimaryCtxRetain(&context, 1));
  ASSERT_OK(cuCtxSetCurrent(context));
  ASSERT_EQ(nvmlDeviceGetMemoryInfo(second_, &before), NVML_SUCCESS);
  CUdeviceptr memory;
  ASSERT_OK(cuMemAlloc(&memory, kBytes));
  ASSERT_EQ(nvmlDeviceGetMemoryInfo(second_, &during), NVML_SUCCESS);
  EXPECT_GE(during.used, before.used + kBytes);
  EXPECT_EQ(during.used + during.free, during.total);

  unsigned count = 0;
  EXPECT_EQ(nvmlDeviceGetComputeRunningProcesses_v3(second_, &count, nullptr), NVML_ERROR_INSUFFICIENT_SIZE);
  ASSERT_EQ(count, 1u);
  nvmlProcessInfo_t process;
  ASSERT_EQ(nvmlDeviceGetComputeRunningProcesses_v3(second_, &count, &process), NVML_SUCCESS);
  EXPECT_EQ(process.pid, unsigned(getpid()));
  EXPECT_GE(process.usedGpuMemory, kBytes);

  ASSERT_OK(cuMemFree(memory));
  nvmlMemory_v2_t after = {};
  EXPECT_EQ(nvmlDeviceGetMemoryInfo_v2(second_, &after), NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
  after.version = nvmlMemory_v2;
  ASSERT_EQ(nvmlDeviceGetMemoryInfo_v2(second_, &after), NVML_SUCCESS);
  EXPECT_LE(after.used + kBytes, during.used);
  ASSERT_OK(cuDevicePrimaryCtxRelease(1));
}

TEST_F(Nvml, CapabilityAndVersionsAreCudas) {
  int major = 0, minor = 0, cudas = 0;
  ASSERT_EQ(nvmlDeviceGetCudaComputeCapability(first_, &major, &minor), NVML_SUCCESS);
  ASSERT_OK(cuDeviceGetAttribute(&cudas, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 0));
  EXPECT_EQ(major, cudas);
  int version = 0;
  ASSERT_EQ(nvmlSystemGetCudaDriverVersion_v2(&version), NVML_SUCCESS);
  ASSERT_OK(cuDriverGetVersion(&cudas));
  EXPECT_EQ(version, cudas);
  char driver[80], library[80];
  ASSERT_EQ(nvmlSystemGetDriverVersion(driver, sizeof(driver)), NVML_SUCCESS);
  ASSERT_EQ(nvmlSystemGetNVMLVersion(library, sizeof(library)), NVML_SUCCESS);
  EXPECT_EQ(std::to_string(version / 1000) + "." + driver, library);
}

// A processor tells neither, and the answer is no invented number.
TEST_F(Nvml, FiguresThatTheDeviceLacksAreNotSupported) {
  unsigned value = 0;
  EXPECT_EQ(nvmlDeviceGetTemperature(first_, NVML_TEMPERATURE_GPU, &value), NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(nvmlDeviceGetPowerUsage(first_, &value), NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(nvmlDeviceGetClockInfo(first_, NVML_CLOCK_SM, &value), NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(nvmlDeviceGetMaxClockInfo(first_, NVML_CLOCK_VIDEO, &value), NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(nvmlDeviceGetMaxClockInfo(first_, static_cast<nvmlClockType_t>(4), &value),
            NVML_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(nvmlDeviceGetTemperature(first_, static_cast<nvmlTemperatureSensors_t>(7), &value),
            NVML_ERROR_INVALID_ARGUMENT);
}

using AbsentFunction = nvmlReturn_t (*)(nvmlDevice_t device, void* out, void* second, void* third);
struct AbsentRow {
  const char* name;
  AbsentFunction function;
};
#define TQ_NVML_ABSENT(name) extern "C" nvmlReturn_t name(nvmlDevice_t, void*, void*, void*);
}  // namespace
#include "runtime/nvml/absent.def"
namespace {
#undef TQ_NVML_ABSENT
#define TQ_NVML_ABSENT(name) {#name, name},
const AbsentRow kAbsent[] = {
#include "runtime/nvml/absent.def"
};

TEST_F(Nvml, PartsThatNoDeviceHasAreNotSupported) {
  unsigned char out[256] = {};
  for (const AbsentRow& row : kAbsent) {
    EXPECT_EQ(row.function(first_, out, out, out), NVML_ERROR_NOT_SUPPORTED) << row.name;
    EXPECT_EQ(row.function(nullptr, out, out, out), NVML_ERROR_INVALID_ARGUMENT) << row.name;
  }
  for (const unsigned char byte : out) EXPECT_EQ(byte, 0);
  ASSERT_EQ(nvmlShutdown(), NVML_SUCCESS);
  for (const AbsentRow& row : kAbsent) {
    EXPECT_EQ(row.function(first_, out, out, out), NVML_ERROR_UNINITIALIZED) << row.name;
  }
  ASSERT_EQ(nvmlInit_v2(), NVML_SUCCESS);
}

TEST_F(Nvml, FieldsAnswerOneByOne) {
  nvmlFieldValue_t fields[2] = {};
  ASSERT_EQ(nvmlDeviceGetFieldValues(first_, 2, fields), NVML_SUCCESS);
  EXPECT_EQ(fields[0].nvmlReturn, NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(fields[1].nvmlReturn, NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(nvmlDeviceGetFieldValues(first_, 0, fields), NVML_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(nvmlDeviceGetFieldValues(first_, 1, nullptr), NVML_ERROR_INVALID_ARGUMENT);
}

TEST_F(Nvml, OlderStructuresAgreeWithTheLatest) {
  nvmlPciInfo_t pci;
  nvmlPciInfo_v2_t old;
  ASSERT_EQ(nvmlDeviceGetPciInfo_v3(second_, &pci), NVML_SUCCESS);
  ASSERT_EQ(nvmlDeviceGetPciInfo_v2(second_, &old), NVML_SUCCESS);
  EXPECT_STREQ(old.busIdLegacy, pci.busIdLegacy);
  EXPECT_EQ(old.bus, pci.bus);
  EXPECT_EQ(nvmlDeviceGetPciInfo(second_, nullptr), NVML_ERROR_INVALID_ARGUMENT);
}

TEST_F(Nvml, TheProcessorsNearADeviceAreThisProcesss) {
  unsigned long set[16], one;
  ASSERT_EQ(nvmlDeviceGetCpuAffinity(first_, 16, set), NVML_SUCCESS);
  cpu_set_t ours;
  ASSERT_EQ(sched_getaffinity(0, sizeof(ours), &ours), 0);
  for (int cpu = 0; cpu < 1024; ++cpu) {
    EXPECT_EQ(set[cpu / 64] >> cpu % 64 & 1, unsigned(CPU_ISSET(cpu, &ours) != 0)) << cpu;
  }
  ASSERT_EQ(nvmlDeviceGetCpuAffinityWithinScope(first_, 1, &one, 0), NVML_SUCCESS);
  EXPECT_EQ(one, set[0]);
  EXPECT_EQ(nvmlDeviceGetCpuAffinityWithinScope(first_, 1, &one, 2), NVML_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(nvmlDeviceGetCpuAffinity(first_, 0, set), NVML_ERROR_INVALID_ARGUMENT);
}

TEST_F(Nvml, WhatIsTheSameForEveryDevice) {
  unsigned value = 7;
  nvmlComputeMode_t mode;
  EXPECT_EQ(nvmlDeviceGetComputeMode(first_, &mode), NVML_SUCCESS);
  EXPECT_EQ(mode, NVML_COMPUTEMODE_DEFAULT);
  nvmlEnableState_t state = NVML_FEATURE_ENABLED;
  EXPECT_EQ(nvmlDeviceGetDisplayActive(first_, &state), NVML_SUCCESS);
  EXPECT_EQ(state, NVML_FEATURE_DISABLED);
  EXPECT_EQ(nvmlDeviceIsMigDeviceHandle(first_, &value), NVML_SUCCESS);
  EXPECT_EQ(value, 0u);
  int is_same = 7;
  EXPECT_EQ(nvmlDeviceOnSameBoard(first_, second_, &is_same), NVML_SUCCESS);
  EXPECT_EQ(is_same, 0);
  EXPECT_EQ(nvmlDeviceOnSameBoard(first_, nullptr, &is_same), NVML_ERROR_INVALID_ARGUMENT);
  value = 7;
  EXPECT_EQ(nvmlUnitGetCount(&value), NVML_SUCCESS);
  EXPECT_EQ(value, 0u);
}

TEST_F(Nvml, UtilizationOfEachProcess) {
  constexpr size_t kBytes = 64 << 20;
  CUcontext context;
  ASSERT_OK(cuDevicePrimaryCtxRetain(&context, 0));
  ASSERT_OK(cuCtxSetCurrent(context));
  CUdeviceptr memory;
  ASSERT_OK(cuMemAlloc(&memory, kBytes));
  unsigned count = 0;
  EXPECT_EQ(nvmlDeviceGetProcessUtilization(first_, nullptr, &count, 0), NVML_ERROR_INSUFFICIENT_SIZE);
  ASSERT_EQ(count, 1u);
  nvmlProcessUtilizationSample_t sample = {};
  ASSERT_EQ(nvmlDeviceGetProcessUtilization(first_, &sample, &count, 0), NVML_SUCCESS);
  for (int i = 0; i < 16; ++i) ASSERT_OK(cuMemsetD8Async(memory, i, kBytes, nullptr));
  ASSERT_OK(cuCtxSynchronize());
  ASSERT_EQ(nvmlDeviceGetProcessUtilization(first_, &sample, &count, sample.timeStamp), NVML_SUCCESS);
  EXPECT_EQ(sample.pid, unsigned(getpid()));
  EXPECT_GE(sample.smUtil, 1u);
  EXPECT_LE(sample.smUtil, 100u);
  EXPECT_EQ(nvmlDeviceGetProcessUtilization(first_, &sample, &count, sample.timeStamp + 1'000'000'000),
            NVML_ERROR_NOT_FOUND);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(nvmlDeviceGetGraphicsRunningProcesses_v3(first_, &count, nullptr), NVML_SUCCESS);
  EXPECT_EQ(count, 0u);
  ASSERT_OK(cuMemFree(memory));
  ASSERT_OK(cuDevicePrimaryCtxRelease(0));
}

TEST_F(Nvml, UtilizationIsOfTheTimeSinceTheLastQuestion) {
  constexpr size_t kBytes = 64 << 20;
  CUcontext context;
  ASSERT_OK(cuDevicePrimaryCtxRetain(&context, 0));
  ASSERT_OK(cuCtxSetCurrent(context));
  CUdeviceptr memory;
  ASSERT_OK(cuMemAlloc(&memory, kBytes));
  nvmlUtilization_t utilization = {999, 999};
  ASSERT_EQ(nvmlDeviceGetUtilizationRates(first_, &utilization), NVML_SUCCESS);
  for (int i = 0; i < 16; ++i) ASSERT_OK(cuMemsetD8Async(memory, i, kBytes, nullptr));
  ASSERT_OK(cuCtxSynchronize());
  ASSERT_EQ(nvmlDeviceGetUtilizationRates(first_, &utilization), NVML_SUCCESS);
  EXPECT_GE(utilization.gpu, 1u);
  EXPECT_LE(utilization.gpu, 100u);
  // The other device did nothing.
  ASSERT_EQ(nvmlDeviceGetUtilizationRates(second_, &utilization), NVML_SUCCESS);
  EXPECT_EQ(utilization.gpu, 0u);
  EXPECT_EQ(nvmlDeviceGetUtilizationRates(first_, nullptr), NVML_ERROR_INVALID_ARGUMENT);
  ASSERT_OK(cuMemFree(memory));
  ASSERT_OK(cuDevicePrimaryCtxRelease(0));
}

TEST_F(Nvml, TopologyAndPeers) {
  nvmlGpuTopologyLevel_t level;
  ASSERT_EQ(nvmlDeviceGetTopologyCommonAncestor(first_, first_, &level), NVML_SUCCESS);
  EXPECT_EQ(level, NVML_TOPOLOGY_INTERNAL);
  nvmlGpuP2PStatus_t status = NVML_P2P_STATUS_NOT_SUPPORTED;
  ASSERT_EQ(nvmlDeviceGetP2PStatus(first_, second_, NVML_P2P_CAPS_INDEX_READ, &status), NVML_SUCCESS);
  EXPECT_EQ(status, NVML_P2P_STATUS_OK);
  EXPECT_EQ(nvmlDeviceGetP2PStatus(first_, nullptr, NVML_P2P_CAPS_INDEX_READ, &status),
            NVML_ERROR_INVALID_ARGUMENT);
}

TEST_F(Nvml, ProcessNamesComeFromTheSystem) {
  char name[256] = "";
  ASSERT_EQ(nvmlSystemGetProcessName(getpid(), name, sizeof(name)), NVML_SUCCESS);
  EXPECT_NE(std::string(name).find("nvml_test"), std::string::npos) << name;
  EXPECT_EQ(nvmlSystemGetProcessName(0, name, sizeof(name)), NVML_ERROR_NOT_FOUND);
}

}  // namespace
