// What compiling a kernel costs, side by side with ptxas: up to 500 kernels of the CUDA libraries of this
// machine, each cut out of its module, through `ptxas -O3` and through libtianqiao_compiler.so for this
// processor. With --against OPTIONS, side by side with our own compiler under other options: --against
// --tier=scalar compares the tiers.
//
// Time is CPU time, user and system. Ours is that of the compile alone, in a process that has compiled an
// empty kernel before, as a program's second kernel sees it; that of ptxas is its process's, and "net" what
// is left without that of an empty kernel. Peak memory is that of both processes.
#include <dlfcn.h>
#include <glob.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/child.h"
#include "compiler/api/compiler.h"
#include "hal/device.h"
#include "hal/loader.h"
#include "tools/kernel_catalog/kernel_catalog.h"

namespace tq::bench {
namespace {

constexpr char kEmptyKernel[] =
    ".version 8.7\n.target sm_120\n.address_size 64\n.visible .entry empty()\n{\n\tret;\n}\n";
constexpr const char* kLibraries[] = {"libcublas.so.*",   "libcublasLt.so.*", "libcusparse.so.*",
                                      "libcusolver.so.*", "libcufft.so.*",    "libcurand.so.*",
                                      "libnccl.so.*",     "libcudnn_*.so.*"};

struct Options {
  size_t count = 500;
  uint32_t seed = 1;
  std::string ptxas = "ptxas";
  std::string against;                     // our options for the other side, in the place of ptxas
  std::string compiler = "--tier=vector";  // our options
  std::string json;
  std::string directory = "/usr/local/cuda/lib64";
  std::vector<std::string> files;
  uint32_t repeat = 1;
  const std::string& other() const { return against.empty() ? ptxas : against; }
  bool worker = false;
  bool measure = false;
  std::string name_filter;
};

// ---- The process that compiles one kernel with our compiler: FILE KERNEL FEATURES OPTIONS ----

double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// CPU seconds, or a negative number; the compiler's log goes to stdout.
double CompileHere(const tq_compiler* compiler, const std::string& ptx, const char* kernel,
                   const char* features, const char* options) {
  const tq_ptx_chunk chunk = {ptx.data(), ptx.size(), 1};
  const tq_compile_request request = {.size = sizeof(tq_compile_request),
                                      .chunks = &chunk,
                                      .chunk_count = 1,
                                      .symbols = &kernel,
                                      .symbol_count = 1,
                                      .target = "x86_64-cpu",
                                      .features = features,
                                      .options = options,
                                      .optimization_level = 4,
                                      .flags = 0};
  tq_compile_result result = {.size = sizeof(tq_compile_result)};
  const double before = CpuSeconds();
  const tq_compile_status status = compiler->compile(&request, &result);
  const double seconds = CpuSeconds() - before;
  if (status != TQ_COMPILE_OK) std::fputs(result.log, stdout);
  compiler->release(&result);
  return status == TQ_COMPILE_OK ? seconds : -1;
}

int Work(const Options& options) {
  void* library = dlopen(TIANQIAO_COMPILER_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  auto entry = library == nullptr
                   ? nullptr
                   : reinterpret_cast<tq_compiler_entry_fn>(dlsym(library, "tq_compiler_entry"));
  const tq_compiler* compiler = nullptr;
  if (entry == nullptr || entry(TQ_COMPILER_ABI, &compiler) != 0 || options.files.size() != 4) return 2;
  const char* features = options.files[2].c_str();
  const char* compiler_options = options.files[3].c_str();
  if (CompileHere(compiler, kEmptyKernel, "empty", features, compiler_options) < 0) return 2;
  const double seconds =
      CompileHere(compiler, ReadFile(options.files[0]), options.files[1].c_str(), features, compiler_options);
  if (seconds < 0) return 1;
  std::printf("seconds %.6f\n", seconds);
  return 0;
}

// ---- The process that measures another: COMMAND... ----

int Measure(const Options& options) {
  const ChildResult child = RunChild(options.files);
  std::fwrite(child.output.data(), 1, child.output.size(), stdout);
  std::printf("\ncost %d %.6f %llu\n", child.exit_code, child.cpu_seconds,
              static_cast<unsigned long long>(child.peak_bytes));
  return 0;
}

// The same for a process that has a whole catalog of kernels in its memory.
ChildResult RunFromSmallProcess(std::vector<std::string> command) {
  command.insert(command.begin(), {"/proc/self/exe", "--measure", "--"});
  ChildResult child = RunChild(command);
  const size_t at = child.output.rfind("\ncost ");
  unsigned long long peak_bytes = 0;
  if (at == std::string::npos || std::sscanf(child.output.c_str() + at, "\ncost %d %lf %llu",
                                             &child.exit_code, &child.cpu_seconds, &peak_bytes) != 3) {
    child.exit_code = -1;
    return child;
  }
  child.peak_bytes = peak_bytes;
  child.output.resize(at);
  return child;
}

// ---- The comparison ----

struct Side {
  double seconds = 0;
  uint64_t peak_bytes = 0;
  std::string error;
};

struct Row {
  std::string library, kernel, target;
  size_t ptx_bytes = 0;
  Side other, ours;
  double ratio() const { return ours.seconds / other.seconds; }
  bool complete() const { return other.error.empty() && ours.error.empty(); }
};

// The first line that says why, of what ptxas prints.
std::string Reason(const std::string& output) {
  size_t at = std::min(output.find("fatal"), output.find("error"));
  if (at == std::string::npos) return output.substr(0, output.find('\n'));
  at = output.rfind('\n', at) + 1;
  return output.substr(at, output.find('\n', at) - at);
}

// A .version newer than the toolkit's says nothing about a kernel: the newest that this ptxas takes, from its
// message.
bool Relabel(const std::string& output, const std::string& file) {
  constexpr std::string_view kMark = "current version is '";
  const size_t at = output.find(kMark);
  if (at == std::string::npos) return false;
  const std::string known =
      output.substr(at + kMark.size(), output.find('\'', at + kMark.size()) - at - kMark.size());
  std::string text = ReadFile(file);
  const size_t version = text.find(".version "), end = text.find('\n', version);
  if (version == std::string::npos) return false;
  text.replace(version, end - version, ".version " + known);
  std::ofstream(file, std::ios::binary) << text;
  return true;
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

// ptxas of CUDA 13 knows nothing before sm_75; PTX for less compiles for that.
std::string Architecture(const std::string& target) {
  uint32_t sm = 0;
  return absl::SimpleAtoi(target.substr(3), &sm) && sm < 75 ? "sm_75" : target;
}

Side RunPtxas(const Options& options, const std::string& file, const std::string& target) {
  Side side;
  for (uint32_t i = 0; i < options.repeat; ++i) {
    const std::vector<std::string> command = {options.ptxas, "-O3", "-arch=" + Architecture(target),
                                              file,          "-o",  file + ".cubin"};
    ChildResult child = RunFromSmallProcess(command);
    if (child.exit_code != 0 && Relabel(child.output, file)) child = RunFromSmallProcess(command);
    if (child.exit_code != 0) side.error = absl::StrCat("exit ", child.exit_code, ": ", Reason(child.output));
    side.seconds = i == 0 ? child.cpu_seconds : std::min(side.seconds, child.cpu_seconds);
    side.peak_bytes = std::max(side.peak_bytes, child.peak_bytes);
  }
  unlink((file + ".cubin").c_str());
  return side;
}

Side RunOurs(const Options& options, const std::string& file, const std::string& kernel,
             const std::string& features, const std::string& compiler_options) {
  Side side;
  for (uint32_t i = 0; i < options.repeat; ++i) {
    const ChildResult child =
        RunFromSmallProcess({"/proc/self/exe", "--worker", "--", file, kernel, features, compiler_options});
    double seconds = 0;
    const size_t at = child.output.find("seconds ");
    if (child.exit_code != 0 || at == std::string::npos ||
        !absl::SimpleAtod(FirstLine(child.output.substr(at + 8)), &seconds)) {
      side.error = absl::StrCat("exit ", child.exit_code, ": ", FirstLine(child.output));
    }
    side.seconds = i == 0 ? seconds : std::min(side.seconds, seconds);
    side.peak_bytes = std::max(side.peak_bytes, child.peak_bytes);
  }
  return side;
}

// What we are compared with.
Side RunOther(const Options& options, const std::string& file, const std::string& kernel,
              const std::string& target, const std::string& features) {
  if (options.against.empty()) return RunPtxas(options, file, target);
  return RunOurs(options, file, kernel, features, options.against);
}

std::string HostFeatures() {
  hal_init init = {.size = sizeof(hal_init), .options = "workers=1"};
  const auto backend = hal::LoadBackend("cpu", init);
  if (!backend.ok()) return "";
  const auto device = hal::Device::Open(*backend, 0);
  return device.ok() && !device->Targets().empty() ? device->Targets()[0].features : "";
}

std::vector<std::string> FilesOf(const Options& options) {
  if (!options.files.empty()) return options.files;
  std::vector<std::string> files;
  for (const char* pattern : kLibraries) {
    glob_t found;
    if (glob((options.directory + "/" + pattern).c_str(), 0, nullptr, &found) == 0)
      files.insert(files.end(), found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
  }
  // Thrust is headers: a program that was built with it.
  if (access(TIANQIAO_THRUST_PROGRAM, R_OK) == 0) files.emplace_back(TIANQIAO_THRUST_PROGRAM);
  return files;
}

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

double Quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<size_t>(q * static_cast<double>(values.size())))];
}

struct Summary {
  std::string name;
  size_t kernels = 0;
  double median = 0, p90 = 0, max = 0, net_median = 0, net_max = 0;
  double other_seconds = 0, our_seconds = 0;
  double other_peak_mib = 0, our_peak_mib = 0;
};

Summary Summarize(std::string name, const std::vector<const Row*>& rows, double other_start) {
  Summary s;
  s.name = std::move(name);
  std::vector<double> ratios, net;
  for (const Row* row : rows) {
    ratios.push_back(row->ratio());
    net.push_back(row->ours.seconds / std::max(row->other.seconds - other_start, 1e-3));
    s.other_seconds += row->other.seconds;
    s.our_seconds += row->ours.seconds;
    s.other_peak_mib = std::max(s.other_peak_mib, static_cast<double>(row->other.peak_bytes) / (1 << 20));
    s.our_peak_mib = std::max(s.our_peak_mib, static_cast<double>(row->ours.peak_bytes) / (1 << 20));
  }
  s.kernels = rows.size();
  s.median = Quantile(ratios, 0.5);
  s.p90 = Quantile(ratios, 0.9);
  s.max = Quantile(ratios, 1);
  s.net_median = Quantile(net, 0.5);
  s.net_max = Quantile(net, 1);
  return s;
}

void PrintTable(const std::vector<Summary>& summaries, const std::string& other) {
  std::printf("The other: %s\n", other.c_str());
  std::printf("%-40s %7s %7s %7s %7s %9s %9s %9s %9s\n", "library", "kernels", "median", "p90", "max",
              "other s", "ours s", "other MiB", "ours MiB");
  for (const Summary& s : summaries) {
    std::printf("%-40s %7zu %7.2f %7.2f %7.2f %9.2f %9.2f %9.0f %9.0f\n", s.name.c_str(), s.kernels, s.median,
                s.p90, s.max, s.other_seconds, s.our_seconds, s.other_peak_mib, s.our_peak_mib);
  }
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

void WriteJson(const Options& options, const std::vector<Row>& rows, double other_start) {
  std::ofstream out(options.json);
  out << absl::StreamFormat("{\n \"other\": %s,\n \"other_empty_kernel_seconds\": %.6f,\n \"kernels\": [\n",
                            Quoted(options.other()), other_start);
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    out << absl::StreamFormat(
        "  {\"library\": %s, \"kernel\": %s, \"target\": %s, \"ptx_bytes\": %d, \"other_seconds\": %.6f, "
        "\"our_seconds\": %.6f, \"other_peak_bytes\": %d, \"our_peak_bytes\": %d, \"other_error\": %s, "
        "\"our_error\": "
        "%s}%s\n",
        Quoted(row.library), Quoted(row.kernel), Quoted(row.target), row.ptx_bytes, row.other.seconds,
        row.ours.seconds, row.other.peak_bytes, row.ours.peak_bytes, Quoted(row.other.error),
        Quoted(row.ours.error), i + 1 == rows.size() ? "" : ",");
  }
  out << " ]\n}\n";
}

int Compare(const Options& options) {
  tools::KernelCatalog catalog;
  for (const std::string& file : FilesOf(options)) {
    const absl::Status added = catalog.Add(file);
    if (!added.ok()) std::fprintf(stderr, "%s\n", std::string(added.message()).c_str());
  }
  char directory[] = "/tmp/tianqiao-bench-XXXXXX";
  if (catalog.kernels().empty() || mkdtemp(directory) == nullptr) {
    std::fprintf(stderr, "There is no kernel to compile.\n");
    return 2;
  }
  const std::string file = absl::StrCat(directory, "/kernel.ptx");
  const std::string features = HostFeatures();
  std::ofstream(file) << kEmptyKernel;
  Options often = options;
  often.repeat = 10;
  const Side other_empty = RunOther(often, file, "empty", "sm_120", features),
             ours_empty = RunOurs(often, file, "empty", features, options.compiler);
  if (!other_empty.error.empty()) {
    std::fprintf(stderr, "%s cannot be run (%s).\n", options.other().c_str(), other_empty.error.c_str());
    return 2;
  }

  std::vector<Row> rows;
  const auto sample = catalog.Sample(options.count, options.seed);
  for (const tools::CatalogKernel* kernel : sample) {
    if (!options.name_filter.empty() && kernel->name().find(options.name_filter) == std::string_view::npos)
      continue;
    Row row = {.library = BaseName(catalog.FileOf(*kernel).path), .kernel = std::string(kernel->name())};
    const auto text = catalog.Extract(*kernel);
    if (text.ok()) {
      std::ofstream(file, std::ios::binary) << text->ptx;
      row.target = text->target;
      row.ptx_bytes = text->ptx.size();
      row.other = RunOther(options, file, row.kernel, text->target, features);
      row.ours = RunOurs(options, file, row.kernel, features, options.compiler);
    } else {
      row.ours.error = std::string(text.status().message());
    }
    if (isatty(STDERR_FILENO)) std::fprintf(stderr, "\r%zu of %zu ", rows.size() + 1, sample.size());
    rows.push_back(std::move(row));
  }
  unlink(file.c_str());
  rmdir(directory);

  std::vector<Summary> summaries;
  std::vector<const Row*> all;
  for (const tools::CatalogFile& source : catalog.files()) {
    std::vector<const Row*> own;
    for (const Row& row : rows) {
      if (row.complete() && row.library == BaseName(source.path)) own.push_back(&row);
    }
    all.insert(all.end(), own.begin(), own.end());
    if (!own.empty()) summaries.push_back(Summarize(BaseName(source.path), own, other_empty.seconds));
  }
  summaries.push_back(Summarize("all", all, other_empty.seconds));
  PrintTable(summaries, options.other());
  std::printf(
      "An empty kernel: the other %.1f ms, %.0f MiB; ours %.1f ms, %.0f MiB. Net of the other's: median "
      "%.2f, "
      "max %.2f.\n",
      1e3 * other_empty.seconds, static_cast<double>(other_empty.peak_bytes) / (1 << 20),
      1e3 * ours_empty.seconds, static_cast<double>(ours_empty.peak_bytes) / (1 << 20),
      summaries.back().net_median, summaries.back().net_max);
  std::sort(all.begin(), all.end(), [](const Row* a, const Row* b) { return a->ratio() > b->ratio(); });
  std::printf("\nThe highest ratios:\n");
  for (size_t i = 0; i < std::min<size_t>(all.size(), 10); ++i) {
    std::printf("  %5.2f  other %8.3f s  ours %8.3f s  %8zu bytes of PTX  %s: %.100s\n", all[i]->ratio(),
                all[i]->other.seconds, all[i]->ours.seconds, all[i]->ptx_bytes, all[i]->library.c_str(),
                all[i]->kernel.c_str());
  }
  int failed = 0;
  for (const Row& row : rows) {
    if (!row.ours.error.empty()) {
      ++failed;
      std::printf("ours fails: %s: %.100s: %s\n", row.library.c_str(), row.kernel.c_str(),
                  row.ours.error.c_str());
    } else if (!row.other.error.empty()) {
      std::printf("the other fails: %s: %.100s: %s\n", row.library.c_str(), row.kernel.c_str(),
                  row.other.error.c_str());
    }
  }
  if (!options.json.empty()) WriteJson(options, rows, other_empty.seconds);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tq::bench

int main(int argc, char** argv) {
  CLI::App app{"Compiles kernels of the CUDA libraries with ptxas and with Tianqiao, and compares the cost."};
  tq::bench::Options options;
  app.add_option("FILE", options.files, "libraries and programs; those of the toolkit when absent");
  app.add_option("--directory", options.directory, "where the toolkit's libraries are");
  app.add_option("--count", options.count, "kernels to draw");
  app.add_option("--seed", options.seed, "which ones");
  app.add_option("--repeat", options.repeat, "runs of each, of which the shortest counts");
  app.add_option("--only", options.name_filter, "of those drawn, only kernels whose name contains this");
  app.add_option("--ptxas", options.ptxas, "the program to compare with");
  app.add_option("--against", options.against,
                 "compare with our compiler under these options, not with ptxas");
  app.add_option("--options", options.compiler, "of our compiler");
  app.add_option("--json", options.json, "write one record for each kernel here");
  app.add_flag("--worker", options.worker, "FILE KERNEL FEATURES OPTIONS: compile one kernel in this process")
      ->group("");
  app.add_flag("--measure", options.measure, "COMMAND...: run a command and print its cost")->group("");
  CLI11_PARSE(app, argc, argv);
  if (options.measure) return tq::bench::Measure(options);
  return options.worker ? tq::bench::Work(options) : tq::bench::Compare(options);
}
