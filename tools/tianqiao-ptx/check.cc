#include "tools/tianqiao-ptx/check.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "compiler/ir/diagnostics.h"
#include "compiler/ir/verifier.h"
#include "compiler/parse/parser.h"
#include "compiler/pipeline.h"
#include "tools/kernel_catalog/kernel_catalog.h"
#include "tools/tianqiao-ptx/parallel.h"

namespace tq::tools {
namespace {

constexpr uint32_t kSecondsEach = 600;

// Answers of a worker begin with the stage that failed.
constexpr char kParse[] = "parse: ", kVerify[] = "verify: ", kCompile[] = "compile: ";
// No failure: the kernel calls functions that a program links to it (user-defined operators of cuSPARSE).
constexpr char kExternal[] = "external: ";

std::string FirstError(const std::string& log) {
  const size_t at = log.find("error: ");
  const size_t begin = at == std::string::npos ? 0 : at;
  return log.substr(begin, log.find('\n', begin) - begin);
}

std::string ParseAndVerify(const KernelCatalog& catalog, const CatalogKernel& kernel) {
  const auto text = catalog.Extract(kernel);
  if (!text.ok()) return absl::StrCat(kParse, text.status().message());
  ptx::Diagnostics diagnostics;
  const std::unique_ptr<ptx::Module> module = ptx::Parse(text->ptx, diagnostics);
  if (diagnostics.HasErrors()) return kParse + FirstError(diagnostics.ToString());
  ptx::Verify(*module, diagnostics);
  if (diagnostics.HasErrors()) return kVerify + FirstError(diagnostics.ToString());
  return "";
}

std::string CompileKernel(const KernelCatalog& catalog, const CatalogKernel& kernel,
                          const std::string& features) {
  const auto text = catalog.Extract(kernel);
  if (!text.ok()) return absl::StrCat(kCompile, text.status().message());
  const ptx::Chunk chunk{text->ptx, 1};
  CompileRequest request;
  request.chunks = {&chunk, 1};
  request.symbols = {kernel.name()};
  request.target = "x86_64-cpu";
  request.features = features;
  std::string log;
  const absl::StatusOr<CodeObject> object = Compile(request, log);
  if (object.ok()) return "";
  if (object.status().code() == absl::StatusCode::kFailedPrecondition) return kExternal;
  const std::string message(object.status().message());
  return kCompile + FirstError(message.find("error: ") != std::string::npos ? message : log + message);
}

// Reasons that differ in numbers and long names alone are one.
std::string Generalized(const std::string& reason) {
  constexpr size_t kLongName = 40;
  std::string general;
  for (size_t i = 0; i < reason.size(); ++i) {
    const char c = reason[i];
    if (c >= '0' && c <= '9') {
      if (general.empty() || general.back() != 'N') general += 'N';
      continue;
    }
    general += c;
    if (c != '`') continue;
    const size_t end = reason.find('`', i + 1);
    if (end == std::string::npos) continue;
    general += end - i > kLongName ? "..." : reason.substr(i + 1, end - i - 1);
    general += '`';
    i = end;
  }
  return general;
}

struct Counts {
  size_t parsed = 0, verified = 0, sampled = 0, compiled = 0, external = 0;
};

class Survey {
 public:
  explicit Survey(const CheckOptions& options) : options_(options) {
    jobs_ = options.jobs != 0 ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
  }

  int Run() {
    bool unreadable = false;
    for (const std::string& file : options_.files) {
      Progress(absl::StrCat("reading ", file));
      const absl::Status added = catalog_.Add(file);
      if (!added.ok()) {
        std::fprintf(stderr, "%s\n", std::string(added.message()).c_str());
        unreadable = true;
      }
    }
    counts_.resize(catalog_.files().size());
    ReadAll();
    if (options_.compile != 0) CompileSample();
    Progress("");
    Print();
    return unreadable ? 2 : failures_.empty() && !damaged_ ? 0 : 1;
  }

 private:
  void ReadAll() {
    const auto& kernels = catalog_.kernels();
    const std::vector<std::string> answers = RunInProcesses(
        kernels.size(), jobs_, kSecondsEach, [&](size_t i) { return ParseAndVerify(catalog_, kernels[i]); },
        [&](size_t done) { Progress(absl::StrCat("parsed and verified ", done, " of ", kernels.size())); });
    for (size_t i = 0; i < kernels.size(); ++i) {
      Counts& counts = counts_[catalog_.images()[kernels[i].image].file];
      counts.verified += answers[i].empty();
      counts.parsed += answers[i].empty() || answers[i].starts_with(kVerify);
      Note(kernels[i], answers[i]);
    }
  }

  void CompileSample() {
    const auto sample = catalog_.Sample(options_.compile, options_.seed);
    const std::vector<std::string> answers = RunInProcesses(
        sample.size(), jobs_, kSecondsEach,
        [&](size_t i) { return CompileKernel(catalog_, *sample[i], options_.features); },
        [&](size_t done) { Progress(absl::StrCat("compiled ", done, " of ", sample.size())); });
    for (size_t i = 0; i < sample.size(); ++i) {
      Counts& counts = counts_[catalog_.images()[sample[i]->image].file];
      ++counts.sampled;
      counts.compiled += answers[i].empty();
      counts.external += answers[i] == kExternal;
      Note(*sample[i], answers[i]);
    }
  }

  void Note(const CatalogKernel& kernel, const std::string& answer) {
    if (answer.empty() || answer == kExternal) return;
    Failure& failure = failures_[Generalized(answer)];
    if (failure.count++ == 0)
      failure.example = absl::StrCat(catalog_.FileOf(kernel).path, " -s ", std::string(kernel.name()));
  }

  void Print() {
    std::printf("%-44s %7s %8s %8s %9s %8s %9s %9s\n", "file", "images", "kernels", "parsed", "verified",
                "sampled", "compiled", "external");
    Counts all;
    size_t images = 0;
    for (size_t i = 0; i < counts_.size(); ++i) {
      const CatalogFile& file = catalog_.files()[i];
      const Counts& counts = counts_[i];
      PrintRow(file.path.substr(file.path.rfind('/') + 1), file.images, file.kernels, counts);
      images += file.images;
      all.parsed += counts.parsed;
      all.verified += counts.verified;
      all.sampled += counts.sampled;
      all.compiled += counts.compiled;
      all.external += counts.external;
      for (const std::string& error : file.errors) std::printf("  damaged: %s\n", error.c_str());
      damaged_ |= !file.errors.empty();
    }
    PrintRow("all", images, catalog_.kernels().size(), all);
    std::vector<std::pair<std::string, Failure>> failures(failures_.begin(), failures_.end());
    std::sort(failures.begin(), failures.end(),
              [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
    for (const auto& [reason, failure] : failures) {
      std::printf("%6zu  %s\n        such as %s\n", failure.count, reason.c_str(), failure.example.c_str());
    }
  }

  static void PrintRow(const std::string& name, size_t images, size_t kernels, const Counts& counts) {
    std::printf("%-44s %7zu %8zu %8zu %9zu %8zu %9zu %9zu\n", name.c_str(), images, kernels, counts.parsed,
                counts.verified, counts.sampled, counts.compiled, counts.external);
  }

  static void Progress(const std::string& text) {
    if (isatty(STDERR_FILENO)) std::fprintf(stderr, "\r\033[K%s", text.c_str());
  }

  struct Failure {
    size_t count = 0;
    std::string example;
  };

  const CheckOptions& options_;
  uint32_t jobs_ = 1;
  KernelCatalog catalog_;
  std::vector<Counts> counts_;  // by file
  std::map<std::string, Failure> failures_;
  bool damaged_ = false;
};

}  // namespace

int Check(const CheckOptions& options) { return Survey(options).Run(); }

}  // namespace tq::tools
