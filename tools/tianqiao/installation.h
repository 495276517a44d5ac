// Where the parts of Tianqiao lie, from the place of this executable: .../bin/tianqiao and .../lib.
#pragma once

#include <string>

namespace tq {

std::string ProgramDirectory();  // holds our commands
std::string LibraryDirectory();  // holds libcuda.so.1; our libcudart.so.* is in its subdirectory cudart

}  // namespace tq
