#include "tools/tianqiao/doctor.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/knobs.h"
#include "compiler/index/module_index.h"
#include "runtime/fatbin/choose.h"
#include "runtime/fatbin/elf.h"
#include "runtime/fatbin/scan.h"
#include "runtime/fatbin/text.h"
#include "tools/tianqiao/symbols.h"
#include "tools/tianqiao/trial_compiler.h"

namespace tq {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kShown = 8;  // names under one reason

std::optional<fatbin::Arch> ReportedArch() {
  unsigned major = 0, minor = 0;
  if (std::sscanf(Knobs().compute_capability.c_str(), "%u.%u", &major, &minor) != 2) return std::nullopt;
  return fatbin::Arch{.sm = 10 * major + minor};
}

double Seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

double PeakMemoryMib() {
  struct rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024.0;
}

std::string_view TextIn(const fatbin::Pages& pages) {
  const std::span<const uint8_t> bytes = pages.bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.substr(0, text.find('\0'));
}

// The kernels of an image that does not run here. One that cannot be read has none.
void AddKernelNames(const fatbin::Image& image, std::set<std::string>& names) {
  const absl::StatusOr<fatbin::Pages> pages = fatbin::Expand(image);
  if (!pages.ok()) return;
  if (image.kind == fatbin::ImageKind::kPtx) {
    const absl::StatusOr<ptx::ModuleIndex> index = ptx::ModuleIndex::Build(TextIn(*pages));
    if (!index.ok()) return;
    for (const ptx::Statement* kernel : index->Kernels()) names.emplace(kernel->name);
  } else if (image.kind == fatbin::ImageKind::kCubin) {
    const absl::StatusOr<fatbin::Elf> cubin = fatbin::Elf::Read(pages->bytes());
    if (!cubin.ok()) return;
    for (std::string_view name : cubin->KernelNames()) names.emplace(name);
  }
}

// What is known about the kernels of one file.
class Report {
 public:
  Report(fatbin::Arch device, const TrialCompiler* compiler, bool lists_kernels)
      : device_(device),
        compiler_(compiler),
        lists_kernels_(lists_kernels),
        shows_progress_(isatty(STDERR_FILENO)) {}

  void Add(const fatbin::Unit& unit) {
    ++unit_count_;
    const absl::StatusOr<const fatbin::Image*> image = fatbin::Choose(unit, device_);
    if (!image.ok()) {
      AddUnrunnable(unit, image.status());
      return;
    }
    const absl::StatusOr<fatbin::Pages> pages = fatbin::Expand(**image);
    if (!pages.ok()) return AddTrouble("(module)", pages.status());
    const std::string_view text = TextIn(*pages);
    const absl::StatusOr<ptx::ModuleIndex> index = ptx::ModuleIndex::Build(text);
    if (!index.ok()) return AddTrouble("(module)", index.status());
    ++chosen_[absl::StrCat("PTX for ", std::string(index->target()))];
    text_bytes_ += text.size();
    for (const ptx::Statement* kernel : index->Kernels()) AddKernel(*index, text, *kernel);
  }

  void Print(double seconds) const {
    if (shows_progress_) std::fprintf(stderr, "\r\033[K");
    for (const auto& [choice, count] : chosen_) std::printf("  %zu modules: %s\n", count, choice.c_str());
    for (const auto& [reason, names] : trouble_) {
      std::printf("  %zu kernels cannot run: %s\n", names.size(), reason.c_str());
      for (size_t i = 0; i < names.size() && (lists_kernels_ || i < kShown); ++i) {
        std::printf("      %s\n", names[i].c_str());
      }
      if (!lists_kernels_ && names.size() > kShown)
        std::printf("      and %zu more (--list)\n", names.size() - kShown);
    }
    std::printf(
        "  %zu kernels in %zu modules (%.1f MiB of PTX): %zu %s, %zu cannot run; %.2f s, peak memory %.0f "
        "MiB\n",
        runnable_count_ + trouble_count_, unit_count_, text_bytes_ / double(1 << 20), runnable_count_,
        compiler_ != nullptr ? "compile" : "have PTX", trouble_count_, seconds, PeakMemoryMib());
  }

  bool has_trouble() const { return trouble_count_ > 0; }

 private:
  void AddKernel(const ptx::ModuleIndex& index, std::string_view text, const ptx::Statement& kernel) {
    if (lists_kernels_) std::printf("    %.*s\n", static_cast<int>(kernel.name.size()), kernel.name.data());
    if (compiler_ != nullptr) {
      const absl::Status status = compiler_->Compile(index, text, kernel.name);
      if (shows_progress_) {
        std::fprintf(stderr, "\r%zu kernels compiled, %zu in trouble", runnable_count_ + trouble_count_,
                     trouble_count_);
      }
      if (!status.ok()) return AddTrouble(kernel.name, status);
    }
    ++runnable_count_;
  }

  // Names the kernels, so that the user knows what the program will miss.
  void AddUnrunnable(const fatbin::Unit& unit, const absl::Status& reason) {
    std::set<std::string> names;
    for (const fatbin::Image& image : unit.images) AddKernelNames(image, names);
    if (names.empty()) {
      // A unit without kernels (device functions or variables alone) misses nothing.
      ++chosen_["no kernels"];
      return;
    }
    for (const std::string& name : names) AddTrouble(name, reason);
  }

  void AddTrouble(std::string_view kernel, const absl::Status& reason) {
    ++trouble_count_;
    trouble_[std::string(reason.message())].emplace_back(kernel);
  }

  const fatbin::Arch device_;
  const TrialCompiler* const compiler_;
  const bool lists_kernels_;
  const bool shows_progress_;
  size_t unit_count_ = 0, runnable_count_ = 0, trouble_count_ = 0;
  uint64_t text_bytes_ = 0;
  std::map<std::string, size_t> chosen_;
  std::map<std::string, std::vector<std::string>> trouble_;
};

}  // namespace

int Examine(const std::vector<std::string>& paths, const DoctorOptions& options) {
  const std::optional<fatbin::Arch> device = ReportedArch();
  if (!device) {
    std::fprintf(stderr,
                 "tianqiao: TIANQIAO_COMPUTE_CAPABILITY (%s) is no compute capability, such as 12.1\n",
                 Knobs().compute_capability.c_str());
    return 2;
  }
  std::optional<TrialCompiler> compiler;
  if (options.compiles) {
    absl::StatusOr<TrialCompiler> loaded = TrialCompiler::Load();
    if (!loaded.ok()) {
      std::fprintf(stderr, "tianqiao: %s\n", std::string(loaded.status().message()).c_str());
      return 2;
    }
    compiler = *std::move(loaded);
  }

  int code = 0;
  for (const std::string& path : paths) {
    std::printf("%s\n", path.c_str());
    const Clock::time_point start = Clock::now();
    Report report(*device, compiler ? &*compiler : nullptr, options.lists_kernels);
    const absl::Status status =
        fatbin::ScanFile(path, [&](const fatbin::FoundUnit& found) { report.Add(*found.unit); });
    if (!status.ok()) {
      std::printf("  %s\n", std::string(status.message()).c_str());
      code = 2;
      continue;
    }
    report.Print(Seconds(Clock::now() - start));
    const std::vector<std::string> missing = MissingCudaSymbols(path);
    if (!missing.empty()) {
      std::printf("  %zu functions of libcuda that it links are not implemented: %s\n", missing.size(),
                  absl::StrJoin(missing, " ").c_str());
    }
    if (code == 0 && (report.has_trouble() || !missing.empty())) code = 1;
  }
  return code;
}

}  // namespace tq
