// Random programs of valid PTX whose results are defined: no races, no values that the PTX ISA leaves open.
#pragma once

#include <cstdint>

#include "tests/fuzz/differential/program.h"

namespace tq::fuzz {

// The same for the same seed.
Program Generate(uint64_t seed);

}  // namespace tq::fuzz
