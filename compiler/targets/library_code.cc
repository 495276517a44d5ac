#include "compiler/targets/library_code.h"

#include <cstring>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "compiler/targets/library_image.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"

namespace tq::targets {
namespace {

bool HasAll(std::string_view features, std::string_view level) {
  const std::string list = absl::StrCat(",", std::string(features), ",");
  for (const std::string& feature :
       std::vector<std::string>(absl::StrSplit(std::string(level), ',', absl::SkipEmpty()))) {
    if (!absl::StrContains(list, absl::StrCat(",", feature, ","))) return false;
  }
  return true;
}

struct Code {
  LibraryRecord record;
  llvm::StringRef bytes;
};
using Codes = std::map<std::pair<uint32_t, std::string>, Code>;

const Codes& AllCodes() {
  static const auto* const all = [] {
    auto* codes = new Codes;
    for (std::string_view rest = LibraryCode(); rest.size() >= sizeof(LibraryRecord);) {
      Code code;
      std::memcpy(&code.record, rest.data(), sizeof code.record);
      rest.remove_prefix(sizeof code.record);
      const std::string name(rest.substr(0, code.record.name_size));
      rest.remove_prefix(code.record.name_size);
      code.bytes = llvm::StringRef(rest.data(), code.record.code_size);
      rest.remove_prefix(code.record.code_size);
      codes->emplace(std::pair(code.record.level, name), code);
    }
    return codes;
  }();
  return *all;
}

}  // namespace

void UseLibraryCode(llvm::Module& module, std::string_view features) {
  uint32_t level = 0;
  while (!HasAll(features, kLibraryLevels[level])) ++level;
  std::vector<std::pair<llvm::Function*, const Code*>> finished;
  for (llvm::Function& function : module) {
    if (function.isDeclaration() || function.use_empty() || !function.getName().starts_with("tq_")) continue;
    auto found = AllCodes().find({level, function.getName().str()});
    if (found != AllCodes().end()) finished.emplace_back(&function, &found->second);
  }
  llvm::LLVMContext& context = module.getContext();
  llvm::Type* byte = llvm::Type::getInt8Ty(context);
  for (const auto& [function, code] : finished) {
    // In front of a function that is nothing itself: data that is emitted among the code.
    llvm::Constant* bytes = llvm::ConstantDataArray::getRaw(code->bytes, code->bytes.size(), byte);
    llvm::Function* behind =
        llvm::Function::Create(llvm::FunctionType::get(llvm::Type::getVoidTy(context), false),
                               llvm::GlobalValue::InternalLinkage, function->getName() + ".end", module);
    behind->setPrefixData(bytes);
    behind->setAlignment(llvm::Align(kLibraryCodeAlign));
    behind->setDSOLocal(true);
    behind->setDoesNotThrow();
    behind->addFnAttr(kFrameBytesAttribute, std::to_string(code->record.frame_bytes));
    llvm::ReturnInst::Create(context, llvm::BasicBlock::Create(context, "", behind));
    llvm::Constant* entry =
        llvm::ConstantInt::get(llvm::Type::getInt64Ty(context), code->record.entry - code->record.code_size);
    function->replaceAllUsesWith(llvm::ConstantExpr::getGetElementPtr(byte, behind, entry));
    function->eraseFromParent();
  }
}

}  // namespace tq::targets
