// The compiler up to LLVM's passes, over arbitrary bytes: text that passes the verifier must lower or say why
// not. What LLVM makes of verified IR is LLVM's.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/pipeline.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const tq::ptx::Chunk chunk{std::string_view(reinterpret_cast<const char*>(data), size), 1};
  tq::CompileRequest request;
  request.chunks = {&chunk, 1};
  request.all_symbols = true;
  request.target = "x86_64-cpu";
  request.features = "+avx2,+fma,+f16c";
  request.last = tq::Stage::kScalar;
  std::string log;
  const auto object = tq::Compile(request, log);
  // A broken module of LLVM is a bug of the lowering: the verifier of PTX let it through.
  if (!object.ok() && object.status().code() == absl::StatusCode::kInternal) __builtin_trap();
  return 0;
}
