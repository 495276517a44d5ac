// tianqiao-ptx: the stages of the compiler as a command, for tests and for looking at what a kernel becomes.
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "base/code_object.h"
#include "compiler/ir/diagnostics.h"
#include "compiler/ir/printer.h"
#include "compiler/parse/parser.h"
#include "compiler/pipeline.h"
#include "tools/kernel_catalog/kernel_catalog.h"
#include "tools/tianqiao-ptx/check.h"
#include "tools/tianqiao-ptx/disassemble.h"
#include "tools/tianqiao-ptx/run_kernel.h"
#include "tools/tianqiao-ptx/vector_stage.h"

namespace {

struct Options {
  std::string file = "-";
  std::string output;
  std::vector<std::string> symbols;
  std::string target = "x86_64-cpu";
  std::string features;
  uint32_t optimization_level = 4;
  bool is_scalar = false;
};

std::string ReadText(const std::string& path) {
  if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::cerr << "The file (" << path << ") cannot be read.\n";
    std::exit(2);
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

// Runs the compiler up to a stage; what it prints goes to stdout, errors to stderr.
absl::StatusOr<tq::CodeObject> RunUpTo(const Options& options, tq::Stage last) {
  const std::string text = ReadText(options.file);
  const tq::ptx::Chunk chunk{text, 1};
  tq::CompileRequest request;
  request.chunks = {&chunk, 1};
  request.symbols.assign(options.symbols.begin(), options.symbols.end());
  request.all_symbols = options.symbols.empty();
  request.target = options.target;
  request.features = options.features;
  request.optimization_level = options.optimization_level;
  request.tier = options.is_scalar ? tq::Tier::kScalar : tq::Tier::kVector;
  request.explain_tier = true;
  request.last = last;
  std::string log;
  absl::StatusOr<tq::CodeObject> object = tq::Compile(request, log);
  (object.ok() ? std::cout : std::cerr) << log;
  if (!object.ok()) std::cerr << object.status().message() << "\n";
  return object;
}

int Stop(const Options& options, tq::Stage last) { return RunUpTo(options, last).ok() ? 0 : 1; }

int Print(const Options& options) {
  tq::ptx::Diagnostics diagnostics;
  const std::string text = ReadText(options.file);
  std::unique_ptr<tq::ptx::Module> module = tq::ptx::Parse(text, diagnostics);
  std::cerr << diagnostics.ToString();
  std::cout << tq::ptx::Print(*module);
  return diagnostics.HasErrors() ? 1 : 0;
}

int Compile(const Options& options) {
  absl::StatusOr<tq::CodeObject> object = RunUpTo(options, tq::Stage::kEmit);
  if (!object.ok()) return 1;
  const std::vector<uint8_t> bytes = tq::WriteCodeObject(*object);
  if (options.output.empty()) {
    std::cout << tq::tools::Summary(*object);
    return 0;
  }
  std::ofstream out(options.output, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return out ? 0 : 2;
}

int Disassemble(const Options& options) {
  absl::StatusOr<tq::CodeObject> object = RunUpTo(options, tq::Stage::kEmit);
  if (!object.ok()) return 1;
  absl::StatusOr<std::string> text = tq::tools::Disassemble(*object);
  if (!text.ok()) {
    std::cerr << text.status().message() << "\n";
    return 1;
  }
  std::cout << *text;
  return 0;
}

// Compiles for this machine, launches, and prints what the buffers hold as words of 32 bits.
int Run(Options options, const tq::tools::LaunchOptions& launch) {
  const absl::StatusOr<std::string> features = tq::tools::HostFeatures();
  if (features.ok()) options.features = *features;
  if (!launch.kernel.empty()) options.symbols = {launch.kernel};
  const absl::StatusOr<tq::CodeObject> object = RunUpTo(options, tq::Stage::kEmit);
  if (!object.ok()) return 1;
  const auto buffers = tq::tools::RunKernel(*object, launch);
  if (!buffers.ok()) {
    std::cerr << buffers.status().message() << "\n";
    return 1;
  }
  for (size_t i = 0; i < buffers->size(); ++i) {
    std::cout << "buffer " << i << ":";
    const std::vector<uint8_t>& bytes = (*buffers)[i];
    for (size_t at = 0; at < bytes.size(); at += 4) {
      uint32_t word = 0;
      std::memcpy(&word, bytes.data() + at, std::min<size_t>(4, bytes.size() - at));
      std::cout << (at % 32 == 0 ? "\n " : "") << absl::StrFormat(" %08x", word);
    }
    std::cout << "\n";
  }
  return 0;
}

int Extract(const Options& options) {
  tq::tools::KernelCatalog catalog;
  const absl::Status added = catalog.Add(options.file);
  if (!added.ok()) std::cerr << added.message() << "\n";
  for (const tq::tools::CatalogKernel& kernel : catalog.kernels()) {
    if (!options.symbols.empty() && kernel.name() != options.symbols[0]) continue;
    if (options.symbols.empty()) {
      std::cout << kernel.name() << "\n";
      continue;
    }
    const auto text = catalog.Extract(kernel);
    if (text.ok()) {
      std::cout << text->ptx;
      return 0;
    }
    std::cerr << text.status().message() << "\n";
    return 1;
  }
  if (options.symbols.empty()) return 0;
  std::cerr << "There is no kernel (" << options.symbols[0] << ") in " << options.file << ".\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Runs the stages of Tianqiao's compiler on a PTX text."};
  app.require_subcommand(1);
  Options options;
  int result = 0;
  auto add = [&](const char* name, const char* description, auto run) {
    CLI::App* command = app.add_subcommand(name, description);
    command->add_option("FILE", options.file, "PTX text; - is standard input")->required();
    command->add_option("-s,--symbol", options.symbols, "kernels and functions to compile; all when absent");
    command->add_option("--target", options.target, "x86_64-cpu or riscv64-tqgpu");
    command->add_option("--features", options.features,
                        "instruction set in LLVM's spelling, as in +avx2,+fma");
    command->add_option("-O", options.optimization_level, "0 to 4");
    command->add_flag("--scalar", options.is_scalar, "thread by thread, not warp by warp");
    command->add_option("-o", options.output, "write the code object here");
    command->callback([&options, &result, run] { result = run(options); });
  };
  add("parse", "parses and says what is wrong", [](const Options& o) { return Stop(o, tq::Stage::kParse); });
  add("verify", "parses and checks types and sizes",
      [](const Options& o) { return Stop(o, tq::Stage::kVerify); });
  add("print", "parses and prints the module as PTX", Print);
  add("lower", "prints the SIMT IR", [](const Options& o) { return Stop(o, tq::Stage::kLower); });
  add("scalar", "prints the IR of the scalar tier",
      [](const Options& o) { return Stop(o, tq::Stage::kScalar); });
  add("optimize", "prints the optimised IR", [](const Options& o) { return Stop(o, tq::Stage::kOptimize); });
  add("compile", "compiles; prints what the code object holds, or writes it", Compile);
  add("extract", "prints one kernel of a library or program (-s NAME), with what it needs, as PTX", Extract);
  add("disassemble", "compiles and prints the machine code with PTX lines", Disassemble);
  tq::tools::LaunchOptions launch;
  CLI::App* run = app.add_subcommand("run", "compiles and launches a kernel; prints its buffers");
  run->add_option("FILE", options.file, "PTX text; - is standard input")->required();
  run->add_option("ARGUMENT", launch.arguments,
                  "s32=N, u64=N, f32=X, f64=X, buffer=BYTES or file=PATH, one a parameter");
  run->add_option("-s,--symbol", launch.kernel, "the kernel, where there are several");
  run->add_option("-g,--grid", launch.grid, "blocks");
  run->add_option("-b,--block", launch.block, "threads of a block");
  run->add_option("--shared", launch.dynamic_shared_bytes, "bytes of dynamic shared memory");
  run->add_option("-O", options.optimization_level, "0 to 4");
  run->callback([&] { result = Run(options, launch); });
  tq::tools::CheckOptions check;
  CLI::App* command =
      app.add_subcommand("check", "parses and verifies every kernel of libraries and programs; counts");
  command->add_option("FILE", check.files, "libraries, programs, fat binaries, PTX")->required();
  command->add_option("--compile", check.compile, "compile so many of them, spread over files and sizes");
  command->add_option("--seed", check.seed, "which ones");
  command->add_option("-j,--jobs", check.jobs, "processes; one for each processor when absent");
  command->add_option("--features", check.features, "instruction set in LLVM's spelling");
  command->callback([&] { result = tq::tools::Check(check); });
  tq::tools::VectorStageOptions vector_stage;
  command = app.add_subcommand("vector", "prints one step of the vector tier, on SIMT IR");
  command
      ->add_option("STAGE", vector_stage.stage,
                   "inline, normalize, uniformity, lanes, schedule, eligibility, widen, entry")
      ->required();
  command->add_option("FILE", options.file, "LLVM IR; - is standard input")->required();
  command->add_option("--features", vector_stage.features, "instruction set: avx512 (default), avx2 or sse2");
  command->add_flag("--any", vector_stage.is_any_shape, "for warps that are no row of their block");
  command->callback([&] { result = tq::tools::PrintVectorStage(ReadText(options.file), vector_stage); });
  CLI11_PARSE(app, argc, argv);
  return result;
}
