#include "compiler/simt/vector/print_stage.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/simt/intrinsics.h"
#include "compiler/simt/vector/prepare.h"
#include "compiler/simt/vector/warp_version.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Support/raw_ostream.h"

namespace tq::simt::vector {
namespace {

using Kernels = llvm::SmallVector<llvm::Function*, 8>;

Kernels KernelsOf(llvm::Module& module) {
  Kernels kernels;
  for (llvm::Function& function : module) {
    if (!function.isDeclaration() && IsKernel(function)) kernels.push_back(&function);
  }
  return kernels;
}

template <typename T>
std::string Text(const T& printable) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  printable.print(stream);
  return text;
}

std::string NameOf(const llvm::Value& value) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  value.printAsOperand(stream, /*PrintType=*/false);
  return text;
}

std::string NameOf(const llvm::Function& function) { return absl::StrCat("@", function.getName().str()); }

// "0 to 124 by 4", or one by one.
std::string TextOf(const Offsets& offsets) {
  const int64_t step = offsets[1] - offsets[0];
  bool is_even = true;
  for (unsigned i = 1; i < kLanes; ++i) is_even &= offsets[i] - offsets[i - 1] == step;
  if (!is_even) return absl::StrJoin(offsets, " ");
  if (step == 0) return absl::StrCat("all ", offsets[0]);
  return absl::StrCat(offsets[0], " to ", offsets[kLanes - 1], " by ", step);
}

std::string TextOf(const llvm::Value& value, const LaneValues& lanes) {
  switch (lanes.KindOf(value)) {
    case Kind::kUniform:
      return lanes.IsUniformByPattern(value) ? "uniform by its pattern" : "uniform";
    case Kind::kVarying:
      return "varying";
    case Kind::kPattern:
      break;
  }
  const Pattern& pattern = lanes.PatternOf(value);
  return absl::StrCat("base + ", TextOf(pattern.offsets),
                      pattern.zero_bits != 0 ? absl::StrCat(", zero bits ", pattern.zero_bits) : "",
                      pattern.limit != UINT64_MAX ? absl::StrCat(", at most ", pattern.limit) : "",
                      pattern.is_conditional ? ", if nothing wraps" : "");
}

// Of each block of `code` whether lanes part at its end, of each value what `describe` says.
std::string Describe(const llvm::Function& code, llvm::function_ref<bool(const llvm::BasicBlock&)> diverges,
                     llvm::function_ref<std::string(const llvm::Value&)> describe) {
  std::string text;
  for (const llvm::BasicBlock& block : code) {
    absl::StrAppend(&text, NameOf(block), ":", diverges(block) ? " lanes part" : "", "\n");
    for (const llvm::Instruction& instruction : block) {
      if (instruction.getType()->isVoidTy()) continue;
      absl::StrAppend(&text, "  ", NameOf(instruction), ": ", describe(instruction), "\n");
    }
  }
  return text;
}

// ---- Stages ----

std::string PrintInlined(llvm::Module& module) {
  RestoreInlining(InlineCalls(module));
  std::string text;
  for (llvm::Function* kernel : KernelsOf(module)) text += Text(*kernel);
  return text;
}

std::string PrintNormalized(llvm::Module& module) {
  std::string text;
  for (llvm::Function* kernel : KernelsOf(module)) {
    NormalizeControlFlow(*kernel);
    text += Text(*kernel);
  }
  return text;
}

Uniform KnownFromThread(const llvm::Value& value) {
  auto* call = llvm::dyn_cast<llvm::CallInst>(&value);
  if (call == nullptr || call->getCalledFunction() == nullptr) return Uniform::kByOperands;
  const std::optional<Intrinsic> intrinsic = Identify(*call->getCalledFunction());
  return intrinsic == Intrinsic::kTidX || intrinsic == Intrinsic::kLaneid ? Uniform::kNever
                                                                          : Uniform::kByOperands;
}

std::string PrintUniformity(llvm::Module& module) {
  std::string text;
  for (llvm::Function* kernel : KernelsOf(module)) {
    const llvm::DominatorTree dominators(*kernel);
    const Uniformity uniformity(*kernel, dominators, KnownFromThread);
    absl::StrAppend(&text, NameOf(*kernel),
                    uniformity.HasIrreducibleCycles() ? " has loops with several entries" : "", "\n");
    text += Describe(
        *kernel, [&](const llvm::BasicBlock& block) { return uniformity.Diverges(block); },
        [&](const llvm::Value& value) {
          return std::string(uniformity.IsUniform(value) ? "uniform" : "varying");
        });
  }
  return text;
}

std::string TextOf(const Schedule& schedule, unsigned number) {
  const std::vector<Place>& places = schedule.places();
  auto name = [&](unsigned at) {
    return absl::StrCat(NameOf(*places[at].block), places[at].is_bottom ? " again" : "");
  };
  auto step_text = [&](const Step& step) {
    return absl::StrCat(name(step.place), step.is_certain ? "" : "?");
  };
  const Place& place = places[number];
  std::string text = absl::StrCat("  ", name(number), ":");
  if (!place.is_bottom) {
    absl::StrAppend(&text, " mask ", NameOf(*places[place.mask].block), place.diverges ? ", lanes part" : "");
  }
  if (place.is_guarded) {
    absl::StrAppend(&text, place.is_bottom ? " looked at" : ", looked at");
    if (place.waiting.any()) absl::StrAppend(&text, ", else ", step_text(schedule.Skip(number)));
  }
  if (place.is_bottom) return text + "\n";
  llvm::SmallVector<unsigned, 4> targets;
  for (const llvm::BasicBlock* next : llvm::successors(place.block))
    targets.push_back(schedule.Target(*place.block, *next));
  std::vector<std::string> steps;
  if (place.diverges) {
    steps.push_back(step_text(schedule.Next(number, targets)));
  } else {
    for (unsigned target : targets) steps.push_back(step_text(schedule.Next(number, target)));
  }
  absl::StrAppend(&text, steps.empty() ? "" : ", then ", absl::StrJoin(steps, " or "));
  return text + "\n";
}

std::string PrintLanes(llvm::Function& kernel, const WarpVersion& version) {
  return absl::StrCat(
      NameOf(kernel), "\n",
      Describe(
          version.code(), [&](const llvm::BasicBlock& block) { return version.lanes().Diverges(block); },
          [&](const llvm::Value& value) { return TextOf(value, version.lanes()); }));
}

std::string PrintSchedule(llvm::Function& kernel, const WarpVersion& version) {
  std::string text = absl::StrCat(NameOf(kernel), "\n");
  if (version.schedule() == nullptr) return text;
  for (unsigned i = 0; i < version.schedule()->places().size(); ++i) text += TextOf(*version.schedule(), i);
  return text;
}

}  // namespace

absl::StatusOr<std::string> PrintStage(llvm::Module& module, std::string_view stage, WarpShape shape,
                                       const Options& options) {
  if (stage == "inline") return PrintInlined(module);
  if (stage == "normalize") return PrintNormalized(module);
  if (stage == "uniformity") return PrintUniformity(module);
  const std::map<const llvm::Function*, Progress> progress = AnalyzeProgress(module);
  std::string text;
  if (stage == "entry") {
    for (const auto& [name, kernel] : VectorizeKernels(module, progress, options)) {
      if (!kernel.why_not.empty())
        absl::StrAppend(&text, "@", name, " runs thread by thread: ", kernel.why_not, "\n");
    }
    for (const llvm::Function& function : module) {
      if (!function.isDeclaration()) text += Text(function);
    }
    return text;
  }
  for (llvm::Function* kernel : KernelsOf(module)) {
    WarpVersion version(*kernel, shape);
    const std::string why = version.Analyze(progress);
    if (stage == "lanes") {
      text += PrintLanes(*kernel, version);
    } else if (stage == "schedule") {
      text += PrintSchedule(*kernel, version);
    } else if (stage == "eligibility") {
      absl::StrAppend(&text, NameOf(*kernel), ": ", why.empty() ? "warp by warp" : why, "\n");
    } else if (stage == "widen") {
      text +=
          why.empty()
              ? Text(*version.Emit({options.has_avx2, options.has_avx512, options.has_fma}, Turns::kFibers))
              : absl::StrCat(NameOf(*kernel), " runs thread by thread: ", why, "\n");
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("The vector tier has no stage (", std::string(stage), ")."));
    }
  }
  return text;
}

}  // namespace tq::simt::vector
