#include "compiler/pipeline.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/cpu_abi.h"
#include "base/status.h"
#include "compiler/ir/diagnostics.h"
#include "compiler/ir/verifier.h"
#include "compiler/lower/module_lowering.h"
#include "compiler/lower/parameters.h"
#include "compiler/lower/register_estimate.h"
#include "compiler/simt/scalar_tier.h"
#include "compiler/simt/simplify.h"
#include "compiler/simt/vector/prepare.h"
#include "compiler/targets/devicelib_link.h"
#include "compiler/targets/library_code.h"
#include "compiler/targets/object_file.h"
#include "compiler/targets/target.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/raw_ostream.h"

namespace tq {
namespace {

// Beyond these sizes of a module in IR instructions, LLVM's optimiser costs more than its code saves in one
// run.
constexpr size_t kMaxForFullOptimization = 60'000;
constexpr size_t kMaxForLightOptimization = 400'000;

std::string PrintIr(const llvm::Module& module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream, nullptr);
  return text;
}

absl::Status VerifyIr(const llvm::Module& module, std::string_view stage) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (!llvm::verifyModule(module, &stream)) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("The IR is broken after ", std::string(stage), ": ", text));
}

size_t InstructionCount(const llvm::Module& module) {
  size_t count = 0;
  for (const llvm::Function& function : module) count += function.getInstructionCount();
  return count;
}

// CUDA's levels 0..4; 4 is the default and means all that pays.
targets::EmitOptions OptionsFor(const llvm::Module& module, uint32_t level) {
  targets::EmitOptions options;
  const size_t size = InstructionCount(module);
  if (level == 0 || size > kMaxForLightOptimization) {
    options.level = 0;
  } else if (level == 1 || size > kMaxForFullOptimization) {
    options.level = 1;
  }
  return options;
}

absl::StatusOr<std::vector<const ptx::Function*>> FindRoots(const ptx::Module& module,
                                                            const CompileRequest& request) {
  std::vector<const ptx::Function*> roots;
  if (request.all_symbols) {
    for (const ptx::Function& function : module.functions) {
      if (function.has_body) roots.push_back(&function);
    }
    return roots;
  }
  for (std::string_view symbol : request.symbols) {
    const ptx::Function* found = nullptr;
    for (const ptx::Function& function : module.functions) {
      if (function.name == symbol && (found == nullptr || function.has_body)) found = &function;
    }
    if (found == nullptr || !found->has_body) {
      return absl::NotFoundError(
          absl::StrCat("There is no function `", std::string(symbol), "` in the text."));
    }
    roots.push_back(found);
  }
  return roots;
}

// ---- The code object ----

uint32_t MaxThreads(const ptx::KernelAttributes& attributes) {
  constexpr uint64_t kHardware = 1024;
  auto product = [](const ptx::Dim3& d) {
    return uint64_t{std::max(1u, d.x)} * std::max(1u, d.y) * std::max(1u, d.z);
  };
  if (attributes.required_threads.x != 0) return std::min(kHardware, product(attributes.required_threads));
  if (attributes.max_threads.x != 0) return std::min(kHardware, product(attributes.max_threads));
  return kHardware;
}

void SetDim(uint32_t (&out)[3], const ptx::Dim3& dim) {
  if (dim.x == 0) return;
  out[0] = dim.x;
  out[1] = std::max(1u, dim.y);
  out[2] = std::max(1u, dim.z);
}

bool HasFeature(std::string_view features, std::string_view name) {
  return absl::StrContains(absl::StrCat(",", std::string(features), ","),
                           absl::StrCat(",+", std::string(name), ","));
}

simt::vector::Options VectorOptions(std::string_view features, const targets::Target& target) {
  simt::vector::Options options;
  options.is_on = true;
  options.has_warp_fibers = target.HasWarpFibers();
  options.has_avx2 = HasFeature(features, "avx2");
  options.has_avx512 = HasFeature(features, "avx512f") && HasFeature(features, "avx512bw") &&
                       HasFeature(features, "avx512dq") && HasFeature(features, "avx512vl");
  options.has_fma = HasFeature(features, "fma") && HasFeature(features, "f16c");
  return options;
}

uint32_t FlagsOf(const simt::ScalarKernel& kernel) {
  uint32_t flags = 0;
  if (kernel.fibers) flags |= TQ_KERNEL_FIBERS;
  if (kernel.fibers && kernel.warps) flags |= TQ_KERNEL_WARPS;
  if (kernel.progress.spins) flags |= TQ_KERNEL_SPINS;
  if (kernel.progress.grid_sync) flags |= TQ_KERNEL_GRID_SYNC;
  if (kernel.progress.heap) flags |= TQ_KERNEL_DEVICE_HEAP;
  if (kernel.progress.printf) flags |= TQ_KERNEL_PRINTF;
  // A call through a pointer may end in one.
  if (kernel.progress.host_calls) flags |= TQ_KERNEL_HOST_CALLS;
  return flags;
}

// What the frames of all functions of the module hold on the stack; recursion multiplies it, which no record
// can say.
uint32_t LocalBytes(const llvm::Module& module) {
  uint64_t bytes = 0;
  for (const llvm::Function& function : module) {
    uint64_t frame_bytes = 0;
    llvm::StringRef finished = function.getFnAttribute(targets::kFrameBytesAttribute).getValueAsString();
    if (!finished.getAsInteger(10, frame_bytes)) bytes += frame_bytes;
    for (const llvm::BasicBlock& block : function) {
      for (const llvm::Instruction& instruction : block) {
        auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&instruction);
        if (slot == nullptr) continue;
        bytes += slot->getAllocationSize(module.getDataLayout()).value_or(llvm::TypeSize::getFixed(0));
      }
    }
  }
  return static_cast<uint32_t>(std::min<uint64_t>(bytes, UINT32_MAX));
}

KernelRecord Describe(const ptx::Function& kernel, const simt::ScalarModule& scalar,
                      const llvm::Module& module) {
  KernelRecord record;
  record.name = kernel.name;
  record.entry = lower::SymbolOf(kernel);
  record.flags = FlagsOf(scalar.kernels.at(record.entry));
  record.param_size_bytes = static_cast<uint32_t>(lower::ParameterBytes(kernel));
  record.static_shared_bytes = static_cast<uint32_t>(scalar.static_shared_bytes);
  record.shared_align_bytes = static_cast<uint32_t>(scalar.shared_align_bytes);
  record.local_bytes = LocalBytes(module);
  record.register_count = lower::EstimateRegisters(kernel);
  record.max_threads = MaxThreads(kernel.attributes);
  SetDim(record.required_threads, kernel.attributes.required_threads);
  SetDim(record.required_cluster, kernel.attributes.required_cluster);
  return record;
}

// Line tables name PTX lines; `.loc` leads on to the program's source.
void AddLines(const ptx::Module& source, std::span<const targets::LineEntry> entries, CodeObject& object) {
  struct Origin {
    uint32_t function;
    ptx::SourceLocation source;
  };
  std::unordered_map<uint32_t, Origin> origins;
  object.functions.clear();
  for (const ptx::Function& function : source.functions) {
    const auto index = static_cast<uint32_t>(object.functions.size());
    object.functions.push_back(function.name);
    origins[function.location.line] = {index, {}};
    for (const ptx::Block& block : function.blocks) {
      for (const ptx::Instruction& inst : block.instructions)
        origins[inst.location.line] = {index, inst.source};
    }
  }
  object.files.assign(1, "");
  for (size_t i = 1; i < source.files.size(); ++i) object.files.push_back(source.files[i]);
  for (const targets::LineEntry& entry : entries) {
    auto origin = origins.find(entry.line);
    if (origin == origins.end()) continue;
    LineRecord record;
    record.pc_offset = entry.pc_offset;
    record.ptx_line = entry.line;
    record.function = origin->second.function;
    if (origin->second.source.file < object.files.size()) {
      record.file = origin->second.source.file;
      record.source_line = origin->second.source.line;
    }
    object.lines.push_back(record);
  }
}

}  // namespace

absl::StatusOr<CodeObject> Compile(const CompileRequest& request, std::string& log) {
  ASSIGN_OR_RETURN(std::unique_ptr<targets::Target> target,
                   targets::CreateTarget(request.target, request.features));
  ptx::Diagnostics diagnostics;
  std::unique_ptr<ptx::Module> source = ptx::Parse(request.chunks, diagnostics);
  // All functions, wanted or not: one that is called may be the broken one.
  ptx::Verify(*source, diagnostics);
  log += diagnostics.ToString();
  if (diagnostics.HasErrors()) return absl::InvalidArgumentError("The PTX is invalid.");
  CodeObject object;
  if (request.last <= Stage::kVerify) return object;

  ASSIGN_OR_RETURN(std::vector<const ptx::Function*> roots, FindRoots(*source, request));
  llvm::LLVMContext context;
  llvm::Module module("kernel", context);
  target->Prepare(module);
  lower::ModuleLowering lowering(*source, module);
  RETURN_IF_ERROR(lowering.Run(roots));
  // Lowering trusts the verifier of PTX; LLVM trusts lowering. Cheap next to what follows.
  RETURN_IF_ERROR(VerifyIr(module, "lowering"));
  if (request.print_ir || request.last == Stage::kLower) log += PrintIr(module);
  if (request.last == Stage::kLower) return object;

  // Behind this, registers are SSA values: the analyses of the scalar tier follow them.
  simt::Simplify(module);
  simt::vector::Options vector;
  std::vector<llvm::Function*> called_by_lane;
  if (request.tier == Tier::kVector && target->HasVectorTier() && request.optimization_level != 0 &&
      InstructionCount(module) <= kMaxForFullOptimization) {
    vector = VectorOptions(request.features, *target);
    // What kernels call is widened with them.
    RETURN_IF_ERROR(targets::LinkDevicelib(module, request.features));
    target->SetFunctionAttributes(module);
    called_by_lane = simt::vector::InlineCalls(module);
  }
  ASSIGN_OR_RETURN(simt::ScalarModule scalar,
                   simt::LowerToScalar(module, vector,
                                       {.keeps_loop_thread = target->KeepsLoopThread(),
                                        .cuts_at_barriers = target->CutsAtBarriers()}));
  simt::vector::RestoreInlining(called_by_lane);
  if (request.print_ir || request.explain_tier) {
    for (const auto& [name, kernel] : scalar.kernels) {
      if (!kernel.why_not_warps.empty())
        absl::StrAppend(&log, "; ", name, " runs thread by thread: ", kernel.why_not_warps, "\n");
    }
  }
  // Behind the tier, whose expansions call the library; before optimisation, which inlines it.
  RETURN_IF_ERROR(targets::LinkDevicelib(module, request.features));
  target->SetFunctionAttributes(module);
  RETURN_IF_ERROR(VerifyIr(module, "the scalar tier"));
  if (request.last == Stage::kScalar) {
    log += PrintIr(module);
    return object;
  }
  const targets::EmitOptions options = OptionsFor(module, request.optimization_level);
  target->Optimize(module, options);
  simt::ExpandIndexMarks(module);
  if (request.print_ir || request.last == Stage::kOptimize) log += PrintIr(module);
  if (request.last == Stage::kOptimize) return object;

  object.target = std::string(request.target);
  object.features = std::string(request.features);
  object.abi_version = TQ_CPU_ABI_VERSION;
  for (const ptx::Function* root : roots) {
    if (root->is_kernel) {
      object.kernels.push_back(Describe(*root, scalar, module));
    } else {
      object.symbols.push_back({root->name, lower::SymbolOf(*root)});
    }
  }
  for (const llvm::GlobalVariable& variable : module.globals()) {
    if (variable.isDeclaration() && !variable.use_empty()) object.imports.push_back(variable.getName().str());
  }
  ASSIGN_OR_RETURN(std::vector<uint8_t> payload, target->Emit(module, options));
  ASSIGN_OR_RETURN(std::vector<targets::LineEntry> lines, targets::ReadLineTable(payload));
  AddLines(*source, lines, object);
  ASSIGN_OR_RETURN(object.payload, targets::StripDebugSections(payload));
  return object;
}

}  // namespace tq
