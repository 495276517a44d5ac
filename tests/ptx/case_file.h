// The `.ptx` cases of this directory: a module, and comments that say what its kernels must compute.
// README.md has the language.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/texture_abi.h"

namespace tq::ptx_test {

// One 64-bit cell holds a value of any type, in its low bits.
struct Value {
  std::string type = "u32";  // PTX's name of a type: f32, b16, pred
  uint64_t bits = 0;
  bool any_nan = false;  // expected: every NaN will do
  double tolerance = 0;  // expected: relative, or absolute around zero; 0: to the bit
};

struct Argument {
  bool is_buffer = false;
  std::vector<Value> values;  // of a scalar: one
};

struct Launch {
  uint32_t line = 0;
  std::string ptx;  // of the kernel, where it is not in the file's
  std::string kernel;
  uint32_t blocks = 1, threads = 1, cluster = 0;
  std::vector<Argument> arguments;
  std::vector<Value> expected;
};

// A texture, sampler or surface variable and what its handle stands for (handle_line.h).
struct HandleVariable {
  std::string name;
  tq_texture contents = {};  // without addresses
  std::vector<Value> texels;
};

struct CaseFile {
  std::string ptx;  // with the kernels of `form:` lines appended
  std::vector<Launch> launches;
  // Module variables, which whoever loads the code places and fills: `// variable: name = [...]:type`.
  std::vector<std::pair<std::string, std::vector<Value>>> variables;
  std::vector<HandleVariable> handles;
  std::vector<std::string> forms;  // mnemonics with modifiers of every instruction that a run executes
};

// InvalidArgument names the line.
absl::StatusOr<CaseFile> ReadCaseFile(const std::string& path);

uint32_t SizeBytes(const std::string& type);
// Whether `actual` is what `expected` asks for.
bool Matches(const Value& expected, uint64_t actual);
std::string ToText(const Value& value);

}  // namespace tq::ptx_test
