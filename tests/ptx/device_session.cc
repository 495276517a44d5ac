#include "tests/ptx/device_session.h"

#include <dlfcn.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "compiler/api/compiler.h"
#include "hal/loader.h"
#include "hal/memory.h"

namespace tq::ptx_test {
namespace {

constexpr uint64_t kPatienceNs = 20'000'000'000;

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::abort();
}

template <typename T>
T OrDie(absl::StatusOr<T> result) {
  if (!result.ok()) Die(result.status().ToString());
  return *std::move(result);
}

uint64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

// Device memory that the host writes, mapped for as long as it lives.
class Buffer {
 public:
  Buffer(const hal::Device& device, hal::AddressSpace& vm, size_t size_bytes)
      : memory_(OrDie(hal::Memory::Create(device, std::max<size_t>(size_bytes, 16), HAL_MEM_HOST_VISIBLE))) {
    hal_vm_op op = {.size = sizeof(hal_vm_op),
                    .kind = HAL_VM_OP_MAP,
                    .access = HAL_VM_READ | HAL_VM_WRITE,
                    .size_bytes = memory_.info().size_bytes,
                    .mem = memory_.get()};
    const absl::Status bound = vm.Bind(&op, 1);
    if (!bound.ok()) Die(bound.ToString());
    va_ = op.va;
    std::memset(memory_.host_ptr(), 0, size_bytes);
  }

  uint8_t* host() { return static_cast<uint8_t*>(memory_.host_ptr()); }
  hal_va va() const { return va_; }

 private:
  hal::Memory memory_;
  hal_va va_ = 0;
};

void WriteValues(const std::vector<Value>& values, uint8_t* to) {
  for (const Value& value : values) {
    std::memcpy(to, &value.bits, SizeBytes(value.type));
    to += SizeBytes(value.type);
  }
}

size_t SizeOf(const std::vector<Value>& values) {
  size_t size = 0;
  for (const Value& value : values) size += SizeBytes(value.type);
  return size;
}

// Kernel arguments as PTX lays out a .param list: each at a multiple of its size.
class ArgumentBlob {
 public:
  void Add(const void* bytes, size_t size) {
    bytes_.resize((bytes_.size() + size - 1) / size * size);
    const uint8_t* from = static_cast<const uint8_t*>(bytes);
    bytes_.insert(bytes_.end(), from, from + size);
  }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace

struct DeviceSession::Compiler {
  const tq_compiler* table = nullptr;
};

DeviceSession& DeviceSession::Get() {
  static DeviceSession& session = *new DeviceSession;
  return session;
}

DeviceSession::DeviceSession()
    : compiler_(std::make_shared<Compiler>()), device_([] {
        hal_init init = {.size = sizeof(hal_init), .options = "workers=2"};
        return OrDie(hal::Device::Open(OrDie(hal::LoadBackend("cpu", init)), 0));
      }()) {
  void* library = dlopen(TIANQIAO_COMPILER_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) Die(dlerror());
  auto entry = reinterpret_cast<tq_compiler_entry_fn>(dlsym(library, "tq_compiler_entry"));
  if (entry == nullptr || entry(TQ_COMPILER_ABI, &compiler_->table) != 0) {
    Die("The compiler library does not speak this interface.");
  }
  const std::vector<hal_target> targets = device_.Targets();
  if (targets.empty()) Die("The device has no code object target.");
  target_ = targets[0];
  // Instruction sets below the machine's own are compiled differently and must compute the same.
  if (const char* features = std::getenv("TIANQIAO_TEST_FEATURES")) {
    std::snprintf(target_.features, sizeof target_.features, "%s", features);
  }
}

absl::StatusOr<std::vector<uint8_t>> DeviceSession::Compile(const std::string& ptx,
                                                            const std::string& kernel) {
  const tq_ptx_chunk chunk = {.text = ptx.data(), .size_bytes = ptx.size(), .first_line = 1};
  const char* symbol = kernel.c_str();
  // Both tiers must compute the same.
  const char* tier = std::getenv("TIANQIAO_TEST_TIER");
  const std::string options = tier != nullptr ? absl::StrCat("--tier=", tier) : "";
  const tq_compile_request request = {.size = sizeof(tq_compile_request),
                                      .chunks = &chunk,
                                      .chunk_count = 1,
                                      .symbols = &symbol,
                                      .symbol_count = 1,
                                      .target = target_.target,
                                      .features = target_.features,
                                      .options = options.c_str(),
                                      .optimization_level = 4,
                                      .flags = 0};
  tq_compile_result result = {.size = sizeof(tq_compile_result)};
  const tq_compile_status status = compiler_->table->compile(&request, &result);
  std::vector<uint8_t> code(result.code, result.code + result.code_size_bytes);
  const std::string log = result.log == nullptr ? "" : result.log;
  compiler_->table->release(&result);
  if (status == TQ_COMPILE_OK) return code;
  return absl::InternalError(
      absl::StrCat("compiling ", kernel, " gives status ", static_cast<int>(status), ": ", log));
}

absl::StatusOr<std::vector<uint64_t>> DeviceSession::Execute(const CaseFile& file, const Launch& launch) {
  ASSIGN_OR_RETURN(std::vector<uint8_t> code,
                   Compile(launch.ptx.empty() ? file.ptx : launch.ptx, launch.kernel));
  ASSIGN_OR_RETURN(hal::AddressSpace vm, hal::AddressSpace::Create(device_));
  std::vector<std::unique_ptr<Buffer>> buffers;
  std::vector<hal_import> imports;
  for (const auto& [name, values] : file.variables) {
    buffers.push_back(std::make_unique<Buffer>(device_, vm, SizeOf(values)));
    WriteValues(values, buffers.back()->host());
    imports.push_back({.name = name.c_str(), .address = buffers.back()->va()});
  }
  for (const HandleVariable& variable : file.handles) {
    tq_texture contents = variable.contents;
    Buffer& texels = *buffers.emplace_back(std::make_unique<Buffer>(device_, vm, SizeOf(variable.texels)));
    WriteValues(variable.texels, texels.host());
    contents.levels[0].address = texels.va();
    Buffer& descriptor = *buffers.emplace_back(std::make_unique<Buffer>(device_, vm, sizeof contents));
    contents.self = descriptor.va();
    std::memcpy(descriptor.host(), &contents, sizeof contents);
    Buffer& handle = *buffers.emplace_back(std::make_unique<Buffer>(device_, vm, sizeof contents.self));
    std::memcpy(handle.host(), &contents.self, sizeof contents.self);
    imports.push_back({.name = variable.name.c_str(), .address = handle.va()});
  }
  ASSIGN_OR_RETURN(hal::Executable executable, hal::Executable::Load(vm, code, imports));
  ASSIGN_OR_RETURN(hal::KernelEntry entry, executable.Kernel(launch.kernel));
  ASSIGN_OR_RETURN(hal::Queue queue, hal::Queue::Create(vm, HAL_QUEUE_COMPUTE));
  ASSIGN_OR_RETURN(hal::Semaphore done, hal::Semaphore::Create(device_.backend(), device_.get(), 0));

  // Forms write one 64-bit cell each, other kernels their values side by side.
  const bool is_form = absl::StartsWith(launch.kernel, "form_");
  Buffer output(device_, vm, is_form ? 8 * launch.expected.size() : SizeOf(launch.expected));
  ArgumentBlob blob;
  const hal_va output_va = output.va();
  blob.Add(&output_va, sizeof output_va);
  for (const Argument& argument : launch.arguments) {
    if (!argument.is_buffer) {
      blob.Add(&argument.values[0].bits, SizeBytes(argument.values[0].type));
      continue;
    }
    buffers.push_back(std::make_unique<Buffer>(device_, vm, SizeOf(argument.values)));
    WriteValues(argument.values, buffers.back()->host());
    const hal_va va = buffers.back()->va();
    blob.Add(&va, sizeof va);
  }
  const hal_dispatch dispatch = {.size = sizeof(hal_dispatch),
                                 .kernel = entry.kernel,
                                 .grid = {launch.blocks, 1, 1},
                                 .block = {launch.threads, 1, 1},
                                 .cluster = {launch.cluster, launch.cluster != 0, launch.cluster != 0},
                                 .dynamic_shared_bytes = 0,
                                 .params = blob.bytes().data(),
                                 .params_size_bytes = blob.bytes().size()};
  if (queue.Dispatch(dispatch, done.get(), 1) != HAL_OK)
    return absl::InternalError("the dispatch is refused");
  const absl::Status waited = done.Wait(1, NowNs() + kPatienceNs);
  if (!waited.ok()) {
    absl::StatusOr<hal_fault> fault = vm.ReadFault();
    if (!fault.ok()) return waited;
    return absl::InternalError(absl::StrCat("fault ", fault->kind, " at PTX line ", fault->ptx_line,
                                            ", address ", fault->address, ": ", fault->message));
  }
  std::vector<uint64_t> cells;
  const uint8_t* from = output.host();
  for (const Value& value : launch.expected) {
    uint64_t bits = 0;
    std::memcpy(&bits, from, SizeBytes(value.type));
    from += is_form ? 8 : SizeBytes(value.type);
    cells.push_back(bits);
  }
  return cells;
}

}  // namespace tq::ptx_test
