#include "compiler/api/compiler.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/code_object.h"
#include "compiler/api/compiler_version.h"
#include "compiler/api/recovery.h"
#include "compiler/pipeline.h"

namespace tq::compiler {
namespace {

struct StatusRow {
  absl::StatusCode code;
  tq_compile_status status;
};
constexpr StatusRow kStatuses[] = {
    {absl::StatusCode::kOk, TQ_COMPILE_OK},
    {absl::StatusCode::kInvalidArgument, TQ_COMPILE_INVALID_PTX},
    {absl::StatusCode::kUnimplemented, TQ_COMPILE_UNSUPPORTED},
    {absl::StatusCode::kFailedPrecondition, TQ_COMPILE_UNRESOLVED},
    {absl::StatusCode::kNotFound, TQ_COMPILE_NOT_FOUND},
    {absl::StatusCode::kOutOfRange, TQ_COMPILE_INVALID_REQUEST},
    {absl::StatusCode::kResourceExhausted, TQ_COMPILE_OUT_OF_MEMORY},
};

tq_compile_status StatusOf(const absl::Status& status) {
  for (const StatusRow& row : kStatuses) {
    if (row.code == status.code()) return row.status;
  }
  return TQ_COMPILE_INTERNAL;
}

// ptxas-style options: those that change the code.
void ApplyOptions(const char* options, CompileRequest& request) {
  if (options == nullptr) return;
  std::string_view rest(options);
  while (!rest.empty()) {
    const size_t end = rest.find_first_of(" \t");
    std::string_view option = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (option.size() == 3 && option.substr(0, 2) == "-O" && option[2] >= '0' && option[2] <= '4') {
      request.optimization_level = static_cast<uint32_t>(option[2] - '0');
    }
    if (option == "--tier=vector") request.tier = Tier::kVector;
    if (option == "--tier=scalar") request.tier = Tier::kScalar;
  }
}

bool IsValid(const tq_compile_request* request) {
  if (request == nullptr || request->size < sizeof(tq_compile_request)) return false;
  if (request->chunk_count == 0 || request->chunks == nullptr) return false;
  if (request->symbol_count == 0 || request->symbols == nullptr) return false;
  return request->target != nullptr;
}

absl::Status CompileToBytes(const tq_compile_request& request, std::vector<uint8_t>& bytes,
                            std::string& log) {
  std::vector<ptx::Chunk> chunks;
  for (size_t i = 0; i < request.chunk_count; ++i) {
    const tq_ptx_chunk& chunk = request.chunks[i];
    chunks.push_back({std::string_view(chunk.text, chunk.size_bytes), chunk.first_line});
  }
  CompileRequest compile;
  compile.chunks = chunks;
  for (size_t i = 0; i < request.symbol_count; ++i) compile.symbols.emplace_back(request.symbols[i]);
  compile.target = request.target;
  compile.features = request.features != nullptr ? request.features : "";
  compile.optimization_level = request.optimization_level;
  compile.print_ir = (request.flags & TQ_COMPILE_PRINT_IR) != 0;
  ApplyOptions(request.options, compile);
  absl::StatusOr<CodeObject> object = tq::Compile(compile, log);
  if (!object.ok()) return object.status();
  bytes = WriteCodeObject(*object);
  return absl::OkStatus();
}

char* CopyOf(const std::string& text) {
  char* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

tq_compile_status Compile(const tq_compile_request* request, tq_compile_result* result) {
  if (result == nullptr || result->size < sizeof(tq_compile_result)) return TQ_COMPILE_INVALID_REQUEST;
  result->code = nullptr;
  result->code_size_bytes = 0;
  result->log = nullptr;
  if (!IsValid(request)) return TQ_COMPILE_INVALID_REQUEST;
  // Outlives a compile that is cut short: its thread may leave the pieces in any state.
  auto* bytes = new (std::nothrow) std::vector<uint8_t>;
  auto* log = new (std::nothrow) std::string;
  if (bytes == nullptr || log == nullptr) return TQ_COMPILE_OUT_OF_MEMORY;
  absl::Status status = RunGuarded([&] { return CompileToBytes(*request, *bytes, *log); });
  if (!status.ok()) {
    std::string message(status.message());
    // Errors of lowering carry their own position.
    if (message.rfind("ptx:", 0) != 0) message = absl::StrCat("ptx:0:0: error: ", message);
    absl::StrAppend(log, message, "\n");
  }
  result->log = CopyOf(*log);
  if (status.ok()) {
    result->code = static_cast<uint8_t*>(std::malloc(bytes->size()));
    if (result->code == nullptr) {
      status = absl::ResourceExhaustedError("There is no memory for the code object.");
    } else {
      std::memcpy(result->code, bytes->data(), bytes->size());
      result->code_size_bytes = bytes->size();
    }
  }
  delete bytes;
  delete log;
  return StatusOf(status);
}

void Release(tq_compile_result* result) {
  if (result == nullptr) return;
  std::free(result->code);
  std::free(result->log);
  result->code = nullptr;
  result->log = nullptr;
  result->code_size_bytes = 0;
}

constexpr tq_compiler kCompiler = {sizeof(tq_compiler), TQ_COMPILER_VERSION, Compile, Release};

}  // namespace
}  // namespace tq::compiler

extern "C" __attribute__((visibility("default"))) int tq_compiler_entry(uint32_t abi,
                                                                        const tq_compiler** out) {
  if (abi != TQ_COMPILER_ABI || out == nullptr) return -1;
  *out = &tq::compiler::kCompiler;
  return 0;
}
