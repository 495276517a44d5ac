// One step of the vector tier, on a text of SIMT IR.
#pragma once

#include <string>

namespace tq::tools {

struct VectorStageOptions {
  std::string stage;  // see compiler/simt/vector/print_stage.h
  std::string features = "avx512";
  bool is_any_shape = false;
};

// Prints to stdout, errors to stderr; the exit status. Declarations of tq.* in the text need no attributes.
int PrintVectorStage(const std::string& text, const VectorStageOptions& options);

}  // namespace tq::tools
