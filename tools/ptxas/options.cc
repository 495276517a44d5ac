#include "tools/ptxas/options.h"

#include <cctype>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"

namespace tq::ptxas {
namespace {

using Action = void (*)(Options& options, const std::string& value);

struct Row {
  std::string_view name;        // behind --
  std::string_view short_name;  // behind -
  bool takes_value;
  Action action;  // nullptr: no effect
  std::string_view help;
};

void Pass(Options& options, std::string_view text) {
  if (!options.for_compiler.empty()) options.for_compiler += ' ';
  options.for_compiler += text;
}

std::vector<std::string> Split(const std::string& list) {
  std::vector<std::string> items;
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.find(',', at), list.size());
    if (end != at) items.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return items;
}

constexpr Row kRows[] = {
    {"Ofast-compile", "Ofc", true, nullptr, "level of fast compilation"},
    {"allow-expensive-optimizations", "allow-expensive-optimizations", true, nullptr, "no effect"},
    {"compile-as-tools-patch", "astoolspatch", false, nullptr, "no effect"},
    {"compile-only", "c", false, [](Options& o, const std::string&) { o.compile_only = true; },
     "functions may be left undefined"},
    {"compiler-annotations", "annotate", false, nullptr, "no effect"},
    {"def-load-cache", "dlcm", true, nullptr, "no effect: one memory without caches of its own"},
    {"def-store-cache", "dscm", true, nullptr, "no effect"},
    {"device-debug", "g", false, [](Options& o, const std::string&) { Pass(o, "-g"); }, "debug information"},
    {"device-function-maxrregcount", "func-maxrregcount", true, nullptr, "no effect"},
    {"device-stack-protector", "device-stack-protector", true, nullptr, "no effect"},
    {"disable-optimizer-constants", "disable-optimizer-consts", false, nullptr, "no effect"},
    {"disable-warnings", "w", false, [](Options& o, const std::string&) { o.disable_warnings = true; },
     "no warnings"},
    {"dont-merge-basicblocks", "no-bb-merge", false, nullptr, "no effect"},
    {"entry", "e", true,
     [](Options& o, const std::string& value) {
       for (std::string& name : Split(value)) o.entries.push_back(std::move(name));
     },
     "kernels that must be there"},
    {"extensible-whole-program", "ewp", false, [](Options& o, const std::string&) { o.compile_only = true; },
     "functions may be left undefined"},
    {"fmad", "fmad", true, nullptr, "no effect: products and sums of PTX fuse only where it says so"},
    {"force-load-cache", "flcm", true, nullptr, "no effect"},
    {"force-store-cache", "fscm", true, nullptr, "no effect"},
    {"g-tensor-memory-access-check", "g-tmem-access-check", false, nullptr, "no effect"},
    {"generate-line-info", "lineinfo", false, [](Options& o, const std::string&) { Pass(o, "-lineinfo"); },
     "source lines; kept in any case"},
    {"gno-tensor-memory-access-check", "gno-tmem-access-check", false, nullptr, "no effect"},
    {"gpu-name", "arch", true, [](Options& o, const std::string& value) { o.arch = value; },
     "architecture, such as sm_120; compute_120 checks only"},
    {"help", "h", false, [](Options& o, const std::string&) { o.help = true; }, "this text"},
    {"input-as-string", "ias", true, [](Options& o, const std::string& value) { o.texts.push_back(value); },
     "PTX on the command line"},
    {"legacy-bar-warp-wide-behavior", "legacy-bar-warp-wide-behavior", false, nullptr, "no effect"},
    {"machine", "m", true, nullptr, "64"},
    {"make-errors-visible-at-exit", "make-errors-visible-at-exit", false, nullptr, "no effect"},
    {"maxntid", "maxntid", true, nullptr, "no effect"},
    {"maxrregcount", "maxrregcount", true,
     [](Options& o, const std::string& value) { Pass(o, absl::StrCat("--maxrregcount=", value)); },
     "registers of a thread at most"},
    {"minnctapersm", "minnctapersm", true, nullptr, "no effect"},
    {"opt-level", "O", true, [](Options& o, const std::string& value) { Pass(o, absl::StrCat("-O", value)); },
     "0 to 4"},
    {"optimize-float-atomics", "opt-fp-atomics", false, nullptr, "no effect"},
    {"options-file", "optf", true, nullptr, "more options in a file"},
    {"output-file", "o", true, [](Options& o, const std::string& value) { o.output = value; },
     "default: elf.o"},
    {"override-directive-values", "override-directive-values", false, nullptr, "no effect"},
    {"position-independent-code", "pic", true, nullptr, "no effect"},
    {"preserve-relocs", "preserve-relocs", false, nullptr, "no effect"},
    {"regAllocOptLevel", "regAllocOptLevel", true, nullptr,
     "no effect; not in ptxas's own help, and used by Triton"},
    {"register-usage-level", "regUsageLevel", true, nullptr, "no effect"},
    {"return-at-end", "ret-end", false, nullptr, "no effect"},
    {"sanitize", "sanitize", true, nullptr, "no effect: every access is checked"},
    {"sp-bounds-check", "sp-bounds-check", false, nullptr, "no effect: stacks have guard pages"},
    {"split-compile", "split-compile", true, nullptr, "no effect"},
    {"suppress-async-bulk-multicast-advisory-warning", "suppress-async-bulk-multicast-advisory-warning",
     false, nullptr, "no effect"},
    {"suppress-debug-info", "suppress-debug-info", false, nullptr, "no effect"},
    {"suppress-double-demote-warning", "suppress-double-demote-warning", false, nullptr, "no effect"},
    {"suppress-sparse-mma-advisory-info", "suppress-sparse-mma-advisory-info", false, nullptr, "no effect"},
    {"suppress-stack-size-warning", "suppress-stack-size-warning", false, nullptr, "no effect"},
    {"verbose", "v", false, [](Options& o, const std::string&) { o.verbose = true; },
     "figures of each kernel"},
    {"version", "V", false, [](Options& o, const std::string&) { o.version = true; }, "version"},
    {"warn-on-double-precision-use", "warn-double-usage", false,
     [](Options& o, const std::string&) { o.warn_of_doubles = true; }, "warn of f64"},
    {"warn-on-local-memory-usage", "warn-lmem-usage", false,
     [](Options& o, const std::string&) { o.warn_of_local_memory = true; }, "warn of .local variables"},
    {"warn-on-spills", "warn-spills", false, nullptr, "no effect: nothing spills"},
    {"warning-as-error", "Werror", false,
     [](Options& o, const std::string&) { o.warnings_are_errors = true; }, "warnings are errors"},
};

const Row* FindRow(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name || row.short_name == name) return &row;
  }
  return nullptr;
}

// "-O3", "-m64": a short name of one letter with its value behind it.
const Row* FindAttached(std::string_view word) {
  for (const Row& row : kRows) {
    if (row.takes_value && row.short_name.size() == 1 && word.substr(0, 1) == row.short_name &&
        word.size() > 1)
      return &row;
  }
  return nullptr;
}

absl::Status Fatal(const std::string& message) { return absl::InvalidArgumentError(message); }

absl::StatusOr<std::vector<std::string>> ReadWords(const std::string& path) {
  std::ifstream in(path);
  if (!in) return Fatal(absl::StrCat("Options file '", path, "' could not be opened"));
  return std::vector<std::string>(std::istream_iterator<std::string>(in), {});
}

absl::Status Apply(Options& options, const std::vector<std::string>& arguments, int depth) {
  constexpr int kMaxDepth = 16;  // of options files that name others
  if (depth > kMaxDepth) return Fatal("Options files refer to each other without end");
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.size() < 2 || argument[0] != '-') {
      options.inputs.push_back(argument);
      continue;
    }
    const std::string word = argument.substr(argument[1] == '-' ? 2 : 1);
    const size_t equals = word.find('=');
    const Row* row = FindRow(word.substr(0, equals));
    std::string value;
    if (row != nullptr && row->takes_value) {
      if (equals != std::string::npos) {
        value = word.substr(equals + 1);
      } else if (++i < arguments.size()) {
        value = arguments[i];
      } else {
        return Fatal(absl::StrCat("Missing argument of option '", argument, "'"));
      }
    } else if (row == nullptr) {
      row = FindAttached(word);
      if (row == nullptr) return Fatal(absl::StrCat("Unknown option '", argument, "'"));
      value = word.substr(1);
    }
    if (row->short_name == "optf") {
      ASSIGN_OR_RETURN(const std::vector<std::string> words, ReadWords(value));
      RETURN_IF_ERROR(Apply(options, words, depth + 1));
    } else if (row->action != nullptr) {
      row->action(options, value);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& arguments) {
  Options options;
  RETURN_IF_ERROR(Apply(options, arguments, 0));
  return options;
}

std::string Help() {
  std::string text = "\nUsage  : ptxas [options] <ptx file>,...\n\nOptions\n=======\n\n";
  for (const Row& row : kRows) {
    absl::StrAppendFormat(&text, "--%-48s (-%s)\n        %s\n\n",
                          std::string(row.name) + (row.takes_value ? " <value>" : ""),
                          std::string(row.short_name), std::string(row.help));
  }
  return text;
}

}  // namespace tq::ptxas
