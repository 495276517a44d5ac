#include "compiler/devicelib/library.h"

#include <cstddef>

extern "C" const char tq_devicelib_native_begin[], tq_devicelib_native_end[];
extern "C" const char tq_devicelib_riscv_begin[], tq_devicelib_riscv_end[];

namespace tq::devicelib {

std::string_view Bitcode(Machine machine) {
  const bool is_riscv = machine == Machine::kRiscv;
  const char* begin = is_riscv ? tq_devicelib_riscv_begin : tq_devicelib_native_begin;
  const char* end = is_riscv ? tq_devicelib_riscv_end : tq_devicelib_native_end;
  return {begin, static_cast<size_t>(end - begin)};
}

}  // namespace tq::devicelib
