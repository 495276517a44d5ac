#include <cstddef>

#include "compiler/targets/library_code.h"

extern "C" const char tq_library_code_begin[], tq_library_code_end[];

namespace tq::targets {

std::string_view LibraryCode() {
  return {tq_library_code_begin, static_cast<size_t>(tq_library_code_end - tq_library_code_begin)};
}

}  // namespace tq::targets
