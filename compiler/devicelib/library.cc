#include "compiler/devicelib/library.h"

#include <cstddef>

extern "C" const char tq_devicelib_begin[];
extern "C" const char tq_devicelib_end[];

namespace tq::devicelib {

std::string_view Bitcode() {
  return {tq_devicelib_begin, static_cast<size_t>(tq_devicelib_end - tq_devicelib_begin)};
}

}  // namespace tq::devicelib
