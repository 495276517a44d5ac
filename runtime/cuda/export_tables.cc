#include "runtime/cuda/export_tables.h"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "api/init.h"
#include "base/knobs.h"
#include "runtime/core/context.h"
#include "runtime/core/device.h"
#include "runtime/core/error.h"
#include "runtime/core/hal_error.h"
#include "runtime/core/process.h"
#include "runtime/cuda/context_local_storage.h"
#include "runtime/cuda/entry.h"
#include "runtime/cuda/integrity_check.h"
#include "runtime/cuda/telemetry_table.h"

namespace tq::cuda {
namespace {

using Slot = const void*;

template <typename Function>
Slot Address(Function* function) {
  return reinterpret_cast<Slot>(function);
}

// A slot whose meaning nobody has needed to know. A caller's log line tells which one to find out about next.
template <const char* kTable, int kIndex>
CUresult UnknownSlot() {
  static std::atomic<bool> said{false};
  static const std::string name = "slot " + std::to_string(kIndex) + " of the export table " + kTable;
  return NotImplemented(name.c_str(), said);
}

// A table of which few slots are known, with its size in front.
template <const char* kTable, size_t... kIndices>
std::array<Slot, sizeof...(kIndices)> UnknownSlots(std::index_sequence<kIndices...>) {
  std::array<Slot, sizeof...(kIndices)> slots = {Address(UnknownSlot<kTable, kIndices>)...};
  slots[0] = reinterpret_cast<Slot>(sizeof(slots));
  return slots;
}

// ---- CUDART_INTERFACE

CUresult LoadFatbinary(CUmodule* module, const void* wrapper) { return cuModuleLoadData(module, wrapper); }

CUresult LoadFatbinaryWithOptions(CUmodule* module, const void* wrapper, void* a, void* b, uint32_t c) {
  if (a != nullptr || b != nullptr || c != 0) return CUDA_ERROR_NOT_SUPPORTED;
  return cuModuleLoadData(module, wrapper);
}

CUresult LoadFatbinaryHeader(const void* header, CUmodule* module, void* a, void* b, uint32_t c) {
  return LoadFatbinaryWithOptions(module, header, a, b, c);
}

// The handle only: the context is neither retained nor activated.
absl::Status PrimaryContextOf(CUcontext* context, core::Device& device) {
  *context = device.primary().handle<CUcontext>();
  return absl::OkStatus();
}

CUresult GetPrimaryContext(CUcontext* context, CUdevice device) {
  return Enter<kNeedsInit>("CudartInterface.GetPrimaryContext", PrimaryContextOf, OutArg{"context", context},
                           HandleArg{"device", device});
}

void ForgetFatbinary(const void*) {}

CUresult LoadCompilers() { return CUDA_SUCCESS; }

constexpr char kCudartInterfaceName[] = "CUDART_INTERFACE";

const Slot kCudartInterface[] = {
    reinterpret_cast<Slot>(sizeof(Slot) * 13),
    Address(LoadFatbinary),
    Address(GetPrimaryContext),
    Address(UnknownSlot<kCudartInterfaceName, 3>),
    Address(UnknownSlot<kCudartInterfaceName, 4>),
    Address(UnknownSlot<kCudartInterfaceName, 5>),
    Address(LoadFatbinaryWithOptions),
    Address(ForgetFatbinary),
    Address(LoadFatbinaryHeader),
    Address(UnknownSlot<kCudartInterfaceName, 9>),
    Address(UnknownSlot<kCudartInterfaceName, 10>),
    Address(UnknownSlot<kCudartInterfaceName, 11>),
    Address(LoadCompilers),
};

// ---- TOOLS_RUNTIME_CALLBACK_HOOKS: which callbacks a profiler has switched on; none.

uint32_t enabled_callbacks[1024];
uint32_t enabled_domains[14];

void GetEnabledCallbacks(void** flags, size_t* count) {
  *flags = enabled_callbacks;
  *count = std::size(enabled_callbacks);
}

void GetEnabledDomains(void** flags, size_t* count) {
  *flags = enabled_domains;
  *count = std::size(enabled_domains);
}

constexpr char kToolsCallbackHooksName[] = "TOOLS_RUNTIME_CALLBACK_HOOKS";

const Slot kToolsCallbackHooks[] = {
    reinterpret_cast<Slot>(sizeof(Slot) * 7),
    Address(UnknownSlot<kToolsCallbackHooksName, 1>),
    Address(GetEnabledCallbacks),
    Address(UnknownSlot<kToolsCallbackHooksName, 3>),
    Address(UnknownSlot<kToolsCallbackHooksName, 4>),
    Address(UnknownSlot<kToolsCallbackHooksName, 5>),
    Address(GetEnabledDomains),
};

// ---- TOOLS_TLS: every runtime asks for it; cuBLASLt 13.0 calls slot 2 and hands the outcome to slot 4 of
// TOOLS.

absl::Status CurrentContextOf(CUcontext* context) {
  if (core::Context::Current() == nullptr)
    return core::CudaError(CUDA_ERROR_INVALID_CONTEXT, "This thread has no current context.");
  *context = core::Context::Current()->handle<CUcontext>();
  return absl::OkStatus();
}

CUresult GetCurrentContext(CUcontext* context) {
  return Enter<kNeedsInit>("ToolsTls.GetCurrentContext", CurrentContextOf, OutArg{"context", context});
}

constexpr char kToolsTlsName[] = "TOOLS_TLS";

const Slot kToolsTls[] = {
    reinterpret_cast<Slot>(sizeof(Slot) * 4),
    Address(UnknownSlot<kToolsTlsName, 1>),
    Address(GetCurrentContext),
    Address(UnknownSlot<kToolsTlsName, 3>),
};

// ---- TOOLS: cuFFT wants it to be there; cuBLASLt keys what it keeps for a context by the number of slot 4,
// which like that of cuCtxGetId is never given twice.

CUresult GetContextId(CUcontext context, unsigned long long* id) { return cuCtxGetId(context, id); }

// cuBLAS keys its workspaces by the number of a stream, which it asks of what slot 51 makes of the handle.
// The handles of the legacy and the per-thread stream stand for themselves.
CUresult ResolveStream(CUcontext, CUstream stream, CUstream* resolved, int /*per_thread*/) {
  *resolved = stream;
  return CUDA_SUCCESS;
}

CUresult GetStreamId(CUcontext, CUstream stream, unsigned long long* id) { return cuStreamGetId(stream, id); }

constexpr char kToolsName[] = "TOOLS";

const std::array<Slot, 96> kTools = [] {
  auto slots = UnknownSlots<kToolsName>(std::make_index_sequence<96>());
  slots[4] = Address(GetContextId);
  slots[39] = Address(GetStreamId);
  slots[51] = Address(ResolveStream);
  return slots;
}();

// ---- MODULES (our name): cuFFT 13.0 finds in this way the kernel of a module that has only one.

// How many functions were visited: all of the module, or none if the module is not one.
unsigned ForEachFunction(CUcontext, CUmodule module, void (*visit)(void* user, CUfunction), void* user) {
  unsigned count = 0;
  if (cuModuleGetFunctionCount(&count, module) != CUDA_SUCCESS) return 0;
  std::vector<CUfunction> functions(count);
  if (cuModuleEnumerateFunctions(functions.data(), count, module) != CUDA_SUCCESS) return 0;
  for (const CUfunction function : functions) visit(user, function);
  return count;
}

constexpr char kModulesName[] = "MODULES (6E163FBE)";

const std::array<Slot, 105> kModules = [] {
  auto slots = UnknownSlots<kModulesName>(std::make_index_sequence<105>());
  slots[7] = Address(ForEachFunction);
  return slots;
}();

// ---- CONTEXT_LOCAL_STORAGE: no size in front.

// A context that may be inactive, as a primary context is before its first use. nullptr: no such context.
core::Context* ContextOrCurrent(CUcontext context) {
  return context == nullptr ? core::Context::Current() : core::FromHandle<core::Context>(context);
}

absl::Status PutLocal(core::Context* context, void* key, void* value, ContextLocalDestructor destructor) {
  if (context == nullptr) context = core::Context::Current();
  if (context == nullptr)
    return core::CudaError(CUDA_ERROR_INVALID_CONTEXT, "This thread has no current context.");
  const auto handle = context->handle<CUcontext>();
  if (ContextLocalStorage::Get().Put(handle, key, value, destructor)) {
    context->AddTeardownHook([handle] { ContextLocalStorage::Get().DestroyAll(handle); });
  }
  return absl::OkStatus();
}

CUresult Put(CUcontext context, void* key, void* value, ContextLocalDestructor destructor) {
  return Enter<kNeedsInit>("ContextLocalStorage.Put", PutLocal, OptHandleArg{"context", context},
                           InArg{"key", key}, InArg{"value", value}, InArg{"destructor", destructor});
}

absl::Status DeleteLocal(core::Context* context, void* key) {
  if (context == nullptr) context = core::Context::Current();
  if (context == nullptr || !ContextLocalStorage::Get().Delete(context->handle<CUcontext>(), key)) {
    return core::CudaError(CUDA_ERROR_INVALID_HANDLE, "The context has no value for the key.");
  }
  return absl::OkStatus();
}

CUresult Delete(CUcontext context, void* key) {
  return Enter<kNeedsInit>("ContextLocalStorage.Delete", DeleteLocal, OptHandleArg{"context", context},
                           InArg{"key", key});
}

// Called by the runtime in each of its calls: not even a trace, which would drown in it.
CUresult Find(void** value, CUcontext context, void* key) {
  const core::Context* found = ContextOrCurrent(context);
  if (found == nullptr) return CUDA_ERROR_INVALID_CONTEXT;
  return ContextLocalStorage::Get().Find(found->handle<CUcontext>(), key, value) ? CUDA_SUCCESS
                                                                                 : CUDA_ERROR_INVALID_HANDLE;
}

const Slot kContextLocalStorage[] = {Address(Put), Address(Delete), Address(Find), nullptr};

// ---- CTX_CREATE_BYPASS: cuCtxCreate_v2 with its arguments in another order.

CUresult CreateContext(CUcontext* context, unsigned flags, CUdevice device) {
  return cuCtxCreate_v2(context, flags, device);
}

const Slot kContextCreateBypass[] = {reinterpret_cast<Slot>(sizeof(Slot) * 2), Address(CreateContext)};

// ---- CONTEXT_CHECKS

CUresult CheckContext(CUcontext, uint32_t* result, const void**) {
  *result = 0;
  return CUDA_SUCCESS;
}

uint32_t GetContextCheckFlags() { return 0; }

constexpr char kContextChecksName[] = "CONTEXT_CHECKS";

const Slot kContextChecks[] = {
    reinterpret_cast<Slot>(sizeof(Slot) * 4),
    Address(UnknownSlot<kContextChecksName, 1>),
    Address(CheckContext),
    Address(GetContextCheckFlags),
};

// ---- INTEGRITY_CHECK

CUresult CheckIntegrity(uint32_t runtime_version, uint64_t unix_seconds, uint8_t* answer);

constexpr char kIntegrityCheckName[] = "INTEGRITY_CHECK";

const Slot kIntegrityCheck[] = {
    reinterpret_cast<Slot>(sizeof(Slot) * 3),
    Address(CheckIntegrity),
    Address(UnknownSlot<kIntegrityCheckName, 2>),
};

std::vector<DeviceIdentity> Devices() {
  std::vector<DeviceIdentity> devices;
  core::Process& process = core::Process::Get();
  for (int ordinal = 0; ordinal < process.device_count(); ++ordinal) {
    const hal_device_info& info = (*process.DeviceAt(ordinal))->info();
    DeviceIdentity identity{{}, info.pci_domain, info.pci_bus, info.pci_device};
    std::memcpy(identity.uuid.data(), info.uuid, identity.uuid.size());
    devices.push_back(identity);
  }
  return devices;
}

CUresult CheckIntegrity(uint32_t runtime_version, uint64_t unix_seconds, uint8_t* answer) {
  const IntegrityQuery query{
      .driver_version = static_cast<uint32_t>(Knobs().driver_version),
      .runtime_version = runtime_version,
      .process_id = static_cast<uint32_t>(getpid()),
      .thread_id = static_cast<uint32_t>(pthread_self()),
      .cudart_table = kCudartInterface,
      .integrity_table = kIntegrityCheck,
      .integrity_function = kIntegrityCheck[1],
      .unix_seconds = unix_seconds,
  };
  const Md2Digest digest = AnswerIntegrityQuery(query, Devices());
  std::memcpy(answer, digest.data(), digest.size());
  return CUDA_SUCCESS;
}

// ---- TELEMETRY, which is ours

absl::Status InfoOf(core::Device& device, hal_device_info* info) {
  *info = device.info();
  return absl::OkStatus();
}

CUresult GetInfo(CUdevice device, hal_device_info* info) {
  return Enter<kNeedsInit>("Telemetry.GetInfo", InfoOf, HandleArg{"device", device},
                           RequiredArg{"info", info});
}

absl::Status TelemetryOf(core::Device& device, hal_device_telemetry* telemetry) {
  const absl::StatusOr<hal_device_telemetry> now = device.hal().Telemetry();
  if (!now.ok()) return core::FromHal(now.status());
  *telemetry = *now;
  return absl::OkStatus();
}

CUresult GetTelemetry(CUdevice device, hal_device_telemetry* telemetry) {
  return Enter<kNeedsInit>("Telemetry.GetTelemetry", TelemetryOf, HandleArg{"device", device},
                           RequiredArg{"telemetry", telemetry});
}

constexpr TelemetryTable kTelemetry = {sizeof(TelemetryTable), GetInfo, GetTelemetry};

struct ExportTable {
  CUuuid id;
  const Slot* slots;
};

// The identifiers' bytes in the order of memory.
#define TQ_UUID(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)                                          \
  {                                                                                                      \
    {                                                                                                    \
      char(a), char(b), char(c), char(d), char(e), char(f), char(g), char(h), char(i), char(j), char(k), \
          char(l), char(m), char(n), char(o), char(p)                                                    \
    }                                                                                                    \
  }
const ExportTable kTables[] = {
    {TQ_UUID(0x6B, 0xD5, 0xFB, 0x6C, 0x5B, 0xF4, 0xE7, 0x4A, 0x89, 0x87, 0xD9, 0x39, 0x12, 0xFD, 0x9D, 0xF9),
     kCudartInterface},
    {TQ_UUID(0xA0, 0x94, 0x79, 0x8C, 0x2E, 0x74, 0x2E, 0x74, 0x93, 0xF2, 0x08, 0x00, 0x20, 0x0C, 0x0A, 0x66),
     kToolsCallbackHooks},
    {TQ_UUID(0x42, 0xD8, 0x5A, 0x81, 0x23, 0xF6, 0xCB, 0x47, 0x82, 0x98, 0xF6, 0xE7, 0x8A, 0x3A, 0xEC, 0xDC),
     kToolsTls},
    {TQ_UUID(0x21, 0x31, 0x8C, 0x60, 0x97, 0x14, 0x32, 0x48, 0x8C, 0xA6, 0x41, 0xFF, 0x73, 0x24, 0xC8, 0xF2),
     kTools.data()},
    {TQ_UUID(0x6E, 0x16, 0x3F, 0xBE, 0xB9, 0x58, 0x44, 0x4D, 0x83, 0x5C, 0xE1, 0x82, 0xAF, 0xF1, 0x99, 0x1E),
     kModules.data()},
    {TQ_UUID(0xC6, 0x93, 0x33, 0x6E, 0x11, 0x21, 0xDF, 0x11, 0xA8, 0xC3, 0x68, 0xF3, 0x55, 0xD8, 0x95, 0x93),
     kContextLocalStorage},
    {TQ_UUID(0x0C, 0xA5, 0x0B, 0x8C, 0x10, 0x04, 0x92, 0x9A, 0x89, 0xA7, 0xD0, 0xDF, 0x10, 0xE7, 0x72, 0x86),
     kContextCreateBypass},
    {TQ_UUID(0xD4, 0x08, 0x20, 0x55, 0xBD, 0xE6, 0x70, 0x4B, 0x8D, 0x34, 0xBA, 0x12, 0x3C, 0x66, 0xE1, 0xF2),
     kIntegrityCheck},
    {TQ_UUID(0x26, 0x3E, 0x88, 0x60, 0x7C, 0xD2, 0x61, 0x43, 0x92, 0xF6, 0xBB, 0xD5, 0x00, 0x6D, 0xFA, 0x7E),
     kContextChecks},
    {kTelemetryTableId, reinterpret_cast<const Slot*>(&kTelemetry)},
};
#undef TQ_UUID

}  // namespace

const void* FindExportTable(const CUuuid& id) {
  for (const ExportTable& table : kTables) {
    if (std::memcmp(&table.id, &id, sizeof(id)) == 0) return table.slots;
  }
  return nullptr;
}

namespace impl {

absl::Status cuGetExportTable(const void** ppExportTable, const CUuuid* pExportTableId) {
  *ppExportTable = FindExportTable(*pExportTableId);
  if (*ppExportTable != nullptr) return absl::OkStatus();
  std::string id;
  for (const char byte : pExportTableId->bytes) {
    char hex[3];
    snprintf(hex, sizeof(hex), "%02x", static_cast<unsigned char>(byte));
    id += hex;
  }
  return core::CudaError(CUDA_ERROR_INVALID_VALUE, "There is no export table (" + id + ").");
}

}  // namespace impl
}  // namespace tq::cuda
