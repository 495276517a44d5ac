// Control flow that no compiler of a structured language makes: blocks that branch to each other at random.
#pragma once

#include "tests/fuzz/differential/dice.h"
#include "tests/fuzz/differential/program.h"

namespace tq::fuzz {

// How blocks may branch.
enum class Jumps {
  kForward,  // to later blocks alone
  kToFirst,  // and back to the first: one loop with several exits and several turns' ends
  kAnywhere  // loops with several entries among them
};

// `depth` nested loops and branches are around it.
Statement Irregular(Dice& dice, Jumps jumps);

}  // namespace tq::fuzz
