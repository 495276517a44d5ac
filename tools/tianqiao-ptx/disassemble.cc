#include "tools/tianqiao-ptx/disassemble.h"

#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/TargetSelect.h"

namespace tq::tools {
namespace {

// LLVM's disassembler and the tables that it refers to.
class Decoder {
 public:
  Decoder(const llvm::Triple& triple, const std::string& features) {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86Disassembler();
    LLVMInitializeRISCVTargetInfo();
    LLVMInitializeRISCVTargetMC();
    LLVMInitializeRISCVDisassembler();
    std::string error;
    const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, error);
    registers_.reset(target->createMCRegInfo(triple));
    assembly_.reset(target->createMCAsmInfo(*registers_, triple, options_));
    instructions_.reset(target->createMCInstrInfo());
    subtarget_.reset(target->createMCSubtargetInfo(triple, "", features));
    context_ = std::make_unique<llvm::MCContext>(triple, assembly_.get(), registers_.get(), subtarget_.get());
    disassembler_.reset(target->createMCDisassembler(*subtarget_, *context_));
    printer_.reset(target->createMCInstPrinter(triple, /*SyntaxVariant=*/triple.isX86() ? 1 : 0, *assembly_,
                                               *instructions_, *registers_));
  }

  // Text of the instruction at `bytes`, and its size; 1 and "(bad)" where none begins.
  std::string Decode(llvm::ArrayRef<uint8_t> bytes, uint64_t address, uint64_t& size_bytes) {
    llvm::MCInst inst;
    std::string text;
    llvm::raw_string_ostream stream(text);
    if (disassembler_->getInstruction(inst, size_bytes, bytes, address, stream) !=
        llvm::MCDisassembler::Success) {
      size_bytes = 1;
      return "\t(bad)";
    }
    printer_->printInst(&inst, address, "", *subtarget_, stream);
    return text;
  }

 private:
  llvm::MCTargetOptions options_;
  std::unique_ptr<llvm::MCRegisterInfo> registers_;
  std::unique_ptr<llvm::MCAsmInfo> assembly_;
  std::unique_ptr<llvm::MCInstrInfo> instructions_;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget_;
  std::unique_ptr<llvm::MCContext> context_;
  std::unique_ptr<llvm::MCDisassembler> disassembler_;
  std::unique_ptr<llvm::MCInstPrinter> printer_;
};

absl::Status ToStatus(llvm::Error error) {
  return absl::InvalidArgumentError(llvm::toString(std::move(error)));
}

struct FlagName {
  uint32_t flag;
  const char* name;
};
constexpr FlagName kFlagNames[] = {
    {TQ_KERNEL_FIBERS, "fibers"},           {TQ_KERNEL_SPINS, "spins"},   {TQ_KERNEL_GRID_SYNC, "grid-sync"},
    {TQ_KERNEL_DEVICE_HEAP, "device-heap"}, {TQ_KERNEL_PRINTF, "printf"},
};

}  // namespace

std::string Summary(const CodeObject& object) {
  std::string text = absl::StrCat("target ", object.target, ", payload of ", object.payload.size(),
                                  " bytes, ", object.lines.size(), " line records\n");
  for (const KernelRecord& kernel : object.kernels) {
    absl::StrAppend(&text, "kernel ", kernel.name, ": parameters ", kernel.param_size_bytes,
                    " bytes, shared ", kernel.static_shared_bytes, " bytes, local ", kernel.local_bytes,
                    " bytes, registers ", kernel.register_count, ", threads up to ", kernel.max_threads);
    for (const FlagName& flag : kFlagNames) {
      if ((kernel.flags & flag.flag) != 0) absl::StrAppend(&text, ", ", flag.name);
    }
    absl::StrAppend(&text, "\n");
  }
  for (const SymbolRecord& symbol : object.symbols) absl::StrAppend(&text, "function ", symbol.name, "\n");
  for (const std::string& import : object.imports) absl::StrAppend(&text, "import ", import, "\n");
  return text;
}

absl::StatusOr<std::string> Disassemble(const CodeObject& object) {
  llvm::StringRef payload(reinterpret_cast<const char*>(object.payload.data()), object.payload.size());
  auto file = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(payload, "payload"));
  if (!file) return ToStatus(file.takeError());
  // The object says which extensions it was compiled for.
  auto features = (*file)->getFeatures();
  if (!features) return ToStatus(features.takeError());
  Decoder decoder((*file)->makeTriple(), features->getString());
  std::map<uint64_t, std::string> names;
  for (const llvm::object::SymbolRef& symbol : (*file)->symbols()) {
    auto type = symbol.getType();
    auto name = symbol.getName();
    auto address = symbol.getAddress();
    if (type && name && address && *type == llvm::object::SymbolRef::ST_Function)
      names[*address] = name->str();
  }
  std::map<uint64_t, const LineRecord*> lines;
  for (const LineRecord& record : object.lines) lines[record.pc_offset] = &record;

  std::string text;
  for (const llvm::object::SectionRef& section : (*file)->sections()) {
    auto name = section.getName();
    auto contents = section.getContents();
    if (!name || *name != ".text" || !contents) continue;
    llvm::ArrayRef<uint8_t> bytes(contents->bytes_begin(), contents->bytes_end());
    for (uint64_t at = 0, size = 0; at < bytes.size(); at += std::max<uint64_t>(size, 1)) {
      if (auto function = names.find(at); function != names.end())
        absl::StrAppend(&text, function->second, ":\n");
      if (auto line = lines.find(at); line != lines.end()) {
        absl::StrAppend(&text, "; ", object.functions[line->second->function], ", PTX line ",
                        line->second->ptx_line);
        if (line->second->source_line != 0) {
          absl::StrAppend(&text, ", ", object.files[line->second->file], ":", line->second->source_line);
        }
        absl::StrAppend(&text, "\n");
      }
      absl::StrAppend(&text, absl::StrFormat("%8x", at), decoder.Decode(bytes.slice(at), at, size), "\n");
    }
  }
  return text;
}

}  // namespace tq::tools
