// PTX to code for the emulated card.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compiler/pipeline.h"

namespace tq::card_test {

// One kernel of `text`, in vectors where CardDevice::Features() allow. An error carries the compiler's log.
absl::StatusOr<CodeObject> CompileForCard(const std::string& text, const std::string& kernel);

}  // namespace tq::card_test
