// The emulated card with this process in the place of driver and backend: one address space with the shell in
// it, in which kernels are placed and run. What hal/tqgpu does over the kernel driver, in the shortest way
// that works.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/code_object.h"
#include "base/cpu_abi.h"
#include "driver/tests/emulated_card.h"
#include "hal/tqgpu/elf_loader.h"
#include "hal/tqgpu/shell/hart_report.h"
#include "hal/tqgpu/shell/print_ring.h"
#include "hal/tqgpu/shell/shell_abi.h"

extern "C" {
#include "driver/tqgpu/tqgpu_pt.h"
}

namespace tq::card_test {

// Memory on the card, in the address space and mapped here. Gone at the next CardDevice::Reset.
struct Buffer {
  uint64_t va = 0;
  uint8_t* host = nullptr;
};

struct LaunchOptions {
  tq_cpu_dim3 grid = {1, 1, 1}, block = {1, 1, 1}, cluster = {1, 1, 1};
  uint32_t dynamic_shared_bytes = 0;
  uint32_t stack_bytes = 2048;  // beside what the kernel asks for
  bool is_cooperative = false;
  bool has_guards = false;  // unmapped pages below each stack
  std::vector<uint8_t> params;
};

struct LaunchResult {
  uint32_t status = 0;  // enum tqgpu_completion_status, or 0xffffffff: it did not end
  uint64_t instructions = 0;
  std::string printed;
  // Where the status is TQGPU_COMPLETION_FAULT.
  tqgpu_fault_record fault = {};
  hal::tqgpu::HartReport report;
  uint32_t ptx_line = 0;
};

class CardDevice {
 public:
  static constexpr int kHarts = 6;  // command processor, four for compute, one for copies

  // The one of this process; aborts when the emulator does not start.
  static CardDevice& Get();

  // Of the code to compile: what $TIANQIAO_TEST_FEATURES says, as LLVM's feature string.
  static std::string Features();

  // Before the first Get: the emulator counts instructions one by one.
  static void CountInstructions();

  // Forgets all buffers, and what kernels have left in the heap.
  void Reset();
  // Zeroed, at a multiple of 256.
  Buffer Allocate(uint64_t size_bytes);

  // Places the code and runs a kernel of it. An error: it cannot be placed; what happens on the card is in
  // the result.
  absl::StatusOr<LaunchResult> Run(const CodeObject& code, const std::string& kernel,
                                   const std::vector<std::pair<std::string, uint64_t>>& imports,
                                   const LaunchOptions& options);

 private:
  CardDevice();
  uint64_t TakePages(uint64_t size_bytes);
  void FillPool(uint32_t pages);
  void Map(uint64_t va, uint64_t vram_offset, uint64_t size_bytes, uint64_t rights);
  void Unmap(uint64_t va, uint64_t size_bytes);
  void UnmapGuards(const tq_shell_dispatch& dispatch);
  uint32_t Control(tqgpu_ring_op op, uint64_t address, uint64_t size);
  uint8_t* vram() { return card_.vram(); }

  void PlaceShell();
  absl::StatusOr<hal::tqgpu::CodeImage> PlaceCode(
      const CodeObject& code, const std::vector<std::pair<std::string, uint64_t>>& imports);
  uint32_t SubmitDispatch(uint64_t argument_va, uint64_t units, uint64_t workspace_va, uint64_t slice_bytes);

  emulator::EmulatedCard card_;
  uint32_t compute_harts_ = 0;
  tqgpu_pt pt_ = {};
  tqgpu_pt_pool pool_ = {};
  uint64_t next_table_ = 0;
  uint64_t next_page_ = 0;   // offset in video memory
  uint64_t first_page_ = 0;  // behind what Reset keeps
  Buffer arena_;             // what Allocate gives away
  uint64_t arena_used_ = 0;
  uint64_t code_bytes_ = 0, workspace_bytes_ = 0;  // mapped for the last launch
  Buffer shell_, device_, heap_, stream_;
  std::unique_ptr<hal::tqgpu::PrintRing> ring_;
};

}  // namespace tq::card_test
