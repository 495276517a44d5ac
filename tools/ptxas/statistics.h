// What `ptxas -v` prints of a function. Registers are those that cuFuncGetAttribute reports.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/ir/module.h"

namespace tq::ptxas {

struct Statistics {
  uint32_t registers = 0, barriers = 0;
  uint64_t stack_bytes = 0, shared_bytes = 0;
  bool uses_doubles = false;
};

Statistics Measure(const ptx::Function& function);
uint64_t GlobalBytes(const ptx::Module& module);  // .global variables of the module

}  // namespace tq::ptxas
