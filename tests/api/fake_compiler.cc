// Stands in for libtianqiao_compiler.so where a test is about what the runtime does around it. Its code
// objects are the text that it was given; a kernel that says `wrong_instruction` or `future_instruction` does
// not compile.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/code_object.h"
#include "compiler/api/compiler.h"

namespace {

std::atomic<int> compile_count{0};

char* Copy(const std::string& text) { return strdup(text.c_str()); }

tq_compile_status Compile(const tq_compile_request* request, tq_compile_result* result) {
  ++compile_count;
  tq::CodeObject object;
  object.target = request->target;
  std::string text;
  for (size_t i = 0; i < request->chunk_count; ++i) {
    const tq_ptx_chunk& chunk = request->chunks[i];
    const std::string piece(chunk.text, chunk.size_bytes);
    for (const char* bad : {"wrong_instruction", "future_instruction"}) {
      const size_t at = piece.find(bad);
      if (at == std::string::npos) continue;
      uint32_t line = chunk.first_line;
      for (size_t k = 0; k < at; ++k) line += piece[k] == '\n';
      result->log = Copy("ptx:" + std::to_string(line) + ":1: error: " + bad + "\n");
      return bad[0] == 'w' ? TQ_COMPILE_INVALID_PTX : TQ_COMPILE_UNSUPPORTED;
    }
    text += piece;
  }
  for (size_t i = 0; i < request->symbol_count; ++i) {
    tq::KernelRecord kernel;
    kernel.name = kernel.entry = request->symbols[i];
    object.kernels.push_back(kernel);
  }
  text += std::string("\noptions:") + request->options;
  object.payload.assign(text.begin(), text.end());
  const std::vector<uint8_t> bytes = tq::WriteCodeObject(object);
  result->code = static_cast<uint8_t*>(std::malloc(bytes.size()));
  std::memcpy(result->code, bytes.data(), bytes.size());
  result->code_size_bytes = bytes.size();
  result->log = Copy("");
  return TQ_COMPILE_OK;
}

void Release(tq_compile_result* result) {
  std::free(result->code);
  std::free(result->log);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int fake_compile_count() { return compile_count; }

extern "C" __attribute__((visibility("default"))) int tq_compiler_entry(uint32_t abi,
                                                                        const tq_compiler** out) {
  static const tq_compiler compiler = {sizeof(compiler), "fake", Compile, Release};
  *out = &compiler;
  return abi == TQ_COMPILER_ABI ? 0 : -1;
}
