#include "compiler/lower/parameters.h"

#include <algorithm>

namespace tq::lower {
namespace {

uint64_t AlignUp(uint64_t offset, uint64_t align) { return (offset + align - 1) / align * align; }

uint64_t AlignmentOf(const ptx::Variable& variable) {
  if (variable.align_bytes != 0) return variable.align_bytes;
  return std::max<uint64_t>(1, uint64_t{ptx::SizeBytes(variable.type)} * variable.vector);
}

}  // namespace

std::optional<uint64_t> ParameterOffset(const ptx::Function& kernel, const ptx::Variable& variable) {
  uint64_t offset = 0;
  for (const ptx::Variable* parameter : kernel.parameters) {
    offset = AlignUp(offset, AlignmentOf(*parameter));
    if (parameter == &variable) return offset;
    offset += parameter->size_bytes;
  }
  return std::nullopt;
}

uint64_t ParameterBytes(const ptx::Function& kernel) {
  if (kernel.parameters.empty()) return 0;
  const ptx::Variable& last = *kernel.parameters.back();
  return *ParameterOffset(kernel, last) + last.size_bytes;
}

}  // namespace tq::lower
