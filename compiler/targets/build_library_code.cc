// Run when Tianqiao is built: compiles the device library's functions that are not to be inlined for each
// level of x86 and writes them to a file (library_code.h).
#include <cstdio>
#include <fstream>
#include <iterator>

#include "compiler/devicelib/library.h"
#include "compiler/targets/library_code.h"
#include "compiler/targets/library_image.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/MemoryBuffer.h"

namespace tq::targets {

std::string_view LibraryCode() { return {}; }

namespace {

int Build(const char* path) {
  std::string_view bitcode = devicelib::Bitcode(devicelib::Machine::kNative);
  llvm::LLVMContext context;
  llvm::Expected<std::unique_ptr<llvm::Module>> library = llvm::parseBitcodeFile(
      llvm::MemoryBufferRef(llvm::StringRef(bitcode.data(), bitcode.size()), "devicelib"), context);
  if (!library) {
    std::fprintf(stderr, "The device library cannot be read: %s\n",
                 llvm::toString(library.takeError()).c_str());
    return 1;
  }
  std::ofstream out(path, std::ios::binary);
  for (uint32_t level = 0; level < std::size(kLibraryLevels); ++level) {
    for (const llvm::Function& function : **library) {
      if (function.isDeclaration() || !function.hasExternalLinkage() ||
          !function.hasFnAttribute(llvm::Attribute::NoInline) || !function.getName().starts_with("tq_"))
        continue;
      // Tiles are for machines with fused multiply-adds.
      if (kLibraryLevels[level].empty() && function.getName().starts_with("tq_tile_")) continue;
      const std::string name = function.getName().str();
      const std::unique_ptr<LibraryImage> image = BuildLibraryImage(name, kLibraryLevels[level]);
      if (image == nullptr) {
        std::fprintf(stderr, "%s has no code of its own at level %u.\n", name.c_str(), level);
        continue;
      }
      const LibraryRecord record = {level, static_cast<uint32_t>(name.size()), image->entry,
                                    image->frame_bytes, image->bytes.size()};
      out.write(reinterpret_cast<const char*>(&record), sizeof record);
      out.write(name.data(), static_cast<std::streamsize>(name.size()));
      out.write(reinterpret_cast<const char*>(image->bytes.data()),
                static_cast<std::streamsize>(image->bytes.size()));
    }
  }
  out.close();
  if (out) return 0;
  std::fprintf(stderr, "%s cannot be written.\n", path);
  return 1;
}

}  // namespace
}  // namespace tq::targets

int main(int argc, char** argv) {
  if (argc == 2) return tq::targets::Build(argv[1]);
  std::fprintf(stderr, "Usage: %s FILE\n", argv[0]);
  return 2;
}
