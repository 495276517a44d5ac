// Which functions of the driver API a file links, and whether we have them.
#pragma once

#include <string>
#include <vector>

namespace tq {

// Names of the libcuda functions that the file at `path` links directly and that our libcuda reports as not
// implemented. Functions that a program asks cuGetProcAddress for are not seen here: it learns by itself what
// is missing.
std::vector<std::string> MissingCudaSymbols(const std::string& path);

}  // namespace tq
