#include "tools/tianqiao-ptx/run_kernel.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hal/device.h"
#include "hal/executable.h"
#include "hal/loader.h"
#include "hal/memory.h"
#include "hal/queue.h"
#include "hal/semaphore.h"

namespace tq::tools {
namespace {

absl::StatusOr<hal::Device> OpenDevice() {
  hal_init init = {.size = sizeof(hal_init), .options = ""};
  ASSIGN_OR_RETURN(const hal_backend* backend, hal::LoadBackend("cpu", init));
  return hal::Device::Open(backend, 0);
}

struct Buffer {
  hal::Memory memory;
  hal_va va;
  size_t size_bytes;
};

class Arguments {
 public:
  Arguments(const hal::Device& device, hal::AddressSpace& vm) : device_(device), vm_(vm) {}

  absl::Status Add(const std::string& text) {
    const size_t equals = text.find('=');
    const std::string kind = text.substr(0, equals),
                      value = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (kind == "buffer") {
      uint64_t size = 0;
      if (!absl::SimpleAtoi(value, &size) || size == 0) return Unreadable(text);
      return AddBuffer(std::string(size, '\0'));
    }
    if (kind == "file") {
      std::ifstream in(value, std::ios::binary);
      if (!in) return absl::NotFoundError(absl::StrCat("The file (", value, ") cannot be read."));
      return AddBuffer({std::istreambuf_iterator<char>(in), {}});
    }
    if (kind == "f32" || kind == "f64") {
      double number = 0;
      if (!absl::SimpleAtod(value, &number)) return Unreadable(text);
      const auto single = static_cast<float>(number);
      kind == "f32" ? Append(&single, sizeof single) : Append(&number, sizeof number);
      return absl::OkStatus();
    }
    uint32_t bits = 0;
    if (kind.size() < 2 || (kind[0] != 's' && kind[0] != 'u' && kind[0] != 'b') ||
        !absl::SimpleAtoi(kind.substr(1), &bits) || (bits != 8 && bits != 16 && bits != 32 && bits != 64) ||
        value.empty()) {
      return Unreadable(text);
    }
    char* end = nullptr;
    const uint64_t number = value[0] == '-' ? static_cast<uint64_t>(std::strtoll(value.c_str(), &end, 0))
                                            : std::strtoull(value.c_str(), &end, 0);
    if (*end != '\0') return Unreadable(text);
    Append(&number, bits / 8);
    return absl::OkStatus();
  }

  const std::vector<uint8_t>& bytes() const { return bytes_; }
  const std::vector<Buffer>& buffers() const { return buffers_; }

 private:
  static absl::Status Unreadable(const std::string& text) {
    return absl::InvalidArgumentError(absl::StrCat(
        "The argument (", text, ") is none of s32=N, u64=N, f32=X, f64=X, buffer=BYTES, file=PATH."));
  }

  // As PTX lays out parameters: each at a multiple of its size.
  void Append(const void* value, size_t size) {
    bytes_.resize((bytes_.size() + size - 1) / size * size);
    const auto* from = static_cast<const uint8_t*>(value);
    bytes_.insert(bytes_.end(), from, from + size);
  }

  absl::Status AddBuffer(const std::string& contents) {
    ASSIGN_OR_RETURN(hal::Memory memory, hal::Memory::Create(device_, std::max<size_t>(contents.size(), 1),
                                                             HAL_MEM_HOST_VISIBLE));
    std::memcpy(memory.host_ptr(), contents.data(), contents.size());
    hal_vm_op op = {.size = sizeof(hal_vm_op),
                    .kind = HAL_VM_OP_MAP,
                    .access = HAL_VM_READ | HAL_VM_WRITE,
                    .size_bytes = memory.info().size_bytes,
                    .mem = memory.get()};
    RETURN_IF_ERROR(vm_.Bind(&op, 1));
    Append(&op.va, sizeof op.va);
    buffers_.push_back({std::move(memory), op.va, contents.size()});
    return absl::OkStatus();
  }

  const hal::Device& device_;
  hal::AddressSpace& vm_;
  std::vector<uint8_t> bytes_;
  std::vector<Buffer> buffers_;
};

absl::StatusOr<std::string> KernelName(const CodeObject& object, const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  if (object.kernels.size() == 1) return object.kernels[0].name;
  return absl::InvalidArgumentError(
      absl::StrCat("The text has several kernels or none (", object.kernels.size(), "): -s names one."));
}

}  // namespace

absl::StatusOr<std::string> HostFeatures() {
  ASSIGN_OR_RETURN(const hal::Device device, OpenDevice());
  const std::vector<hal_target> targets = device.Targets();
  if (targets.empty()) return absl::NotFoundError("The CPU device has no target.");
  return std::string(targets[0].features);
}

absl::StatusOr<std::vector<std::vector<uint8_t>>> RunKernel(const CodeObject& object,
                                                            const LaunchOptions& options) {
  ASSIGN_OR_RETURN(const std::string name, KernelName(object, options.kernel));
  ASSIGN_OR_RETURN(hal::Device device, OpenDevice());
  ASSIGN_OR_RETURN(hal::AddressSpace vm, hal::AddressSpace::Create(device));
  Arguments arguments(device, vm);
  for (const std::string& argument : options.arguments) RETURN_IF_ERROR(arguments.Add(argument));
  if (!object.imports.empty())
    return absl::UnimplementedError(absl::StrCat("The kernel uses a variable of its module (",
                                                 object.imports[0], "), which a lone kernel has not."));
  ASSIGN_OR_RETURN(hal::Executable executable, hal::Executable::Load(vm, WriteCodeObject(object), {}));
  ASSIGN_OR_RETURN(const hal::KernelEntry entry, executable.Kernel(name));
  if (arguments.bytes().size() < entry.info.param_size_bytes)
    return absl::InvalidArgumentError(absl::StrCat("The kernel takes ", entry.info.param_size_bytes,
                                                   " bytes of arguments (given: ", arguments.bytes().size(),
                                                   ")."));
  ASSIGN_OR_RETURN(hal::Queue queue, hal::Queue::Create(vm, HAL_QUEUE_COMPUTE));
  ASSIGN_OR_RETURN(hal::Semaphore done, hal::Semaphore::Create(device.backend(), device.get(), 0));
  const hal_dispatch dispatch = {.size = sizeof(hal_dispatch),
                                 .kernel = entry.kernel,
                                 .grid = {options.grid, 1, 1},
                                 .block = {options.block, 1, 1},
                                 .dynamic_shared_bytes = options.dynamic_shared_bytes,
                                 .params = arguments.bytes().data(),
                                 .params_size_bytes = arguments.bytes().size()};
  if (queue.Dispatch(dispatch, done.get(), 1) != HAL_OK)
    return absl::InternalError("The device refuses the launch.");
  if (const absl::Status waited = done.Wait(1); !waited.ok()) {
    const absl::StatusOr<hal_fault> fault = vm.ReadFault();
    if (!fault.ok()) return waited;
    return absl::AbortedError(absl::StrCat("The kernel faults at PTX line ", fault->ptx_line, ", address 0x",
                                           absl::Hex(fault->address), ": ", fault->message));
  }
  std::vector<std::vector<uint8_t>> contents;
  for (const Buffer& buffer : arguments.buffers()) {
    const auto* from = static_cast<const uint8_t*>(buffer.memory.host_ptr());
    contents.emplace_back(from, from + buffer.size_bytes);
  }
  return contents;
}

}  // namespace tq::tools
