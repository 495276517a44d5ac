#include "tests/ptx/device_session.h"

#include <cstdlib>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "tests/device/device_buffer.h"

namespace tq::ptx_test {
namespace {

constexpr uint64_t kPatienceNs = 20'000'000'000;

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

DeviceSession& DeviceSession::Get() {
  static DeviceSession& session = *new DeviceSession;
  return session;
}

// Instruction sets below the machine's own are compiled differently, as are the tiers; all must compute the
// same.
absl::StatusOr<std::vector<uint8_t>> DeviceSession::Compile(const std::string& ptx,
                                                            const std::string& kernel) const {
  const char* features = std::getenv("TIANQIAO_TEST_FEATURES");
  const char* tier = std::getenv("TIANQIAO_TEST_TIER");
  return test_device_.Compile(ptx, {&kernel, 1},
                              test_device_.features(features != nullptr ? features : "native"),
                              tier != nullptr ? absl::StrCat("--tier=", tier) : "");
}

absl::StatusOr<std::vector<uint64_t>> DeviceSession::Execute(const CaseFile& file, const Launch& launch) {
  ASSIGN_OR_RETURN(std::vector<uint8_t> code,
                   Compile(launch.ptx.empty() ? file.ptx : launch.ptx, launch.kernel));
  const hal::Device& device = test_device_.device();
  ASSIGN_OR_RETURN(hal::AddressSpace vm, hal::AddressSpace::Create(device));
  std::vector<std::unique_ptr<test::DeviceBuffer>> buffers;
  std::vector<hal_import> imports;
  for (const auto& [name, values] : file.variables) {
    buffers.push_back(std::make_unique<test::DeviceBuffer>(device, vm, SizeOf(values)));
    WriteValues(values, buffers.back()->host());
    imports.push_back({.name = name.c_str(), .address = buffers.back()->va()});
  }
  for (const HandleVariable& variable : file.handles) {
    tq_texture contents = variable.contents;
    test::DeviceBuffer& texels =
        *buffers.emplace_back(std::make_unique<test::DeviceBuffer>(device, vm, SizeOf(variable.texels)));
    WriteValues(variable.texels, texels.host());
    contents.levels[0].address = texels.va();
    test::DeviceBuffer& descriptor =
        *buffers.emplace_back(std::make_unique<test::DeviceBuffer>(device, vm, sizeof contents));
    contents.self = descriptor.va();
    std::memcpy(descriptor.host(), &contents, sizeof contents);
    test::DeviceBuffer& handle =
        *buffers.emplace_back(std::make_unique<test::DeviceBuffer>(device, vm, sizeof contents.self));
    std::memcpy(handle.host(), &contents.self, sizeof contents.self);
    imports.push_back({.name = variable.name.c_str(), .address = handle.va()});
  }
  ASSIGN_OR_RETURN(hal::Executable executable, hal::Executable::Load(vm, code, imports));
  ASSIGN_OR_RETURN(hal::KernelEntry entry, executable.Kernel(launch.kernel));
  ASSIGN_OR_RETURN(hal::Queue queue, hal::Queue::Create(vm, HAL_QUEUE_COMPUTE));
  ASSIGN_OR_RETURN(hal::Semaphore done, hal::Semaphore::Create(device.backend(), device.get(), 0));

  // Forms write one 64-bit cell each, other kernels their values side by side.
  const bool is_form = absl::StartsWith(launch.kernel, "form_");
  test::DeviceBuffer output(device, vm, is_form ? 8 * launch.expected.size() : SizeOf(launch.expected));
  ArgumentBlob blob;
  const hal_va output_va = output.va();
  blob.Add(&output_va, sizeof output_va);
  for (const Argument& argument : launch.arguments) {
    if (!argument.is_buffer) {
      blob.Add(&argument.values[0].bits, SizeBytes(argument.values[0].type));
      continue;
    }
    buffers.push_back(std::make_unique<test::DeviceBuffer>(device, vm, SizeOf(argument.values)));
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
  const absl::Status waited = test::WaitFor(done, 1, kPatienceNs);
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
