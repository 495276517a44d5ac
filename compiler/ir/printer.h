// Prints the IR as PTX that parses back to the same IR: the form of pass dumps and of tests. Names are those
// of the flat IR (`%r1$2` for a register of a nested scope), modifiers stand in the order of the table.
#pragma once

#include <string>

#include "compiler/ir/module.h"

namespace tq::ptx {

std::string Print(const Module& module);
std::string Print(const Function& function);
std::string Print(const Instruction& instruction);

}  // namespace tq::ptx
