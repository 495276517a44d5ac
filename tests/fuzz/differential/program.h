// A PTX program as a tree of statements: what the generator makes, and what the reducer takes pieces out of.
// Every statement may be dropped, and what is left is still a program: registers have a value from the start.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tq::fuzz {

// Lines, then a body, lines, another body, lines: an instruction is lines alone, an `if` uses all five.
struct Statement {
  std::vector<std::string> head;
  std::vector<Statement> body;
  std::vector<std::string> middle;
  std::vector<Statement> other;
  std::vector<std::string> tail;
};

struct Function {
  std::string begin;  // from .func or .entry through the reading of the inputs
  std::vector<Statement> body;
  std::string end;  // results and the closing brace
};

struct Dim3 {
  uint32_t x = 1, y = 1, z = 1;
};

// A kernel k(out, in) and the functions that it calls. `in` are kInputBytes that nobody writes, `out` is
// kOutputBytesPerThread for each thread.
struct Program {
  uint32_t blocks = 1;
  Dim3 block = {32, 1, 1};
  std::vector<Function> functions;  // the kernel is the last

  uint32_t threads() const { return block.x * block.y * block.z; }  // of a block
};

inline constexpr uint32_t kInputBytes = 4096;
inline constexpr uint32_t kOutputBytesPerThread = 512;

// The module's text. It begins with a comment that ReadLaunch (runner.h) understands, and names its kernel
// and all else with `suffix`, so that several programs can share a module.
std::string Print(const Program& program, const std::string& suffix);
inline constexpr char kModuleHeader[] = ".version 9.3\n.target sm_120a\n.address_size 64\n";

}  // namespace tq::fuzz
