#include "compiler/targets/library_image.h"

#include <map>
#include <optional>
#include <utility>

#include "compiler/targets/devicelib_link.h"
#include "compiler/targets/target.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Endian.h"

namespace tq::targets {
namespace {

// Sections of an object side by side, with what points from one to another filled in.
class Image {
 public:
  explicit Image(const llvm::object::ObjectFile& object) : object_(object) {}

  bool Build() {
    for (const llvm::object::SectionRef& section : object_.sections()) {
      if ((llvm::object::ELFSectionRef(section).getFlags() & llvm::ELF::SHF_ALLOC) == 0) continue;
      llvm::Expected<llvm::StringRef> contents = section.getContents();
      if (!contents || section.isBSS() || section.getAlignment().value() > kLibraryCodeAlign)
        return Fail(contents.takeError());
      bytes_.resize(llvm::alignTo(bytes_.size(), section.getAlignment()));
      places_[section.getIndex()] = bytes_.size();
      bytes_.insert(bytes_.end(), contents->bytes_begin(), contents->bytes_end());
    }
    for (const llvm::object::SectionRef& section : object_.sections()) {
      llvm::Expected<llvm::object::section_iterator> target = section.getRelocatedSection();
      if (!target) return Fail(target.takeError());
      if (*target == object_.section_end() || !places_.contains((*target)->getIndex())) continue;
      for (const llvm::object::RelocationRef& relocation : section.relocations()) {
        if (!Apply(relocation, places_[(*target)->getIndex()])) return false;
      }
    }
    return true;
  }

  std::optional<uint64_t> Find(std::string_view name) {
    for (const llvm::object::SymbolRef& symbol : object_.symbols()) {
      llvm::Expected<llvm::StringRef> found = symbol.getName();
      if (found && std::string_view(*found) == name) return PlaceOf(symbol);
      if (!found) llvm::consumeError(found.takeError());
    }
    return std::nullopt;
  }

  std::vector<uint8_t> TakeBytes() { return std::move(bytes_); }

 private:
  static bool Fail(llvm::Error error) {
    llvm::consumeError(std::move(error));
    return false;
  }

  std::optional<uint64_t> PlaceOf(const llvm::object::SymbolRef& symbol) {
    llvm::Expected<llvm::object::section_iterator> section = symbol.getSection();
    llvm::Expected<uint64_t> value = symbol.getValue();
    if (!section || !value) {
      if (!section) llvm::consumeError(section.takeError());
      if (!value) llvm::consumeError(value.takeError());
      return std::nullopt;
    }
    if (*section == object_.section_end() || !places_.contains((*section)->getIndex())) return std::nullopt;
    return places_[(*section)->getIndex()] + *value;
  }

  bool Apply(const llvm::object::RelocationRef& relocation, uint64_t section) {
    const uint64_t type = relocation.getType();
    if (type != llvm::ELF::R_X86_64_PC32 && type != llvm::ELF::R_X86_64_PLT32) return false;
    const std::optional<uint64_t> symbol = PlaceOf(*relocation.getSymbol());
    llvm::Expected<int64_t> addend = llvm::object::ELFRelocationRef(relocation).getAddend();
    if (!addend) return Fail(addend.takeError());
    const uint64_t place = section + relocation.getOffset();
    if (!symbol || place + 4 > bytes_.size()) return false;
    llvm::support::endian::write32le(&bytes_[place],
                                     static_cast<uint32_t>(*symbol + static_cast<uint64_t>(*addend) - place));
    return true;
  }

  const llvm::object::ObjectFile& object_;
  std::vector<uint8_t> bytes_;
  std::map<uint64_t, uint64_t> places_;  // by the section's index
};

// Of what comes with it too.
uint64_t FrameBytes(const llvm::Module& module) {
  uint64_t bytes = 0;
  for (const llvm::Function& function : module) {
    for (const llvm::BasicBlock& block : function) {
      for (const llvm::Instruction& instruction : block) {
        auto* slot = llvm::dyn_cast<llvm::AllocaInst>(&instruction);
        if (slot == nullptr) continue;
        bytes += slot->getAllocationSize(module.getDataLayout()).value_or(llvm::TypeSize::getFixed(0));
      }
    }
  }
  return bytes;
}

}  // namespace

std::unique_ptr<LibraryImage> BuildLibraryImage(const std::string& name, std::string_view features) {
  absl::StatusOr<std::unique_ptr<Target>> target = CreateTarget("x86_64-cpu", features);
  if (!target.ok()) return nullptr;
  llvm::LLVMContext context;
  llvm::Module module("library", context);
  (*target)->Prepare(module);
  // Any type will do: the library's replaces it.
  llvm::Function* function =
      llvm::Function::Create(llvm::FunctionType::get(llvm::Type::getVoidTy(context), false),
                             llvm::Function::ExternalLinkage, name, module);
  if (!LinkDevicelib(module, features).ok()) return nullptr;
  function = module.getFunction(name);
  if (function == nullptr || function->isDeclaration()) return nullptr;
  function->setLinkage(llvm::GlobalValue::ExternalLinkage);
  (*target)->SetFunctionAttributes(module);
  (*target)->Optimize(module, EmitOptions());
  auto code = std::make_unique<LibraryImage>();
  code->frame_bytes = FrameBytes(module);
  absl::StatusOr<std::vector<uint8_t>> object = (*target)->Emit(module, EmitOptions());
  if (!object.ok()) return nullptr;
  llvm::Expected<std::unique_ptr<llvm::object::ObjectFile>> file =
      llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(
          llvm::StringRef(reinterpret_cast<const char*>(object->data()), object->size()), name));
  if (!file) {
    llvm::consumeError(file.takeError());
    return nullptr;
  }
  Image image(**file);
  if (!image.Build()) return nullptr;
  const std::optional<uint64_t> entry = image.Find(name);
  if (!entry) return nullptr;
  code->entry = *entry;
  code->bytes = image.TakeBytes();
  code->bytes.resize(llvm::alignTo(code->bytes.size(), kLibraryCodeAlign));
  return code;
}

}  // namespace tq::targets
