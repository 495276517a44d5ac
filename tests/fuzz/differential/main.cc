// ptx_differential: random PTX programs, each compiled in several ways; every way must leave the same bits
// behind.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "tests/fuzz/differential/generator.h"
#include "tests/fuzz/differential/reduce.h"
#include "tests/fuzz/differential/runner.h"

namespace tq::fuzz {
namespace {

struct Settings {
  uint64_t count = 0, seed = 1;
  uint32_t programs_per_module = 16;
  std::vector<std::string> ways = {"-O0", "-O2"};
  std::vector<std::string> files;
  std::string out = ".";
  bool print = false;
};

// "" when all ways agree; otherwise how they differ.
std::string Difference(const std::vector<std::string>& ways, const std::vector<Outcome>& outcomes) {
  for (size_t way = 0; way < ways.size(); ++way) {
    const Outcome &first = outcomes[0], &other = outcomes[way];
    if (!other.error.empty()) return absl::StrCat(ways[way], ": ", other.error);
    for (size_t i = 0; i < first.output.size(); ++i) {
      if (first.output[i] == other.output[i]) continue;
      const size_t words = kOutputBytesPerThread / 8;
      return absl::StrCat("thread ", i / words, ", byte ", i % words * 8, ": ", ways[0], " gives 0x",
                          absl::Hex(first.output[i]), ", ", ways[way], " 0x", absl::Hex(other.output[i]));
    }
  }
  return "";
}

// For each launch of a module, "" or how the ways differ; an error when it does not compile.
absl::StatusOr<std::vector<std::string>> Compare(Runner& runner, const std::vector<std::string>& ways,
                                                 const std::string& ptx) {
  const absl::StatusOr<std::vector<Launch>> launches = ReadLaunches(ptx);
  if (!launches.ok()) return launches.status();
  std::vector<std::vector<Outcome>> by_launch(launches->size());
  for (const std::string& way : ways) {
    absl::StatusOr<std::vector<Outcome>> outcomes = runner.Run(ptx, *launches, way);
    if (!outcomes.ok()) return absl::InternalError(absl::StrCat(way, ": ", outcomes.status().message()));
    for (size_t i = 0; i < outcomes->size(); ++i) by_launch[i].push_back(std::move((*outcomes)[i]));
  }
  std::vector<std::string> differences;
  for (const std::vector<Outcome>& outcomes : by_launch) differences.push_back(Difference(ways, outcomes));
  return differences;
}

class Fuzzer {
 public:
  explicit Fuzzer(Settings settings) : settings_(std::move(settings)) {}

  int Run() {
    for (const std::string& file : settings_.files) RunFile(file);
    for (uint64_t seed = settings_.seed; seed < settings_.seed + settings_.count;
         seed += settings_.programs_per_module) {
      RunModule(seed,
                std::min<uint64_t>(settings_.programs_per_module, settings_.seed + settings_.count - seed));
    }
    std::string ways;
    for (const std::string& way : settings_.ways)
      absl::StrAppend(&ways, ways.empty() ? "" : " against ", way);
    std::printf("differential: %zu programs from seed %llu and %zu files, %s: %zu findings\n",
                static_cast<size_t>(settings_.count), static_cast<unsigned long long>(settings_.seed),
                settings_.files.size(), ways.c_str(), findings_);
    return findings_ == 0 ? 0 : 1;
  }

 private:
  void RunFile(const std::string& file) {
    std::ifstream in(file);
    const std::string ptx{std::istreambuf_iterator<char>(in), {}};
    const auto differences = Compare(runner_, settings_.ways, ptx);
    if (!differences.ok()) {
      Found(file, std::string(differences.status().message()));
      return;
    }
    for (const std::string& difference : *differences) {
      if (!difference.empty()) Found(file, difference);
    }
  }

  void RunModule(uint64_t seed, uint64_t count) {
    std::string ptx = kModuleHeader;
    std::vector<Program> programs;
    for (uint64_t i = 0; i < count; ++i) {
      programs.push_back(Generate(seed + i));
      ptx += Print(programs.back(), absl::StrCat("_", i));
    }
    const auto differences = Compare(runner_, settings_.ways, ptx);
    for (uint64_t i = 0; i < count; ++i) {
      if (differences.ok() && (*differences)[i].empty()) continue;
      // Alone, so that a program that cannot be compiled does not speak for the others.
      const std::string difference = CompareOne(programs[i]);
      if (!difference.empty()) ReduceAndKeep(seed + i, programs[i], difference);
    }
  }

  std::string CompareOne(const Program& program) {
    const auto differences = Compare(runner_, settings_.ways, kModuleHeader + Print(program, ""));
    return differences.ok() ? (*differences)[0] : std::string(differences.status().message());
  }

  // What a finding is about, without its numbers.
  static bool IsCompileError(const std::string& difference) {
    return difference.find("gives status") != std::string::npos;
  }
  static std::string KindOf(const std::string& difference) {
    if (!IsCompileError(difference))
      return difference.find("fault") != std::string::npos ? "fault" : "values";
    std::string kind;
    for (char c : difference.substr(difference.find("gives status"))) {
      if (c < '0' || c > '9') kind += c;
    }
    return kind;
  }

  void ReduceAndKeep(uint64_t seed, const Program& program, const std::string& difference) {
    const std::string kind = KindOf(difference);
    const Program small = Reduce(program, [&](const Program& candidate) {
      const std::string found = CompareOne(candidate);
      return !found.empty() && KindOf(found) == kind;
    });
    const std::string path = absl::StrCat(settings_.out, "/finding-", seed, ".ptx");
    std::ofstream(path) << kModuleHeader << Print(small, "");
    Found(path, CompareOne(small));
  }

  void Found(const std::string& where, const std::string& what) {
    ++findings_;
    std::printf("%s: %s\n", where.c_str(), what.c_str());
    std::fflush(stdout);
  }

  const Settings settings_;
  Runner runner_;
  size_t findings_ = 0;
};

}  // namespace
}  // namespace tq::fuzz

int main(int argc, char** argv) {
  CLI::App app{
      "Compiles random PTX programs in several ways, runs them, and compares what they leave behind."};
  tq::fuzz::Settings settings;
  app.add_option("FILE", settings.files, "programs to compare, with `// launch:` lines");
  app.add_option("--count", settings.count, "random programs");
  app.add_option("--seed", settings.seed, "of the first; the others follow");
  app.add_option("--module-size", settings.programs_per_module, "programs compiled together");
  app.add_option("--way", settings.ways, "options of the compiler for one way; the first is the reference");
  app.add_option("--out", settings.out, "directory for what is found, reduced");
  app.add_flag("--print", settings.print, "print the program of the seed and stop");
  CLI11_PARSE(app, argc, argv);
  if (settings.print) {
    std::cout << tq::fuzz::kModuleHeader << tq::fuzz::Print(tq::fuzz::Generate(settings.seed), "");
    return 0;
  }
  return tq::fuzz::Fuzzer(std::move(settings)).Run();
}
