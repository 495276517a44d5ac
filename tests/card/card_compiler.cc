#include "tests/card/card_compiler.h"

#include "absl/strings/str_cat.h"
#include "tests/card/card_device.h"

namespace tq::card_test {

absl::StatusOr<CodeObject> CompileForCard(const std::string& text, const std::string& kernel) {
  const ptx::Chunk chunk{text, 1};
  CompileRequest request;
  request.chunks = {&chunk, 1};
  request.symbols = {kernel};
  const std::string features = CardDevice::Features();
  request.target = "riscv64-tqgpu";
  request.features = features;
  request.tier = Tier::kVector;  // where the features allow
  std::string log;
  absl::StatusOr<CodeObject> object = tq::Compile(request, log);
  if (object.ok()) return object;
  return absl::InternalError(absl::StrCat(object.status().message(), log));
}

}  // namespace tq::card_test
