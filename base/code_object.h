// The container that a compiled kernel travels in: from a compiler target, through the kernel cache, to a HAL
// backend. The runtime in between never looks inside. One format for every target; `payload` is the target's
// own (an x86-64 ELF relocatable for the CPU, a RISC-V one for tqgpu, SPIR-V ...).
//
// Layout in bytes: header, then the sections in the order of CodeObject's fields, each padded to 8, all
// little-endian, with a CRC-32C of everything behind the header. Readers accept hostile bytes: any
// inconsistency is an InvalidArgument status (a truncated or corrupt cache file is thrown away and compiled
// again).
//
// Both functions are thread-safe. Source: hal.md, "opaque target blobs + kernel metadata".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tq {

inline constexpr uint32_t kCodeObjectVersion = 1;

enum KernelFlags : uint32_t {
  TQ_KERNEL_FIBERS = 1 << 0,  // entry takes a tq_cpu_thread*, see base/cpu_abi.h
  TQ_KERNEL_SPINS = 1 << 1,   // waits on memory: needs its blocks to make progress together if cooperative
  TQ_KERNEL_GRID_SYNC = 1 << 2,
  TQ_KERNEL_DEVICE_HEAP = 1 << 3,  // calls malloc
  TQ_KERNEL_PRINTF = 1 << 4,
  TQ_KERNEL_HOST_CALLS = 1 << 5,  // calls functions of the host: may launch grids
  TQ_KERNEL_WARPS = 1 << 6,       // with TQ_KERNEL_FIBERS: a fiber runs a warp, not a thread
};

struct KernelRecord {
  std::string name;    // PTX name
  std::string entry;   // symbol in the payload
  uint32_t flags = 0;  // KernelFlags
  uint32_t param_size_bytes = 0;
  uint32_t static_shared_bytes = 0;
  uint32_t shared_align_bytes = 0;
  uint32_t local_bytes = 0;     // .local variables and spills per thread, an estimate for recursion
  uint32_t register_count = 0;  // as cuFuncGetAttribute reports it: live 32-bit values, an estimate
  uint32_t max_threads = 1024;  // per block, .maxntid considered
  uint32_t required_threads[3] = {0, 0, 0};  // .reqntid
  uint32_t required_cluster[3] = {0, 0, 0};
  bool operator==(const KernelRecord&) const = default;
};

// Exported device functions (for pointers to functions in initialised memory).
struct SymbolRecord {
  std::string name;    // PTX name
  std::string symbol;  // in the payload
  bool operator==(const SymbolRecord&) const = default;
};

// Code bytes from `pc_offset` (in section .text of the payload) on come from this PTX line and source line.
struct LineRecord {
  uint64_t pc_offset = 0;
  uint32_t ptx_line = 0;
  uint32_t file = 0;  // index into CodeObject::files; 0 with source_line 0: unknown
  uint32_t source_line = 0;
  uint32_t function = 0;  // index into CodeObject::functions
  bool operator==(const LineRecord&) const = default;
};

struct CodeObject {
  std::string target;        // "x86_64-cpu", "riscv64-tqgpu", "spirv-vulkan" ...
  uint32_t abi_version = 0;  // of the target's contract, TQ_CPU_ABI_VERSION for the CPU
  std::string features;      // instruction set that the code needs, as in TargetDescription
  std::vector<KernelRecord> kernels;
  std::vector<SymbolRecord> symbols;
  std::vector<std::string> imports;    // global and const variables of the module, bound by exec_load
  std::vector<std::string> files;      // of LineRecord; [0] is ""
  std::vector<std::string> functions;  // of LineRecord, PTX names
  std::vector<LineRecord> lines;       // ascending pc_offset
  std::vector<uint8_t> payload;
  bool operator==(const CodeObject&) const = default;
};

std::vector<uint8_t> WriteCodeObject(const CodeObject& object);
absl::StatusOr<CodeObject> ReadCodeObject(std::span<const uint8_t> bytes);

uint32_t Crc32c(std::span<const uint8_t> bytes);

}  // namespace tq
