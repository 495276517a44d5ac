// Hostile PTX: whatever the text, parsing and verifying end without a crash and in memory bounded by the
// text; what parses without an error prints to text that parses to the same. The seeds are the modules of
// tests/ptx.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "compiler/ir/printer.h"
#include "compiler/ir/verifier.h"
#include "compiler/parse/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tq::ptx;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Diagnostics diagnostics;
  const auto module = Parse(text, diagnostics);
  Verify(*module, diagnostics);
  if (diagnostics.HasErrors()) return 0;
  const std::string printed = Print(*module);
  Diagnostics again;
  if (Print(*Parse(printed, again)) != printed || again.HasErrors()) std::abort();
  return 0;
}
