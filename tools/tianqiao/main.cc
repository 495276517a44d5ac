// The command `tianqiao`: what a person can type. `run` and `trace` are here; what looks at things and starts
// nothing is in inspect.cc.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tools/tianqiao/installation.h"
#include "tools/tianqiao/run.h"
#include "tools/tianqiao/vm.h"

namespace {

constexpr char kFooter[] =
    "Examples:\n"
    "  tianqiao run ./vector_add               run a CUDA program on this machine\n"
    "  tianqiao run --devices 2 python3 a.py   with two devices\n"
    "  tianqiao smi                            who uses the devices, and how much?\n"
    "  tianqiao doctor ./vector_add            will its kernels run?\n"
    "  tianqiao trace ./vector_add             log every CUDA call\n"
    "  tianqiao vm run ./vector_add            run it on the emulated domestic GPU\n"
    "\n"
    "tianqiao COMMAND --help says more. Environment variables: tianqiao info --knobs";

// What `run` and `trace` share: how the program's world is set up, and the program itself with its arguments.
void AddRunOptions(CLI::App* command, tq::RunOptions* options) {
  command->prefix_command();  // all from the first word that is no option of ours belongs to the program
  command->footer("Form: tianqiao " + command->get_name() + " [OPTIONS] PROGRAM [ARGS...]");
  command
      ->add_option("--devices", options->devices,
                   "How many CPU devices the program sees (TIANQIAO_CPU_DEVICES)")
      ->check(CLI::Range(1, 64))
      ->type_name("N");
  command->add_option("--compute-capability", options->compute_capability,
                      "What the devices report, such as 8.0 (TIANQIAO_COMPUTE_CAPABILITY)");
  command->add_option("--hal", options->hal,
                      "Backends whose devices are shown, such as cpu,tqgpu (TIANQIAO_HAL)");
  command->add_option("--log", options->log, "error, warn, info, debug, or file:PATH (TIANQIAO_LOG)");
  const std::map<std::string, tq::AuditMode> audit_modes = {
      {"auto", tq::AuditMode::kAuto}, {"always", tq::AuditMode::kAlways}, {"never", tq::AuditMode::kNever}};
  command
      ->add_option("--audit", options->audit,
                   "Redirect libcuda through the loader's audit interface (default auto: for programs with "
                   "an RPATH or "
                   "a whole path to libcuda)")
      ->transform(CLI::CheckedTransformer(audit_modes).description(""))
      ->type_name("auto|always|never");
  const std::map<std::string, tq::CudartChoice> cudart_choices = {{"auto", tq::CudartChoice::kAuto},
                                                                  {"ours", tq::CudartChoice::kOurs},
                                                                  {"theirs", tq::CudartChoice::kTheirs}};
  command
      ->add_option("--cudart", options->cudart,
                   "Whose libcudart.so a program gets that links it dynamically (default auto: theirs where "
                   "the loader "
                   "finds it)")
      ->transform(CLI::CheckedTransformer(cudart_choices).description(""))
      ->type_name("auto|ours|theirs");
}

int Run(const CLI::App& command, const tq::RunOptions& options) {
  const std::vector<std::string> program = command.remaining();
  if (program.empty()) {
    std::fprintf(stderr, "tianqiao: which program? tianqiao %s --help says more\n",
                 command.get_name().c_str());
    return 2;
  }
  return tq::RunProgram(options, program);
}

int Inspect(char** argv) {
  const std::string program = tq::ProgramDirectory() + "/tianqiao-inspect";
  execv(program.c_str(), argv);
  std::fprintf(stderr, "tianqiao: '%s' cannot be started: %s\n", program.c_str(), std::strerror(errno));
  return 126;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs CUDA programs on machines without an NVIDIA GPU.", "tianqiao");
  app.require_subcommand(1);
  app.footer(kFooter);

  tq::RunOptions run_options;
  CLI::App* run =
      app.add_subcommand("run", "Run a CUDA program; exit code and signals are the program's own");
  AddRunOptions(run, &run_options);
  run->add_flag_callback(
      "--trace", [&] { run_options.trace = "api"; }, "Log every CUDA call (TIANQIAO_TRACE=api)");

  tq::RunOptions trace_options;
  trace_options.trace = "api";
  CLI::App* trace =
      app.add_subcommand("trace", "Run a CUDA program and log its CUDA calls, nested, with arguments");
  AddRunOptions(trace, &trace_options);
  trace->add_option("--output", "File that receives the log instead of stderr")
      ->each([&](const std::string& path) { trace_options.log = "file:" + path; });
  trace->add_option("--modules", trace_options.trace_dir,
                    "Directory that receives every module the program loads");
  trace->add_option("--what", trace_options.trace,
                    "Comma list of api, ptx, llvm, submit, module (default: api)");

  CLI::App* vm =
      app.add_subcommand("vm", "Run a CUDA program in a virtual machine that has the domestic GPU");
  vm->prefix_command();
  vm->set_help_flag("");  // of its own

  // These are programs' worth of code that `run` must not wait for: tianqiao-inspect has them, and their
  // help.
  std::vector<CLI::App*> inspections = {
      app.add_subcommand("info", "Show the devices that programs see"),
      app.add_subcommand("smi", "Show devices, their memory and utilisation, and who uses them"),
      app.add_subcommand("doctor", "Say which kernels of programs and libraries can run, and why not"),
      app.add_subcommand("cache", "Show, clear or verify the compiled kernels on disk"),
  };
  for (CLI::App* inspection : inspections) {
    inspection->prefix_command();
    inspection->set_help_flag("");
  }

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  if (run->parsed()) return Run(*run, run_options);
  if (trace->parsed()) return Run(*trace, trace_options);
  if (vm->parsed()) return tq::RunInMachine(argv + 2);
  return Inspect(argv);
}
