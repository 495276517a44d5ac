// The whole way from PTX text to a code object, top to bottom (see pipeline.cc for the order of the stages
// and why).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/code_object.h"
#include "compiler/parse/parser.h"

namespace tq {

enum class Stage : uint8_t { kParse, kVerify, kLower, kScalar, kOptimize, kEmit };

// How kernels run on a CPU: thread by thread, or warp by warp where that is possible.
enum class Tier : uint8_t { kScalar, kVector };

struct CompileRequest {
  std::span<const ptx::Chunk> chunks;
  std::vector<std::string_view> symbols;  // kernels and functions to export
  std::string_view target;                // "x86_64-cpu"
  std::string_view features;              // LLVM feature string of the device
  uint32_t optimization_level = 4;        // CU_JIT_OPTIMIZATION_LEVEL
  Tier tier = Tier::kScalar;
  bool print_ir = false;      // SIMT IR and final IR to the log
  bool explain_tier = false;  // say of each kernel that the vector tier leaves why, in the log
  Stage last = Stage::kEmit;  // tools stop early; the code object is then empty
  bool all_symbols = false;   // tools: every function of the text
};

// Thread-safe: compiles share nothing. Warnings, errors and IR go to `log`, one per line. Errors:
//   InvalidArgument     the text is wrong
//   OutOfRange          the request names no target of ours
//   Unimplemented       valid PTX that this compiler lacks
//   FailedPrecondition  an extern function that nothing defines
//   NotFound            no symbol of that name
//   Internal            a bug of ours
absl::StatusOr<CodeObject> Compile(const CompileRequest& request, std::string& log);

}  // namespace tq
