// tianqiao-inspect: the subcommands of `tianqiao` that look at things and start nothing. A program of its
// own, because what it links takes longer to load than `tianqiao run` may take. Users call it through
// `tianqiao`.
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "tools/tianqiao/cache.h"
#include "tools/tianqiao/doctor.h"
#include "tools/tianqiao/info.h"
#include "tools/tianqiao/smi.h"

int main(int argc, char** argv) {
  CLI::App app("Subcommands of tianqiao.", "tianqiao");
  app.require_subcommand(1);

  bool lists_knobs = false;
  CLI::App* info = app.add_subcommand("info", "Show the devices that programs see");
  info->add_flag("--knobs", lists_knobs, "List the environment variables instead");

  tq::DoctorOptions options;
  std::vector<std::string> files;
  CLI::App* doctor =
      app.add_subcommand("doctor", "Say which kernels of programs and libraries can run, and why not");
  doctor->add_option("FILE", files, "Executables, shared libraries, archives, fat binaries or PTX")
      ->required();
  doctor->add_flag("--deep", options.compiles, "Compile every kernel to find out, which takes a while");
  doctor->add_flag("--list", options.lists_kernels, "Name every kernel");
  doctor->footer(
      "Exit code: 0 when every kernel can run, 1 when one cannot, 2 when a file holds no device code.");

  CLI::App* cache = app.add_subcommand("cache", "Show, clear or verify the compiled kernels on disk");
  cache->require_subcommand(0, 1);
  const CLI::App* clear = cache->add_subcommand("clear", "Remove every compiled kernel");
  const CLI::App* verify =
      cache->add_subcommand("verify", "Read every compiled kernel and remove damaged ones");
  cache->add_subcommand("show", "Show where the cache is and what is in it (default)");

  tq::SmiOptions smi_options;
  CLI::App* smi = app.add_subcommand("smi", "Show devices, their memory and utilisation, and who uses them");
  smi->add_flag("-L,--list", smi_options.lists, "List names and UUIDs alone");
  smi->add_option("--interval", smi_options.interval_ms,
                  "Milliseconds over which the utilisation is measured")
      ->check(CLI::Range(0, 60000))
      ->type_name("MS");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (smi->parsed()) return tq::PrintSmi(smi_options);
  if (doctor->parsed()) return tq::Examine(files, options);
  if (clear->parsed()) return tq::ClearCache();
  if (verify->parsed()) return tq::VerifyCache();
  if (cache->parsed()) return tq::ShowCache();
  return lists_knobs ? tq::PrintKnobs() : tq::PrintDevices();
}
