#include "tests/fuzz/differential/runner.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <optional>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hal/device.h"
#include "hal/executable.h"
#include "hal/queue.h"
#include "hal/semaphore.h"
#include "tests/device/device_buffer.h"
#include "tests/device/or_die.h"
#include "tests/fuzz/differential/program.h"

namespace tq::fuzz {
namespace {

constexpr uint64_t kPatienceNs = 10'000'000'000;

// Corner cases of every type among random bits.
void FillInput(uint8_t* input) {
  std::mt19937 random(20250131);
  constexpr uint64_t kCorners[] = {0,
                                   1,
                                   ~0ull,
                                   0x7fffffff7fffffff,
                                   0x8000000080000000,
                                   0x3f8000003f800000,
                                   0x3ff0000000000000,
                                   0x7f8000007f800000,
                                   0x7ff0000000000000,
                                   0x7fc000007fc00000,
                                   0x0000000100000001,
                                   0x3c003c003c003c00,
                                   0x7c007c007c007c00,
                                   0x0001000100010001,
                                   0x7fefffffffffffff,
                                   0x00400000007fffff,
                                   31,
                                   32,
                                   255,
                                   1000};
  for (uint32_t i = 0; i < kInputBytes; i += 8) {
    uint64_t word = static_cast<uint64_t>(random()) << 32 | random();
    switch (random() % 4) {
      case 0:
        word = kCorners[random() % std::size(kCorners)];
        break;
      case 1:
        // Numbers of moderate size, as f32 and as f64.
        word = (random() % 2 != 0) ? (word & 0x83ffffff83ffffff) | 0x4000000040000000
                                   : (word & 0x800fffffffffffff) | 0x4020000000000000;
        break;
      case 2:
        word &= 0x000000ff000000ff;
        break;
      default:
        break;
    }
    std::memcpy(input + i, &word, sizeof word);
  }
}

}  // namespace

absl::StatusOr<std::vector<Launch>> ReadLaunches(const std::string& ptx) {
  constexpr std::string_view kMark = "// launch: ";
  std::vector<Launch> launches;
  for (size_t at = ptx.find(kMark); at != std::string::npos; at = ptx.find(kMark, at + 1)) {
    char name[64];
    Launch launch;
    Dim3& block = launch.block;
    block = {1, 1, 1};
    const int read = std::sscanf(ptx.c_str() + at + kMark.size(), "%63s <<<%u, %ux%ux%u>>>", name,
                                 &launch.blocks, &block.x, &block.y, &block.z);
    const bool is_small = std::max({block.x, block.y, block.z, launch.blocks}) <= kMaxThreads;
    const uint64_t threads = uint64_t{block.x} * block.y * block.z;
    if (read < 3 || !is_small || threads == 0 || launch.blocks == 0 ||
        launch.blocks * threads > kMaxThreads) {
      return absl::InvalidArgumentError(absl::StrCat("A launch cannot be read (", ptx.substr(at, 60), ")."));
    }
    launch.kernel = name;
    launches.push_back(launch);
  }
  if (launches.empty())
    return absl::InvalidArgumentError("The text has no line `// launch: NAME <<<BLOCKS, THREADS>>>`.");
  return launches;
}

Runner::Runner() : device_("workers=1") {}

absl::StatusOr<std::vector<Outcome>> Runner::Run(const std::string& ptx, std::span<const Launch> launches,
                                                 const std::string& options) {
  std::vector<std::string> kernels;
  for (const Launch& launch : launches) kernels.push_back(launch.kernel);
  const bool is_baseline = absl::StrContains(options, kBaseline), is_avx2 = absl::StrContains(options, kAvx2);
  const std::string features = device_.features(is_baseline ? "sse2" : is_avx2 ? "avx2" : "native");
  ASSIGN_OR_RETURN(const std::vector<uint8_t> code, device_.Compile(ptx, kernels, features, options));
  std::vector<Outcome> outcomes;
  std::optional<hal::AddressSpace> vm;
  std::optional<hal::Executable> executable;
  std::optional<hal::Queue> queue;
  std::optional<hal::Semaphore> done;
  std::optional<test::DeviceBuffer> input, output;
  uint64_t value = 0;
  for (const Launch& launch : launches) {
    if (!vm) {  // the first, or the one behind a fault
      ASSIGN_OR_RETURN(vm, hal::AddressSpace::Create(device_.device()));
      ASSIGN_OR_RETURN(executable, hal::Executable::Load(*vm, code, {}));
      ASSIGN_OR_RETURN(queue, hal::Queue::Create(*vm, HAL_QUEUE_COMPUTE));
      ASSIGN_OR_RETURN(done, hal::Semaphore::Create(device_.device().backend(), device_.device().get(), 0));
      value = 0;
      input.emplace(device_.device(), *vm, kInputBytes);
      output.emplace(device_.device(), *vm, size_t{kMaxThreads} * kOutputBytesPerThread);
      FillInput(input->host());
    }
    const size_t output_bytes = size_t{launch.blocks} * launch.threads() * kOutputBytesPerThread;
    std::memset(output->host(), 0, output_bytes);
    ASSIGN_OR_RETURN(const hal::KernelEntry entry, executable->Kernel(launch.kernel));
    const hal_va arguments[2] = {output->va(), input->va()};
    const hal_dispatch dispatch = {.size = sizeof(hal_dispatch),
                                   .kernel = entry.kernel,
                                   .grid = {launch.blocks, 1, 1},
                                   .block = {launch.block.x, launch.block.y, launch.block.z},
                                   .dynamic_shared_bytes = 0,
                                   .params = arguments,
                                   .params_size_bytes = sizeof arguments};
    if (queue->Dispatch(dispatch, done->get(), ++value) != HAL_OK)
      return absl::InternalError("the dispatch is refused");
    const absl::Status waited = test::WaitFor(*done, value, kPatienceNs);
    Outcome outcome;
    if (waited.ok()) {
      outcome.output.resize(output_bytes / 8);
      std::memcpy(outcome.output.data(), output->host(), output_bytes);
    } else if (const absl::StatusOr<hal_fault> fault = vm->ReadFault(); fault.ok()) {
      outcome.error = absl::StrCat("fault ", fault->kind, " at PTX line ", fault->ptx_line);
    } else {
      // Nothing ends such a kernel: the process must.
      test::Die(absl::StrCat(launch.kernel, " does not end under the options (", options, ").\n", ptx));
    }
    if (!outcome.error.empty()) {
      done.reset();
      queue.reset();
      executable.reset();
      input.reset();
      output.reset();
      vm.reset();
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace tq::fuzz
