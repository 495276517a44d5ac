#include "compiler/cache/key.h"

#include "compiler/cache/sha256.h"

namespace tq {
namespace {

// Every field goes in with its length, so that no two requests give the same bytes.
class Hasher {
 public:
  void Add(uint64_t value) { sha_.Update(&value, sizeof(value)); }
  void Add(std::string_view text) {
    Add(text.size());
    sha_.Update(text.data(), text.size());
  }
  void Add(const char* text) { Add(std::string_view(text != nullptr ? text : "")); }
  CacheKey Finish() { return {sha_.Finish()}; }

 private:
  Sha256 sha_;
};

}  // namespace

std::string CacheKey::Hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

CacheKey KeyOf(const tq_compile_request& request, std::string_view compiler_version) {
  Hasher hasher;
  hasher.Add(compiler_version);
  hasher.Add(request.target);
  hasher.Add(request.features);
  hasher.Add(request.options);
  hasher.Add(request.optimization_level);
  hasher.Add(request.symbol_count);
  for (size_t i = 0; i < request.symbol_count; ++i) hasher.Add(request.symbols[i]);
  hasher.Add(request.chunk_count);
  for (size_t i = 0; i < request.chunk_count; ++i) {
    const tq_ptx_chunk& chunk = request.chunks[i];
    hasher.Add(chunk.first_line);
    hasher.Add(std::string_view(chunk.text, chunk.size_bytes));
  }
  return hasher.Finish();
}

}  // namespace tq
