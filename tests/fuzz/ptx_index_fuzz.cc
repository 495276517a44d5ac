// The index of PTX text, and the extract of each of its kernels, over arbitrary bytes: what libcuda does to a
// module that a program loads.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "compiler/index/extract.h"
#include "compiler/index/module_index.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto index = tq::ptx::ModuleIndex::Build(text);
  if (!index.ok()) return 0;
  for (const tq::ptx::Statement* kernel : index->Kernels()) {
    const std::string_view name = kernel->name;
    static_cast<void>(tq::ptx::ExtractSymbols(*index, text, {&name, 1}));
  }
  return 0;
}
