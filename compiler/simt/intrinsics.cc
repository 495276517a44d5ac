#include "compiler/simt/intrinsics.h"

#include <array>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/ModRef.h"

namespace tq::simt {
namespace {

struct Row {
  const char* name;
  const char* signature;
  Effect effect;
};

constexpr Row kRows[] = {
#define TQ_INTRINSIC(id, name, signature, effect) {name, signature, Effect::effect},
#include "compiler/simt/intrinsics.def"
#undef TQ_INTRINSIC
};

const Row& RowOf(Intrinsic intrinsic) { return kRows[static_cast<size_t>(intrinsic)]; }

llvm::Type* TypeOfLetter(char letter, llvm::LLVMContext& context) {
  llvm::Type* i1 = llvm::Type::getInt1Ty(context);
  llvm::Type* i32 = llvm::Type::getInt32Ty(context);
  llvm::Type* i64 = llvm::Type::getInt64Ty(context);
  switch (letter) {
    case 'v':
      return llvm::Type::getVoidTy(context);
    case 'b':
      return i1;
    case 'h':
      return llvm::Type::getInt16Ty(context);
    case 'i':
      return i32;
    case 'l':
      return i64;
    case 'f':
      return llvm::Type::getFloatTy(context);
    case 'p':
      return llvm::PointerType::get(context, 0);
    case 'P':
      return llvm::StructType::get(i32, i1);
    case 'W':
      return llvm::ArrayType::get(i32, kMatrixResultWords);
    case 'Q':
      return llvm::StructType::get(i64, i1);
  }
  TQ_CHECK(!"letter of a signature in intrinsics.def");
  return nullptr;
}

void SetEffect(llvm::Function& function, Effect effect) {
  function.setDoesNotThrow();
  const auto hidden_state = llvm::MemoryEffects::inaccessibleMemOnly();
  switch (effect) {
    case Effect::kConstant:
      function.setDoesNotAccessMemory();
      function.setWillReturn();
      function.setSpeculatable();
      function.setNoSync();
      break;
    case Effect::kVaries:
      function.setMemoryEffects(hidden_state);
      function.setWillReturn();
      break;
    case Effect::kWarp:
    case Effect::kMatrix:
      function.setMemoryEffects(hidden_state);
      function.setConvergent();
      break;
    case Effect::kMatrixMove:
    case Effect::kBarrier:
      function.setConvergent();
      break;
    case Effect::kService:
      break;
    case Effect::kEnd:
      function.setDoesNotReturn();
      function.addFnAttr(llvm::Attribute::Cold);
      break;
  }
}

}  // namespace

bool IsKernel(const llvm::Function& function) { return function.hasFnAttribute(kKernelAttribute); }

const char* Name(Intrinsic intrinsic) { return RowOf(intrinsic).name; }

Effect EffectOf(Intrinsic intrinsic) { return RowOf(intrinsic).effect; }

llvm::FunctionType* Signature(Intrinsic intrinsic, llvm::LLVMContext& context) {
  std::string_view letters = RowOf(intrinsic).signature;
  const bool takes_words = letters.back() == '*';
  if (takes_words) letters.remove_suffix(1);
  llvm::SmallVector<llvm::Type*, 6> parameters;
  for (char letter : letters.substr(1)) parameters.push_back(TypeOfLetter(letter, context));
  return llvm::FunctionType::get(TypeOfLetter(letters[0], context), parameters, /*isVarArg=*/takes_words);
}

llvm::Function* Declare(Intrinsic intrinsic, llvm::Module& module) {
  const Row& row = RowOf(intrinsic);
  if (llvm::Function* existing = module.getFunction(row.name)) return existing;
  llvm::Function* function = llvm::Function::Create(Signature(intrinsic, module.getContext()),
                                                    llvm::Function::ExternalLinkage, row.name, module);
  SetEffect(*function, row.effect);
  return function;
}

std::optional<Intrinsic> Identify(const llvm::Function& function) {
  static const auto* const by_name = [] {
    auto* map = new absl::flat_hash_map<std::string, Intrinsic>;
    for (size_t i = 0; i < std::size(kRows); ++i) map->emplace(kRows[i].name, static_cast<Intrinsic>(i));
    return map;
  }();
  if (!function.isDeclaration() || !function.getName().starts_with("tq.")) return std::nullopt;
  auto found = by_name->find(function.getName().str());
  if (found == by_name->end()) return std::nullopt;
  return found->second;
}

}  // namespace tq::simt
